# A watch of queues and semaphores.  Loaded behind private.bash.

# Watch in the background until a line like this has come: $watcher.  A shell lets what it starts
# there ignore SIGINT.
watch() {
	env --default-signal=INT shmpeek --watch=20ms "${@:2}" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	watcher=$!
	wait_until seen "$1"
}

seen() {
	grep -q "$1" "$BATS_TEST_TMPDIR/out"
}
