#!/usr/bin/env bats
# References: one way to name an object, in every command.  What is none is refused in one line.

load private

own() {
	stat -Lc %i /proc/self/ns/ipc
}

# ipcls with these operands lists just these references: names 'OPERAND...' [REF...]
names() {
	local operands=$1
	shift
	try ipcls --raw -no REF $operands
	fine && is "$operands: $(paste -sd' ' <<<"$output")" "$operands: $*"
}

@test "an object is named by id and by key, in decimal and in hexadecimal" {
	make_objects shm=0x5432,1,0600 msg=0x5432,0600 sem=0x5432,1,0600
	shm=shm:$(made_id shm) msg=msg:$(made_id msg) sem=sem:$(made_id sem)
	names $shm $shm
	names shm:key=0x5432 $shm
	names shm:key=21554 $shm
	names shm:key=0X00005432 $shm
	names msg:key=21554 $msg
	names sem:key=0x5432 $sem
	names $msg $msg
	names $sem $sem
}

@test "keys above 0x7fffffff name their object" {
	make_objects shm=0xfedcba98,1,0600
	names shm:key=0xFEDCBA98 "shm:$(made_id shm)"
	names shm:key=4275878552 "shm:$(made_id shm)"
}

@test "ids of any size name their object" {
	echo 2147450880 >/proc/sys/kernel/msg_next_id
	make_objects msg=0,0600
	is "$(made_id msg)" 2147450880
	names msg:2147450880 msg:2147450880
	try ipcls --raw -no REF msg:2147450881
	ends 1
	# the same slot, another sequence number
	try ipcls --raw -no REF msg:32768
	ends 1
	complains "msg:32768: no such object"
}

@test "a namespace may follow: the own one is the same object, another is refused" {
	make_objects shm=0x11,1,0600
	id=$(made_id shm)
	names "shm:$id@$(own)" "shm:$id"
	names "shm:key=0x11@$(own)" "shm:$id"
	try ipcls "shm:$id@4026531000"
	ends 1
	complains "shm:$id@4026531000: " "namespace"
	prints ""
}

@test "an exact reference names the object that was listed, in three spellings" {
	make_objects shm=0x11,1,0600 msg=0x12,0600 sem=0x13,1,0600
	for kind in shm msg sem; do
		exact=$(ipcls --raw -no EXACT $kind:"$(made_id $kind)")
		[[ $exact == $kind:"$(made_id $kind)%0x1"* ]]
		names "$exact" "$kind:$(made_id $kind)"
	done
	at=$(proc_field shm "$(made_id shm)" 14)
	names "shm:$(made_id shm)%0x11.$at" "shm:$(made_id shm)"
	names "shm:$(made_id shm)%17.$at.$(own)" "shm:$(made_id shm)"
	names "shm:key=0x11%0x11.$at" "shm:$(made_id shm)"
	names "sem:$(made_id sem)%0x13.0.0" "sem:$(made_id sem)"
	names "sem:$(made_id sem)@$(own)%0x13.0.0.$(own)" "sem:$(made_id sem)"
}

@test "an exact reference that does not fit is refused" {
	make_objects shm=0x11,1,0600 sem=0x13,1,0600
	id=$(made_id shm) at=$(proc_field shm "$(made_id shm)" 14)
	for ref in "shm:$id%0x12.$at" "shm:$id%0x11.$((at + 1))" "shm:$id%0.$at" \
		"sem:$(made_id sem)%0x13.0.1" "sem:$(made_id sem)%0x13.1.0"; do
		try ipcls --raw -no REF "$ref"
		ends 1
		complains "$ref: " "changed since it was"
		prints ""
	done
	try ipcls "shm:$id%0x11.$at.4026531000"
	ends 1
	complains namespace
}

@test "a dash reads references from standard input, one a line, among others" {
	make_objects shm=0,1,0600 msg=0,0600 sem=0,1,0600
	shm=shm:$(made_id shm) msg=msg:$(made_id msg) sem=sem:$(made_id sem)
	try ipcls --raw -no REF "$sem" - <<<"$shm

$msg"
	fine
	prints "$shm
$msg
$sem"
	# the last line may lack its end
	try ipcls --raw -no REF - < <(printf %s "$shm")
	fine
	prints "$shm"
}

@test "a bad line of standard input stops everything" {
	make_objects shm=0,1,0600
	try ipcls --raw -no REF - <<<"shm:$(made_id shm)
bogus"
	ends 2
	complains "bogus: not a reference"
	prints ""
	try ipcls --raw -no REF - < <(printf 'shm:0\0x\n')
	ends 2
	complains "NUL"
	try ipcls - <"$BATS_TEST_DIRNAME"
	[ "$status" -ne 0 ]
}

