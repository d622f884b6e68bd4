#!/usr/bin/env bats
# shmpeek --as mutex, rwlock, cond, sem and --find-mutexes: the truth is what hold_locks tells, who
# made the locks by the C library's own calls.
load private

setup() {
	start_empty
	rm -f /dev/shm/locks
}

# Let hold_locks make a segment of 64K and these things in it: $ref.
locks() {
	[[ $1 != shm=* ]] || need_root # which alone reads it without a trace
	hold_with hold_locks "$@"
	ref=$(awk '$1 == "ref" { print $2 }' <<<"$made")
}

# The pid, or the thread, that hold_locks told of an offset: told owner 64 [4]
told() {
	awk -v word="$1" -v offset="$2" -v n="${3:-3}" '$1 == word && $2 == offset { print $n }' \
		<<<"$made" | tail -n 1
}

# One column of a lock.
column() {
	shmpeek -n -o "$1" -s "$2" --as "${3:-mutex}" "$ref"
}

@test "A mutex that is free, and one whose owner runs" {
	locks shm=65536 random=1 mutex=64 mutex=128 lock=128
	try shmpeek -n -o STATE,OWNER,WAITERS,ATTRIBUTES -s 64 --as mutex "$ref"
	fine
	is "$(tr -s ' ' <<<"$output")" "free - 0 pshared"
	try shmpeek -n -o STATE,OWNER,WAITERS,EVIDENCE,ATTRIBUTES -s 128 --as mutex "$ref"
	fine
	is "$(tr -s ' ' <<<"$output")" "taken hold_locks[$(told owner 128)] 0 libc pshared"
}

@test "A mutex whose owner was killed is abandoned, though nobody waits for it" {
	locks shm=65536 random=2 mutex=64 lock=64 kill=64
	wait_until gone "$(told dead 64)"
	try shmpeek -n -o STATE,OWNER,WAITERS,FINDING -s 64 --as mutex "$ref"
	fine
	is "$(tr -s ' ' <<<"$output")" "abandoned ($(told dead 64)) 0 its owner, thread $(told dead 64), has ended: whoever locks it waits for ever"
	try shmpeek -s 64 --as mutex -J "$ref"
	fine
	is "$(json 'd["locks"][0]["state"]')" abandoned
	is "$(json 'd["locks"][0]["recorded_owner"]')" "$(told dead 64)"
	is "$(json 'd["locks"][0]["owners"][0]["gone"]')" true
}

@test "The number of an owner that was killed is borne by another, who does not map it" {
	locks shm=65536 mutex=64 die=64
	"$SUPPORT/with_pid" "$(told dead 64)" sleep 60 3>&- &
	holders="$holders $!"
	disown $!
	wait_until test -d "/proc/$(told dead 64)"
	try shmpeek -n -o STATE,FINDING -s 64 --as mutex "$ref"
	fine
	has "abandoned " "or does not map it any more"
}

@test "An owner that let go of the memory can never unlock it" {
	locks shm=65536 mutex=64 leave=64
	is "$(column STATE 64)" abandoned
	kill -0 "$(told left 64)"
}

@test "Robust mutexes: the owner died, is mended, is lost" {
	locks shm=65536 mutex=64,robust die=64 mutex=128,robust die=128 mend=128 \
		mutex=192,robust die=192 spoil=192 mutex=256,robust,pi lock=256
	try shmpeek -n -o STATE,OWNER,EVIDENCE -s 64 --as mutex "$ref"
	fine
	is "$(tr -s ' ' <<<"$output")" "owner-died ($(told dead 64)) kernel"
	try shmpeek -n -o STATE,OWNER,EVIDENCE -s 128 --as mutex "$ref"
	fine
	is "$(tr -s ' ' <<<"$output")" "owner-died hold_locks[$(told owner 128)] kernel"
	is "$(column STATE 192)" not-recoverable
	try shmpeek -n -o STATE,OWNER,EVIDENCE,ATTRIBUTES -s 256 --as mutex "$ref"
	fine
	is "$(tr -s ' ' <<<"$output")" "taken hold_locks[$(told owner 256)] kernel pshared,robust,pi"
}

