#!/usr/bin/env bats
# The page of a process, ipcls pid:N, and who waits on the objects of pages: against ps, /proc, and the
# programs that were parked there.

load private

# What stands behind a field's name in $output.
field() {
	sed -nE "s/^  $1 +(.*)/\1/p" <<<"$output"
}

# park STATE...: what it says of the first thread of a state is told by of().
park() {
	TMPDIR=$BATS_TEST_TMPDIR hold_with park "$@"
}

# of STATE KEY: "of semop pid".
of() {
	sed -nE "s/^$1 (.* )?$2=([^ ]*).*/\2/p" <<<"$made" | head -n 1
}

# ps of one process, blanks trimmed.
ps_of() {
	ps -o "$2=" -p "$1" | sed 's/^ *//; s/ *$//'
}

@test "what a process is agrees with ps and /proc" {
	setsid "$SUPPORT/make_objects" name=worker shm=0,4096,0600 attach=1 hold >"$BATS_TEST_TMPDIR/out" 3>&- &
	holders="$holders $!"
	wait_until grep -q ready "$BATS_TEST_TMPDIR/out"
	pid=$(pgrep -x worker)
	try ipcls -J "pid:$pid"
	fine
	for key in ppid pgid sid state:s user uid command:comm threads:nlwp; do
		is "$key $(json "d['processes'][0]['${key%:*}']")" "$key $(ps_of "$pid" "${key#*:}")"
	done
	is "$(json 'd["processes"][0]["args"]')" "$(tr '\0' ' ' <"/proc/$pid/cmdline" | sed 's/ $//')"
	is "$(json 'd["processes"][0]["start_time"]')" "$(awk '{ print $22 }' "/proc/$pid/stat")"
	is "$(json 'd["processes"][0]["exact"]')" "pid:$pid%$(awk '{ print $22 }' "/proc/$pid/stat")"
	started=$(json 'd["processes"][0]["started"]')
	listed=$(date -d "$(ps_of "$pid" lstart)" +%s)
	[ $((started - listed)) -le 1 ] && [ $((listed - started)) -le 1 ]
	is "$(json 'd["processes"][0]["stdout"]')" "$BATS_TEST_TMPDIR/out"
	is "$(json 'd["processes"][0]["stdin"]')" "$(readlink "/proc/$pid/fd/0")"
	is "$(json 'd["processes"][0]["descriptors"]')" "$(ls "/proc/$pid/fd" | wc -l)"
	try ipcls "pid:$pid"
	fine
	is "${lines[0]}" "pid:$pid  process"
	is "$(field COMMAND)" worker
	is "$(field STATE)" sleeping
	is "$(field PARENT)" "$(ps_of "$(ps_of "$pid" ppid)" comm)[$(ps_of "$pid" ppid)]"
	is "$(field SESSION) $(field GROUP)" "$pid $pid"
	is "$(field TTY)" "-"
	is "$(field NAMESPACES)" ours
}

@test "a terminal has the name that ps gives it" {
	command -v script >/dev/null || skip "script(1) is not installed"
	script -qec 'exec sleep 4711' /dev/null </dev/null >/dev/null 3>&- &
	holders="$holders $!"
	wait_until pgrep -fx 'sleep 4711'
	pid=$(pgrep -fx 'sleep 4711')
	try ipcls "pid:$pid"
	fine
	[[ $(field TTY) == pts/* ]]
	is "$(field TTY)" "$(ps_of "$pid" tty)"
	is "$(field STDIN)" "/dev/$(ps_of "$pid" tty)"
}

@test "signals are the bits of /proc/PID/status, by name" {
	cat >"$BATS_TEST_TMPDIR/signals.py" <<-'END'
		import os, signal, sys
		signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGRTMIN + 3, signal.SIGIO])
		signal.signal(signal.SIGHUP, signal.SIG_IGN)
		signal.signal(signal.SIGTERM, lambda *_: None)
		signal.signal(signal.SIGRTMAX, lambda *_: None)
		os.kill(os.getpid(), signal.SIGUSR1)
		os.kill(os.getpid(), signal.SIGRTMIN + 3)
		signal.pthread_kill(__import__("threading").get_ident(), signal.SIGIO)
		print("ready", flush=True)
		while True:
		    signal.pause()
	END
	python3 "$BATS_TEST_TMPDIR/signals.py" >"$BATS_TEST_TMPDIR/out" 3>&- &
	holders="$holders $!"
	wait_until grep -q ready "$BATS_TEST_TMPDIR/out"
	try ipcls -J "pid:$!"
	fine
	want=$(python3 - "$!" <<-'END'
		import re, sys
		status = open(f"/proc/{sys.argv[1]}/status").read()
		names = "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS 32 33 RTMIN".split()
		names += [f"RTMIN+{n}" for n in range(1, 31)]
		mask = lambda key: int(re.search(rf"^{key}:\t(\w+)$", status, re.M)[1], 16)
		for bits in mask("SigPnd") | mask("ShdPnd"), mask("SigBlk"), mask("SigIgn"), mask("SigCgt"):
		    print(",".join(name for n, name in enumerate(names) if bits >> n & 1))
	END
	)
	is "$(json '"\n".join(",".join(d["processes"][0][key]) for key in ("pending", "blocked", "ignored", "caught"))')" "$want"
	[[ $want == *"USR1,POLL,RTMIN+3"* && $want == *HUP* && $want == *RTMIN+30* ]]
	try ipcls "pid:$!"
	is "$(field PENDING)" "USR1,POLL,RTMIN+3"
}

@test "many signals are told by those that are missing" {
	python3 -c '
import signal
signal.pthread_sigmask(signal.SIG_SETMASK, set(range(1, 65)) - {15, 40})
print("ready", flush=True)
while True: signal.pause()' >"$BATS_TEST_TMPDIR/out" 3>&- &
	holders="$holders $!"
	wait_until grep -q ready "$BATS_TEST_TMPDIR/out"
	try ipcls "pid:$!"
	fine
	# the kernel blocks neither KILL nor STOP, the C library not its own
	is "$(field BLOCKED)" "all but KILL,TERM,STOP,32,33,RTMIN+6"
}

@test "what it waits for stands in a table, and in words with whom it waits for" {
	park mutex-shm pipe-read hold
	pid=$(of mutex-shm pid) owner=$(of mutex-shm on)
	try ipcls "pid:$pid"
	fine
	[[ $output =~ park\[$pid\]\ +S\ +[0-9]+s\ +pthread_mutex_lock\ +$(of mutex-shm object | sed 's/+/\\+/')\ +park\[${owner%/*}\]\ +libc ]]
	has "It waits for mutex $(of mutex-shm object), held by park[${owner%/*}] (libc), for "
	pid=$(of pipe-read pid) owner=$(of pipe-read on)
	try ipcls "pid:$pid"
	fine
	has "It waits for data from $(of pipe-read ref), the other end is at park[${owner%/*}] (last-op), for "
}

@test "threads that idle alike share a row, the one that hangs is spoken of" {
	park join hold
	pid=$(of join pid) tid=$(of join tid) other=$(of join on)
	is "$(ls "/proc/$pid/task" | wc -l)" 3
	try ipcls "pid:$pid"
	fine
	is "$(field THREADS)" 3
	has "park[$pid] x2" "park[$pid/$tid]" "Thread $tid waits for the end of thread ${other#*/}"
	try ipcls -J "pid:$pid"
	fine
	is "$(json '" ".join(str(t) for t in sorted(row["tid"] for row in d["blocked"]))')" \
		"$(ls "/proc/$pid/task" | sort -n | paste -sd' ')"
}

@test "what it uses is what it made, with the part it has in it" {
	hold name=maker shm=0,8192,0600 attach=1 msg=0,0600 send=1 sem=0,1,0600 set=0,1
	maker=$holder
	shm=shm:$(made_id shm) msg=msg:$(made_id msg) sem=sem:$(made_id sem)
	hold name=other use=shm,"${shm#shm:}" attach=1
	try ipcls "pid:$maker"
	fine
	[[ $output =~ $shm\ +rw\ +-\ +8K\ +creator\ +other\[$holder\] ]]
	[[ $output =~ $msg\ +-\ +-\ +-\ +sender\ +- ]]
	[[ $output =~ $sem\ +-\ +-\ +-\ +last-operator\ +- ]]
	try ipcls -J "pid:$maker"
	fine
	is "$(json '[o for o in d["processes"][0]["objects"] if o["ref"] == "'"$shm"'"]')" \
		"[{\"ref\": \"$shm\", \"access\": \"rw\", \"mapped\": 8192, \"role\": [\"creator\"]}]"
}

@test "a process in another IPC namespace is shown with what it uses there" {
	need_root
	unshare --ipc "$SUPPORT/make_objects" name=away shm=0,4096,0600 attach=1 hold >"$BATS_TEST_TMPDIR/out" 3>&- &
	holders="$holders $!"
	wait_until grep -q ready "$BATS_TEST_TMPDIR/out"
	pid=$(pgrep -x away)
	ns=$(stat -Lc %i "/proc/$pid/ns/ipc")
	try ipcls "pid:$pid"
	fine
	is "$(field NAMESPACES)" "ipc:$ns"
	has "shm:0@$ns"
}

@test "no name and no argument can steer the terminal" {
	for name in $'a\e[2Jb\nc' $'x\u202ey\u2066z' $'\xc2\x9b31m\xff\xfed' $'\x7f\x01\x08l\u2028m'; do
		bash -c 'exec -a "$1" "$2" name="$1" hold' sh "$name" "$SUPPORT/make_objects" >"$BATS_TEST_TMPDIR/out" 3>&- &
		pid=$!
		holders="$holders $pid"
		wait_until grep -q ready "$BATS_TEST_TMPDIR/out"
		try ipcls --color=never "pid:$pid"
		fine
		has '\x'
		python3 -c '
import sys, unicodedata
text = sys.stdin.buffer.read().decode("utf-8")
bad = [c for c in text if c != "\n" and (ord(c) < 0x20 or 0x7f <= ord(c) < 0xa0 or unicodedata.category(c) in ("Cf", "Zl", "Zp"))]
sys.exit(f"{bad!r} in {text!r}" if bad else 0)' <<<"$output"
		# and makes no field of its own
		is "$(grep -c '^  ARGS ' <<<"$output") $(grep -c '^  USER ' <<<"$output")" "1 1"
		try ipcls -J "pid:$pid"
		fine
		is "$(json 'd["processes"][0]["pid"]')" "$pid"
		lacks $'\e'
		kill -9 "$pid"
		: >"$BATS_TEST_TMPDIR/out"
	done
}

@test "arguments that are too long end with dots" {
	sh -c 'while :; do sleep 1000; done' "$(printf 'x%.0s' $(seq 9000))" 3>&- &
	holders="$holders $!"
	wait_until grep -q xxx "/proc/$!/cmdline"
	try ipcls "pid:$!"
	fine
	[[ $(field ARGS) == *xxx... ]]
	[ "$(field ARGS | wc -c)" -le 4096 ]
}

@test "a process whose first thread has ended lives on in the others" {
	python3 - >"$BATS_TEST_TMPDIR/own" 3>&- <<-'END' &
		import ctypes, os, threading
		r, w = os.pipe()
		def other():
		    first = "/proc/self/task/%d/stat" % os.getpid()
		    while open(first).read().rsplit(")", 1)[1].split()[0] != "Z":
		        pass
		    print("ready", threading.get_native_id(), len(os.listdir("/proc/thread-self/fd")) - 1, flush=True)
		    os.read(r, 1)
		threading.Thread(target=other).start()
		ctypes.CDLL(None).syscall(93 if os.uname().machine == "aarch64" else 60, 0)
	END
	pid=$!
	holders="$holders $pid"
	wait_until grep -q '^ready' "$BATS_TEST_TMPDIR/own"
	read -r _ tid count <"$BATS_TEST_TMPDIR/own"
	try ipcls "pid:$pid"
	ends 0
	[[ $(field STATE) == "its first thread has ended, others live"* ]]
	is "$(field DESCRIPTORS)" "$count"
	is "$(field STDOUT)" "$BATS_TEST_TMPDIR/own"
	is "$(field ARGS)" "python3 -"
	has "python3[$pid/$tid]"
	try ipcls -J "pid:$pid"
	is "$(json '[w["tid"] for w in d["blocked"]]')" "[$tid]"
}

@test "a zombie is told as one, and uses nothing" {
	hold name=parent shm=0,1,0600 fork name=zombie attach=1
	child=$(awk '$1 == "child" { print $2 }' <<<"$made")
	kill -STOP "$holder" # it would wait for the child
	wait_until grep -q '^State:.T' "/proc/$holder/status"
	kill -9 "$child"
	wait_until grep -q '^State:.Z' "/proc/$child/status"
	try ipcls "pid:$child"
	ends 0
	[[ $(field STATE) == zombie* ]]
	is "$(field PARENT)" "parent[$holder]"
	is "$(field ARGS)" "-"
	try ipcls "pid:$holder"
	ends 0 # an ordinary user may be told that the zombie was not looked into
	is "$(field STATE)" stopped
	kill -CONT "$holder"
}

@test "of another user's process is shown what may be, the rest is unknown" {
	need_root
	hold name=secret shm=0,4096,0600 attach=1
	try as_nobody ipcls "pid:$holder"
	ends 0
	complains "pid:$holder: not all of it could be seen: permission denied; run as root"
	is "$(field COMMAND) $(field USER)" "secret root (uid 0)"
	is "$(field DESCRIPTORS)" "? (permission denied)"
	is "$(field NAMESPACES)" "? (permission denied)"
	has "What it waits for could not be seen" "What it holds could not be seen"
	lacks "uses no objects"
	try as_nobody ipcls -J "pid:$holder"
	ends 0
	is "$(json '[d["processes"][0][k] for k in ("descriptors", "stdin", "namespaces")]')" '[null, null, null]'
	is "$(json 'd["processes"][0]["unknown"]["descriptors"]')" "permission denied"
}

@test "an exact reference is refused once another process has the number" {
	need_root
	pid=$(($(cat /proc/sys/kernel/pid_max) / 2 + BATS_TEST_NUMBER))
	"$SUPPORT/with_pid" $pid sleep 1000 3>&- &
	first=$!
	wait_until grep -q '^sleep$' "/proc/$pid/comm"
	exact=$(ipcls -J "pid:$pid" | python3 -c 'import json, sys; print(json.load(sys.stdin)["processes"][0]["exact"])')
	is "$exact" "pid:$pid%$(awk '{ print $22 }' /proc/$pid/stat)"
	try ipcls "$exact"
	fine
	start=$(awk '{ print $22 }' /proc/$pid/stat)
	kill -9 "$pid"
	wait "$first" || true
	wait_until past_tick "$start"
	"$SUPPORT/with_pid" $pid sleep 1000 3>&- &
	holders="$holders $!"
	wait_until grep -q '^sleep$' "/proc/$pid/comm"
	try ipcls "$exact"
	ends 1
	complains "$exact: changed since it was listed"
	prints ""
	try ipcls "pid:$pid"
	fine
}

# Would a process that starts now have another start time?
past_tick() {
	sleep 0 &
	[ "$(awk '{ print $22 }' /proc/self/stat)" -gt "$1" ]
}

@test "a process that is not there is missing, a thread is told from a process" {
	pid=$(($(cat /proc/sys/kernel/pid_max) / 2))
	try ipcls "pid:$pid"
	ends 1
	complains "pid:$pid: no such process"
	park join hold
	try ipcls "pid:$(of join tid)"
	ends 1
	complains "pid:$(of join tid): no process, but a thread of pid:$(of join pid)"
}

@test "pages of objects and processes stand together, missing ones are named" {
	hold name=maker shm=0,4096,0600 attach=1
	try ipcls "pid:$holder" "shm:$(made_id shm)" pid:2147483647
	ends 1
	complains "pid:2147483647: no such process"
	is "$(grep -oE '^(pid|shm):[0-9]+  [a-z ]+$' <<<"$output")" "shm:$(made_id shm)  shared memory segment
pid:$holder  process"
	try ipcls -J "pid:$holder" "shm:$(made_id shm)"
	fine
	is "$(json 'sorted(d)')" '["blocked", "processes", "shm"]'
	try ipcls - <<<"pid:$holder"
	fine
	is "${lines[0]}" "pid:$holder  process"
}

@test "what is of objects refuses a process, and does nothing" {
	hold name=maker shm=0,1,0600
	for options in --holders --raw --export "-o REF" "--sort REF" -t -p -l --blocked "--until gone" \
		"--owner root" -m -a; do
		try ipcls $options "shm:$(made_id shm)" "pid:$holder"
		ends 2
		prints ""
		[ "${#stderr_lines[@]}" -eq 1 ]
	done
	for options in -y "-y --signal TERM" "--signal TERM --keep" --dry-run; do
		try ipckill $options "shm:$(made_id shm)" "pid:$holder"
		ends 2
		complains "pid:$holder: names a process, not an object"
	done
	kill -0 "$holder"
	is "$(ids shm)" "$(made_id shm)"
}

# ---- Who waits on an object ----

@test "the page of an object lists who waits on it, and only those" {
	park semop semop-undo msgrcv msgsnd mutex-shm pipe-read sem-named mq-receive hold
	for state in semop semop-undo msgrcv msgsnd mutex-shm pipe-read sem-named mq-receive; do
		try ipcls "$(of $state ref)"
		ends 0
		is "$state $(sed -n '/^WAITER/,$p' <<<"$output" | grep -oE '^park\[[0-9/]+\]' | sort -u | paste -sd' ')" \
			"$state park[$(of $state pid)]"
		[[ $(sed -n '/^WAITER/,$p' <<<"$output") == *"$(of $state call)"* ]]
	done
}

@test "several pages of one line each have their own waiters" {
	park semop semop-undo msgrcv hold
	try ipcls "$(of semop ref)" "$(of msgrcv ref)" "$(of semop-undo ref)"
	ends 0
	is "$(grep -oE '^park\[[0-9]+\]' <<<"$output" | paste -sd' ')" \
		"park[$(of semop pid)] park[$(of msgrcv pid)] park[$(of semop-undo pid)]"
	try ipcls -J "$(of semop ref)" "$(of msgrcv ref)"
	ends 0
	is "$(json '[[w["pid"] for w in d[kind][0]["waiting"]] for kind in ("sem", "msg")]')" \
		"[[$(of semop pid)], [$(of msgrcv pid)]]"
	is "$(json 'd["sem"][0]["waiting"][0]["wants"]["num"]')" "$(of semop num)"
	# a list of the same does not look at any thread
	try ipcls -sJ
	lacks '"waiting"'
}

@test "that nobody waits is said of what the kernel counts" {
	make_objects sem=0,2,0600 msg=0,0600
	try ipcls "sem:$(made_id sem)"
	fine
	has "Nobody waits on it."
	try ipcls "msg:$(made_id msg)"
	fine
	lacks "waits"
	try ipcls -J "sem:$(made_id sem)"
	is "$(json 'd["sem"][0]["waiting"]')" "[]"
}

@test "waiters that may not be looked at are counted" {
	need_root
	hold sem=0,2,0666 wait=0,-1 wait=0,-1 msg=0,0666
	try as_nobody ipcls "sem:$(made_id sem)"
	ends 0
	has "2 threads wait on it that could not be seen."
	try as_nobody ipcls "msg:$(made_id msg)"
	ends 0
	[[ $output =~ [0-9]+\ threads\ could\ not\ be\ inspected,\ and\ may\ wait\ on\ it\. ]]
}

@test "locks of files, those of open files also where they were inherited" {
	local file=$BATS_TEST_TMPDIR/file
	: >"$file"
	python3 -c '
import fcntl, os, sys, time
f = open(sys.argv[1], "r+")
g = open(sys.argv[1], "r+")
fcntl.flock(f, fcntl.LOCK_SH)
fcntl.lockf(g, fcntl.LOCK_EX, 100, 50)
child = os.fork()
if child:
    print(f.fileno(), g.fileno(), child, "ready", flush=True)
time.sleep(1000)' "$file" >"$BATS_TEST_TMPDIR/out" 3>&- &
	holders="$holders $!"
	disown "$!"
	wait_until grep -q ready "$BATS_TEST_TMPDIR/out"
	read -r flocked locked child _ <"$BATS_TEST_TMPDIR/out"
	holders="$holders $child"
	wait_until test "$(lslocks -nr -o PID,TYPE,MODE,START,END -p "$!" | wc -l)" = 2
	is "$(lslocks -nr -o TYPE,MODE,START,END -p "$!" | sort)" "FLOCK READ 0 0
POSIX WRITE 50 149"
	try ipcls "pid:$!"
	fine
	is "$(sed -n '/^LOCK /,$p' <<<"$output" | tr -s ' ')" "LOCK MODE BYTES FD FILE
flock shared all $flocked $file
posix exclusive 50-149 $locked $file"
	# the child has the open files, not the locks of its parent
	try ipcls -J "pid:$child"
	fine
	is "$(json 'd["processes"][0]["locks"]')" \
		'[{"type": "flock", "mode": "shared", "start": 0, "end": null, "fd": '"$flocked"', "path": "'"$file"'"}]'
	try ipcls -J pid:1
	is "$(json 'd["processes"][0]["locks"]')" "[]"
}
