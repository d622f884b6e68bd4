#!/usr/bin/env bats
# ipcls --blocked: tables, JSON, selections and failures.  Who waits for what comes from the
# programs that wait; that every sort of wait is understood is ipcls_blocked_zoo.bats's to judge.

load private

# A semaphore set with these threads waiting on it, as one process a word: its id is $set, their
# pids $waiters, in order.  waiting worker 0,-1 0,-1 1,-2
waiting() {
	local name=$1 words=()
	shift
	for each in "$@"; do words+=("wait=$each"); done
	hold "name=$name" sem=0x77,4,0600 "${words[@]}"
	set=$(made_id sem)
	waiters=$(awk '$1 == "waiter" { print $2 }' <<<"$made")
}

# Park in these states: $made has a line for each thread.
park() {
	TMPDIR=$BATS_TEST_TMPDIR hold_with park "$@"
}

# A word of the n-th line of a state: parked pipe-read ref
parked() {
	awk -v state="$1" -v key="$2" -v n="${3:-1}" '$1 == state && ++i == n {
		for (j = 2; j <= NF; j++)
			if (index($j, key "=") == 1)
				print substr($j, length(key) + 2) }' <<<"$made"
}

# The fields of a table without headings, with one blank between.
fields() {
	sed -E 's/ +/ /g; s/ $//' <<<"$1"
}

# The rows of these pids, of the output of raw with PID first.
of_pids() {
	local pids=" $(paste -sd' ' <<<"$1") "
	awk -v pids="$pids" 'index(pids, " " $1 " ")' <<<"$output"
}

# ---- Tables ----

@test "a table tells who waits, since when, in what, on whom, and how sure that is" {
	hold name=keeper sem=0x77,3,0600 op=2,1 wait=2,-5
	waiter=$(awk '$1 == "waiter" { print $2 }' <<<"$made")
	try ipcls --blocked "sem:$(made_id sem)"
	fine
	is "$(fields "${lines[0]}")" "WAITER SINCE CALL OBJECT HELD-BY EVIDENCE"
	[[ $(fields "${lines[1]}") =~ ^"keeper[$waiter] "([0-9]+s|\?)" semop sem:$(made_id sem)[2] keeper[$holder] last-op"$ ]] ||
		show_failure "not as expected"
	is "${#lines[@]}" 2
}

@test "the heading stands over nothing, too" {
	make_objects sem=0x77,1,0600
	try ipcls --blocked "sem:$(made_id sem)"
	fine
	prints "WAITER SINCE CALL OBJECT HELD-BY EVIDENCE"
	try ipcls --blocked -n "sem:$(made_id sem)"
	fine
	prints ""
	try ipcls --blocked -J "sem:$(made_id sem)"
	fine
	is "$(json d)" '{"blocked": []}'
}

@test "a thread that is not the first is told from its process" {
	park mutex-private
	pid=$(parked mutex-private pid) tid=$(parked mutex-private tid)
	[ "$pid" != "$tid" ]
	try ipcls --blocked --pid "$pid" --raw -no WAITER,HELD-BY,EVIDENCE
	fine
	prints "park[$pid/$tid] park[$(parked mutex-private on)] libc"
}

@test "who waits alike shares a row, with the longest wait" {
	waiting worker 0,-1 0,-1 1,-1 0,-1
	third=$(sed -n 3p <<<"$waiters")
	try ipcls --blocked --raw -no WAITER,OBJECT,THREADS "sem:$set"
	fine
	is "$(sort <<<"$output")" "worker[$third] sem:$set[1] 1
worker\\x20x3 sem:$set[0] 3"
	try ipcls --blocked -o WAITER,THREADS "sem:$set"
	fine
	has "worker x3"
	longest() {
		ipcls --blocked "$@" -o SINCE,OBJECT --raw -n "sem:$set" | grep -F '[0]' | sort -n |
			tail -n 1 | grep -o '^[0-9]*'
	}
	wait_until longest
	before=$(longest --each) shared=$(longest) after=$(longest --each)
	[ "$before" -le "$shared" ] && [ "$shared" -le "$after" ]
}

