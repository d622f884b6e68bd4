#!/usr/bin/env bats
# ipckill on processes: who gets the signal, who is spared, and that nobody is missed and nobody
# else is hit.

load private

# Those that a leader left in its session end, too.
teardown() {
	local leader
	for leader in $holders; do
		pkill -KILL -s "$leader" || true
		kill -KILL "$leader" 2>/dev/null || true
	done
}

# Start a command as the leader of a session of its own: its pid in $started.
start() {
	setsid "$@" >/dev/null 2>&1 3>&- </dev/null &
	started=$!
	disown "$started"
	holders="$holders $started"
	wait_until leads "$started"
}

session_of() {
	ps -o sid= -p "$1" | tr -d ' '
}

has_zombie() {
	ps -o stat= --ppid "$1" | grep -q '^Z'
}

leads() {
	[ "$(session_of "$1")" = "$1" ]
}

# The pids of those that live in a session, a group, on one line; zombies do not live.
session_pids() {
	ps -e -o sid=,pid=,stat= | awk -v n="$1" '$1 == n && $3 !~ /^Z/ { print $2 }' | sort -n | paste -sd' '
}

group_pids() {
	ps -e -o pgid=,pid=,stat= | awk -v n="$1" '$1 == n && $3 !~ /^Z/ { print $2 }' | sort -n | paste -sd' '
}

# The same of a process and all below it.
tree_pids() {
	ps -e -o pid=,ppid=,stat= | awk -v n="$1" '
		{ parent[$1] = $2; state[$1] = $3 }
		END {
			for (pid in parent) {
				for (p = pid; p > 1 && p != n;)
					p = parent[p]
				if (p == n && state[pid] !~ /^Z/)
					print pid
			}
		}' | sort -n | paste -sd' '
}

# How many processes run this command line?
running() {
	[ "$(pgrep -fc -- "$1")" = "$2" ]
}

state_of() {
	ps -o stat= -p "$1" | cut -c1
}

in_state() {
	[ "$(state_of "$1")" = "$2" ]
}

start_time() {
	sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f20
}

# The pids that the report says were signalled.
signalled() {
	sed -n "s/^signalled $1: .*\[\([0-9]*\)\] (uid [0-9]*).*/\1/p" <<<"$output" | sort -n | paste -sd' '
}

# A process that writes each signal that it can catch to a file, and ends by none of them.
start_diary() {
	diary=$BATS_TEST_TMPDIR/diary.$RANDOM
	start python3 -c '
import signal, sys
diary = open(sys.argv[1], "w")
def note(signo, frame):
    print(signal.Signals(signo).name, file=diary, flush=True)
for signo in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(signo, note)
print("ready", file=diary, flush=True)
while True:
    signal.pause()' "$diary"
	wait_until grep -q ready "$diary"
}

# A session of several groups: a pipeline without its leader, a job, a sub-shell.
start_session() {
	start bash -c 'sleep 1001 & (exec sleep 1002) & set -m; sleep 1003 & : | sleep 1004 & set +m
		(sleep 1005 & exec sleep 1006) & wait; wait'
	wait_until running '^sleep 100[1-6]$' 6
}

@test "one process is signalled, and seen to end, without a question" {
	start sleep 1000
	try without_terminal ipckill --signal TERM pid:"$started"
	fine
	prints "signalled TERM: sleep[$started] (uid 0)
ended: sleep[$started]"
	wait_until gone "$started"
}

@test "an exact reference is the process, and no later one of its number" {
	need_root
	start sleep 1000
	then=$(start_time "$started")
	kill -9 "$started"
	wait_until gone "$started"
	"$SUPPORT/with_pid" "$started" sleep 1001 3>&- >/dev/null 2>&1 &
	disown "$!"
	wait_until running '^sleep 1001$' 1
	[ "$(start_time "$started")" != "$then" ] || skip "the same clock tick"
	for kind in pid tree; do
		try ipckill --signal KILL -y "$kind:$started%$then"
		ends 1
		prints ""
		complains "$kind:$started%$then: refused: changed since it was listed"
		running '^sleep 1001$' 1
	done
	try ipckill --signal KILL "pid:$started%$(start_time "$started")"
	fine
	wait_until running '^sleep 1001$' 0
}

