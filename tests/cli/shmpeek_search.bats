#!/usr/bin/env bats
# --strings, --find, --find-hex and --find-value.  The truth is strings(1), grep -ob, and Python on
# the same bytes.

load private
load partly_mapped

setup() {
	start_empty
	rm -rf /dev/shm/*
	border=$((256 << 10)) # of what is read at once
}

# A file in /dev/shm with the bytes of a Python expression: make NAME EXPRESSION
make() {
	python3 - "$2" >"/dev/shm/$1" <<-'END'
		import random, struct, sys
		random.seed(sys.argv[1])
		sys.stdout.buffer.write(eval(sys.argv[1]))
	END
}

# Put a text at an offset of a file in /dev/shm: put NAME OFFSET TEXT
put() {
	printf '%s' "$3" | dd of="/dev/shm/$1" bs=1 seek="$2" conv=notrunc status=none
}

# The strings of this length are those of strings(1), and at least so many: same_strings NAME MIN COUNT
same_strings() {
	LC_ALL=C strings -t x -n "$2" "/dev/shm/$1" >"$BATS_TEST_TMPDIR/truth"
	LC_ALL=C shmpeek --strings="$2" "posix-shm:/$1" >"$BATS_TEST_TMPDIR/ours"
	cmp "$BATS_TEST_TMPDIR/ours" "$BATS_TEST_TMPDIR/truth"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/truth")" -ge "$3" ]
}

# Where grep finds this pattern is where we find these bytes: same_places NAME PATTERN COUNT OPTION...
same_places() {
	LC_ALL=C grep -obUaP "$2" "/dev/shm/$1" | awk -F: '/^[0-9]+:/ { printf "0x%x\n", $1 }' >"$BATS_TEST_TMPDIR/truth"
	shmpeek "${@:4}" "posix-shm:/$1" >"$BATS_TEST_TMPDIR/ours"
	cmp "$BATS_TEST_TMPDIR/ours" "$BATS_TEST_TMPDIR/truth"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/truth")" -ge "$3" ]
}

# ---- Strings ----

@test "strings: the same as strings(1) of any bytes and size" {
	for size in 1 3 4 5 100 4096 4097 $((border - 1)) $((border + 1)) $((3 * border + 17)); do
		make random "random.randbytes($size)"
		make dense "bytes(random.choices(b'ab\\t \\n\\x00\\x1f\\x7f\\x80\\xff~', k=$size))"
		for least in 1 2 3 4 5 63 64 65 300; do
			same_strings random $least 0
			same_strings dense $least 0
		done
	done
	same_strings random 4 1000
	same_strings dense 5 1000
}

@test "strings: 4 characters are the least that is shown unless another number is given" {
	make x "b'abc\\0abcd\\0abc'"
	try shmpeek --strings posix-shm:/x
	fine
	prints "      4 abcd"
	try shmpeek --strings=3 posix-shm:/x
	fine
	is "${#lines[@]}" 3
	same_strings x 3 3
}

@test "strings: over the border of what is read at once, at both ends, and of any length" {
	make x "b'first' + bytes($border - 8) + b'across' + bytes(3) + b'L' * (5 * $border) + bytes(5) + b'last'"
	same_strings x 4 4
	same_strings x 6 2
	same_strings x 65536 1
	make all "b'x' * (2 * $border + 1)"
	same_strings all 4 1
	for shift in 0 1 2 3 4 5 6; do
		make y "b'\\0' * ($border - $shift) + b'123456' + b'\\0'"
		same_strings y 6 1
		same_strings y 7 0
	done
}

@test "strings: 8 GiB with three pages, in no time and little memory" {
	truncate -s 8G /dev/shm/sparse
	put sparse 4090 'ends with a page'
	put sparse $(((4 << 30) + 4096 - 5)) hello
	put sparse $(((8 << 30) - 4)) last
	blocks=$(stat -c %b /dev/shm/sparse)
	try timeout 10 "$SUPPORT/peak" shmpeek --strings posix-shm:/sparse
	ends 0
	prints "    ffa ends with a page
100000ffb hello
1fffffffc last"
	lean "$stderr"
	is "$(stat -c %b /dev/shm/sparse)" "$blocks"
}

# What --utf8 shows, by the rule itself: runs of printable characters, without those that are
# invisible or turn the text around.
utf8_truth() { # utf8_truth FILE MIN
	python3 - "$1" "$2" <<-'END'
		import sys
		data, least = open(sys.argv[1], 'rb').read(), int(sys.argv[2])
		bad = [(0, 8), (10, 0x1f), (0x7f, 0x9f), (0xad, 0xad), (0x61c, 0x61c), (0x200b, 0x200f),
		       (0x2028, 0x202e), (0x2060, 0x206f), (0xfeff, 0xfeff), (0xfff9, 0xfffb), (0xe0000, 0xe007f)]
		at = start = count = 0
		def end():
		    if count >= least:
		        sys.stdout.buffer.write(b'%7x %s\n' % (start, data[start:at]))
		while at < len(data):
		    for length in 1, 2, 3, 4:
		        try:
		            code = ord(data[at:at + length].decode())
		        except (UnicodeDecodeError, TypeError):
		            continue
		        break
		    else:
		        length, code = 1, None
		    if code is not None and not any(a <= code <= b for a, b in bad):
		        start, count, at = start if count else at, count + 1, at + length
		    else:
		        end()
		        count, at = 0, at + length
		end()
	END
}

same_utf8() { # same_utf8 NAME MIN
	utf8_truth "/dev/shm/$1" "$2" >"$BATS_TEST_TMPDIR/truth"
	shmpeek --utf8 --strings="$2" "posix-shm:/$1" >"$BATS_TEST_TMPDIR/ours"
	cmp "$BATS_TEST_TMPDIR/ours" "$BATS_TEST_TMPDIR/truth"
}

@test "strings --utf8: characters beyond ASCII count, and only whole and harmless ones" {
	parts="[b'hello', bytes(1), b'ab', 'é€😀'.encode(), 'ж'.encode(), b'\\xc3', b'\\xe2\\x82', b'\\xf0\\x9f', b'\\x80',
		'\\u202e'.encode(), '\\u200b'.encode(), '\\u009b'.encode(), '\\U000e0041'.encode(), b'\\xed\\xa0\\x80', b'\\xc0\\x80', b'\\xf4\\x90\\x80\\x80',
		b'\\xf8\\x88\\x80\\x80', b'\\xff', b'\\x1b[31m', b'\\t', b'\\x7f', '\\uffff'.encode(), '\\U0010ffff'.encode()]"
	make x "b''.join(random.choices($parts, k=100000))"
	make random "random.randbytes(200000)"
	make cut "'ééé'.encode()[:-1]"
	make one "b'\\xc3'"
	for least in 1 2 4 7 70; do
		for name in x random cut one; do same_utf8 $name $least; done
	done
	[ "$(shmpeek --utf8 --strings posix-shm:/x | wc -l)" -gt 5000 ]
}

@test "strings --utf8: a character across the border of what is read at once" {
	for shift in 0 1 2 3 4 5; do
		make x "b'\\0' * ($border - $shift) + 'a😀b€'.encode() + b'\\0'"
		same_utf8 x 4
		is "$(shmpeek --utf8 --strings posix-shm:/x | sed 's/^ *[0-9a-f]* //')" 'a😀b€'
	done
}

@test "strings --utf8: where the locale cannot show it, as ASCII" {
	make x "'\\0naïve\\0'.encode()"
	LC_ALL=C try shmpeek --utf8 --strings posix-shm:/x
	fine
	prints '      1 na\xc3\xafve'
	LC_ALL=C try shmpeek --utf8 --strings -J posix-shm:/x
	fine
	is "$(json 'd["strings"][0]["text"] == "na\u00efve"')" true
}

@test "strings: no control byte gets through" {
	make x "bytes(range(256)) * 4 + b'\\x1b]0;owned\\x07 \\xc2\\x9b31m \\x9b31m text\\r\\b\\v\\f' + '\\u202etfel\\u2066'.encode()"
	shmpeek --strings=1 posix-shm:/x >"$BATS_TEST_TMPDIR/plain"
	shmpeek --strings=1 --utf8 posix-shm:/x >"$BATS_TEST_TMPDIR/utf8"
	shmpeek --strings=1 --utf8 -J posix-shm:/x >"$BATS_TEST_TMPDIR/json"
	python3 - "$BATS_TEST_TMPDIR" <<-'END'
		import sys, unicodedata
		for name in 'plain', 'utf8', 'json':
		    text = open(sys.argv[1] + '/' + name, 'rb').read().decode()
		    assert 'owned' in text and 'tfel' in text
		    bad = [c for c in text if unicodedata.category(c) in ('Cc', 'Cf') and c not in '\n\t']
		    assert not bad, (name, bad)
		    if name == 'plain':
		        assert text.isascii()
	END
}

@test "strings: --head, and -s and -l with the offsets of the object" {
	make x "b'zero\\0one1\\0two2\\0three\\0' + bytes(5000) + b'four'"
	try shmpeek --strings --head 2 posix-shm:/x
	fine
	prints "      0 zero
      5 one1"
	try shmpeek --strings -s 6 -l 17 --head 9 posix-shm:/x
	fine
	prints "      a two2
      f three"
	try shmpeek --strings=2 -s 0x10 -l 3 posix-shm:/x
	fine
	prints "     10 hre"
	try shmpeek --strings -s -4 posix-shm:/x
	fine
	prints "   139d four"
}

@test "strings: what --head does not need is not waited for" {
	make x "b'some\\0' * 10 + b'x' * 50"
	truncate -s 64M /dev/shm/x
	is "$(shmpeek --strings --head 3 posix-shm:/x | tail -n 1)" "      a some"
	is "$(shmpeek --strings --head 11 posix-shm:/x | wc -lc | xargs)" "11 $((10 * 13 + 8 + 51))"
}

@test "strings: JSON has typed rows, and the first 4096 bytes of a text" {
	make x "b'short\\0' + b'y' * 4096 + b'\\0' + b'z' * 4097 + b'\\0' + 'é'.encode() * 3000 + b'\\0tab\\there\"'"
	try shmpeek --strings --utf8 -J posix-shm:/x
	fine
	is "$(json '[(r["ref"], r["offset"], r["bytes"], len(r["text"]), r["cut"]) for r in d["strings"]]')" \
		'[["posix-shm:/x", 0, 5, 5, false], ["posix-shm:/x", 6, 4096, 4096, false], ["posix-shm:/x", 4103, 4097, 4096, true], ["posix-shm:/x", 8201, 6000, 2048, true], ["posix-shm:/x", 14202, 9, 9, false]]'
	is "$(json '[d["strings"][i]["text"][:9] for i in (0, 1, 2, 4)]')" '["short", "yyyyyyyyy", "zzzzzzzzz", "tab\there\""]'
	make y "'a'.encode() + 'é'.encode() * 3000 + b'bbb'"
	try shmpeek --strings --utf8 -J posix-shm:/y
	is "$(json '[(r["bytes"], len(r["text"]), r["text"][-1] == "\u00e9", r["cut"]) for r in d["strings"]]')" '[[6004, 2048, true, true]]'
	make none "bytes(9)"
	try shmpeek --strings -J posix-shm:/none
	fine
	is "$(json 'd')" '{"strings": []}'
}

@test "strings: what is no number is refused" {
	make x "b'text'"
	for bad in 0 -1 4x 65537 99999999999999999999; do
		try shmpeek "--strings=$bad" posix-shm:/x
		ends 2
		complains --strings
		prints ""
	done
}

# ---- Finding ----

@test "find: the same places as grep, one behind the other" {
	make x "bytes(random.choices(b'ab', k=100003))"
	same_places x aba 5000 --find aba
	same_places x a 40000 --find a
	same_places x abaab 1000 --find abaab
	same_places x bb 15000 --find-hex 6262
	make random "random.randbytes(3 * $border + 5)"
	same_places random '\x7f' 1000 --find-hex 7f
	same_places random '\x1b\x00' 1 --find-hex 1b:00
	make same "b'a' * ($border + 10)"
	same_places same aaaaa 50000 --find aaaaa
}

@test "find: the first and the last byte, and over the borders of pages and of what is read at once" {
	make x "b'needle' + bytes(4096 - 9) + b'needle' + bytes($border - 4100) + b'ndle' + bytes(100) + b'needle'"
	for shift in 0 1 2 3 4 5 6; do
		for at in 4096 $border $((2 * border)); do
			make y "b'needle' + b'.' * ($at - 6 - $shift) + b'needle' + b'.' * $border + b'needle'"
			same_places y needle 3 --find needle
		done
	done
	same_places x needle 3 --find needle
	try shmpeek --find needle posix-shm:/x
	fine
	is "${lines[0]}" 0x0
	is "${lines[-1]}" "$(printf 0x%x $(($(stat -c %s /dev/shm/x) - 6)))"
}

@test "find: a needle longer than a page, and one as long as what is read at once" {
	make x "b'#' + bytes(random.choices(b'xyz', k=100000)) * 2 + b'#'"
	for length in 4097 9000 70000 100000; do
		needle=$(tail -c +31 /dev/shm/x | head -c $length)
		python3 - $length >"$BATS_TEST_TMPDIR/truth" <<-'END'
			import sys
			data = open('/dev/shm/x', 'rb').read()
			needle, at = data[30:30 + int(sys.argv[1])], 0
			while (at := data.find(needle, at)) >= 0:
			    print(hex(at))
			    at += len(needle)
		END
		shmpeek --find "$needle" posix-shm:/x >"$BATS_TEST_TMPDIR/ours"
		cmp "$BATS_TEST_TMPDIR/ours" "$BATS_TEST_TMPDIR/truth"
		[ -s "$BATS_TEST_TMPDIR/ours" ]
	done
}

@test "find: what is not there gives nothing, and exit status 1" {
	make x "random.randbytes(1000) + b'needl'"
	for options in "--find needle" "--find-hex 6e65656400646c65" "--find-value u64:1234567890123456789"; do
		try shmpeek $options posix-shm:/x
		ends 1
		prints ""
		is "$stderr" ""
	done
	try shmpeek -J --find needle posix-shm:/x
	ends 1
	is "$(json 'd')" '{"matches": []}'
}

@test "find: holes are zeros at their borders" {
	truncate -s 1M /dev/shm/x
	put x 8189 end
	put x 40960 beg
	try shmpeek --find-hex '656e64 0000' posix-shm:/x
	fine
	prints 0x1ffd
	try shmpeek --find-hex '0000626567' posix-shm:/x
	fine
	prints 0x9ffe
	# from the one to the other, with a hole of seven pages between
	try shmpeek --find-hex "656e64 $(printf '%0*d' $((2 * (40960 - 8192))) 0) 626567" posix-shm:/x
	fine
	prints 0x1ffd
	try shmpeek --find-hex "656e64 $(printf '%0*d' $((2 * (40960 - 8193))) 0) 626567" posix-shm:/x
	ends 1
	prints ""
}

@test "find: zeros count once in each hole, and as ever in what was written" {
	truncate -s 8G /dev/shm/x
	put x 4096 x
	put x $((1 << 30)) x
	try shmpeek --find-hex 00 --head 5 posix-shm:/x
	ends 0
	complains "zeros are found once in each hole"
	prints "0x0
0x1001
0x1002
0x1003
0x1004"
	# 4096 - 1 after each x, and three holes
	is "$(shmpeek --find-hex 00 posix-shm:/x 2>&1 | grep -c ^0x)" $((2 * 4095 + 3))
	# longer than a page: from the page into the hole, which is one place
	try shmpeek --find-hex "$(printf '%010000d' 0)" posix-shm:/x
	ends 0
	prints "0x1001
0x40000001"
	try shmpeek --find-hex "$(printf '%08192d' 0)" posix-shm:/x
	ends 0
	prints "0x0
0x1001
0x40000001"
	make y "bytes(10)"
	try shmpeek --find-hex 000000 posix-shm:/y
	fine
	prints "0x0
0x3
0x6"
}

@test "find: a hole that is smaller than the zeros, at the first place they can have" {
	truncate -s 40960 /dev/shm/x
	put x 0 a
	put x 8192 a
	put x 16384 a
	# 4095 zeros behind each a and a page of nothing: 8191 in all
	for digits in 8191 8192; do
		try shmpeek --find-hex "$(printf '%0*d' $((2 * digits)) 0)" posix-shm:/x
		ends 0
		case $digits in
		8191) prints "0x1
0x2001
0x4001" ;;
		8192) prints 0x4001 ;;
		esac
	done
}

@test "find: 8 GiB with three pages, in no time and little memory" {
	truncate -s 8G /dev/shm/x
	put x 4093 needle
	put x $(((4 << 30) + 100)) needle
	put x $(((8 << 30) - 6)) needle
	try timeout 10 "$SUPPORT/peak" shmpeek --find needle posix-shm:/x
	ends 0
	prints "0xffd
0x100000064
0x1fffffffa"
	lean "$stderr"
}

@test "find: --head, and -s and -l with the offsets of the object" {
	make x "b'-needle' * 6"
	for options in "--head 0 --find needle" "--head 1" "--head 1 --as u8" "--head 1 --as mutex"; do
		try shmpeek $options posix-shm:/x
		ends 2
		prints ""
		complains --head
	done
	try shmpeek --find needle --head 2 posix-shm:/x
	fine
	prints "0x1
0x8"
	try shmpeek --find needle -s 9 -l 19 posix-shm:/x
	fine
	prints "0xf
0x16"
	try shmpeek --find needle -s 9 -l 18 posix-shm:/x
	fine
	prints 0xf
	try shmpeek --find needle -s -5 posix-shm:/x
	ends 1
	at=$(shmpeek --find needle --head 4 posix-shm:/x | tail -n 1)
	is "$(shmpeek --raw -s "$at" -l 6 posix-shm:/x)" needle
	for view in "--find needle" --strings --find-mutexes; do
		try shmpeek $view --head 0 posix-shm:/x
		ends 2
		prints ""
		complains "--head: 0"
	done
}

@test "find: JSON has one row a match" {
	make x "b'-needle' * 3"
	make y "b'needle'"
	try shmpeek --find needle -J posix-shm:/x posix-shm:/y
	fine
	is "$(json '[(r["ref"], r["offset"]) for r in d["matches"]]')" \
		'[["posix-shm:/x", 1], ["posix-shm:/x", 8], ["posix-shm:/x", 15], ["posix-shm:/y", 0]]'
}

@test "find-hex: bytes in all their forms" {
	make x "bytes(5) + b'\\xde\\xad\\xbe\\xef' + bytes(3)"
	for form in deadbeef DEADBEEF 'de ad be ef' de:ad:be:ef 0xdeadbeef 0xDEADBEEF ' dead  beef ' '0xde 0xad 0xbe 0xef' 'de adbeef'; do
		try shmpeek --find-hex "$form" posix-shm:/x
		fine
		prints 0x5
	done
	for bad in '' ' ' d dea 'd e a d' 'dea dbe' 0x 0xd xde 'de,ad' 'de 0x' degh '0x0xde' 'de0xad' '\xde' -5; do
		try shmpeek --find-hex "$bad" posix-shm:/x
		ends 2
		complains --find-hex
		prints ""
	done
}

@test "find-value: numbers have the bytes that Python gives them" {
	while read -r value format number; do
		for endian in little big; do
			[ $endian = little ] && order='<' || order='>'
			make x "b'\\x99' * 11 + struct.pack('$order$format', $number) + b'\\x99' * 9"
			try shmpeek --endian $endian --find-value "$value" posix-shm:/x
			fine
			prints 0xb
		done
	done <<-'END'
		u8:0 B 0
		u8:255 B 255
		u16:513 H 513
		u16:0xBEEF H 0xbeef
		u32:4294967295 I 4294967295
		u32:123 I 123
		u64:18446744073709551615 Q 2**64-1
		u64:0x123456789abcdef Q 0x123456789abcdef
		i8:-128 b -128
		i8:127 b 127
		i16:-2 h -2
		i16:-0x10 h -16
		i32:-2147483648 i -2147483648
		i32:0x7fffffff i 0x7fffffff
		i64:-9223372036854775808 q -2**63
		i64:9223372036854775807 q 2**63-1
		x8:7f B 0x7f
		x16:0xabc H 0xabc
		x32:deadbeef I 0xdeadbeef
		x64:0xffffffffffffffff Q 2**64-1
		ptr:0x7ffe00001000 Q 0x7ffe00001000
		f32:0.1 f 0.1
		f32:-1.5e30 f -1.5e30
		f32:1e-45 f 1e-45
		f64:0.1 d 0.1
		f64:3 d 3.0
		f64:-0 d -0.0
		f64:inf d float('inf')
		f64:4.9e-324 d 5e-324
	END
}

@test "find-value: what does not fit is refused, never wrapped" {
	make x "bytes(100)"
	for bad in u8:256 u8:-1 u8:0x100 i8:128 i8:-129 i8:0x80 u16:65536 u32:4294967296 u32:0x100000000 i32:2147483648 i32:-2147483649 \
		i64:9223372036854775808 i64:-9223372036854775809 u64:18446744073709551616 u64:0x10000000000000000 x8:100 x32:0x1deadbeef \
		f32:1e39 f64:1e309 f32:1e-60 f64:1e-400; do
		try shmpeek --find-value "$bad" posix-shm:/x
		ends 2
		complains "--find-value" "$bad" "out of range"
		prints ""
	done
	for bad in '' u32 u32: :5 u32:x u32:1x u32:+1 'u32: 1' u32:010 u32:0x u33:1 U32:1 i8:--1 i8:- x8:0xg x8: 5 f32: f32:1x 'f32: 1' f64:+1 f64:nan \
		f16:1 mutex:1; do
		try shmpeek --find-value "$bad" posix-shm:/x
		ends 2
		complains "--find-value" "not a type and a number"
		prints ""
	done
}

@test "find: --endian is of numbers only" {
	make x "b'text'"
	try shmpeek --endian big --find text posix-shm:/x
	ends 2
	complains --endian
	try shmpeek --endian big --find-hex 74 posix-shm:/x
	ends 2
	complains --endian
}

@test "find and strings: several objects have each its own heading" {
	make x "b'some needle'"
	make y "b'needle'"
	try shmpeek --find needle posix-shm:/x posix-shm:/y
	fine
	prints "==> posix-shm:/x <==
0x5
==> posix-shm:/y <==
0x0"
	try shmpeek --strings posix-shm:/x posix-shm:/y
	fine
	prints "==> posix-shm:/x <==
      0 some needle
==> posix-shm:/y <==
      0 needle"
	# absent in one of them
	try shmpeek --find some posix-shm:/x posix-shm:/y
	ends 1
	has 0x0
}

@test "find and strings: a segment" {
	need_root
	hold_with hold_content shm=1000001 random=0,4096 text=300000,needle random=400000,70001 text=999995,needle
	id=$(awk '$1 == "shm" { print $2 }' <<<"$made")
	address=$(awk '$1 == "shm" { print $3 }' <<<"$made")
	cp --sparse=always "/proc/$holder/map_files/$address-"* /dev/shm/copy
	truncate -s 1000001 /dev/shm/copy
	shmpeek --strings "shm:$id" >"$BATS_TEST_TMPDIR/ours"
	LC_ALL=C strings -t x /dev/shm/copy | cmp "$BATS_TEST_TMPDIR/ours" -
	try shmpeek --find needle "shm:$id"
	fine
	prints "0x493e0
0xf423b"
}

@test "find and strings: what is unknown matches nothing, ends a string, and is told" {
	make x "b'q' * 4090 + b'needle' + b'n' * 5 + b'needle' + b'm' * 8180 + b'need' + b'le' + b'p' * 4093"
	map_part x 4096 8192
	try shmpeek --method vm --find needle posix-shm:/x
	ends 1
	prints 0x1005
	has_line "are not known to be there"
	# half of it in what is known
	try shmpeek --method vm --find mneed posix-shm:/x
	ends 1
	prints ""
	has_line "are not known to be there"
	try shmpeek --method vm --strings posix-shm:/x
	ends 1
	is "$(sed 's/m*n$//' <<<"$output")" "   1000 nnnnnneedle"
	is "${#output}" $((8 + 8192))
	try shmpeek --method vm --find-hex 00 posix-shm:/x
	ends 1
	prints ""
}

@test "find: nothing is put together across what is unknown" {
	make x "b'q' * 4092 + b'need' + b'x' * 4096 + b'le' + b'p' * 4094"
	map_part x 0 4096 8192 4096
	try shmpeek --method vm --find needle posix-shm:/x
	ends 1
	prints ""
	try shmpeek --method vm --find need posix-shm:/x
	ends 1
	prints 0xffc
}

@test "find: a hole that is told of in parts counts once" {
	need_root
	hold shm=0,$((512 << 20)),0666 attach=1 touch=5
	id=$(made_id shm)
	shmpeek --find-hex 00 "shm:$id" >"$BATS_TEST_TMPDIR/whole" 2>/dev/null
	# who may not use its own links to what it maps is told by mincore(2), part by part
	as_nobody shmpeek --method attach --find-hex 00 "shm:$id" >"$BATS_TEST_TMPDIR/parts" 2>/dev/null
	cmp "$BATS_TEST_TMPDIR/parts" "$BATS_TEST_TMPDIR/whole"
	is "$(tail -n 1 "$BATS_TEST_TMPDIR/whole")" 0x1000
}