@test "to grow and to be zero are two waits" {
	hold name=worker sem=0x77,1,0600 set=0,1 wait=0,-2 wait=0,0
	try ipcls --blocked --raw -no WAITER "sem:$(made_id sem)"
	fine
	is "${#lines[@]}" 2
	lacks x2
}

@test "threads of one process, and of several with names of their own, share a row" {
	hold name=one sem=0x77,1,0600 wait=0,-1
	set=$(made_id sem)
	hold name=two "use=sem,$set" wait=0,-1
	try ipcls --blocked --raw -no WAITER "sem:$set"
	fine
	prints '2\x20threads'
}

@test "--each, and columns in which threads differ, give each a row" {
	waiting worker 0,-1 0,-1 0,-1
	for options in "--each -o WAITER" "-o WAITER,PID" "-o WAITER,WANTS" "-o WAITER --sort PID"; do
		try ipcls --blocked --raw -n $options "sem:$set"
		fine
		is "${#lines[@]}" 3
		lacks x3
	done
	try ipcls --blocked --raw -no PID "sem:$set" --sort PID
	prints "$(sort -n <<<"$waiters")"
	try ipcls --blocked --raw -no PID "sem:$set" --sort PID:desc
	prints "$(sort -rn <<<"$waiters")"
}

@test "private locks at one address do not share a row" {
	park mutex-private-robust mutex-private
	try ipcls --blocked --raw -no WAITER,OBJECT
	ends 0
	for state in mutex-private mutex-private-robust; do
		has "park[$(parked $state pid)/$(parked $state tid)]"
	done
}

@test "several holders are the first and the number of the others; programs get them all" {
	park pipe-read-writers
	pid=$(parked pipe-read-writers pid)
	writers=$(parked pipe-read-writers on | tr , '\n' | cut -d/ -f1 | sort -n)
	is "$(wc -l <<<"$writers")" 3
	try ipcls --blocked --pid "$pid" -no HELD-BY
	fine
	[[ $output =~ ^"park["[0-9]+"] +2"$ ]] || show_failure "first and +2"
	try ipcls --blocked --pid "$pid" --raw -no HELD-BY
	fine
	is "$(tr , '\n' <<<"$output" | sort -V)" "$(sed 's/.*/park[&]/' <<<"$writers")"
}

@test "what is wrong stands below the table" {
	park mutex-abandoned
	pid=$(parked mutex-abandoned pid)
	try ipcls --blocked --pid "$pid"
	fine
	finding=$(tail -n 1 <<<"$output")
	owner=$(sed -nE 's/.*owner ([0-9]+) is gone.*/\1/p' <<<"$finding")
	gone "$owner"
	is "$finding" "park[$pid]: $(parked mutex-abandoned ref)+0x1040: owner $owner is gone: abandoned mutex"
	[[ $(fields "${lines[1]}") =~ "($owner) libc"$ ]]
	for options in -n --raw --export "-o +FINDING"; do
		try ipcls --blocked --pid "$pid" $options
		fine
		lacks "park[$pid]: "
	done
	has "abandoned mutex"
	try ipcls --blocked --pid "$pid" -J
	fine
	is "$(json 'd["blocked"][0]["finding"]')" "owner $owner is gone: abandoned mutex"
	is "$(json 'd["blocked"][0]["waiting_on"]')" \
		"[{\"pid\": $owner, \"tid\": null, \"command\": null, \"evidence\": \"libc\", \"gone\": true, \"group\": 0}]"
}

# ---- Time ----

# Of a thread that was moved to another processor as it fell asleep the kernel does not tell since
# when: several wait here, so that of some it is known.

