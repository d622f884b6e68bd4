#!/usr/bin/env bats
# shmpeek of POSIX shared memory and memory files, with and without a name: their bytes, and what
# becomes of their time of access.  The truth is in the file itself, and in stat.

load private

setup() {
	start_empty
	rm -rf /dev/shm/*
}

old='2001-09-09 01:46:40.123456789 +0000'

# Start hold_content with these words: $made, $holder; of its N-th line the words.
hold_content() {
	hold_with hold_content "$@"
}
word() { # word KIND N
	awk -v kind="$1" -v n="$2" '$1 == kind { print $n; exit }' <<<"$made"
}

# The file of a descriptor of the holder.
held_file() {
	echo "/proc/$holder/fd/$1"
}

# A time of access that any read would move, with relatime too: the file was written since.
age() {
	touch -a -d "$old" "$@"
}
is_old() {
	is "$(stat -L -c %x "$1")" "2001-09-09 01:46:40.123456789 +0000"
}

# shmpeek --raw gives what the file holds.
same_bytes() { # same_bytes REF FILE
	shmpeek --raw "$1" >"$BATS_TEST_TMPDIR/raw" 2>"$BATS_TEST_TMPDIR/complaint"
	is "$(cat "$BATS_TEST_TMPDIR/complaint")" ""
	cmp "$BATS_TEST_TMPDIR/raw" "$2"
}

@test "posix-shm: its bytes, and its time of access stays" {
	hold_content posix-shm=/x,100001 random=0,100 random=40000,5000 text=100000,z
	age /dev/shm/x
	shmpeek --raw posix-shm:/x >"$BATS_TEST_TMPDIR/raw"
	is_old /dev/shm/x
	is "$(stat -c %b /dev/shm/x)" 32
	cmp "$BATS_TEST_TMPDIR/raw" /dev/shm/x
}

@test "posix-shm: the same where every read moves a time of access, and in a folder" {
	need_root
	mount -o remount,strictatime /dev/shm
	mkdir /dev/shm/folder
	head -c 5000 /dev/urandom >/dev/shm/folder/y
	cp /dev/shm/folder/y "$BATS_TEST_TMPDIR/copy"
	age /dev/shm/folder/y
	same_bytes posix-shm:/folder/y "$BATS_TEST_TMPDIR/copy"
	is_old /dev/shm/folder/y
}

@test "posix-shm without a name: through its holder" {
	hold_content posix-shm=/x,70000 random=0,5000 random=60000,100
	cp /dev/shm/x "$BATS_TEST_TMPDIR/copy"
	rm /dev/shm/x
	echo other >/dev/shm/x
	file=$(held_file "$(word posix-shm 3)")
	age "$file"
	same_bytes "posix-shm:$(word posix-shm 2)" "$BATS_TEST_TMPDIR/copy"
	is_old "$file"
	is "$(stat -L -c %b "$file")" 24
}

@test "posix-shm without a name or a descriptor: through a mapping" {
	need_root
	head -c 9000 /dev/urandom >/dev/shm/x
	cp /dev/shm/x "$BATS_TEST_TMPDIR/copy"
	# it must not lead to a file that has the same address in another process
	hold_with hold_fds mmap=/dev/shm/x
	python3 -c '
import mmap, os, time
fd = os.open("/dev/shm/x", os.O_RDWR)
memory = mmap.mmap(fd, 9000)
os.close(fd)
os.unlink("/dev/shm/x")
time.sleep(1000)' 3>&- &
	wait_until eval '! [ -e /dev/shm/x ]'
	kill -9 "$holder"
	device=$(word mmap 2)
	wait_until gone "$holder"
	same_bytes "posix-shm:$device" "$BATS_TEST_TMPDIR/copy"
}

@test "posix-shm by device and inode that has a name still" {
	hold_content posix-shm=/x,5000 random=0,5000
	cp /dev/shm/x "$BATS_TEST_TMPDIR/copy"
	age /dev/shm/x
	same_bytes "posix-shm:$(word posix-shm 2)" "$BATS_TEST_TMPDIR/copy"
	is_old /dev/shm/x
}

@test "posix-shm of another mount namespace" {
	need_root
	echo ours >/dev/shm/x
	out=$BATS_TEST_TMPDIR/there
	unshare --mount sh -c 'mount -t tmpfs tmpfs /dev/shm && exec "$@"' sh "$SUPPORT/hold_content" \
		posix-shm=/x,9000 random=0,9000 posix-shm=/y,100 random=0,100 unlink=/y hold >"$out" 3>&- &
	holder=$!
	holders="$holders $holder"
	wait_until grep -q ready "$out"
	made=$(cat "$out")
	there=$(stat -L -c %i "/proc/$holder/ns/mnt")
	age "/proc/$holder/root/dev/shm/x"
	shmpeek --raw "posix-shm:/x@$there" >"$BATS_TEST_TMPDIR/raw"
	is_old "/proc/$holder/root/dev/shm/x"
	cmp "$BATS_TEST_TMPDIR/raw" "/proc/$holder/root/dev/shm/x"
	y=$(awk '$1 == "posix-shm" && ++n == 2 { print $2, $3 }' <<<"$made")
	same_bytes "posix-shm:${y% *}" "/proc/$holder/fd/${y#* }"
}

@test "memfd: its bytes through its holder, and its time of access stays" {
	hold_content memfd=some,100001 random=0,100 random=40000,5000
	file=$(held_file "$(word memfd 3)")
	age "$file"
	shmpeek --raw "memfd:$(word memfd 2)" >"$BATS_TEST_TMPDIR/raw"
	is_old "$file"
	is "$(stat -L -c %b "$file")" 24
	cmp "$BATS_TEST_TMPDIR/raw" "$file"
}

@test "memfd that nobody maps: a method that needs a mapping says so" {
	need_root
	out=$BATS_TEST_TMPDIR/made.python
	python3 -c 'import os, signal
fd = os.memfd_create("some")
os.write(fd, b"abc")
print(os.fstat(fd).st_ino, flush=True)
signal.pause()' >"$out" 3>&- &
	holders="$holders $!"
	disown "$!"
	wait_until test -s "$out"
	ref=memfd:$(cat "$out")
	for method in map-files vm; do
		try shmpeek --method $method "$ref"
		ends 1
		prints ""
		complains "$ref: no process that has it attached is to be seen; --method file needs nobody who maps it"
	done
	is "$(shmpeek --raw --method file "$ref")" abc
}

@test "memfd whose holder has let go of its descriptor" {
	need_root
	hold_content memfd=some,9000 random=0,9000
	inode=$(word memfd 2)
	cp "$(held_file "$(word memfd 3)")" "$BATS_TEST_TMPDIR/copy"
	python3 -c '
import mmap, os, sys, time
fd = os.open(sys.argv[1], os.O_RDWR)
memory = mmap.mmap(fd, 9000)
os.close(fd)
print("mapped", flush=True)
time.sleep(1000)' "$(held_file "$(word memfd 3)")" >"$BATS_TEST_TMPDIR/told" 3>&- &
	wait_until grep -q mapped "$BATS_TEST_TMPDIR/told"
	kill -9 "$holder"
	wait_until gone "$holder"
	same_bytes "memfd:$inode" "$BATS_TEST_TMPDIR/copy"
}

@test "memfd of huge pages: nothing is a hole, and nothing is allocated" {
	hold_content huge=big,$((4 << 20)) || skip "this kernel makes no memory file of huge pages"
	file=$(held_file "$(word huge 3)")
	size=$(stat -L -c %o "$file")
	age "$file"
	same_bytes "memfd:$(word huge 2)" "$file"
	is "$(stat -L -c '%s %b' "$file")" "$((4 << 20)) 0"
	[ "$size" -gt 4096 ]
}

@test "memfd: gone" {
	hold_content memfd=some,4096
	kill -9 "$holder"
	wait_until gone "$holder"
	try shmpeek --raw "memfd:$(word memfd 2)"
	ends 1
	complains "memfd:$(word memfd 2): "
	prints ""
}

@test "a file that got shorter while it is read: an error, and not zeros" {
	hold_content posix-shm=/x,$((8 << 20)) shrink=1000000
	head -c $((8 << 20)) /dev/urandom >"$BATS_TEST_TMPDIR/copy"
	dd if="$BATS_TEST_TMPDIR/copy" of=/dev/shm/x conv=notrunc status=none
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	shmpeek --raw posix-shm:/x >"$BATS_TEST_TMPDIR/pipe" 2>"$BATS_TEST_TMPDIR/complaint" 3>&- &
	peeking=$!
	exec 4<"$BATS_TEST_TMPDIR/pipe"
	head -c 1000 <&4 >"$BATS_TEST_TMPDIR/raw" # it has begun, and cannot go on before the rest is read
	kill -USR2 "$holder"
	wait_until grep -q shrunk "$BATS_TEST_TMPDIR"/made.*
	cat <&4 >>"$BATS_TEST_TMPDIR/raw"
	exec 4<&-
	status=0
	wait "$peeking" || status=$?
	is "$status" 1
	is "$(cat "$BATS_TEST_TMPDIR/complaint")" "shmpeek: posix-shm:/x: got shorter while it was read"
	size=$(stat -c %s "$BATS_TEST_TMPDIR/raw")
	[ "$size" -lt $((8 << 20)) ]
	cmp -n "$size" "$BATS_TEST_TMPDIR/raw" "$BATS_TEST_TMPDIR/copy"
}

@test "an ordinary user: what is its own leaves no trace" {
	need_root
	as_nobody sh -c 'head -c 5000 /dev/urandom >/dev/shm/mine'
	cp /dev/shm/mine "$BATS_TEST_TMPDIR/copy"
	age /dev/shm/mine
	as_nobody shmpeek --raw posix-shm:/mine >"$BATS_TEST_TMPDIR/raw" 2>"$BATS_TEST_TMPDIR/complaint"
	is "$(cat "$BATS_TEST_TMPDIR/complaint")" ""
	cmp "$BATS_TEST_TMPDIR/raw" "$BATS_TEST_TMPDIR/copy"
	is_old /dev/shm/mine

	setpriv --reuid=65534 --regid=65534 --clear-groups "$SUPPORT/hold_content" memfd=some,5000 random=100,4000 posix-shm=/gone,5000 random=0,5000 \
		unlink=/gone hold >"$BATS_TEST_TMPDIR/made.nobody" 3>&- &
	holder=$!
	holders="$holders $holder"
	wait_until grep -q ready "$BATS_TEST_TMPDIR/made.nobody"
	made=$(cat "$BATS_TEST_TMPDIR/made.nobody")
	for kind in memfd posix-shm; do
		file=$(held_file "$(word $kind 3)")
		age "$file"
		as_nobody shmpeek --raw "$kind:$(word $kind 2)" >"$BATS_TEST_TMPDIR/raw"
		is_old "$file"
		cmp "$BATS_TEST_TMPDIR/raw" "$file"
	done
}

@test "an ordinary user: another's is refused, and --attach reads it and says what changes" {
	need_root
	head -c 5000 /dev/urandom >/dev/shm/theirs
	chmod 644 /dev/shm/theirs
	cp /dev/shm/theirs "$BATS_TEST_TMPDIR/copy"
	chmod 755 "$BATS_TEST_TMPDIR"
	age /dev/shm/theirs
	for options in "" "--method file"; do
		try as_nobody shmpeek $options --raw posix-shm:/theirs
		ends 1
		complains "posix-shm:/theirs: only its owner, or CAP_FOWNER, can read it without moving its time of access" \
			"--attach"
		prints ""
		is_old /dev/shm/theirs
	done
	for options in --attach "--method attach"; do
		age /dev/shm/theirs
		as_nobody shmpeek $options --raw posix-shm:/theirs >"$BATS_TEST_TMPDIR/raw" 2>"$BATS_TEST_TMPDIR/complaint"
		is "$(cat "$BATS_TEST_TMPDIR/complaint")" \
			"shmpeek: posix-shm:/theirs: read by method attach: its time of access changes"
		cmp "$BATS_TEST_TMPDIR/raw" "$BATS_TEST_TMPDIR/copy"
		run ! is_old /dev/shm/theirs
	done
}

@test "an ordinary user: --attach of what is its own still leaves no trace" {
	need_root
	as_nobody sh -c 'head -c 5000 /dev/urandom >/dev/shm/mine'
	age /dev/shm/mine
	for options in --attach "--method attach"; do
		as_nobody shmpeek $options --raw posix-shm:/mine 2>"$BATS_TEST_TMPDIR/complaint" >/dev/null
		is "$(cat "$BATS_TEST_TMPDIR/complaint")" ""
		is_old /dev/shm/mine
	done
}

@test "an ordinary user: where mounts keep no time of access another's is read" {
	need_root
	head -c 5000 /dev/urandom >/dev/shm/theirs
	chmod 644 /dev/shm/theirs
	cp /dev/shm/theirs "$BATS_TEST_TMPDIR/copy"
	age /dev/shm/theirs
	for option in noatime ro; do
		mounted "mount --bind /dev/shm /dev/shm && mount -o remount,bind,$option /dev/shm" \
			setpriv --reuid=65534 --regid=65534 --clear-groups shmpeek --raw posix-shm:/theirs >"$BATS_TEST_TMPDIR/raw" 2>"$BATS_TEST_TMPDIR/complaint"
		is "$(cat "$BATS_TEST_TMPDIR/complaint")" ""
		cmp "$BATS_TEST_TMPDIR/raw" "$BATS_TEST_TMPDIR/copy"
		is_old /dev/shm/theirs
	done
}

@test "an ordinary user: what was not found where not all could be looked into" {
	need_root
	hold_content memfd=some,4096 text=0,abc
	echo x >/dev/shm/own
	chown 65534 /dev/shm/own
	for words in "memfd:$(word memfd 2)" "--diff memfd:$(word memfd 2) posix-shm:/own"; do
		try as_nobody shmpeek $words
		ends 1
		prints ""
		is "${#stderr_lines[@]}" 2
		[[ ${stderr_lines[0]} == "shmpeek: memfd:$(word memfd 2): no such object" ]]
		[[ ${stderr_lines[1]} == *" processes could not be looked into: permission denied; root would see them" ]]
	done
	# a name is there or not, whoever may be looked into
	try as_nobody shmpeek posix-shm:/none
	ends 1
	complains "posix-shm:/none: no such object"
}

@test "an ordinary user: what may not be read at all" {
	need_root
	hold_content posix-shm=/x,5000 memfd=some,5000
	for ref in posix-shm:/x memfd:"$(word memfd 2)"; do
		for options in "" --attach; do
			try as_nobody shmpeek $options --raw "$ref"
			ends 1
			[[ ${stderr_lines[0]} == "shmpeek: $ref: "* ]]
			prints ""
		done
	done
}
