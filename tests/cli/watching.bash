# A watch in the background, and a writer that is told what to write.  Loaded behind private.bash.

setup() {
	start_empty
	rm -f /dev/shm/*
}

# Start poke with these words; its id or inode: $made.  Commands: tell WORD...
start_poke() {
	local fifo=$BATS_TEST_TMPDIR/commands
	poked=$BATS_TEST_TMPDIR/poked
	mkfifo "$fifo"
	"$SUPPORT/poke" "$@" <"$fifo" >"$poked" 3>&- &
	holder=$!
	disown "$holder"
	holders="$holders $holder"
	exec 7>"$fifo"
	wait_until grep -q '^ready$' "$poked"
	made=$(head -1 "$poked")
	told=0
}

answers() {
	[ "$(wc -l <"$poked")" -ge "$1" ]
}

# Each command is done when this returns.
tell() {
	echo "$*" >&7
	told=$((told + 1))
	wait_until answers $((told + 2)) # the first two lines are what it made, and "ready"
}

# The watch in the background: its output in $seen and $said.  Jobs of a script ignore SIGINT.
watch() {
	seen=$BATS_TEST_TMPDIR/seen said=$BATS_TEST_TMPDIR/said
	env --default-signal=INT,TERM,HUP shmpeek --watch=20ms "$@" >"$seen" 2>"$said" \
		3>&- 7>&- </dev/null &
	watcher=$!
}

# Its first view is there: this is its last line.
begun() {
	wait_until grep -q "$1" "$seen"
}

# Wait for its end: $status.
ended() {
	local status_of=0
	wait_until gone "$watcher"
	wait "$watcher" || status_of=$?
	status=$status_of output=$(cat "$seen") stderr=$(cat "$said")
	mapfile -t stderr_lines <"$said"
}

interrupt() {
	kill -INT "$watcher"
	ended
	ends 0
}

# The lines of changes without their time, which has this form.
changes() {
	local time='[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9][0-9][0-9]'
	sed -n "s/^$time //p" "$seen"
}

shown() {
	changes | grep -qF -- "$1"
}

shows() {
	wait_until shown "$1"
}
