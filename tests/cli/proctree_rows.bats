#!/usr/bin/env bats
# The rows and the tree of proctree against ps(1), pstree(1) and /proc, whatever processes are called,
# however many they are, and whatever of them may be seen.

load private
load processes

# The zoo, alone with a shell, and what each command says of it while nothing moves.
frozen() {
	nested bash -c '
		"$SUPPORT/zoo" hold >truth 3>&- &
		until grep -q "^ready$" truth; do kill -0 $! || exit 1; done
		proctree --raw -o PID,PPID,PGID,SID,TPGID,S,TTY,THREADS,USER,COMMAND >ours
		ps -eo pid,ppid,pgid,sid,tpgid,stat,tty,nlwp,user,comm >theirs
		proctree -J >ours.json
		pstree -plATc >pstree'
}

@test "in a frozen namespace the rows are those of ps" {
	cd "$BATS_TEST_TMPDIR"
	frozen
	python3 - <<'PYTHON'
def none(text):
    return "" if text in ("0", "-1", "-", "?") else text

ours = [line.rstrip("\n").split(" ") for line in open("ours")]
theirs = [line.split(None, 9) for line in open("theirs")]
assert ours[0] == "PID PPID PGID SID TPGID S TTY THREADS USER COMMAND".split(), ours[0]
ours = {row[0]: [none(word) for word in row] for row in ours[1:] if row[-1] != "proctree"}
rows = {}
for row in theirs[1:]:
    row = [none(word.strip()) for word in row]
    row[5] = row[5][0]
    row[-1] = row[-1].removesuffix(" <defunct>")
    if row[-1] != "ps":
        rows[row[0]] = row
for pid in sorted(ours.keys() | rows.keys(), key=int):
    assert ours.get(pid) == rows.get(pid), (ours.get(pid), rows.get(pid))
assert len(rows) > 45, len(rows)
assert {row[5] for row in rows.values()} == set("STZ")
PYTHON
}

@test "in a frozen namespace the tree is that of pstree, children by their start" {
	cd "$BATS_TEST_TMPDIR"
	frozen
	python3 - <<'PYTHON'
import json, re

def edges(rows, parent=None):
    for row in rows:
        if row["command"] not in ("proctree", "pstree"):
            yield row["pid"], parent
            yield from edges(row.get("children", []), row["pid"])

def started(rows):
    for row in rows:
        times = [(int(child["exact"].split("%")[1]), child["pid"]) for child in row.get("children", [])]
        assert times == sorted(times), times
        started(row.get("children", []))

# "bash(1)-+-zoo(2)---one(3)": the parent stands before, or above at the column of the branch
theirs, above = {}, {}
for line in open("pstree"):
    last = None
    for match in re.finditer(r"([^()`|+]*?)\((\d+)\)", line.rstrip("\n")):
        name, pid = match.group(1).lstrip(" -"), int(match.group(2))
        before = line[:match.start() + len(match.group(1)) - len(name)]
        if last is None and before.strip():
            column = len(before) - 2
            assert before[column] in "|`", line
            last = above[column]
        if name != "pstree":
            theirs[pid] = last
        last = pid
        if line[match.end():match.end() + 2] == "-+":
            above[match.end() + 1] = pid
ours = json.load(open("ours.json"))["processes"]
started(ours)
assert dict(edges(ours)) == theirs, set(edges(ours)) ^ set(theirs.items())
assert len(theirs) > 45
PYTHON
}

# Names that a screen or a parser could choke on.  The empty one is last: a line may look cut.
hostile=(')' 'a) S 1 1' 'two\nlines' 'tab\tcr\r' '\x1b[31mred\x1b[m' '\x1b]0;title\a' '\xe2\x80\xaetxt.exe'
	'\xe2\x81\xa6iso\xe2\x81\xa9' '\xc2\x9b31m' '\xff\xfe' 'cut\xe2\x80' 'fifteen bytes15' '\\\\n \\' '"q" {[,:'
	'a  b ' '\x01\x7f' '\xe4\xb8\xad\xe6\x96\x87' '')