@test "--longer-than asks for a time that has passed" {
	before=$SECONDS
	waiting worker 0,-1 1,-1 2,-1 3,-1
	is "$(ipcls --blocked --longer-than 1h --raw -no WAITER "sem:$set")" ""
	for_a_second() {
		try ipcls --blocked --longer-than 1s --raw -no PID,SINCE,BOUND "sem:$set"
		[ -n "$output" ]
	}
	wait_until for_a_second
	fine
	is "$(cut -d' ' -f1 <<<"$output" | grep -vxF "$waiters")" ""
	while read -r pid since bound; do
		[ "$since" -ge 1 ] && [ "$since" -le $((SECONDS - before + 1)) ]
		is "$bound" exact
	done <<<"$output"
}

@test "the longest comes first" {
	hold name=waiter sem=0x77,1,0600 wait=0,-1
	set=$(made_id sem)
	waiters=$(awk '$1 == "waiter" { print $2 }' <<<"$made")
	for each in 1 2 3 4; do
		hold name=waiter "use=sem,$set" wait=0,-1
		waiters="$waiters $(awk '$1 == "waiter" { print $2 }' <<<"$made")"
	done
	try ipcls --blocked --raw -no PID,BOUND "sem:$set"
	fine
	is "${#lines[@]}" 5
	known=$(awk '$2 == "exact" { print $1 }' <<<"$output")
	[ "$(wc -l <<<"$known")" -ge 2 ]
	# those of which it is not known stand last
	is "$(awk '{ print $2 }' <<<"$output" | sort)" "$(awk '{ print $2 }' <<<"$output")"
	is "$known" "$(tr ' ' '\n' <<<"$waiters" | grep -xF "$known")"
}

# ---- Selections ----

@test "--blocked-on each kind of object" {
	states="semop msgrcv mq-receive pipe-read fifo-read unix-read eventfd-read mutex-shm
		mutex-posix-shm mutex-memfd mutex-anonymous sem-named"
	park $states
	for state in $states; do
		ref=$(parked "$state" ref)
		[ -n "$ref" ]
		for words in "--blocked-on $ref" "--blocked $ref" "--blocked --blocked-on=$ref"; do
			try ipcls $words --each -a -J
			echo "$words" >&2
			fine
			is "$(json '[[r["pid"], r["tid"], r["ref"]] for r in d["blocked"]]')" \
				"[[$(parked "$state" pid), $(parked "$state" tid), \"$ref\"]]"
		done
	done
}

@test "several objects, by key, and from standard input" {
	hold name=a sem=0x77,1,0600 wait=0,-1
	hold name=b sem=0x78,1,0600 wait=0,-1
	hold name=c sem=0x79,1,0600 wait=0,-1
	names() {
		ipcls "$@" --raw -no WAITER | sed 's/\[.*//' | sort | paste -sd' '
	}
	is "$(names --blocked-on sem:key=0x77 --blocked-on sem:key=0x79)" "a c"
	is "$(names --blocked-on sem:key=0x77 sem:key=0x78)" "a b"
	is "$(printf 'sem:key=0x78\nsem:key=0x79\n' | names --blocked -)" "b c"
	is "$(names --blocked - </dev/null)" ""
	is "$(names --blocked -s)" "a b c"
}

@test "an object that is not there: status 1, and the others are shown" {
	waiting worker 0,-1
	try ipcls --blocked-on sem:4711
	ends 1
	complains "sem:4711: no such object"
	prints "WAITER SINCE CALL OBJECT HELD-BY EVIDENCE"
	try ipcls --blocked-on sem:4711 --raw -no WAITER "sem:$set"
	ends 1
	complains "sem:4711: no such object"
	prints "worker[$waiters]"
	exact=$(ipcls -s -no EXACT)
	is "$(ipcls --blocked-on "$exact" --raw -no WAITER)" "worker[$waiters]"
	[[ $exact == "sem:$set%0x77."* ]]
	try ipcls --blocked-on "${exact/0x77/0x78}"
	ends 1
	complains "changed since it was listed"
}

