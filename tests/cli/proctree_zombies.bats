#!/usr/bin/env bats
# Zombies and whose fault they are: proctree --zombies, against the program that left them, and what
# waitpid(2) says of them later.

load private
load processes

# What --zombies -J says of a pid: row PID "['key']"
row() {
	json "[r for r in d['zombies'] if r['pid'] == $1][0]$2"
}

# A parent that does not ask until its input ends, and then says how its children ended.  The first
# line of its output are their pids, in the order of these words: exit status, or name of a signal.
neglect() {
	local out=$BATS_TEST_TMPDIR/neglect.$RANDOM
	mkfifo "$out.in"
	python3 -c '
import os, signal, sys
if sys.argv[1] == "caught":
    signal.signal(signal.SIGCHLD, lambda *a: None)
elif sys.argv[1] == "blocked":
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
pids = []
for word in sys.argv[2:]:
    pid = os.fork()
    if pid == 0:
        if word.isdigit():
            os._exit(int(word))
        signal.signal(getattr(signal, "SIG" + word), signal.SIG_DFL)
        os.kill(os.getpid(), getattr(signal, "SIG" + word))
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    pids.append(pid)
print(*pids, flush=True)
sys.stdin.read()
for pid in pids:
    status = os.waitpid(pid, 0)[1]
    if os.WIFEXITED(status):
        print(pid, "exited", os.WEXITSTATUS(status))
    else:
        print(pid, "signaled", signal.Signals(os.WTERMSIG(status)).name[3:])
' "$@" <"$out.in" >"$out" 3>&- &
	neglecting=$!
	holders="$holders $neglecting"
	exec {ask}>"$out.in"
	wait_until test -s "$out"
	read -ra zombies <"$out"
	neglected=$out
}

@test "how each has ended is what waitpid says later" {
	neglect default 0 3 255 TERM KILL
	try proctree --zombies -J
	fine
	said=$(for pid in "${zombies[@]}"; do
		json "[' '.join([str(r['pid']), k, str(v)]) for r in d['zombies'] if r['pid'] == $pid
			for k, v in r['exit'].items() if k != 'core'][0]"
	done)
	is "$(json 'len(d["zombies"])')" 5
	exec {ask}>&-
	wait "$neglecting"
	is "$said" "$(tail -n +2 "$neglected")"
}