@test "hostile names: in JSON what /proc has, as valid UTF-8" {
	call_them "${hostile[@]}"
	proctree -J -c >"$BATS_TEST_TMPDIR/json"
	python3 - "$BATS_TEST_TMPDIR/json" $made <<'PYTHON'
import json, sys

def walk(rows):
    for row in rows:
        yield row["pid"], row["command"]
        yield from walk(row.get("children", []))

ours = dict(walk(json.loads(open(sys.argv[1], "rb").read().decode("utf-8", "strict"))["processes"]))
for pid in sys.argv[2:]:
    raw = open("/proc/%s/comm" % pid, "rb").read()[:-1]
    try:
        expected = raw.decode("utf-8", "strict")
    except UnicodeDecodeError:  # each byte that belongs to no character
        expected = "".join(
            "\ufffd" if "\udc80" <= one <= "\udcff" else one for one in raw.decode("utf-8", "surrogateescape"))
    assert ours[int(pid)] == expected, (raw, ours[int(pid)])
assert len(sys.argv) > 18
PYTHON
}

# The text in a file is harmless: no control bytes, no marks of direction, valid UTF-8.  Each line but
# the heading begins with a pid, and each of these is there once: harmless FILE PID...
harmless() {
	python3 - "$@" <<'PYTHON'
import re, sys, unicodedata
text = open(sys.argv[1], "rb").read().decode("utf-8", "strict")
for one in text:
    assert one == "\n" or unicodedata.category(one) not in ("Cc", "Cf", "Zl", "Zp", "Cs"), repr(one)
lines = [line for line in text.split("\n")[:-1] if not line.lstrip().startswith("PID ")]
pids = [re.match(r'(?: *|PID=")([0-9]+)', line).group(1) for line in lines]
assert len(set(pids)) == len(pids), pids
assert set(sys.argv[2:]) <= set(pids), pids
PYTHON
}

@test "hostile names are harmless in text, and leave each process its line" {
	local text=$BATS_TEST_TMPDIR/text form
	call_them "${hostile[@]}"
	[ "$(wc -w <<<"$made")" -eq "${#hostile[@]}" ]
	for form in "" -A -U --raw "--raw -o PID,ARGS" --export; do
		proctree -c $form >"$text"
		harmless "$text" $made
	done
	COLUMNS=30 proctree -c >"$text"
	harmless "$text" $made
}

