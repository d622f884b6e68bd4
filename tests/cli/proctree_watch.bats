#!/usr/bin/env bats
# proctree --watch: what is new and what is gone, on a terminal, in a file and as JSON.

bats_require_minimum_version 1.5.0
load private
load watching

# Start a shell that starts and ends processes as it is told: $parent.
setup() {
	start_empty
	local fifo=$BATS_TEST_TMPDIR/commands
	told_pids=$BATS_TEST_TMPDIR/pids
	mkfifo "$fifo"
	bash -c 'while read -r line; do eval "$line"; done' <"$fifo" >"$told_pids" 3>&- &
	parent=$!
	disown "$parent"
	holders="$holders $parent"
	exec 7>"$fifo"
}

# A child of that shell: its pid, from the shell itself.
born=0
bear() {
	echo 'sleep 1000 & echo $!' >&7
	born=$((born + 1))
	wait_until has_lines "$told_pids" "$born"
	child=$(tail -1 "$told_pids")
	wait_until grep -q sleep "/proc/$child/comm"
}

bury() {
	kill -9 "$1"
	wait_until gone "$1"
}

has_lines() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}

# proctree --watch in the background; its output in $seen and $said.
follow() {
	seen=$BATS_TEST_TMPDIR/seen said=$BATS_TEST_TMPDIR/said
	env --default-signal=INT,TERM,HUP proctree --watch=50ms "$@" >"$seen" 2>"$said" \
		3>&- 7>&- </dev/null &
	watcher=$!
}

# A line of the file that is new or gone, without its time: "+ 12 11 S - - sleep".
line() {
	sed -nE 's/^[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9]{3} //p' "$seen" | tr -s ' ' | grep -q "^$1"
}

@test "a file gets the table of the first look, and then a line for each that is new or gone" {
	local first second
	bear
	first=$child
	follow -o PID,PPID,COMMAND "$parent"
	wait_until grep -q "^ *$first  *$parent .*sleep" "$seen"
	is "$(head -1 "$seen" | tr -s ' ')" 'PID PPID COMMAND'
	bear
	second=$child
	wait_until line "[+] $second $parent " # perhaps before it became sleep
	bury "$first"
	wait_until line "- $first $parent sleep\$"
	bury "$second"
	wait_until line "- $second $parent sleep\$"
	interrupt
	fine
	# and nothing else
	is "$(grep -c '^[0-9:.]* [+-]' "$seen")" 3
}

@test "a process with the number of one that is gone is another one" {
	need_root # which alone chooses a number
	bear
	follow -o PID,COMMAND "$parent"
	wait_until grep -q "^ *$child .*sleep" "$seen"
	kill -STOP "$watcher" # it never looks while nobody bears the number
	bury "$child"
	echo "'$SUPPORT/with_pid' $child sleep 2000 &" >&7
	wait_until grep -q sleep "/proc/$child/comm"
	kill -CONT "$watcher"
	wait_until line "- $child sleep\$"
	wait_until line "[+] $child "
	interrupt
	fine
}

@test "-J: the rows of the first line, with those that come and go, are those of ps at the end" {
	local i last
	follow -J "$parent"
	wait_until grep -q '"processes"' "$seen"
	for ((i = 0; i < 6; i++)); do
		bear
		last=$child
		[ $((i % 2)) = 1 ] || bury "$child"
	done
	wait_until grep -q "\"new\":.*\"pid\":$last," "$seen"
	interrupt
	python3 -c '
import json, sys
lines = [json.loads(line) for line in sys.stdin]
def flat(rows):
    for row in rows:
        yield row
        yield from flat(row["children"])
there = {row["pid"]: row["exact"] for row in flat(lines[0]["processes"])}
times = [line["time"] for line in lines]
assert list(lines[0]) == ["time", "processes"], list(lines[0])
assert times == sorted(times) and all(isinstance(time, float) for time in times)
for line in lines[1:]:
    assert list(line) == ["time", "new", "gone"], list(line)
    assert line["new"] or line["gone"]
    for row in line["gone"]:
        assert there.pop(row["pid"]) == row["exact"], row
    for row in line["new"]:
        assert row["pid"] not in there and row["command"], row
        there[row["pid"]] = row["exact"]
children = {int(pid) for pid in sys.argv[2:]}
assert children <= set(there), (children, there)
parent = int(sys.argv[1])
assert not [pid for pid in set(there) - children if pid > parent], there
' "$parent" $(ps -o pid= --ppid "$parent") <"$seen"
}

