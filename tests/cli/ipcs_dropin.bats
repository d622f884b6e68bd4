#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The drop-in ipcs beside the installed one: the same bytes, or the difference that is meant.

bats_require_minimum_version 1.5.0

load private

setup() {
	start_empty
	export LC_ALL=C TZ=UTC0
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	[ -e attached.pid ] || return 0
	kill "$(cat attached.pid)"
	for _ in {1..500}; do # until its segment is gone
		/usr/bin/ipcs -m | grep -q dest || return 0
		sleep 0.01
	done
}

peer() {
	(exec -a ipcs /usr/bin/ipcs "$@")
}

ours() {
	(exec -a ipcs "$IPCS" "$@")
}

# same ARG...: both give the same output, messages and exit code
same() {
	local peer_code=0 our_code=0

	peer "$@" >peer.out 2>peer.err || peer_code=$?
	ours "$@" >our.out 2>our.err || our_code=$?
	echo "ipcs $*: $peer_code, $our_code"
	diff peer.out our.out
	diff peer.err our.err
	[ "$peer_code" -eq "$our_code" ]
}

# python with the C library, for what ipcmk cannot make
libc() {
	python3 -c 'import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.shmget.argtypes = [ctypes.c_int, ctypes.c_size_t, ctypes.c_int]
libc.shmat.restype = ctypes.c_void_p
'"$1"
}

some_of_each() {
	ipcmk -M 5000 >/dev/null
	ipcmk -M 123456789 -p 0600 >/dev/null
	local other=
	[ "$IPCKIT_ROOT" = 0 ] || other="setpriv --reuid=7777777 --regid=4000000000 --clear-groups"
	$other ipcmk -M 1 -p 0 >/dev/null
	$other ipcmk -Q >/dev/null
	$other ipcmk -S 2 >/dev/null
	ipcmk -S 3 -p 0 >/dev/null
	ipcmk -Q -p 0777 >/dev/null
	libc '
def value(n): return n.to_bytes(8, "little")
libc.shmget(-1, 4097, 0o1600)
libc.shmget(0x7fffffff, 1 << 40, 0o1604 | 0o10000)
shm = libc.shmget(0x1234, 70000, 0o1666)
libc.shmat(shm, None, 0)
libc.shmctl(shm, 11, None)     # SHM_LOCK
queue = libc.msgget(0x77, 0o1622)
libc.msgsnd(queue, value(1) + b"x" * 1000, 1000, 0)
libc.msgsnd(queue, value(2) + b"y" * 200, 200, 0)
buf = ctypes.create_string_buffer(1100)
libc.msgrcv(queue, buf, 1000, 0, 0)
sem = libc.semget(0x99, 4, 0o1600)
libc.semop(sem, (ctypes.c_short * 3)(1, 5, 0), 1)
libc.semctl(sem, 2, 16, 32767)  # SETVAL
pid = os.fork()
if pid == 0:
	os.closerange(0, 10)
	import time
	time.sleep(600)
print(pid, file=open("attached.pid", "w"))
libc.shmctl(shm, 0, None)       # IPC_RMID: stays while attached
os._exit(0)'
}

views=("" -t -p -c -l -u)
units=("" --human -b "--human -b" "-b --human")

@test "lists, times, pids, creators, limits and totals of every kind, in every unit" {
	some_of_each
	for kind in "" -m -q -s -a -mq -ms "-s -q" "-m -m"; do
		for view in "${views[@]}"; do
			for unit in "${units[@]}"; do
				same $kind $view $unit
			done
		done
	done
}

@test "an empty system" {
	for view in "${views[@]}"; do
		same $view
		same $view --human
	done
}

@test "the page of every object" {
	some_of_each
	for kind in -m -q -s; do
		for id in $(peer $kind | awk '/^0x/ { print $2 }'); do
			for extra in "" --human -b -t -l -u; do
				same $kind -i "$id" $extra
			done
		done
	done
	[ -s our.out ]
}

@test "the last of -t -p -c -l -u counts" {
	some_of_each
	for first in t p c l u; do
		for last in t p c l u; do
			same "-$first" "-$last"
			same "-m$first$last"
		done
	done
}

@test "long names, abbreviations and their errors" {
	some_of_each
	for words in --shmems --queues --semaphores --all --time --pid --creator --limits --summary \
		--human --bytes --sh --se --q --sum --c --he=1 "--shmems --tim" --foo --h --s --=x --id \
		--human=3 -Z -mZ "-m -i" -ti "-m --id=" "--id=x -m" "--id 3"; do
		same $words
	done
}

