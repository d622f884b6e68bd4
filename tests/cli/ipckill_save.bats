#!/usr/bin/env bats
# ipckill --save: what is in the files, who may read them, and no removal without a copy.

load private

setup() {
	start_empty
	folder=$BATS_TEST_TMPDIR/kept
}

# A Python expression on the manifest, as d.
manifest() {
	output=$(cat "$folder/manifest.json")
	json "$1"
}

# That many bytes of a value, as make_objects touch= writes them, then zeros up to a size.
touched() {
	head -c "$1" /dev/zero | tr '\0' Z
	head -c $(($2 - $1)) /dev/zero
}

@test "a segment: its bytes, its size, and then it is removed" {
	make_objects shm=0x11,100000,0640 attach=1 touch=5000 detach shm=0,4096,0600 shm=0,4097,0600 attach=1 touch=4097
	try ipckill --save "$folder" shm:"$(made_id shm 1)" shm:"$(made_id shm 2)" shm:"$(made_id shm 3)"
	fine
	prints "removed shm:$(made_id shm 1), saved as shm-$(made_id shm 1)
removed shm:$(made_id shm 2), saved as shm-$(made_id shm 2)
removed shm:$(made_id shm 3), saved as shm-$(made_id shm 3)"
	touched 5000 100000 | cmp - "$folder/shm-$(made_id shm 1)"
	head -c 4096 /dev/zero | cmp - "$folder/shm-$(made_id shm 2)"
	touched 4097 4097 | cmp - "$folder/shm-$(made_id shm 3)"
	is "$(ids shm)" ""
}

@test "a queue: its messages one after the other, with their types" {
	make_objects msg=0x11,0600
	id=$(made_id msg)
	python3 - "$id" <<-'END'
		import ctypes, struct, sys
		libc = ctypes.CDLL(None, use_errno=True)
		for type, text in (7, b"first"), (1, b""), (2**62 + 1, b"\0\xff" * 2000), (7, b"last"):
		    message = struct.pack("l", type) + text
		    assert libc.msgsnd(int(sys.argv[1]), message, ctypes.c_size_t(len(text)), 0) == 0
	END
	try ipckill --save "$folder" msg:"$id"
	fine
	is "$(manifest '[(m["type"], m["bytes"], m["offset"]) for m in d["saved"][0]["messages"]]')" \
		"[[7, 5, 0], [1, 0, 5], [$(((1 << 62) + 1)), 4000, 5], [7, 4, 4005]]"
	{ printf first; python3 -c 'import sys; sys.stdout.buffer.write(b"\0\xff" * 2000)'; printf last; } |
		cmp - "$folder/msg-$id"
	is "$(ids msg)" ""
}

@test "a queue: messages longer than the usual limit, and many of them" {
	limit msgmax 300000
	limit msgmnb 2000000
	make_objects msg=0,0600 send=300000 send=8192 send=8193 msg=0,0600 $(printf 'send=3 %.0s' {1..500})
	try ipckill --save "$folder" msg:"$(made_id msg 1)" msg:"$(made_id msg 2)"
	fine
	is "$(manifest '[m["bytes"] for m in d["saved"][0]["messages"]]')" "[300000, 8192, 8193]"
	is "$(stat -c %s "$folder/msg-$(made_id msg 1)")" 316385
	is "$(manifest '[len(d["saved"][1]["messages"]), sum(m["bytes"] for m in d["saved"][1]["messages"])]')" "[500, 1500]"
}

@test "a message that is longer than today's limit cannot be saved, so its queue stays" {
	limit msgmax 20000
	limit msgmnb 40000
	make_objects msg=0,0600 send=20000
	limit msgmax 8192
	try ipckill --save "$folder" msg:"$(made_id msg)"
	ends 1
	complains "msg:$(made_id msg): not saved: a message is longer than kernel.msgmax"
	is "$(ids msg)" "$(made_id msg)"
	is "$(ls -A "$folder")" ""
}

@test "a set: its values, one a line" {
	make_objects sem=0,4,0600 set=1,7 set=3,32767
	try ipckill --save "$folder" sem:"$(made_id sem)"
	fine
	is "$(cat "$folder/sem-$(made_id sem)")" "0
7
0
32767"
	is "$(ids sem)" ""
}