# The last picture of the terminal, without its escapes.
picture() {
	python3 -c '
import re, sys
text = open(sys.argv[1], errors="replace").read()
whole = text[:text.rfind("\x1b[J")]
print(re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", whole[whole.rfind("\x1b[H"):]))' "$seen"
}

pictured() {
	picture | tr -s ' ' | grep -qE -- "$1"
}

# Was there ever such a line?
drawn() {
	sed 's/\x1b\[[0-9;]*[A-Za-z]//g' "$seen" | tr -s ' ' | grep -qE -- "$1"
}

on_terminal() {
	seen=$BATS_TEST_TMPDIR/seen said=/dev/null
	env --default-signal=INT,TERM,HUP TERM=xterm "$SUPPORT/terminal" 80 -- "$@" \
		>"$seen" 2>&1 3>&- 7>&- </dev/null &
	terminal=$!
	holders="$holders $terminal"
	disown "$terminal"
}

@test "a terminal is drawn again in place, with what is new and, once, what is gone" {
	on_terminal proctree --watch=50ms -o PID,COMMAND "$parent"
	wait_until pictured "^[0-2][0-9]:[0-5][0-9]:[0-6][0-9] [0-9]+ process.*, 0 new, 0 gone"
	bear
	wait_until drawn "^[+] $child " # perhaps before it became sleep
	wait_until pictured "^ $child .*sleep" # new but once
	drawn ' 1 new, 0 gone'
	bury "$child"
	wait_until drawn "^- $child .*sleep"
	drawn ' 0 new, 1 gone'
	wait_until pictured ' 0 new, 0 gone'
	is "$(picture | grep -c sleep)" 0
	# in place: it goes home, and blanks all that it does not write
	is "$(grep -c $'\e\[2J' "$seen")" 0
	LC_ALL=C grep -q $'\e\[K$' "$seen"
}

@test "what is gone stands struck out below its last parent, with colour" {
	on_terminal proctree --watch=50ms --color=always -A -o PID,COMMAND "$parent"
	wait_until pictured "^ $parent "
	bear
	wait_until grep -q $'\e\[32m[+] *'"$child"' ' "$seen"
	bury "$child"
	wait_until grep -q $'\e\[9;31m- *'"$child"' ' "$seen"
	sed 's/\x1b\[[0-9;]*[A-Za-z]//g' "$seen" | tr -s ' ' | grep -A1 -E "^ $parent " |
		grep -q "^- $child .*-sleep"
}

@test "no more lines than the terminal has, and it is said how many there are" {
	local i
	for ((i = 0; i < 30; i++)); do bear; done
	on_terminal proctree --watch=50ms -o PID,COMMAND "$parent"
	wait_until pictured '^\.\.\. [0-9]+ more lines'
	is "$(picture | wc -l)" 24 # that the terminal has: 23, and print() ends the last
}

@test "a new size of the terminal draws again, before the next look" {
	local pid slave before
	on_terminal proctree --watch=1h -o PID,PPID,ARGS "$parent"
	wait_until pictured "^ $parent "
	pid=$(pgrep -P "$terminal")
	slave=$(readlink "/proc/$pid/fd/1")
	before=$(grep -c 'process' "$seen")
	stty -F "$slave" cols 100 rows 10
	more_pictures() { [ "$(grep -c ', 0 new' "$seen")" -gt "$before" ]; }
	wait_until more_pictures
	kill -INT "$pid"
	wait_until gone "$terminal"
}

@test "a terminal that is gone ends it, also where SIGHUP is ignored" {
	local pid
	on_terminal env --ignore-signal=HUP proctree --watch=50ms -o PID "$parent"
	wait_until pictured "^ $parent"
	pid=$(pgrep -P "$terminal")
	kill -9 "$terminal"
	wait_until gone "$pid"
}

@test "SIGINT, SIGTERM and SIGHUP end it well, with whole lines" {
	local signal
	for signal in INT TERM HUP; do
		follow -J "$parent"
		wait_until grep -q '"processes"' "$seen"
		bear
		wait_until grep -q "\"pid\":$child," "$seen"
		kill "-$signal" "$watcher"
		ended
		fine
		is "$(tail -c 1 "$seen" | od -An -tx1)" ' 0a'
	done
}

@test "--timeout ends it after a last look; without --watch it is refused" {
	try timeout 20 proctree --watch=1h --timeout 1s -o PID "$parent"
	fine
	has "$parent"
	try proctree --timeout 1s
	ends 2
	complains '--timeout: only with --watch'
}

@test "the reader that goes away ends it, and a full disk is an error" {
	run timeout 20 bash -c 'proctree --watch=20ms 3>&- 7>&- | head -1; echo ${PIPESTATUS[0]}'
	ends 0
	[[ ${lines[1]} =~ ^(0|141)$ ]] # 141: SIGPIPE
	try timeout 20 bash -c 'proctree --watch=20ms 3>&- 7>&- >/dev/full'
	ends 2
	complains 'standard output: No space left on device'
}

@test "when what was named is gone, it is told, and that ends it" {
	bear
	follow -o PID,COMMAND "$child"
	wait_until grep -q "^ *$child " "$seen"
	bury "$child"
	ended
	ends 1
	line "- $child sleep\$"
	complains "$child: no such process"
}

@test "--by session: the members that are new and gone" {
	bear
	follow --by session -o PID,COMMAND --command sleep
	wait_until grep -q "^ *$child " "$seen"
	bear
	wait_until line "[+] $child sleep\$"
	bury "$child"
	wait_until line "- $child sleep\$"
	interrupt
	fine
}

@test "raw fields and pairs are refused" {
	local form
	for form in --raw --export; do
		try proctree --watch "$form"
		ends 2
		complains '--watch:'
	done
}

@test "memory does not grow with the number of looks" {
	local before after i
	follow -J
	wait_until grep -q '"processes"' "$seen"
	for ((i = 0; i < 10; i++)); do
		bear
		wait_until grep -q "\"new\":.*\"pid\":$child," "$seen"
		bury "$child"
	done
	wait_until grep -q "\"gone\":.*\"pid\":$child," "$seen"
	before=$(awk '/^VmRSS/ { print $2 }' "/proc/$watcher/status")
	for ((i = 0; i < 40; i++)); do
		bear
		wait_until grep -q "\"new\":.*\"pid\":$child," "$seen"
		bury "$child"
	done
	wait_until grep -q "\"gone\":.*\"pid\":$child," "$seen"
	after=$(awk '/^VmRSS/ { print $2 }' "/proc/$watcher/status")
	interrupt
	[ $((after - before)) -lt 1024 ]
}
