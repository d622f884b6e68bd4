#!/usr/bin/env bats
# --diff: an object against a file and against another object.  The truth is cmp(1) and hexdump(1)
# of the same bytes.

load private
load partly_mapped

setup() {
	start_empty
	rm -rf /dev/shm/*
	file=$BATS_TEST_TMPDIR/file
}

# The object x and the file, alike: this many bytes of noise.
alike() {
	head -c "$1" /dev/urandom >/dev/shm/x
	cp /dev/shm/x "$file"
}

# Another byte at these offsets of a file.
change() { # change FILE OFFSET...
	python3 - "$@" <<-'END'
		import sys
		with open(sys.argv[1], 'r+b') as f:
		    for offset in map(int, sys.argv[2:]):
		        f.seek(offset)
		        byte = f.read(1)[0]
		        f.seek(offset)
		        f.write(bytes([byte ^ 0x41]))
	END
}

# The lines that hexdump has of both and that differ, the object's first.
truth() {
	paste -d '\n' <(hexdump -vC /dev/shm/x | sed 's/^/- /') <(hexdump -vC "$file" | sed 's/^/+ /') |
		awk 'NR % 2 { old = $0; next } length($0) > 12 && substr(old, 2) != substr($0, 2) { print old; print }'
}

differs() { # differs OPTION...
	status=0
	shmpeek --diff "$file" "$@" posix-shm:/x >"$BATS_TEST_TMPDIR/ours" 2>"$BATS_TEST_TMPDIR/complaint" || status=$?
	is "$status" 1
	is "$(cat "$BATS_TEST_TMPDIR/complaint")" ""
}

@test "what is the same is silent" {
	for size in 1 15 16 17 4096 4097 300001; do
		alike $size
		try shmpeek --diff "$file" posix-shm:/x
		fine
		prints ""
	done
	try shmpeek -J --diff "$file" posix-shm:/x
	fine
	is "$(json 'd')" '{"differences": []}'
	cp /dev/shm/x /dev/shm/y
	try shmpeek --diff posix-shm:/y posix-shm:/x
	fine
	prints ""
	try shmpeek --diff posix-shm:/x posix-shm:/x
	fine
}

@test "lines that differ are those of hexdump, the object's above the other's" {
	alike 700003
	change "$file" 0 15 16 17 4095 4096 40000 262143 262144 262160 524288 699999 700002
	differs
	truth | cmp "$BATS_TEST_TMPDIR/ours" -
	is "$(grep -c ^- "$BATS_TEST_TMPDIR/ours")" 11
	head -c 70001 /dev/urandom >"$file"
	head -c 70001 /dev/urandom >/dev/shm/x
	differs
	truth | cmp "$BATS_TEST_TMPDIR/ours" -
	is "$(wc -l <"$BATS_TEST_TMPDIR/ours")" $((2 * 4376))
}

@test "lines that repeat both above them are squeezed, and -v shows them" {
	head -c 100000 /dev/zero | tr '\0' A >/dev/shm/x
	head -c 100000 /dev/zero | tr '\0' B >"$file"
	change "$file" 1600
	printf 'A' | dd of="$file" bs=1 seek=99999 conv=notrunc status=none
	differs
	truth >"$BATS_TEST_TMPDIR/truth"
	# the first two, then those of the other byte, the next, the last
	is "$(cat "$BATS_TEST_TMPDIR/ours")" "$(sed -n 1,2p "$BATS_TEST_TMPDIR/truth")
*
$(sed -n 201,204p "$BATS_TEST_TMPDIR/truth")
*
$(tail -n 2 "$BATS_TEST_TMPDIR/truth")"
	differs -v
	cmp "$BATS_TEST_TMPDIR/ours" "$BATS_TEST_TMPDIR/truth"
	head -c 96000 /dev/zero >"$file"
	head -c 4000 /dev/shm/x >>"$file"
	differs
	is "$(sed -n '3,$p' "$BATS_TEST_TMPDIR/ours")" "*
  00017700"
}

@test "-s and -l are of both sides" {
	alike 10000
	change "$file" 100 5000 9999
	try shmpeek --diff "$file" -s 101 -l 4899 posix-shm:/x
	fine
	prints ""
	differs -s 100 -l 1
	is "$(wc -l <"$BATS_TEST_TMPDIR/ours")" 2
	is "$(cut -c 1-14 "$BATS_TEST_TMPDIR/ours")" "- 00000064  $(od -An -tx1 -j 100 -N 1 /dev/shm/x | tr -d ' ')
+ 00000064  $(od -An -tx1 -j 100 -N 1 "$file" | tr -d ' ')"
	# behind the first line they are those of the whole
	differs -s 100
	truth | tail -n 4 | cmp <(tail -n 4 "$BATS_TEST_TMPDIR/ours") -
	differs -s -1
	is "$(wc -l <"$BATS_TEST_TMPDIR/ours")" 2
	try shmpeek --diff "$file" -l -1 -s 5001 posix-shm:/x
	fine
	# in one of the same length, their sizes say nothing
	truncate -s 20000 "$file"
	try shmpeek --diff "$file" -s 200 -l 4000 posix-shm:/x
	fine
	try shmpeek --diff "$file" -s 10000 posix-shm:/x
	ends 2
	complains "past its end"
}

@test "what only one of them has is different" {
	alike 5000
	head -c 100 /dev/urandom >>"$file"
	try shmpeek --diff "$file" posix-shm:/x
	ends 1
	complains "posix-shm:/x has 5000 bytes, $file 5100"
	# 5000 is not the begin of a line
	is "${lines[0]}" "+ 00001388  $(od -An -v -tx1 -j 5000 -N 8 "$file" | sed 's/^ //')                           |$(tail -c 100 "$file" | head -c 8 | LC_ALL=C tr -c ' -~' .)|"
	is "$(sed -n '2,$p' <<<"$output")" "$(hexdump -vC -s 5008 "$file" | sed '$d; s/^/+ /')"
	head -c 70 "$file" >"$BATS_TEST_TMPDIR/short"
	try shmpeek --diff "$BATS_TEST_TMPDIR/short" posix-shm:/x
	ends 1
	complains "posix-shm:/x has 5000 bytes, $BATS_TEST_TMPDIR/short 70"
	is "$(grep -c ^- <<<"$output")" "${#lines[@]}"
	is "$(sed -n '2,$p' <<<"$output")" "$(hexdump -vC -s 80 /dev/shm/x | sed '$d; s/^/- /')"
	# an object that ends before the place to begin at, in the same line
	cp "$BATS_TEST_TMPDIR/short" /dev/shm/y
	try shmpeek --diff posix-shm:/y -s 101 posix-shm:/x
	ends 1
	complains "posix-shm:/x has 5000 bytes, posix-shm:/y 70"
	is "$(sed -n '2,$p' <<<"$output")" "$(hexdump -vC -s 112 /dev/shm/x | sed '$d; s/^/- /')"
	: >"$BATS_TEST_TMPDIR/empty"
	try shmpeek --diff "$BATS_TEST_TMPDIR/empty" posix-shm:/x
	ends 1
	is "$output" "$(hexdump -vC /dev/shm/x | sed '$d; s/^/- /')"
	try shmpeek --diff "$BATS_TEST_TMPDIR/short" -s 100 -l 16 posix-shm:/x
	ends 1
	is "$output" "- 00000064  $(hexdump -C -s 100 -n 12 /dev/shm/x | head -n 1 | cut -c 11-60 | sed 's/ *$//')$(printf '%*s' 14 '')|$(tail -c +101 /dev/shm/x | head -c 12 | LC_ALL=C tr -c ' -~' .)|
$(hexdump -C -s 112 -n 4 /dev/shm/x | head -n 1 | sed 's/^/- /')"
}

@test "8 GiB with holes: those of both are passed over, and of one they are zeros" {
	truncate -s 8G /dev/shm/x
	truncate -s 8G /dev/shm/y
	printf page | dd of=/dev/shm/x bs=1 seek=$((3 << 30)) conv=notrunc status=none
	printf page | dd of=/dev/shm/y bs=1 seek=$((3 << 30)) conv=notrunc status=none
	printf '\0' | dd of=/dev/shm/x bs=1 seek=$((5 << 30)) conv=notrunc status=none
	try timeout 10 "$SUPPORT/peak" shmpeek --diff posix-shm:/y posix-shm:/x
	ends 0
	prints ""
	lean "$stderr"
	printf xyz | dd of=/dev/shm/y bs=1 seek=$(((8 << 30) - 3)) conv=notrunc status=none
	try timeout 10 shmpeek --diff posix-shm:/y posix-shm:/x
	ends 1
	prints "- 1fffffff0  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
+ 1fffffff0  00 00 00 00 00 00 00 00  00 00 00 00 00 78 79 7a  |.............xyz|"
	truncate -s $(((8 << 30) + 5)) "$file"
	try timeout 10 shmpeek --diff "$file" posix-shm:/x
	ends 1
	has "- c0000000  70 61 67 65" "+ 200000000  00 00 00 00 00                                    |.....|"
	is "${#lines[@]}" 3
	printf 1 >"$file"
	try timeout 10 shmpeek --diff "$file" posix-shm:/x
	ends 1
	is "$(tail -n 1 <<<"$output")" "  200000000"
	is "${#lines[@]}" 9
	try timeout 10 shmpeek -J --diff "$file" posix-shm:/x
	ends 1
	is "$(json '[(r["offset"], r["bytes"]) for r in d["differences"]]')" "[[0, 1], [1, $(((8 << 30) - 1))]]"
}

@test "JSON: the ranges that hold all that differs, with their first bytes" {
	alike 300000
	change "$file" 3 20 21 100 4095 4096 70000 299999
	change "$file" $(seq 262000 262500)
	status=0
	shmpeek -J --diff "$file" posix-shm:/x >"$BATS_TEST_TMPDIR/json" || status=$?
	is "$status" 1
	python3 - "$BATS_TEST_TMPDIR/json" /dev/shm/x "$file" <(cmp -l /dev/shm/x "$file") <<-'END'
		import json, sys
		rows = json.load(open(sys.argv[1]))['differences']
		one, other = (open(name, 'rb').read() for name in sys.argv[2:4])
		truth = [int(line.split()[0]) - 1 for line in open(sys.argv[4])]
		assert [(r['offset'], r['bytes']) for r in rows] == [
		    (3, 19), (100, 1), (4095, 2), (70000, 1), (262000, 501), (299999, 1)], rows
		assert all(any(r['offset'] <= at < r['offset'] + r['bytes'] for r in rows) for at in truth)
		for r in rows:
		    assert r['ref'] == 'posix-shm:/x'
		    first, last = r['offset'], r['offset'] + r['bytes'] - 1
		    assert first in truth and last in truth
		    most = min(r['bytes'], 64)
		    assert r['old'] == one[first:first + most].hex(), r
		    assert r['new'] == other[first:first + most].hex(), r
	END
	printf abc >>"$file"
	try shmpeek -J -s 299999 --diff "$file" posix-shm:/x
	ends 1
	is "$(json '[(r["offset"], r["bytes"], r["old"] is None, r["new"]) for r in d["differences"]][1:]')" '[[300000, 3, true, "616263"]]'
}

@test "hostile bytes are dots" {
	printf '\033]0;owned\007\233\r\n\0' >/dev/shm/x
	printf 'x' >"$file"
	shmpeek --diff "$file" posix-shm:/x >"$BATS_TEST_TMPDIR/ours" 2>&1 || true
	grep -q 'owned' "$BATS_TEST_TMPDIR/ours"
	is "$(LC_ALL=C tr -d ' -~\n' <"$BATS_TEST_TMPDIR/ours" | wc -c)" 0
}

@test "what cannot be compared is refused before anything is shown" {
	alike 100
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	for bad in /dev/null /dev/zero "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/fifo" "$BATS_TEST_TMPDIR/none" - sem:1 msg:1 pid:1 shm:99999999999; do
		for options in "" -J; do
			try timeout 10 shmpeek $options --diff "$bad" posix-shm:/x
			ends 2
			prints ""
			complains "$bad"
		done
	done
	for gone in posix-shm:/none shm:77; do
		try shmpeek --diff "$gone" posix-shm:/x
		ends 1
		prints ""
		complains "$gone"
	done
	try shmpeek --diff "" posix-shm:/x
	ends 2
	complains "--diff: no file is named"
	try shmpeek --diff "$file" posix-shm:/x posix-shm:/x
	ends 2
	complains --diff
	try shmpeek --diff "$file" posix-shm:/none
	ends 1
	complains posix-shm:/none
}

@test "a file whose name looks like a reference is named by a path" {
	alike 100
	cp "$file" "$BATS_TEST_TMPDIR/shm:5"
	cd "$BATS_TEST_TMPDIR"
	try shmpeek --diff ./shm:5 posix-shm:/x
	fine
}

@test "a segment, with its copy and with another" {
	need_root
	hold_with hold_content shm=1000001 random=0,4096 text=500000,text shm=1000001 random=8192,4096
	one=$(awk '$1 == "shm" { print $2 }' <<<"$made" | head -n 1)
	other=$(awk '$1 == "shm" { print $2 }' <<<"$made" | tail -n 1)
	shmpeek --raw "shm:$one" >"$file"
	try shmpeek --diff "$file" "shm:$one"
	fine
	shmpeek --raw "shm:$other" >/dev/shm/x
	try shmpeek -v --diff "shm:$one" "shm:$other"
	ends 1
	is "$output" "$(truth)"
}

@test "what is unknown of either is not compared, and told of the one that it is of" {
	alike 16384
	cp "$file" /dev/shm/y
	map_part x 4096 8192
	# all of y is known
	python3 -c 'import mmap, os, time
area = mmap.mmap(os.open("/dev/shm/y", os.O_RDWR), 16384)
print("ready", flush=True)
time.sleep(600)' >"$BATS_TEST_TMPDIR/whole" 3>&- &
	holders="$holders $!"
	disown $!
	wait_until grep -q ready "$BATS_TEST_TMPDIR/whole"
	change "$file" 100 5000 16000
	change /dev/shm/y 100 5000 16000
	for other in "$file" posix-shm:/y; do
		try shmpeek --method vm --diff "$other" posix-shm:/x
		ends 1
		is "$(cut -c 1-10 <<<"$output")" "- 00001380
+ 00001380"
		has_line "posix-shm:/x: 8K are not known to be there"
	done
	try shmpeek --method vm --diff posix-shm:/x posix-shm:/y
	ends 1
	is "$(cut -c 1-10 <<<"$output")" "- 00001380
+ 00001380"
	has_line "posix-shm:/x: 8K are not known to be there"
	# nothing that is known differs
	change /dev/shm/y 5000
	try shmpeek --method vm --diff posix-shm:/x posix-shm:/y
	ends 1
	prints ""
	has_line "posix-shm:/x: 8K are not known to be there"
}

@test "what has no columns in text refuses to choose some" {
	try shmpeek --watch -J -o REF --map posix-shm:/x
	ends 2
	complains "-o: "
	echo text >/dev/shm/x
	for view in --strings "--find text" "--diff /etc/passwd"; do
		try shmpeek $view -o OFFSET posix-shm:/x
		ends 2
		complains "only with -J"
		try shmpeek $view -J -o OFFSET posix-shm:/x
		has '"offset":'
	done
}

@test "a file that is compared with keeps its time of access" {
	echo text >/dev/shm/x
	cp /dev/shm/x /dev/shm/y
	before=$(stat -c %x /dev/shm/y)
	wait_until past "$(date +%s)"
	try shmpeek --diff /dev/shm/y posix-shm:/x
	fine
	is "$(stat -c %x /dev/shm/y)" "$before"
	cat /dev/shm/y >/dev/null # which moves it
	[ "$(stat -c %x /dev/shm/y)" != "$before" ]
}