@test "a chain of 300: as deep in JSON, and a line each in text of any width" {
	breed chain 300
	try proctree -J
	fine
	is "$(forest '[p[int(pid)]["ppid"] for pid in """'"$made"'""".split()][1:]')" \
		"[$(head -299 <<<"$made" | paste -sd, | sed 's/,/, /g')]"
	is "$(forest "max(len(row.get('children', [])) for row in p.values() if row['command'] == 'breed')")" 1
	for columns in 20 80 1000; do
		COLUMNS=$columns proctree -o PID,COMMAND >"$BATS_TEST_TMPDIR/text"
		is "$(awk 'NR > 1 { print $1 }' "$BATS_TEST_TMPDIR/text" | grep -xFf <(echo "$made") | wc -l)" 300
	done
	try proctree --notruncate -o PID,COMMAND
	fine
	is "$(grep -c '─breed$' <<<"$output")" 301
	# on a terminal no line is longer than it is wide
	for columns in 40 100; do
		"$SUPPORT/terminal" $columns -- proctree -o PID,COMMAND >"$BATS_TEST_TMPDIR/text" </dev/null
		[ "$(wc -L <"$BATS_TEST_TMPDIR/text")" -le "$columns" ]
		is "$(awk 'NR > 1 { print $1 }' "$BATS_TEST_TMPDIR/text" | grep -xFf <(echo "$made") | wc -l)" 300
	done
}

@test "10,000 processes: each exactly once, and soon" {
	need_root
	breed crowd 10000
	timeout 60 proctree --raw -n -o PID >"$BATS_TEST_TMPDIR/raw"
	is "$(sort "$BATS_TEST_TMPDIR/raw" | uniq -d)" ""
	is "$(sort "$BATS_TEST_TMPDIR/raw" | comm -13 - <(grep . <<<"$made" | sort) | wc -l)" 0
	timeout 60 proctree -c -o PID,COMMAND >"$BATS_TEST_TMPDIR/text"
	is "$(awk 'NR > 1 { print $1 }' "$BATS_TEST_TMPDIR/text" | sort | comm -12 - <(grep . <<<"$made" | sort) | wc -l)" 10000
	output=$(timeout 60 proctree -J)
	is "$(forest "len([row for row in p.values() if row['ppid'] == $holder])")" 10000
}

@test "in a storm of forks it never fails, and there is no cycle" {
	breed storm 2
	for round in {1..50}; do
		try timeout 60 proctree
		fine
		has breed
	done
	for round in {1..10}; do
		try timeout 60 proctree -J
		ends 0
		[ -z "$stderr" ] || complains "they ended meanwhile" # before their arguments were read
		# forest fails where a process is listed twice; who is its own ancestor would not be listed
		is "$(forest "$holder in p and 1 in p")" true
	done
}

@test "hidepid: who is hidden is not told to be missing" {
	need_root
	for name in pid:1 root session:1; do
		try mounted 'mount -t proc -o hidepid=2 proc /proc' setpriv --reuid=65534 --regid=65534 --clear-groups \
			proctree "$name"
		ends 1
		complains ", as far as /proc shows"
	done
}

@test "hidepid: own processes are roots whose parent is hidden, and nothing is an orphan" {
	need_root
	zoo
	setpriv --reuid=65534 --regid=65534 --clear-groups sh -c 'sleep 1000 & wait' 3>&- &
	local own=$!
	holders="$holders $own"
	disown "$own"
	wait_until pgrep -P "$own"
	try mounted 'mount -t proc -o hidepid=2 proc /proc' setpriv --reuid=65534 --regid=65534 --clear-groups \
		proctree -J
	ends 0
	complains hidepid
	is "$(forest "[row['pid'] for row in d['processes']] == sorted(row['pid'] for row in d['processes'])")" true
	is "$(forest "$own in [row['pid'] for row in d['processes']]")" true
	is "$(forest "[m['mark'] for m in p[$own]['marks']]")" '["parent-hidden"]'
	is "$(forest "[m['mark'] for m in p[$(pgrep -P "$own")]['marks']]")" '[]'
	is "$(forest "[row['command'] for row in p.values() for m in row['marks']
		if m['mark'] in ('orphan', 'daemon', 'reaper', 'orphaned-group')]")" '[]'
	is "$(forest "sorted(row['command'] for row in p.values())")" '["proctree", "sh", "sleep"]'
	# who may see all sees all
	try mounted 'mount -t proc -o hidepid=2 proc /proc' proctree -J
	fine
	is "$(forest "p[$(zoo_pid plain)]['command']")" plain
}

@test "processes that came into the namespace have no parent there, and are roots" {
	nest /dev/null sleep 1000
	for round in 1 2; do
		inside sleep 2000 3>&- &
		disown "$!"
	done
	three() { [ "$(inside pgrep -c -x sleep)" -eq 3 ]; }
	wait_until three
	try inside proctree -J
	fine
	is "$(forest "[(row['command'], row['ppid']) for row in d['processes']]")" \
		'[["sleep", null], ["sleep", null], ["sleep", null], ["proctree", null]]'
	is "$(forest "[m['mark'] for row in p.values() for m in row['marks'] if m['mark'] in
		('orphan', 'parent-hidden', 'daemon')]")" '[]'
	try inside proctree 1
	fine
	has sleep
	lacks proctree
}

@test "without a /proc of this pid namespace: one complaint, and nothing else" {
	for way in "unshare --pid --fork" "mounted 'mount -t tmpfs tmpfs /proc'"; do
		for option in "" -J --raw 1; do
			eval "try $way proctree $option"
			ends 2
			complains /proc
			prints ""
		done
	done
}

@test "how the zombies of others have ended is not for everybody" {
	need_root
	zoo
	try as_nobody proctree -J
	ends 0
	for name in zombie-exit zombie-zero zombie-killed; do
		is "$(forest "p[$(zoo_pid $name)]['exit']")" null
		is "$(forest "p[$(zoo_pid $name)]['unknown']['exit'] != ''")" true
	done
	try as_nobody proctree --raw -n -o PID,EXIT
	ends 0
	is "$(grep "^$(zoo_pid zombie-zero) " <<<"$output")" "$(zoo_pid zombie-zero) ?"
}