@test "POSIX shared memory and semaphores: their bytes, holes left out; their times stay" {
	head -c 5000 /dev/urandom >"$BATS_TEST_TMPDIR/data"
	truncate -s 1G /dev/shm/big
	dd if="$BATS_TEST_TMPDIR/data" of=/dev/shm/big bs=5000 seek=100 conv=notrunc status=none
	mkdir /dev/shm/dir
	cp "$BATS_TEST_TMPDIR/data" "/dev/shm/dir/a %b"
	printf '\5\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' | cat - <(head -c 16 /dev/zero) >/dev/shm/sem.s
	cp /dev/shm/sem.s "$BATS_TEST_TMPDIR/sem"
	used=$(stat -c %b /dev/shm/big)
	touch -ad 2020-01-01 /dev/shm/big
	ln /dev/shm/big /dev/shm/again # it outlives its name
	try ipckill --save "$folder" posix-shm:/big 'posix-shm:/dir/a\x20\x25b' posix-sem:/s
	fine
	[ ! -e /dev/shm/big ] && [ ! -e "/dev/shm/dir/a %b" ] && [ ! -e /dev/shm/sem.s ]
	is "$(ls -A "$folder" | sort)" "manifest.json
posix-sem-s
posix-shm-big
posix-shm-dir%2Fa%5Cx20%5Cx25b"
	is "$(stat -c '%b %X' /dev/shm/again)" "$used $(date -d 2020-01-01 +%s)"
	cmp "$folder/posix-shm-big" /dev/shm/again
	[ "$(du -k "$folder/posix-shm-big" | cut -f1)" -le 64 ]
	cmp "$folder/posix-shm-dir%2Fa%5Cx20%5Cx25b" "$BATS_TEST_TMPDIR/data"
	cmp "$folder/posix-sem-s" "$BATS_TEST_TMPDIR/sem"
	is "$(manifest '[(r["bytes"], r["touched"]) for r in d["saved"]]')" "[[1073741824, false], [5000, false], [32, false]]"
}

@test "a POSIX queue is only removed when it is empty: its messages cannot be kept" {
	python3 -c 'import ctypes
libc = ctypes.CDLL(None)
for name in b"/empty", b"/full":
    queue = libc.mq_open(name, 0o102, 0o600, None)
libc.mq_send(queue, b"abc", 3, 1)'
	try ipckill --save "$folder" posix-mq:/empty posix-mq:/full
	ends 1
	complains "posix-mq:/full: not saved: " "cannot be read without taking them"
	prints "removed posix-mq:/empty, saved as posix-mq-empty"
	is "$(stat -c %s "$folder/posix-mq-empty")" 0
	is "$(ls -A "$folder" | sort)" "manifest.json
posix-mq-empty"
	ipckill posix-mq:/full
}

@test "an object of another namespace is saved from within it" {
	need_root
	out=$BATS_TEST_TMPDIR/other
	unshare --ipc "$SUPPORT/make_objects" shm=0x11,8192,0600 attach=1 touch=100 detach msg=0,0600 send=7 sem=0,1,0600 set=0,9 hold >"$out" 3>&- &
	other=$!
	disown "$other"
	holders="$holders $other"
	wait_until grep -q ready "$out"
	ns=$(stat -Lc %i "/proc/$other/ns/ipc")
	try ipckill --save "$folder" "shm:0@$ns" "msg:0@$ns" "sem:0@$ns"
	fine
	touched 100 8192 | cmp - "$folder/shm-0%40$ns"
	is "$(stat -c %s "$folder/msg-0%40$ns")/$(cat "$folder/sem-0%40$ns")" 7/9
	is "$(nsenter --ipc="/proc/$other/ns/ipc" cat /proc/sysvipc/shm /proc/sysvipc/msg /proc/sysvipc/sem | wc -l)" 3
}

