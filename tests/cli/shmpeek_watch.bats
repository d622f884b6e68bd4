#!/usr/bin/env bats
# --watch of memory: what a writer that is told what to write changes.

bats_require_minimum_version 1.5.0
load private
load watching

@test "a change is told with its old and its new bytes, and nothing else is" {
	start_poke posix-shm /w 8192
	tell write 4160 6f6c6420
	watch posix-shm:/w
	begun '^00002000$'
	is "$(sed '/^00002000$/q' "$seen")" "$(hexdump -C /dev/shm/w)"
	tell write 4160 6e657721
	shows '+ 6e 65 77 21'
	interrupt
	is "$(changes)" '00001040  - 6f 6c 64 20  |old |
00001040  + 6e 65 77 21  |new!|'
}

@test "bytes that stay among those that change are shown with them, up to seven" {
	start_poke posix-shm /w 4096
	watch posix-shm:/w
	begun '^00001000$'
	tell write 0 4100000000000000420000000000000000430000
	shows '+ 43'
	interrupt
	is "$(changes)" '00000000  - 00 00 00 00 00 00 00 00  00  |.........|
00000000  + 41 00 00 00 00 00 00 00  42  |A.......B|
00000011  - 00  |.|
00000011  + 43  |C|'
}

@test "a long run is lines of sixteen, where hexdump has them" {
	start_poke posix-shm /w 4096
	watch posix-shm:/w
	begun '^00001000$'
	tell fill 8 30 61
	shows '00000020  + '
	interrupt
	is "$(changes | grep ' + ')" '00000008  + 61 61 61 61 61 61 61 61                           |aaaaaaaa|
00000010  + 61 61 61 61 61 61 61 61  61 61 61 61 61 61 61 61  |aaaaaaaaaaaaaaaa|
00000020  + 61 61 61 61 61 61                                 |aaaaaa|'
}

@test "a hole that becomes data was zero, and data that becomes a hole is zero" {
	start_poke posix-shm /w 67108864
	tell write 8192 6465
	watch posix-shm:/w
	begun '^04000000$'
	tell write 1048576 00
	tell write 33554432 6162
	shows '02000000  + 61 62  |ab|'
	tell hole 8192 4096
	shows '00002000  + 00 00  |..|'
	tell write 8193 66
	shows '00002001  + 66'
	interrupt
	is "$(changes)" '02000000  - 00 00  |..|
02000000  + 61 62  |ab|
00002000  - 64 65  |de|
00002000  + 00 00  |..|
00002001  - 00  |.|
00002001  + 66  |f|'
	is "$(stat -c %b /dev/shm/w)" 24 # 512 bytes each: three pages, none of them by looking
}

@test "only the part that was asked for is watched, also where no page begins or ends" {
	start_poke posix-shm /w 16384
	watch -s 4091 -l 4110 posix-shm:/w
	begun '^00002009$'
	tell write 4089 6161616161
	tell write 8199 6262626262
	shows '+ 62 62'
	interrupt
	is "$(changes | grep ' + ')" '00000ffb  + 61 61 61  |aaa|
00002007  + 62 62  |bb|'
}

# Judge the lines of JSON in $seen: all that they tell, put onto OLD, is NEW.
replay() {
	python3 -c '
import json, sys
content = bytearray(open(sys.argv[1], "rb").read())
new = open(sys.argv[2], "rb").read()
lines = [json.loads(line) for line in sys.stdin]
begin, changes = lines[0], lines[1:]
assert begin["event"] == "begin" and begin["bytes"] == len(content), begin
assert changes
for line in changes:
    old, now = bytes.fromhex(line["old"]), bytes.fromhex(line["new"])
    at, length = line["offset"], line["bytes"]
    assert line["event"] == "change" and line["ref"] == "posix-shm:/w", line
    assert isinstance(line["time"], float) and 0 < line["time"] - begin["time"] < 60, line
    assert length == len(old) == len(now) <= 4096, line
    assert old != now and content[at:at + length] == old, line
    content[at:at + length] = now
assert content == new
' "$@" <"$seen"
}

