#!/usr/bin/env bats
# ipcls --until: waiting for objects, how it ends, and what it costs.

load private

# Start ipcls in the background: its pid is $waiter, its messages are in $said.
wait_in_background() {
	said=$BATS_TEST_TMPDIR/said.$RANDOM
	ipcls "$@" 2>"$said" >"$said.out" 3>&- &
	waiter=$!
}

# Is the process asleep between two looks?
asleep() {
	[[ $(cat "/proc/$1/wchan") == *nanosleep* ]]
}

attached() { # ID TIMES
	[ "$(proc_field shm "$1" 7)" = "$2" ]
}

@test "unattached: it returns when the last attachment is gone" {
	hold shm=0x11,4096,0600 attach=2
	first=$holder id=$(made_id shm)
	hold use=shm,"$id" attach=1
	wait_in_background --until unattached shm:"$id" shm:key=0x11
	wait_until asleep "$waiter"
	kill "$first"
	wait_until attached "$id" 1
	kill -0 "$waiter"
	kill "$holder"
	wait "$waiter"
	[ ! -s "$said" ] && [ ! -s "$said.out" ]
	is "$(proc_field shm "$id" 7)" 0
}

@test "unattached: what nobody is attached to, or what goes meanwhile, is so" {
	make_objects shm=0,4096,0600
	try ipcls --until unattached shm:"$(made_id shm)"
	fine
	prints ""
	hold shm=0,4096,0600 attach=1 dest
	wait_in_background --until unattached shm:"$(made_id shm)"
	wait_until asleep "$waiter"
	kill "$holder"
	wait "$waiter"
	is "$(ids shm | wc -w)" 1
}

@test "drained: it returns when the last message was received" {
	make_objects msg=0,0600 send=5 send=5
	id=$(made_id msg)
	wait_in_background --until drained msg:"$id"
	wait_until asleep "$waiter"
	"$SUPPORT/make_objects" use=msg,"$id" receive
	kill -0 "$waiter"
	"$SUPPORT/make_objects" use=msg,"$id" receive
	wait "$waiter"
	is "$(proc_field msg "$id" 5)" 0
}

@test "gone: it returns when all are removed" {
	make_objects shm=0,1,0600 msg=0,0600 sem=0,1,0600
	wait_in_background --until gone shm:"$(made_id shm)" msg:"$(made_id msg)" sem:"$(made_id sem)"
	wait_until asleep "$waiter"
	ipcrm -m "$(made_id shm)" -q "$(made_id msg)"
	kill -0 "$waiter"
	ipcrm -s "$(made_id sem)"
	wait "$waiter"
}

@test "gone: an id that means another object by now" {
	for kind in shm msg sem; do
		make_objects "$kind=0x11$([ $kind = msg ] || echo ,1),0600"
		id=$(made_id $kind)
		exact=$(ipcls --raw -no EXACT $kind:"$id")
		wait_in_background --until gone $kind:"$id"
		wait_until asleep "$waiter"
		# both between two looks
		kill -STOP "$waiter"
		case $kind in shm) ipcrm -m "$id" ;; msg) ipcrm -q "$id" ;; sem) ipcrm -s "$id" ;; esac
		echo "$id" >/proc/sys/kernel/${kind}_next_id
		"$SUPPORT/make_objects" "$kind=0x12$([ $kind = msg ] || echo ,1),0600"
		is "$(ids $kind)" "$id"
		kill -CONT "$waiter"
		wait "$waiter"
		# and the exact reference from the start
		try ipcls --until gone "$exact"
		fine
		try ipcls --until gone --timeout 0s $kind:"$id"
		ends 1
	done
}

