#!/usr/bin/env bats
# shmpeek of message queues: what their senders sent, and the queues notice nothing.

load private
load watching_values

# Send messages to a queue, from a Python list of (type, bytes): send ID LIST
send() {
	python3 - "$@" <<-'END'
		import ctypes, struct, sys
		libc = ctypes.CDLL(None, use_errno=True)
		for type, text in eval(sys.argv[2]):
		    message = struct.pack("l", type) + text
		    assert libc.msgsnd(int(sys.argv[1]), message, ctypes.c_size_t(len(text)), 0o4000) == 0, type
	END
}

# A queue with these messages: $id
queue() {
	make_objects msg=0,0600
	id=$(made_id msg)
	send "$id" "$1"
}

# What [(m["type"], m["bytes"], text as latin-1)] a list of Python's has, as JSON.
expected() {
	python3 -c 'import json, sys
print(json.dumps([[i, t, len(b), b.hex()] for i, (t, b) in enumerate(eval(sys.argv[1]))]))' "$1"
}

messages='[(7, b"first"), (1, b""), (2**31 + 5, b"\0\xff" * 31), (2**63 - 1, "za\u017c\u00f3\u0142\u0107".encode()), (7, b"last")]'

@test "each message in its place, with type, size and text, as it was sent" {
	queue "$messages"
	try shmpeek --notruncate msg:"$id"
	fine
	is "$(sed 's/ *$//' <<<"$output")" "REF   INDEX                TYPE SIZE TEXT
msg:$id     0                   7    5 first
msg:$id     1                   1    0
msg:$id     2          2147483653   62 $(printf '\\x00\\xff%.0s' {1..31})
msg:$id     3 9223372036854775807   10 zażółć
msg:$id     4                   7    4 last"
	try shmpeek -J msg:"$id"
	fine
	is "$(json '[[m["index"], m["type"], m["bytes"], m["hex"]] for m in d["messages"]]')" "$(expected "$messages")"
	is "$(json '[m["ref"] for m in d["messages"]] == ["msg:'"$id"'"] * 5')" true
	is "$(json '[m["text"] for m in d["messages"]] == ["first", "", "\0\ufffd" * 31, "za\u017c\u00f3\u0142\u0107", "last"]')" true
}

@test "as many messages and bytes as ipcs and /proc count" {
	queue "$messages"
	try shmpeek -J msg:"$id"
	fine
	is "$(json '[len(d["messages"]), sum(m["bytes"] for m in d["messages"])]')" "[$(proc_field msg "$id" 5), $(proc_field msg "$id" 4)]"
	[[ $(ipcs -q -i "$id") =~ cbytes=([0-9]+).*qnum=([0-9]+) ]]
	is "$(json '[sum(m["bytes"] for m in d["messages"]), len(d["messages"])]')" "[${BASH_REMATCH[1]}, ${BASH_REMATCH[2]}]"
}

@test "no view moves a counter, a time or a pid of the queue" {
	queue "$messages"
	"$SUPPORT/make_objects" use=msg,"$id" receive # so that no time is 0
	before=$(grep . /proc/sysvipc/msg; "$SUPPORT/stat_ipc" msg "$id")
	second=$(date +%s)
	wait_until past "$second"
	for view in "" -J --head=2 --mtype=7 --message=1 "--message=1 --raw" "--message=1 -J" "--watch=20ms --timeout=0"; do
		try shmpeek $view msg:"$id"
		fine
		is "$(grep . /proc/sysvipc/msg; "$SUPPORT/stat_ipc" msg "$id")" "$before"
	done
}

@test "--head and --mtype: the indices stay those of the queue" {
	queue "$messages"
	rows() {
		try shmpeek -n -o INDEX,TYPE "$@" msg:"$id"
		fine
		tr -s ' ' <<<"$output" | sed 's/^ //' | paste -sd,
	}
	is "$(rows --head 2)" "0 7,1 1"
	is "$(rows --head 99)" "0 7,1 1,2 2147483653,3 9223372036854775807,4 7"
	is "$(rows --mtype 7)" "0 7,4 7"
	is "$(rows --mtype 7 --head 1)" "0 7"
	is "$(rows --mtype 9223372036854775807)" "3 9223372036854775807"
	is "$(rows --mtype 2147483653)" "2 2147483653"
	is "$(rows --mtype 5)" ""
}

@test "an empty queue: headings, or nothing; no messages in JSON" {
	queue '[]'
	try shmpeek msg:"$id"
	fine
	prints "REF INDEX TYPE SIZE TEXT"
	try shmpeek -n msg:"$id"
	fine
	prints ""
	try shmpeek -J msg:"$id"
	fine
	is "$(json d)" '{"messages": []}'
}

