#!/usr/bin/env bats
# As a user without rights: lists stay complete, and what cannot be read is unknown with a reason.

load private

# Objects of root that nobody else may read.
hidden_objects() {
	hold name=owner shm=0x10,5000,0600 attach=1 touch=1 msg=0x20,0600 send=10 sem=0x30,2,0600 set=0,5 op=1,1 wait=0,-9
	shm=$(made_id shm) msg=$(made_id msg) sem=$(made_id sem)
}

@test "lists show every object, whoever may read it" {
	need_root
	hidden_objects
	try as_nobody ipcls -mqs --raw -no REF,KEY,MODE,SIZE,RSS,ATT,CREATOR,MSGS,BYTES,FULL,SENDER,NSEMS
	fine
	prints "shm:$shm 0x00000010 0600 5000 $(proc_field shm "$shm" 15) $(proc_field shm "$shm" 7) owner[$holder]
msg:$msg 0x00000020 0600 1 10 0.0 owner[$holder]
sem:$sem 0x00000030 0600 2"
}

@test "waiters of a set that may not be read are unknown, said in one line, status 0" {
	need_root
	hidden_objects
	"$SUPPORT/make_objects" sem=0x31,1,0604 >/dev/null
	try as_nobody ipcls -s --raw -no KEY,WAITING,LAST-OPERATOR,LPID
	ends 0
	complains "ipcls: 1 of 2 semaphore sets: WAITING, LAST-OPERATOR, LPID unknown: permission denied"
	prints "0x00000030 ? ? ?
0x00000031 0 - -"
}

@test "values that may not be read are unknown" {
	need_root
	hidden_objects
	try as_nobody ipcls -s --elements --raw -no REF
	ends 0
	complains "VALUES unknown: permission denied"
	prints "sem:$sem ?"
}

@test "the page of a set shows what may be seen and says why the rest is not" {
	need_root
	hidden_objects
	try as_nobody ipcls sem:$sem
	ends 0
	has "NSEMS          2" "WAITING        ? (permission denied)" "LAST-OPERATOR  ? (permission denied)"
	# a table of question marks would tell nothing
	lacks NCOUNT
}

@test "the pages of segments and queues are complete" {
	need_root
	hidden_objects
	for ref in shm:$shm msg:$msg shm:key=0x10 msg:key=0x20; do
		try as_nobody ipcls "$ref"
		ends 0
		lacks '?'
		# who is attached and what is left over takes a look at all processes
		[ -z "$stderr" ] || complains "processes could not be looked into: permission denied"
	done
}

@test "JSON gives null and the reason for each field" {
	need_root
	hidden_objects
	try as_nobody ipcls -J sem:$sem
	ends 0
	is "$(json 'd["sem"][0]["semaphores"]')" null
	is "$(json 'd["sem"][0]["unknown"]')" '{"semaphores": "permission denied"}'
	is "$(json 'd["sem"][0]["nsems"]')" 2
	try as_nobody ipcls -sJ -o +WAITING,LPID
	ends 0
	is "$(json '(d["sem"][0]["waiting"], d["sem"][0]["lpid"], d["sem"][0]["unknown"])')" \
		'[null, null, {"waiting": "permission denied", "lpid": "permission denied"}]'
	try as_nobody ipcls -mqJ
	fine
	is "$(json '[r for rows in d.values() for r in rows if "unknown" in r]')" '[]'
}

@test "limits and totals need no right" {
	need_root
	hidden_objects
	for words in "-lmqs --raw" "-umqs --raw"; do
		mine=$(ipcls $words)
		try as_nobody ipcls $words
		fine
		is "$output" "$mine"
	done
}

@test "a set sorts by what is unknown without an error, unknown ones last" {
	need_root
	hidden_objects
	make_objects sem=0x31,1,0604
	for order in WAITING WAITING:desc; do
		try as_nobody ipcls -s --raw -no KEY --sort $order
		ends 0
		is "${lines[*]}" "0x00000031 0x00000030"
	done
}
