#!/usr/bin/env bats
# Lists: what ipcls shows of objects is what made them, and what /proc says.

load private

# Fields of /proc/sysvipc/KIND as raw columns: keys in hexadecimal, modes in four digits, 0 as "-"
# in the columns named after the other words: rows KIND 'FIELD...' where a field is a column number
# followed by k (key), m (mode: permission bits), z (zero is never) or nothing.
rows() {
	python3 - "$@" <<-'END'
		import sys
		def cell(line, field):
		    text = line[int(field.rstrip("kmz")) - 1]
		    if field.endswith("k"):
		        return "0x%08x" % (int(text) & 0xffffffff)
		    if field.endswith("m"):
		        return "%04o" % (int(text, 8) & 0o777)
		    return "-" if field.endswith("z") and text == "0" else text
		for line in open("/proc/sysvipc/" + sys.argv[1]).readlines()[1:]:
		    print(" ".join(cell(line.split(), field) for field in sys.argv[2].split()))
	END
}

@test "a segment's row is what its maker asked for" {
	make_objects shm=0x1234,5000,0640
	id=$(made_id shm)
	try ipcls -m --raw -no REF,KEY,MODE,SIZE,ATT,UID,STATUS
	fine
	prints "shm:$id 0x00001234 0640 5000 0 0 -"
}

@test "every column of segments is what /proc/sysvipc/shm says" {
	hold shm=0,5000,0600 attach=2 touch=5000 detach shm=0xdeadbeef,1,0444 \
		shm=7,100000,0666 lock attach=1r shm=0,8192,0 attach=1 dest
	make_objects shm=0x7fffffff,4096,0777
	try ipcls -m --raw -no ID,KEY,MODE,SIZE,CPID,LPID,ATT,UID,GID,CUID,CGID,ATIME,DTIME,CTIME,RSS,SWAP
	fine
	prints "$(rows shm '2 1k 3m 4 5z 6z 7 8 9 10 11 12z 13z 14z 15 16')"
}

@test "every column of queues is what /proc/sysvipc/msg and ipcs say" {
	hold msg=0x99,0622 send=10 send=20 msg=0,0600 send=5 receive msg=0xfffffff0,0 qbytes=777
	try ipcls -q --raw -no ID,KEY,MODE,BYTES,MSGS,LSPID,LRPID,UID,GID,CUID,CGID,STIME,RTIME,CTIME
	fine
	prints "$(rows msg '2 1k 3m 4 5 6z 7z 8 9 10 11 12z 13z 14z')"
	try ipcls -q --raw -no MAX-BYTES
	fine
	prints "$(for id in $(ids msg); do ipcs -q -i "$id" | grep -o 'qbytes=[0-9]*'; done | cut -d= -f2)"
}

@test "every column of sets is what /proc/sysvipc/sem says" {
	hold sem=0x5,3,0600 op=0,1 sem=0,250,0640 set=249,7 sem=0x80000000,1,0
	try ipcls -s --raw -no ID,KEY,MODE,NSEMS,UID,GID,CUID,CGID,OTIME,CTIME
	fine
	prints "$(rows sem '2 1k 3m 4 5 6 7 8 9z 10z')"
}

@test "rss counts the pages that were touched" {
	page=$(getconf PAGESIZE)
	hold shm=0,$((10 * page)),0600 attach=1 touch=$((3 * page))
	try ipcls -m --raw -no SIZE,RSS,SWAP
	fine
	prints "$((10 * page)) $((3 * page)) 0"
}

@test "a segment of more than 4 GiB keeps its size" {
	make_objects shm=0,5368709121,010600
	try ipcls -m --raw -no SIZE,MODE
	fine
	prints "5368709121 0600"
	try ipcls -m -no SIZE
	is "$(xargs <<<"$output")" 5G
}

@test "status tells segments that are locked and that go with their last attachment" {
	hold shm=1,4096,0600 shm=2,4096,0600 attach=1 dest shm=3,4096,0600 lock \
		shm=4,4096,0600 lock attach=1 dest
	try ipcls -m --raw -no KEY,STATUS
	fine
	# the kernel makes a segment private once it is marked
	prints "0x00000001 -
0x00000000 dest
0x00000003 locked
0x00000000 dest,locked"
}

