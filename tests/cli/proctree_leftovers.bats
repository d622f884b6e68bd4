#!/usr/bin/env bats
# What is left over and what runs apart: proctree --orphans and --daemons, against the zoo, ps and
# /proc.

load private
load processes

row() {
	json "[r for r in d['$1'] if r['pid'] == $2][0]$3"
}

# The pids of the zoo with one of these words, ascending: with_mark orphan 'orphan?'
with_mark() {
	awk -v words=" $* " '{ for (i = 3; i <= NF; i++) if (index(words, " " $i " ")) { print $2; next } }' <<<"$made" | sort -n
}

# Those of which the zoo has nothing to say are not judged.
of_zoo() {
	grep -Fxf <(awk 'NF > 1 { print $2 }' <<<"$made") | sort -n
}

@test "orphans are those that the zoo has made, each with its reason" {
	zoo
	try proctree --orphans -J
	fine
	for name in $(awk '/ orphan\??( |$)/ { print $1 }' <<<"$made"); do
		pid=$(zoo_pid "$name")
		certain=proven
		grep -q "^$name .* orphan?" <<<"$made" && certain=likely
		is "$name $(row orphans "$pid" "['orphan']")" "$name $certain"
		is "$(row orphans "$pid" "['ppid']")" "$(ps -o ppid= -p "$pid" | tr -d ' ')"
		[ "$(row orphans "$pid" "['reason']")" != null ]
	done
	for pid in $(awk '/ !orphan( |$)/ { print $2 }' <<<"$made"); do
		is "$(json "$pid in [r['pid'] for r in d['orphans']]")" false
	done
	is "$(json '[r["start_time"] for r in d["orphans"]] == sorted(r["start_time"] for r in d["orphans"])')" true
}

@test "an orphan's row fits, and what is chosen restricts it" {
	setsid sh -c 'sleep 1000 & sleep 0.1' 3>&-
	wait_until pgrep -x sleep
	orphan=$(pgrep -x sleep)
	try proctree --orphans --raw -o PID,ORPHAN,SID "$orphan"
	fine
	is "${lines[1]}" "$orphan proven $(ps -o sid= -p "$orphan" | tr -d ' ')"
	try proctree --orphans --command nosuch
	fine
	prints "PID PPID USER ELAPSED SID ORPHAN COMMAND WHY"
	try proctree --orphans 999999999
	ends 1
	complains 999999999
	kill "$orphan"
}

# A daemon with its own umask, folder and descriptors: become_daemon UMASK FOLDER STDIN STDOUT
become_daemon() {
	(umask "$1" && cd "$2" && setsid -f sleep 4711 <"$3" >"$4" 2>&1 3>&-)
	wait_until pgrep -x sleep
	daemon=$(pgrep -x sleep)
	holders="$holders $daemon"
}

@test "a daemon's umask, folder and descriptors are those of /proc" {
	become_daemon 027 / /dev/null "$BATS_TEST_TMPDIR/log"
	try proctree --daemons -J
	fine
	is "$(row daemons "$daemon" "['umask']")" "$(sed -n 's/^Umask:\t//p' "/proc/$daemon/status")"
	is "$(row daemons "$daemon" "['cwd']")" "$(readlink "/proc/$daemon/cwd")"
	for fd in 0 1 2; do
		is "$(row daemons "$daemon" "['stdio'][$fd]")" "$(readlink "/proc/$daemon/fd/$fd")"
	done
	try proctree --daemons --notruncate -n -o PID,UMASK,CWD,STDIO "$daemon"
	fine
	is "$(tr -s ' ' <<<"${lines[0]# }")" "$daemon 0027 / null,$BATS_TEST_TMPDIR/log,$BATS_TEST_TMPDIR/log"
}

@test "--args: what they were started with, of daemons and orphans too" {
	become_daemon 022 / /dev/null /dev/null
	try proctree --daemons --args -n -o COMMAND "$daemon"
	fine
	prints "sleep 4711"
}

@test "a column that JSON has another form of does not replace that" {
	become_daemon 022 / /dev/null /dev/null
	setsid -f sleep 4712 </dev/null >/dev/null 2>&1 3>&-
	wait_until pgrep -f "sleep 4712"
	holders="$holders $(pgrep -f "sleep 4712")"
	try proctree --daemons -J -o +STDIO --command sleep
	fine
	is "$(json '[r["stdio"] for r in d["daemons"]]')" \
		'[["/dev/null", "/dev/null", "/dev/null"], ["/dev/null", "/dev/null", "/dev/null"]]'
}

@test "what a view cannot do is refused" {
	local wrong
	for wrong in "--orphans --ipc" "--daemons --ipc" "--zombies --ipc" "--by session --sort PID" "--terminals --pid"; do
		# shellcheck disable=SC2086 # each is several words
		try proctree $wrong
		ends 2
		prints ""
	done
}

@test "closed descriptors and pipes have words" {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	python3 -c '
import os
if os.fork(): os._exit(0)
os.setsid()
os.umask(0)
os.chdir("/tmp")
ends = os.pipe()
os.dup2(ends[1], 2)
os.close(0)
os.closerange(3, 64)
print(os.getpid(), flush=True)
os.close(1)
import time
time.sleep(1000)' >"$BATS_TEST_TMPDIR/pid" 3>&-
	wait_until test -s "$BATS_TEST_TMPDIR/pid"
	daemon=$(cat "$BATS_TEST_TMPDIR/pid")
	holders="$holders $daemon"
	wait_until test ! -e "/proc/$daemon/fd/1"
	try proctree --daemons -n --raw -o PID,UMASK,CWD "$daemon"
	prints "$daemon 0000 /tmp"
	try proctree --daemons -n -o STDIO "$daemon"
	prints closed,closed,pipe
	try proctree --daemons -J "$daemon"
	is "$(row daemons "$daemon" "['stdio'][:2]")" "[null, null]"
}

@test "another user's folder and descriptors are unknown, with the reason" {
	need_root
	become_daemon 022 / /dev/null /dev/null
	try as_nobody proctree --daemons -J
	ends 0
	complains "CWD unknown: permission denied"
	is "$(row daemons "$daemon" "['umask']")" 0022
	for field in cwd stdio; do
		is "$(row daemons "$daemon" "['$field']")" null
		is "$(row daemons "$daemon" "['unknown']['$field']")" "permission denied"
	done
	try as_nobody proctree --daemons -n -o UMASK,CWD,STDIO "$daemon"
	is "$(tr -s ' ' <<<"${lines[0]}")" "0022 ? ?"
}