@test "--pid: the threads of one process" {
	waiting worker 0,-1 0,-1
	second=$(tail -n 1 <<<"$waiters")
	try ipcls --blocked --pid "$second" --raw -no PID,CALL
	fine
	prints "$second semop"
	sleep 100 3>&- &
	pid=$!
	asleep() {
		[ -n "$(ipcls --blocked -a --pid $pid --raw -no CALL)" ]
	}
	wait_until asleep
	try ipcls --blocked --pid "$pid" -n
	fine
	prints ""
	try ipcls --blocked -a --pid "$pid" --raw -no COMMAND,CALL,IDLE,FOR,TIMEOUT
	fine
	[[ $output == "sleep "*"nanosleep yes time "* ]] || show_failure "a sleeper"
	kill "$pid"
	wait_until gone "$pid"
	try ipcls --blocked --pid "$pid"
	ends 1
	complains "$pid"
	prints ""
}

@test "what idles is shown with -a only" {
	park nanosleep poll pause wait4-any unix-accept msgrcv
	pids=$(awk '/pid=/ { print $2 }' <<<"$made" | cut -d= -f2)
	try ipcls --blocked --raw -no PID
	ends 0
	is "$(of_pids "$pids")" "$(parked msgrcv pid)"
	for letter in -a --all; do
		try ipcls --blocked $letter --raw -no PID,IDLE
		ends 0
		is "$(of_pids "$pids" | sort -n)" "$(for pid in $pids; do
			[ "$pid" = "$(parked msgrcv pid)" ] && echo "$pid no" || echo "$pid yes"
		done | sort -n)"
	done
}

@test "kinds narrow it to waits on such objects" {
	park semop msgrcv mq-receive pipe-read eventfd-read mutex-shm sem-named flock-exclusive
	expect() { # options: states
		is "$(ipcls --blocked $1 --raw -no PID | sort -n)" \
			"$(for state in $2; do parked "$state" pid; done | sort -n)"
	}
	expect -s semop
	expect -q msgrcv
	expect -qs "msgrcv semop"
	expect -Q mq-receive
	expect -S sem-named
	expect -m mutex-shm
	expect "--type eventfd" eventfd-read
	expect "--type eventfd,msg" "eventfd-read msgrcv"
}

@test "--user: by the effective user of the process" {
	need_root
	waiting worker 0,-1
	hold name=shared sem=0x78,1,0666
	other=$(made_id sem)
	as_nobody "$SUPPORT/make_objects" name=nobodys "use=sem,$other" wait=0,-1 hold >/dev/null 3>&- &
	holders="$holders $!"
	users() {
		ipcls --blocked -s "$@" --raw -no COMMAND,USER,UID | sort | paste -sd';'
	}
	nobody=$(id -un 65534)
	there() {
		[ "$(users)" = "nobodys $nobody 65534;worker root 0" ]
	}
	wait_until there
	is "$(users --user root)" "worker root 0"
	is "$(users --user 65534)" "nobodys $nobody 65534"
	is "$(users --user 12345)" ""
	is "$(ipcls --blocked -s --user root --raw -no WAITER)" "worker[$waiters]"
}

# ---- JSON and other formats ----

@test "JSON has all there is, each of its type" {
	hold name=keeper sem=0x77,3,0600 op=2,1 wait=2,-5
	set=$(made_id sem)
	waiter=$(awk '$1 == "waiter" { print $2 }' <<<"$made")
	try ipcls --blocked -J "sem:$set"
	fine
	is "$(json '{k: v for k, v in d["blocked"][0].items()
		if k not in ("seconds", "bound", "unknown")}')" "$(python3 -c '