@test "attachments are counted as they come and go" {
	hold shm=0,4096,0600 attach=3
	try ipcls -m --raw -no ATT
	prints 3
	kill -9 "$holder"
	wait_until gone "$holder"
	try ipcls -m --raw -no ATT
	prints 0
}

@test "a queue is as full as its bytes are of what it may hold" {
	hold msg=0,0600 qbytes=1000 send=250
	try ipcls -q -no MSGS,BYTES,FULL
	fine
	is "$(xargs <<<"$output")" "1 250 25%"
	"$SUPPORT/make_objects" use=msg,"$(made_id msg)" send=750
	try ipcls -q --raw -no MSGS,BYTES,MAX-BYTES,FULL
	fine
	prints "2 1000 1000 100.0"
}

@test "threads that wait on a set are counted, for a rise and for zero" {
	hold sem=0,3,0600 set=1,5 wait=0,-1 wait=0,-2 wait=1,0 sem=0,1,0600
	try ipcls -s --raw -no REF,WAITING
	fine
	prints "sem:$(made_id sem) 3
sem:$(made_id sem 2) 0"
}

@test "a set that nobody has operated on is unused" {
	make_objects sem=1,1,0600 set=0,4 sem=2,1,0600 op=0,1
	try ipcls -s --raw -no KEY,STATUS
	fine
	prints "0x00000001 unused
0x00000002 -"
}

@test "--elements adds the values of every semaphore" {
	make_objects sem=0,4,0600 set=0,7 set=2,32767 set=3,1
	try ipcls -s --elements --raw -no REF,NSEMS
	fine
	prints "sem:$(made_id sem) 4 7,0,32767,1"
	try ipcls -s --elements
	fine
	has VALUES 7,0,32767,1
}

@test "the last operator of a set counts the others that operated on it" {
	make_objects sem=0,3,0600
	set=$(made_id sem)
	"$SUPPORT/make_objects" use=sem,$set op=0,1
	"$SUPPORT/make_objects" use=sem,$set op=1,1
	"$SUPPORT/make_objects" use=sem,$set op=2,1
	first=$(ipcs -s -i "$set" | awk '$1 == "0" { print $5 }')
	try ipcls -s --raw -no LPID,LAST-OPERATOR
	fine
	prints "$first ($first)+2"
}

@test "-a lists all kinds, segments first, then queues, then sets" {
	make_objects sem=0,1,0600 msg=0,0600 shm=0,1,0600
	try ipcls -a --raw -no REF
	fine
	prints "shm:$(made_id shm)
msg:$(made_id msg)
sem:$(made_id sem)"
}

@test "kinds alone list just those, and the long names are the same" {
	make_objects sem=0,1,0600 msg=0,0600 shm=0,1,0600
	for pair in "-m shm shmems" "-q msg queues" "-s sem semaphores"; do
		set -- $pair
		try ipcls "$1" --raw -no REF
		prints "$2:$(made_id "$2")"
		try ipcls "--$3" --raw -no REF
		prints "$2:$(made_id "$2")"
	done
	try ipcls -sm --raw -no REF
	prints "shm:$(made_id shm)
sem:$(made_id sem)"
}

@test "a kind without objects is its headings" {
	try ipcls -q
	fine
	[[ $output =~ ^REF\ +KEY\ +OWNER\ +MODE\ +MSGS\ +BYTES\ +FULL\ +SENDER\ +RECEIVER\ +IDLE$ ]]
	try ipcls -qn
	fine
	prints ""
}

@test "the default columns are those that were promised" {
	make_objects shm=0,1,0600 msg=0,0600 sem=0,1,0600
	try ipcls -m
	is "$(head -1 <<<"$output" | xargs)" "REF KEY OWNER MODE SIZE RSS ATT CREATOR IDLE STATUS"
	try ipcls -q
	is "$(head -1 <<<"$output" | xargs)" "REF KEY OWNER MODE MSGS BYTES FULL SENDER RECEIVER IDLE"
	try ipcls -s
	is "$(head -1 <<<"$output" | xargs)" "REF KEY OWNER MODE NSEMS WAITING LAST-OPERATOR IDLE STATUS"
}