@test "ids that are refused, and forms that are taken" {
	ipcmk -M 10 >/dev/null
	id=$(peer -m | awk '/^0x/ { print $2 }')
	for form in "$id" "+$id" " $id" "000$id" "-0"; do
		[ "$form" = -0 ] && [ "$id" -ne 0 ] || same -m -i "$form"
	done
	for id in abc 0x1 1x "1 " "" -99999999999 99999999999 2147483648 99999999999999999999x \
		99999999999x +-1; do
		same -m -i "$id"
	done
	same -i 0
	same -a -i 0
	same -m -q -i 0
	same -l -i 0
	same -i x -V
	same -m -i 2147483647 -i "$(peer -m | awk '/^0x/ { print $2 }')"
}

@test "long names of users and groups" {
	need_root
	cp /etc/passwd passwd
	echo 'averyveryverylongname:x:4242:4242::/:/bin/sh' >>passwd
	cp /etc/group group
	echo 'alonggroupnamehere:x:4242:' >>group
	mount --bind passwd /etc/passwd
	mount --bind group /etc/group
	for what in "-M 10" -Q "-S 1"; do
		setpriv --reuid=4242 --regid=4242 --clear-groups ipcmk $what >/dev/null
	done
	for view in "${views[@]}"; do
		same $view
	done
	ours | grep -q 'averyveryv 644'
	umount /etc/passwd /etc/group
}

@test "names of users and groups without their escapes" {
	need_root
	make_objects shm=0x5,100,0600 msg=0x5,0600 sem=0x5,1,0600
	# databases of our own, with names that no tool would make
	printf 'r\e[31mt:x:0:0::/:\n' >passwd
	printf 'g\e]0;t:x:0:\n' >group
	for view in "" -m -q -s -c "-m -c" "-q -c" "-s -c" -t -p "-m -i $(made_id shm)" \
		"-q -i $(made_id msg)" "-s -i $(made_id sem)"; do
		mounted "mount --bind '$PWD/passwd' /etc/passwd && mount --bind '$PWD/group' /etc/group" "$IPCS" $view >out
		if grep -q $'\e' out; then
			echo "ipcs $view: an escape"
			cat -v out
			false
		fi
		# they were used
		[[ $view == -*i* ]] || grep -q 'r[^ ]*\[31' out
	done
}

@test "ids and pids of many digits" {
	need_root
	for number in 99999 12345678 123456789 2147450000; do
		for kind in shm msg sem; do
			echo "$number" >"/proc/sys/kernel/${kind}_next_id"
		done
		echo $((number % 4000000)) >/proc/sys/kernel/ns_last_pid
		libc '
shm = libc.shmget(0, 10, 0o1600)
libc.shmat(shm, None, 0)
queue = libc.msgget(0, 0o1600)
libc.msgsnd(queue, (1).to_bytes(8, "little") + b"x" * 10, 10, 0)
buf = ctypes.create_string_buffer(100)
libc.msgrcv(queue, buf, 50, 0, 0)
sem = libc.semget(0, 1, 0o1600)
libc.semop(sem, (ctypes.c_short * 3)(0, 5, 0), 1)'
	done
	for view in "${views[@]}"; do
		same $view
	done
	grep -q 2147450000 our.out || ours | grep -q 2147450000
	for kind in -m -q -s; do
		same $kind -i 2147450000
	done
}

@test "times are local" {
	some_of_each
	for zone in Asia/Kolkata America/New_York UTC-14; do
		export TZ=$zone
		same -t
		for kind in -m -q -s; do
			same $kind -i "$(peer $kind | awk '/^0x/ { id = $2 } END { print id }')"
		done
	done
}

@test "limits of every size" {
	need_root
	local old
	for value in 1 4096 262144 123456789012 4503599627370495 4503599627370496 4503599627370497 \
		9007199254740991 18014398509481983 4611686018427387903 4611686018427387904 \
		9223372036854775807 18446744073692774399 18446744073692774400 18446744073709551615; do
		echo "$value" >/proc/sys/kernel/shmall
		for unit in "${units[@]}"; do same -m -l $unit; done
	done
	for value in 0 1 1023 1024 1025 1073 1535 123456789 1047492 1048575 1152921504606846975 \
		1152921504606846976 1902320482601297511 8243388757938955880 9223372036854775808 \
		18446744073692774398 18446744073692774399 18446744073692774400 18446744073709551615; do
		echo "$value" >/proc/sys/kernel/shmmax
		for unit in "${units[@]}"; do same -m -l $unit; done
	done
	for value in 0 1 1000 1536 65535 2147483647; do
		echo "$value" >/proc/sys/kernel/msgmax
		echo "$value" >/proc/sys/kernel/msgmnb
		for unit in "${units[@]}"; do same -q -l $unit; done
	done
	for value in 0 1 32768; do
		echo "$value" >/proc/sys/kernel/shmmni
		echo "$value" >/proc/sys/kernel/msgmni
		echo "65536 2147483647 $value 32768" >/proc/sys/kernel/sem
		same -l
	done
	for name in shmall shmmax; do echo 18446744073692774399 >/proc/sys/kernel/$name; done
	echo 4096 >/proc/sys/kernel/shmmni
	echo 32000 >/proc/sys/kernel/msgmni
	echo 8192 >/proc/sys/kernel/msgmax
	echo 16384 >/proc/sys/kernel/msgmnb
	echo "32000 1024000000 500 32000" >/proc/sys/kernel/sem
}

