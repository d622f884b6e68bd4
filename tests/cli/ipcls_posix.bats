#!/usr/bin/env bats
# POSIX shared memory, queues and semaphores, against the program that made them, stat and the file
# systems they live on.

load private

setup() {
	start_empty
	rm -rf /dev/shm/*
	# for looking only: ipcls takes no notice of mounts elsewhere
	mkdir -p /mnt/mq
	mountpoint -q /mnt/mq || mount -t mqueue mqueue /mnt/mq
	rm -f /mnt/mq/*
}

# REF and these columns, one object a line.
rows() {
	ipcls --raw -n "$1" -o "REF,$2"
}

@test "shared memory has the size, the blocks, the owner and the times of its file" {
	need_root
	mkdir -p /dev/shm/deep/er
	head -c 5000 /dev/zero >/dev/shm/deep/er/file
	truncate -s 1M /dev/shm/hole
	printf x >/dev/shm/small
	chmod 0640 /dev/shm/hole
	chown 33:7 /dev/shm/small
	expected=$(for name in deep/er/file hole small; do
		stat -c "posix-shm:/$name %s %u %g 0%a %Y $(($(stat -c '%b * %B' "/dev/shm/$name")))" "/dev/shm/$name"
	done | sort)
	is "$(rows -M SIZE,UID,GID,MODE,MTIME,RSS | sort)" "$expected"
}

@test "a deleted file is there as long as somebody holds it" {
	exec 8<>/dev/shm/gone
	printf 0123456789 >&8
	is "$(rows -M SIZE,STATUS)" "posix-shm:/gone 10 -"
	identity="$(stat -c %d:%i /dev/shm/gone)"
	rm /dev/shm/gone
	try ipcls -MJ
	ends 0
	is "$(json '[(r["size"], r["status"]) for r in d["posix_shm"]]')" '[[10, ["deleted"]]]'
	ref=$(json 'd["posix_shm"][0]["ref"]')
	device=${identity%:*}
	is "$ref" "posix-shm:$((device >> 8)):$((device & 255)):${identity#*:}"
	try ipcls --raw -no SIZE "$ref"
	fine
	prints 10
	try ipcls --raw -no REF -M --deleted
	fine
	prints "$ref"
	exec 8>&-
	is "$(rows -M SIZE)" ""
}

@test "semaphores are told from memory, with their value and who waits" {
	hold_with hold_fds sem=/lock,0 sem=/room,7 shmopen=/data,4096
	is "$(rows -S VALUE,WAITERS | sort)" "posix-sem:/lock 0 0
posix-sem:/room 7 0"
	is "$(rows -M SIZE)" "posix-shm:/data 4096"
	python3 -c '
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.sem_open.restype = ctypes.c_void_p
libc.sem_wait.argtypes = [ctypes.c_void_p]
libc.sem_wait(libc.sem_open(b"/lock", 0))' 3>&- &
	waits() { [ "$(rows -S WAITERS,STATUS | grep /lock)" = "posix-sem:/lock 1 waited-on" ]; }
	wait_until waits
	try ipcls
	ends 0
	has "1 thread waits on 1 POSIX semaphore" "ipcls -S --sort WAITERS:desc"
}

@test "queues have the counts and limits of their maker" {
	hold_with hold_fds mq=/jobs,5,64,3 mq=/idle,2,100 mq=/full,2,10,2
	is "$(rows -Q MSGS,MAX-MSGS,MAX-SIZE,FULL,STATUS | sort)" "posix-mq:/full 2 2 10 100.0 full
posix-mq:/idle 0 2 100 0.0 empty
posix-mq:/jobs 3 5 64 60.0 -"
	try ipcls
	ends 0
	has "1 POSIX queue is full: mq_send waits" "ipcls -Q --sort FULL:desc"
}

@test "bytes and notification of a queue are looked at when asked for, and then only" {
	hold_with hold_fds mq=/jobs,5,64,3
	before=$(stat -c '%X %Z' /mnt/mq/jobs)
	wait_until past "$(date +%s)"
	try ipcls -QJ
	fine
	is "$(json '[d["posix_mq"][0][k] for k in ("messages", "bytes", "notify_pid", "unknown")]')" \
		'[3, null, null, {"bytes": "not asked for", "notify_pid": "not asked for"}]'
	try ipcls -Q
	fine
	is "$(stat -c '%X %Z' /mnt/mq/jobs)" "$before"
	for words in "-Q -o +BYTES" "-Q -o BYTES,NOTIFY-PID" posix-mq:/jobs; do
		try ipcls -J $words
		fine
		is "$(json 'd["posix_mq"][0]["bytes"], "unknown" in d["posix_mq"][0]')" '[192, false]'
	done
	is "$(rows -Q BYTES,NOTIFY-PID)" "posix-mq:/jobs 192 -"
}

@test "every JSON row has its keys, with their types" {
	hold_with hold_fds mq=/q,5,64 shmopen=/m,4096 sem=/s,1
	try ipcls -MQSJ
	fine
	common='"exact": "str", "gid": "int", "group": "str", "kind": "str"'
	types() { json '{k: type(v).__name__ for k, v in sorted(d["'"$1"'"][0].items())}'; }
	is "$(types posix_shm)" "{$common, \"mode\": \"str\", \"mtime\": \"int\", \"name\": \"str\", \"namespace\": \"int\", \"owner\": \"str\", \"ref\": \"str\", \"rss\": \"int\", \"size\": \"int\", \"status\": \"list\", \"uid\": \"int\"}"
	is "$(types posix_mq)" "{\"bytes\": \"NoneType\", $common, \"max_message_size\": \"int\", \"max_messages\": \"int\", \"messages\": \"int\", \"mode\": \"str\", \"name\": \"str\", \"namespace\": \"int\", \"notify_pid\": \"NoneType\", \"owner\": \"str\", \"ref\": \"str\", \"status\": \"list\", \"uid\": \"int\", \"unknown\": \"dict\"}"
	is "$(types posix_sem)" "{$common, \"mode\": \"str\", \"name\": \"str\", \"namespace\": \"int\", \"owner\": \"str\", \"ref\": \"str\", \"status\": \"list\", \"uid\": \"int\", \"value\": \"int\", \"waiters\": \"int\"}"
	is "$(json '[d[k][0]["namespace"] for k in ("posix_shm", "posix_mq", "posix_sem")]')" \
		"[$(stat -Lc %i /proc/self/ns/mnt), $(stat -Lc %i /proc/self/ns/ipc), $(stat -Lc %i /proc/self/ns/mnt)]"
}

@test "the overview counts them, and looks at no process for it" {
	hold_with hold_fds mq=/q,5,64,2 shmopen=/m,8192,8192 sem=/s,1
	printf x >/dev/shm/small
	try strace -f -qq -o "$BATS_TEST_TMPDIR/calls" -e trace=file,desc ipcls
	fine
	rows=$(awk '{ $1 = $1 } 1' <<<"$output")
	[[ $rows == *"posix-shm 2 - - 12K posix-shm:/m 8K"* ]] || show_failure "no row of posix-shm"
	[[ $rows == *"posix-mq 1 $(cat /proc/sys/fs/mqueue/queues_max) "*" posix-mq:/q 2 messages"* ]] ||
		show_failure "no row of posix-mq"
	[[ $rows == *"posix-sem 1 - - - -"* ]] || show_failure "no row of posix-sem"
	! grep -E '"(/proc/)?[0-9]+(/|")' "$BATS_TEST_TMPDIR/calls"
}

@test "default tables fit 80 columns on a terminal" {
	hold_with hold_fds name=fifteen-letters mq=/app-queue,10,8192,10 \
		shmopen=/app-memory,1073741823,8388608 sem=/app-lock,2147483647
	for words in -M -Q -S -Mt -Qt -St -Mp -Qp -Sp -Mc -Qc -Sc "--orphaned=likely -MQS" --holders; do
		try "$SUPPORT/terminal" 80 -- ipcls --color=never $words
		ends 0
		[ "${#lines[@]}" -ge 1 ]
		for line in "${lines[@]}"; do
			# the terminal shows complaints too
			[[ $line == ipcls:* ]] || [ "${#line}" -le 80 ] || show_failure "ipcls $words: wider than 80: $line"
		done
	done
}

@test "a name of hostile bytes is harmless, and its reference leads back" {
	name=$'a b\e[31m%@\\x\xff'
	printf x >"/dev/shm/$name"
	ref='posix-shm:/a\x20b\x1b[31m\x25\x40\x5cx\xff'
	is "$(ipcls -M --raw -no REF)" "$ref"
	for column in REF EXACT; do
		try ipcls --raw -no SIZE "$(ipcls -M --raw -no $column)"
		fine
		prints 1
	done
	try ipcls "$ref"
	ends 0
	lacks $'\e'
	try ipcls -MJ
	fine
	is "$(json 'ascii(d["posix_shm"][0]["name"])')" "'/a b\\x1b[31m%@\\\\x\\ufffd'"
	try ipckill "$ref"
	fine
	[ ! -e "/dev/shm/$name" ]
}

@test "what is named and missing, or not the same any more, is told" {
	printf x >/dev/shm/one
	exact=$(ipcls -M --raw -no EXACT)
	try ipcls "$exact"
	ends 0
	printf x >/dev/shm/two
	rm /dev/shm/one
	try ipcls -J posix-shm:/one posix-shm:/two posix-mq:/none posix-sem:/none
	ends 1
	is "$(json '[r["ref"] for r in d["posix_shm"]], d["posix_mq"], d["posix_sem"]')" '[["posix-shm:/two"], [], []]'
	[ "${#stderr_lines[@]}" -eq 3 ]
	printf x >/dev/shm/three # one more inode, so that the next one is another
	printf y >/dev/shm/one
	try ipcls "$exact"
	ends 1
	complains "posix-shm:/one%" "changed since it was listed"
	try ipckill "$exact"
	ends 1
	complains "changed since it was listed"
	[ -e /dev/shm/one ]
}

@test "lists without a kind have them, selections take them" {
	need_root
	hold_with hold_fds mq=/q,5,64 shmopen=/m,4096 sem=/s,1
	chown 902 /dev/shm/m /dev/shm/sem.s /mnt/mq/q
	all="posix-shm:/m
posix-mq:/q
posix-sem:/s"
	for words in -a "--owner 902" -MQS "--type posix-sem,posix-mq,posix-shm" "--unused-for 0" "--pid $holder --type posix-shm,posix-mq,posix-sem"; do
		try ipcls --raw -no REF $words
		fine
		prints "$all"
	done
	for words in "--owner 903" "--creator 902" "--key 5" -mqs "--pid 1 -MQS"; do
		try ipcls --raw -no REF $words
		ends 0
		prints ""
	done
	is "$(ipcls --raw -no REF --larger-than 4095)" posix-shm:/m
	is "$(ipcls --raw -no REF --larger-than 4096)" ""
}

@test "ipckill removes them, spares what is held, and leaves them to ipckill --all with their letter" {
	make_objects shm=0,1,0600
	hold_with hold_fds mq=/held,5,64 shmopen=/held,4096 sem=/held,1
	hold_with hold_fds mq=/free,5,64 shmopen=/free,4096 sem=/free,1
	kill -9 "$holder"
	wait_until gone "$holder"
	try ipckill --all -y
	fine
	is "$(ids shm)" ""
	is "$(ls /mnt/mq; ls /dev/shm)" "free
held
free
held
sem.free
sem.held"
	try ipckill -MQS --all -y
	ends 1
	prints "removed posix-shm:/free
removed posix-mq:/free
removed posix-sem:/free"
	for kind in shm mq sem; do
		[[ $stderr == *"posix-$kind:/held: refused: held by 1 process"* ]] || show_failure "nothing of posix-$kind"
	done
	is "$(ls /mnt/mq; ls /dev/shm)" "held
held
sem.held"
	try ipckill posix-shm:/held posix-mq:/held
	fine
	try ipckill -S --force --all -y
	fine
	is "$(ls /mnt/mq; ls /dev/shm)" ""
}

@test "without rights the rest is listed, and told is what is not" {
	need_root
	hold_with hold_fds shmopen=/m,4096 sem=/s,1 mq=/q,5,64
	try as_nobody ipcls -a --raw -no REF,MODE,HELD
	ends 0
	prints "posix-shm:/m 0600 ?
posix-sem:/s 0600 ?"
	[[ $stderr == *"posix-mq: "*"permission denied"* ]]
	[[ $stderr == *" processes could not be looked into: permission denied"* ]]
	is "${#stderr_lines[@]}" 2
	# asked for by name it is a failure
	try as_nobody ipcls -QJ
	ends 1
	is "$(json 'd')" '{"posix_mq": null}'
	try as_nobody ipcls -SJ
	ends 0
	is "$(json 'd["posix_sem"][0]["value"], d["posix_sem"][0]["unknown"]')" \
		'[null, {"value": "permission denied", "waiters": "permission denied"}]'
}
