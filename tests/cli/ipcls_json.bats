#!/usr/bin/env bats
# JSON: every key that was promised, with its type, and null only where nothing is known.

load private

# What Python thinks of a row: its keys with the names of their types, sorted.
types_of() {
	json '{k: type(v).__name__ for k, v in sorted(d["'"$1"'"][0].items())}'
}

@test "a segment has every key, with its type" {
	hold shm=0x1f,5000,0640 attach=1
	try ipcls -mJ
	fine
	is "$(json 'sorted(d)')" '["shm"]'
	is "$(types_of shm)" '{"atime": "int", "cgid": "int", "cpid": "int", "creator": "str", "creator_group": "str", "ctime": "int", "cuid": "int", "dtime": "NoneType", "exact": "str", "gid": "int", "group": "str", "hugetlb": "NoneType", "id": "int", "key": "str", "kind": "str", "lpid": "int", "mode": "str", "namespace": "int", "nattch": "int", "noreserve": "NoneType", "owner": "str", "ref": "str", "rss": "int", "size": "int", "status": "list", "swap": "int", "uid": "int"}'
}

@test "a segment's values are those of its maker and of /proc" {
	hold shm=0x1f,5000,0640 attach=1 touch=1 lock
	id=$(made_id shm)
	try ipcls -mJ
	fine
	value() { json "d['shm'][0]['$1']"; }
	is "$(value ref)" "shm:$id"
	is "$(value kind)" shm
	is "$(value id)" "$id"
	is "$(value key)" 0x0000001f
	is "$(value mode)" 0640
	is "$(value size)" 5000
	is "$(value nattch)" 1
	is "$(value cpid)" "$holder"
	is "$(value lpid)" "$holder"
	is "$(value owner)" root
	is "$(value creator_group)" root
	is "$(value namespace)" "$(stat -Lc %i /proc/self/ns/ipc)"
	is "$(value atime)" "$(proc_field shm "$id" 12)"
	is "$(value ctime)" "$(proc_field shm "$id" 14)"
	is "$(value rss)" "$(proc_field shm "$id" 15)"
	is "$(value swap)" "$(proc_field shm "$id" 16)"
	is "$(value status)" '["locked"]'
	is "$(json '"unknown" in d["shm"][0]')" false
}

@test "a queue has every key, with its type" {
	hold msg=0x2f,0600 send=10
	try ipcls -qJ
	fine
	is "$(json 'sorted(d)')" '["msg"]'
	is "$(types_of msg)" '{"bytes": "int", "cgid": "int", "creator": "str", "creator_group": "str", "ctime": "int", "cuid": "int", "exact": "str", "gid": "int", "group": "str", "id": "int", "key": "str", "kind": "str", "lrpid": "NoneType", "lspid": "int", "max_bytes": "int", "messages": "int", "mode": "str", "namespace": "int", "owner": "str", "ref": "str", "rtime": "NoneType", "stime": "int", "uid": "int"}'
	is "$(json '[d["msg"][0][k] for k in ("bytes", "messages", "max_bytes", "lspid", "stime")]')" \
		"[10, 1, $(cat /proc/sys/kernel/msgmnb), $holder, $(proc_field msg "$(made_id msg)" 12)]"
}

@test "a set has every key, with its type" {
	hold sem=0x3f,2,0600 op=0,1
	try ipcls -sJ
	fine
	is "$(json 'sorted(d)')" '["sem"]'
	is "$(types_of sem)" '{"cgid": "int", "creator": "str", "creator_group": "str", "ctime": "int", "cuid": "int", "exact": "str", "gid": "int", "group": "str", "id": "int", "key": "str", "kind": "str", "mode": "str", "namespace": "int", "nsems": "int", "otime": "int", "owner": "str", "ref": "str", "uid": "int"}'
}

@test "the semaphores of a set come with a reference and with --elements" {
	hold sem=0x3f,3,0600 set=0,3 op=1,2 wait=0,-5 wait=0,-5 wait=1,0
	id=$(made_id sem)
	table=$(ipcs -s -i "$id" | awk '$1 ~ /^[0-9]+$/ { printf "%s[%s, %s, %s, %s, %s]", n++ ? ", " : "", $1, $2, $3, $4, ($5 > 0) ? $5 : "null" }')
	for words in "sem:$id" "-s --elements" "sem:key=0x3f"; do
		try ipcls -J $words
		fine
		is "$(json '[[s[k] for k in ("num", "value", "ncount", "zcount", "pid")] for s in d["sem"][0]["semaphores"]]')" "[$table]"
		is "$(json 'sorted(set(tuple(sorted(s)) for s in d["sem"][0]["semaphores"]))')" \
			'[["ncount", "num", "pid", "value", "zcount"]]'
	done
}

@test "without a kind all kinds are there, empty ones as empty arrays" {
	try ipcls -J
	fine
	is "$(json 'd')" '{"shm": [], "msg": [], "sem": [], "posix_shm": [], "posix_mq": [], "posix_sem": []}'
	make_objects msg=0,0600
	try ipcls -aJ
	fine
	is "$(json '{k: len(v) for k, v in d.items()}')" '{"shm": 0, "msg": 1, "sem": 0, "posix_shm": 0, "posix_mq": 0, "posix_sem": 0}'
}