@test "queues one after the other, and one that is not there" {
	make_objects msg=0,0600 send=3 msg=0,0600 send=4 send=5
	try shmpeek -n -o REF,SIZE msg:"$(made_id msg 2)" msg:4711 msg:"$(made_id msg 1)"
	ends 1
	complains "msg:4711"
	is "$(tr -s ' ' <<<"$output")" "msg:$(made_id msg 2) 4
msg:$(made_id msg 2) 5
msg:$(made_id msg 1) 3"
}

@test "one message: as hexdump -C has it, its bytes, and all of it in JSON" {
	head -c 8000 /dev/urandom >"$BATS_TEST_TMPDIR/random"
	queue '[(1, b""), (2, open("'"$BATS_TEST_TMPDIR"'/random", "rb").read()), (3, b"\0" * 100), (4, b"x")]'
	printf x >"$BATS_TEST_TMPDIR/3"
	head -c 100 /dev/zero >"$BATS_TEST_TMPDIR/2"
	: >"$BATS_TEST_TMPDIR/0"
	mv "$BATS_TEST_TMPDIR/random" "$BATS_TEST_TMPDIR/1"
	for n in 0 1 2 3; do
		shmpeek --message $n --raw msg:"$id" | cmp - "$BATS_TEST_TMPDIR/$n"
		shmpeek --message $n msg:"$id" | diff - <(hexdump -C "$BATS_TEST_TMPDIR/$n")
		shmpeek --message $n -v msg:"$id" | diff - <(hexdump -vC "$BATS_TEST_TMPDIR/$n")
		try shmpeek --message $n -J msg:"$id"
		fine
		is "$(json '[len(d["messages"]), d["messages"][0]["index"], d["messages"][0]["hex"]]')" "[1, $n, \"$(od -An -v -tx1 "$BATS_TEST_TMPDIR/$n" | tr -d ' \n')\"]"
	done
}

@test "the text of one message is whole, that of many is cut after a whole character" {
	queue '[(1, b"a" + "\u017c".encode() * 40), (1, b"b" * 64), (1, b"c" * 65), (1, b"d" * 63 + b"\xc5"), (1, b"e" * 63 + b"\xf0\x9f\x98\x80")]'
	try shmpeek -J msg:"$id"
	fine
	is "$(json '[m["text"] for m in d["messages"]] == ["a" + "\u017c" * 31, "b" * 64, "c" * 64, "d" * 63 + "\ufffd", "e" * 63]')" true
	is "$(json '[len(m["hex"]) for m in d["messages"]]')" "[128, 128, 128, 128, 128]"
	try shmpeek --notruncate -n -o TEXT msg:"$id"
	fine
	is "$output" "a$(printf 'ż%.0s' {1..31})...
$(printf 'b%.0s' {1..64})
$(printf 'c%.0s' {1..64})...
$(printf 'd%.0s' {1..63})\\xc5
$(printf 'e%.0s' {1..63})..."
	try shmpeek --message 0 -J msg:"$id"
	is "$(json 'd["messages"][0]["text"] == "a" + "\u017c" * 40')" true
}

@test "a message that is not there: exit status 1, and nothing printed" {
	queue "$messages"
	for view in "" -J --raw; do
		try shmpeek $view --message 5 msg:"$id"
		ends 1
		complains "msg:$id: there is no message 5"
		[ "$view" = -J ] || prints ""
	done
	try shmpeek --message 2147483647 msg:"$id"
	ends 1
}

@test "hostile bytes reach neither the terminal nor break the JSON" {
	queue '[(1, b"\x1b]0;title\x07\x1b[31m"), (1, "a\u202eb\u2066\ufeff\u200b".encode()), (1, b"\r\n\t\x7f\x9b"), (1, b"\xed\xa0\x80\xc0\xaf\xf8"), (1, b"\"\\\\\x08")]'
	try shmpeek --notruncate -n -o TEXT msg:"$id"
	fine
	is "$output" '\x1b]0;title\x07\x1b[31m
a\xe2\x80\xaeb\xe2\x81\xa6\xef\xbb\xbf\xe2\x80\x8b
\x0d\x0a\x09\x7f\x9b
\xed\xa0\x80\xc0\xaf\xf8
"\\\x08'
	try shmpeek -J msg:"$id"
	fine
	is "$(json '[m["text"] for m in d["messages"]] == ["\x1b]0;title\x07\x1b[31m", "a\u202eb\u2066\ufeff\u200b", "\r\n\t\x7f\ufffd", "\ufffd" * 6, "\"\\\\\x08"]')" true
	! LC_ALL=C grep -q $'[\x01-\x08\x0b-\x1f\x7f]' <<<"$output"
	# of a locale without these characters
	LC_ALL=C try shmpeek --notruncate msg:"$id"
	! LC_ALL=C grep -q $'[\x01-\x08\x0b-\x1f\x7f-\xff]' <<<"$output"
}

