#!/usr/bin/env bats
# The tree: its lines, what it puts together, its columns and how it fits a terminal.

load private
load processes

export LC_ALL=C.UTF-8

# Start a shell with these commands and wait until it has so many descendants: family COUNT 'sleep 300 & wait'
family() {
	bash -c "$2" >/dev/null 3>&- &
	root=$!
	disown "$root"
	holders="$holders $root"
	wait_until has_descendants "$root" "$1"
	members=$(descendants "$root")
	holders="$holders $members"
}

descendants() {
	local child
	for child in $(pgrep -P "$1"); do
		echo "$child"
		descendants "$child"
	done
}

# All of them run what they are to run, and sleep there.
has_descendants() {
	local pid
	[ "$(descendants "$1" | wc -l)" -eq "$2" ] || return 1
	for pid in $(descendants "$1"); do
		in_state '[SZ]' "$pid" || return 1
	done
}

# The rows of the family alone: without its ancestors.
rows() {
	try proctree -n "$@" "$root"
	fine
	output=$(sed -n '/\(bash\)\( -c .*\)\?$/,$p' <<<"$output" | tail -n +"$(($(ancestors) + 1))")
}

ancestors() {
	local pid=$root count=0
	while pid=$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status") && [ "$pid" -ne 0 ]; do
		count=$((count + 1))
	done
	echo $count
}

# The tree of the family, without what stands before it.
drawn() {
	try proctree -n -o COMMAND "$@" "$root"
	fine
	output=$(tail -n +"$(($(ancestors) + 1))" <<<"$output" | sed "s/^.\{$((2 * ($(ancestors) - 1)))\}//")
}

@test "each process stands below its parent, children in the order they were started" {
	family 4 'sleep 301 & bash -c "sleep 302 & tail -f /dev/null; :" & cat <(sleep 1000) & wait' ||
		family 5 'sleep 301 & bash -c "sleep 302 & tail -f /dev/null; :" & cat <(sleep 1000) & wait'
	try proctree -J "$root"
	fine
	for pid in $members; do
		is "$(forest "p[$pid]['ppid']")" "$(ps -o ppid= -p "$pid" | tr -d ' ')"
		is "$(forest "[c['pid'] for c in p[$pid]['children']]")" \
			"[$(ps -o pid= --ppid "$pid" --sort start_time,pid | tr -d ' ' | paste -sd, | sed 's/,/, /g')]"
	done
}

@test "the lines of a tree are as pstree draws them: ASCII or UTF-8, by locale or -A and -U" {
	family 3 'bash -c "sleep 300; :" & tail -f /dev/null & wait'
	ascii='`-bash
  |-bash
  | `-sleep
  `-tail'
	utf8='└─bash
  ├─bash
  │ └─sleep
  └─tail'
	drawn
	prints "$utf8"
	drawn -A
	prints "$ascii"
	LC_ALL=C drawn
	prints "$ascii"
	LC_ALL=C drawn -U
	prints "$utf8"
	drawn -A -U
	prints "$utf8"
}

@test "identical leaves are one row with the first one's pid, and a row each with -c and -p" {
	family 6 'for i in 1 2 3 4 5; do sleep 300 & done; tail -f /dev/null & wait'
	first=$(pgrep -P "$root" | sort -n | head -1)
	drawn -A
	has '|-5*[sleep]' '`-tail'
	is "$(wc -l <<<"$output")" 3
	try proctree -n -o PID,COMMAND "$root"
	is "$(awk '/5\*\[sleep\]/ { print $1 }' <<<"$output")" "$first"
	for option in -c -p; do
		try proctree -n "$option" -o PID,COMMAND "$root"
		is "$(awk '/sleep$/ { print $1 }' <<<"$output")" "$(pgrep -P "$root" -x sleep)"
	done
}

