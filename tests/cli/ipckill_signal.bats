#!/usr/bin/env bats
# ipckill --signal: who gets it, how long it waits, and that nothing goes while somebody holds it.

load private

# A process that holds what make_objects words make, and ignores a signal: its pid in $holder.
hold_stubbornly() {
	local out=$BATS_TEST_TMPDIR/made.$RANDOM
	sh -c 'trap "" "$0"; exec "$@"' "$1" "$SUPPORT/make_objects" "${@:2}" hold >"$out" 3>&- &
	holder=$!
	disown "$holder"
	holders="$holders $holder"
	wait_until grep -qs '^ready$' "$out"
	made=$(cat "$out")
}

@test "the holders end, and then the segment is removed" {
	hold shm=0x11,4096,0600 attach=2
	first=$holder id=$(made_id shm)
	hold use=shm,"$id" attach=1r
	try ipckill --signal TERM shm:"$id"
	fine
	is "$(sort <<<"$output")" "$(sort <<<"removed shm:$id
signalled TERM: make_objects[$first] (uid 0)
signalled TERM: make_objects[$holder] (uid 0)")"
	gone "$first" && gone "$holder"
	is "$(ids shm)" ""
}

@test "names, numbers and real-time signals; each process gets the very one, once" {
	for word in USR1 sigusr2 10 RTMIN+2 RTMAX-1 SIGRTMIN 31; do
		make_objects shm=0,1,0600 shm=0,1,0600
		got=$BATS_TEST_TMPDIR/got.$word
		python3 - "$(made_id shm 1)" "$(made_id shm 2)" "$got" 3>&- <<-'END' &
			import ctypes, signal, sys
			libc = ctypes.CDLL(None)
			libc.shmat.restype = ctypes.c_void_p
			signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
			for _ in range(2):
			    for id in sys.argv[1:3]:
			        libc.shmat(int(id), None, 0)
			with open(sys.argv[3], "w") as got:
			    print("ready", file=got, flush=True)
			    print(int(signal.sigwait(signal.valid_signals())), file=got, flush=True)
			    print(signal.sigtimedwait(signal.valid_signals(), 0.2), file=got, flush=True)
		END
		disown "$!"
		wait_until grep -qs ready "$got"
		try ipckill --signal "$word" shm:"$(made_id shm 1)" shm:"$(made_id shm 2)"
		fine
		number=$(case $word in [0-9]*) echo "$word" ;; *) kill -l "${word^^}" ;; esac)
		is "$(sed 1d "$got")" "$number
None"
		is "$(ids shm)" ""
	done
}

@test "who holds on is named, nothing at all is removed, status 1" {
	hold_stubbornly TERM shm=0,1,0600 attach=1 shm=0,1,0600
	held=$(made_id shm 1) free=$(made_id shm 2) first=$holder
	try ipckill --signal TERM --timeout 1s shm:"$held" shm:"$free"
	ends 1
	prints "signalled TERM: make_objects[$first] (uid 0)"
	is "$stderr" "ipckill: shm:$held: refused: after 1s still held by make_objects[$first]
ipckill: shm:$free: refused: not removed: another object of this run is still held"
	is "$(ids shm)" "$held $free"
	kill -0 "$first"
	try ipckill --signal KILL shm:"$held" shm:"$free"
	fine
	is "$(ids shm)" ""
}

@test "one that lets go without ending is enough" {
	make_objects shm=0,1,0600
	id=$(made_id shm)
	python3 - "$id" "$BATS_TEST_TMPDIR/got" 3>&- <<-'END' &
		import ctypes, signal, sys
		libc = ctypes.CDLL(None)
		libc.shmat.restype = ctypes.c_void_p
		libc.shmdt.argtypes = [ctypes.c_void_p]
		at = libc.shmat(int(sys.argv[1]), None, 0)
		signal.signal(signal.SIGUSR1, lambda *_: libc.shmdt(at))
		open(sys.argv[2], "w").write("ready\n")
		while True:
		    signal.pause()
	END
	python=$!
	disown "$python"
	holders=$python
	wait_until grep -qs ready "$BATS_TEST_TMPDIR/got"
	try ipckill --signal USR1 shm:"$id"
	fine
	is "$(ids shm)" ""
	kill -0 "$python"
}