@test "a session goes with all its groups" {
	start_session
	members=$(session_pids "$started")
	is "$(wc -w <<<"$members")" 7
	try ipckill --signal TERM -y session:"$started"
	fine
	is "$(signalled TERM)" "$members"
	is "$(session_pids "$started")" ""
	running '^sleep 100[1-6]$' 0
}

@test "a group goes, and no other of the session" {
	start_session
	others=$(session_pids "$started")
	for job in 1003 1004; do
		group=$(ps -o pgid= -p "$(pgrep -fx "sleep $job")" | tr -d ' ')
		members=$(group_pids "$group")
		others=$(tr ' ' '\n' <<<"$others" | grep -vxF "$(tr ' ' '\n' <<<"$members")" | paste -sd' ')
		try ipckill --signal TERM -y pgrp:"$group"
		fine
		is "$(signalled TERM)" "$members"
		is "$(group_pids "$group")" ""
		is "$(session_pids "$started")" "$others"
	done
	try ipckill --signal KILL -y session:"$started"
	fine
}

@test "a tree goes with those below it in sessions of their own" {
	start bash -c 'setsid bash -c "setsid sleep 1010 & sleep 1011 & wait" & sleep 1012 & wait'
	wait_until running '^sleep 101[012]$' 3
	members=$(tree_pids "$started")
	is "$(wc -w <<<"$members")" 5
	try ipckill --signal TERM -y tree:"$started"
	fine
	is "$(signalled TERM)" "$members"
	is "$(tree_pids "$started")" ""
	running '^sleep 101[012]$' 0
}

@test "who is named by several references is signalled once" {
	start_diary
	try ipckill --signal USR1 -y pid:"$started" session:"$started" tree:"$started" pgrp:"$started" \
		"pid:$started%$(start_time "$started")"
	fine
	prints "signalled USR1: python3[$started] (uid 0)"
	wait_until grep -q USR1 "$diary"
	kill -USR2 "$started"
	wait_until grep -q USR2 "$diary"
	is "$(cat "$diary")" "ready
SIGUSR1
SIGUSR2"
}

@test "other signals than those that end are not waited for, unless --timeout says so" {
	start_diary
	for signo in USR1 WINCH RTMIN; do
		try ipckill --signal "$signo" pid:"$started"
		fine
		prints "signalled $signo: python3[$started] (uid 0)"
	done
	try ipckill --signal USR2 --timeout 1s pid:"$started"
	ends 1
	complains "python3[$started]: after 1s still running"
}

@test "who outlives the time is named, and gets what --then says" {
	start sh -c 'trap "" TERM; exec sleep 1000'
	wait_until running '^sleep 1000$' 1
	try ipckill --signal TERM --timeout 1s pid:"$started"
	ends 1
	prints "signalled TERM: sleep[$started] (uid 0)"
	complains "sleep[$started]: after 1s still running; --then KILL would end it"
	running '^sleep 1000$' 1
	try ipckill --signal TERM --timeout 1s --then KILL pid:"$started"
	fine
	prints "signalled TERM: sleep[$started] (uid 0)
signalled KILL: sleep[$started] (uid 0)
ended: sleep[$started]"
	running '^sleep 1000$' 0
}

@test "who ended in time does not get what --then says" {
	start bash -c 'sleep 1001 & trap "" TERM; sleep 1002 & wait; wait'
	wait_until running '^sleep 100[12]$' 2
	easy=$(pgrep -fx 'sleep 1001') hard=$(pgrep -fx 'sleep 1002')
	try ipckill --signal TERM --timeout 1s --then KILL -y session:"$started"
	fine
	is "$(signalled TERM)" "$(tr ' ' '\n' <<<"$started $easy $hard" | sort -n | paste -sd' ')"
	is "$(signalled KILL)" "$(tr ' ' '\n' <<<"$started $hard" | sort -n | paste -sd' ')"
	is "$(session_pids "$started")" ""
}

@test "a dry run shows the set, and sends nothing at all" {
	start_diary
	try ipckill --signal TERM --dry-run session:"$started"
	fine
	is "$(awk 'NR == 2 { print $1, $2, $3, $4, $5, $7 }' <<<"$output")" "pid:$started $$ $started $started root python3"
	is "${lines[0]}" "$(printf '%s' "${lines[0]}" | grep -E '^REF +PPID +PGID +SID +USER +S COMMAND$')"
	is "${lines[2]}" "would signal TERM: python3[$started] (uid 0)"
	is "${#lines[@]}" 3
	is "$(cat "$diary")" ready
	# and this is how it looks when something is sent
	try ipckill --signal TERM --timeout 0 -y session:"$started"
	ends 1
	wait_until grep -q TERM "$diary"
	is "$(sort -u "$diary" | paste -sd' ')" "SIGCONT SIGTERM ready"
}

