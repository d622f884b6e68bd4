#!/usr/bin/env bats
# shmpeek of semaphores: the numbers of ipcs, of the program that made them, and of the bytes.

load private
load watching_values

setup() {
	start_empty
	rm -rf /dev/shm/*
}

# A POSIX semaphore of this value, with so many processes that wait for it: semaphore NAME VALUE WAITERS
semaphore() {
	local n
	python3 -c 'import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
assert libc.sem_open(sys.argv[1].encode(), 0o100, 0o600, int(sys.argv[2])) != 0' "$1" "$2"
	for ((n = 0; n < $3; n++)); do
		python3 -c 'import ctypes, sys
libc = ctypes.CDLL(None)
libc.sem_open.restype = ctypes.c_void_p
libc.sem_wait(ctypes.c_void_p(libc.sem_open(sys.argv[1].encode(), 0)))' "$1" 3>&- &
		holders="$holders $!"
		disown "$!"
	done
}

# Value and waiters of it, by the bytes of its file: see sem_t of the C library.
words() {
	od -An -td4 -N8 "/dev/shm/sem.${1#/}" | xargs
}

is_so() {
	[ "$("$1" "$2")" = "$3" ]
}

@test "values and waiters of a set are those that ipcs shows, with who used it last" {
	hold name=worker sem=0x77,5,0600 set=0,3 set=4,9 op=1,2 wait=0,-4 wait=3,-1 wait=3,-1 wait=4,0
	id=$(made_id sem)
	try shmpeek sem:"$id"
	fine
	is "$(awk '{ print $2, $3, $4, $5 }' <<<"$output")" "NUM VALUE NCOUNT ZCOUNT
$(ipcs -s -i "$id" | awk '$1 ~ /^[0-9]+$/ { print $1, $2, $3, $4 }')"
	is "$(awk '{ print $1 }' <<<"$output" | sort | uniq -c | xargs)" "1 REF 5 sem:$id"
	is "$(awk '$2 == 1 { print $6 }' <<<"$output")" "worker[$holder]"
	is "$(ipcs -s -i "$id" | awk '$1 == 1 { print $5 }')" "$holder"
	try ipcls sem:"$id" # the same table is part of its page
	is "$(awk '/^NUM/ { found = 1 } found && NF == 0 { exit } found { print $1, $2, $3, $4 }' <<<"$output")" "NUM VALUE NCOUNT ZCOUNT
$(ipcs -s -i "$id" | awk '$1 ~ /^[0-9]+$/ { print $1, $2, $3, $4 }')"
}

@test "the same in JSON, with the process that used each last" {
	hold name='a\e[1m' sem=0,3,0600 set=0,32767 op=1,7 wait=2,-1
	id=$(made_id sem)
	waiter=$(awk '$1 == "waiter" { print $2 }' <<<"$made")
	try shmpeek -J sem:"$id"
	fine
	is "$(json '[[s[k] for k in ("ref", "num", "value", "ncount", "zcount")] for s in d["semaphores"]]')" \
		"[[\"sem:$id\", 0, 32767, 0, 0], [\"sem:$id\", 1, 7, 0, 0], [\"sem:$id\", 2, 0, 1, 0]]"
	is "$(json '[d["semaphores"][1]["last_operator"][k] for k in ("pid", "command", "state")] == ['"$holder"', "a\x1b[1m", "running"]')" true
	try shmpeek -n -o LAST-OPERATOR sem:"$id"
	is "${lines[1]}" "a\\x1b[1m[$holder]"
	kill -0 "$waiter"
}

@test "looking moves no time and no pid, and wakes nobody" {
	hold sem=0,2,0600 op=0,1 wait=1,-1
	id=$(made_id sem)
	before=$("$SUPPORT/stat_ipc" sem "$id"; grep . /proc/sysvipc/sem; ipcs -s -i "$id")
	for view in "" -J "--watch=20ms --timeout=0"; do
		try shmpeek $view sem:"$id"
		fine
		is "$("$SUPPORT/stat_ipc" sem "$id"; grep . /proc/sysvipc/sem; ipcs -s -i "$id")" "$before"
	done
}

@test "POSIX semaphores: value and waiters" {
	semaphore /free 5 0
	semaphore /taken 0 2
	wait_until is_so words /taken "0 2"
	try shmpeek posix-sem:/free posix-sem:/taken
	fine
	is "$(tr -s ' ' <<<"$output")" "REF NUM VALUE NCOUNT ZCOUNT LAST-OPERATOR
posix-sem:/free - 5 0 - -
posix-sem:/taken - 0 2 - -"
	try shmpeek -J posix-sem:/taken
	fine
	is "$(json d)" '{"semaphores": [{"ref": "posix-sem:/taken", "num": null, "value": 0, "ncount": 2, "zcount": null, "last_operator": null}]}'
	is "$(words /taken)" "0 2"
}

@test "both kinds, and one that is not there" {
	make_objects sem=0,1,0600 set=0,4
	semaphore /s 7 0
	try shmpeek -n -o REF,VALUE posix-sem:/s sem:4711 sem:"$(made_id sem)" posix-sem:/none
	ends 1
	is "${#stderr_lines[@]}" 2
	is "$(tr -s ' ' <<<"$output")" "posix-sem:/s 7
sem:$(made_id sem) 4"
}

@test "who may not read the values sees that they are unknown, and why" {
	need_root
	make_objects sem=0,2,0622 set=0,3 sem=0,1,0604 set=0,5
	semaphore /private 3 0
	try as_nobody shmpeek sem:"$(made_id sem 1)" sem:"$(made_id sem 2)"
	ends 1
	complains "sem:$(made_id sem 1): " "permission denied" "read permission"
	is "$(tr -s ' ' <<<"${output% *}")" "REF NUM VALUE NCOUNT ZCOUNT LAST-OPERATOR
sem:$(made_id sem 1) 0 ? ? ? ?
sem:$(made_id sem 1) 1 ? ? ? ?
sem:$(made_id sem 2) 0 5 0 0"
	try as_nobody shmpeek -J sem:"$(made_id sem 1)"
	ends 1
	is "$(json '[(s["value"], s["ncount"], s["unknown"]["value"]) for s in d["semaphores"]]')" '[[null, null, "permission denied"], [null, null, "permission denied"]]'
	try as_nobody shmpeek posix-sem:/private
	ends 1
	complains "posix-sem:/private: " "permission denied"
	is "$(awk 'NR == 2 { print $3 }' <<<"$output")" "?"
	try as_nobody shmpeek --watch -J sem:"$(made_id sem 1)"
	ends 1
	prints ""
}

@test "a set of another namespace is read where it is" {
	need_root
	out=$BATS_TEST_TMPDIR/other
	unshare --ipc "$SUPPORT/make_objects" sem=0,2,0600 set=1,9 hold >"$out" 3>&- &
	other=$!
	disown "$other"
	holders="$holders $other"
	wait_until grep -q ready "$out"
	ns=$(stat -Lc %i "/proc/$other/ns/ipc")
	try shmpeek -n -o REF,NUM,VALUE "sem:0@$ns"
	fine
	is "$(tr -s ' ' <<<"$output")" "sem:0@$ns 0 0
sem:0@$ns 1 9"
}

@test "a file of that name with other bytes is no semaphore, and that is said" {
	head -c 32 /dev/zero | tr '\0' '\377' >/dev/shm/sem.junk
	try shmpeek -n -o REF,VALUE posix-sem:/junk
	ends 1
	is "$(tr -s ' ' <<<"$output")" "posix-sem:/junk ?"
	complains "posix-sem:/junk: cannot be read: its bytes are no semaphore"
}

@test "views of memory and queues are refused, and nothing is printed" {
	make_objects sem=0,1,0600
	for words in --raw --map --strings "--as u32" "--message 0" "--mtype 1" "-s 4" "-o TYPE" "--head 1" \
		--attach --swapped "--method vm"; do
		try shmpeek $words sem:"$(made_id sem)"
		ends 2
		is "${#stderr_lines[@]}" 1
		prints ""
	done
}

@test "--watch: the table, then a line for each semaphore that changed, until the set is gone" {
	make_objects sem=0,3,0600 set=1,3
	id=$(made_id sem)
	watch "sem:$id *2 " sem:"$id"
	is "$(awk '{ print $1, $2, $3, $4, $5 }' "$BATS_TEST_TMPDIR/out")" "REF NUM VALUE NCOUNT ZCOUNT
sem:$id 0 0 0 0
sem:$id 1 3 0 0
sem:$id 2 0 0 0"
	hold name=worker use=sem,"$id" op=1,-2 wait=2,-1
	wait_until seen "sem:$id num 1: value 3 -> 1, last worker\[$holder\]$"
	wait_until seen "sem:$id num 2: ncount 0 -> 1, last "
	grep -Eq "^[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3} sem:$id num 1: " "$BATS_TEST_TMPDIR/out"
	! seen "num 0:"
	ipcrm -s "$id"
	wait "$watcher"
	is "$(cat "$BATS_TEST_TMPDIR/err")" "shmpeek: sem:$id: gone"
}

@test "--watch -J: lines of JSON, until Ctrl-C" {
	make_objects sem=0,2,0600 set=1,3
	id=$(made_id sem)
	watch '"num":1' -J sem:"$id"
	"$SUPPORT/make_objects" use=sem,"$id" op=1,4
	wait_until seen '"value":7'
	operator=$(ipcs -s -i "$id" | awk '$1 == 1 { print $5 }')
	kill -INT "$watcher"
	wait "$watcher"
	is "$(cat "$BATS_TEST_TMPDIR/err")" ""
	output="[$(paste -sd, "$BATS_TEST_TMPDIR/out")]"
	is "$(json '[[e[k] for k in ("event", "ref", "num", "value", "ncount", "zcount")] for e in (d[0], d[1], d[-1])]')" \
		"[[\"begin\", \"sem:$id\", 0, 0, 0, 0], [\"begin\", \"sem:$id\", 1, 3, 0, 0], [\"change\", \"sem:$id\", 1, 7, 0, 0]]"
	is "$(json '[d[-1]["before"], d[-1]["last_operator"]["pid"]]')" "[{\"value\": 3, \"ncount\": 0, \"zcount\": 0}, $operator]"
}

@test "--watch of a POSIX semaphore, until its name is gone" {
	semaphore /s 2 0
	watch "posix-sem:/s" posix-sem:/s
	python3 -c 'import ctypes
libc = ctypes.CDLL(None)
libc.sem_open.restype = ctypes.c_void_p
libc.sem_post(ctypes.c_void_p(libc.sem_open(b"/s", 0)))'
	wait_until seen "posix-sem:/s: value 2 -> 3$"
	rm /dev/shm/sem.s
	wait "$watcher"
	is "$(cat "$BATS_TEST_TMPDIR/err")" "shmpeek: posix-sem:/s: gone"
}

@test "--watch ends by itself after --timeout, and when its reader goes" {
	make_objects sem=0,1,0600
	try timeout 20 shmpeek --watch=20ms --timeout 1s sem:"$(made_id sem)"
	fine
	is "${#lines[@]}" 2
	try timeout 20 sh -c "shmpeek --watch=20ms sem:$(made_id sem) | head -n 1"
	fine
}
