#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The drop-in ipcrm beside the installed one: the same words, codes and victims, or the difference
# that is meant.

bats_require_minimum_version 1.5.0

load private

setup() {
	start_empty
	need_root # object ids are set by sysctl, and some objects given to other users
	export LC_ALL=C
	cd "$BATS_TEST_TMPDIR"
}

peer() {
	(exec -a ipcrm ${AS:-} /usr/bin/ipcrm "$@")
}

ours() {
	(exec -a ipcrm ${AS:-} "$IPCRM" "$@")
}

# The drop-in is run under its own name by both.
make_nobody() {
	cat >nobody <<-'EOF'
		#!/bin/bash
		exec setpriv --reuid=65534 --regid=65534 --clear-groups bash -c 'exec -a ipcrm "$0" "$@"' "$@"
	EOF
	chmod +x nobody
	chmod a+rx .
	AS=$PWD/nobody
}

# Objects of fixed ids and keys: ids 0 to 7 of each kind, keys 0x11 to 0x16, -1 and a private one.
# Mode 0600 but for id 1 (0), id 2 belongs to nobody.
fresh() {
	/usr/bin/ipcrm -a
	python3 -S -E -c '
import ctypes
libc = ctypes.CDLL(None)
def next_id(kind, number):
	open("/proc/sys/kernel/%s_next_id" % kind, "w").write(str(number))
for number, key in enumerate((0x11, 0x12, 0x13, 0x14, 0x15, 0x16, -1, 0)):
	mode = 0o1000 if number == 1 else 0o1600
	next_id("shm", number)
	shm = libc.shmget(key, 100, mode)
	next_id("msg", number)
	msg = libc.msgget(key, mode)
	next_id("sem", number)
	sem = libc.semget(key, 1, mode)
	assert shm == msg == sem == number
class Ds(ctypes.Structure):
	_fields_ = [("key", ctypes.c_int), ("uid", ctypes.c_uint), ("gid", ctypes.c_uint),
		("cuid", ctypes.c_uint), ("cgid", ctypes.c_uint), ("mode", ctypes.c_ushort),
		("rest", ctypes.c_char * 200)]
ds = Ds(uid=65534, gid=65534, mode=0o600)
assert libc.shmctl(2, 1, ctypes.byref(ds)) == 0    # IPC_SET
assert libc.semctl(2, 0, 1, ctypes.byref(ds)) == 0
'
}

state() {
	/usr/bin/ipcs -c | cat
	/usr/bin/ipcs | awk '/^0x/ { print $1, $2 }'
}

# same ARG...: both say the same, end alike and leave the same objects
same() {
	local peer_code=0 our_code=0

	fresh
	peer "$@" >peer.out 2>peer.err || peer_code=$?
	state >peer.state
	fresh
	ours "$@" >our.out 2>our.err || our_code=$?
	state >our.state
	echo "ipcrm $*: $peer_code, $our_code"
	diff peer.out our.out
	diff peer.err our.err
	diff peer.state our.state
	[ "$peer_code" -eq "$our_code" ]
}

# untouched ARG...: ends with 1, output in $output, and nothing is removed
untouched() {
	fresh
	state >before
	run -1 ours "$@"
	state | diff before -
}

@test "by id" {
	for args in "-m 3" "-q 3" "-s 3" "-m 0 -q 1 -s 4" "-m3" "-vm3" "--shmem-id 3" \
		"--queue-id=3 --semaphore-id=3" "-m +3" "-m 003" "-m 99" "-q 99 -q 3" "-s 99" \
		"-m 3 -m 3" "-s 3 -s 3 -q 3 -q 3" "-m 2147483647"; do
		same $args
		same -v $args
	done
	same -m ' 3'
}

@test "by key" {
	for args in "-M 0x11" "-Q 0X11" "-S 0x11" "-M 17 -Q 021 -S 0x11" "-M 0x12" "-M 99" \
		"-Q 0x99 -Q 0x11" "--shmem-key 0x11" "--queue-k 0x11" \
		"--semaphore-key=0x11" "-M -1" "-Q 0xffffffff -S 4294967295" "-M 0x11 -M 0x11" \
		"-M +18" "-M 0x00000013"; do
		same $args
		same -v $args
	done
	same -v -M ' 0x11'
}

