#!/usr/bin/env bats
# shmpeek of segments: every method gives the bytes that were written, and what it may not have
# without a trace it does not have.  The truth is who made the segment, and python that attaches it.

load private

setup() {
	start_empty
	raw=$BATS_TEST_TMPDIR/raw
}

# Reading what was never written allocates it: so this comes last.
truth() { # truth ID BYTES
	python3 - "$1" "$2" <<-'END'
		import ctypes, sys
		libc = ctypes.CDLL(None)
		libc.shmat.restype = ctypes.c_void_p
		address = libc.shmat(int(sys.argv[1]), None, 0o10000)
		sys.stdout.buffer.write(ctypes.string_at(address, int(sys.argv[2])))
	END
}

# As make_objects touch= leaves it: so many bytes of a value, then zeros up to a size.
touched() {
	head -c "$1" /dev/zero | tr '\0' Z
	head -c $(($2 - $1)) /dev/zero
}

# shmpeek --raw: $status, $stderr, and the bytes in $raw.
peek() {
	try sh -c 'exec "$@" >"$0"' "$raw" shmpeek --raw "$@"
}
as_nobody_to() { # as_nobody_to FILE COMMAND...
	as_nobody "${@:2}" >"$1"
}

# The id that the next segment gets, if it is free.
next_id() {
	echo "$1" >/proc/sys/kernel/shm_next_id
}

stat_of() {
	"$SUPPORT/stat_ipc" shm "$1"
	proc_field shm "$1" 15
	proc_field shm "$1" 16
}

# How many lines of the hex view begin with which byte, in their order.
values() {
	awk 'NF > 1 { print $2 }' <<<"$output" | uniq -c | xargs
}

@test "map-files, vm and attach give the same bytes; what each changes is said" {
	need_root
	hold_with hold_content shm=100001 random=0,100 random=40000,5000 text=100000,z
	id=$(made_id shm)
	before=$(stat_of "$id")
	for options in "" "--method map-files" "--attach" "--method auto"; do
		peek $options shm:"$id"
		fine
		cp "$raw" "$raw.free"
		is "$(stat_of "$id")" "$before"
	done
	wait_until past "$(date +%s)"
	peek --method attach shm:"$id"
	ends 0
	complains "shm:$id: read by method attach: " "atime, dtime and lpid"
	cmp "$raw" "$raw.free"
	# attached it was, but nothing was allocated
	is "$(proc_field shm "$id" 15)" 16384
	is "$(proc_field shm "$id" 7)" 1
	[ "$(stat_of "$id")" != "$before" ]
	peek --method vm shm:"$id"
	ends 0
	complains "shm:$id: read by method vm: memory is allocated"
	cmp "$raw" "$raw.free"
	is "$(proc_field shm "$id" 15)" 102400
	truth "$id" 100001 | cmp - "$raw"
}

@test "nobody has it attached: only --attach reads it" {
	make_objects shm=0x11,5000,0600 attach=1 touch=4097 detach
	id=$(made_id shm)
	before=$(stat_of "$id")
	peek shm:"$id"
	ends 1
	complains "shm:$id: nobody has it attached; --attach attaches it: its atime, dtime and lpid change"
	[ ! -s "$raw" ]
	# a method that was named is not left for another
	for options in "--method map-files" "--method vm" "--attach --method vm"; do
		peek $options shm:"$id"
		ends 1
		complains "shm:$id: nobody has it attached; --method attach attaches it: its atime, dtime and lpid change"
		[ ! -s "$raw" ]
	done
	peek --method file shm:"$id"
	ends 1
	complains "shm:$id: method file does not read this kind"
	is "$(stat_of "$id")" "$before"
	peek --attach shm:"$id"
	ends 0
	complains "shm:$id: read by method attach: its atime, dtime and lpid change"
	touched 4097 5000 | cmp - "$raw"
	is "$(proc_field shm "$id" 7)" 0
}

@test "marked for removal: it lives as long as its holder, and is read through it" {
	need_root
	hold shm=0x11,5000,0600 attach=1 touch=4097 dest
	id=$(made_id shm)
	before=$(stat_of "$id")
	peek shm:"$id"
	fine
	touched 4097 5000 | cmp - "$raw"
	is "$(stat_of "$id")" "$before"
	peek --method vm shm:"$id"
	ends 0
	touched 4097 5000 | cmp - "$raw"
	peek --method attach shm:"$id"
	ends 0
	touched 4097 5000 | cmp - "$raw"
	is "$(proc_field shm "$id" 7)" 1
}

