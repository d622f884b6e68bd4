# What the tests of processes share.  Loaded behind private.bash.

# Processes of every shape, until the test ends.  What each is: $made, see tests/support/zoo.c.
zoo() {
	hold_with zoo
}

# The pid of one of them: zoo_pid NAME
zoo_pid() {
	awk -v name="$1" '$1 == name { print $2 }' <<<"$made"
}

# What it says of one of them: zoo_fact NAME exit
zoo_fact() {
	awk -v name="$1" -v key="$2=" '$1 == name {
		for (i = 3; i <= NF; i++) if (index($i, key) == 1) print substr($i, length(key) + 1)
	}' <<<"$made"
}

# A Python expression on the tree in $output, which proctree -J printed: d is the document, and p
# has all its processes by pid.  As deep as processes can be nested.
forest() {
	python3 -c '
import json, sys
sys.setrecursionlimit(100000)
d = json.loads(sys.stdin.buffer.read().decode("utf-8", "strict"))
p = {}
def walk(rows):
    for row in rows:
        assert row["pid"] not in p, "twice: %d" % row["pid"]
        p[row["pid"]] = row
        walk(row.get("children", []))
walk(d["processes"])
value = eval(sys.argv[1])
print(value if isinstance(value, str) else json.dumps(value))' "$1" <<<"$output"
}

# The state of a process, as /proc has it: in_state Z PID
in_state() {
	grep -q "^State:.$1" "/proc/$2/status"
}

# Does every process but those of this shell and its commands sleep, or has it ended or stopped?
at_rest() {
	local pid rest=0
	for pid in /proc/[0-9]*; do
		pid=${pid#/proc/}
		[ "$pid" = "$BASHPID" ] || in_state "[^R]" "$pid" || [ ! -e "/proc/$pid" ] || rest=1
	done
	return $rest
}

# Run a command in a pid namespace of its own, with nothing else in it.
nested() {
	unshare --pid --fork --mount-proc --kill-child "$@"
}

# The same in the background, until the test ends.  Its PID 1, by our number: $inner.  Its output is
# a file: nest FILE COMMAND...
nest() {
	local outer
	unshare --pid --fork --mount-proc --kill-child "${@:2}" >"$1" 3>&- &
	outer=$!
	holders="$holders $outer"
	disown "$outer"
	wait_until pgrep -P "$outer"
	inner=$(pgrep -P "$outer")
}

# Run a command in there: its parent is outside.
inside() {
	nsenter --target "$inner" --pid --mount "$@"
}

# Processes by number, until the test ends: breed crowd|chain|storm N.  Their pids: $made.
breed() {
	hold_with breed "$@"
	made=${made%ready}
}

# A process for each of these names, which are written as Python has bytes.  Their pids: $made.
call_them() {
	local out=$BATS_TEST_TMPDIR/called
	python3 -c '
import ctypes, os, signal, sys
libc = ctypes.CDLL(None)
for name in sys.argv[1:]:
    ends = os.pipe()
    pid = os.fork()
    if pid == 0:
        libc.prctl(1, signal.SIGKILL)
        libc.prctl(15, ctypes.c_char_p(eval("b" + chr(39) + name + chr(39))))
        os.write(ends[1], b"x")
        while True:
            signal.pause()
    os.read(ends[0], 1)
    print(pid)
print("ready", flush=True)
signal.pause()' "$@" >"$out" 3>&- &
	holders="$holders $!"
	disown "$!"
	wait_until grep -q '^ready$' "$out"
	made=$(grep -v ready "$out")
}