@test "Owners in another pid namespace, and further threads, by our numbers" {
	locks shm=65536 mutex=64 inner=64 mutex=128 thread=128
	is "$(column OWNER 64)" "hold_locks[$(told owner 64)]"
	is "$(column RECORDED-OWNER 64)" 1
	is "$(column OWNER 128)" "hold_locks[$(told owner 128)/$(told owner 128 4)]"
}

@test "Who waits for a mutex" {
	locks shm=65536 mutex=64 lock=64 wait=64 wait=64 mutex=128 lock=128 wait=128
	try shmpeek -s 64 --as mutex -J "$ref"
	fine
	is "$(json '" ".join(str(w["pid"]) for w in d["locks"][0]["waiting"])')" \
		"$(awk '$1 == "waiter" && $2 == 64 { print $3 }' <<<"$made" | sort -n | paste -sd' ')"
	is "$(json 'd["locks"][0]["waiters"]')" 2
	is "$(column WAITING 128)" "hold_locks[$(told waiter 128)]"
}

@test "How often a recursive mutex is locked; one that was destroyed" {
	locks shm=65536 mutex=64,recursive twice=64 mutex=128 destroy=128
	is "$(column COUNT,ATTRIBUTES 64 | tr -s ' ')" "2 pshared,recursive"
	try shmpeek -n -o STATE -s 128 --as mutex "$ref"
	ends 1
	prints none
	complains "$ref+0x80: no mutex there: it was destroyed"
}

@test "Read-write locks: readers, a writer, an abandoned one" {
	locks shm=65536 rwlock=64,prefer-writer read=64 read=64 write-wait=64 \
		rwlock=128 write=128 read-wait=128 rwlock=192 write-die=192
	try shmpeek -s 64 --as rwlock -J "$ref"
	fine
	is "$(json '[d["locks"][0][k] for k in ("state", "count", "waiters", "readers_waiting", "writers_waiting", "owners")]')" \
		'["shared", 2, 1, 0, 1, []]'
	is "$(json '" ".join(d["locks"][0]["attributes"])')" "pshared prefer-writer"
	try shmpeek -s 128 --as rwlock -J "$ref"
	fine
	is "$(json '[d["locks"][0][k] for k in ("state", "waiters", "readers_waiting", "writers_waiting", "recorded_owner")]')" \
		"[\"taken\", 1, 1, 0, $(told owner 128)]"
	try shmpeek -n -o STATE,FINDING -s 192 --as rwlock "$ref"
	fine
	has "abandoned its writer, thread $(told dead 192), has ended"
}

@test "Conditions and semaphores" {
	locks shm=65536 mutex=64 cond=128 cond-wait=128,64 cond-wait=128,64 cond=192 \
		sem=256,3 sem=320,0 sem-wait=320
	is "$(column STATE,WAITERS 128 cond | tr -s ' ')" "waited-on 2"
	is "$(column STATE,WAITERS 192 cond | tr -s ' ')" "free 0"
	is "$(column STATE,COUNT,WAITERS 256 sem | tr -s ' ')" "free 3 0"
	is "$(column STATE,COUNT,WAITERS,WAITING 320 sem | tr -s ' ')" \
		"taken 0 1 hold_locks[$(told waiter 320)]"
}

@test "Mutexes are found among random bytes, free and taken" {
	locks shm=65536 random=7 mutex=64 mutex=4072 lock=4072 mutex=65496,robust
	try shmpeek -n -o OFFSET,STATE,OWNER --find-mutexes "$ref"
	fine
	is "$(tr -s ' ' <<<"$output" | sed 's/^ //')" "0x40 free -
0xfe8 taken hold_locks[$(told owner 4072)]
0xffd8 free -"
	try shmpeek -n -o OFFSET --find-mutexes --head 2 "$ref"
	is "$(xargs <<<"$output")" "0x40 0xfe8"
	try shmpeek -n -o OFFSET --find-mutexes -s 65 -l 4096 "$ref"
	is "$(xargs <<<"$output")" "0xfe8"
}