import json, sys
waiter, holder, set = sys.argv[1:]
print(json.dumps({"pid": int(waiter), "tid": int(waiter), "command": "keeper", "user": "root",
    "uid": 0, "state": "S", "call": "semop", "for": "semaphore",
    "object": f"sem:{set}[2]", "ref": f"sem:{set}", "kind": "sem", "fd": None,
    "wants": {"num": 2, "op": -5, "value": 1, "undo": False, "ncount": 1, "zcount": 0},
    "timeout": False, "idle": False,
    "waiting_on": [{"pid": int(holder), "tid": None, "command": "keeper", "evidence": "last-op",
                    "gone": False, "group": 0}], "more": 0,
    "open": True, "finding": None}))' "$waiter" "$holder" "$set" | sed "s/\"root\", \"uid\": 0/\"$(id -un)\", \"uid\": $(id -u)/")"
	is "$(json '[(r["bound"], type(r["seconds"]).__name__, list(r.get("unknown", {}))) in
		(("exact", "int", []), ("unknown", "NoneType", ["seconds"])) for r in d["blocked"]]')" \
		"[true]"
}

@test "JSON of queues has type, size and fill; of others a text" {
	park msgrcv-type msgsnd mq-receive pipe-read flock-exclusive
	try ipcls --blocked -J
	ends 0
	wants() {
		json "[r['wants'] for r in d['blocked'] if r['pid'] == $(parked "$1" pid)][0]"
	}
	stat() { # field of the queue of a state
		proc_field msg "$(parked "$1" ref | cut -d: -f2)" "$2"
	}
	is "$(wants msgrcv-type)" "{\"type\": 42, \"size\": 500, \"messages\": $(stat msgrcv-type 5), \"bytes\": $(stat msgrcv-type 4), \"max_bytes\": $(cat /proc/sys/kernel/msgmnb)}"
	is "$(json "[[r['wants']['size'], r['wants']['bytes']] for r in d['blocked'] if r['pid'] == $(parked msgsnd pid)]")" \
		"[[$(parked msgsnd size), $(stat msgsnd 4)]]"
	is "$(json "[r['wants']['type'] for r in d['blocked'] if r['pid'] == $(parked mq-receive pid)]")" "[null]"
	is "$(json "[type(r['wants']).__name__ for r in d['blocked'] if r['pid'] == $(parked flock-exclusive pid)]")" '["str"]'
}

@test "columns of a choice, in every format" {
	hold name=keeper sem=0x77,3,0600 op=2,1 wait=2,-5
	set=$(made_id sem)
	waiter=$(awk '$1 == "waiter" { print $2 }' <<<"$made")
	try ipcls --blocked --raw -o pid,NUM,op,VALUE,UNDO,TYPE,SIZE,TIMEOUT,FD,KIND,REF,NLWP "sem:$set"
	fine
	prints "PID NUM OP VALUE UNDO TYPE SIZE TIMEOUT FD KIND REF NLWP
$waiter 2 -5 1 no - - no - sem sem:$set 1"
	try ipcls --blocked --export -o WAITER,OP,HELD-BY,TYPE "sem:$set"
	fine
	prints "WAITER=\"keeper[$waiter]\" OP=\"-5\" HELD_BY=\"keeper[$holder]\" TYPE=\"\""
	try ipcls --blocked -J -o PID,OP,WANTS "sem:$set"
	fine
	is "$(json 'd["blocked"]')" "[{\"pid\": $waiter, \"op\": -5, \"wants\": {\"num\": 2, \"op\": -5, \"value\": 1, \"undo\": false, \"ncount\": 1, \"zcount\": 0}}]"
	try ipcls --blocked -J -o +WCHAN,THREADS "sem:$set"
	fine
	is "$(json '[d["blocked"][0]["wchan"], d["blocked"][0]["threads"], d["blocked"][0]["pid"]]')" \
		"[\"$(cat "/proc/$waiter/wchan")\", 1, $waiter]"
	try ipcls --blocked -o +WANTS "sem:$set"
	fine
	has "op -5 of semaphore 2, value 1"
}

@test "--list-columns lists those of the view" {
	try ipcls --blocked --list-columns
	fine
	is "$(awk 'NR > 1 { print $1 }' <<<"$output" | head -n 3 | paste -sd' ')" "WAITER PID TID"
	try ipcls --blocked -o ATT
	ends 2
	complains "ATT: no such column"
	try ipcls --blocked --sort ATT
	ends 2
	complains "ATT: no such column"
}

