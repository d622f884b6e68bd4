#!/usr/bin/env bats
# Which processes are shown: operands, selections, and what is said of those that are not there.

load private
load processes

export LC_ALL=C.UTF-8

# A family of processes: a shell, of it a shell of its own session, and of that two sleepers.
start() {
	bash -c 'setsid bash -c "sleep 300 & sleep 300 & wait" & sleep 310' >/dev/null 3>&- &
	top=$!
	disown "$top"
	wait_until standing
	holders="$holders $top $(pgrep -P "$top") $sleepers"
}

standing() {
	inner=$(pgrep -P "$top" -x bash) && sleepers=$(pgrep -P "$inner" -x sleep) &&
		[ "$(wc -w <<<"$sleepers")" -eq 2 ] && other=$(pgrep -P "$top" -x sleep)
}

# These pids are listed, and no others; a tree has the ancestors of the first, too, and those in
# $tied.
shows() {
	local pid=$1 expected=$*
	fine || return 1
	is "$(sort -n <<<"$output")" "$(tr ' ' '\n' <<<"$expected" | sort -nu)" || return 1
	expected="$expected ${tied:-}"
	while pid=$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status") && [ "$pid" -ne 0 ]; do
		expected="$expected $pid"
	done
	is "$(tr -d ' ' <<<"$drawn" | sort -n)" "$(xargs -n 1 <<<"$expected" | sort -nu)"
}

pids() {
	drawn=$(proctree -c -n -o PID "$@") || true
	try proctree --raw -n -o PID "$@"
}

@test "a pid shows its ancestors and what it started; pid: and tree: likewise" {
	start
	for operand in "$inner" "pid:$inner" "tree:$inner"; do
		pids "$operand"
		shows "$inner" $sleepers
	done
	pids "$other"
	shows "$other"
	pids "$other" "$inner"
	shows "$other" "$inner" $sleepers
}

@test "a session and a group show all their members" {
	start
	pids "session:$inner"
	shows "$inner" $sleepers
	pids "pgrp:$inner"
	shows "$inner" $sleepers
	# one whose leader has ended
	kill -9 "$inner"
	wait_until gone "$inner" || true
	try proctree --raw -n -o PID "session:$inner"
	fine
	for pid in $sleepers; do grep -qx "$pid" <<<"$output"; done
}

@test "references come from standard input, too" {
	start
	drawn=$(proctree -c -n -o PID - <<<"pid:$other"$'\n\n'"tree:$inner")
	try proctree --raw -n -o PID - <<<"pid:$other"$'\n\n'"tree:$inner"
	shows "$other" "$inner" $sleepers
	# nothing came: nothing is named, which is not everything
	try proctree - </dev/null
	fine && prints ""
	try proctree -J - </dev/null
	fine && is "$(json 'd')" '{"processes": []}'
	try proctree - <<<"shm:x"
	ends 2 && complains "shm:x: " && prints ""
	printf '1\0002\n' >"$BATS_TEST_TMPDIR/nul"
	try proctree - <"$BATS_TEST_TMPDIR/nul"
	ends 2 && complains "NUL" && prints ""
}

@test "a user shows his processes, also with the name of nobody who runs any" {
	need_root
	start
	setpriv --reuid=65534 --regid=65534 --clear-groups sleep 320 3>&- &
	theirs=$!
	wait_until grep -q '^Uid:.65534' "/proc/$theirs/status"
	user=$(id -nu 65534)
	pids "$user"
	shows "$theirs"
	pids --user "$user"
	shows "$theirs"
	pids --user 65534 --command 'sle*'
	shows "$theirs"
	pids "$user" "$other"
	tied=$top shows "$theirs" "$other"
	try proctree daemon
	ends 1 && complains "daemon: no process of this user" && prints ""
	kill "$theirs"
}

@test "selections combine with and, also with operands" {
	start
	pids --command sleep
	fine
	for pid in $other $sleepers; do grep -qx "$pid" <<<"$output"; done
	pids --command 's?ee*' "$inner"
	fine
	pids --command 'bash' "session:$inner"
	tied=$sleepers shows "$inner"
	pids --command 'sleep' "$other" "$inner"
	tied="$top $inner" shows "$other" $sleepers
	pids --command 'SLEEP'
	fine && prints ""
	try proctree --command nosuchname
	fine && is "$(xargs <<<"$output")" "PID PPID S TTY MARKS COMMAND"
}

