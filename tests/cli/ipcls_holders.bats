#!/usr/bin/env bats
# Who holds what: against /proc/PID/maps and fd, fuser, and the programs that hold.

load private

setup() {
	start_empty
	rm -rf /dev/shm/*
}

# Areas of a segment by the kernel's text: PID ADDRESS BYTES ACCESS, sorted.
areas() {
	python3 -c '
import glob, sys
for path in glob.glob("/proc/[0-9]*/maps"):
    try:
        lines = open(path).read().splitlines()
    except OSError:
        continue
    for line in lines:
        fields = line.split()
        if len(fields) > 5 and fields[5].startswith("/SYSV") and fields[4] == sys.argv[1]:
            start, end = (int(part, 16) for part in fields[0].split("-"))
            print(path.split("/")[2], hex(start), end - start, fields[1][:2].replace("-", ""))' "$1" | sort
}

held() {
	ipcls --holders --raw -no PID,ADDRESS,BYTES,ACCESS "$@" | sort
}

@test "the holders of a segment are those of /proc/PID/maps, area by area" {
	hold name=first shm=0x11,12345,0600 attach=3
	id=$(made_id shm)
	hold name=second use=shm,$id attach=1r fork attach=1
	holders="$holders $(awk '$1 == "child" { print $2 }' <<<"$made")"
	make_objects shm=0x12,4096,0600
	[ "$(areas "$id" | wc -l)" -eq 6 ]
	is "$(held shm:$id)" "$(areas "$id")"
	is "$(held -m)" "$(areas "$id")"
	is "$(ipcls --raw -no HELD shm:$id)" 3
	try ipcls --holders shm:$id
	fine
	has first second
}

@test "a segment that is marked for removal still has its holders" {
	hold shm=0x11,4096,0600 attach=1 dest
	id=$(made_id shm)
	is "$(held -m --deleted)" "$(areas "$id")"
	is "$(held shm:$id | wc -l)" 1
}

@test "who has POSIX shared memory open is who fuser finds, with the flags" {
	hold_with hold_fds name=holder shmopen=/m,8192,8192 mq=/q,5,64 flags=nonblock,cloexec sem=/s,1
	is "$(held posix-shm:/m | cut -d' ' -f1 | sort -u)" "$(fuser /dev/shm/m 2>/dev/null | tr -d ' m')"
	try ipcls --holders --raw -no COMMAND,HOW,ACCESS,FD,FLAGS posix-mq:/q
	fine
	prints "holder fd rw $(awk '$1 == "posix-mq" { print $3 }' <<<"$made") nonblock,cloexec"
	try ipcls --holders --raw -no REF,COMMAND,HOW,ACCESS,ADDRESS,BYTES posix-sem:/s
	fine
	page=$(getconf PAGESIZE)
	address=0x$(awk -F- '/sem\./ { print $1 }' "/proc/$holder/maps" | sed 's/^0*//')
	prints "posix-sem:/s holder map rw $address $page"
}

@test "what nobody holds is listed when it is named" {
	make_objects shm=0x11,4096,0600
	printf x >/dev/shm/m
	hold shm=0x12,4096,0600 attach=1
	try ipcls --holders --raw -no REF,PID
	fine
	prints "shm:$(made_id shm) $holder"
	free=$(ipcls -m --raw -no REF --unattached)
	try ipcls --holders --raw -no REF,PID,COMMAND,FD "$free" posix-shm:/m "shm:$(made_id shm)"
	fine
	prints "$free - nobody -
posix-shm:/m - nobody -
shm:$(made_id shm) $holder make_objects -"
	try ipcls "$free"
	fine
	has "Nobody holds it."
}

@test "queues and sets have no holders to see, and that is said" {
	make_objects msg=0,0600 sem=0,1,0600 shm=0,1,0600
	try ipcls --holders -q
	ends 0
	complains "message queues: the kernel does not record who uses them"
	try ipcls --holders --raw -n "sem:$(made_id sem)" "shm:$(made_id shm)"
	ends 0
	complains "semaphore sets: the kernel does not record who uses them"
	has "shm:$(made_id shm) - "
	lacks "sem:"
}