@test "a hostile name does no harm" {
	waiting 'ev\n\e[31m' 0,-1
	try ipcls --blocked "sem:$set"
	fine
	has 'ev\x0a\x1b[31m['"$waiters]"
	is "${#lines[@]}" 2
	try ipcls --blocked --raw -no WAITER,COMMAND,HELD-BY "sem:$set"
	fine
	is "${#lines[@]}" 1
	lacks $'\e'
	try ipcls --blocked -J "sem:$set"
	fine
	is "$(json 'd["blocked"][0]["command"] == open("/proc/'"$waiters"'/comm").read()[:-1]')" true
	name=$'a\u202eb\xff'
	hold "name=$name" sem=0x78,1,0600 op=0,1 op=0,-1 wait=0,-1
	try ipcls --blocked "sem:$(made_id sem)"
	fine
	has 'a\xe2\x80\xaeb\xff['
	try ipcls --blocked -J "sem:$(made_id sem)"
	fine
	is "$(json 'd["blocked"][0]["command"] == "a\u202eb\ufffd" == d["blocked"][0]["waiting_on"][0]["command"]')" true
}

@test "a path with a newline stays on its line" {
	mkdir "$BATS_TEST_TMPDIR/a"$'\n'"b"
	TMPDIR=$BATS_TEST_TMPDIR/a$'\n'b hold_with park flock-exclusive
	pid=$(parked flock-exclusive pid)
	try ipcls --blocked --pid "$pid" -no OBJECT
	fine
	is "${#lines[@]}" 1
	has 'a\x0ab/'
}

# ---- Rights and failures ----

@test "who may not look is told how much it did not see" {
	need_root
	hold name=roots sem=0x77,1,0666 wait=0,-1
	set=$(made_id sem)
	as_nobody "$SUPPORT/make_objects" name=own "use=sem,$set" wait=0,-1 hold >"$BATS_TEST_TMPDIR/own" 3>&- &
	holders="$holders $!"
	wait_until grep -q '^ready' "$BATS_TEST_TMPDIR/own"
	try as_nobody ipcls --blocked --raw -no COMMAND "sem:$set"
	ends 0
	prints own
	complains " could not be inspected: permission denied; run as root, or with CAP_SYS_PTRACE"
	[[ $stderr =~ ^"ipcls: "[1-9][0-9]*" threads could" ]]
	root=$(awk '$1 == "waiter" { print $2 }' <<<"$made")
	try as_nobody ipcls --blocked --pid "$root"
	ends 1
	complains "permission denied"
}

@test "root without CAP_SYS_PTRACE is told what it lacks" {
	need_root
	as_nobody "$SUPPORT/make_objects" sem=0x77,1,0666 wait=0,-1 hold >"$BATS_TEST_TMPDIR/own" 3>&- &
	holders="$holders $!"
	wait_until grep -q '^ready' "$BATS_TEST_TMPDIR/own"
	other=$(awk '$1 == "waiter" { print $2 }' "$BATS_TEST_TMPDIR/own")
	for words in --blocked --deadlocks "pid:$other"; do
		try setpriv --bounding-set -sys_ptrace ipcls $words
		ends 0
		complains "permission denied; root needs CAP_SYS_PTRACE for that, which containers often lack"
	done
}

