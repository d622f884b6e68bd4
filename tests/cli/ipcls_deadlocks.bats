#!/usr/bin/env bats
# ipcls --deadlocks against the program that made the deadlock: its members, what each waits for,
# how sure it is, and the exit status; and that nobody else's waiting is called one.

load private

# Make a scene: $members has "PID TID OBJECT" in the order of the cycle, $behind the same of those
# that wait for a member.
lock_up() {
	TMPDIR=$BATS_TEST_TMPDIR hold_with lockup "$@"
	members=$(grep -E '^[0-9]' <<<"$made" || true)
	behind=$(sed -n 's/^behind //p' <<<"$made")
}

# What -J says, as the truth has it; members of each deadlock in the order of their pids.
told() {
	json '"\n".join("%d %d %s" % (m["pid"], m["tid"], m["object"]) for l in d["deadlocks"]
		for m in sorted(l["members"], key=lambda m: (m["pid"], m["tid"])))'
}

by_thread() {
	sort -n -k1,1 -k2,2
}

# One deadlock, this certain, of exactly the members, each waiting for what lockup says, by this
# evidence (of all the members, sorted, with a blank between).
finds() {
	try ipcls --deadlocks -J
	ends 3
	[ -z "$stderr" ]
	is "$(json 'len(d["deadlocks"])')" 1
	is "$(json 'd["deadlocks"][0]["certainty"]')" "$1"
	is "$(told)" "$(by_thread <<<"$members")"
	is "$(json '" ".join(sorted(m["evidence"] for m in d["deadlocks"][0]["members"]))')" "$2"
	is "$(json 'd["deadlocks"][0]["behind"]')" "${3:-0}"
	# each member leads to the next one, and the last to the first
	is "$(json 'all(m["next"] == (i + 1) % len(l["members"])
		for l in d["deadlocks"] for i, m in enumerate(l["members"]))')" true
}

finds_nothing() {
	try ipcls --deadlocks -J
	fine
	is "$(json d)" '{"deadlocks": []}'
	try ipcls --deadlocks
	fine
	[[ $output == "No deadlock found among the threads of "* ]]
}

@test "nobody is stuck" {
	finds_nothing
}

@test "two mutexes in a segment" {
	lock_up mutex-shm
	finds confirmed "libc libc"
}

@test "two mutexes in POSIX shared memory" {
	lock_up mutex-posix-shm
	finds confirmed "libc libc"
}

@test "two robust mutexes: the kernel knows their owners" {
	lock_up mutex-robust
	finds confirmed "kernel kernel"
}

@test "two mutexes of the threads of one process" {
	lock_up mutex-private
	finds confirmed "libc libc"
}

@test "three processes in a circle" {
	lock_up three
	finds confirmed "libc libc libc"
}

@test "two read-write locks" {
	lock_up rwlock
	finds confirmed "libc libc"
}

@test "two file locks, of flock and of open file descriptions" {
	lock_up flock
	finds confirmed "kernel kernel"
	kill -9 "$holder"
	wait_until gone "${members%% *}"
	lock_up ofd
	finds confirmed "kernel kernel"
}

@test "a mutex and a file lock" {
	lock_up mixed
	finds confirmed "kernel libc"
}

@test "a thread that locks a normal mutex twice" {
	lock_up twice
	finds confirmed libc
	try ipcls --deadlocks
	ends 3
	has "Deadlock, confirmed: a thread waits for itself." "kill ${members%% *};"
}

