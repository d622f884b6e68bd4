#!/usr/bin/env bats
# The view in hexadecimal is hexdump -C's, byte by byte.

load private
load shmpeek_bytes

# same_hex [shmpeek's option hexdump's option]...: of all $refs
same_hex() {
	local ref here=() there=()
	while [ $# -gt 0 ]; do
		[ -z "$1" ] || here+=("$1")
		[ -z "$2" ] || there+=("$2")
		shift 2
	done
	hexdump -C "${there[@]}" "$truth" >"$BATS_TEST_TMPDIR/expected"
	for ref in "${refs[@]}"; do
		shmpeek "${here[@]}" "$ref" >"$BATS_TEST_TMPDIR/got"
		cmp "$BATS_TEST_TMPDIR/got" "$BATS_TEST_TMPDIR/expected" ||
			{ echo "$ref: ${here[*]}" >&2; return 1; }
	done
}

@test "sizes around a line and a page, of all sorts of content" {
	local size name
	for size in 0 1 15 16 17 31 32 33 4095 4096 4097; do
		for name in random equal zero mixed; do
			content "$name" "$size"
			objects
			same_hex
			same_hex -v -v
		done
	done
}

@test "much content of all sorts: more than is read at once" {
	local name
	for name in random mixed; do
		content "$name" 1000003
		objects
		same_hex
		same_hex -v -v
	done
}

@test "a part that begins and ends anywhere" {
	local skip length
	content mixed 9001
	objects
	for skip in 0 1 15 16 17 4095 4096 8999; do
		for length in 0 1 16 33 5000 100000; do
			same_hex "-s$skip" "-s$skip" "-l$length" "-n$length"
			same_hex "-s$skip" "-s$skip" "-l$length" "-n$length" -v -v
		done
	done
}

@test "places counted from the end, and units" {
	content mixed 9001
	objects
	same_hex -s-100 -s8901
	same_hex -s-9001 -s0 -l-1 -n9000
	same_hex -s-100000 -s0
	same_hex -s4K -s4096 -l1K -n1024
	same_hex -s0x10 -s16 -l-0x10 -n8969
}

@test "an offset that begins with 0 is decimal for some and hexadecimal for others: refused" {
	content mixed 9001
	objects
	for bad in 00001000 010 00 -010 00K; do
		for option in -s -l; do
			try shmpeek "$option" "$bad" posix-shm:/truth
			ends 2
			prints ""
			complains "$bad: begins with 0"
		done
	done
	try shmpeek --head 3 posix-shm:/truth
	ends 2
	prints ""
	complains "--head" -l
	same_hex -s0x00001000 -s4096
	same_hex -s0 -s0 -l0.5K -n512
}

@test "holes are zeros, and lines are squeezed across their borders" {
	sparse 50000 4095 8192 12300 40960
	printf '\0%.0s' {1..4096} | dd of="$truth" bs=4096 seek=5 conv=notrunc status=none
	objects
	same_hex
	same_hex -v -v
	same_hex -s4090 -s4090 -l40000 -n40000
	same_hex -s4112 -s4112
	same_hex -s1 -s1 -v -v
	# Nothing was written to the holes by looking.
	[ "$(stat -c %b "$truth")" -lt 64 ]
}

@test "8 GiB of which three places were written" {
	local at around=() lines zeros=' 00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00 '
	sparse 8589934592 5000 4294967290 8589934560
	objects
	for at in 4096 4294963200 4294967296 8589930496; do
		same_hex "-s$at" "-s$at" -l4096 -n4096
		same_hex "-s$((at + 5))" "-s$((at + 5))" -l4080 -n4080 -v -v
	done
	for at in 4992 4294967264 8589934512; do
		around+=("$(hexdump -C -s "$at" -n 80 "$truth" | sed '$d' | grep -v -e "$zeros" -e '^\*')")
	done
	for ref in "${refs[@]}"; do
		try timeout 5 shmpeek "$ref"
		fine
		is "$(grep -v -e "$zeros" -e '^\*' <<<"$output")" \
			"$(printf '%s\n' "${around[@]}" 200000000)"
		is "$(head -2 <<<"$output" | tail -1)" "*"
		lines=$(wc -l <<<"$output")
		[ "$lines" -le 16 ]
	done
}

@test "a reader that goes away ends it at once, however much there is" {
	sparse 8589934592 0
	objects
	for ref in "${refs[@]}"; do
		is "$(timeout 10 shmpeek -v "$ref" 2>&1 | head -1)" "$(hexdump -C -n 16 "$truth" | head -1)"
		is "$( (trap '' PIPE; timeout 10 shmpeek -v "$ref" 2>&1 || echo "ended $?" >&2) | head -1)" \
			"$(hexdump -C -n 16 "$truth" | head -1)"
	done
}

@test "what is lost on the way out is complained of" {
	content random 100000
	objects
	for ref in "${refs[@]}"; do
		try bash -c 'shmpeek "$1" >/dev/full' sh "$ref"
		ends 2
		complains "standard output: No space left on device"
	done
}

@test "past the end there is nothing to be shown" {
	content random 100
	objects
	for ref in "${refs[@]}"; do
		for skip in 100 101 8E; do
			try shmpeek -s "$skip" "$ref"
			ends 2
			prints ""
			complains "$ref" "past its end at 100"
		done
	done
}

@test "several objects, each under its name" {
	need_root # which alone reads a segment without a trace
	content mixed 100
	objects
	try shmpeek "${refs[@]}"
	fine
	prints "$(for ref in "${refs[@]}"; do echo "==> $ref <=="; hexdump -C "$truth"; done)"
}

@test "memory does not grow with what is shown" {
	content random 30000000
	objects
	for ref in "${refs[@]}"; do
		lean "$({ "$SUPPORT/peak" shmpeek "$ref" >/dev/null; } 2>&1)"
	done
}

@test "what nobody knows is shown as such, and squeezed too" {
	partly_known
	try shmpeek --method vm posix-shm:/truth
	ends 1
	[[ $stderr == *"11.5K $unknown_text"* ]]
	prints "\
00000000  ?? ?? ?? ?? ?? ?? ?? ??  ?? ?? ?? ?? ?? ?? ?? ??  |????????????????|
*
00001000  41 41 41 41 41 41 41 41  41 41 41 41 41 41 41 41  |AAAAAAAAAAAAAAAA|
*
00003000  ?? ?? ?? ?? ?? ?? ?? ??  ?? ?? ?? ?? ?? ?? ?? ??  |????????????????|
*
00004e20  ?? ?? ??                                          |???|
00004e23"
	try shmpeek --method vm -s 4090 -l 8200 posix-shm:/truth
	ends 1
	[[ $stderr == *"8 $unknown_text"* ]]
	prints "\
00000ffa  ?? ?? ?? ?? ?? ?? 41 41  41 41 41 41 41 41 41 41  |??????AAAAAAAAAA|
0000100a  41 41 41 41 41 41 41 41  41 41 41 41 41 41 41 41  |AAAAAAAAAAAAAAAA|
*
00002ffa  41 41 41 41 41 41 ?? ??                           |AAAAAA??|
00003002"
	is "$(shmpeek --method vm -v posix-shm:/truth 2>/dev/null | wc -l)" 1252
	# Zeros are not the same.
	dd if=/dev/zero of="$truth" bs=4096 seek=1 count=1 conv=notrunc status=none
	try shmpeek --method vm -s 4064 -l 64 posix-shm:/truth
	ends 1
	prints "\
00000fe0  ?? ?? ?? ?? ?? ?? ?? ??  ?? ?? ?? ?? ?? ?? ?? ??  |????????????????|
*
00001000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
*
00001020"
}
