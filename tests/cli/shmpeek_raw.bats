#!/usr/bin/env bats
# --raw and --save give the bytes themselves; --save leaves holes out.

load private
load shmpeek_bytes

# Every way out gives these bytes of $truth: same_bytes FIRST COUNT [option...]
same_bytes() {
	local ref expected=$BATS_TEST_TMPDIR/expected got=$BATS_TEST_TMPDIR/got first=$1 count=$2
	shift 2
	tail -c "+$((first + 1))" "$truth" | head -c "$count" >"$expected"
	for ref in "${refs[@]}"; do
		shmpeek --raw "$@" "$ref" >"$got"
		cmp "$got" "$expected"
		shmpeek --raw "$@" "$ref" | cmp - "$expected"
		: >"$got"
		shmpeek --raw "$@" "$ref" >>"$got"
		cmp "$got" "$expected"
		rm "$got"
		try shmpeek --save "$got" "$@" "$ref"
		fine
		prints ""
		cmp "$got" "$expected"
		is "$(stat -c '%a %F' "$got")" "600 regular$([ -s "$got" ] || echo " empty") file"
		rm "$got"
	done
}

@test "sizes around a block, of all sorts of content" {
	local size name
	for size in 0 1 4095 4096 4097 300001; do
		for name in random zero mixed; do
			content "$name" "$size"
			objects
			same_bytes 0 "$size"
		done
	done
}

@test "a part that begins and ends anywhere" {
	sparse 50000 4095 8192 12300 40960
	objects
	same_bytes 0 50000
	same_bytes 1 49999 -s1
	same_bytes 4096 10000 -s4K -l10000
	same_bytes 5000 20000 -s5000 -l20000
	same_bytes 13000 27000 -s-37000 -l-10000
	same_bytes 20000 100 -s20000 -l100
	same_bytes 20000 0 -s20000 -l0
}

@test "a file gets holes where there are holes, also at its end" {
	local got=$BATS_TEST_TMPDIR/got
	sparse 67108864 5000 30000000
	objects
	for ref in "${refs[@]}"; do
		rm -f "$got" "$got.saved"
		timeout 10 shmpeek --raw "$ref" >"$got"
		timeout 10 shmpeek --save "$got.saved" "$ref"
		for file in "$got" "$got.saved"; do
			is "$(stat -c %s "$file")" 67108864
			[ "$(stat -c %b "$file")" -le 64 ]
			is "$(grep -abo 'written at [0-9]*' "$file")" "$(printf '%s\n' \
				'5000:written at 5000' '30000000:written at 30000000')"
		done
	done
}

@test "zeros that were written are left out of a saved file" {
	local got=$BATS_TEST_TMPDIR/got
	content zero 1000000
	printf x | dd of="$truth" bs=1 seek=500000 conv=notrunc status=none
	objects
	for ref in "${refs[@]}"; do
		rm -f "$got"
		shmpeek --save "$got" "$ref"
		cmp "$got" "$truth"
		[ "$(stat -c %b "$got")" -le 16 ]
	done
}

@test "what a file already holds is written over, and zeros too" {
	local got=$BATS_TEST_TMPDIR/got
	sparse 20000 9000
	objects
	for ref in "${refs[@]}"; do
		head -c 30000 /dev/urandom >"$got"
		cp "$got" "$got.expected"
		dd if="$truth" of="$got.expected" bs=20000 conv=notrunc status=none
		shmpeek --raw "$ref" 1<>"$got"
		cmp "$got" "$got.expected"
		head -c 30000 /dev/urandom >"$got"
		cat "$got" "$truth" >"$got.expected"
		shmpeek --raw "$ref" >>"$got"
		cmp "$got" "$got.expected"
	done
}

@test "several objects, one after the other and nothing between" {
	need_root # which alone reads a segment without a trace
	sparse 20000 9000
	objects
	shmpeek --raw "${refs[@]}" >"$BATS_TEST_TMPDIR/got"
	cmp "$BATS_TEST_TMPDIR/got" <(cat "$truth" "$truth")
}