@test "a full queue of 2048 messages, each in its place" {
	queue '[(i + 1, b"%08d" % i) for i in range(2048)]'
	try shmpeek -J msg:"$id"
	fine
	is "$(json '[m["text"] for m in d["messages"]] == ["%08d" % i for i in range(2048)]')" true
	is "$(json '[m["type"] for m in d["messages"]] == list(range(1, 2049))')" true
	try shmpeek -n -o INDEX,TEXT msg:"$id"
	fine
	is "$(awk '$1 + 0 != $2 + 0' <<<"$output" | wc -l)/${#lines[@]}" 0/2048
}

@test "messages longer than usual; and longer than what the kernel takes by now" {
	limit msgmax 300000
	limit msgmnb 2000000
	queue '[(1, b"a" * 8192), (2, b"b" * 8193), (3, b"c" * 300000)]'
	try shmpeek -n -b -o SIZE msg:"$id"
	fine
	is "$(tr -d ' ' <<<"$output" | paste -sd,)" 8192,8193,300000
	shmpeek --message 2 --raw msg:"$id" | cmp - <(head -c 300000 /dev/zero | tr '\0' c)
	limit msgmax 8192
	try shmpeek msg:"$id"
	ends 1
	complains "msg:$id: a message is longer than kernel.msgmax" "index is 1"
	try shmpeek -n -b -o SIZE --head 1 msg:"$id"
	fine
	is "$(tr -d ' ' <<<"$output")" 8192
	try shmpeek --message 2 msg:"$id"
	ends 1
	complains "kernel.msgmax"
}

@test "a kernel that cannot copy messages is named, and no message is taken" {
	queue "$messages"
	before=$(cat /proc/sysvipc/msg)
	try "$SUPPORT/refuse" ENOSYS msgrcv -- shmpeek msg:"$id"
	ends 1
	complains "msg:$id: this kernel cannot copy messages (CONFIG_CHECKPOINT_RESTORE)"
	is "$(cat /proc/sysvipc/msg)" "$before"
}

@test "who may not read the queue is told what is missing" {
	need_root
	make_objects msg=0,0622 send=3 msg=0,0604 send=4
	try as_nobody shmpeek -n -o REF,SIZE msg:"$(made_id msg 1)" msg:"$(made_id msg 2)"
	ends 1
	complains "msg:$(made_id msg 1): " "permission denied" "read permission on the queue"
	is "$(tr -s ' ' <<<"$output")" "msg:$(made_id msg 2) 4"
}

@test "a queue of another namespace is read where it is" {
	need_root
	out=$BATS_TEST_TMPDIR/other
	unshare --ipc "$SUPPORT/make_objects" msg=0,0600 send=7 send=8 hold >"$out" 3>&- &
	other=$!
	disown "$other"
	holders="$holders $other"
	wait_until grep -q ready "$out"
	queue '[(5, b"own")]'
	ns=$(stat -Lc %i "/proc/$other/ns/ipc")
	try shmpeek -n -o REF,SIZE "msg:0@$ns"
	fine
	is "$(tr -s ' ' <<<"$output")" "msg:0@$ns 7
msg:0@$ns 8"
}

# Each message is one that pass_messages sent; without a complaint they have no gap.
check_passed() {
	python3 -c '
import json, sys
count, complaint = int(sys.argv[1]), sys.argv[2]
rows = json.load(sys.stdin)["messages"]
for i, row in enumerate(rows):
    text = ("%d;" % row["type"]) * (row["type"] % 60)
    assert row["index"] == i, row
    assert row["bytes"] == len(text) and row["text"] == text[:64], row
if complaint:
    assert complaint.count("\n") == 0 and "changed while it was read" in complaint, complaint
else:
    assert len(rows) in (count, count - 1), len(rows)
    assert [r["type"] - rows[0]["type"] for r in rows] == list(range(len(rows)))
' "$1" "$stderr" <<<"$output"
}

@test "a queue in motion: what it held at one time, or it is said that it changed" {
	hold_with pass_messages 100 0
	id=$(made_id msg)
	for n in {1..50}; do
		try shmpeek -J msg:"$id"
		ends 0
		check_passed 100
	done
}

