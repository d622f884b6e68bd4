#!/usr/bin/env bats
# --namespaces: which there are is what readlink says of every process, what is in them is what
# ipcs says from within.

load private

# Start make_objects in an IPC namespace of its own.  Its pid: $holder; its output: $made.
hold_apart() {
	local out=$BATS_TEST_TMPDIR/apart.$RANDOM
	# unshare becomes the program: one process
	unshare --ipc "$SUPPORT/make_objects" "$@" hold >"$out" 3>&- &
	holder=$!
	disown "$holder"
	holders="$holders $holder"
	until grep -qs '^ready$' "$out"; do
		kill -0 "$holder" || return 1
	done
	made=$(cat "$out")
	holders="$holders $(awk '$1 == "child" { print $2 }' <<<"$made")"
}

# The inode of a process's IPC namespace.
space() {
	stat -L -c %i "/proc/$1/ns/ipc"
}

# Column N of the row of a process's namespace in $output.
cell() {
	awk -v space="$(space "$1")" -v n="$2" '$1 == space { print $n }' <<<"$output"
}

# Run a tool within a process's namespace.
within() {
	nsenter --ipc --target "$1" "${@:2}"
}

# Put a process into a control group of that name: $group.
groups_made=
join_group() {
	local root
	group=
	for root in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
		[ -w "$root/cgroup.procs" ] || continue
		group=$root/ipckit-test-$$-$RANDOM/$2
		mkdir -p "$group" 2>/dev/null && echo "$1" >"$group/cgroup.procs" 2>/dev/null || continue
		groups_made="$groups_made $group"
		return 0
	done
	skip "no control group can be made here"
}

teardown() {
	local made
	[ -z "$holders" ] || kill -9 $holders 2>/dev/null || true
	for made in $groups_made; do
		wait_until rmdir "$made"
		rmdir "$(dirname "$made")"
	done
}

@test "each namespace is listed once, our own first" {
	hold_apart sem=0,1,0600
	first=$holder
	hold_apart sem=0,1,0600
	try ipcls --namespaces --raw -no NAMESPACE,OWN,PID,COMMAND
	fine
	is "$(head -n 1 <<<"$output" | cut -d' ' -f1,2)" "$(space self) yes"
	is "$(sed 1d <<<"$output" | sort)" "$(sort <<<"$(space $first) no $first make_objects
$(space $holder) no $holder make_objects")"
}

@test "the namespaces and their processes are those that readlink tells" {
	hold_apart fork fork
	hold name=here
	by_readlink() {
		local process
		# not those that only run to tell; a zombie has no namespace
		for process in /proc/[0-9]*; do
			[ "${process#/proc/}" = "$BASHPID" ] || stat -L -c %i "$process/ns/ipc"
		done 2>/dev/null | sort | uniq -c | awk '{ print $2, $1 }'
	}
	try ipcls --namespaces --raw -no NAMESPACE,PROCS
	fine
	is "$(cell $holder 1)" "$(space self)"
	# in namespaces that nobody enters meanwhile the numbers are the same
	is "$(grep -v "^$(space self) " <<<"$output")" "$(by_readlink | grep -v "^$(space self) ")"
	[ "$(cell self 2)" -gt 1 ]
}

@test "two namespaces with the same shmid are told apart" {
	hold_apart shm=0x11,5000,0600
	first=$holder id=$(made_id shm)
	hold_apart shm=0x11,70000,0600 shm=0x12,1,0600
	is "$(made_id shm)" "$id"
	page=$(getconf PAGESIZE)
	round() { echo $((($1 + page - 1) / page * page)); }
	try ipcls --namespaces --raw -no NAMESPACE,SHM,SHM-BYTES
	fine
	is "$(cell $first 2) $(cell $first 3)" "1 $(round 5000)"
	is "$(cell $holder 2) $(cell $holder 3)" "2 $(($(round 70000) + page))"
	is "$(cell self 2) $(cell self 3)" "0 0"
	is "$(within $first ipcs -m | grep -c '^0x')" 1
}

@test "what is counted is what ipcs counts from within" {
	make_objects shm=0,1,0600 msg=0,0600 msg=0,0600 sem=0,1,0600
	hold_apart shm=0,4096,0600 shm=0,1,0600 shm=0,1,0600 msg=0,0600 send=10 send=20 sem=0,5,0600 sem=0,6,0600
	try ipcls --namespaces --raw -no NAMESPACE,SHM,MSG,SEM,MSG-BYTES
	fine
	count() { within "$1" ipcs "$2" | grep -c '^0x'; }
	for process in $holder $$; do
		is "$(cell $process 2)" "$(count $process -m)"
		is "$(cell $process 3)" "$(count $process -q)"
		is "$(cell $process 4)" "$(count $process -s)"
	done
	is "$(cell $holder 5)" 30
	is "$(cell self 5)" 0
}