@test "of another IPC namespace, by each method" {
	need_root
	out=$BATS_TEST_TMPDIR/other
	next_id 0
	hold shm=0,8192,0600 attach=1 touch=8192 # the same id here
	unshare --ipc "$SUPPORT/make_objects" shm=0x11,8192,0600 attach=1 touch=100 hold >"$out" 3>&- &
	other=$!
	disown "$other"
	holders="$holders $other"
	wait_until grep -q ready "$out"
	is "$(made_id shm)" "$(awk '$1 == "shm" { print $2 }' "$out")"
	ref=shm:$(made_id shm)@$(stat -Lc %i "/proc/$other/ns/ipc")
	before=$(nsenter --ipc="/proc/$other/ns/ipc" "$SUPPORT/stat_ipc" shm "$(made_id shm)")
	peek "$ref"
	fine
	touched 100 8192 | cmp - "$raw"
	is "$(nsenter --ipc="/proc/$other/ns/ipc" "$SUPPORT/stat_ipc" shm "$(made_id shm)")" "$before"
	for method in attach vm; do
		peek --method "$method" "$ref"
		ends 0
		complains "$ref: read by method $method"
		touched 100 8192 | cmp - "$raw"
	done
	is "$(nsenter --ipc="/proc/$other/ns/ipc" awk 'NR > 1 { print $7 }' /proc/sysvipc/shm)" 1
}

@test "a holder that has moved to another namespace does not lend its segment to the id there" {
	need_root
	hold_with make_objects shm=0x11,8192,0600 attach=1 touch=8192
	id=$(made_id shm)
	# python attaches it, moves, and makes one of the same id that it does not attach
	python3 - "$id" >"$BATS_TEST_TMPDIR/moved" 3>&- <<-'END' &
		import ctypes, signal, sys
		libc = ctypes.CDLL(None)
		libc.shmat.restype = ctypes.c_void_p
		libc.shmat(int(sys.argv[1]), None, 0)
		assert libc.unshare(0x08000000) == 0
		open("/proc/sys/kernel/shm_next_id", "w").write(sys.argv[1])
		print("id", libc.shmget(0x12, ctypes.c_size_t(8192), 0o1600), flush=True)
		signal.pause()
	END
	moved=$!
	disown "$moved"
	holders="$holders $moved"
	wait_until grep -q ^id "$BATS_TEST_TMPDIR/moved"
	is "$(cat "$BATS_TEST_TMPDIR/moved")" "id $id"
	ref=shm:$id@$(stat -Lc %i "/proc/$moved/ns/ipc")
	peek "$ref"
	ends 1
	complains "$ref: nobody has it attached"
	# By a child of somebody who is gone it is attached: its creator is asked before, whose area of
	# that number is of another key.
	nsenter --ipc="/proc/$moved/ns/ipc" python3 - "$id" >"$BATS_TEST_TMPDIR/child" 3>&- <<-'END'
		import ctypes, os, signal, sys
		libc = ctypes.CDLL(None)
		libc.shmat.restype = ctypes.c_void_p
		ctypes.memset(libc.shmat(int(sys.argv[1]), None, 0), 0x5a, 1)
		child = os.fork()
		if child:
		    print(child, flush=True)
		    os._exit(0)
		os.close(1)
		signal.pause()
	END
	holders="$holders $(cat "$BATS_TEST_TMPDIR/child")"
	peek "$ref"
	fine
	touched 1 8192 | cmp - "$raw"
}

@test "an ordinary user: not without a trace, and the complaint says what would" {
	need_root
	made=$(as_nobody "$SUPPORT/make_objects" shm=0,8192,0600 attach=1 touch=4096 detach)
	id=$(made_id shm)
	out=$BATS_TEST_TMPDIR/made.nobody
	as_nobody "$SUPPORT/make_objects" use=shm,"$id" attach=1 hold >"$out" 3>&- &
	holders="$holders $!"
	disown "$!"
	wait_until grep -q ready "$out"
	wait_until past "$(date +%s)"
	before=$(stat_of "$id")
	for options in "" "--method map-files"; do
		try as_nobody shmpeek $options shm:"$id"
		ends 1
		prints ""
		complains "shm:$id: needs CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE to be read through a process that has it attached; --${options:+method }attach attaches it"
	done
	is "$(stat_of "$id")" "$before"
}

@test "an ordinary user: another's holder may not be looked at" {
	need_root
	hold shm=0,4096,0644 attach=1 touch=1 shm=0,4096,0600 attach=1
	id=$(made_id shm 2)
	try as_nobody shmpeek shm:"$(made_id shm)"
	ends 1
	complains "needs CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE and CAP_SYS_PTRACE to be read through a process that has it attached; --attach"
	try as_nobody shmpeek --method vm shm:"$(made_id shm)"
	ends 1
	complains "needs CAP_SYS_PTRACE to be read through a process that has it attached"
	try as_nobody shmpeek --attach shm:"$id"
	ends 1
	complains "shm:$id: cannot be attached: permission denied"
	# who may read it may attach it
	as_nobody_to "$raw" shmpeek --raw --attach shm:"$(made_id shm)" 2>"$raw.complaint"
	touched 1 4096 | cmp - "$raw"
}

