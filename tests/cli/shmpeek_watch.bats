#!/usr/bin/env bats
# --watch of memory: what a writer that is told what to write changes, and how a watch ends.

bats_require_minimum_version 1.5.0
load private

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
}

@test "--as: elements that changed, also across two pages, and of the other order" {
	start_poke posix-shm /w 12288
	watch -s 2 -l 8190 --as u32 posix-shm:/w
	begun '^002000$'
	is "$(sed '/^002000$/q' "$seen")" "$(od -A x -t u4 -w16 -j 2 -N 8190 /dev/shm/w)"
	tell write 3 01
	tell write 4094 01000200
	tell write 8190 0102
	shows '001ffe  0 -> 513'
	interrupt
	is "$(changes)" '000002  0 -> 256
000ffe  0 -> 131073
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

@test "SIGTERM and SIGHUP end it as SIGINT does, with whole lines" {
	local signal
	for signal in INT TERM HUP; do
		rm -f "$BATS_TEST_TMPDIR/commands"
		start_poke posix-shm "/$signal" 1048576
		watch "posix-shm:/$signal"
		begun '^00100000$'
		tell fill 0 1048576 5a
		kill "-$signal" "$watcher"
		ended
		fine
		is "$(tail -c 1 "$seen" | od -An -tx1)" ' 0a'
	done
}

@test "SIGINT that was ignored from the start stays ignored" {
	start_poke posix-shm /w 4096
	seen=$BATS_TEST_TMPDIR/seen said=$BATS_TEST_TMPDIR/said
	env --ignore-signal=INT shmpeek --watch=20ms posix-shm:/w >"$seen" 2>"$said" 3>&- 7>&- &
	watcher=$!
	begun '^00001000$'
	kill -INT "$watcher"
	tell write 0 61
	shows '+ 61'
	kill -TERM "$watcher"
	ended
	fine
}

@test "a name that is taken away, or means another file, ends it; what was written last is told" {
	local way
	for way in unlink replace; do
		rm -f "$BATS_TEST_TMPDIR/commands"
		start_poke posix-shm "/$way" 4096
		watch --watch=500ms "posix-shm:/$way"
		begun '^00001000$'
		tell write 0 6c617374
		tell "$way"
		ended
		ends 0
		shown '+ 6c 61 73 74'
	done
	complains 'posix-shm:/replace: removed: its name means another object by now'
}

@test "a file that is truncated ends it, and its lost bytes are not told to be zero" {
	start_poke posix-shm /w 16384
	tell fill 0 16384 61
	watch --watch=500ms posix-shm:/w
	begun '^00004000$'
	tell write 4 62
	tell truncate 8192
	ended
	ends 0
	complains 'posix-shm:/w: truncated from 16K to 8K'
	is "$(changes)" '00000004  - 61  |a|
00000004  + 62  |b|'
}

@test "a file that grows: it is said that the new part is not watched" {
	start_poke posix-shm /w 4096
	watch posix-shm:/w
	begun '^00001000$'
	tell truncate 8192
	wait_until grep -q grew "$said"
	tell write 1 61
	shows '+ 61'
	interrupt
	complains 'posix-shm:/w: grew from 4K to 8K: what is new is not watched'
}

@test "a segment: its mark is told once, and its end ends it with what was written last" {
	start_poke shm 8192
	watch --watch=300ms "shm:${made#shm }"
	begun '^00002000$'
	tell write 5000 61
	shows '+ 61'
	tell mark
	wait_until grep -q 'marked' "$said"
	tell write 5000 62
	exec 7>&-
	ended
	ends 0
	shown '+ 62'
	is "$stderr" "shmpeek: shm:${made#shm }: marked for removal, 1 attached
shmpeek: shm:${made#shm }: removed: the last attachment is gone"
}

@test "a segment that lives on without the process it was read through is watched on" {
	local other
	start_poke shm 4096
	python3 -c '
import ctypes, sys, signal
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
address = libc.shmat(int(sys.argv[1]), None, 0)
print("attached", flush=True)
signal.sigwait([signal.SIGUSR1])' "${made#shm }" >"$BATS_TEST_TMPDIR/other" 3>&- 7>&- &
	other=$!
	disown "$other"
	holders="$holders $other"
	wait_until grep -q attached "$BATS_TEST_TMPDIR/other"
	watch "shm:${made#shm }"
	begun '^00001000$'
	exec 7>&-
	wait_until gone "$holder"
	wait_until [ "$(proc_field shm "${made#shm }" 7)" = 1 ]
	python3 -c '
import ctypes, sys
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
address = libc.shmat(int(sys.argv[1]), None, 0)
ctypes.memset(address + 7, 0x61, 1)' "${made#shm }"
	shows '00000007  + 61'
	interrupt
}

@test "a segment that only we still hold, since we had to attach it, is at its end as well" {
	need_root
	start_poke shm 8192
	tell allow
	seen=$BATS_TEST_TMPDIR/seen said=$BATS_TEST_TMPDIR/said
	as_nobody env --default-signal=INT shmpeek --attach --watch=20ms "shm:${made#shm }" \
		>"$seen" 2>"$said" 3>&- 7>&- </dev/null &
	watcher=$!
	begun '^00002000$'
	is "$(proc_field shm "${made#shm }" 7)" 2
	tell write 5000 61
	shows '+ 61'
	tell mark
	wait_until grep -q 'marked for removal, 2 attached' "$said"
	exec 7>&-
	ended
	is "$(tail -1 "$said")" "shmpeek: shm:${made#shm }: removed: the last attachment but ours is gone"
	is "$(ids shm)" ''
}

@test "a segment of another IPC namespace is watched until its end" {
	need_root
	local fifo=$BATS_TEST_TMPDIR/commands ns
	poked=$BATS_TEST_TMPDIR/poked told=0
	mkfifo "$fifo"
	unshare --ipc "$SUPPORT/poke" shm 4096 <"$fifo" >"$poked" 3>&- &
	holder=$!
	disown "$holder"
	holders="$holders $holder"
	exec 7>"$fifo"
	wait_until grep -q '^ready$' "$poked"
	made=$(head -1 "$poked")
	ns=$(stat -L -c %i "/proc/$holder/ns/ipc")
	watch "shm:${made#shm }@$ns"
	begun '^00001000$'
	tell write 5 61
	shows '00000005  + 61'
	tell mark
	wait_until grep -q marked "$said"
	exec 7>&-
	ended
	[[ $stderr == *"shm:${made#shm }@$ns: removed: the last attachment is gone" ]]
}

@test "a memfd: it ends with its last holder" {
	start_poke memfd w 4096
	watch "memfd:${made#memfd }"
	begun '^00001000$'
	tell write 1 61
	shows '+ 61'
	exec 7>&-
	ended
	ends 0
	complains 'removed: nobody holds it any more'
}

@test "the reader that goes away ends it, also when nothing changes" {
	start_poke posix-shm /w 4096
	run timeout 20 bash -c 'shmpeek --watch=20ms posix-shm:/w 3>&- 7>&- | head -1; echo ${PIPESTATUS[0]}'
	ends 0
	is "${lines[0]}" "$(hexdump -C /dev/shm/w | head -1)"
	[[ ${lines[1]} =~ ^(0|141)$ ]] # 141: SIGPIPE
}

@test "--timeout ends it, after a last look" {
	local begin=$EPOCHREALTIME end
	start_poke posix-shm /w 4096
	watch --watch=1h --timeout 1s posix-shm:/w
	begun '^00001000$'
	tell write 1 61
	ended
	end=$EPOCHREALTIME
	fine
	shown '+ 61'
	[ $((${end/./} - ${begin/./})) -ge 1000000 ]
}

@test "a full disk ends it with an error" {
	start_poke posix-shm /w 4096
	try timeout 20 bash -c 'shmpeek --watch=20ms posix-shm:/w 3>&- 7>&- >/dev/full'
	ends 2
	complains 'standard output: No space left on device'
}

@test "more than 256M of data is refused before anything is shown, and a part of it is not" {
	truncate -s 10G /dev/shm/w
	dd if=/dev/zero of=/dev/shm/w bs=1M count=256 seek=1000 conv=notrunc status=none
	printf x | dd of=/dev/shm/w bs=1 seek=9G conv=notrunc status=none
	try timeout 20 shmpeek --watch --timeout 0 posix-shm:/w
	ends 2
	prints ''
	complains 'posix-shm:/w: 256M of data to be watched: choose a part by -s and -l'
	try timeout 20 shmpeek --watch --timeout 0 -s 4K -l 8G posix-shm:/w
	fine
}