# A POSIX queue in a process's namespace, made by Python: make_queue PID NAME
make_queue() {
	within "$1" python3 -c '
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
sys.exit(libc.mq_open(sys.argv[1].encode(), os.O_CREAT | os.O_RDWR, 0o600, None) < 0)' "$2"
}

@test "POSIX queues are counted in the namespace that they live in" {
	hold_apart
	first=$holder
	hold_apart
	make_queue $first /one
	make_queue $first /two
	make_queue $holder /one
	try ipcls --namespaces --raw -no NAMESPACE,POSIX-MQ
	fine
	is "$(cell $first 2) $(cell $holder 2) $(cell self 2)" "2 1 0"
}

@test "POSIX shared memory and semaphores are counted on each /dev/shm that is seen" {
	page=$(getconf PAGESIZE)
	head -c $((3 * page)) /dev/zero >/dev/shm/here
	head -c 32 /dev/zero >/dev/shm/sem.one
	# the first shares our /dev/shm, the second has one of its own
	hold_apart
	first=$holder
	unshare --ipc --mount sh -c 'mount -t tmpfs tmpfs /dev/shm && cd /dev/shm && echo 1 >a && echo 2 >b &&
		head -c 32 /dev/zero >sem.c && exec "$0" hold' "$SUPPORT/make_objects" >"$BATS_TEST_TMPDIR/third" 3>&- &
	second=$!
	disown "$second"
	holders="$holders $second"
	wait_until grep -q ready "$BATS_TEST_TMPDIR/third"
	# one more process of the same namespace with our /dev/shm: both are counted, each once
	nsenter --ipc --target "$second" "$SUPPORT/make_objects" hold >"$BATS_TEST_TMPDIR/fourth" 3>&- &
	holders="$holders $!"
	disown $!
	nsenter --ipc --target "$second" unshare --mount "$SUPPORT/make_objects" hold >"$BATS_TEST_TMPDIR/fifth" 3>&- &
	holders="$holders $!"
	disown $!
	wait_until grep -q ready "$BATS_TEST_TMPDIR/fourth"
	wait_until grep -q ready "$BATS_TEST_TMPDIR/fifth"
	try ipcls --namespaces --raw -no NAMESPACE,POSIX-SHM,POSIX-SEM,POSIX-SHM-BYTES
	fine
	blocks() { stat -c '%b %B' "$@" | awk '{ sum += $1 * $2 } END { print sum }'; }
	ours=$(blocks /dev/shm/here) theirs=$(blocks "/proc/$second/root/dev/shm/a" "/proc/$second/root/dev/shm/b")
	is "$(cell self 2) $(cell self 3) $(cell self 4)" "1 1 $ours"
	is "$(cell $first 2) $(cell $first 3) $(cell $first 4)" "1 1 $ours"
	is "$(cell $second 2) $(cell $second 3) $(cell $second 4)" "3 2 $((ours + theirs))"
	try ipcls --namespaces --raw -no NAMESPACE,PROCS,POSIX
	is "$(cell $second 2) $(cell $second 3)" "3 5"
	rm /dev/shm/here /dev/shm/sem.one
}

@test "nothing in another namespace is changed by counting" {
	hold_apart shm=0,4096,0600 msg=0,0600 send=10 sem=0,1,0600
	before=$(within $holder cat /proc/sysvipc/shm /proc/sysvipc/msg /proc/sysvipc/sem)
	try ipcls --namespaces -J
	fine
	is "$(within $holder cat /proc/sysvipc/shm /proc/sysvipc/msg /proc/sysvipc/sem)" "$before"
}

@test "where the kernel's totals are refused, objects are added up within" {
	hold_apart shm=0,5000,0600 msg=0,0600 send=10 sem=0,5,0600
	try "$SUPPORT/refuse" EPERM info -- ipcls --namespaces --raw -no NAMESPACE,SHM,SHM-BYTES,MSG,MSG-BYTES,SEM
	fine
	page=$(getconf PAGESIZE)
	is "$(grep "^$(space $holder) " <<<"$output")" "$(space $holder) 1 $(((5000 + page - 1) / page * page)) 1 10 1"
}

@test "a namespace that ended with its last process is gone" {
	hold_apart
	gone=$(space $holder)
	kill -9 "$holder"
	wait_until gone "$holder"
	try ipcls --namespaces --raw -no NAMESPACE
	fine
	lacks "$gone"
}