@test "the times of segments, queues and sets are those of /proc" {
	hold shm=0,1,0600 attach=2 detach msg=0,0600 send=1 receive sem=0,1,0600 op=0,1
	shm=$(made_id shm) msg=$(made_id msg) sem=$(made_id sem)
	try ipcls -at --raw -n
	fine
	# the last word of each is how long it has been idle
	is "$(sed 's/ [0-9]*$//' <<<"$output")" \
		"shm:$shm root $(proc_field shm $shm 12) $(proc_field shm $shm 13) $(proc_field shm $shm 14)
msg:$msg root $(proc_field msg $msg 12) $(proc_field msg $msg 13) $(proc_field msg $msg 14)
sem:$sem root $(proc_field sem $sem 9) $(proc_field sem $sem 10)"
}

@test "idle is the time since the latest of an object's times" {
	make_objects shm=0,1,0600
	made_at=$(proc_field shm "$(made_id shm)" 14)
	before=$(date +%s)
	try ipcls -m --raw -no IDLE
	after=$(date +%s)
	fine
	[ "$output" -ge $((before - made_at)) ]
	[ "$output" -le $((after - made_at)) ]
	wait_until past "$after"
	# an attachment moves it back, a change of the mode as well
	"$SUPPORT/make_objects" use=shm,"$(made_id shm)" attach=1
	used_at=$(proc_field shm "$(made_id shm)" 13)
	try ipcls -m --raw -no IDLE
	[ "$output" -le $(($(date +%s) - used_at)) ]
}

@test "-p names the pids of creators and last operators" {
	hold shm=0,1,0600 attach=1 msg=0,0600 send=1 sem=0,1,0600 op=0,1 name=keeper
	try ipcls -ap --raw -n
	fine
	prints "shm:$(made_id shm) root $holder $holder keeper[$holder] keeper[$holder]
msg:$(made_id msg) root $holder - keeper[$holder] -
sem:$(made_id sem) root $holder keeper[$holder]"
}

@test "-c names the users and groups of creators and owners" {
	need_root
	made=$(as_nobody "$SUPPORT/make_objects" shm=0,1,0604)
	"$SUPPORT/make_objects" use=shm,"$(made_id shm)" chown=1
	user=$(getent passwd 65534 | cut -d: -f1) group=$(getent group 65534 | cut -d: -f1)
	try ipcls -mc --raw -no REF,MODE,CUSER,CGROUP,OWNER,GROUP
	fine
	prints "shm:$(made_id shm) 0604 $user $group $(getent passwd 1 | cut -d: -f1) $group"
	try ipcls -mc
	is "$(head -1 <<<"$output" | xargs)" "REF MODE CUSER CGROUP OWNER GROUP CREATOR"
}

@test "owners without a name are shown by number" {
	need_root
	make_objects shm=0,1,0600 chown=3999999999
	try ipcls -m --raw -no OWNER,UID
	fine
	prints "3999999999 3999999999"
}

@test "ids that no longer are small are listed in full" {
	echo 1234567 >/proc/sys/kernel/shm_next_id
	make_objects shm=0x77,4096,0600
	is "$(made_id shm)" 1234567
	try ipcls -m --raw -no REF,ID,KEY
	fine
	prints "shm:1234567 1234567 0x00000077"
	try ipcls shm:1234567 --raw -no KEY
	prints "0x00000077"
}

@test "a thousand segments with holes between are the ones that ipcs lists" {
	make_objects shms=1000,1,0600
	ipcs -m | awk '$2 ~ /^[0-9]+$/ && $2 % 3 == 1 { print "-m", $2 }' | xargs ipcrm
	try ipcls -m --raw -no ID
	fine
	is "$(sort -n <<<"$output")" "$(ipcs -m | awk '$2 ~ /^[0-9]+$/ { print $2 }' | sort -n)"
	[ "$(wc -l <<<"$output")" -gt 600 ]
}