@test "JSON has the holders in the rows of their objects" {
	hold_with hold_fds name=$'ho"ld\xff' shmopen=/m,8192,8192 flags=nonblock
	try ipcls --holders -J
	fine
	is "$(json 'list(d)')" '["shm", "posix_shm", "posix_mq", "posix_sem"]'
	address=0x$(awk -F- '/\/dev\/shm\/m$/ { print $1 }' "/proc/$holder/maps" | sed 's/^0*//')
	fd=$(awk '$1 == "posix-shm" { print $3 }' <<<"$made")
	is "$(json '[{k: v for k, v in h.items()} for h in d["posix_shm"][0]["holders"]]')" \
		"$(python3 -c '
import json, sys
pid, fd, address = sys.argv[1:]
common = {"pid": int(pid), "tid": None, "command": "ho\"ld\ufffd", "uid": 0}
print(json.dumps([
    {**common, "how": "map", "fd": None, "address": address, "bytes": 8192, "access": "rw", "flags": [], "container": None},
    {**common, "how": "fd", "fd": int(fd), "address": None, "bytes": None, "access": "rw", "flags": ["nonblock", "cloexec"], "container": None}]))' \
			"$holder" "$fd" "$address")"
	try ipcls -J --holders posix-shm:/m
	fine
	is "$(json 'len(d["posix_shm"][0]["holders"])')" 2
}

@test "the page of an object ends with its holders and the verdict on it" {
	hold name=first shm=0x11,4096,0600 attach=2
	id=$(made_id shm)
	try ipcls shm:$id
	fine
	[[ $output =~ ORPHAN\ +no ]] && [[ $output =~ EVIDENCE\ +creator-runs,operator-runs,held ]]
	is "$(awk '$1 == pid' pid="$holder" <<<"$output" | awk '{ print $1, $6 }' | sort)" "$(areas "$id" | cut -d' ' -f1,2)"
}