@test "JSON has numbers, and objects with bytes" {
	hold_apart shm=0,4096,0600 msg=0,0600 send=10 sem=0,5,0600
	try ipcls --namespaces -J
	fine
	row="[r for r in d['namespaces'] if r['namespace'] == $(space $holder)][0]"
	is "$(json "[$row[k] for k in ('own', 'processes', 'pid', 'command')]")" "[false, 1, $holder, \"make_objects\"]"
	is "$(json "[$row[k] for k in ('shm', 'msg', 'sem')]")" \
		'[{"objects": 1, "bytes": 4096}, {"objects": 1, "bytes": 10}, {"objects": 1, "bytes": null}]'
	is "$(json "[r['own'] for r in d['namespaces']]")" "[true, false]"
	is "$(json 'list(d)')" '["namespaces"]'
}

@test "a container is named by the control group of its first process" {
	need_root
	hold_apart
	id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
	join_group $holder "docker-$id.scope"
	try ipcls --namespaces --raw -no NAMESPACE,CONTAINER
	fine
	is "$(cell $holder 2)" docker:0123456789ab
	is "$(cell self 2)" -
	try ipcls --namespaces -J
	is "$(json "[r['container'] for r in d['namespaces'] if not r['own']]")" '["docker:0123456789ab"]'
	is "$(json "[r['container'] for r in d['namespaces'] if r['own']]")" '[null]'
}

@test "the table fits 80 columns" {
	hold_apart name=fifteen_letters shm=0,4096,0600
	try ipcls --namespaces
	ends 0
	is "$(head -n 1 <<<"$output" | tr -s ' ' | sed 's/^ //')" "NAMESPACE PROCS PID COMMAND CONTAINER SHM MSG SEM POSIX"
	[ "$(wc -L <<<"$output")" -le 80 ] || show_failure "too wide"
}

@test "rows are ordered by a column, and only what is shown is counted" {
	hold_apart shm=0,4096,0600
	small=$(space $holder)
	hold_apart shm=0,409600,0600
	try ipcls --namespaces --raw -no NAMESPACE --sort SHM-BYTES
	fine
	prints "$(space $holder)
$small
$(space self)"
	try ipcls --namespaces --raw -no PID --sort PID:desc
	fine
	is "$output" "$(sort -rn <<<"$output")"
	# without a count nobody is entered
	try "$SUPPORT/refuse" EPERM setns -- ipcls --namespaces --raw -no PID
	fine
}

@test "an ordinary user sees its own, and is told what it cannot see" {
	need_root
	hold_apart shm=0,4096,0600
	others=$(space $holder)
	try as_nobody ipcls --namespaces --raw -no NAMESPACE,OWN,PROCS,SHM
	ends 0
	prints "$(space self) yes 1 0"
	complains "namespaces unknown: permission denied"
	lacks "$others"
}

@test "a namespace that may be seen but not entered has unknown counts" {
	need_root
	hold_apart shm=0,4096,0600
	try "$SUPPORT/refuse" EPERM setns -- ipcls --namespaces --raw -no NAMESPACE,PROCS,SHM,SHM-BYTES
	ends 0
	complains "ipcls: 1 of 2 namespaces: SHM, SHM-BYTES unknown: permission denied"
	is "$(cell $holder 2) $(cell $holder 3) $(cell $holder 4)" "1 ? ?"
	is "$(cell self 3)" 0
	try "$SUPPORT/refuse" EPERM setns -- ipcls --namespaces -J -o SHM
	ends 0
	is "$(json "[r['shm'] for r in d['namespaces']]")" '[{"objects": 0, "bytes": 0}, null]'
	is "$(json "[r.get('unknown') for r in d['namespaces']]")" '[null, {"shm": "permission denied"}]'
}

@test "processes that hidepid hides are said to be hidden" {
	need_root
	hold_apart
	try mounted "mount -t proc -o hidepid=2 proc /proc" setpriv --reuid=65534 --regid=65534 --clear-groups \
		ipcls --namespaces --raw -no OWN
	ends 0
	prints yes
	complains "/proc hides the processes of others"
}

@test "what does not go with it is refused" {
	for words in "shm:0" "-m" "--owner 0" "-o NOSUCH" "--sort NOSUCH"; do
		try ipcls --namespaces $words
		ends 2
		[ -z "$output" ]
	done
	try ipcls --namespaces -o PID,SIZE
	ends 2
	complains "SIZE: no such column"
}