@test "threads are counted among what is not known, not rows; and memory that is gone is said" {
	python3 - >"$BATS_TEST_TMPDIR/own" 3>&- <<-'END' &
		import ctypes, mmap, threading, time
		libc = ctypes.CDLL(None, use_errno=True)
		sem = libc.semget(0, 1, 0o600)
		libc.mmap.restype = ctypes.c_void_p
		ops = libc.mmap(None, ctypes.c_size_t(4096), 3, 0x22, -1, ctypes.c_long(0))
		ctypes.cast(ops, ctypes.POINTER(ctypes.c_short))[1] = -1
		for i in range(3):
		    threading.Thread(target=libc.semop, args=(sem, ctypes.c_void_p(ops), ctypes.c_size_t(1))).start()
		while libc.semctl(sem, 0, 14) < 3:
		    time.sleep(0.01)
		libc.munmap(ctypes.c_void_p(ops), ctypes.c_size_t(4096))
		print("ready", sem, flush=True)
		time.sleep(1000)
	END
	holders="$holders $!"
	wait_until grep -q '^ready' "$BATS_TEST_TMPDIR/own"
	try ipcls --blocked --raw -no WAITER "sem:$(awk '{ print $2 }' "$BATS_TEST_TMPDIR/own")"
	ends 0
	prints "python3[$!]\\x20x3"
	complains "3 of 3 waits are not known in full: the call points to memory that is not there any more"
}

@test "what makes no sense is a mistake" {
	make_objects sem=0x77,1,0600
	mistakes() { # complaint, words
		try ipcls "${@:2}"
		ends 2
		complains "$1"
		prints ""
	}
	mistakes "leave out -N" --blocked -N all
	mistakes "only --pid" --blocked --owner root
	mistakes "only --pid" --blocked --orphaned
	mistakes "--elements" --blocked --elements
	mistakes "--each: only with" --each
	mistakes "--longer-than: only with" -m --longer-than 5m
	mistakes "--user: only with" --user root
	mistakes "--times: one view at a time" --blocked-on sem:0 -t
	mistakes "--deadlocks: one view at a time" --blocked --deadlocks
	mistakes "--blocked-on: one view at a time" --deadlocks --blocked-on sem:0
	mistakes "--limits: one view at a time" --holders -l
	mistakes "leave out --orphan-age" --blocked --orphan-age 1h
	mistakes "a reference names its kind" --blocked-on "sem:$(made_id sem)" -m
	mistakes "not a reference" --blocked-on x
	mistakes "a bare number" --blocked-on 5
	mistakes "not a duration" --blocked --longer-than x
	mistakes "not a user" --blocked --user no-such-user
	mistakes "--until" --blocked --until gone sem:0
}

@test "lost output ends with 2, a reader that goes away quietly" {
	waiting worker 0,-1
	for format in "" -J --raw --export; do
		run bash -c "ipcls --blocked $format >/dev/full"
		[ "$status" -eq 2 ]
		[[ $output == *"No space left"* ]]
	done
	run bash -c 'ipcls --blocked | true; exit ${PIPESTATUS[0]}'
	[ "$status" -eq 0 ] || [ "$status" -eq 141 ]
}

# ---- Those who wait, in lists ----

@test "queues: how many wait to send and to receive, and the letters of POSIX ipcs" {
	make_objects msg=0,0640
	quiet=$(made_id msg)
	park msgrcv msgsnd
	receiver=$(parked msgrcv ref) sender=$(parked msgsnd ref)
	try ipcls -q --raw -no REF,WAITING,PMODE
	fine
	is "$(sort <<<"$output")" "$(sort <<<"msg:$quiet 0 --rw-r-----
$receiver 1 -Rrw-------
$sender 1 S-rw-------")"
	try ipcls -J -o REF,WAITING,PMODE "$receiver"
	fine
	is "$(json 'd["msg"]')" "[{\"ref\": \"$receiver\", \"waiting\": 1, \"pmode\": \"-Rrw-------\"}]"
	try ipcls -q --raw -no REF --sort WAITING:desc
	fine
	is "$(tail -n 1 <<<"$output")" "msg:$quiet"
}

@test "the letters of POSIX ipcs for segments and sets" {
	make_objects shm=0,1,0604 sem=0,1,0624
	hold shm=0x12,1,0600 attach=1 dest
	is "$(ipcls -m --raw -no REF,PMODE | sort)" "$(sort <<<"shm:$(awk '$7 > 0 && NR > 1 { print $2 }' /proc/sysvipc/shm) D-rw-------
shm:$(awk '$7 == 0 && NR > 1 { print $2 }' /proc/sysvipc/shm) --rw----r--")"
	is "$(ipcls -s --raw -no PMODE)" "--ra--a-r--"
}