@test "each zombie of the zoo has its parent, and what that does" {
	zoo
	try proctree --zombies -J
	fine
	for pair in zombie-exit:careless zombie-ignored:ignoring zombie-handled:handling \
		zombie-waited:waiting; do
		zombie=$(zoo_pid "${pair%:*}")
		parent=${pair#*:}
		is "$(row "$zombie" "['exit']['exited']")" "$(zoo_fact "${pair%:*}" exit)"
		is "$(row "$zombie" "['parent']['pid']")" "$(zoo_pid "$parent")"
		is "$(row "$zombie" "['parent']['pid']")" "$(ps -o ppid= -p "$zombie" | tr -d ' ')"
		is "$(row "$zombie" "['parent']['command']")" "$(cat "/proc/$(zoo_pid "$parent")/comm")"
		is "$(row "$zombie" "['parent']['sigchld']")" "$(zoo_fact "$parent" sigchld)"
		is "$(row "$zombie" "['parent']['waiting']")" false
	done
	is "$(row "$(zoo_pid zombie-waited)" "['parent']['waiting_for_others']")" true
	is "$(row "$(zoo_pid zombie-exit)" "['parent']['waiting_for_others']")" false
	is "$(json 'sorted(r["pid"] for r in d["zombies"])' | tr -d '[],' | tr ' ' '\n')" \
		"$(ps -eo stat=,pid= | awk '/^Z/ { print $2 }' | sort -n)"
}

@test "the parent that has most comes first, with a line of what helps" {
	neglect caught 1 2 3
	parent=$neglecting
	neglect default 4
	try proctree --zombies
	fine
	[[ ${lines[0]} == PARENT*PID*END*AGO*COMMAND ]]
	for i in 1 2 3; do [[ ${lines[$i]} == "python3[$parent]"*"exited $i"* ]]; done
	[[ ${lines[4]} == "python3[$neglecting]"*"exited 4"* ]]
	has "python3[$parent] has a handler for SIGCHLD and does not wait: 3 zombies; kill -CHLD $parent asks it again; ending $parent "
	has "python3[$neglecting] has no handler for SIGCHLD and does not wait: 1 zombie; ending $neglecting "
	lacks "kill -CHLD $neglecting"
	try proctree --zombies -n --raw -o PID,SIGCHLD,WAITING
	has "${zombies[0]} default no"
}

@test "one that blocks the signal takes it by another call" {
	neglect blocked 1
	try proctree --zombies
	has "blocks SIGCHLD" "kill -CHLD $neglecting asks it again"
}

@test "a stopped parent is to be continued, not ended" {
	neglect default 1
	kill -STOP "$neglecting"
	wait_until in_state T "$neglecting"
	try proctree --zombies
	fine
	has "is stopped: 1 zombie; kill -CONT $neglecting lets it go on and ask"
	lacks "ending $neglecting"
}

@test "whose first thread alone has ended is alive, and nobody is told to end anything" {
	zoo
	leader=$(zoo_pid zombie-leader)
	try proctree --zombies "$leader"
	fine
	[[ ${lines[1]} == *" $leader alive "* ]]
	has "[$leader] is alive, only its first thread has ended: leave it"
	lacks kill ending
	try proctree --zombies -J "$leader"
	is "$(row "$leader" "['exit']")" null
	is "$(row "$leader" "['seconds']")" null
	is "$(row "$leader" "['marks'][0]['mark']")" zombie-leader
}

@test "an init that does not reap is never to be ended" {
	unshare --pid --fork --mount-proc --kill-child python3 -c '
import os, subprocess
for status in range(3):
    pid = os.fork()
    if pid == 0:
        os._exit(status)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
look = subprocess.Popen(["proctree", "--zombies"], stdout=subprocess.PIPE)
print(look.stdout.read().decode())
' >"$BATS_TEST_TMPDIR/inside"
	output=$(cat "$BATS_TEST_TMPDIR/inside")
	is "$(grep -c '^python3\[1\]' "$BATS_TEST_TMPDIR/inside")" 3
	has "init does not reap: 3 zombies; python3[1] has no handler for SIGCHLD and does not wait: it needs an init that reaps"
	lacks ending "kill -"
}

@test "how long ago is counted from the end, not from the start" {
	[ -e /proc/self/sched ] || skip "a kernel without /proc/PID/sched"
	sh -c 'sleep 1.2 & exec sleep 1000' 3>&- &
	holders="$holders $!"
	parent=$!
	wait_until pgrep -P "$parent" -r Z
	zombie=$(pgrep -P "$parent")
	ended=$(date +%s)
	wait_until past $((ended + 1))
	try proctree --zombies -J
	fine
	seconds=$(row "$zombie" "['seconds']")
	now=$(date +%s)
	[ "$seconds" -ge 0 ] && [ "$seconds" -le $((now - ended + 1)) ]
	age=$(($(date +%s) - $(row "$zombie" "['start_time']")))
	[ "$seconds" -lt "$age" ]
}

@test "operands and selections restrict it; none is an empty table" {
	neglect default 1
	one=$neglecting
	mine=${zombies[0]}
	neglect default 2
	try proctree --zombies -n --raw -o PID "$one"
	fine
	prints "$mine"
	try proctree --zombies -n --raw -o PID "pid:${zombies[0]}"
	prints "${zombies[0]}"
	try proctree --zombies --user nobody
	fine
	prints "PARENT PID END AGO COMMAND"
	try proctree --zombies -J --command nosuch
	fine
	is "$(json 'd["zombies"]')" '[]'
	try proctree --zombies "$one" 999999999
	ends 1
	complains 999999999
	has "exited 1"
}

@test "another user does not see how it ended, and says why" {
	need_root
	neglect caught 3
	try as_nobody proctree --zombies -J
	ends 0
	complains "1 of 1 processes: EXIT unknown"
	is "$(row "${zombies[0]}" "['exit']")" null
	is "$(row "${zombies[0]}" "['unknown']['exit']")" "permission denied"
	is "$(row "${zombies[0]}" "['parent']['sigchld']")" caught
	is "$(row "${zombies[0]}" "['parent']['waiting']")" null
	is "$(row "${zombies[0]}" "['parent']['unknown']['waiting']")" "permission denied"
}

@test "hostile names stay harmless" {
	python3 -c '
import os, sys
open("/proc/self/comm", "wb").write(b"a\x1b[31m\nb")
pid = os.fork()
if pid == 0:
    os._exit(0)
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
print(pid, flush=True)
import time
time.sleep(1000)' >"$BATS_TEST_TMPDIR/pid" 3>&- &
	holders="$holders $!"
	wait_until test -s "$BATS_TEST_TMPDIR/pid"
	try proctree --zombies
	fine
	is "$(tr -d '\n[:print:]' <<<"$output" | wc -c)" 0
	is "${#lines[@]}" 3
	try proctree --zombies -J
	is "$(row "$(cat "$BATS_TEST_TMPDIR/pid")" "['command'].encode().hex()")" \
		"$(printf 'a\033[31m\nb' | od -An -tx1 | tr -d ' \n')"
}
