# Memory of which only parts can be read.  Loaded behind private.bash.

# A process that maps these parts of a file in /dev/shm: all that --method vm can read.
map_part() { # map_part NAME OFFSET BYTES [OFFSET BYTES]...
	python3 -c 'import mmap, os, sys, time
fd = os.open("/dev/shm/" + sys.argv[1], os.O_RDWR)
numbers = [int(word) for word in sys.argv[2:]]
areas = [mmap.mmap(fd, size, offset=offset) for offset, size in zip(numbers[::2], numbers[1::2])]
os.close(fd)
print("ready", flush=True)
time.sleep(600)' "$@" >"$BATS_TEST_TMPDIR/mapped" 3>&- &
	holder=$!
	disown "$holder"
	holders="$holders $holder"
	wait_until grep -q ready "$BATS_TEST_TMPDIR/mapped"
}
