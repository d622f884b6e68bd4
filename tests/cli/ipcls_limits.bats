#!/usr/bin/env bats
# -l and -u: limits and totals are those of sysctl and of ipcs.

load private

# The limits of System V IPC alone: huge pages are also of other memory.
sysv() {
	sed '/^hugepages-/d' <<<"$output"
}

# Column N of the raw row of a resource.
cell() {
	awk -v name="$1" -v n="$2" '$1 == name { print $n }' <<<"$output"
}

kernel() {
	cat "/proc/sys/kernel/$1"
}

@test "every limit is what sysctl says" {
	limit shmmni 1234
	limit shmmax 1000000
	limit shmall 5000
	limit msgmni 321
	limit msgmax 2222
	limit msgmnb 3333
	limit sem "111 2222 33 44"
	try ipcls -lmqs --raw -no RESOURCE,LIMIT
	fine
	is "$(sysv | sort)" "MSGMAX 2222
MSGMNB 3333
MSGMNI 321
SEMMNI 44
SEMMNS 2222
SEMMSL 111
SEMOPM 33
SEMVMX 32767
SHMALL $((5000 * $(getconf PAGESIZE)))
SHMMAX 1000000
SHMMIN 1
SHMMNI 1234"
}

@test "the limits are those that ipcs -l tells" {
	try ipcls -l --raw -no RESOURCE,LIMIT
	fine
	of() { ipcs -l | awk -F' = ' -v text="$1" 'index($0, text) == 1 { print $2; exit }'; }
	is "$(cell SHMMNI 2)" "$(of 'max number of segments')"
	is "$(cell MSGMNI 2)" "$(of 'max queues system wide')"
	is "$(cell MSGMAX 2)" "$(of 'max size of message (bytes)')"
	is "$(cell MSGMNB 2)" "$(of 'default max size of queue (bytes)')"
	is "$(cell SEMMNI 2)" "$(of 'max number of arrays')"
	is "$(cell SEMMSL 2)" "$(of 'max semaphores per array')"
	is "$(cell SEMMNS 2)" "$(of 'max semaphores system wide')"
	is "$(cell SEMOPM 2)" "$(of 'max ops per semop call')"
	is "$(cell SEMVMX 2)" "$(of 'semaphore max value')"
}

@test "the kernel's word for no limit is shown as unlimited" {
	limit shmmax 18446744073692774399
	limit shmall 18446744073692774399
	try ipcls -l --raw -no RESOURCE,LIMIT,USE%
	fine
	is "$(cell SHMMAX 2)" unlimited
	is "$(cell SHMALL 2)" unlimited
	is "$(cell SHMALL 3)" -
	try ipcls -lJ
	fine
	is "$(json '[[r["limit"], r["unlimited"], r["percent"]] for r in d["limits"] if r["resource"] in ("SHMMAX", "SHMALL")]')" \
		"[[null, true, null], [null, true, null]]"
	is "$(json '[r["unlimited"] for r in d["limits"] if r["resource"] == "SHMMNI"]')" "[false]"
}

@test "what is used of a limit is what was made" {
	make_objects shm=0,1,0600 shm=0,5000,0600 msg=0,0600 msg=0,0600 msg=0,0600 sem=0,5,0600 sem=0,6,0600
	try ipcls -l --raw -no RESOURCE,USED
	fine
	is "$(cell SHMMNI 2)" 2
	is "$(cell SHMALL 2)" $((3 * $(getconf PAGESIZE)))
	is "$(cell MSGMNI 2)" 3
	is "$(cell SEMMNI 2)" 2
	is "$(cell SEMMNS 2)" 11
	# what limits one object or one call is not used up
	for name in SHMMAX SHMMIN MSGMAX MSGMNB SEMMSL SEMOPM SEMVMX; do
		is "$(cell $name 2)" -
	done
}