@test "--pid lists what a process uses, and nothing else" {
	hold_with hold_fds pipe=5 memfd=mine,4096 shmopen=/other,4096
	hold_with hold_fds pipe=5 eventfd=3 socketpair memfd=mine,4096 shmopen=/m,4096 mq=/q,5,64 sem=/s,1 epoll
	expected=$(awk '$1 ~ /^(pipe|unix|eventfd|memfd)$/ { print $1 ":" $2 }
		$1 == "epoll" { print $1 ":" $2 ":" $3 }' <<<"$made"; echo posix-shm:/m; echo posix-mq:/q; echo posix-sem:/s)
	# its standard streams are those of the tests
	streams=$(readlink /proc/$$/fd/* /proc/$BASHPID/fd/* /proc/$holder/fd/[012] |
		sed -n 's/^\(pipe\|socket\):\[\(.*\)\]$/\1:\2/p' | sed 's/^socket/unix/' | sort -u)
	try ipcls --pid "$holder" --raw -no REF
	ends 0
	is "$(grep -vxF "${streams:-none}" <<<"$output" | grep -v ^mmap: | sort)" "$(sort <<<"$expected")"
	hold msg=0x1,0600 send=10 sem=0x1,2,0600 op=1,1 shm=0x1,4096,0600 attach=1
	try ipcls --pid "$holder" --raw -no REF -mqs
	fine
	prints "shm:$(made_id shm)
msg:$(made_id msg)
sem:$(made_id sem)"
	try ipcls --pid 4194303 --raw -no REF -mqsMQS
	ends 1
	complains "pid 4194303: no such process"
	prints ""
}

@test "--pid shows no empty tables, unless their kinds are asked for" {
	hold shm=0x1,4096,0600 attach=1
	try ipcls --pid "$holder" -o REF
	ends 0
	is "$(grep -c ^REF <<<"$output")" "$(grep -c . <<<"$(grep -A1 ^REF <<<"$output" | grep -v -e ^REF -e --)")"
	try ipcls --pid "$holder" -q
	fine
	is "${lines[0]%% *}" REF
}

@test "columns, order and formats of --holders are its own" {
	hold name=b shm=0x1,4096,0600 attach=1
	shm=shm:$(made_id shm)
	hold name=a "use=shm,${shm#*:}" attach=1
	try ipcls --holders --list-columns
	fine
	while read -r column _; do
		try ipcls --holders --raw -no "$column" "$shm"
		fine
		[ "${#lines[@]}" -eq 2 ]
	done < <(ipcls --holders --list-columns | tail -n +2)
	is "$(ipcls --holders --raw -no COMMAND --sort COMMAND)" "a
b"
	is "$(ipcls --holders --raw -no COMMAND --sort COMMAND:desc)" "b
a"
	try ipcls --holders -o KEY
	ends 2
	complains "KEY: no such column"
	try ipcls --holders -J -o KEY,HELD
	fine
	is "$(json 'd["shm"][0]["key"], d["shm"][0]["held"]')" '["0x00000001", 2]'
	try ipcls --holders --export -o PID,HOW
	fine
	is "$(sort <<<"$output" | tail -n 1)" "PID=\"$holder\" HOW=\"map\""
}

@test "who may not look is told so, and takes nobody for nothing" {
	need_root
	hold shm=0x11,4096,0644 attach=1
	printf x >/dev/shm/m
	chmod 644 /dev/shm/m
	try as_nobody ipcls --holders --raw -no REF,COMMAND "shm:$(made_id shm)" posix-shm:/m
	ends 0
	prints "shm:$(made_id shm) ?
posix-shm:/m ?"
	complains " processes could not be looked into: permission denied; root would see them"
	try as_nobody ipcls -MJ -o +HELD
	ends 0
	is "$(json 'd["posix_shm"][0]["held"], d["posix_shm"][0]["unknown"]')" '[null, {"held": "permission denied"}]'
	complains " processes could not be looked into"
	try as_nobody ipcls "shm:$(made_id shm)"
	ends 0
	has "Nobody that could be seen holds it."
	# a plain list of segments looks at no process
	try as_nobody ipcls -m
	fine
}

@test "hidepid is told" {
	need_root
	hold shm=0x11,4096,0644 attach=1
	try mounted 'mount -o remount,hidepid=2 /proc' setpriv --reuid=65534 --regid=65534 --clear-groups \
		ipcls --holders
	ends 0
	[[ $stderr == *"hidepid"* ]] || show_failure "nothing of hidepid"
}

# Run a Python program until it prints "ready", and let it hold what it made.
hold_python() {
	local out=$BATS_TEST_TMPDIR/python.$RANDOM
	python3 -c "$@" >"$out" 3>&- &
	holder=$!
	disown "$holder"
	holders="$holders $holder"
	until grep -qs '^ready$' "$out"; do
		kill -0 "$holder" || return 1
	done
}

# Threads with descriptors of their own that open what is named; the first thread stays open, has
# all of its own closed, or has ended.
hold_in_threads() {
	hold_python '
import ctypes, os, sys, threading
libc = ctypes.CDLL(None)
done = threading.Semaphore(0)
def work(name):
    libc.unshare(0x400)
    os.open("/dev/shm/" + name, os.O_RDWR | os.O_CREAT, 0o600)
    done.release()
    libc.pause()
libc.shmat(libc.shmget(0x11, 4096, 0o1600), None, 0)
for name in sys.argv[2:]:
    threading.Thread(target=work, args=(name,), daemon=True).start()
    done.acquire()
print("ready", flush=True)
if sys.argv[1] == "closed":
    os.closerange(0, 256)
elif sys.argv[1] == "ended":
    libc.syscall(60 if os.uname().machine == "x86_64" else 93, 0) # exit of the thread
while True:
    libc.pause()' "$@"
	if [ "$1" = ended ]; then
		until grep -q '^State:.Z' "/proc/$holder/status"; do :; done
	elif [ "$1" = closed ]; then
		until [ -z "$(ls "/proc/$holder/fd")" ]; do :; done
	fi
}

@test "threads hold what they opened on their own, whatever became of the first one" {
	need_root
	for state in open closed ended; do
		hold_in_threads "$state" "$state-a" "$state-b"
		is "$(ipcls --raw -no HELD posix-shm:/$state-a)" 1
		is "$(ipcls --raw -no HELD posix-shm:/$state-b)" 1
	done
}

@test "a process whose first thread has ended still holds its segments" {
	hold_in_threads ended x
	is "$(ipcls --holders --raw -no PID,ACCESS shm:key=0x11)" "$holder rw"
	is "$(ipcls -m --pid "$holder" --raw -no KEY)" 0x00000011
}

@test "a private mapping of POSIX memory holds it" {
	hold_python '
import ctypes, os
libc = ctypes.CDLL(None)
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int,
                      ctypes.c_long]
fd = os.open("/dev/shm/p", os.O_RDWR | os.O_CREAT, 0o600)
os.ftruncate(fd, 4096)
libc.mmap(None, 4096, 1, 2, fd, 0)
os.close(fd)
print("ready", flush=True)
libc.pause()'
	is "$(ipcls --raw -no HELD posix-shm:/p)" 1
	is "$(ipcls --holders --raw -no PID,HOW,FLAGS posix-shm:/p)" "$holder map private"
}
