#!/usr/bin/env bats
# The overview: one screen of how much there is, how near the limits are, and what is wrong.

load private

# The row of a kind, one blank between words.
row() {
	awk -v kind="$1" '$1 == kind { $1 = $1; print }' <<<"$output"
}

sysctl() {
	cat "/proc/sys/kernel/$1"
}

@test "an empty system is three rows of nothing, and nothing is wrong" {
	try ipcls
	fine
	is "$(head -1 <<<"$output" | xargs)" "KIND OBJECTS LIMIT USE% BYTES LARGEST"
	is "$(row shm)" "shm 0 $(sysctl shmmni) 0% 0 -"
	is "$(row msg)" "msg 0 $(sysctl msgmni) 0% 0 -"
	is "$(row sem)" "sem 0 $(cut -f4 /proc/sys/kernel/sem) 0% - -"
	lacks attention
}

@test "objects and bytes are counted, and the largest is named with its process" {
	hold name=hoarder shm=0,4096,0600 shm=0,1048576,0600 attach=1 shm=0,4096,0600 attach=1 \
		msg=0,0600 send=100 msg=0,0600 send=300 sem=0,2,0600 sem=0,7,0600 op=3,1
	try ipcls
	fine
	has_row() { [[ "$(row "$1")" == $2 ]] || show_failure "row of $1: $2"; }
	has_row shm "shm 3 $(sysctl shmmni) * 1M shm:$(made_id shm 2) 1M, created by hoarder\[$holder\]"
	has_row msg "msg 2 $(sysctl msgmni) * 400 msg:$(made_id msg 2) 300, last sender hoarder\[$holder\]"
	has_row sem "sem 2 $(cut -f4 /proc/sys/kernel/sem) * - sem:$(made_id sem 2) 7 semaphores, last op hoarder\[$holder\]"
}

@test "use is a share of the limit of objects" {
	limit shmmni 10
	make_objects shms=7,4096,0600
	try ipcls
	fine
	[[ $(row shm) == "shm 7 10 70% 28K "* ]]
}

@test "segments that nobody is attached to are told, with the command that lists them" {
	hold shm=0,4096,0600 attach=1 shm=0,8192,0600 shm=0,4096,0600
	try ipcls
	fine
	has "2 segments (12K) that nobody is attached to
      ipcls -m --unattached"
	# what it recommends shows just those
	try ipcls -m --unattached --raw -no REF
	prints "shm:$(made_id shm 2)
shm:$(made_id shm 3)"
}

@test "a full queue is told with the error that its senders see" {
	make_objects msg=0,0600 qbytes=100 send=100 msg=0,0600 send=1
	try ipcls
	fine
	has "1 queue is full" '"Resource temporarily unavailable"' "ipcls -q --sort FULL:desc"
	try ipcls -q --sort FULL:desc --raw -no REF
	is "${lines[0]}" "msg:$(made_id msg)"
}

@test "waiting threads are counted over all sets" {
	hold sem=0,1,0600 wait=0,-1 wait=0,-1 sem=0,1,0600 wait=0,-1 sem=0,1,0600
	try ipcls
	fine
	has "3 threads wait on 2 semaphore sets" "ipcls -s --sort WAITING:desc"
}

@test "a limit that is reached is told with the error that programs see" {
	limit msgmni 2
	make_objects msg=0,0600 msg=0,0600
	run "$SUPPORT/make_objects" msg=0,0600
	why=${output##*: }
	try ipcls
	fine
	is "$why" "No space left on device"
	has "MSGMNI (message queues) is reached, 100%: msgget: ENOSPC \"$why\"" "ipcls -l"
}

@test "a limit that is near is told as well" {
	limit shmmni 10
	make_objects shms=9,4096,0600
	try ipcls
	fine
	has "SHMMNI (shared memory segments) is at 90%; when it is reached: shmget: ENOSPC"
}

@test "sets whose waiters cannot be seen are told" {
	need_root
	make_objects sem=0,1,0600
	try as_nobody ipcls
	ends 0
	has "1 semaphore set may hide waiters: permission denied" "sudo ipcls -s"
}

@test "a set that may not be read is shown without a last op" {
	need_root
	make_objects sem=0,3,0600 op=0,1
	try as_nobody ipcls
	ends 0
	has "sem:$(made_id sem) 3 semaphores"
	lacks "[0]" "(0)" "last op"
	# not for want of one
	try ipcls
	has "last op"
}

@test "with everything wrong it still fits a screen of 80 by 24" {
	limit shmmni 3
	hold name=fifteen-letters shm=0,4096,0600 shm=0,1073741824,010600 shm=0,4096,0600 msg=0,0600 \
		qbytes=10 send=10 sem=0,2,0600 wait=0,-1 op=1,1
	try "$SUPPORT/terminal" 80 -- ipcls --color=never
	ends 0
	rows=1 # the prompt that comes next
	while IFS= read -r line; do
		rows=$((rows + (${#line} > 80 ? 2 : 1)))
	done <<<"$output"
	[ "$rows" -le 24 ]
	while IFS= read -r line && [ -n "$line" ]; do # the table
		[ "${#line}" -le 80 ] || show_failure "wider than 80: $line"
	done <<<"$output"
}

@test "an option of output alone does not change what is shown" {
	make_objects shm=0,1048576,0600
	try ipcls -b
	fine
	[[ $(row shm) == "shm 1 "*" 1048576 shm:$(made_id shm) 1048576, "* ]]
	has "KIND"
	try ipcls -n
	fine
	lacks KIND
}
