#!/usr/bin/env bats
# --as shows numbers as od does, byte by byte.

load private
load shmpeek_bytes

types=(i8:d1 i16:d2 i32:d4 i64:d8 u8:u1 u16:u2 u32:u4 u64:u8 x8:x1 x16:x2 x32:x4 x64:x8 o8:o1 o16:o2
	o32:o4 o64:o8 f32:f4 f64:f8 c:c ptr:x8)
[ "$(getconf LONG_BIT)" = 64 ] || types[${#types[@]}-1]=ptr:x4

# same_as TYPE [shmpeek's option od's option]...: of all $refs
same_as() {
	local ref here=(--as "${1%:*}") there=(-A x -w16 -t "${1#*:}")
	shift
	while [ $# -gt 0 ]; do
		here+=("$1")
		there+=("$2")
		shift 2
	done
	od "${there[@]}" "$truth" >"$BATS_TEST_TMPDIR/expected"
	for ref in "${refs[@]}"; do
		shmpeek "${here[@]}" "$ref" >"$BATS_TEST_TMPDIR/got"
		cmp "$BATS_TEST_TMPDIR/got" "$BATS_TEST_TMPDIR/expected" ||
			{ echo "$ref: ${here[*]}" >&2; return 1; }
	done
}

@test "every type, of all sorts of content" {
	local type name
	for name in random mixed; do
		content "$name" 20001
		objects
		for type in "${types[@]}"; do
			same_as "$type"
			same_as "$type" -v -v
		done
	done
}

@test "every type, with a last element that is not complete" {
	local type size
	for size in 0 1 2 3 5 7 9 15 17 30 33; do
		content random "$size"
		objects
		for type in "${types[@]}"; do
			same_as "$type"
			same_as "$type" --endian=big --endian=big
		done
	done
}

@test "either order of bytes" {
	local type
	content mixed 5000
	objects
	for type in "${types[@]}"; do
		same_as "$type" --endian=big --endian=big
		same_as "$type" --endian=little --endian=little
	done
}

@test "floating-point numbers of all sorts, with as few digits as tell them apart" {
	python3 - >"$truth" <<'END'
import random, struct, sys
dice = random.Random(5)
doubles = [0.0, -0.0, 1.0, 0.1, 1 / 3, 100.0, 1e22, 123456.789, 1e15, 1e16, 2.0 ** 53, float("inf"),
           -float("inf"), float("nan"), -float("nan"), 5e-324, 2.2250738585072014e-308, 2e-310,
           1.7976931348623157e308, -1e-5, 1e-4]
doubles += [dice.random() * 10 ** dice.randrange(-30, 30) for i in range(2000)]
doubles += [round(dice.random() * 1000, dice.randrange(6)) for i in range(2000)]
out = b"".join(struct.pack("<d", x) for x in doubles)
floats = [x for x in doubles if not (1e38 < abs(x) < float("inf"))] + [1e-45, 1e-40, 1.17549435e-38, 3.4e38]
out += b"".join(struct.pack("<f", x) for x in floats)
sys.stdout.buffer.write(out)
END
	objects
	same_as f64:f8
	same_as f32:f4
	same_as f32:f4 --endian=big --endian=big
}

@test "a part that begins and ends anywhere" {
	local skip length
	content mixed 9001
	objects
	for skip in 1 16 4095 8999; do
		for length in 0 1 33 100000; do
			same_as u32:u4 "-s$skip" "-j$skip" "-l$length" "-N$length"
			same_as f64:f8 "-s$skip" "-j$skip" "-l$length" "-N$length" -v -v
		done
	done
	same_as x16:x2 -s-100 -j8901
}

@test "8 GiB of which three places were written" {
	sparse 8589934592 5000 4294967290 8589934560
	objects
	for at in 4096 4294963200 8589930496; do
		same_as u16:u2 "-s$at" "-j$at" -l8192 "-N$((at + 8192 > 8589934592 ? 4096 : 8192))"
	done
	for ref in "${refs[@]}"; do
		try timeout 5 shmpeek --as u64 "$ref"
		fine
		is "${lines[0]}" "000000                    0                    0"
		is "${lines[1]}" "*"
		is "${lines[-1]}" "200000000"
	done
}

@test "a type that is none does nothing" {
	content random 100
	objects
	for type in u7 u128 U8 "" f16 ld u; do
		try shmpeek --as "$type" "${refs[@]}"
		ends 2
		prints ""
		complains "--as: $type: not a type"
	done
}

@test "what is lost on the way out is complained of, a reader that goes away is not" {
	content random 100000
	objects
	try bash -c 'shmpeek --as u8 "$1" >/dev/full' sh "${refs[-1]}"
	ends 2
	complains "standard output: No space left on device"
	is "$(shmpeek --as u8 "${refs[0]}" 2>&1 | head -1)" "$(od -A x -t u1 "$truth" | head -1)"
}

@test "an element of which a byte is not known is not known" {
	partly_known
	try shmpeek --method vm -s 4090 -l 8200 --as u32 posix-shm:/truth
	ends 1
	[[ $stderr == *"8 $unknown_text"* ]]
	prints "\
000ffa          ?          ? 1094795585 1094795585
00100a 1094795585 1094795585 1094795585 1094795585
*
002ffa 1094795585          ?
003002"
	try shmpeek --method vm -s 4090 -l 32 --as x8 posix-shm:/truth
	ends 1
	prints "\
000ffa  ?  ?  ?  ?  ?  ? 41 41 41 41 41 41 41 41 41 41
00100a 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41
00101a"
}