@test "None is found: nothing is printed, and the exit status says it" {
	locks shm=65536 random=8 mutex=64,private
	try shmpeek --find-mutexes "$ref"
	ends 1
	prints ""
	[ -z "$stderr" ]
	try shmpeek --find-mutexes -J "$ref"
	ends 1
	is "$(json 'd["locks"]')" "[]"
}

@test "More mutexes than are kept at once, each of them once" {
	local words=() offset
	for ((offset = 0; offset < 4200 * 64; offset += 64)); do words+=("mutex=$offset"); done
	locks shm=1048576 "${words[@]}" lock=268736
	try shmpeek -n -b -o OFFSET,OWNER --find-mutexes "$ref"
	fine
	is "$(wc -l <<<"$output")" 4200
	is "$(awk '{ print $1 }' <<<"$output" | sort -u | wc -l)" 4200
	has "hold_locks[$(told owner 268736)]"
	# behind an object that has none
	truncate -s 4096 /dev/shm/locks
	try shmpeek --find-mutexes posix-shm:/locks "$ref"
	ends 1
	is "${lines[0]%% *} ${#lines[@]}" "REF 4201"
}

@test "POSIX shared memory; outside of our pid namespace an owner may be out of sight" {
	locks posix-shm=/locks,65536 random=9 mutex=64 lock=64 mutex=4096 die=4096
	try shmpeek -n -o OFFSET,STATE,OWNER --find-mutexes "$ref"
	ends 1
	is "$(tr -s ' ' <<<"$output" | sed 's/^ //')" "0x40 taken hold_locks[$(told owner 64)]
0x1000 unknown ?"
	complains "$ref+0x1000: owner $(told dead 4096) is not to be seen from here"
	try shmpeek -s 4096 --as mutex -J "$ref"
	ends 1
	is "$(json 'd["locks"][0]["owners"]')" null
	is "$(json '"not to be seen" in d["locks"][0]["unknown"]["owners"]')" true
}

@test "Who may not look into the owner is told so" {
	need_root
	locks posix-shm=/locks,65536 mutex=64 lock=64
	chmod 666 /dev/shm/locks
	try as_nobody shmpeek --attach -n -o STATE,RECORDED-OWNER -s 64 --as mutex "$ref"
	ends 1
	is "$(tr -s ' ' <<<"$output")" "unknown $(told owner 64)"
	[[ $stderr == *"+0x40: owner $(told owner 64) is not to be seen from here: "* ]]
}

@test "Huge and sparse: holes are passed over, and little memory is used" {
	truncate -s 100G /dev/shm/locks
	ref=posix-shm:/locks
	hold_with hold_locks posix-shm=/near,4096 mutex=64
	dd if=/dev/shm/near of=/dev/shm/locks bs=4096 count=1 seek=13107200 conv=notrunc status=none
	rm /dev/shm/near
	try timeout 10 "$SUPPORT/peak" shmpeek -n -o OFFSET,STATE --find-mutexes "$ref"
	ends 0
	is "$(tr -s ' ' <<<"$output" | sed 's/^ //')" "0xc80000040 free"
	lean "$stderr"
	is "$(stat -c %b /dev/shm/locks)" 8
}

@test "Where no lock can be" {
	locks shm=65536 random=4 mutex=64
	try shmpeek --as mutex "$ref"
	ends 1
	has none
	complains "$ref+0x0: no mutex there"
	try shmpeek -s 66 --as mutex "$ref"
	ends 1
	complains "not at a multiple of 4"
	try shmpeek -s -39 --as mutex "$ref"
	ends 2
	prints ""
	complains "reaches past the end at 65536"
}