@test "-J: lines that, put onto the old content, make the new one" {
	local before=$BATS_TEST_TMPDIR/before offset
	start_poke posix-shm /w 1048576
	head -c 100000 /dev/urandom | dd of=/dev/shm/w bs=4096 seek=10 conv=notrunc status=none
	cp /dev/shm/w "$before"
	watch -J posix-shm:/w
	begun '"begin"'
	for ((i = 0; i < 60; i++)); do
		tell write $((RANDOM * 31)) "$(head -c $((RANDOM % 40 + 1)) /dev/urandom | od -An -v -tx1 | tr -d ' \n')"
	done
	tell fill 500000 10000 aa
	tell hole 40960 8192
	tell write 1048570 010203
	wait_until grep -q '"offset":1048570,"bytes":3,' "$seen"
	interrupt
	replay "$before" /dev/shm/w
}

@test "-J: a name with quotes and backslashes stays JSON" {
	start_poke posix-shm '/a"b\c' 4096
	watch -J 'posix-shm:/a"b\x5cc'
	begun '"begin"'
	tell write 0 01
	wait_until grep -q '"change"' "$seen"
	interrupt
	is "$(python3 -c '
import json, sys
for line in sys.stdin: print(json.loads(line)["ref"])' <"$seen" | uniq)" 'posix-shm:/a"b\x5cc'
}

@test "bytes that changed are in colour when that is wanted, and only they" {
	start_poke posix-shm /w 4096
	watch --color=always posix-shm:/w
	begun '^00001000$'
	tell write 16 610063
	shows '+ '
	interrupt
	has $'- \e[33m00 \e[0m00 \e[33m00 \e[0m |\e[33m.\e[0m.\e[33m.\e[0m|' \
		$'+ \e[33m61 \e[0m00 \e[33m63 \e[0m |\e[33ma\e[0m.\e[33mc\e[0m|'
}

@test "control bytes do not reach the terminal" {
	start_poke posix-shm /w 4096
	watch posix-shm:/w
	begun '^00001000$'
	tell write 0 1b5d307f9b
	shows '|.]0..|'
	interrupt
	! LC_ALL=C grep -q $'[^\n -~]' "$seen"
}

@test "other views come first, and then the bytes that changed" {
	start_poke posix-shm /w 8192
	tell write 100 68656c6c6f00
	watch --strings posix-shm:/w
	begun 'hello'
	tell write 100 4a
	shows '+ 4a'
	interrupt
	is "$(sed 1q "$seen")" "$(strings -t x /dev/shm/w | tr J h)"
	is "$(changes)" '00000064  - 68  |h|
00000064  + 4a  |J|'
	try timeout 20 shmpeek --watch --timeout 0 --find-mutexes posix-shm:/w
	fine # there is none yet
}

@test "--as: elements that changed, also across two pages, and of the other order" {
	start_poke posix-shm /w 12288
	tell write 4094 0100
	watch -s 2 -l 8190 --as u32 posix-shm:/w
	begun '^002000$'
	is "$(sed '/^002000$/q' "$seen")" "$(od -A x -t u4 -w16 -j 2 -N 8190 /dev/shm/w)"
	tell write 4096 0200
	shows '000ffe  1 -> 131073'
	tell write 3 01
	tell write 8190 0102
	shows '001ffe  0 -> 513'
	interrupt
	is "$(changes)" '000ffe  1 -> 131073
000002  0 -> 256
001ffe  0 -> 513'
	watch --endian big --as u16 posix-shm:/w
	begun '^003000$'
	tell write 0 0102
	shows '000000  0 -> 258'
	interrupt
}

@test "--as with -J: values are numbers where JSON has them" {
	local type
	start_poke posix-shm /w 4096
	tell write 0 0000c03f
	for type in f32 i16 x32 c; do
		watch -J --endian little --as "$type" posix-shm:/w
		begun '"begin"'
		tell write 0 ffff7f7f
		wait_until grep -q '"change"' "$seen"
		interrupt
		is "$(python3 -c '
import json, sys, struct
line = json.loads(sys.stdin.read().splitlines()[1])
old, new = bytes.fromhex(line["old"]), bytes.fromhex(line["new"])
size = {"f32": 4, "i16": 2, "x32": 4, "c": 1}[line["type"]]
assert line["bytes"] == size == len(old) == len(new)
if line["type"] in ("f32", "i16"):
    form = "<f" if line["type"] == "f32" else "<h"
    near = lambda value, raw: struct.pack(form, value) == raw
    assert near(line["old_value"], old) and near(line["new_value"], new), line
elif line["type"] == "x32":
    assert line["new_value"] == "7f7fffff" and line["old_value"] == "3fc00000"
else:
    assert line["old_value"] == "\\0" and line["new_value"] == "377", line
print("good")' <"$seen")" good
		tell write 0 0000c03f
	done
}
