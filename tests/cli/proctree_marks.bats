#!/usr/bin/env bats
# What proctree says of processes of every shape, against the program that built them.

load private
load processes

# Compare the truth with what proctree -J said: judge TRUTH DOCUMENT
judge() {
	"$BATS_TEST_DIRNAME/../support/judge_marks" "$@"
}

# For the shell that is PID 1 there: the zoo, and a look at it.  NAME.truth and NAME.json are files.
look_inside='
	"$SUPPORT/zoo" hold >"$1.truth" 3>&- &
	until grep -q "^ready$" "$1.truth"; do kill -0 $! || exit 1; done
	proctree -J -c >"$1.json"
	cat /proc/1/comm >"$1.init"
'

@test "each has its marks, each with a reason, and no others" {
	zoo
	proctree -J >"$BATS_TEST_TMPDIR/json"
	judge <(echo "$made") "$BATS_TEST_TMPDIR/json"
}

@test "and so below a shell that is PID 1" {
	nested bash -c "$look_inside" bash "$BATS_TEST_TMPDIR/shell"
	is "$(cat "$BATS_TEST_TMPDIR/shell.init")" bash
	judge "$BATS_TEST_TMPDIR/shell.truth" "$BATS_TEST_TMPDIR/shell.json"
}

@test "and below one that leads a session" {
	nested setsid bash -c "$look_inside" bash "$BATS_TEST_TMPDIR/leader"
	judge "$BATS_TEST_TMPDIR/leader.truth" "$BATS_TEST_TMPDIR/leader.json"
	grep -q '^same-session [0-9]* .*!orphan' "$BATS_TEST_TMPDIR/leader.truth"
}

@test "and below a PID 1 that reaps whatever it is given" {
	nest "$BATS_TEST_TMPDIR/truth" "$SUPPORT/zoo" hold
	wait_until grep -q '^ready$' "$BATS_TEST_TMPDIR/truth"
	# who looks is no child of that PID 1: it has no parent there
	inside proctree -J >"$BATS_TEST_TMPDIR/json"
	judge "$BATS_TEST_TMPDIR/truth" "$BATS_TEST_TMPDIR/json"
	output=$(cat "$BATS_TEST_TMPDIR/json")
	is "$(forest '[m["mark"] for m in p[1]["marks"]]')" '["reaper", "session-leader", "group-leader"]'
	is "$(forest '[row["command"] for row in d["processes"] if row["pid"] != 1]')" '["proctree"]'
}

@test "the reason for an orphan names what proves it" {
	zoo
	try proctree -J
	fine
	reason_of() {
		forest "[m['reason'] for m in p[$(zoo_pid "$1")]['marks'] if m['mark'] == '$2'][0]"
	}
	[[ $(reason_of sub-orphan orphan) == *"$(forest "p[$(zoo_pid sub-orphan)]['sid']")"* ]]
	[[ $(reason_of young-orphan orphan) == *"$(zoo_pid young-leader)"* ]]
	[[ $(reason_of subreaper reaper) == *"$(zoo_pid sub-orphan)"* ]]
	[[ $(reason_of hung-background hung-terminal) == *"$(forest "p[$(zoo_pid hung-shell)]['tpgid']")"* ]]
}

@test "a text has the marks with ? where they are likely, and how zombies have ended" {
	zoo
	try proctree --raw -n -o PID,MARKS
	fine
	is "$(awk -v pid="$(zoo_pid late-child)" '$1 == pid { print $2 }' <<<"$output")" 'orphan?'
	is "$(awk -v pid="$(zoo_pid sub-orphan)" '$1 == pid { print $2 }' <<<"$output")" 'orphan,daemon'
	is "$(awk -v pid="$(zoo_pid zombie-exit)" '$1 == pid { print $2 }' <<<"$output")" 'zombie'
}

# Let the kernel seem to say that a process is in this control group.
in_group() {
	printf '0::%s\n' "$2" >"$BATS_TEST_TMPDIR/group.$1"
	mount --bind "$BATS_TEST_TMPDIR/group.$1" "/proc/$1/cgroup"
}

@test "a child of a service manager: a service in a unit, an orphan in a scope" {
	need_root
	zoo
	local pid
	pid=$(zoo_pid setsid-orphan)
	marks_of() {
		output=$(proctree -J)
		forest "[m['mark'] + '?' * m.get('likely', False) for m in p[$pid]['marks']
			if not m['mark'].endswith('leader')]"
	}
	is "$(marks_of)" '["daemon?"]'
	in_group 1 /init.scope
	in_group "$pid" /system.slice/zoo.service
	is "$(marks_of)" '["service"]'
	umount "/proc/$pid/cgroup"
	in_group "$pid" /user.slice/session-3.scope
	is "$(marks_of)" '["orphan", "daemon"]'
	umount "/proc/$pid/cgroup" /proc/1/cgroup
}