@test "what is lost on the way out is complained of, a reader that goes away is not" {
	sparse 8589934592 9000
	objects
	for ref in "${refs[@]}"; do
		try bash -c 'shmpeek --raw "$1" >/dev/full' sh "$ref"
		ends 2
		complains "standard output: No space left on device"
		try timeout 10 bash -c 'trap "" PIPE
			{ shmpeek --raw "$1"; echo "ended $?" >&2; } | head -c 9' sh "$ref"
		is "$stderr" "ended 0"
	done
}

@test "a terminal does not get what it would obey" {
	printf '\033[31mred\n' >"$truth"
	queue=$(python3 -c '
import ctypes, struct
libc = ctypes.CDLL(None)
id = libc.msgget(0, 0o1600)
libc.msgsnd(id, struct.pack("l", 1) + b"\x1b[31mred", 8, 0)
print(id)')
	for words in posix-shm:/truth "--message 0 msg:$queue"; do
		try "$SUPPORT/terminal" 80 -- shmpeek --raw $words
		ends 2
		has "--raw: standard output is a terminal" --save
		lacks $'\033'
		shmpeek --raw $words | grep -q $'\033'
	done
}

@test "--save never touches what is there" {
	local there=$BATS_TEST_TMPDIR/there
	content random 100
	objects
	echo precious >"$there"
	ln -s "$BATS_TEST_TMPDIR/nothing" "$there.link"
	mkdir "$there.dir"
	for file in "$there" "$there.link" "$there.dir"; do
		try shmpeek --save "$file" "${refs[-1]}"
		ends 2
		prints ""
		complains "$file: already exists"
	done
	is "$(cat "$there")" precious
	[ ! -e "$BATS_TEST_TMPDIR/nothing" ]
	try shmpeek --save "$BATS_TEST_TMPDIR/no/such" "${refs[-1]}"
	ends 2
	complains "No such file or directory"
	cd "$BATS_TEST_TMPDIR"
	try shmpeek --save "" "${refs[-1]}"
	ends 2
	complains "--save: no file is named"
	try shmpeek --save - "${refs[-1]}"
	ends 2
	complains "--save: -: " --raw
	[ ! -e ./- ]
	shmpeek --save ./- "${refs[-1]}"
	cmp ./- "$truth"
}

@test "half a copy is none" {
	content random 2000000
	objects
	mkdir "$BATS_TEST_TMPDIR/small"
	mount -t tmpfs -o size=1M tmpfs "$BATS_TEST_TMPDIR/small"
	for ref in "${refs[@]}"; do
		try shmpeek --save "$BATS_TEST_TMPDIR/small/got" "$ref"
		ends 2
		complains "$BATS_TEST_TMPDIR/small/got: No space left on device"
		is "$(ls -A "$BATS_TEST_TMPDIR/small")" ""
	done
	umount "$BATS_TEST_TMPDIR/small"
}

@test "past the end nothing is written or made" {
	content random 100
	objects
	for ref in "${refs[@]}"; do
		try shmpeek --raw -s 100 "$ref"
		ends 2
		prints ""
		try shmpeek --save "$BATS_TEST_TMPDIR/got" -s 101 "$ref"
		ends 2
		complains "past its end"
		[ ! -e "$BATS_TEST_TMPDIR/got" ]
	done
}

@test "of what is not all known nothing is written" {
	partly_known
	for part in "-l 8192" "-s 4096" "-s 4095 -l 20" "-s 12280 -l 9"; do
		try shmpeek --method vm $part --raw posix-shm:/truth
		ends 1
		prints ""
		[[ $stderr == *"$unknown_text"* ]]
		try shmpeek --method vm $part --save "$BATS_TEST_TMPDIR/got" posix-shm:/truth
		ends 1
		[[ $stderr == *"$unknown_text"* ]]
		[ ! -e "$BATS_TEST_TMPDIR/got" ]
	done
	cmp <(shmpeek --method vm -s 4096 -l 8192 --raw posix-shm:/truth 2>/dev/null) \
		<(tail -c +4097 "$truth" | head -c 8192)
}
