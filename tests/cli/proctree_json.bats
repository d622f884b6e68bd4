#!/usr/bin/env bats
# proctree -J: a document whatever the shape, with typed values.  Of all processes some may end before
# they are looked into, which is said on standard error: it is no failure here.

load private
load processes

export LC_ALL=C.UTF-8

@test "all processes are there once, each in its parent" {
	zoo
	try proctree -J
	ends 0
	is "$(forest 'len(p) > 5')" true
	is "$(forest "all(c['ppid'] == i for i in p for c in p[i]['children'])")" true
	is "$(forest 'list(d)')" '["processes"]'
	wanted=$(for pid in $holder $(pgrep -P "$holder"); do echo "$pid"; done)
	for pid in $wanted; do is "$(forest "$pid in p")" true; done
}

@test "the members of a row are these, in this order, of these types" {
	sleep 300 3>&- &
	pid=$!
	wait_until grep -qx sleep "/proc/$pid/comm"
	wait_until in_state S "$pid"
	try proctree -J "$pid"
	fine
	is "$(forest "sorted(p[$pid])")" '["args", "children", "command", "exact", "exit", "marks", "pgid", "pid", "ppid", "sid", "start_time", "state", "threads", "tpgid", "tty", "uid", "user"]'
	is "$(forest "[p[$pid][k] for k in ('pid', 'ppid', 'state', 'user', 'uid', 'command', 'args', 'threads', 'exit', 'children')]")" \
		"[$pid, $(ps -o ppid= -p $pid | tr -d ' '), \"S\", \"$(id -nu)\", $(id -u), \"sleep\", \"sleep 300\", 1, null, []]"
	is "$(forest "abs(p[$pid]['start_time'] - $(date +%s)) < 100")" true
	is "$(forest "type(p[$pid]['marks']).__name__")" list
	kill "$pid"
}

@test "marks have a name and a reason, and say when they are not proven" {
	zoo
	try proctree -J
	ends 0
	is "$(forest "all(set(m) in ({'mark', 'reason'}, {'mark', 'reason', 'likely'}) and m['reason'] and m.get('likely') in (None, True) for i in p for m in p[i]['marks'])")" true
	is "$(forest "any(p[i]['marks'] for i in p)")" true
	try proctree --raw -n -o PID,MARKS
	fine
	raw=$output
	try proctree -J
	# the same words in raw fields, where a question mark says that they are not
	for pid in $holder $(pgrep -P "$holder"); do
		is "$(awk -v pid="$pid" '$1 == pid { print $2 }' <<<"$raw")" \
			"$(forest "','.join(m['mark'] + ('?' if m.get('likely') else '') for m in p[$pid]['marks']) or '-'")"
	done
}

@test "texts of a row are its own, also where one follows many others" {
	for i in 1 2 3 4 5 6 7 8; do sleep "30$i" 3>&- & done
	for pid in $(jobs -p); do wait_until grep -qx sleep "/proc/$pid/comm"; done
	try proctree -J
	ends 0
	for pid in $(jobs -p); do
		is "$(forest "p[$pid]['args']")" "$(tr '\0' ' ' <"/proc/$pid/cmdline" | sed 's/ $//')"
	done
}

@test "names and arguments that no JSON may hold as they are" {
	cp "$(command -v sleep)" "$BATS_TEST_TMPDIR/"$'q"\\\n\e)'
	"$BATS_TEST_TMPDIR/"$'q"\\\n\e)' 300 3>&- &
	pid=$!
	(exec -a $'a\xff"\t' sleep 300) 3>&- &
	bad=$!
	wait_until grep -q '^q' "/proc/$pid/comm"
	wait_until grep -qx sleep "/proc/$bad/comm"
	try proctree -J
	ends 0
	is "$(forest "p[$pid]['command'] == 'q\"\\\\\\n\\x1b)'")" true
	is "$(forest "p[$bad]['args'] == 'a\\ufffd\"\\t 300'")" true
	try proctree -n
	[[ $output != *$'\e'* ]]
	kill "$pid" "$bad"
}

@test "a chain of 300 nests 300 deep, and nobody named nests nothing" {
	breed chain 299
	root=$holder members=$made
	try proctree -J "$root"
	fine
	depth='(lambda f: f(f, p['$root']))(lambda f, r: 1 + max([f(f, c) for c in r["children"]] or [0]))'
	is "$(forest "$depth")" 300
	is "$(forest "len(d['processes'])")" 1
	try proctree -J --command nosuch
	fine && is "$(json 'd')" '{"processes": []}'
}

@test "columns that are asked for are there, too, each once" {
	try proctree -J -o ELAPSED,PID 1
	ends 0
	is "$(forest "type(p[1]['elapsed']).__name__")" int
	is "$(grep -o '"pid":' <<<"$output" | wc -l)" "$(forest 'len(p)')"
}

@test "what is unknown is null with its reason" {
	need_root
	# it ends once its parent is one that does not ask
	bash -c 'sh -c "until grep -qx sleep /proc/\$PPID/comm; do :; done; exit 3" & exec sleep 300' 3>&- &
	parent=$!
	wait_until pgrep -P "$parent"
	zombie=$(pgrep -P "$parent")
	wait_until in_state Z "$zombie"
	wait_until grep -qx sleep "/proc/$parent/comm"
	try as_nobody proctree -J "$zombie"
	ends 0
	has_line "EXIT unknown: permission denied"
	is "$(forest "p[$zombie]['exit']")" null
	is "$(forest "p[$zombie]['unknown']['exit']")" "permission denied"
	try proctree -J "$zombie"
	fine
	is "$(forest "p[$zombie]['exit']")" '{"exited": 3}'
	kill "$parent"
}
