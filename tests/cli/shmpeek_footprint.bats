#!/usr/bin/env bats
# No view of shmpeek leaves a trace: whatever the kernel says of an object, of its memory and of who
# holds it is the same before and after.  The truth is IPC_STAT, /proc and stat; and who wrote the
# content still finds it as it was.

load private

setup() {
	start_empty
	rm -rf /dev/shm/*
	copy=$BATS_TEST_TMPDIR/copy
	zeros=$BATS_TEST_TMPDIR/zeros
	as=() inside=()
}

# ---- What is seen of an object ----

# A process that does nothing but wait, to the last switch and page fault.  SigQ is of all of a user.
look_at_process() {
	grep -v ^SigQ: "/proc/$1/status"
	cut -d ' ' -f 10-15 "/proc/$1/stat"
	ls -l "/proc/$1/fd" | tail -n +2 | awk '{ print $1, $NF }'
}

# What a process has mapped at an address.
look_at_area() {
	awk -v start="$2-" '/^[0-9a-f]+-/ { inside = index($0, start) == 1 } inside' "/proc/$1/smaps"
}

look_at_file() {
	stat -L -c '%d:%i %s %b %h %a %u:%g %x %y %z' "$1"
}

# What there is at all: objects, files, mounts.
look_around() {
	cut -c 1-30 /proc/sysvipc/shm /proc/sysvipc/msg /proc/sysvipc/sem
	ls -a /dev/shm
	cat /proc/self/mountinfo
}

look_at_sysv() { # look_at_sysv KIND ID
	"${inside[@]}" "$SUPPORT/stat_ipc" "$1" "$2"
	"${inside[@]}" awk -v id="$2" 'NR > 1 && $2 == id' "/proc/sysvipc/$1"
}

look() {
	local area
	look_around
	[ -z "$holder" ] || look_at_process "$holder"
	case $kind in
	shm)
		look_at_sysv shm "$id"
		look_at_area "$holder" "$address"
		for area in "/proc/$holder/map_files/$address-"*; do look_at_file "$area"; done
		;;
	msg | sem) look_at_sysv "$kind" "$id" ;;
	*) look_at_file "$file" ;;
	esac
	case $kind in posix-shm | memfd) look_at_area "$holder" "$address" ;; esac
}

# Show an object by views, one a line: the exit status, and the options.  Each leaves all as it is,
# and complains of nothing, or as the pattern $said has it.  "${as[@]}" runs it.
no_trace() {
	local ref=$1 before wanted options complaint count=0
	wait_until past "$(date +%s)" # times count seconds
	before=$(look)
	[ "$(wc -l <<<"$before")" -gt 20 ]
	while read -r wanted options; do
		count=$((count + 1))
		rm -f "$BATS_TEST_TMPDIR/saved"
		status=0
		eval "\"\${as[@]}\" shmpeek $options \"\$ref\"" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/complaint" </dev/null ||
			status=$?
		complaint=$(cat "$BATS_TEST_TMPDIR/complaint")
		is "$options: $status" "$options: $wanted"
		[[ $complaint == ${said:-} ]] || { echo "$options: $complaint" >&2; return 1; }
		is "$options
$(look)" "$options
$before"
	done
	[ "$count" -gt 0 ]
}

# ---- Shared memory ----

memory_views() {
	cat <<END
0
0 -v -l 256K
0 -s -100000
0 --as u32 -l 256K
0 --as f64 --endian big -l 256K
0 -s 8192 --as mutex
0 -s 4M --as rwlock
0 --find-mutexes
0 --find-mutexes -J
0 --strings
0 --strings --utf8 -J
0 --raw
0 --save "$BATS_TEST_TMPDIR/saved"
0 --map
0 --map -J
0 --find needle
1 --find absent
0 --find-hex '6e 65 65 64'
0 --find-value u32:1684366702
1 --find-value u64:18446744073709551614 -J
0 --stats
0 --stats -J
0 --diff "$copy"
1 --diff "$zeros"
1 --diff "$zeros" -J
0 --watch=100ms --timeout 1s
END
}

segment=(random=0,4096 mutex=8192 random=1048000,10000 text=20000000,needle random=67108860,5)

# What hold_content made last, in words for look(); and a copy of it, made by the kernel.
describe() {
	kind=$1
	id=$(awk -v kind="$1" '$1 == kind { print $2 }' <<<"$made")
	address=$(awk -v kind="$1" '$1 == kind { print $NF }' <<<"$made")
	file=
	[ "$kind" = shm ] || file=/proc/$holder/fd/$(awk -v kind="$1" '$1 == kind { print $3 }' <<<"$made")
	cp --sparse=always "${file:-$(echo "/proc/$holder/map_files/$address-"*)}" "$copy"
	truncate -s "$(stat -c %s "$copy")" "$zeros"
	# a time of access that any read would move, with relatime too
	[ -z "$file" ] || touch -a -d '2001-09-09 01:46:40 +0000' "$file"
}

# Its bytes are what the holder wrote.
unchanged() {
	local told=$1
	kill -USR1 "$holder"
	wait_until grep -qE '^(same|changed)' "$told"
	is "$(tail -n 1 "$told")" same
}

hold_content() {
	hold_with hold_content "$@"
	told=$(echo "$BATS_TEST_TMPDIR"/made.*)
}

@test "a segment" {
	need_root
	hold_content shm=67108865 "${segment[@]}"
	describe shm
	memory_views | no_trace "shm:$id"
	unchanged "$told"
}

@test "a segment that is marked for removal" {
	need_root
	hold_content shm=67108865 "${segment[@]}" destroy
	describe shm
	memory_views | grep -v -e --watch | no_trace "shm:$id"
	said="shmpeek: shm:$id: marked for removal, 1 attached" # that its end is near
	memory_views | grep -e --watch | no_trace "shm:$id"
	unchanged "$told"
}

@test "a segment of another IPC namespace" {
	need_root
	told=$BATS_TEST_TMPDIR/told
	unshare --ipc "$SUPPORT/hold_content" shm=67108865 "${segment[@]}" hold >"$told" 3>&- &
	holder=$!
	holders="$holders $holder"
	wait_until grep -q ready "$told"
	made=$(cat "$told")
	describe shm
	inside=(nsenter --ipc --target "$holder")
	memory_views | no_trace "shm:$id@$(stat -L -c %i "/proc/$holder/ns/ipc")"
	unchanged "$told"
}

@test "POSIX shared memory" {
	hold_content posix-shm=/x,67108865 "${segment[@]}"
	describe posix-shm
	memory_views | no_trace posix-shm:/x
	unchanged "$told"
}

@test "POSIX shared memory without a name" {
	hold_content posix-shm=/x,67108865 "${segment[@]}" unlink=/x
	describe posix-shm
	memory_views | no_trace "posix-shm:$id"
	unchanged "$told"
}

@test "a memory file" {
	hold_content memfd=some,67108865 "${segment[@]}"
	describe memfd
	memory_views | no_trace "memfd:$id"
	no_trace "memfd:$id" <<<"0 --watch=100ms --timeout 1s -J"
	unchanged "$told"
}

@test "two objects that are compared" {
	need_root
	hold_content shm=1000001 text=5000,needle memfd=some,1000001 text=5000,needle
	describe shm
	shm=shm:$id
	no_trace "$shm" <<<"0 --diff memfd:$(awk '$1 == "memfd" { print $2 }' <<<"$made")"
	describe memfd
	no_trace "memfd:$id" <<<"0 --diff $shm"
	no_trace "$shm" <<<"0 --diff memfd:$id"
	unchanged "$told"
}

# ---- Ordinary users ----

hold_as_nobody() {
	told=$BATS_TEST_TMPDIR/told
	setpriv --reuid=65534 --regid=65534 --clear-groups "$SUPPORT/hold_content" "$@" hold >"$told" 3>&- &
	holder=$!
	holders="$holders $holder"
	wait_until grep -q ready "$told"
	made=$(cat "$told")
	as=(as_nobody)
}

own_views() { # without those that take a file of root's
	memory_views | grep -v -e --save -e --diff
}

@test "an ordinary user: its own POSIX shared memory, with and without a name" {
	need_root
	hold_as_nobody posix-shm=/x,67108865 "${segment[@]}"
	describe posix-shm
	own_views | no_trace posix-shm:/x
	rm /dev/shm/x
	own_views | no_trace "posix-shm:$id"
	unchanged "$told"
}

@test "an ordinary user: its own memory file" {
	need_root
	hold_as_nobody memfd=some,67108865 "${segment[@]}"
	describe memfd
	own_views | no_trace "memfd:$id"
	unchanged "$told"
}

@test "what is refused leaves no trace either" {
	need_root
	hold_as_nobody shm=67108865 "${segment[@]}"
	describe shm
	said="shmpeek: shm:$id: *--attach attaches it: its atime, dtime and lpid change"
	own_views | sed 's/^0/1/' | no_trace "shm:$id"
	unchanged "$told"
	hold_content posix-shm=/x,67108865 mode=0666 "${segment[@]}"
	describe posix-shm
	said="shmpeek: posix-shm:/x: *--attach reads it all the same: its time of access changes"
	own_views | sed 's/^0/1/' | no_trace posix-shm:/x
}

# All that attaching does not change: no page is allocated, and nobody stays attached.
look_beside_attaching() {
	"$SUPPORT/stat_ipc" shm "$id" | sed -E 's/(atime|dtime|lpid) [0-9]+/\1 -/g'
	proc_field shm "$id" 15
	proc_field shm "$id" 16
	look_at_process "$holder"
	look_at_area "$holder" "$address"
}

@test "--attach changes what it says, and no more" {
	need_root
	hold_as_nobody shm=67108865 "${segment[@]}"
	describe shm
	wait_until past "$(date +%s)"
	before=$(look_beside_attaching)
	[[ $before == *" nattch 1"* ]]
	for view in "" --raw --map --stats --strings "--find needle" --find-mutexes \
		"-s 4M --as rwlock"; do
		as_nobody shmpeek --attach $view "shm:$id" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/complaint"
		is "$view: $(cat "$BATS_TEST_TMPDIR/complaint")" \
			"$view: shmpeek: shm:$id: read by method attach: its atime, dtime and lpid change, for a moment its nattch"
		is "$view: $(look_beside_attaching)" "$view: $before"
	done
	unchanged "$told"
}

# ---- Queues and semaphores ----

describe_sysv() {
	kind=$1
	id=$(made_id "$1")
}

queue_views() {
	cat <<END
0
0 -J
0 --message 1
0 --message 1 --raw
0 --mtype 1
0 --head 1
0 --watch=100ms --timeout 1s
END
}

@test "a queue" {
	hold msg=0,0600 send=5 send=300 send=0
	describe_sysv msg
	queue_views | no_trace "msg:$id"
}

@test "a set of semaphores that is waited on" {
	hold sem=0,3,0600 set=0,5 op=1,2 wait=2,-1
	describe_sysv sem
	no_trace "sem:$id" <<-END
		0
		0 -J
		0 --watch=100ms --timeout 1s
	END
}

@test "a queue and a set of another IPC namespace" {
	need_root
	unshare --ipc "$SUPPORT/make_objects" msg=0,0600 send=5 send=300 sem=0,2,0600 set=0,5 op=1,2 hold \
		>"$BATS_TEST_TMPDIR/told" 3>&- &
	holder=$!
	holders="$holders $holder"
	wait_until grep -q ready "$BATS_TEST_TMPDIR/told"
	made=$(cat "$BATS_TEST_TMPDIR/told")
	there=$(stat -L -c %i "/proc/$holder/ns/ipc")
	describe_sysv msg
	inside=(nsenter --ipc --target "$holder")
	queue_views | no_trace "msg:$id@$there"
	describe_sysv sem
	inside=(nsenter --ipc --target "$holder")
	no_trace "sem:$id@$there" <<-END
		0
		0 -J
	END
}

@test "a POSIX semaphore" {
	hold_with make_memory sem=/x
	kind=posix-sem
	file=/dev/shm/sem.x
	touch -a -d '2001-09-09 01:46:40 +0000' "$file"
	no_trace posix-sem:/x <<-END
		0
		0 -J
	END
}

@test "a POSIX queue, whose messages cannot be seen" {
	need_root
	hold_with make_memory mq=4,10,/x send=5
	mkdir -p /mnt/queues
	mount -t mqueue none /mnt/queues
	kind=posix-mq
	file=/mnt/queues/x
	said="shmpeek: posix-mq:/x: *"
	no_trace posix-mq:/x <<-END
		1
		1 -J
	END
	umount /mnt/queues
}

# ---- Memory that was never written, and ours ----

# Show an object by views, one a line as above: each takes less than 8 MiB, however much it shows.
lean_views() {
	local ref=$1 wanted options peak
	while read -r wanted options; do
		status=0
		eval "\"\$SUPPORT/peak\" shmpeek $options \"\$ref\"" >/dev/null 2>"$BATS_TEST_TMPDIR/peak" ||
			status=$?
		peak=$(cat "$BATS_TEST_TMPDIR/peak")
		is "$options: $status $(wc -l <"$BATS_TEST_TMPDIR/peak")" "$options: $wanted 1"
		lean "$peak" || { echo "$options: $peak KiB" >&2; return 1; }
		[ -z "${SHOW_PEAK:-}" ] || echo "# $options: $peak KiB" >&3
	done
}

@test "100 GiB with ten pages: no page more, and less than 8 MiB for us" {
	need_root
	hold_content shm=$((100 << 30)) random=$(((100 << 30) - 4096)),4096 text=$((50 << 30)),needle mutex=$((60 << 30)) \
		$(printf 'random=%d,4096 ' 0 $((1 << 30)) $(((1 << 30) + 8192)) $((9 << 30)) $((23 << 30)) $((77 << 30)) $((99 << 30)))
	kind=shm
	id=$(awk '$1 == "shm" { print $2 }' <<<"$made")
	address=$(awk '$1 == "shm" { print $3 }' <<<"$made")
	wait_until past "$(date +%s)"
	before=$(look)
	truncate -s $((100 << 30)) "$zeros"
	is "$(proc_field shm "$id" 15)" $((10 * 4096))
	lean_views "shm:$id" <<-END
		0
		0 -s 23G -l 8192 -v
		0 --as u64
		0 -s 60G --as mutex
		0 --find-mutexes
		0 --strings
		0 --save "$BATS_TEST_TMPDIR/saved"
		0 --map
		0 --find needle
		1 --find-value u64:18446744073709551614
		0 --stats
		1 --diff "$zeros"
		0 --watch=100ms --timeout 1s
	END
	is "$(look)" "$before"
	unchanged "$told"
}

# --watch keeps a copy of what it watches.
@test "16 MiB without a hole: less than 8 MiB for us" {
	need_root
	hold_content shm=16777216 random=0,16777216
	truncate -s 16777216 "$zeros"
	id=$(awk '$1 == "shm" { print $2 }' <<<"$made")
	lean_views "shm:$id" <<-END
		0
		0 --as f64
		1 --find-mutexes
		0 --strings
		0 --strings=1 -J
		0 --raw
		0 --save "$BATS_TEST_TMPDIR/saved"
		0 --map
		0 --find-hex 00
		0 --find-hex 00 -J
		0 --stats
		1 --diff "$zeros"
		1 --diff "$zeros" -J
		0 -l 1M --watch=100ms --timeout 1s
		0 -l 1M --watch=100ms --timeout 1s -J
	END
}

# ---- While it is written ----

# Fifty processes that wrote and waited on, each of which has it attached, and none of which was
# stopped, traced or woken.
fifty_writers() {
	local child children
	children=$(cat "/proc/$holder/task/$holder/children")
	is "$(wc -w <<<"$children")" 50
	for child in $children; do
		grep -qE '^State:	[RSD]' "/proc/$child/status"
		grep -qE '^TracerPid:	0$' "/proc/$child/status"
	done
	is "$("$SUPPORT/stat_ipc" shm "$id")" "$before"
	[[ $before == *" nattch 50" ]]
	is "$(proc_field shm "$id" 15)" $((512 * 4096))
}

@test "a segment that fifty processes write while it is dumped" {
	need_root
	hold_with scribble 50 512,3
	id=$(made_id shm)
	wait_until past "$(date +%s)"
	before=$("$SUPPORT/stat_ipc" shm "$id")
	fifty_writers
	for i in 1 2 3 4 5 6; do
		rm -f "$BATS_TEST_TMPDIR/dump"
		if [ $((i % 3)) = 0 ]; then
			shmpeek --save "$BATS_TEST_TMPDIR/dump" "shm:$id"
		elif [ $((i % 3)) = 1 ]; then
			shmpeek --raw "shm:$id" >"$BATS_TEST_TMPDIR/dump"
		else
			shmpeek --raw "shm:$id" | cat >"$BATS_TEST_TMPDIR/dump"
		fi
		"$SUPPORT/scribble" "$BATS_TEST_TMPDIR/dump" 512,3 check >>"$BATS_TEST_TMPDIR/judged"
	done
	# each has its own bytes: it was being written
	is "$(awk '{ print $1 }' "$BATS_TEST_TMPDIR/judged" | sort | uniq -c | xargs)" "6 good"
	[ "$(sort -u "$BATS_TEST_TMPDIR/judged" | wc -l)" -gt 1 ]
	fifty_writers
	for view in "" --map --stats --strings "--watch=200ms --timeout 1s"; do
		shmpeek $view "shm:$id" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/complaint"
		is "$view: $(cat "$BATS_TEST_TMPDIR/complaint")" "$view: "
	done
	fifty_writers
	kill -USR1 "$holder"
	wait_until grep -q ^rounds "$BATS_TEST_TMPDIR"/made.*
	grep -qE '^rounds [0-9]{2,} interrupted 0$' "$BATS_TEST_TMPDIR"/made.*
}
