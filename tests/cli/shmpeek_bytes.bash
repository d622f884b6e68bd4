# What the tests of views of bytes share: files in /dev/shm are the truth, and segments have the same
# content, with the same holes.

setup() {
	start_empty
	rm -rf /dev/shm/*
	truth=/dev/shm/truth
}

# Content by a name, the same in every run: content NAME SIZE
content() {
	python3 - "$@" >"$truth" <<'END'
import random, sys
name, size = sys.argv[1], int(sys.argv[2])
dice = random.Random(name)
def mixed():
    while True:
        what = dice.random()
        if what < 0.3: yield dice.randbytes(dice.randrange(100))
        elif what < 0.6: yield bytes([dice.choice(b"\0A\xff")]) * dice.randrange(100)
        elif what < 0.8: yield dice.randbytes(16) * dice.randrange(5)
        else: yield b"Hello, world!\n\t\r\x7f\x80\xe9\0"
text = b""
if name == "random": text = dice.randbytes(size)
elif name == "equal": text = b"\x5a" * size
elif name == "zero": text = bytes(size)
else:
    for part in mixed():
        text += part
        if len(text) >= size: break
sys.stdout.buffer.write(text[:size])
END
}

# Only parts of it were written: sparse SIZE OFFSET...
sparse() {
	local offset
	truncate -s "$1" "$truth"
	for offset in "${@:2}"; do
		printf 'written at %s' "$offset" |
			dd of="$truth" bs=1 seek="$offset" conv=notrunc status=none
	done
}

# The objects that have the content of $truth: $refs.  A segment has at least one byte, and only real
# root reads it without a trace.
objects() {
	local size
	size=$(stat -c %s "$truth")
	refs=(posix-shm:/truth)
	[ -z "$holder" ] || kill -9 "$holder"
	holder=
	[ "$size" -gt 0 ] && [ "$IPCKIT_ROOT" = 1 ] || return 0
	hold_with hold_content "shm=$size" "file=$truth"
	refs+=("shm:$(made_id shm)")
}

# Content of which only some is mapped, so that a view by --method vm knows no more than that: 20003
# times A, bytes 4096 to 12287 known.
partly_known() {
	printf '%20003s' '' | tr ' ' A >"$truth"
	python3 -c '
import mmap, os, signal
part = mmap.mmap(os.open("/dev/shm/truth", os.O_RDWR), 8192, offset=4096)
signal.pause()' 3>&- &
	holder=$!
	disown "$holder"
	holders="$holders $holder"
	wait_until grep -q /dev/shm/truth "/proc/$holder/maps"
	unknown_text='are not known to be there'
}