@test "where -v stands" {
	for args in "-m 3 -v" "-m 3 -v -q 3" "-v -m 3 -Q 0x11 -S 0x11 -M 0x99" "-v" "-- "; do
		same $args
	done
}

@test "a single wrong argument" {
	for args in "-m zz" "-M zz" "-M 0x" "-m 0x1" "-m 1x" "-m 2147483648" "-m 99999999999" "-S 08" \
		"-m -2147483649" "-M 99999999999999999999999" "-m 99999999999999999999999x" "-m -1" \
		"-M 0" "-Q 0" "-S 0x0" "-M -0" "-x" "--foo" "--s" "--sh" "--=x" "-m" "--shmem-id" \
		"--all=foo" "-afoo" "--all=" "--all=pshm" "--all=psem" "-apmsg" "--help=1" "foo" \
		"foo bar -x" "SHM 1" "-- foo" "-- shm 1" "-v shm 1" "--verb foo"; do
		same $args
	done
	same -m ''
	same -M ''
	same -M '0x11 '
	same -s '1 '
}

@test "the old syntax" {
	for kind in shm msg sem; do
		for ids in 3 "0 1 2 3" 99 "3 99 4" +3 " 3" 003 "" x -1 -v "-- " "-h" "-V"; do
			same $kind $ids
		done
		same $kind " 3"
		same $kind "3 "
	done
	fresh
	run -0 ours shm 3
	[ "$output" = "resource(s) deleted" ]
}

@test "everything" {
	for args in -a --all --al "-va" "-v -a" "-ashm" "-amsg" "-asem" "--all=shm" "-v --all=msg" \
		"-v -m 3 -asem" "-a -v -q 3" "-vashm" "-m 99 -a" "-ashm -a" "-a -ashm"; do
		same $args
	done
	for kind in shm msg sem; do
		same -v -a$kind
	done
}

@test "types as words after -a" {
	for words in "-a shm" "-a -- shm" "-v -a shm" "--all shm" "-a -v shm" "-ashm shm"; do
		fresh
		run -0 ours $words
		[ -z "$(/usr/bin/ipcs -m | grep ^0x)" ]
		[ "$(/usr/bin/ipcs -q -s | grep -c ^0x)" -eq 16 ]
	done
	for words in "-a shm sem" "-ashm sem" "-ashm -asem" "--all=sem shm" "-a shm -asem"; do
		fresh
		run -0 ours $words
		[ -z "$(/usr/bin/ipcs -m -s | grep ^0x)" ]
		[ "$(/usr/bin/ipcs -q | grep -c ^0x)" -eq 8 ]
	done
	fresh
	run -0 ours -a shm msg sem
	[ -z "$(/usr/bin/ipcs | grep ^0x)" ]
	for words in "-a shm bar" "-a pshm" "-m 1 shm" "-v shm -a" "-a shm 1"; do
		untouched $words
		[[ "${lines[0]}" == "ipcrm: unknown argument: "* ]]
		[ "${lines[1]}" = "Try 'ipcrm --help' for more information." ]
	done
}

@test "nothing is removed before the whole command line is right" {
	for args in "-m 3 -m zz" "-q 3 -Q 0" "-a -m x" "-s 3 foo" "-m 3 --foo" "-M 0x11 -S 0x" \
		"-a --all=foo" "-m 3 -m -1" "shm 3 x 4" "sem 3 -v" "-a foo" "-M 0x11 -m"; do
		untouched $args
	done
	untouched -m 3 -m ''
	fresh
	state >before
	run -0 ours -m 3 -h
	run -0 ours -a -V
	state | diff before -
}

