# What the command tests share.  Loaded by every bats file; refuses to run outside the private
# namespaces that tests/support/private makes, since setup() removes every System V object.

start_empty() {
	[ "${IPCKIT_PRIVATE:-}" = 1 ] || { echo "run by tests/support/private only" >&2; return 1; }
	/usr/bin/ipcrm -a 2>/dev/null || true
}

setup() {
	start_empty
}

teardown() {
	# Whatever a test started in the background ends here.
	local pid
	for pid in $(jobs -p); do kill -9 "$pid" 2>/dev/null || true; done
	[ -z "${holders:-}" ] || kill -9 $holders 2>/dev/null || true
}

# Start make_objects with these words and wait until it holds what it made.  Its output: $made,
# its pid: $holder.
holders=
hold() {
	local out=$BATS_TEST_TMPDIR/made.$RANDOM
	"$SUPPORT/make_objects" "$@" hold >"$out" 3>&- &
	holder=$!
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
	[ "$IPCKIT_ROOT" = 1 ] || skip "needs root: becomes another user"
}

# Field N of the row of an id in /proc/sysvipc/KIND.
proc_field() {
	awk -v id="$2" -v n="$3" 'NR > 1 && $2 == id { print $n }' "/proc/sysvipc/$1"
}
