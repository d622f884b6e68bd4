#!/usr/bin/env bats
# --watch of memory: how it ends, and what it says then.

bats_require_minimum_version 1.5.0
load private
load watching

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
	need_root # which alone reads it without a trace
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
	need_root # which alone reads it without a trace
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