@test "sets: how many wait is in the default table" {
	waiting worker 0,-1 0,-1 1,-1
	try ipcls -s
	fine
	is "$(fields "${lines[0]}" | cut -d' ' -f6)" WAITING
	is "$(fields "${lines[1]}" | cut -d' ' -f6)" 3
}

@test "who may not look at all threads does not know how many wait on a queue" {
	need_root
	park msgrcv
	ref=$(parked msgrcv ref)
	try as_nobody ipcls -q -J -o REF,WAITING,PMODE
	ends 0
	is "$(json '[d["msg"][0]["waiting"], d["msg"][0]["unknown"], d["msg"][0]["pmode"][:2]]')" \
		'[null, {"waiting": "permission denied"}, "??"]'
}

@test "--blocked-on finds who opens a FIFO that nobody else has" {
	hold_with park fifo-open-read
	ref=$(sed -n 's/.* ref=\([^ ]*\).*/\1/p' <<<"$made")
	pid=$(sed -n 's/.* pid=\([^ ]*\).*/\1/p' <<<"$made")
	try ipcls --blocked-on "$ref" --raw -no PID,CALL,WANTS
	fine
	prints "$pid open a\\x20writer"
	try ipcls --blocked-on "$ref.no"
	ends 1
	complains "$ref.no: no such object"
}

@test "of very many that have the other end some are listed, all are counted" {
	# 100 readers of one pipe, all of which could write
	python3 -c '
import os, sys, time
r, w = os.pipe()
for i in range(100):
    if os.fork() == 0:
        os.read(r, 1)
        os._exit(0)
print("ready", flush=True)
time.sleep(1000)' >"$BATS_TEST_TMPDIR/out" 3>&- &
	parent=$!
	disown "$parent"
	holders="$holders $parent"
	wait_until grep -q ready "$BATS_TEST_TMPDIR/out"
	holders="$holders $(cat "/proc/$parent/task/$parent/children")"
	all_listed() {
		try ipcls --blocked --type pipe -J
		fine
		is "$(json '[(len(b["waiting_on"]), b["more"]) for b in d["blocked"] if b["command"] == "python3"]')" \
			"$(python3 -c 'import json; print(json.dumps([[64, 36]] * 100))')"
	}
	wait_until all_listed
	try ipcls --deadlocks
	ends 0
}

@test "the call of a 32-bit program is not taken for one of ours" {
	[ "$(uname -m)" = x86_64 ] || skip "32-bit programs are made for x86 only"
	# pause() of i386 has the number that shmget() has here
	python3 -c '
import struct, sys
code = bytes.fromhex("b81d000000cd80ebf7")
base, offset = 0x8048000, 52 + 32
header = b"\x7fELF\1\1\1" + bytes(9) + struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, base + offset, 52, 0, 0, 52, 32, 1, 0, 0, 0)
program = struct.pack("<IIIIIIII", 1, 0, base, base, offset + len(code), offset + len(code), 5, 0x1000)
open(sys.argv[1], "wb").write(header + program + code)' "$BATS_TEST_TMPDIR/small"
	chmod +x "$BATS_TEST_TMPDIR/small"
	timeout 0.1 "$BATS_TEST_TMPDIR/small" || [ "$?" = 124 ] || skip "this kernel runs no 32-bit programs"
	"$BATS_TEST_TMPDIR/small" 3>&- &
	pid=$!
	holders="$holders $pid"
	disown "$pid"
	wait_until grep -q "^29 " "/proc/$pid/syscall"
	try ipcls --blocked --all --pid "$pid" -J
	ends 0
	complains "1 of 1 waits" "a 32-bit program"
	is "$(json '[d["blocked"][0][k] for k in ("call", "object", "wants", "waiting_on")]')" "[null, null, null, null]"
	is "$(json 'd["blocked"][0]["unknown"]["object"]')" "a 32-bit program"
}