@test "an ordinary user: --attach takes what is in memory, and allocates nothing" {
	need_root
	out=$BATS_TEST_TMPDIR/made.nobody
	as_nobody "$SUPPORT/hold_content" shm=$((1 << 30)) random=0,100 random=500000000,5000 text=$(((1 << 30) - 1)),z hold >"$out" 3>&- &
	holder=$!
	holders="$holders $holder"
	disown "$holder"
	wait_until grep -q ready "$out"
	id=$(awk '$1 == "shm" { print $2 }' "$out")
	shmpeek --raw shm:"$id" >"$raw.free" # through its holder, as root
	rss=$(proc_field shm "$id" 15)
	is "$rss" 16384
	as_nobody_to "$raw" "$SUPPORT/peak" shmpeek --raw --attach shm:"$id" 2>"$raw.complaint"
	grep -q "read by method attach: its atime" "$raw.complaint"
	lean "$(tail -n 1 "$raw.complaint")"
	cmp "$raw" "$raw.free"
	is "$(proc_field shm "$id" 15) $(proc_field shm "$id" 7)" "$rss 1"
	# all of it in memory: neither is it kept in ours
	truth "$id" $((64 << 20)) >"$raw.truth"
	as_nobody_to "$raw" "$SUPPORT/peak" shmpeek --raw --attach -l 64M shm:"$id" 2>"$raw.complaint"
	lean "$(tail -n 1 "$raw.complaint")"
	cmp "$raw" "$raw.truth"
	# nor does it take a call that containers are often refused
	as_nobody_to "$raw" "$SUPPORT/refuse" EPERM readv -- shmpeek --raw --attach -l 64M shm:"$id" 2>"$raw.complaint"
	cmp "$raw" "$raw.truth"
	as_nobody_to "$raw" "$SUPPORT/refuse" EPERM readv -- shmpeek --method vm -l 4K shm:"$id" 2>"$raw.complaint" || status=$?
	is "$status" 1
	grep -q "shm:$id: " "$raw.complaint"
}

# The row of a segment in /proc/sysvipc/shm, with another rss and swap.
counted() { # counted ID RSS SWAP
	awk -v id="$1" -v rss="$2" -v swap="$3" 'NR > 1 && $2 == id { $15 = rss; $16 = swap } 1' \
		/proc/sysvipc/shm >"$BATS_TEST_TMPDIR/counted"
	chmod a+rx "$BATS_TEST_TMPDIR" && chmod a+r "$BATS_TEST_TMPDIR/counted"
	echo "mount --bind '$BATS_TEST_TMPDIR/counted' /proc/sysvipc/shm"
}

@test "an ordinary user: pages that the kernel counts and mincore() does not show are unknown, not zero" {
	need_root
	made=$(as_nobody "$SUPPORT/make_objects" shm=0,12288,0600 attach=1 touch=4096 detach)
	id=$(made_id shm)
	is "$(proc_field shm "$id" 15)" 4096
	try mounted "$(counted "$id" 4096 0)" setpriv --reuid=65534 --regid=65534 --clear-groups shmpeek --attach shm:"$id"
	ends 0
	has 00001000 00003000
	# one page is in swap; or in memory, but where?  Nothing of what is not there is shown.
	for counts in "4096 4096" "8192 0"; do
		try mounted "$(counted "$id" $counts)" setpriv --reuid=65534 --regid=65534 --clear-groups \
			shmpeek --attach -v shm:"$id"
		ends 1
		[[ $stderr == *"8K are not known to be there"* ]] || show_failure "does not say what is unknown"
		is "$(values)" "256 5a 512 ??"
	done
	# more is shown than there is: mincore() says yes to everything
	try mounted "$(counted "$id" 0 0)" setpriv --reuid=65534 --regid=65534 --clear-groups shmpeek --attach -v shm:"$id"
	ends 1
	[[ $stderr == *"12K are not known to be there"* ]] || show_failure "does not say what is unknown"
	is "$(values)" "768 ??"
	try mounted "$(counted "$id" 4096 4096)" setpriv --reuid=65534 --regid=65534 --clear-groups \
		shmpeek --attach --map -n -o OFFSET,CONTENT shm:"$id"
	ends 1
	[[ $stderr == *"of 8K it cannot be told whether they were written"* ]] || show_failure "does not say what is unknown"
	[[ $stderr != *"huge pages"* ]] || show_failure "these are no huge pages"
	is "$(head -2 <<<"$output" | xargs)" "0x0 data 0x1000 unknown"
	is "$(proc_field shm "$id" 15)" 4096
}