@test "what is not there is said, the rest is shown, and nothing at all when there is no rest" {
	start
	try proctree 2147483647
	ends 1 && complains "pid:2147483647: no such process" && prints ""
	try proctree --raw 2147483647
	ends 1 && prints ""
	try proctree -J 2147483647
	ends 1 && is "$(json 'd')" '{"processes": []}'
	pids 2147483647 "$other"
	ends 1 && complains "pid:2147483647: no such process"
	grep -qx "$other" <<<"$output"
	try proctree pgrp:2147483647
	ends 1 && complains "pgrp:2147483647: no such process group" && prints ""
	try proctree session:2147483647
	ends 1 && complains "session:2147483647: no such session" && prints ""
	try proctree nosuchuser
	ends 1 && complains "nosuchuser: no such user" && prints ""
}

@test "what is malformed ends it before anything is shown" {
	start
	for word in 0 2147483648 99999999999999999999999 01 1x: shm:abc pgrp: session:0 pid:1@5 '' ':' /etc; do
		try proctree "$other" "$word"
		ends 2 || return 1
		[ "${#stderr_lines[@]}" -eq 1 ]
		prints "" || return 1
	done
	try proctree -- -1
	ends 1
	try proctree --user nosuchuser
	ends 2 && prints ""
}

@test "an exact reference is of that process, and no later one" {
	start
	began=$(awk '{ sub(/.*\) /, ""); print $20 }' "/proc/$inner/stat")
	is "$(proctree --raw -n -o PID,EXACT "$inner" | awk -v pid="$inner" '$1 == pid { print $2 }')" "pid:$inner%$began"
	for kind in pid tree pgrp session; do
		pids "$kind:$inner%$began"
		shows "$inner" $sleepers
		try proctree "$kind:$inner%$((began + 1))"
		ends 1 && complains "$kind:$inner%$((began + 1)): changed since it was listed" && prints ""
	done
	pids "pid:$inner%$((began + 1))" "$other"
	ends 1
	grep -qx "$other" <<<"$output"
}

@test "the number of a thread is told as what it is" {
	python3 -c '
import threading, time
thread = threading.Thread(target=time.sleep, args=(1000,), daemon=True)
thread.start()
print(thread.native_id, flush=True)
time.sleep(1000)' >"$BATS_TEST_TMPDIR/tid" 3>&- &
	process=$!
	wait_until grep -q . "$BATS_TEST_TMPDIR/tid"
	tid=$(cat "$BATS_TEST_TMPDIR/tid")
	process=$(awk '/^Tgid:/ { print $2 }' "/proc/$tid/status")
	try proctree "$tid"
	ends 1 && complains "pid:$tid: no process, but a thread of pid:$process" && prints ""
	kill "$process"
}

@test "an object shows the processes that use it" {
	hold shm=0x77,4096,0600 attach=1
	ref=shm:$(made_id shm)
	pids "$ref"
	shows "$holder"
	pids shm:key=0x77
	shows "$holder"
	try proctree shm:12345
	ends 1 && complains "shm:12345: no such object" && prints ""
	start
	pids "$ref" "$other"
	tied=$top shows "$holder" "$other"
}

@test "a pipe shows both of its ends, and an object without a user says so" {
	sleep 300 3>&- | sleep 301 3>&- &
	wait_until pgrep -x -f 'sleep 300' && wait_until pgrep -x -f 'sleep 301'
	writer=$(pgrep -x -f 'sleep 300') reader=$(pgrep -x -f 'sleep 301')
	inode=$(readlink "/proc/$writer/fd/1" | tr -dc 0-9)
	pids "pipe:$inode"
	shows "$writer" "$reader"
	kill "$writer" "$reader"
	make_objects shm=0x78,1,0600
	try proctree "shm:$(made_id shm)"
	ends 1 && complains "shm:$(made_id shm): no process" && prints ""
}
