#!/usr/bin/env bats
# The page of one object: every field of it, as its maker set it and as ipcs -i shows it.

load private

# The value of a field on the page in $output.
field() {
	awk -v name="$1" '$1 == name { $1 = ""; sub(/^ /, ""); print; exit }' <<<"$output"
}

@test "the page of a segment tells all of it" {
	hold name=maker shm=0x4321,5000,0640 attach=1 touch=1
	id=$(made_id shm)
	try ipcls shm:$id
	fine
	is "${lines[0]}" "shm:$id  shared memory segment"
	is "$(field KEY)" 0x00004321
	is "$(field MODE)" 0640
	is "$(field OWNER)" "root (uid 0)"
	is "$(field GROUP)" root
	is "$(field CUSER)" "root (uid 0)"
	is "$(field SIZE)" "4.9K (5000 bytes)"
	is "$(field RSS)" "$(($(getconf PAGESIZE) / 1024))K ($(getconf PAGESIZE) bytes)"
	is "$(field ATT)" 1
	is "$(field STATUS)" -
	is "$(field CREATOR)" "maker[$holder]"
	is "$(field LAST-OPERATOR)" "maker[$holder]"
	is "$(field DTIME)" -
	is "$(field NAMESPACE)" "$(stat -Lc %i /proc/self/ns/ipc)"
}

@test "the times of the page are those of /proc, with their age" {
	hold shm=0,4096,0600 attach=1
	id=$(made_id shm)
	try ipcls --time-format epoch shm:$id
	fine
	[[ $(field ATIME) =~ ^$(proc_field shm $id 12)\ \([0-9]+[smh]\ ago\)$ ]]
	[[ $(field CTIME) =~ ^$(proc_field shm $id 14)\ \([0-9]+[smh]\ ago\)$ ]]
}

@test "the page of a queue tells all of it" {
	hold name=writer msg=0x55,0622 qbytes=4000 send=1000 send=1000
	id=$(made_id msg)
	try ipcls msg:$id
	fine
	is "${lines[0]}" "msg:$id  message queue"
	is "$(field KEY)" 0x00000055
	is "$(field MODE)" 0622
	is "$(field MSGS)" 2
	is "$(field BYTES)" "2K (2000 bytes)"
	is "$(field MAX-BYTES)" "3.9K (4000 bytes)"
	is "$(field FULL)" 50%
	is "$(field SENDER)" "writer[$holder]"
	is "$(field RECEIVER)" -
	is "$(field RTIME)" -
}

@test "the page of a set has the table that ipcs shows" {
	hold sem=0x77,5,0600 set=0,3 set=4,9 op=1,2 wait=0,-4 wait=3,-1 wait=3,-1 wait=4,0
	id=$(made_id sem)
	try ipcls sem:$id
	fine
	is "${lines[0]}" "sem:$id  semaphore set"
	is "$(field NSEMS)" 5
	is "$(field WAITING)" 4
	is "$(awk '$1 ~ /^[0-9]+$/ { gsub(/[^0-9]/, "", $5); print $1, $2, $3, $4, $5 + 0 }' <<<"$output")" \
		"$(ipcs -s -i "$id" | awk '$1 ~ /^[0-9]+$/ { print $1, $2, $3, $4, $5 }')"
}

@test "the page of a set of 300 semaphores has 300 rows" {
	make_objects sem=0,300,0600 set=299,5
	try ipcls sem:"$(made_id sem)"
	fine
	is "$(awk '$1 ~ /^[0-9]+$/' <<<"$output" | wc -l)" 300
	[[ ${lines[-2]} =~ ^\ *299\ +5\ +0\ +0 ]]
}

@test "a key leads to the page of its object" {
	make_objects shm=0xc0ffee00,4096,0600 msg=0xc0ffee00,0600
	try ipcls msg:key=0xc0ffee00
	fine
	is "${lines[0]}" "msg:$(made_id msg)  message queue"
	try ipcls shm:key=3237998080
	fine
	is "${lines[0]}" "shm:$(made_id shm)  shared memory segment"
}

@test "several references are several pages in their order, an object named twice is shown once" {
	make_objects shm=5,4096,0600 msg=0,0600 sem=0,1,0600
	shm=$(made_id shm) msg=$(made_id msg) sem=$(made_id sem)
	try ipcls sem:$sem shm:$shm msg:$msg shm:key=5
	fine
	is "$(grep -E '^(shm|msg|sem):' <<<"$output")" "sem:$sem  semaphore set
shm:$shm  shared memory segment
msg:$msg  message queue"
}

@test "what is missing is named, the rest shown, the status is 1" {
	make_objects shm=0,4096,0600
	id=$(made_id shm)
	try ipcls msg:77 shm:$id
	ends 1
	complains "ipcls: msg:77: no such object"
	is "${lines[0]}" "shm:$id  shared memory segment"
}

@test "-b shows sizes in bytes only" {
	make_objects shm=0,1048576,0600
	try ipcls -b shm:"$(made_id shm)"
	fine
	is "$(field SIZE)" 1048576
}

@test "a reference from standard input is shown like an operand" {
	make_objects shm=0,4096,0600
	id=$(made_id shm)
	try ipcls - <<<"shm:$id"
	fine
	is "${lines[0]}" "shm:$id  shared memory segment"
}