@test "a queue that rests now and then is read again until it is right" {
	hold_with pass_messages 60 20000
	id=$(made_id msg)
	right=0
	for n in {1..20}; do
		try shmpeek -J msg:"$id"
		ends 0
		check_passed 60
		[ -n "$stderr" ] || right=$((right + 1))
	done
	[ "$right" -gt 0 ]
}

@test "a POSIX queue: what it tells of itself, why no messages, and none is taken" {
	need_root # sees the queue's file
	python3 -c 'import ctypes
libc = ctypes.CDLL(None)
queue = libc.mq_open(b"/jobs", 0o102, 0o600, None)
for text in b"abc", b"defg":
    assert libc.mq_send(queue, text, len(text), 1) == 0'
	mkdir -p /mnt/mq
	mountpoint -q /mnt/mq || mount -t mqueue mqueue /mnt/mq
	before=$(stat -c '%x %y %z' /mnt/mq/jobs)
	try shmpeek -b posix-mq:/jobs
	ends 1
	complains "posix-mq:/jobs: " "cannot be read without taking them" "mq_receive"
	is "$(tr -s ' ' <<<"$output")" "REF MSGS MAX-MSGS FULL MAX-SIZE
posix-mq:/jobs 2 $(cat /proc/sys/fs/mqueue/msg_default) 20% $(cat /proc/sys/fs/mqueue/msgsize_default)"
	try shmpeek -J posix-mq:/jobs
	ends 1
	is "$(json '[(q["ref"], q["messages"], q["max_messages"]) for q in d["posix_mq"]]')" "[[\"posix-mq:/jobs\", 2, $(cat /proc/sys/fs/mqueue/msg_default)]]"
	try shmpeek --message 0 --raw posix-mq:/jobs
	ends 1
	prints ""
	complains "mq_receive"
	is "$(stat -c '%x %y %z' /mnt/mq/jobs)" "$before"
	grep -q '^QSIZE:7 ' /mnt/mq/jobs
	rm /mnt/mq/jobs
}

@test "what makes no sense of a queue ends with 2, and prints nothing" {
	queue "$messages"
	for words in --raw "--message 0 --mtype 7" "--message 0 --raw -J" "--message 0 -o TEXT" "--message 0 --watch" \
		"--mtype -7" "--mtype 9223372036854775808" "--message 2147483648" "--message -1" "-s 1" --map --strings --save=/tmp/x; do
		try shmpeek $words msg:"$id"
		ends 2
		is "${#stderr_lines[@]}" 1
		prints ""
	done
	try shmpeek --message 0 shm:0
	ends 2
	try shmpeek --watch posix-mq:/x
	ends 2
}

@test "--watch: the messages, then how many there are and who did it, until it is gone" {
	queue "$messages"
	watch last msg:"$id"
	"$SUPPORT/make_objects" use=msg,"$id" send=10
	wait_until seen "messages 5 -> 6, bytes 81 -> 91"
	"$SUPPORT/make_objects" use=msg,"$id" receive
	wait_until seen "messages 6 -> 5, bytes 91 -> 86"
	receiver=$(proc_field msg "$id" 7)
	wait_until seen "receiver .*$receiver[])]$" # it may still run at that tick
	ipcrm -q "$id"
	wait "$watcher"
	is "$(cat "$BATS_TEST_TMPDIR/err")" "shmpeek: msg:$id: gone"
	is "$(wc -l <"$BATS_TEST_TMPDIR/out")" 8
	grep -Eq "^[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3} msg:$id: messages 5 -> 6, " "$BATS_TEST_TMPDIR/out"
}

@test "--watch -J: lines of JSON, until Ctrl-C" {
	queue "$messages"
	watch begin -J msg:"$id"
	"$SUPPORT/make_objects" use=msg,"$id" send=10
	wait_until seen change
	kill -INT "$watcher"
	wait "$watcher"
	is "$(cat "$BATS_TEST_TMPDIR/err")" ""
	output="[$(paste -sd, "$BATS_TEST_TMPDIR/out")]"
	is "$(json '[(e["event"], e["ref"], e["messages"], e["bytes"]) for e in d]')" "[[\"begin\", \"msg:$id\", 5, 81], [\"change\", \"msg:$id\", 6, 91]]"
	is "$(json '[d[1]["before"], d[1]["sender"]["pid"], d[1]["receiver"]]')" "[{\"messages\": 5, \"bytes\": 81}, $(proc_field msg "$id" 6), null]"
	is "$(json 'abs(d[1]["time"] - '"$(date +%s)"') < 60')" true
}