@test "what goes with its holders counts as removed" {
	hold shm=0,1,0600 attach=1 dest
	try ipckill --signal TERM shm:"$(made_id shm)"
	fine
	has "removed shm:$(made_id shm): went with its holders"
	is "$(ids shm)" ""
}

@test "--keep signals, waits for nothing and removes nothing" {
	hold_stubbornly TERM shm=0,1,0600 attach=1
	begun=$(date +%s%N)
	try ipckill --keep --signal TERM shm:"$(made_id shm)"
	fine
	prints "signalled TERM: make_objects[$holder] (uid 0)
signalled shm:$(made_id shm)"
	[ $((($(date +%s%N) - begun) / 1000000)) -lt 5000 ]
	kill -0 "$holder"
	is "$(ids shm)" "$(made_id shm)"
	try ipckill --keep --signal TERM --timeout 0s shm:"$(made_id shm)"
	ends 1
	complains "after 0s still held by make_objects[$holder]"
	try ipckill --keep --signal KILL --timeout 10s shm:"$(made_id shm)"
	fine
	wait_until gone "$holder"
	is "$(ids shm)" "$(made_id shm)"
}

@test "POSIX shared memory and pipes: who maps it, who has it open" {
	python3 -c 'import mmap, os, signal, sys
fd = os.open("/dev/shm/x", os.O_RDWR | os.O_CREAT); os.ftruncate(fd, 4096)
m = mmap.mmap(fd, 4096); os.close(fd)
r, w = os.pipe()
open(sys.argv[1], "w").write("pipe:%d\n" % os.fstat(r).st_ino)
signal.pause()' "$BATS_TEST_TMPDIR/pipe" 3>&- &
	python=$!
	disown "$python"
	holders=$python
	wait_until grep -qs pipe "$BATS_TEST_TMPDIR/pipe"
	pipe=$(cat "$BATS_TEST_TMPDIR/pipe")
	# what lives in its holders alone cannot be removed
	try ipckill --signal KILL "$pipe"
	ends 1
	complains "$pipe: refused: goes with its last holder and cannot be removed; --keep"
	kill -0 "$python"
	try ipckill --keep --signal CONT "$pipe"
	fine
	prints "signalled CONT: python3[$python] (uid 0)
signalled $pipe"
	try ipckill --signal TERM posix-shm:/x "$pipe"
	ends 1
	has "signalled TERM: python3[$python] (uid 0)" "removed posix-shm:/x"
	gone "$python"
	[ ! -e /dev/shm/x ]
}

@test "queues and sets have no record of who uses them, and are refused" {
	make_objects msg=0,0600 sem=0,1,0600
	try ipckill --signal TERM msg:"$(made_id msg)" sem:"$(made_id sem)"
	ends 1
	prints ""
	is "${#stderr_lines[@]}" 2
	[[ $stderr == *"msg:$(made_id msg): refused: the kernel does not record who uses it"* ]]
	is "$(ids msg)/$(ids sem)" "$(made_id msg)/$(made_id sem)"
}

@test "--dry-run tells who would be signalled, and signals nobody" {
	hold shm=0,1,0600 attach=1
	try ipckill --dry-run --signal HUP shm:"$(made_id shm)"
	fine
	has "would signal HUP: make_objects[$holder] (uid 0)"
	lacks removed
	kill -0 "$holder"
	try ipckill -J --dry-run --signal HUP shm:"$(made_id shm)"
	fine
	is "$(json '[(r["result"], r["signal"], r["holders"]) for r in d["results"]]')" \
		"[[\"planned\", \"HUP\", [{\"pid\": $holder, \"command\": \"make_objects\", \"uid\": 0, \"result\": \"planned\"}]]]"
	kill -0 "$holder"
	is "$(ids shm)" "$(made_id shm)"
}

@test "-J tells what came of each process" {
	hold shm=0,1,0600 attach=1
	try ipckill -J --signal KILL shm:"$(made_id shm)" msg:4711
	ends 1
	is "$(json '[(r["action"], r["result"], r["signal"], [h["result"] for h in r["holders"]]) for r in d["results"]]')" \
		'[["remove", "removed", "KILL", ["sent"]], ["remove", "missing", "KILL", []]]'
}