@test "gone: a change of mode, and a mark for removal, is no going" {
	hold shm=0x11,1,0600 attach=1 msg=0x12,0600 send=1
	shm=$(made_id shm) msg=$(made_id msg)
	wait_until past "$(proc_field msg "$msg" 14)"
	for state in gone unattached; do
		wait_in_background --until $state --timeout 1s shm:"$shm"
		wait_until asleep "$waiter"
		"$SUPPORT/make_objects" use=shm,"$shm" chmod=0640
		[ $state = gone ] || "$SUPPORT/make_objects" use=shm,"$shm" dest
		status=0
		wait "$waiter" || status=$?
		is "$status" 1
		grep -q still "$said"
	done
	is "$(proc_field shm "$shm" 1)" 0 # its key went with the mark
	wait_in_background --until drained msg:"$msg"
	wait_until asleep "$waiter"
	"$SUPPORT/make_objects" use=msg,"$msg" chmod=0640
	try ipcls --until gone --timeout 1s msg:"$msg"
	ends 1
	kill -0 "$waiter"
	"$SUPPORT/make_objects" use=msg,"$msg" receive
	wait "$waiter"
}

# Start Python with a program and arguments and wait until it has written "ready" to $told, where it
# also writes what it has to tell.
python() {
	told=$BATS_TEST_TMPDIR/told.$RANDOM
	python3 -c "import ctypes, mmap, os, signal, sys, time
libc = ctypes.CDLL(None)
def ready(text=''):
    print(text + '\nready', flush=True)
$1" "${@:2}" >"$told" 3>&- &
	holder=$!
	disown "$holder"
	holders="$holders $holder"
	wait_until grep -q '^ready$' "$told"
}

@test "POSIX shared memory: unattached when nobody has it open or maps it, gone when its name is" {
	python 'fd = os.open("/dev/shm/x", os.O_RDWR | os.O_CREAT); os.ftruncate(fd, 4096)
m = mmap.mmap(fd, 4096); os.close(fd); ready(); signal.pause()'
	wait_in_background --until unattached posix-shm:/x
	first=$waiter
	wait_until asleep "$first"
	kill "$holder"
	wait "$first"
	wait_in_background --until gone posix-shm:/x
	wait_until asleep "$waiter"
	# another file of this name is another object
	kill -STOP "$waiter"
	rm /dev/shm/x
	echo other >/dev/shm/y
	mv /dev/shm/y /dev/shm/x
	kill -CONT "$waiter"
	wait "$waiter"
}

@test "a POSIX queue: drained, and gone" {
	python 'q = libc.mq_open(b"/q", 0o102, 0o600, None)
assert libc.mq_send(q, b"abc", 3, 1) == 0
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1]); ready()
signal.sigwait([signal.SIGUSR1]); libc.mq_receive(q, ctypes.create_string_buffer(8192), 8192, None)
signal.sigwait([signal.SIGUSR1]); libc.mq_unlink(b"/q"); signal.pause()'
	for state in drained gone; do
		try ipcls --until $state --timeout 0s posix-mq:/q
		ends 1
		wait_in_background --until $state posix-mq:/q
		wait_until asleep "$waiter"
		kill -USR1 "$holder"
		wait "$waiter"
	done
}

@test "a pipe: drained when it was read empty, gone with its last descriptor" {
	python 'r, w = os.pipe(); os.write(w, b"x" * 100)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1]); ready("pipe:%d" % os.fstat(r).st_ino)
signal.sigwait([signal.SIGUSR1]); os.read(r, 1000)
signal.sigwait([signal.SIGUSR1])'
	pipe=$(grep pipe "$told")
	for state in drained gone; do
		try ipcls --until $state --timeout 0s "$pipe"
		ends 1
		wait_in_background --until $state "$pipe"
		wait_until asleep "$waiter"
		kill -USR1 "$holder"
		wait "$waiter"
	done
}