@test "the manifest has what ipcls -J tells of each object, and its file" {
	make_objects shm=0x11,5000,0640 attach=1 touch=10 detach msg=0x12,0600 send=9 sem=0x13,2,0600 set=1,3
	try ipcls -J
	for kind in shm msg sem; do json "d['$kind'][0]" >"$BATS_TEST_TMPDIR/$kind"; done
	try ipckill --save "$folder" shm:key=0x11 msg:key=0x12 sem:key=0x13
	fine
	# what the file holds stands behind; of a queue the messages in place of their number
	for kind in shm msg sem; do
		is "$(manifest "{k: v for k, v in [r for r in d['saved'] if r['kind'] == '$kind'][0].items() if k not in ('file', 'touched', 'messages') and (k != 'bytes' or '$kind' == 'msg')}")" \
			"$(output=$(cat "$BATS_TEST_TMPDIR/$kind"); json "{k: v for k, v in d.items() if k != 'messages'}")"
	done
	is "$(manifest '[(r["file"], r["bytes"], r["touched"]) for r in d["saved"]]')" \
		"[[\"shm-$(made_id shm)\", 5000, true], [\"msg-$(made_id msg)\", 9, false], [\"sem-$(made_id sem)\", 4, false]]"
}

@test "the folder is 0700 and its files 0600, whatever the umask" {
	make_objects shm=0,1,0600 msg=0,0666 sem=0,1,0666
	umask 0
	try ipckill --save "$folder" shm:"$(made_id shm)" msg:"$(made_id msg)"
	fine
	(umask 0277 && ipckill --save "$folder.2/" sem:"$(made_id sem)")
	is "$(stat -c %a "$folder" "$folder"/* "$folder".2/* | sort -u)" "600
700"
}

@test "a sparse segment: two pages of a GiB take two pages, in the file and in the segment" {
	make_objects shm=0,1073741824,0600 attach=1 touch=8192 detach
	id=$(made_id shm)
	is "$(proc_field shm "$id" 15)" 8192
	# the plan refuses to remove what is attached, but it is saved before that
	hold use=shm,"$id" attach=1
	try ipckill --save "$folder" -y -m --all --force
	fine
	is "$(proc_field shm "$id" 15)" 8192
	is "$(stat -c %s "$folder/shm-$id")" 1073741824
	[ "$(du -k "$folder/shm-$id" | cut -f1)" -le 64 ]
	touched 8192 8192 | cmp -n 8192 - "$folder/shm-$id"
}

@test "the same without the right to see the segment's file: by what is in memory" {
	need_root
	made=$(as_nobody "$SUPPORT/make_objects" shm=0,1073741824,0600 attach=1 touch=8192 detach)
	id=$(made_id shm)
	hold use=shm,"$id" attach=1
	folder=$(as_nobody mktemp -d /tmp/kept.XXXXXX)
	try as_nobody ipckill --save "$folder" shm:"$id"
	fine
	is "$(proc_field shm "$id" 15)" 8192
	is "$(stat -c %s "$folder/shm-$id")" 1073741824
	[ "$(du -k "$folder/shm-$id" | cut -f1)" -le 64 ]
	touched 8192 8192 | cmp -n 8192 - "$folder/shm-$id"
	rm -r "$folder"
}