@test "without a terminal a set is refused, and nothing sent; one process needs no terminal" {
	start_diary
	for set in session:"$started" pgrp:"$started" tree:"$started" "pid:$started pid:$$"; do
		try without_terminal ipckill --signal TERM $set
		ends 2
		complains "to be signalled: no terminal to ask on; give -y"
		try without_terminal ipckill --signal TERM -J $set
		ends 2
		prints ""
		complains "to be signalled: -J asks nothing; give -y or --dry-run"
	done
	try setsid --wait ipckill --signal TERM - <<<"pid:$started"
	ends 2
	complains "1 to be signalled: no terminal to ask on; give -y"
	is "$(cat "$diary")" ready
	try without_terminal ipckill --signal USR1 pid:"$started"
	fine
	wait_until grep -q USR1 "$diary"
}

@test "on a terminal a set is shown and asked about once; only yes sends" {
	start_session
	members=$(session_pids "$started")
	for answer in n "" no x ^D; do
		try "$SUPPORT/terminal" 80 "$answer" -- ipckill --signal TERM session:"$started"
		ends 1
		has "Send TERM to these 7 processes? [y/N] " "not confirmed: nothing signalled"
		for pid in $members; do has "pid:$pid "; done
		is "$(session_pids "$started")" "$members"
	done
	try "$SUPPORT/terminal" 80 y -- ipckill --signal TERM --then KILL session:"$started"
	ends 0
	has "Send TERM to these 7 processes, and KILL to who is left after 10s? [y/N] "
	is "$(session_pids "$started")" ""
}

@test "what does not go with processes is refused, and nothing is sent" {
	start_diary
	make_objects shm=0,1,0600
	refuses() {
		try ipckill -y "${@:2}"
		ends 2
		prints ""
		complains "$1"
		is "$(cat "$diary")" ready
	}
	refuses "pid:$started: is signalled, not removed: say --signal TERM" pid:"$started"
	refuses "session:$started: is signalled" --dry-run session:"$started"
	refuses "nothing to signal: name processes, like pid:4711" --signal TERM
	refuses "pid:$started: names a process, not an object" --signal TERM pid:"$started" shm:"$(made_id shm)"
	for options in -a -m "--type shm" "--owner root" --orphaned; do
		refuses "leave them out where processes are named" --signal TERM $options pid:"$started"
	done
	refuses "-N: is of objects" --signal TERM -N all pid:"$started"
	refuses "--keep: is of objects" --signal TERM --keep pid:"$started"
	refuses "--save: is of objects" --signal TERM --save "$BATS_TEST_TMPDIR/saved" pid:"$started"
	refuses "pgrp:1: is no group to signal" --signal TERM pid:"$started" pgrp:1
	refuses "pgrp:0: out of range" --signal TERM pid:"$started" pgrp:0
	refuses "--then: nobody is meant to end by that signal" --signal USR1 --then KILL pid:"$started"
	refuses "--then: NO: not a signal" --signal TERM --then NO pid:"$started"
	refuses "--then: only where processes are named" --signal TERM --then KILL shm:"$(made_id shm)"
	refuses "--then: only where processes are named" --signal TERM --then KILL -m --all
	is "$(ids shm)" "$(made_id shm)"
	try ipckill --signal TERM -i pid:"$started"
	ends 2
	complains "-i: asks for each object"
	is "$(cat "$diary")" ready
}

@test "init and the ancestors of the command are never signalled" {
	for force in "" --force; do
		try ipckill --signal HUP -y $force pid:1
		ends 1
		complains "[1]: not signalled: the first process of this pid namespace"
		try sh -c 'ipckill --signal KILL "$@"; echo "status $?"' sh -y $force pid:$$ pid:$PPID
		ends 0
		has "status 1"
		has_line "this command descends from it"
	done
	# below it all but itself and those above it
	start sh -c 'sleep 1020 & sleep 1021 & while [ ! -e "$0" ]; do sleep 0.02; done
		ipckill --signal KILL --force -y tree:$$ 2>"$0.err" >"$0.out"; echo "status $?" >"$0.end"' "$BATS_TEST_TMPDIR/go"
	wait_until running '^sleep 102[01]$' 2
	touch "$BATS_TEST_TMPDIR/go"
	wait_until test -s "$BATS_TEST_TMPDIR/go.end"
	is "$(cat "$BATS_TEST_TMPDIR/go.end")" "status 1"
	running '^sleep 102[01]$' 0
	grep -qx "ipckill: sh\[$started\]: not signalled: this command descends from it" "$BATS_TEST_TMPDIR/go.err"
	grep -q "ipckill\[[0-9]*\]: not signalled: this command itself" "$BATS_TEST_TMPDIR/go.err"
}