@test "nothing is put together that differs in what is shown" {
	family 5 'for i in 1 2 3; do sleep 300 & done; sleep 301 & sleep 302 & wait'
	drawn -A
	has '5*[sleep]'
	drawn -A --args
	has '3*[sleep 300]' '|-sleep 301' '`-sleep 302'
	drawn -A -o COMMAND,ARGS
	has '3*[sleep]'
	# one of them is stopped: another state, another mark
	third=$(pgrep -P "$root" | sed -n 3p)
	kill -STOP "$third"
	wait_until in_state T "$third"
	drawn -A
	has '4*[sleep]' '`-sleep'
	kill -CONT "$third"
}

@test "leaves of other groups are put together unless the group is shown" {
	family 4 'set -m; for i in 1 2 3 4; do sleep 300 & done; wait'
	drawn -A
	has '4*[sleep]'
	drawn -A -g
	lacks '*['
	is "$(grep -c 'sleep' <<<"$output")" 4
}

@test "who was named keeps a row, and those that have children do" {
	family 4 'sleep 300 & sleep 300 & bash -c "sleep 300; :" & wait'
	try proctree -n -A "session:$(ps -o sid= -p "$root" | tr -d ' ')"
	lacks '*['
	second=$(pgrep -P "$root" -x sleep | sed -n 2p)
	try proctree -n -A "$root" "$second"
	lacks '*['
	is "$(grep -c 'sleep' <<<"$output")" 3
	drawn -A
	has '2*[sleep]' '`-bash'
}

@test "raw fields and JSON put nothing together, and raw fields have no tree" {
	family 3 'for i in 1 2 3; do sleep 300 & done; wait'
	try proctree --raw -n -o PID,PPID,COMMAND "$root"
	fine
	is "$(grep -c ' sleep$' <<<"$output")" 3
	is "$(cut -d' ' -f1 <<<"$output")" "$(cut -d' ' -f1 <<<"$output" | sort -n)"
	try proctree --export -n -o PID,COMMAND "$root"
	is "$(grep -c '^PID="[0-9]*" COMMAND="sleep"$' <<<"$output")" 3
	try proctree -J "$root"
	is "$(forest "sorted(x['pid'] for x in p[$root]['children'])")" \
		"[$(pgrep -P "$root" | sort -n | paste -sd, | sed 's/,/, /g')]"
}

@test "short forms add their column before the tree, each once" {
	family 1 'sleep 300; :'
	try proctree -gsuT "$root"
	is "$(head -1 <<<"$output" | xargs)" "PID PPID S TTY MARKS PGID SID USER THREADS COMMAND"
	try proctree -pt --pgid -g "$root"
	is "$(head -1 <<<"$output" | xargs)" "PID PPID S TTY MARKS PGID COMMAND"
	try proctree -o +UID -s "$root"
	is "$(head -1 <<<"$output" | xargs)" "PID PPID S TTY MARKS UID SID COMMAND"
	try proctree -o COMMAND,PID -g "$root"
	is "$(head -1 <<<"$output" | xargs)" "PGID COMMAND PID"
	try proctree -o PID -g "$root"
	is "$(head -1 <<<"$output" | xargs)" "PID PGID"
}

@test "columns are what ps says" {
	family 2 'set -m; sleep 300 & tail -f /dev/null & wait'
	for pid in $root $members; do
		is "$(proctree --raw -n -o PID,PPID,PGID,SID,S,USER,UID,THREADS,COMMAND "$pid" | grep "^$pid ")" \
			"$(ps -o pid=,ppid=,pgid=,sid=,s=,euser=,euid=,nlwp=,comm= -p "$pid" |
				awk '{ for (i = 2; i <= 4; i++) if ($i == 0) $i = "-"; print }')"
	done
}

@test "--args shows arguments, and names in brackets where there are none" {
	family 2 'sleep 300 & sh -c "until grep -qx tail /proc/\$PPID/comm; do :; done; exit 3" & exec tail -f /dev/null'
	zombie=$(pgrep -P "$root" -x sh)
	wait_until in_state Z "$zombie"
	drawn -A --args
	has '`-tail -f /dev/null' '|-sleep 300' '`-[sh]'
	try proctree -J --args "$root"
	is "$(forest "[p[$root]['command'], p[$root]['args'], p[$zombie]['args']]")" \
		'["tail", "tail -f /dev/null", null]'
}