@test "times are null when it never happened" {
	make_objects shm=0,1,0600 msg=0,0600 sem=0,1,0600
	try ipcls -J
	fine
	is "$(json '[d["shm"][0][k] for k in ("atime", "dtime", "lpid")]')" '[null, null, null]'
	is "$(json '[d["msg"][0][k] for k in ("stime", "rtime", "lspid", "lrpid")]')" '[null, null, null, null]'
	is "$(json 'd["sem"][0]["otime"]')" null
	# never is known: no reason is due
	is "$(json '[r for rows in d.values() for r in rows if "unknown" in r]')" '[]'
}

@test "keys have eight digits and modes four, whatever their value" {
	make_objects shm=0xffffffff,1,0 shm=1,1,0777 msg=0x80000001,0002 sem=0x7fffffff,1,0400
	try ipcls -J
	fine
	is "$(json '[(r["key"], r["mode"]) for rows in d.values() for r in rows]')" \
		'[["0xffffffff", "0000"], ["0x00000001", "0777"], ["0x80000001", "0002"], ["0x7fffffff", "0400"]]'
}

@test "a size above 2^53 is printed digit by digit" {
	make_objects shm=0,9007199254740993,010600 || skip "this kernel makes no segment of 8 PiB"
	try ipcls -mJ
	fine
	is "$(json 'd["shm"][0]["size"]')" 9007199254740993
}

@test "status lists its words" {
	hold shm=0,1,0600 lock attach=1 dest shm=0,1,0600
	try ipcls -mJ
	fine
	is "$(json '[r["status"] for r in d["shm"]]')" '[["dest", "locked"], []]'
}

@test "-o chooses the keys, -o + adds to all" {
	hold name=agent shm=0,4096,0600
	try ipcls -mJ -o REF,SIZE
	fine
	is "$(json 'd["shm"]')" '[{"ref": "shm:'"$(made_id shm)"'", "size": 4096}]'
	try ipcls -mJ -o +CREATOR,IDLE
	fine
	is "$(json 'd["shm"][0]["creator_process"]')" '{"pid": '"$holder"', "command": "agent", "state": "running"}'
	is "$(json 'type(d["shm"][0]["idle"]).__name__')" int
	is "$(json 'len(d["shm"][0])')" 29
}

@test "a column that is added twice, or is there already, is one key" {
	make_objects shm=0,4096,0600
	try ipcls -mJ -o +SIZE,SIZE,IDLE,IDLE
	fine
	is "$(grep -o '"size"' <<<"$output" | wc -l)" 1
	is "$(grep -o '"idle"' <<<"$output" | wc -l)" 1
}

@test "-J always lists: alone, with references, and one row a line" {
	make_objects shm=0,1,0600 shm=0,1,0600 msg=0,0600
	try ipcls -J
	fine
	is "$(grep -c '^{"ref"' <<<"$output")" 3
	try ipcls -J msg:"$(made_id msg)" shm:"$(made_id shm 2)"
	fine
	is "$(json '{k: [r["ref"] for r in v] for k, v in d.items()}')" \
		"{\"shm\": [\"shm:$(made_id shm 2)\"], \"msg\": [\"msg:$(made_id msg)\"]}"
}

@test "a missing reference leaves valid JSON, a message and status 1" {
	try ipcls -J shm:4711
	ends 1
	complains "shm:4711: no such object"
	is "$(json 'd')" '{"shm": []}'
}

@test "an empty list of references names nothing" {
	make_objects shm=0,1,0600
	try ipcls -J - </dev/null
	fine
	is "$(json 'sum(len(v) for v in d.values())')" 0
	try ipcls --raw -no REF - </dev/null
	fine
	prints ""
}

@test "names and reasons that are no UTF-8 come out as valid UTF-8" {
	hold name=$'a\xff\xc3"\\\nz' shm=0,1,0600
	try ipcls -mJ -o CREATOR
	fine
	is "$(json 'ascii(d["shm"][0]["creator_process"]["command"])')" "'a\\ufffd\\ufffd\"\\\\\\nz'"
}

@test "sorted JSON has the rows in that order" {
	make_objects shm=0,300,0600 shm=0,100,0600 shm=0,200,0600
	try ipcls -mJ --sort SIZE:asc
	fine
	is "$(json '[r["size"] for r in d["shm"]]')" '[100, 200, 300]'
}

@test "memory does not grow with the number of objects" {
	! grep -q __asan_init "$(command -v ipcls)" || skip "a sanitized build keeps what was freed"
	limit shmmni 32768
	make_objects shms=10,4096,0600
	try "$SUPPORT/peak" ipcls -mJ
	few_rows=$(grep -c '"ref"' <<<"$output") few=$stderr
	make_objects shms=19990,4096,0600
	try "$SUPPORT/peak" ipcls -mJ
	many_rows=$(grep -c '"ref"' <<<"$output") many=$stderr
	is "$few_rows $many_rows" "10 20000"
	# 19990 rows of 600 bytes would be 12 MB
	[ "$many" -lt $((few + 512)) ] || { echo "$few kB for 10, $many kB for 20000"; false; }
}