@test "the command's own session needs --force" {
	start sh -c 'sleep 1030 & sleep 1031 & while [ ! -e "$0" ]; do sleep 0.02; done
		ipckill --signal TERM $(cat "$0") -y session:$$ 2>"$0.err" >"$0.out"; echo "status $?" >"$0.end"
		while :; do sleep 0.02; done' "$BATS_TEST_TMPDIR/go"
	wait_until running '^sleep 103[01]$' 2
	echo >"$BATS_TEST_TMPDIR/go"
	wait_until test -s "$BATS_TEST_TMPDIR/go.end"
	is "$(cat "$BATS_TEST_TMPDIR/go.end")" "status 1"
	is "$(cat "$BATS_TEST_TMPDIR/go.out")" ""
	grep -q "in the session of this command; --force would signal it as well" "$BATS_TEST_TMPDIR/go.err"
	running '^sleep 103[01]$' 2
	# from outside of it there is nothing to force
	try ipckill --signal KILL -y session:"$started"
	fine
	running '^sleep 103[01]$' 0

	start sh -c 'sleep 1032 & sleep 1033 & ipckill --signal TERM --force -y session:$$ >"$0.forced" 2>&1
		while :; do sleep 0.02; done' "$BATS_TEST_TMPDIR/go"
	wait_until grep -q "ended: " "$BATS_TEST_TMPDIR/go.forced"
	running '^sleep 103[23]$' 0
	kill -0 "$started"
}

@test "what proctree lists is signalled, and is still the same" {
	start_session
	members=$(session_pids "$started")
	proctree --raw -no EXACT session:"$started" >"$BATS_TEST_TMPDIR/listed"
	# the members, and not who leads to them
	is "$(grep -o '[0-9]*%' "$BATS_TEST_TMPDIR/listed" | tr -d % | sort -n | paste -sd' ')" "$members"
	is "$(wc -l <"$BATS_TEST_TMPDIR/listed")" 7
	try ipckill --signal TERM -y - <"$BATS_TEST_TMPDIR/listed"
	fine
	is "$(signalled TERM)" "$members"
	is "$(session_pids "$started")" ""
	try ipckill --signal TERM -y - <"$BATS_TEST_TMPDIR/listed"
	ends 1
	is "${#stderr_lines[@]}" 7
	try ipckill --signal TERM --then KILL -y - </dev/null
	fine
}

@test "one that is missing: the others are signalled, status 1" {
	start sleep 1000
	try ipckill --signal TERM -y pid:"$started" pid:4190001 pgrp:4190001 session:4190001 tree:4190001
	ends 1
	prints "signalled TERM: sleep[$started] (uid 0)
ended: sleep[$started]"
	is "$stderr" "ipckill: pid:4190001: no such process
ipckill: pgrp:4190001: no such process
ipckill: session:4190001: no such process
ipckill: tree:4190001: no such process"
	wait_until gone "$started"
}

@test "who may not be signalled is named, the others go" {
	need_root
	start_diary
	mine=$started
	start setpriv --reuid=65534 --regid=65534 --clear-groups sleep 1000
	wait_until running '^sleep 1000$' 1
	try as_nobody "$(command -v ipckill)" --signal TERM -y pid:"$mine" pid:"$started"
	ends 1
	prints "signalled TERM: sleep[$started] (uid 65534)
ended: sleep[$started]"
	complains "python3[$mine]: permission denied"
	is "$(cat "$diary")" ready
}

@test "who was stopped stays so, and is told; KILL needs nobody to continue it" {
	start sleep 1000
	kill -STOP "$started"
	wait_until in_state "$started" T
	try ipckill --signal TERM --timeout 1s -y session:"$started"
	ends 1
	prints "signalled TERM: sleep[$started] (uid 0), which is stopped: the signal waits until it is continued"
	complains "sleep[$started]: after 1s still running: stopped, and the signal waits until it is continued; --then KILL would end it"
	in_state "$started" T
	kill -CONT "$started"
	wait_until gone "$started"
	start sleep 1000
	kill -STOP "$started"
	wait_until in_state "$started" T
	try ipckill --signal KILL -y session:"$started"
	fine
	wait_until gone "$started"
}