@test "numbers are never cut to fit" {
	for args in "sem 4294967296" "shm 4294967299" "msg 18446744073709551616" "shm 2147483648"; do
		untouched $args
		[ "$output" = "ipcrm: invalid id: ${args#* }" ]
	done
	for args in "-m 4294967299" "-s 4294967296" "-M 0x100000011" "-Q 0x1ffffffff" \
		"-S 4294967296" "-S -4294967279" "-M -18446744073709551599" "-q -2147483649"; do
		untouched $args
		[ "$output" = \
			"ipcrm: failed to parse argument: '${args#* }': Numerical result out of range" ]
	done
	untouched shm ''
	[ "$output" = "ipcrm: invalid id: " ]
	untouched shm -1 -5
	[ "$output" = $'ipcrm: invalid id (-1)\nipcrm: invalid id (-5)' ]
}

@test "no argument at all" {
	untouched
	[ "$output" = $'ipcrm: bad usage\nTry \'ipcrm --help\' for more information.' ]
}

@test "what belongs to others" {
	make_nobody
	for args in "-m 0" "-q 0 -q 1" "-s 1 -s 2 -s 3" "-v -m 1 -m 2 -m 99" "shm 0 1 2" "msg 0" "sem 0" \
		"sem 2"; do
		same $args
	done
}

@test "a key that may not be removed is named as it was given" {
	make_nobody
	untouched -M 0x11
	[ "$output" = "ipcrm: permission denied for key (0x11)" ]
	untouched -Q 18
	[ "$output" = "ipcrm: permission denied for key (18)" ]
	untouched -S 021
	[ "$output" = "ipcrm: permission denied for key (021)" ]
}

@test "-a of an ordinary user: its own goes, all else is reported, exit 1" {
	make_nobody
	fresh
	run -1 ours -a
	[ "${#lines[@]}" -eq 22 ]
	for id in 0 1 3 4 5 6 7; do
		[ "$(grep -cx "ipcrm: permission denied for id ($id)" <<<"$output")" -eq 3 ]
	done
	[ "$(grep -cx "ipcrm: permission denied for id (2)" <<<"$output")" -eq 1 ]
	[ "$(/usr/bin/ipcs | grep -c ^0x)" -eq 22 ]
	run -1 ours -ashm
	[ "${#lines[@]}" -eq 7 ]
}

@test "a key left of an attached segment, and the segment itself" {
	python3 -c '
import ctypes, os, time
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
shm = libc.shmget(0x77, 100, 0o1600)
libc.shmat(shm, None, 0)
pid = os.fork()
if pid == 0:
	os.closerange(0, 10)
	time.sleep(600)
print(shm, pid)' >attached
	read -r id pid <attached
	run -0 ours -v -M 0x77
	[ "$output" = "removing shared memory segment id \`$id'" ]
	/usr/bin/ipcs -m | grep -q dest
	run -0 ours -m "$id"
	run -1 ours -M 0x77
	[ "$output" = "ipcrm: invalid key (0x77)" ]
	kill "$pid"
}

@test "help and version" {
	run -0 ours -V
	[[ "$output" =~ ^"ipcrm from ipckit "[0-9] ]]
	for args in -h --help "-h foo" "foo -h"; do
		run -0 ours $args
		for word in --shmem-id --shmem-key --queue-id --queue-key --semaphore-id \
			--semaphore-key --all --verbose --help --version; do
			[[ "$output" == *"$word"* ]]
		done
	done
}

@test "output that is lost is an error, a reader that left is not" {
	fresh
	for args in "shm 3" "-v -m 4" -V -h; do
		run -1 bash -c '"$0" "$@" >/dev/full' "$IPCRM" $args
		[ "$output" = "ipcrm: write error: No space left on device" ]
	done
	run -0 bash -c '(trap "" PIPE; "$0" shm 5; echo $? >code) | true; cat code' "$IPCRM"
	[ "$output" = 0 ]
}

@test "a reader that leaves does not stop a removal half way" {
	limit shmmni 10000
	make_objects shms=8000,1,0600 # more output than a pipe holds
	run -0 bash -c '"$0" -v -a | head -n 1; exit "${PIPESTATUS[0]}"' "$IPCRM"
	[[ "$output" == "removing shared memory segment id "* ]]
	[ "${#lines[@]}" -eq 1 ]
	[ -z "$(/usr/bin/ipcs -m | grep ^0x)" ]
}