@test "a parent waits for its child, and that for the parent's mutex" {
	lock_up child
	child=$(awk '/shm:/ { print $1 }' <<<"$members")
	try ipcls --deadlocks -J
	ends 3
	is "$(json 'd["deadlocks"][0]["certainty"]')" confirmed
	is "$(json 'sorted((m["pid"], m["call"]) for m in d["deadlocks"][0]["members"])')" \
		"$(awk '{ print "[" $1 ", \"" ($1 == child ? "pthread_mutex_lock" : "wait4") "\"]" }' \
			child="$child" <<<"$members" | sort -n -t[ -k2 | paste -sd, | sed 's/,\[/, [/; s/.*/[&]/')"
	try ipcls --deadlocks
	has "To break it, end lockup[$child]"
}

@test "a cycle with a time limit resolves itself" {
	lock_up timed
	finds_nothing
}

@test "who waits behind a deadlock is counted" {
	lock_up behind
	finds confirmed "libc libc" 2
	[ "$(wc -l <<<"$behind")" -eq 2 ]
	try ipcls --deadlocks
	has "2 more threads wait behind them." "frees nobody: what it holds stays taken." \
		"To break it, end all of them, and have the application make anew what they hold."
}

@test "pipes and semaphores: suspected, as long as nobody else could end it" {
	lock_up pipes
	finds suspected "last-op last-op"
	try ipcls --deadlocks
	lacks "end all of them"
	kill -9 "$holder"
	wait_until gone "${members%% *}"
	lock_up sems
	finds suspected "last-op last-op"
	kill -9 "$holder"
	wait_until gone "${members%% *}"
	lock_up pipes-leak
	finds_nothing
}

@test "a daemon that keeps its own FIFO open, and waits for whoever opens it, is none" {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	bash -c 'exec 4<>"$1"; read -r word <&4' reader "$BATS_TEST_TMPDIR/fifo" 3>&- &
	reader=$!
	wait_until grep -q pipe_read "/proc/$reader/wchan"
	finds_nothing
	echo >"$BATS_TEST_TMPDIR/fifo"
	wait "$reader"
}

@test "two deadlocks at once, the confirmed one first" {
	lock_up pipes
	first=$members
	lock_up flock
	try ipcls --deadlocks -J
	ends 3
	is "$(json '[l["certainty"] for l in d["deadlocks"]]')" '["confirmed", "suspected"]'
	is "$(told)" "$(by_thread <<<"$members"; by_thread <<<"$first")"
}

@test "a deadlock that is resolved is none any more" {
	lock_up flock
	finds confirmed "kernel kernel"
	kill -9 "${members%% *}"
	wait_until gone "${members%% *}"
	finds_nothing
}

# ---- No false alarm ----

# Take a lock and give it up, over and over.
spin_in_flock() {
	[ "$(uname -m)" = x86_64 ] || skip "the number of flock() is that of x86_64"
	python3 -c 'import fcntl, sys
file = open(sys.argv[1], "w")
while True:
	fcntl.flock(file, fcntl.LOCK_EX)
	fcntl.flock(file, fcntl.LOCK_UN)' "$BATS_TEST_TMPDIR/file" 3>&- &
	spinner=$!
	wait_until grep -q " $spinner " /proc/locks
}

# Halt that right when it has got the lock: the kernel goes on showing the call.
halt_with_lock() { # commands to let it go and to halt it
	for _ in {1..5000}; do
		eval "$1"
		eval "$2"
		if grep -q "^73 0x[0-9a-f]* 0x2 " "/proc/$spinner/syscall" &&
			grep -q "FLOCK  ADVISORY  WRITE $spinner " /proc/locks; then
			return 0
		fi
	done
	return 1
}

@test "who was stopped with the lock that he asked for does not wait for himself" {
	spin_in_flock
	halt_with_lock 'kill -CONT $spinner' \
		'kill -STOP $spinner; wait_until grep -q "^State:.T" /proc/$spinner/status'
	finds_nothing
	kill -9 "$spinner"
}

@test "nor does who was frozen with it, though he seems to sleep" {
	group=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)/ipckit-test-$$
	mkdir "$group" 2>/dev/null && [ -w "$group/cgroup.freeze" ] || skip "no control group may be made"
	spin_in_flock
	status=
	if echo "$spinner" >"$group/cgroup.procs" && halt_with_lock 'echo 0 >"$group/cgroup.freeze"' \
		'echo 1 >"$group/cgroup.freeze"; wait_until grep -q "^frozen 1" "$group/cgroup.events"'; then
		try ipcls --deadlocks -J
	fi
	kill -9 "$spinner"
	wait_until rmdir "$group"
	[ -n "$status" ] || skip "it could not be frozen"
	fine
	is "$(json d)" '{"deadlocks": []}'
}

@test "two that wait for each other are but suspected to while one is stopped" {
	lock_up flock
	kill -STOP "${members%% *}"
	wait_until grep -q '^State:.T' "/proc/${members%% *}/status"
	finds suspected "kernel kernel"
	kill -CONT "${members%% *}"
	wait_until grep -q '^State:.S' "/proc/${members%% *}/status"
	finds confirmed "kernel kernel"
}

@test "eight processes that contend for four mutexes are never called a deadlock" {
	lock_up contend
	for turn in {1..1000}; do
		out=$(ipcls --deadlocks --interval 20ms --raw -n -o WAITER,OBJECT,HELD-BY,EVIDENCE) || {
			echo "run $turn: status $?: $out"
			return 1
		}
		[ -z "$out" ]
	done
}

@test "nor are eight that never give up, but keep to one order" {
	lock_up order
	for turn in {1..300}; do
		out=$(ipcls --deadlocks --interval 20ms --raw -n -o WAITER,OBJECT,HELD-BY,EVIDENCE) || {
			echo "run $turn: status $?: $out"
			return 1
		}
		[ -z "$out" ]
	done
}

@test "a deadlock is found every time amid contention" {
	lock_up contend
	lock_up mutex-shm
	for turn in {1..30}; do
		try ipcls --deadlocks --interval 20ms -J
		ends 3
		is "$(told)" "$(by_thread <<<"$members")"
	done
}

@test "looking 200 times disturbs nobody" {
	lock_up sems
	before=$(cat /proc/${members%% *}/{syscall,schedstat} /proc/sysvipc/sem)
	for turn in {1..200}; do
		ipcls --deadlocks --interval 20ms >/dev/null || [ $? -eq 3 ]
	done
	is "$(cat /proc/${members%% *}/{syscall,schedstat} /proc/sysvipc/sem)" "$before"
}

# ---- Forms ----

@test "the sentences tell who has what the other wants, and what would break it" {
	lock_up mixed
	read -r mutex_pid _ mutex < <(grep shm: <<<"$members")
	read -r file_pid _ file < <(grep -v shm: <<<"$members")
	try ipcls --deadlocks
	ends 3
	[ -z "$stderr" ]
	is "${lines[0]}" "Deadlock, confirmed: 2 threads wait for one another."
	has "  lockup[$mutex_pid] waits for mutex $mutex, which lockup[$file_pid] holds (libc)." \
		"  lockup[$file_pid] waits for a lock on $file (exclusive lock), which lockup[$mutex_pid] holds (kernel)." \
		"To break it, end lockup[$mutex_pid] (kill PID)" \
		"The end of lockup[$file_pid] frees nobody: what it holds stays taken."
	# it is so: the end of the one changes nothing, the end of the other does
	kill -9 "$mutex_pid"
	wait_until gone "$mutex_pid"
	wait_until gone "$file_pid"
}

@test "a row for each wait" {
	lock_up flock
	try ipcls --deadlocks --raw -n -o DEADLOCK,CERTAINTY,PID,TID,CALL,OBJECT,EVIDENCE,BEHIND
	ends 3
	is "$(sort -n -k3,3 <<<"$output")" \
		"$(by_thread <<<"$members" | awk '{ print 1, "confirmed", $1, $2, "flock", $3, "kernel", 0 }')"
	try ipcls --deadlocks --export -o WAITER,HELD-BY
	ends 3
	read -r a b < <(awk '{ print $1 }' <<<"$members" | paste -sd' ')
	has "WAITER=\"lockup[$a]\" HELD_BY=\"lockup[$b]\"" "WAITER=\"lockup[$b]\" HELD_BY=\"lockup[$a]\""
	try ipcls --deadlocks --list-columns
	fine
	has DEADLOCK CERTAINTY
}

@test "names that would harm a terminal are made harmless" {
	cp "$SUPPORT/lockup" "$BATS_TEST_TMPDIR/$(printf 'e\033[31mvil')"
	SUPPORT=$BATS_TEST_TMPDIR TMPDIR=$BATS_TEST_TMPDIR hold_with "$(printf 'e\033[31mvil')" flock
	try ipcls --deadlocks
	ends 3
	has 'e\x1b[31mvil['
	lacks "$(printf '\033')"
	try ipcls --deadlocks --raw -o WAITER,HELD-BY
	lacks "$(printf '\033')"
	try ipcls --deadlocks -J
	is "$(json 'd["deadlocks"][0]["members"][0]["command"] == "e\x1b[31mvil"')" true
	lacks "$(printf '\033')"
}

@test "output that is lost is complained of" {
	lock_up flock
	run -2 bash -c 'ipcls --deadlocks >/dev/full'
	run -2 bash -c 'ipcls --deadlocks -J >/dev/full'
}

# ---- Who may look ----

@test "an ordinary user is told how many threads he could not inspect" {
	need_root
	lock_up mutex-shm
	try as_nobody ipcls --deadlocks
	ends 0
	complains "could not be inspected: permission denied" "root"
	threads=$(cat /proc/[0-9]*/status | awk '/^Threads/ { n += $2 } END { print n }')
	n=$(sed 's/^ipcls: \([0-9]*\) thread.*/\1/' <<<"$stderr")
	# ipcls itself is not denied, the shells of this line are gone by now
	[ "$n" -ge 3 ] && [ "$n" -le "$threads" ]
}

@test "an ordinary user finds his own deadlocks" {
	need_root
	mkdir -m 777 "$BATS_TEST_TMPDIR/any"
	chmod a+x "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.." 
	cat >"$BATS_TEST_TMPDIR/any/run" <<-END
		#!/bin/sh
		exec setpriv --reuid=65534 --regid=65534 --clear-groups "$SUPPORT/lockup" "\$@"
	END
	chmod a+x "$BATS_TEST_TMPDIR/any/run"
	SUPPORT=$BATS_TEST_TMPDIR/any TMPDIR=/dev/shm hold_with run mutex-shm
	members=$(grep -E '^[0-9]' <<<"$made")
	try as_nobody ipcls --deadlocks -J
	ends 3
	is "$(told)" "$(by_thread <<<"$members")"
	is "$(json 'd["deadlocks"][0]["certainty"]')" confirmed
}

# ---- Usage ----

@test "a file lock that a process out of sight may share is never confirmed" {
	need_root
	cd /dev/shm
	touch a b took
	chmod 666 a b took
	# a is root's, and of who waits for b; who has b waits for a
	python3 - 3>&- <<-'END' &
		import fcntl, subprocess, time
		user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "python3", "-c"]
		take = "import fcntl; f = open('%s', 'r+'); fcntl.flock(f, 2); "
		a = open("a", "r+")
		fcntl.flock(a, 2)
		subprocess.Popen(user + [take % "b" + "open('took', 'w').write('b'); " + "g = open('a', 'r+'); fcntl.flock(g, 2)"])
		while not open("took").read():
		    time.sleep(0.01)
		subprocess.Popen(user + [take % "b"], pass_fds=[a.fileno()])
		time.sleep(1000)
	END
	holders="$holders $!"
	both() { [ "$(grep -c -- '-> FLOCK' /proc/locks)" = 2 ]; }
	wait_until both
	holders="$holders $(pgrep -u 65534)"
	try ipcls --deadlocks
	ends 0
	try as_nobody ipcls --deadlocks
	ends 3
	lacks confirmed
	has suspected
}

@test "what makes no sense with it is refused" {
	for words in "shm:1" "-" "-m" "-a" "--owner root" "-N all" "--sort PID" "-J -o PID" \
		"-o NONE" "--elements" "--interval 19ms" "--interval 0" "--interval 2h" \
		"--interval ms" "--interval -1s" "--interval 99999999999999999999s"; do
		try ipcls --deadlocks $words </dev/null
		ends 2
		[ -n "$stderr" ] && [ -z "$output" ]
	done
	try ipcls --interval 100ms
	ends 2
	complains "--interval: only with --deadlocks"
	for interval in 20ms 1s 1; do
		try ipcls --deadlocks --interval $interval
		fine
	done
}

@test "the time between the looks is as long as was said" {
	lock_up flock
	for interval in 20 700; do
		start=$(date +%s%N)
		ipcls --deadlocks --interval ${interval}ms >/dev/null || [ $? -eq 3 ]
		[ $((($(date +%s%N) - start) / 1000000)) -ge "$interval" ]
	done
}

@test "members that ran between the looks are not confirmed, though all looks the same" {
	[ "$(uname -m)" = x86_64 ] || skip "the number of futex() is that of x86_64"
	lock_up mutex-shm
	finds confirmed "libc libc"
	# woken without need, each looks at its mutex and sleeps on in the very same call
	python3 -c '
import ctypes, re, sys, time
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
words = re.findall(r"shm:([0-9]+)\+0x([0-9a-f]+)", sys.argv[1])
at = libc.shmat(int(words[0][0]), None, 0)
while True:
    for _, offset in words:
        libc.syscall(202, ctypes.c_void_p(at + int(offset, 16)), 1, 100, None, None, 0)
    print("ready", flush=True)
    time.sleep(0.001)' "$members" >"$BATS_TEST_TMPDIR/woken" 3>&- &
	waker=$!
	holders="$holders $waker"
	disown "$waker"
	wait_until grep -q ready "$BATS_TEST_TMPDIR/woken"
	for each in 1 2 3 4 5; do
		try ipcls --deadlocks -J
		fine
		is "$(json d)" '{"deadlocks": []}'
	done
	kill "$waker"
	wait_until gone "$waker"
	finds confirmed "libc libc"
}