@test "vm: what the holder has unmapped is unknown, and what is left is read" {
	need_root
	hold shm=0,20480,0600 attach=1 touch=20480 unmap=4096,8192
	id=$(made_id shm)
	peek --method vm -s 12288 shm:"$id"
	ends 0
	touched 8192 8192 | cmp - "$raw"
	try shmpeek --method vm -v shm:"$id"
	ends 1
	[[ $stderr == *"8K are not known to be there"* ]] || show_failure "does not say what is unknown"
	is "$(values)" "256 5a 512 ?? 512 5a"
	# its file is whole
	peek shm:"$id"
	fine
	touched 20480 20480 | cmp - "$raw"
	# another holder has all of it
	hold use=shm,"$id" attach=1
	peek --method vm shm:"$id"
	ends 0
	touched 20480 20480 | cmp - "$raw"
}

# A process that maps so many bytes at an offset of posix-shm:/x, which is longer just then.
map_at() { # map_at OFFSET BYTES
	python3 -c 'import mmap, os, sys, time
fd = os.open("/dev/shm/x", os.O_RDWR)
offset, size, bytes = int(sys.argv[1]), int(sys.argv[2]), os.fstat(fd).st_size
os.ftruncate(fd, max(bytes, offset + size))
area = mmap.mmap(fd, size, offset=offset)
os.ftruncate(fd, bytes)
print("ready", flush=True)
time.sleep(600)' "$@" >"$raw.ready" 3>&- &
	holders="$holders $!"
	disown $!
	wait_until grep -q ready "$raw.ready"
}

@test "vm: who maps only what is behind the end is not read through" {
	need_root
	head -c 4096 /dev/urandom >/dev/shm/x
	map_at 8192 4096
	try shmpeek --method vm posix-shm:/x
	ends 1
	complains "posix-shm:/x: "
	map_at 0 4096
	peek --method vm posix-shm:/x
	ends 0
	cmp "$raw" /dev/shm/x
	rm /dev/shm/x
}

# Let the kernel make so many huge pages when they are asked for, while a command runs.
with_huge_pages() {
	local file=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_overcommit_hugepages before
	before=$(cat "$file") && echo "$1" >"$file" || skip "no huge pages"
	shift
	"$@" || status=$?
	echo "$before" >"$file"
}

@test "huge pages: read without one more of them; there are no holes to be told" {
	need_root
	[ -e /sys/kernel/mm/hugepages/hugepages-2048kB ] || skip "no huge pages of 2 MiB"
	huge=0$(printf %o $((04000 | 010000 | 21 << 26 | 0600))) # SHM_HUGETLB | SHM_NORESERVE, 2 MiB
	with_huge_pages 4 hold shm=0,5000000,"$huge" attach=1 touch=5000
	id=$(made_id shm)
	before=$(stat_of "$id")
	rss=$(proc_field shm "$id" 15)
	peek shm:"$id"
	fine
	is "$(stat_of "$id")" "$before"
	touched 5000 5000000 | cmp - "$raw"
	peek -s 4M shm:"$id" # past the end of what was touched
	fine
	is "$(stat_of "$id")" "$before"
	peek --method attach shm:"$id"
	ends 0
	touched 5000 5000000 | cmp - "$raw"
	is "$(proc_field shm "$id" 15)" "$rss"
}

# Swap in a file of our own, where there is none; it takes nothing but what is sent there.
swap_on() {
	[ "$(wc -l </proc/swaps)" -le 1 ] || return 0
	dd if=/dev/zero of="$BATS_FILE_TMPDIR/swap" bs=1M count=8 status=none &&
		chmod 600 "$BATS_FILE_TMPDIR/swap" && mkswap "$BATS_FILE_TMPDIR/swap" >/dev/null &&
		swapon "$BATS_FILE_TMPDIR/swap"
}

teardown_file() {
	[ ! -e "$BATS_FILE_TMPDIR/swap" ] || swapoff "$BATS_FILE_TMPDIR/swap"
}

@test "what is in swap stays there; --swapped brings it into memory" {
	need_root
	swap_on || skip "no swap can be had"
	hold shm=0,65536,0600 attach=1 touch=32768 pageout=4096,8192
	id=$(made_id shm)
	[ "$(proc_field shm "$id" 16)" -eq 8192 ]
	before=$(stat_of "$id")
	try shmpeek -v shm:"$id"
	ends 1
	complains "shm:$id: 8K in swap are not shown"
	is "$(values)" "256 5a 512 ?? 1280 5a 2048 00"
	is "$(stat_of "$id")" "$before"
	peek --swapped shm:"$id"
	fine
	touched 32768 65536 | cmp - "$raw"
	is "$(proc_field shm "$id" 16)" 0
}