@test "a set is confirmed first: no answer, no signal" {
	hold shm=0,1,0600 attach=1
	try without_terminal ipckill --signal TERM -m --all
	ends 2
	kill -0 "$holder"
	try "$SUPPORT/terminal" 80 n -- ipckill --signal TERM -m --all
	ends 1
	has "would signal TERM: make_objects[$holder]" "Signal all holders of, and remove this 1 object"
	kill -0 "$holder"
	# and what is attached needs no --force: it is let go
	try ipckill -y --signal TERM -m --all
	fine
	is "$(ids shm)" ""
}

@test "-i: who holds only what was answered for with no is spared" {
	hold shm=0,1,0600 attach=1
	first=$holder one=$(made_id shm)
	hold shm=0,1,0600 attach=1
	two=$(made_id shm)
	try "$SUPPORT/terminal" 80 n y -- ipckill -i --signal TERM shm:"$one" shm:"$two"
	fine
	has "skipped shm:$one" "removed shm:$two"
	kill -0 "$first"
	gone "$holder"
	is "$(ids shm)" "$one"
}

@test "--save keeps the content before the holders are signalled" {
	hold shm=0,8192,0600 attach=1 touch=5000 dest
	try ipckill --save "$BATS_TEST_TMPDIR/kept" --signal TERM shm:"$(made_id shm)"
	fine
	is "$(head -c 5000 /dev/zero | tr '\0' Z | cat - <(head -c 3192 /dev/zero) | sha1sum)" \
		"$(sha1sum <"$BATS_TEST_TMPDIR/kept/shm-$(made_id shm)")"
}

@test "who may not be signalled is told, and holds on" {
	need_root
	hold shm=0,1,0666 attach=1
	try as_nobody ipckill --keep --signal TERM shm:"$(made_id shm)"
	kill -0 "$holder"
	try as_nobody ipckill --signal TERM --timeout 0s shm:"$(made_id shm)"
	ends 1
	[[ $stderr == *"shm:$(made_id shm): refused: after 0s still held"* ]]
	is "$(ids shm)" "$(made_id shm)"
}

@test "Ctrl-C during the wait: nothing is removed, and told so" {
	hold_stubbornly TERM shm=0,1,0600 attach=1
	env --default-signal=INT ipckill --signal TERM --timeout 1h shm:"$(made_id shm)" \
		>"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	killer=$!
	wait_until grep -q signalled "$BATS_TEST_TMPDIR/out"
	kill -INT "$killer"
	status=0
	wait "$killer" || status=$?
	is "$status" 1
	is "$(cat "$BATS_TEST_TMPDIR/out")" "signalled TERM: make_objects[$holder] (uid 0)
ipckill: shm:$(made_id shm): not done: interrupted"
	is "$(ids shm)" "$(made_id shm)"
}

@test "what makes no sense together is a usage error, before anything is done" {
	hold shm=0,1,0600 attach=1
	ref=shm:$(made_id shm)
	for wrong in "--keep $ref" "--timeout 5s $ref" "--signal NONE $ref" "--signal 0 $ref" "--signal 65 $ref" \
		"--signal -1 $ref" "--signal RTMIN-1 $ref" "--signal RTMIN+99 $ref" "--signal SIG $ref" "--signal TERM --timeout x $ref"; do
		try ipckill $wrong
		ends 2
		complains "ipckill: "
	done
	kill -0 "$holder"
	is "$(ids shm)" "$(made_id shm)"
}

@test "what its holders let go of is not said to be held on" {
	hold_with hold_fds shmopen=/m,4096
	[[ "$(ipckill --signal TERM posix-shm:/m)" != *"goes with"* ]]
	[ ! -e /dev/shm/m ]
}

@test "the shell that runs it is spared, though it holds the same pipe" {
	exec {end}> >(sleep 60)
	pipe=$(readlink "/proc/$BASHPID/fd/$end" | tr -d 'a-z:[]')
	hit=$BATS_TEST_TMPDIR/hit
	trap 'touch "$hit"' USR1
	try ipckill --signal USR1 --keep "pipe:$pipe"
	ends 1
	complains "pipe:$pipe" "ancestor of this command" "--force"
	[ ! -e "$hit" ]
	exec {end}>&-
}