@test "siblings are ordered by --sort, trees and raw fields alike" {
	family 3 'sleep 300 & tail -f /dev/null & cat <&8 & wait' 8< <(exec sleep 1000 2>/dev/null 3>&-)
	drawn -A --sort COMMAND
	is "$(sed 's/.*-//' <<<"$output" | paste -sd' ')" "bash cat sleep tail"
	drawn -A --sort PID:desc
	is "$(sed 's/.*-//' <<<"$output" | paste -sd' ')" "bash cat tail sleep"
	drawn -A --sort ARGS:desc
	is "$(sed 's/.*-//' <<<"$output" | paste -sd' ')" "bash tail sleep cat"
	try proctree --raw -n -o PID --sort PID:desc "$root"
	is "$output" "$(sort -rn <<<"$output")"
	try proctree --sort NOSUCH
	ends 2 && complains "NOSUCH: no such column"
}

@test "a chain of 300 fits a terminal of 80 columns, and each row tells its process" {
	breed chain 299
	root=$holder members=$made
	try "$SUPPORT/terminal" 80 -- proctree -U "$root"
	ends 0
	tr -d '\r' <<<"$output" >"$BATS_TEST_TMPDIR/rows"
	[ "$(LC_ALL=C.UTF-8 awk 'length > most { most = length } END { print most }' "$BATS_TEST_TMPDIR/rows")" -le 80 ]
	for pid in $root $members; do
		grep -q "^ *$pid .*breed" "$BATS_TEST_TMPDIR/rows" || { echo "lacks $pid"; return 1; }
	done
	# the last one drawn at its place, and the next one below it, tell how deep the deepest is
	grep -q -- '─+1 breed' "$BATS_TEST_TMPDIR/rows"
	grep -q -- '─+2[0-9][0-9] breed' "$BATS_TEST_TMPDIR/rows"
}

@test "to a pipe nothing is cut: a chain of 300 is drawn in full" {
	breed chain 299
	root=$holder members=$made
	drawn -A
	is "$(tail -1 <<<"$output")" "$(printf '%*s`-breed' 598 '')"
	lacks '+'
	COLUMNS=40 drawn -A
	is "$(tail -1 <<<"$output")" "$(printf '%*s`-breed' 598 '')"
}

@test "-H highlights this process and its ancestors, in colour only" {
	family 1 'sleep 300; :'
	bold=$'\e[1m'
	try proctree -A -H --color -n -o COMMAND
	ends 0
	# each below the one before it, down to this one
	is "$(grep -F "$bold" <<<"$output" | sed 's/\x1b\[[0-9;]*m//g' |
		awk '{ if (match($0, /[a-z]/) != 2 * NR - 1) print "not below: " $0; last = $0 }
			END { sub(/.*-/, "", last); print last }')" proctree
	lacks "${bold}sleep"
	try proctree -H -n
	lacks "$bold"
	try proctree --color -n
	lacks "$bold"
}

@test "a zombie says how it ended, in tables, raw fields and JSON" {
	late='until grep -qx sleep /proc/$PPID/comm; do :; done'
	export late
	family 3 'sh -c "$late; exit 3" & sh -c "$late; kill -TERM \$\$" & sh -c "$late; exit 0" & exec sleep 300'
	for pid in $members; do wait_until in_state Z "$pid"; done
	try proctree -c -n -o PID,S,EXIT "$root"
	fine
	set -- $members
	is "$(grep -w "^ *$1" <<<"$output" | xargs)" "$1 Z exited 3"
	is "$(grep -w "^ *$2" <<<"$output" | xargs)" "$2 Z killed by TERM"
	is "$(grep -w "^ *$3" <<<"$output" | xargs)" "$3 Z exited 0"
	is "$(grep -w "^ *$root" <<<"$output" | xargs)" "$root S -"
	try proctree -J "$root"
	is "$(forest "[p[i]['exit'] for i in ($1, $2, $3, $root)]")" \
		'[{"exited": 3}, {"signaled": "TERM", "core": false}, {"exited": 0}, null]'
}
