# What the command tests share.  Loaded by every bats file; refuses to run outside the private
# namespaces that tests/support/private makes, since setup() removes every System V object.

bats_require_minimum_version 1.5.0
. "${BASH_SOURCE[0]%/*}/../support/namespaces.bash"

start_empty() {
	in_private_namespaces || return 1
	/usr/bin/ipcrm -a 2>/dev/null || true
}

setup() {
	start_empty
}

teardown() {
	# Whatever a test started in the background ends here.
	local pid name
	for pid in $(jobs -p); do kill -9 "$pid" 2>/dev/null || true; done
	[ -z "${holders:-}" ] || kill -9 $holders 2>/dev/null || true
	for name in "${!limits[@]}"; do
		printf '%s' "${limits[$name]}" >"/proc/sys/kernel/$name"
	done
}

# Give a limit of this IPC namespace another value until the test ends: limit shmmni 10
declare -gA limits
limit() {
	: "${limits[$1]:=$(cat "/proc/sys/kernel/$1")}"
	printf '%s' "$2" >"/proc/sys/kernel/$1"
}

# Start make_objects, or another program like it, with these words and wait until it holds what it
# made.  Its output: $made, its pid: $holder.
holders=
hold() {
	hold_with make_objects "$@"
}

hold_with() {
	local out=$BATS_TEST_TMPDIR/made.$RANDOM
	"$SUPPORT/$1" "${@:2}" hold >"$out" 3>&- &
	holder=$!
	disown "$holder" # bash need not tell that teardown killed it
	holders="$holders $holder"
	until grep -qs '^ready$' "$out"; do
		kill -0 "$holder" || return 1
	done
	made=$(cat "$out")
}

# make_objects that makes and goes.  Its output: $made.
make_objects() {
	made=$("$SUPPORT/make_objects" "$@")
}

# The n-th id of a kind among what was made: made_id shm [n]
made_id() {
	awk -v kind="$1" -v n="${2:-1}" '$1 == kind && ++i == n { print $2 }' <<<"$made"
}

# Run as an ordinary user without any right.  Only real root can become another user.
as_nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

need_root() {
	[ "$IPCKIT_ROOT" = 1 ] || skip "needs root: becomes another user, or looks where only root may"
}

# Field N of the row of an id in /proc/sysvipc/KIND.
proc_field() {
	awk -v id="$2" -v n="$3" 'NR > 1 && $2 == id { print $n }' "/proc/sysvipc/$1"
}

# The ids of a kind that the kernel has now, in ascending order, on one line.
ids() {
	awk 'NR > 1 { print $2 }' "/proc/sysvipc/$1" | sort -n | paste -sd' '
}

# Poll until a command succeeds; gives up after twenty seconds.
wait_until() {
	local deadline=$((SECONDS + 20))
	until "$@" 2>/dev/null; do
		[ "$SECONDS" -lt "$deadline" ] || { echo "never came: $*" >&2; return 1; }
		sleep 0.02
	done
}

# Is there no process of this number any more?
gone() {
	! kill -0 "$1" 2>/dev/null
}

# Is the clock past this second?
past() {
	[ "$(date +%s)" -gt "$1" ]
}

# Run a command: $status, $output and $stderr, which the functions below judge.
try() {
	run --separate-stderr "$@"
}

show_failure() {
	printf '%s\n--- status %s, stdout:\n%s\n--- stderr:\n%s\n' "$1" "$status" "$output" "${stderr:-}" >&2
	return 1
}

# It ended with this status.
ends() {
	[ "$status" -eq "$1" ] || show_failure "ended with $status, not $1"
}

# It ended well and had nothing to complain of.
fine() {
	ends 0 && { [ -z "$stderr" ] || show_failure "complained"; }
}

# It complained in exactly one line, which holds each of these texts.
complains() {
	local text
	[ "${#stderr_lines[@]}" -eq 1 ] || show_failure "${#stderr_lines[@]} lines of complaint" || return 1
	for text in "$@"; do
		[[ $stderr == *"$text"* ]] || show_failure "the complaint lacks: $text" || return 1
	done
}

# One of the complaints holds this text.
has_line() {
	[[ $stderr == *"$1"* ]] || show_failure "complains of something else than: $1"
}

# So many KiB, as tests/support/peak tells them, are less than 8 MiB.  A sanitized build has memory
# of its own beside it, which is not judged.
lean() {
	[ "$1" -gt 0 ] || show_failure "no number of KiB: $1" || return 1
	[ "$1" -lt 8192 ] || grep -q __asan_init "$(command -v shmpeek)" ||
		show_failure "$1 KiB of memory"
}

# Its output is this, holds this, lacks this.
prints() {
	[ "$output" = "$1" ] || show_failure "should print: $1"
}

has() {
	local text
	for text in "$@"; do
		[[ $output == *"$text"* ]] || show_failure "lacks: $text" || return 1
	done
}

lacks() {
	local text
	for text in "$@"; do
		[[ $output != *"$text"* ]] || show_failure "holds: $text" || return 1
	done
}

# Two texts are the same.
is() {
	[ "$1" = "$2" ] || { diff <(echo "$1") <(echo "$2") >&2; return 1; }
}

# A Python expression on the JSON document in $output, as d.
json() {
	python3 -c '
import json, sys
d = json.loads(sys.stdin.read())
value = eval(sys.argv[1])
print(value if isinstance(value, str) else json.dumps(value))' "$1" <<<"$output"
}

# Run without any controlling terminal, whatever terminal the tests were started from.
without_terminal() {
	setsid --wait "$@" </dev/null
}

# Run in a mount namespace of its own, after these shell commands.
mounted() {
	local commands=$1
	shift
	unshare --mount sh -c "$commands"' && exec "$@"' sh "$@"
}