@test "at 100% the next object fails with the error that the row tells" {
	limit shmmni 3
	limit msgmni 2
	limit sem "250 32000 500 2"
	make_objects shms=3,4096,0600 msg=0,0600 msg=0,0600 sem=0,1,0600 sem=0,1,0600
	try ipcls -l -o RESOURCE,USE%,WHEN-EXHAUSTED
	fine
	for pair in "SHMMNI shm=0,1,0600" "MSGMNI msg=0,0600" "SEMMNI sem=0,1,0600"; do
		set -- $pair
		run "$SUPPORT/make_objects" "$2"
		[ "$status" -eq 1 ]
		why=${output##*: }
		try ipcls -l -o RESOURCE,USE%,WHEN-EXHAUSTED
		[[ "$(grep "^$1" <<<"$output")" =~ ^$1\ +100%\ +[a-z]+get:\ ENOSPC\ \"$why\"$ ]]
	done
}

@test "SHMALL and SEMMNS are used up by pages and semaphores" {
	limit shmall 10
	limit sem "250 20 500 128"
	make_objects shm=0,$((10 * $(getconf PAGESIZE))),0600 sem=0,15,0600
	try ipcls -l --raw -no RESOURCE,USE%
	fine
	is "$(cell SHMALL 2)" 100.0
	is "$(cell SEMMNS 2)" 75.0
}

@test "the errors of limits of one object or call are what programs get" {
	limit shmmax 8192
	limit msgmax 100
	limit msgmnb 300
	limit sem "5 32000 2 128"
	try ipcls -l -o RESOURCE,WHEN-EXHAUSTED
	fine
	told=$output
	expect() { # RESOURCE WORD...: make_objects with these fails with the told words
		local name=$1
		shift
		run "$SUPPORT/make_objects" "$@"
		[ "$status" -eq 1 ]
		[[ "$(grep "^$name" <<<"$told")" == *"\"${output##*: }\"" ]] || show_failure "$name: $told"
	}
	expect SHMMAX shm=0,8193,0600
	expect SHMMIN shm=0,0,0600
	expect MSGMAX msg=0,0600 send=101
	expect MSGMNB msg=0,0600 send=100 send=100 send=100 send=1
	expect SEMMSL sem=0,6,0600
	expect SEMVMX sem=0,1,0600 op=0,32767 op=0,1
}

@test "a kind narrows limits and totals to itself" {
	try ipcls -lq --raw -no RESOURCE
	fine
	prints "MSGMNI
MSGMAX
MSGMNB"
	try ipcls -us --raw -no KIND,TOTAL
	fine
	prints "sem sets
sem semaphores"
}

@test "totals are those of ipcs -u" {
	hold shm=0,5000,0600 attach=1 touch=5000 shm=0,1,0600 msg=0,0600 send=10 send=20 msg=0,0600 \
		send=7 sem=0,5,0600 sem=0,1,0600
	page=$(getconf PAGESIZE)
	summary=$(ipcs -u)
	of() { sed -nE "s/^$1[ =]+([0-9]+).*/\1/p" <<<"$summary"; }
	try ipcls -u --raw -n
	fine
	used() { awk -v kind="$1" -v total="$2" '$1 == kind && $2 == total { print $3 }' <<<"$output"; }
	is "$(used shm segments)" "$(of 'segments allocated')"
	is "$(used shm bytes)" $(($(of 'pages allocated') * page))
	is "$(used shm rss)" $(($(of 'pages resident') * page))
	is "$(used shm swap)" $(($(of 'pages swapped') * page))
	is "$(used msg queues)" "$(of 'allocated queues')"
	is "$(used msg messages)" "$(of 'used headers')"
	is "$(used msg bytes)" 37
	is "$(used sem sets)" "$(of 'used arrays')"
	is "$(used sem semaphores)" "$(of 'allocated semaphores')"
	is "$(used sem semaphores)" 6
}

@test "-l -J is one object with typed rows" {
	make_objects shm=0,4096,0600
	try ipcls -lJ
	fine
	is "$(json 'sorted(d)')" '["limits"]'
	is "$(json 'sorted(set(tuple(sorted(r)) for r in d["limits"]))')" \
		'[["description", "limit", "percent", "resource", "unlimited", "used", "when_exhausted"]]'
	is "$(json '[(type(r["limit"]).__name__, type(r["used"]).__name__, type(r["unlimited"]).__name__) for r in d["limits"] if r["resource"] == "SHMMNI"]')" \
		'[["int", "int", "bool"]]'
	is "$(json '[r["limit"] for r in d["limits"] if r["resource"] == "SHMMNI"][0]')" "$(kernel shmmni)"
	is "$(json '[r["used"] for r in d["limits"] if r["resource"] == "SEMVMX"]')" '[null]'
	is "$(json 'all(isinstance(r["percent"], (int, float, type(None))) for r in d["limits"])')" true
}

@test "-u -J is one object with typed rows" {
	make_objects shm=0,4096,0600 sem=0,3,0600
	try ipcls -uJ
	fine
	is "$(json 'sorted(d)')" '["shmem", "usage"]'
	is "$(json '[r["used"] for r in d["usage"] if (r["kind"], r["total"]) == ("sem", "semaphores")]')" '[3]'
	is "$(json '[r["limit"] for r in d["usage"] if (r["kind"], r["total"]) == ("shm", "segments")][0]')" "$(kernel shmmni)"
	is "$(json 'all(type(r["used"]) is int for r in d["usage"])')" true
}

@test "other views do not go with limits: one line, status 2" {
	for words in "-l shm:0" "-u msg:key=5" "-l --sort LIMIT" "-u --sort USED" "-l -o SIZE" "-u -o REF" \
		"-l --owner nobody" "-u --unattached" "-u --owner root" "-lm --key 5" "-l --type pipe" "-u --type fifo,pipe" "-uq --larger-than 1"; do
		try ipcls $words
		ends 2
		complains ipcls:
		prints ""
	done
}

# ---- POSIX queues ----

mqueue() {
	cat "/proc/sys/fs/mqueue/$1"
}

# Give a limit of fs.mqueue another value: the namespace ends with this file, not with the test.
mqueue_limit() {
	echo "$2" >"/proc/sys/fs/mqueue/$1"
}

@test "the limits of POSIX queues are what sysctl says" {
	mqueue_limit msg_max 12
	mqueue_limit msg_default 7
	mqueue_limit msgsize_max 9000
	mqueue_limit msgsize_default 5000
	try ipcls -l --raw -no RESOURCE,LIMIT
	fine
	for name in queues_max msg_max msg_default msgsize_max msgsize_default; do
		is "$(cell fs.mqueue.$name 2)" "$(mqueue $name)"
	done
	is "$(cell fs.mqueue.msgsize_default 2)" 5000
	mqueue_limit msg_max 10
	mqueue_limit msg_default 10
	mqueue_limit msgsize_max 8192
	mqueue_limit msgsize_default 8192
}

@test "the errors of limits of POSIX queues are what programs get" {
	need_root
	try ipcls -l -o RESOURCE,WHEN-EXHAUSTED
	fine
	told=$output
	expect() { # RESOURCE TEXT: the row tells of this error
		[[ "$(grep "^$1 " <<<"$told")" == *"\"$2\"" ]] || show_failure "$1: $2: $told"
	}
	memory() { # WORD...: as a user without privileges; the last line that make_memory prints
		made=$("$SUPPORT/make_memory" uid=65534 "$@" | tail -n 1)
		made=${made#* }
	}
	memory mq=11,10,/long
	expect fs.mqueue.msg_max "$made"
	memory mq=10,8193,/wide
	expect fs.mqueue.msgsize_max "$made"
	memory default=/a send=8193
	expect fs.mqueue.msgsize_default "$made"
	memory default=/b $(printf 'send=1 %.0s' {1..10}) send=1
	expect fs.mqueue.msg_default "$made"
	memory rlimit=100000 mq=10,8192,/c mq=10,8192,/d
	expect RLIMIT_MSGQUEUE:root "$made"
	before=$(mqueue queues_max)
	mqueue_limit queues_max 1
	memory mq=1,1,/e
	mqueue_limit queues_max "$before"
	expect fs.mqueue.queues_max "$made"
}

@test "the limit of a user's queues is that of the caller" {
	limit_of_user() {
		prlimit --msgqueue=$1 ipcls -l --raw -no RESOURCE,LIMIT
	}
	try limit_of_user 123456
	fine
	is "$(cell "RLIMIT_MSGQUEUE:$(id -un)" 2)" 123456
}

@test "what is used of RLIMIT_MSGQUEUE is what the kernel has charged" {
	need_root
	# a user of nobody else's, since the kernel adds up all namespaces
	uid=$((1000000 + RANDOM * 32768 + RANDOM))
	next=$((10 * (8192 + 48 + 48)))
	unshare --ipc bash -c '
		"$SUPPORT/make_memory" uid=$1 mq=10,8192,/a mq=7,100,/b mq=1,1,/c
		ipcls -l --raw -no RESOURCE,USED
		used=$(ipcls -l --raw -no RESOURCE,USED | sed -n "s/^RLIMIT_MSGQUEUE:$1 //p")
		"$SUPPORT/make_memory" rlimit=$((used + $2 - 1)) uid=$1 mq=10,8192,/d
		"$SUPPORT/make_memory" rlimit=$((used + $2)) uid=$1 mq=10,8192,/d' bash $uid $next >"$BATS_TEST_TMPDIR/told"
	output=$(cat "$BATS_TEST_TMPDIR/told")
	is "$(grep "^mq" <<<"$output" | tail -n 2)" "mq Too many open files
mq ok"
	is "$(cell RLIMIT_MSGQUEUE:$uid 2)" $((next + 7 * (100 + 96) + 97))
	is "$(cell "RLIMIT_MSGQUEUE:$(id -un)" 2)" 0
	is "$(cell fs.mqueue.queues_max 2)" 3
}

@test "at 100% of the queues the next one fails as told" {
	need_root
	try unshare --ipc bash -c '
		echo 2 >/proc/sys/fs/mqueue/queues_max
		"$SUPPORT/make_memory" uid=65534 mq=1,1,/a mq=1,1,/b mq=1,1,/c
		ipcls -l --raw -no RESOURCE,USE%'
	fine
	is "$(cell fs.mqueue.queues_max 2)" 100.0
	is "${lines[2]}" "mq No space left on device"
}

@test "totals of POSIX kinds are what was made" {
	try unshare --ipc --mount bash -c '
		mount -t tmpfs x /dev/shm; mkdir /dev/shm/d
		"$SUPPORT/make_memory" mq=10,100,/a send=10 send=20 mq=10,100,/b send=1 mq=2,2,/c \
			file=5000,/dev/shm/x file=9000,/dev/shm/d/y sem=/one sem=/two >/dev/null
		truncate -s 1G /dev/shm/sparse
		ipcls -u --raw -no KIND,TOTAL,USED,LIMIT; df -B1 --output=size /dev/shm'
	fine
	page=$(getconf PAGESIZE)
	is "$(grep ^posix <<<"$output")" "posix-shm objects 3 -
posix-shm bytes $(((5000 + page - 1) / page * page + (9000 + page - 1) / page * page)) ${lines[-1]// /}
posix-mq queues 3 $(mqueue queues_max)
posix-mq messages 3 -
posix-sem objects 2 -"
}

# ---- /dev/shm ----

@test "/dev/shm has the size, the files and the use that df says" {
	mounted_here() {
		mounted 'mount -t tmpfs -o size=8m,nr_inodes=50 x /dev/shm && head -c 3000000 /dev/zero >/dev/shm/a &&
			mkdir /dev/shm/d && : >/dev/shm/d/b' "$@"
	}
	try mounted_here ipcls -l --raw -no RESOURCE,USED,LIMIT,USE%
	fine
	got=$(grep -E '^/dev/shm[ :]' <<<"$output")
	try mounted_here sh -c 'df --output=used,size -B1 /dev/shm; df --output=iused,itotal /dev/shm'
	read -r used size <<<"${lines[1]}"
	read -r iused itotal <<<"${lines[3]}"
	is "$got" "/dev/shm $used $size $((used * 1000 / size / 10)).$((used * 1000 / size % 10))
/dev/shm:inodes $iused $itotal $((iused * 1000 / itotal / 10)).$((iused * 1000 / itotal % 10))"
	[ "$used" -ge 3000000 ]
	[ "$iused" = 4 ]
}

@test "/dev/shm without a limit is unlimited" {
	try mounted 'mount -t tmpfs -o size=0,nr_inodes=0 x /dev/shm' ipcls -l --raw -no RESOURCE,USED,LIMIT,USE%
	fine
	is "$(grep -E '^/dev/shm[ :]' <<<"$output")" "/dev/shm - unlimited -
/dev/shm:inodes - unlimited -"
}

@test "a full /dev/shm fails with the errors that the rows tell" {
	try ipcls -l -o RESOURCE,WHEN-EXHAUSTED
	fine
	told=$output
	full() { # the options of the mount, what is done in it
		mounted "mount -t tmpfs -o $1 x /dev/shm; cd /dev/shm" bash -c "$2" 2>&1 | tail -n 1
	}
	wrote=$(full size=4k 'echo >a; echo >b')
	[[ "$(grep '^/dev/shm ' <<<"$told")" == *"\"${wrote##*: }\""* ]]
	opened=$(full nr_inodes=2 ': >a; : >b')
	[[ "$(grep '^/dev/shm:inodes ' <<<"$told")" == *"\"${opened##*: }\"" ]]
	faulted=$(full size=4k 'truncate -s 8192 a; python3 -c "
import mmap
f = open(\"a\", \"r+b\")
m = mmap.mmap(f.fileno(), 8192)
m[0] = m[4096] = 1" 2>/dev/null; kill -l $?')
	is "$faulted" BUS
	[[ "$(grep '^/dev/shm ' <<<"$told")" == *"SIGBUS \"Bus error\"" ]]
}

# ---- Huge pages ----

# A pool as the kernel shows it: pool KB NR FREE RESV SURPLUS OVERCOMMIT
pools='pool() {
	mkdir "/sys/kernel/mm/hugepages/hugepages-$1kB" && cd "/sys/kernel/mm/hugepages/hugepages-$1kB" &&
	echo "$2" >nr_hugepages && echo "$3" >free_hugepages && echo "$4" >resv_hugepages &&
	echo "$5" >surplus_hugepages && echo "$6" >nr_overcommit_hugepages; }
mount -t tmpfs x /sys/kernel/mm/hugepages'

@test "huge pages: the pool, what is taken and what is promised, per size" {
	need_root
	try mounted "$pools; pool 1048576 4 4 0 0 0; pool 2048 10 7 2 0 0; pool 64 12 5 1 2 30; pool 16384 0 0 0 0 0" \
		ipcls -lm --raw -no RESOURCE,USED,LIMIT,USE%
	fine
	is "$(grep ^huge <<<"$output")" "hugepages-64kB $((8 * 64 * 1024)) $((40 * 64 * 1024)) 20.0
hugepages-2048kB $((5 * 2048 * 1024)) $((10 * 2048 * 1024)) 50.0
hugepages-16384kB - 0 -
hugepages-1048576kB 0 $((4 << 30)) 0.0"
}

@test "huge pages are those of sysfs, and a segment beyond them fails as told" {
	need_root
	try ipcls -l --raw -no RESOURCE,LIMIT
	fine
	pages=/sys/kernel/mm/hugepages
	for size in $(ls $pages); do
		kb=${size#hugepages-}
		is "$(cell $size 2)" $((($(cat $pages/$size/nr_hugepages) - $(cat $pages/$size/surplus_hugepages) +
			$(cat $pages/$size/nr_overcommit_hugepages)) * ${kb%kB} * 1024))
	done
	try ipcls -l -o RESOURCE,WHEN-EXHAUSTED
	# more than any machine has: SHM_HUGETLB is 04000
	run "$SUPPORT/make_objects" shm=0,$((1 << 50)),04600
	[ "$status" -eq 1 ]
	why=${output##*: }
	try ipcls -l -o RESOURCE,WHEN-EXHAUSTED
	[[ "$(grep '^hugepages-2048kB' <<<"$output")" == *"\"$why\"" ]]
}

@test "kinds narrow to the limits of their own" {
	kinds_of() { ipcls "$@" --raw -no RESOURCE | sed 's/[:.-].*//' | sort -u | paste -sd' '; }
	is "$(kinds_of -lq)" "MSGMAX MSGMNB MSGMNI"
	is "$(kinds_of -lM)" "/dev/shm"
	is "$(kinds_of -lS)" "/dev/shm"
	is "$(kinds_of -lQ)" "RLIMIT_MSGQUEUE fs"
	is "$(kinds_of -ls)" "SEMMNI SEMMNS SEMMSL SEMOPM SEMVMX"
	[[ "$(kinds_of -l)" == *"/dev/shm "*fs*hugepages* ]]
}

@test "each /dev/shm has its rows, named by the mount namespace that sees it" {
	need_root
	unshare --mount sh -c 'mount -t tmpfs -o size=64k,nr_inodes=77 x /dev/shm && head -c 8192 /dev/zero >/dev/shm/f &&
		exec "$0" hold' "$SUPPORT/make_objects" >"$BATS_TEST_TMPDIR/other" 3>&- &
	other=$!
	disown "$other"
	holders="$holders $other"
	wait_until grep -q ready "$BATS_TEST_TMPDIR/other"
	# the same one once more: another namespace, no other file system
	nsenter --mount --target "$other" unshare --mount "$SUPPORT/make_objects" hold >"$BATS_TEST_TMPDIR/again" 3>&- &
	holders="$holders $!"
	disown "$!"
	wait_until grep -q ready "$BATS_TEST_TMPDIR/again"
	try ipcls -lM --raw -no RESOURCE,USED,LIMIT
	fine
	spaces="$(stat -L -c %i "/proc/$other/ns/mnt") $(stat -L -c %i "/proc/$!/ns/mnt")"
	is "$(grep -c '^/dev/shm@[0-9]* ' <<<"$output")" 1
	read -r name used limit <<<"$(grep '^/dev/shm@[0-9]* ' <<<"$output")"
	[[ " $spaces " == *" ${name#*@} "* ]]
	is "$used $limit" "8192 65536"
	is "$(awk '$1 ~ /^\/dev\/shm@[0-9]*:inodes$/ { print $2, $3 }' <<<"$output")" "2 77"
}