@test "sizes for people, over the whole range" {
	need_root
	libc '
import random
random.seed(42)
for i in range(3000):
	size = random.getrandbits(random.randrange(1, 63))
	if i % 2:  # near the places where rounding turns
		size = (size >> 10 << 10) * random.randrange(20) // 20 + random.randrange(-2, 3)
	if 0 < size < 1 << 63:
		libc.shmget(0, size, 0o11600)'
	same -m --human
	same -m
	[ "$(wc -l <our.out)" -gt 1000 ]
}

@test "many objects" {
	need_root
	echo 32768 >/proc/sys/kernel/shmmni
	libc '
for i in range(20000):
	libc.shmget(0, 4096, 0o1600 | 0o10000)'
	for view in "" -t -p -c; do
		same -m $view
	done
	[ "$(wc -l <our.out)" -eq 20004 ]
	echo 4096 >/proc/sys/kernel/shmmni
}

@test "as an ordinary user" {
	need_root
	some_of_each
	peer() { as_nobody /usr/bin/ipcs "$@"; }
	ours() { as_nobody "$IPCS" "$@"; }
	for view in "${views[@]}"; do
		same $view
	done
}

@test "without /proc/sysvipc, or with it empty" {
	some_of_each
	for view in "" -t -p -c; do
		peer $view >"peer${view}"
	done
	mount -t tmpfs none /proc/sysvipc
	for view in "" -t -p -c; do
		timeout 10 "$IPCS" $view | diff "peer${view}" -
	done
	touch /proc/sysvipc/shm /proc/sysvipc/msg /proc/sysvipc/sem
	for view in "" -t -p -c; do
		timeout 10 "$IPCS" $view | diff "peer${view}" -
	done
	umount /proc/sysvipc
}

@test "an id that names nothing: the same message, exit 1" {
	for kind in -m -q -s; do
		run -1 ours $kind -i 99
		[ "$output" = "ipcs: id 99 not found" ]
	done
}

@test "a negative id is an error" {
	ipcmk -M 10 >/dev/null
	for id in -1 -2147483648; do
		run -1 ours -m -i "$id"
		[ "$output" = "ipcs: failed to parse id argument: '$id'" ]
	done
}

@test "an extra operand is an error" {
	run -1 ours -m extra
	[ "${lines[0]}" = "ipcs: extra operand 'extra'" ]
	[ "${lines[1]}" = "Try 'ipcs --help' for more information." ]
	[ "${#lines[@]}" -eq 2 ]
}

@test "a semaphore set that may not be read: what is readable, ? for the rest, exit 1" {
	need_root
	libc 'libc.semget(0x5, 2, 0o1600)'
	id=$(peer -s | awk '/^0x/ { print $2 }')
	peer -s -i "$id" | sed -E 's/^([01] +)0 +0 +0 +0 +$/\1?          ?          ?          ?         /' >want
	code=0
	as_nobody "$IPCS" -s -i "$id" >out 2>err || code=$?
	[ "$code" -eq 1 ]
	diff want out
	grep -q '?          ?          ?          ?         $' out
	[ "$(wc -l <err)" -eq 1 ]
	grep -q '^ipcs: .*permission denied' err
}

@test "a queue that may not be read: its size all the same" {
	need_root
	ipcmk -Q -p 0600 >/dev/null
	id=$(peer -q | awk '/^0x/ { print $2 }')
	peer -q -i "$id" >want
	as_nobody "$IPCS" -q -i "$id" | diff want -
	grep -q 'qbytes=16384' want
}

@test "help and version" {
	run -0 ours -V
	[[ "$output" =~ ^"ipcs from ipckit "[0-9] ]]
	run -0 ours --vers
	run -0 ours -h
	for word in --shmems --queues --semaphores --all --time --pid --creator --limits --summary \
		--human --bytes --id --help --version; do
		[[ "$output" == *"$word"* ]]
	done
	run -0 ours -V extra
}

@test "output that is lost is an error, a reader that left is not" {
	some_of_each
	for args in "" -l -u -V -h "-m -t"; do
		run -1 bash -c 'exec -a ipcs "$0" "$@" >/dev/full' "$IPCS" $args
		[ "$output" = "ipcs: write error: No space left on device" ]
	done
	run -0 bash -c '(trap "" PIPE; "$0"; echo $? >code) | true; cat code' "$IPCS"
	[ "$output" = 0 ]
	run -0 bash -c '"$0" >&-' "$IPCS"
	[ "$output" = "" ]
}