@test "an object of another namespace, until it is detached and until its namespace ends" {
	need_root
	out=$BATS_TEST_TMPDIR/other
	unshare --ipc "$SUPPORT/make_objects" shm=0x11,4096,0600 pid hold >"$out" 3>&- &
	other=$!
	disown "$other"
	holders="$holders $other"
	wait_until grep -q ready "$out"
	ref=shm:0@$(stat -Lc %i "/proc/$other/ns/ipc")
	nsenter --ipc="/proc/$other/ns/ipc" "$SUPPORT/make_objects" use=shm,0 attach=1 hold >"$out.2" 3>&- &
	attached=$!
	disown "$attached"
	holders="$holders $attached"
	wait_until grep -q ready "$out.2"
	wait_in_background --until unattached "$ref"
	wait_until asleep "$waiter"
	kill "$attached"
	wait "$waiter"
	wait_in_background --until gone "$ref"
	wait_until asleep "$waiter"
	kill "$other"
	wait "$waiter"
}

@test "when the time is over each that is not so is named, status 1" {
	hold shm=0,1,0600 attach=1 shm=0,1,0600 attach=1 shm=0,1,0600 msg=0,0600 send=1
	try ipcls --until unattached --timeout 0s shm:"$(made_id shm 1)" shm:"$(made_id shm 2)" shm:"$(made_id shm 3)"
	ends 1
	prints ""
	is "$stderr" "ipcls: shm:$(made_id shm 1): still in use after 0s
ipcls: shm:$(made_id shm 2): still in use after 0s"
	try ipcls --until drained --timeout 1s msg:"$(made_id msg)"
	ends 1
	complains "ipcls: msg:$(made_id msg): not empty yet after 1s"
	try ipcls --until gone --timeout 0s shm:"$(made_id shm 3)"
	ends 1
	complains "ipcls: shm:$(made_id shm 3): still there after 0s"
}

@test "what is missing from the start is gone, and else missing; the others are waited for" {
	try ipcls --until gone shm:4711 msg:key=0x4711 sem:0
	fine
	hold shm=0,1,0600 attach=1
	wait_in_background --until unattached shm:4711 shm:"$(made_id shm)"
	wait_until asleep "$waiter"
	kill "$holder"
	status=0
	wait "$waiter" || status=$?
	is "$status" 1
	is "$(cat "$said")" "ipcls: shm:4711: no such object"
}

@test "references come from standard input too; none are nothing to wait for" {
	make_objects shm=0,1,0600
	try ipcls --until gone --timeout 0s - <<<"shm:$(made_id shm)"
	ends 1
	try ipcls --until unattached - <<<"shm:$(made_id shm)"
	fine
	try ipcls --until gone - </dev/null
	fine
}

@test "a state that a kind cannot have, and what does not go with it, is a usage error" {
	make_objects shm=0,1,0600 msg=0,0600 sem=0,1,0600
	for wrong in "drained shm:$(made_id shm)" "unattached msg:$(made_id msg)" "drained sem:$(made_id sem)" \
		"unattached sem:$(made_id sem)" "empty shm:0" "gone" "gone -m" "gone -J shm:0" "gone -o REF shm:0" \
		"gone -t shm:0" "gone --timeout 1x shm:0" "gone --owner root shm:0"; do
		try ipcls --until $wrong
		ends 2
		complains "ipcls: "
	done
	try ipcls --timeout 5s
	ends 2
	complains "--timeout: only with --until"
}

@test "waiting burns no processor time" {
	make_objects $(printf 'shm=0,1,0600 %.0s' {1..50})
	refs=$(for id in $(ids shm); do echo "shm:$id"; done)
	begun=$(date +%s%N)
	run bash -c 'ipcls --until gone --timeout 2s $0 2>/dev/null; times' "$refs"
	took=$((($(date +%s%N) - begun) / 1000000))
	# "0m0.003s 0m0.004s": of the children, which is ipcls
	busy=$(sed 's/[ms]/ /g' <<<"${lines[1]}" | awk '{ print int(1000 * (60 * ($1 + $3) + $2 + $4)) }')
	echo "took $took ms, $busy ms of them on a processor"
	[ "$took" -ge 2000 ]
	[ "$busy" -gt 0 ] && [ "$busy" -lt 50 ]
}