@test "a bare number suggests the reference" {
	try ipcls 7
	ends 2
	complains "7: a bare number names nothing; say shm:7, msg:7 or sem:7"
	try ipckill --signal TERM -y 7
	ends 2
	complains "7: a bare number names nothing; say shm:7, msg:7 or sem:7, or pid:7 for a process"
}

@test "an id that is missing is told apart from one that is no id" {
	try ipcls shm:2147483647
	ends 1
	complains "shm:2147483647: no such object"
	try ipcls shm:2147483648
	ends 2
	complains "shm:2147483648: out of range"
}

# One a line; every one is refused by both commands before anything is done.
bad_references() {
	cat <<-'END'
		shm
		shm:
		:5
		5
		-5
		shm:-1
		shm:+1
		shm:05
		shm:0x5
		shm:5x
		shm:5 6
		shm:2147483648
		shm:4294967296
		shm:18446744073709551616
		shm:99999999999999999999999999999999999999
		shm:key
		shm:key=
		shm:key=0
		shm:key=0x
		shm:key=010
		shm:key=-1
		shm:key=0x100000000
		shm:key=4294967296
		shm:key=0xg
		shm:KEY=5
		SHM:5
		mem:5
		sem:5:0
		shm:5@
		shm:5@0
		shm:5@x
		shm:5@-1
		shm:5@18446744073709551616
		shm:5@1@2
		shm:5%
		shm:5%1
		shm:5%1.
		shm:5%1.x
		shm:5%1.2.3.4
		shm:5%1.2.0
		shm:5%010.2
		sem:5%1.2
		sem:5%1.4294967296.0
		shm:5%1.2@3
		pid:
		pid:0
		pid:-1
		pid:01
		pid:1@5
		pid:1%
		pid:1%5.6
		pid:2147483648
		pgrp:0
		pgrp:1@5
		pgrp:1%
		session:-1
		session:x
		tree:
		tree:01
		tree:2147483648
		posix-shm:name
		posix-shm:/
		posix-shm:/a\x0
		posix-shm:/a\x00
		posix-shm:/a b
		posix-mq:/x/y
		posix-shm:/x/../y
		pipe:x
		pipe:-1
		fifo:x
		unix:18446744073709551616
		mmap:1:2
		epoll:5
		epoll:5:x
		pidfd:0:1
		shm:5,6
		*
		--
	END
}

@test "every bad reference is refused by name, in one line, with nothing done" {
	make_objects shm=5,1,0600 msg=6,0600 sem=7,1,0600
	before="$(ids shm)/$(ids msg)/$(ids sem)"
	[ "$(bad_references | wc -l)" -ge 50 ]
	while IFS= read -r word; do
		for command in "ipcls --raw" "ipckill -y"; do
			try $command -- "shm:$(made_id shm)" "$word" "msg:$(made_id msg)"
			ends 2 || { echo "$command $word"; false; }
			complains "${command%% *}: " "$word" || { echo "$command $word"; false; }
			prints ""
		done
	done < <(bad_references)
	is "$(ids shm)/$(ids msg)/$(ids sem)" "$before"
}

@test "an empty operand is refused" {
	for command in ipcls "ipckill -y"; do
		try $command ""
		ends 2
		complains "not a reference"
	done
}

@test "a hostile operand does not reach the terminal" {
	try ipcls $'\e[31mshm:1\n\u202e'
	ends 2
	complains '\x1b[31mshm:1\x0a\xe2\x80\xae'
	[[ $stderr != *$'\e'* && $stderr != *$'\u202e'* ]]
}

@test "an operand of a hundred thousand bytes is refused in one line" {
	try ipcls "shm:$(printf '%0100000d' 7)"
	ends 2
	complains "ipcls: shm:0000"
	[ "${#stderr}" -lt 5000 ]
}

@test "ten thousand references are read at once" {
	make_objects shms=1000,1,0600
	try ipcls --raw -no REF - < <(for i in 1 2 3 4 5 6 7 8 9 10; do awk 'NR > 1 { print "shm:" $2 }' /proc/sysvipc/shm; done)
	fine
	is "$(wc -l <<<"$output")" 1000
}

# Groups, sessions and trees are no objects: said in one line, by every command that is for objects.
@test "references to several processes are refused where objects are meant" {
	for ref in pgrp:4711 session:4711 tree:4711 tree:4711%99; do
		try ipcls "$ref"
		ends 2 && complains "$ref: names processes, not an object: proctree $ref shows them"
		prints ""
		try ipcls -J shm:0 "$ref"
		ends 2 && complains "$ref: names processes"
		prints ""
		try shmpeek "$ref"
		ends 2 && complains "$ref: names processes, not an object; proctree shows them"
		prints ""
	done
}

@test "objects are not removed for references to several processes" {
	for ref in pid:4711 pgrp:4711 session:4711 tree:4711; do
		try ipckill -y "$ref"
		ends 2 && complains "$ref: "
		prints ""
	done
}