@test "a zombie is told as ended already, not as ended by this" {
	start python3 -c 'import os, time
if os.fork() == 0:
    os._exit(3)
time.sleep(1000)'
	wait_until has_zombie "$started"
	local zombie
	zombie=$(pgrep -P "$started")
	for option in --dry-run -y; do
		try ipckill --signal TERM "$option" pid:"$zombie"
		ends 0
		is "$(tail -n 1 <<<"$output")" "ended already: python3[$zombie]"
	done
}

@test "JSON: each process with what became of it, and references that name none" {
	start bash -c 'sleep 1001 & trap "" TERM; sleep 1002 & wait; wait'
	wait_until running '^sleep 100[12]$' 2
	easy=$(pgrep -fx 'sleep 1001') hard=$(pgrep -fx 'sleep 1002')
	rows=$(ps -o pid=,ppid=,pgid=,sid= -p "$easy,$hard" | awk '{ $1 = $1; print }')
	try ipckill -J --signal TERM --dry-run pid:"$easy" pid:"$hard" pid:4190001 pid:1
	ends 1
	is "$(json '" ".join(r["ref"] + "=" + r["result"] for r in d["processes"])')" \
		"pid:1=spared $(printf 'pid:%s=planned\n' "$easy" "$hard" | sort -t: -nk2 | paste -sd' ') pid:4190001=missing"
	is "$(json 'd["processes"][0]["spared"]')" init
	running '^sleep 100[12]$' 2
	try ipckill -J --signal TERM --timeout 1s -y pid:"$easy" pid:"$hard" pid:4190001
	ends 1
	is "$(json '"\n".join("%d %d %d %d" % (r["pid"], r["ppid"], r["pgid"], r["sid"]) for r in d["processes"] if r["pid"])')" "$rows"
	is "$(json 'sorted(d["processes"][0]) == sorted("ref exact pid ppid pgid sid uid user state command spared signal late result reason".split())')" true
	is "$(json '[r["result"] for r in d["processes"] if r["pid"] == '"$easy"'] + [r["result"] for r in d["processes"] if r["pid"] == '"$hard"']')" '["ended", "survived"]'
	is "$(json '[[r["exact"], r["command"], r["uid"], r["user"], r["signal"], r["late"]] for r in d["processes"] if r["pid"] == '"$hard"']')" \
		"[[\"pid:$hard%$(start_time "$hard")\", \"sleep\", 0, \"root\", \"TERM\", false]]"
	is "$(json '[d["processes"][2][k] for k in ("ref", "exact", "pid", "command", "signal", "result", "reason")]')" \
		'["pid:4190001", null, null, null, null, "missing", "no such process"]'
}

@test "names from outside are shown without harm" {
	start bash -c 'printf "a\e[31m\177b" >/proc/self/comm; while :; do sleep 0.1; done'
	wait_until grep -q a "/proc/$started/comm"
	try ipckill --signal KILL -y session:"$started" --dry-run
	fine
	has 'a\x1b[31m\x7fb' "would signal KILL: a\\x1b[31m\\x7fb[$started] (uid 0)"
	lacks $'\e'
	try ipckill --signal KILL pid:"$started"
	fine
	has "signalled KILL: a\\x1b[31m\\x7fb[$started] (uid 0)"
	lacks $'\e'
}

# Run ipckill on a terminal up to the question, do something, and answer yes.  Its output: $asked.
asked=
while_asked() {
	local deed=$1
	shift
	asked=$BATS_TEST_TMPDIR/asked.$RANDOM
	mkfifo "$asked.answer"
	"$SUPPORT/terminal" 200 "@$asked.answer" -- sh -c 'ipckill "$@"; echo "status $?"' sh "$@" \
		>"$asked" 2>&1 </dev/null 3>&- &
	holders="$holders $!"
	disown "$!"
	wait_until grep -q "y/N" "$asked"
	$deed
	echo y >"$asked.answer"
	wait_until grep -q "^status" "$asked"
}