@test "--dry-run says what would be saved, and makes and touches nothing" {
	make_objects shm=0,1,0600 msg=0,0600 send=3
	before=$(cat /proc/sysvipc/*)
	try ipckill --save "$folder" --dry-run shm:"$(made_id shm)" msg:"$(made_id msg)"
	fine
	has "would save shm:$(made_id shm) as shm-$(made_id shm)" "would save msg:$(made_id msg) as msg-$(made_id msg)"
	[ ! -e "$folder" ]
	is "$(cat /proc/sysvipc/*)" "$before"
}

@test "-J names the file of each object" {
	make_objects shm=0,1,0600
	try ipckill -J --save "$folder" shm:"$(made_id shm)" msg:4711
	ends 1
	is "$(json '[(r["result"], r["file"]) for r in d["results"]]')" "[[\"removed\", \"shm-$(made_id shm)\"], [\"missing\", null]]"
}

@test "what may not be read is not saved, so it is not removed; the others are" {
	need_root
	made=$(as_nobody "$SUPPORT/make_objects" shm=0,1,0000 msg=0,0000 sem=0,1,0000 sem=0,1,0600)
	folder=$(as_nobody mktemp -d /tmp/kept.XXXXXX)
	try as_nobody ipckill --save "$folder" shm:"$(made_id shm)" msg:"$(made_id msg)" sem:"$(made_id sem 1)" sem:"$(made_id sem 2)"
	ends 1
	is "${#stderr_lines[@]}" 3
	for ref in shm:"$(made_id shm)" msg:"$(made_id msg)" sem:"$(made_id sem 1)"; do
		[[ $stderr == *"ipckill: $ref: not saved: "*"permission denied"* ]]
	done
	prints "removed sem:$(made_id sem 2), saved as sem-$(made_id sem 2)"
	is "$(ids shm)/$(ids msg)/$(ids sem)" "$(made_id shm)/$(made_id msg)/$(made_id sem 1)"
	is "$(manifest '[r["ref"] for r in d["saved"]]')" "[\"sem:$(made_id sem 2)\"]"
	is "$(ls -A "$folder" | sort)" "manifest.json
sem-$(made_id sem 2)"
	rm -r "$folder"
}

@test "a full disk: what did not fit is not removed, and no half of a file is left" {
	need_root
	make_objects shm=0,4096,0600 attach=1 touch=4096 detach shm=0,1048576,0600 attach=1 touch=1048576 detach \
		shm=0,4096,0600
	try mounted 'mount -t tmpfs -o size=256k,mode=0700 tmpfs /srv' sh -c 'ipckill --save /srv/kept "$@"; status=$?
		ls /srv/kept; cp /srv/kept/manifest.json "$0"; exit $status' "$BATS_TEST_TMPDIR" \
		shm:"$(made_id shm 1)" shm:"$(made_id shm 2)" shm:"$(made_id shm 3)"
	ends 1
	complains "ipckill: shm:$(made_id shm 2): not saved: " "No space left on device"
	is "$(ids shm)" "$(made_id shm 2)"
	prints "removed shm:$(made_id shm 1), saved as shm-$(made_id shm 1)
removed shm:$(made_id shm 3), saved as shm-$(made_id shm 3)
manifest.json
shm-$(made_id shm 1)
shm-$(made_id shm 3)"
	folder=$BATS_TEST_TMPDIR
	is "$(manifest '[r["ref"] for r in d["saved"]]')" "[\"shm:$(made_id shm 1)\", \"shm:$(made_id shm 3)\"]"
}

@test "a disk without room even for the manifest: nothing is removed" {
	need_root
	make_objects shm=0,4096,0600
	try mounted 'mount -t tmpfs -o size=4k,mode=0700 tmpfs /srv' sh -c 'echo full >/srv/fills; ipckill --save /srv "$1"; status=$?
		ls -A /srv; exit $status' sh shm:"$(made_id shm)"
	ends 2
	complains "--save: /srv: No space left on device; nothing done"
	prints fills
	is "$(ids shm)" "$(made_id shm)"
}

@test "a folder that others could change, or that is in use already, is refused before anything is done" {
	need_root
	make_objects shm=0,1,0600
	ref=shm:$(made_id shm)
	refused() {
		try ipckill --save "$1" "$ref"
		ends 2
		complains "--save: " "$2" "nothing done"
		is "$(ids shm)" "$(made_id shm)"
	}
	mkdir "$folder"
	chmod 0770 "$folder"
	refused "$folder" "others may write to it"
	chmod 0702 "$folder"
	refused "$folder" "others may write to it"
	chmod 0700 "$folder"
	chown 65534 "$folder"
	refused "$folder" "belongs to somebody else"
	chown 0 "$folder"
	ln -s kept "$BATS_TEST_TMPDIR/link"
	refused "$BATS_TEST_TMPDIR/link" "not a folder"
	refused "$BATS_TEST_TMPDIR/link//" "not a folder"
	refused "$BATS_TEST_TMPDIR/none/kept" "No such file"
	touch "$BATS_TEST_TMPDIR/file"
	refused "$BATS_TEST_TMPDIR/file" "not a folder"
	touch "$folder/manifest.json"
	refused "$folder" "holds a manifest.json already"
	ln -sf /nowhere "$folder/manifest.json"
	refused "$folder" "holds a manifest.json already"
	mv "$folder/manifest.json" "$folder/manifest.json.partial"
	refused "$folder" "an earlier run was cut short"
	rm "$folder/manifest.json.partial"
	try ipckill --save "$folder" "$ref"
	fine
}

@test "a file or a link that lies in wait is not written to, and its object stays" {
	make_objects shm=0,1,0600 shm=0,1,0600
	mkdir -m 700 "$folder"
	echo precious >"$BATS_TEST_TMPDIR/victim"
	ln -s "$BATS_TEST_TMPDIR/victim" "$folder/shm-$(made_id shm 1)"
	echo kept >"$folder/shm-$(made_id shm 2)"
	try ipckill --save "$folder" shm:"$(made_id shm 1)" shm:"$(made_id shm 2)"
	ends 1
	is "${#stderr_lines[@]}" 2
	is "$(cat "$BATS_TEST_TMPDIR/victim" "$folder/shm-$(made_id shm 2)")" "precious
kept"
	is "$(ids shm)" "$(made_id shm 1) $(made_id shm 2)"
	[ ! -e "$folder/manifest.json" ] && [ ! -e "$folder/manifest.json.partial" ]
}

@test "an object that is not the listed one any more is neither saved nor removed" {
	make_objects shm=0x11,1,0600
	exact=$(ipcls --raw -no EXACT shm:"$(made_id shm)")
	wait_until past "$(proc_field shm "$(made_id shm)" 14)"
	"$SUPPORT/make_objects" use=shm,"$(made_id shm)" chmod=0640
	try ipckill --save "$folder" "$exact"
	ends 1
	complains "refused: changed since it was listed"
	[ ! -e "$folder" ]
	is "$(ids shm)" "$(made_id shm)"
}

@test "objects of a set that are in use are not saved either" {
	hold shm=0,1,0600 attach=1 shm=0,1,0600
	try ipckill --save "$folder" -y -m --all
	ends 1
	is "$(ls -A "$folder" | sort)" "manifest.json
shm-$(made_id shm 2)"
	is "$(ids shm)" "$(made_id shm 1)"
}

@test "Ctrl-C: the rest is told as not done, and the manifest is whole" {
	make_objects shm=0,1,0600 shm=0,1,0600 shm=0,1,0600
	mkfifo "$BATS_TEST_TMPDIR/answer"
	# a background job of this shell ignores the interrupt
	"$SUPPORT/terminal" 80 y "@$BATS_TEST_TMPDIR/answer" -- env --default-signal=INT sh -c 'trap : INT; ipckill --save "$0" -i "$@"; echo "status $?"' \
		"$folder" $(for i in $(ids shm); do echo shm:"$i"; done) >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- &
	holders="$holders $!"
	disown "$!"
	wait_until grep -q "remove shm:$(made_id shm 2)" "$BATS_TEST_TMPDIR/out"
	# as the terminal's interrupt key does
	printf '\003' >"$BATS_TEST_TMPDIR/answer"
	wait_until grep -q status "$BATS_TEST_TMPDIR/out"
	grep -q "removed shm:$(made_id shm 1), saved as" "$BATS_TEST_TMPDIR/out"
	grep -q "shm:$(made_id shm 2): not done: interrupted" "$BATS_TEST_TMPDIR/out"
	grep -q "shm:$(made_id shm 3): not done: interrupted" "$BATS_TEST_TMPDIR/out"
	grep -q "status 1" "$BATS_TEST_TMPDIR/out"
	is "$(ids shm)" "$(made_id shm 2) $(made_id shm 3)"
	is "$(manifest '[r["ref"] for r in d["saved"]]')" "[\"shm:$(made_id shm 1)\"]"
	is "$(ls -A "$folder" | sort)" "manifest.json
shm-$(made_id shm 1)"
}

@test "a run that is killed leaves a manifest that is whole JSON" {
	make_objects shm=0,1,0600 shm=0,1,0600
	mkfifo "$BATS_TEST_TMPDIR/answer"
	"$SUPPORT/terminal" 80 y "@$BATS_TEST_TMPDIR/answer" -- sh -c 'exec ipckill --save "$0" -i "$@"' \
		"$folder" $(for i in $(ids shm); do echo shm:"$i"; done) >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- &
	holders="$holders $!"
	disown "$!"
	wait_until grep -q "remove shm:$(made_id shm 2)" "$BATS_TEST_TMPDIR/out"
	kill -9 "$(pgrep -x ipckill)"
	mv "$folder/manifest.json.partial" "$folder/manifest.json"
	is "$(manifest '[r["ref"] for r in d["saved"]]')" "[\"shm:$(made_id shm 1)\"]"
}