@test "who left the session while it was shown is not signalled, and named" {
	start bash -c 'sleep 1001 & python3 -c "
import os, signal, time
signal.signal(signal.SIGUSR1, lambda *args: os.setsid())
open(\"$0\", \"w\").close()
while True:
    time.sleep(1000)" & wait; wait' "$BATS_TEST_TMPDIR/ready"
	wait_until test -e "$BATS_TEST_TMPDIR/ready"
	leaver=$(pgrep -x python3 -s "$started")
	leave() {
		kill -USR1 "$leaver"
		wait_until leads "$leaver"
	}
	while_asked leave --signal TERM session:"$started"
	grep -q "python3\[$leaver\]: left session:$started and was not signalled; name it by pid:$leaver%$(start_time "$leaver")" "$asked"
	grep -q "status 1" "$asked"
	kill -0 "$leaver"
	is "$(session_pids "$started")" ""
}

@test "who came while the set was shown goes with it; who has a number again does not" {
	need_root
	start bash -c 'sleep 1001 & trap "sleep 1002 &" USR1; while :; do wait; sleep 0.02; done'
	wait_until running '^sleep 1001$' 1
	first=$(pgrep -fx 'sleep 1001')
	replace() {
		kill -USR1 "$started"
		wait_until running '^sleep 1002$' 1
		newcomer=$(pgrep -fx 'sleep 1002')
		kill -9 "$first"
		wait_until gone "$first"
		start "$SUPPORT/with_pid" "$first" sleep 1003
		wait_until running 'sleep 1003$' 2
	}
	leader=$started
	while_asked replace --signal KILL session:"$leader"
	grep -q "status 0" "$asked"
	grep -q "signalled KILL: sleep\[$newcomer\] (uid 0), which came meanwhile" "$asked"
	is "$(session_pids "$leader")" ""
	is "$(ps -o args= -p "$first")" "sleep 1003"
	! grep -q "signalled KILL: sleep\[$first\]" "$asked"
}

@test "interrupted while it waits: told, and nobody is left stopped" {
	start bash -c 'trap "" TERM; sleep 1001 & sleep 1002 & wait; wait'
	wait_until running '^sleep 100[12]$' 2
	members=$(session_pids "$started")
	out=$BATS_TEST_TMPDIR/out
	# a background job of this shell ignores the interrupt
	env --default-signal=INT sh -c 'echo $$ >"$0.pid"; exec ipckill --signal TERM --timeout 100s --then KILL -y "$@"' \
		"$out" session:"$started" >"$out" 2>"$out.err" 3>&- &
	command=$!
	holders="$holders $command"
	wait_until grep -q signalled "$out"
	kill -INT "$(cat "$out.pid")"
	status=0
	wait "$command" || status=$?
	is "$status" 1
	is "$(output=$(cat "$out") && signalled TERM)" "$members"
	grep -q "signalled, and not seen to end: interrupted" "$out.err"
	is "$(session_pids "$started")" "$members"
	for pid in $members; do in_state "$pid" S; done
}

@test "a storm of forks leaves nobody, fifty times" {
	for i in {1..50}; do
		kind=$(sed -n $((i % 3 + 1))p <<<$'pgrp\nsession\ntree')
		start "$SUPPORT/storm" 4 30 $([ "$kind" = pgrp ] || echo own-groups)
		wait_until eval '[ "$(session_pids "$started" | wc -w)" -gt 8 ]'
		try ipckill --signal KILL -y "$kind:$started"
		fine
		is "$i: $(session_pids "$started")" "$i: "
	done
}

# The habit of making a daemon read its settings again.
@test "HUP is not waited for, unless it is said how long; nor is KILL advised after others" {
	bash -c 'trap "echo HUP >>\"$0\"" HUP; trap : USR1; echo ready >"$0"; while :; do sleep 0.05; done' "$BATS_TEST_TMPDIR/got" 3>&- &
	started=$!
	wait_until grep -q ready "$BATS_TEST_TMPDIR/got"
	try ipckill --signal HUP "pid:$started"
	fine && has "signalled HUP: bash[$started]"
	wait_until grep -q HUP "$BATS_TEST_TMPDIR/got"
	try ipckill --signal HUP --timeout 1 "pid:$started"
	ends 1 && complains "bash[$started]: after 1s still running; --then KILL would end it"
	try ipckill --signal USR1 --timeout 1 "pid:$started"
	ends 1 && complains "bash[$started]: after 1s still running"
	kill -KILL "$started"
}
