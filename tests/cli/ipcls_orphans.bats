#!/usr/bin/env bats
# Which objects are left over, and on what evidence.  Each case makes real objects by real processes,
# ends some of them, and says what must be concluded.

load private

nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)

setup() {
	start_empty
	rm -rf /dev/shm/*
}

# The verdict on one object and the words that it rests on, at any age.  Words after the reference:
# what runs the command.
verdict() {
	local reference=$1
	shift
	output=$("$@" ipcls -J -o +ORPHAN,EVIDENCE --orphan-age 0 "$reference") || return
	json '"; ".join(" ".join([r["orphan"] or "no"] + r["evidence"]) for rows in d.values() for r in rows)'
}

# What is listed with these options, sorted, on one line.
listed() {
	output=$(ipcls -J "$@" 2>/dev/null) || return
	json '" ".join(sorted(r["ref"] for rows in d.values() for r in rows))'
}

# make_objects by the user nobody.
nobody_makes() {
	need_root
	made=$("${nobody[@]}" "$SUPPORT/make_objects" "$@")
}

# Start a command and wait until it has said "ready".  Its pid: $started; its output: $said.
start() {
	local out=$BATS_TEST_TMPDIR/said.$RANDOM
	"$@" >"$out" 3>&- &
	started=$!
	disown "$started"
	holders="$holders $started"
	until grep -qs '^ready$' "$out"; do
		kill -0 "$started" || return 1
	done
	said=$(cat "$out")
}

# A process that does something with POSIX objects by its own library's calls, and stays.
python_holds() {
	start python3 -u -c '
import ctypes, mmap, os, signal, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.sem_open.restype = ctypes.c_void_p
libc.sem_wait.argtypes = [ctypes.c_void_p]
def made(result):
    if result in (-1, None):
        raise OSError(ctypes.get_errno())
    return result
exec(sys.argv[1])
print("ready")
exec(sys.argv[2] if len(sys.argv) > 2 else "")
signal.pause()' "$@"
}

# The same, but it goes at once.
python_makes() {
	python_holds "$1"
	kill -9 "$started"
	wait_until gone "$started"
}

# A thread of the process is in this kernel function.
sleeps_in() {
	grep -qs "$2" /proc/"$1"/task/*/wchan
}

# ---- Segments ----

@test "a segment is proven when creator and last operator are dead" {
	make_objects shm=0,4096,0600 attach=1 detach
	id=$(made_id shm)
	is "$(verdict "shm:$id")" "proven unattached creator-dead operators-dead"
	is "$(listed --orphaned --orphan-age 0)" "shm:$id"
}

@test "a segment that was never attached is proven by its dead creator" {
	make_objects shm=0,4096,0600
	is "$(verdict "shm:$(made_id shm)")" "proven unattached creator-dead"
}

@test "a segment whose creator runs is none" {
	hold shm=0,4096,0600
	is "$(verdict "shm:$(made_id shm)")" "no unattached creator-runs"
	is "$(listed --orphaned=likely --orphan-age 0)" ""
}

@test "a segment whose last operator runs is none" {
	make_objects shm=0,4096,0600
	id=$(made_id shm)
	hold "use=shm,$id" attach=1 detach
	is "$(verdict "shm:$id")" "no unattached creator-dead operator-runs"
	kill -9 "$holder"
	wait_until gone "$holder"
	is "$(verdict "shm:$id")" "proven unattached creator-dead operators-dead"
}

@test "an attached segment is none, even of dead processes" {
	make_objects shm=0,4096,0600
	id=$(made_id shm)
	# the last to operate is a process that ended: who holds it inherited it
	hold "use=shm,$id" attach=1 fork
	kill -9 "$holder"
	wait_until gone "$holder"
	child=$(awk '$1 == "child" { print $2 }' <<<"$made")
	holders="$holders $child"
	kill -0 "$child"
	is "$(proc_field shm "$id" 7)" 1
	is "$(verdict "shm:$id")" "no creator-dead operators-dead held"
}

@test "a segment whose creator's pid bears another process now is likely at best" {
	make_objects shm=0,4096,0600 pid
	id=$(made_id shm)
	creator=$(awk '$1 == "pid" { print $2 }' <<<"$made")
	# objects keep whole seconds: only a start past the next one is certain to be later
	wait_until past $(($(proc_field shm "$id" 14) + 1))
	"$SUPPORT/with_pid" "$creator" sleep 1000 3>&- &
	holders="$holders $!"
	wait_until kill -0 "$creator"
	is "$(verdict "shm:$id")" "likely unattached creator-pid-reused"
	is "$(listed --orphaned --orphan-age 0)" ""
	is "$(listed --orphaned=likely --orphan-age 0)" "shm:$id"
}

@test "a segment that was used within the last minute is none, unless told" {
	make_objects shm=0,4096,0600
	id=$(made_id shm)
	is "$(listed --orphaned)" ""
	is "$(listed --orphaned --orphan-age 1h)" ""
	is "$(listed --orphaned --orphan-age 0)" "shm:$id"
	output=$(ipcls -J -o +ORPHAN,EVIDENCE "shm:$id")
	is "$(json 'd["shm"][0]["evidence"]')" '["unattached", "creator-dead", "recently-used"]'
	# seconds that pass make it one
	wait_until past $(($(proc_field shm "$id" 14) + 1))
	is "$(listed --orphaned --orphan-age 2)" "shm:$id"
}

@test "a segment made outside our pid namespace is likely at best" {
	make_objects shm=0,4096,0600 attach=1 detach
	id=$(made_id shm)
	inside=(unshare --pid --fork --mount-proc --kill-child)
	is "$("${inside[@]}" cat /proc/sysvipc/shm | awk -v id="$id" '$2 == id { print $5, $6 }')" "0 0"
	is "$(verdict "shm:$id" "${inside[@]}")" "likely unattached outside-pid-namespace"
	is "$(verdict "shm:$id")" "proven unattached creator-dead operators-dead"
}

# ---- Queues and sets ----

@test "a queue whose user has no process is likely, never proven" {
	nobody_makes msg=0,0600 send=5 receive
	id=$(made_id msg)
	is "$(verdict "msg:$id")" "likely operators-dead no-user-process inner-pid-namespace"
	is "$(listed --orphaned --orphan-age 0)" ""
	is "$(listed --orphaned=likely --orphan-age 0)" "msg:$id"
	is "$(listed --orphaned=likely)" ""
}

@test "a queue whose user has an older process is none" {
	need_root
	start "${nobody[@]}" sh -c 'echo ready; exec sleep 1000'
	nobody_makes msg=0,0600 send=5 receive
	id=$(made_id msg)
	is "$(verdict "msg:$id")" "no operators-dead inner-pid-namespace user-process"
	is "$(listed --orphaned=likely --orphan-age 0)" ""
	kill -9 "$started"
	wait_until gone "$started"
	is "$(verdict "msg:$id")" "likely operators-dead no-user-process inner-pid-namespace"
	# one that started later knows nothing of it
	wait_until past $(($(proc_field msg "$id" 14) + 1))
	start "${nobody[@]}" sh -c 'echo ready; exec sleep 1000'
	is "$(verdict "msg:$id")" "likely operators-dead no-user-process inner-pid-namespace"
}

@test "real, effective and saved user count alike" {
	need_root
	for ids in "65534, 0, 0" "0, 65534, 0" "0, 0, 65534"; do
		start python3 -u -c "
import os, signal
os.setresuid($ids)
print('ready')
signal.pause()"
		nobody_makes msg=0,0600
		is "$(verdict "msg:$(made_id msg)")" "no no-record inner-pid-namespace user-process"
		kill -9 "$started"
		wait_until gone "$started"
	done
}

@test "a queue of root, or made by root, cannot be told" {
	need_root
	make_objects msg=0,0600 send=5
	is "$(verdict "msg:$(made_id msg)")" "no operators-dead owner-root-unprovable inner-pid-namespace"
	make_objects msg=0,0600 chown=65534
	is "$(verdict "msg:$(made_id msg)")" \
		"no no-record owner-root-unprovable inner-pid-namespace"
}

@test "a queue whose sender runs is none" {
	need_root
	nobody_makes msg=0,0666 send=5
	id=$(made_id msg)
	hold "use=msg,$id" receive
	is "$(verdict "msg:$id")" "no no-user-process inner-pid-namespace operator-runs"
}

@test "a fresh unused queue of a running user is not listed" {
	need_root
	start "${nobody[@]}" sh -c 'echo ready; exec sleep 1000'
	nobody_makes msg=0,0600
	id=$(made_id msg)
	is "$(listed --orphaned=likely)" ""
	is "$(listed --orphaned=likely --orphan-age 0)" ""
	is "$(verdict "msg:$id")" "no no-record inner-pid-namespace user-process"
}

@test "a queue that a thread waits on is none" {
	need_root
	nobody_makes msg=0,0666
	id=$(made_id msg)
	start python3 -u -c '
import ctypes, signal, sys, threading
libc, id = ctypes.CDLL(None), int(sys.argv[1])
def receive():
    libc.msgrcv(id, ctypes.create_string_buffer(128), 100, 0, 0)
threading.Thread(target=receive, daemon=True).start()
print("ready")
signal.pause()' "$id"
	wait_until sleeps_in "$started" msgrcv
	is "$(verdict "msg:$id")" "no no-user-process no-record inner-pid-namespace waited-on"
	# another queue is not concerned
	nobody_makes msg=0,0666
	is "$(verdict "msg:$(made_id msg)")" "likely no-user-process no-record inner-pid-namespace"
	# a stopped thread waits on when it goes on
	kill -STOP "$started"
	wait_until sleeps_in "$started" stop
	is "$(verdict "msg:$id")" "no no-user-process no-record inner-pid-namespace waited-on"
}

@test "a set that a thread waits on is none" {
	need_root
	nobody_makes sem=0,1,0666
	id=$(made_id sem)
	hold "use=sem,$id" wait=0,-1
	is "$(verdict "sem:$id")" "no no-user-process no-record inner-pid-namespace waited-on"
}

@test "a set is none as long as the last operator of one of its semaphores runs" {
	need_root
	nobody_makes sem=0,3,0666 op=0,1 op=1,1
	id=$(made_id sem)
	hold "use=sem,$id" op=2,1
	is "$(verdict "sem:$id")" "no no-user-process inner-pid-namespace operator-runs"
	kill -9 "$holder"
	wait_until gone "$holder"
	is "$(verdict "sem:$id")" "likely operators-dead no-user-process inner-pid-namespace"
}

@test "a set whose id a daemon remembers is never proven" {
	# of root
	make_objects sem=0,1,0600 op=0,1
	root=$(made_id sem)
	start sh -c 'echo ready; exec sleep 1000' daemon "$root"
	is "$(verdict "sem:$root")" "no operators-dead owner-root-unprovable inner-pid-namespace"
	is "$(listed --orphaned=likely --orphan-age 0)" ""
	[ "$IPCKIT_ROOT" = 1 ] || return 0
	# of the user of the daemon
	start "${nobody[@]}" sh -c 'echo ready; exec sleep 1000' daemon "$root"
	nobody_makes sem=0,1,0666 op=0,1
	id=$(made_id sem)
	is "$(verdict "sem:$id")" "no operators-dead inner-pid-namespace user-process"
	kill -9 "$started"
	wait_until gone "$started"
	# of another one: nobody can know
	is "$(verdict "sem:$id")" "likely operators-dead no-user-process inner-pid-namespace"
	is "$(listed --orphaned --orphan-age 0)" ""
}

# ---- POSIX objects: from an inner pid namespace likely at best ----

@test "POSIX shared memory is left over when nobody has it open or maps it" {
	python_makes '
for name in "/free", "/open", "/mapped", "/private", "/deleted":
    fd = made(libc.shm_open(name.encode(), os.O_CREAT | os.O_RDWR, 0o600))
    os.ftruncate(fd, 4096)'
	python_holds 'fd = made(libc.shm_open(b"/open", os.O_RDONLY, 0))'
	python_holds '
fd = made(libc.shm_open(b"/mapped", os.O_RDWR, 0))
area = mmap.mmap(fd, 4096)
os.closerange(3, 100)'
	python_holds '
fd = made(libc.shm_open(b"/private", os.O_RDWR, 0))
area = mmap.mmap(fd, 4096, mmap.MAP_PRIVATE)
os.closerange(3, 100)'
	python_holds '
fd = made(libc.shm_open(b"/deleted", os.O_RDWR, 0))
area = mmap.mmap(fd, 4096)
made(libc.shm_unlink(b"/deleted"))
os.closerange(3, 100)'
	is "$(verdict posix-shm:/free)" "likely no-holder inner-pid-namespace"
	is "$(verdict posix-shm:/open)" "no held"
	is "$(verdict posix-shm:/mapped)" "no held"
	is "$(verdict posix-shm:/private)" "no held"
	is "$(listed --orphaned --orphan-age 0)" ""
	is "$(listed --orphaned=likely --orphan-age 0)" "posix-shm:/free"
	# the one without a name is there, and held; what is mapped without one only root may look at
	[ "$IPCKIT_ROOT" = 1 ] || return 0
	output=$(ipcls -M -J -o +ORPHAN,EVIDENCE --orphan-age 0)
	is "$(json '[[r["orphan"], r["evidence"]] for r in d["posix_shm"] if "deleted" in r["status"]]')" \
		'[[null, ["held"]]]'
}

@test "a named semaphore is left over when nobody has it open" {
	python_makes '
for name in b"/free", b"/open", b"/waited":
    made(libc.sem_open(name, os.O_CREAT, 0o600, 0))'
	python_holds 'made(libc.sem_open(b"/open", 0))'
	python_holds 'waited = made(libc.sem_open(b"/waited", 0))' 'libc.sem_wait(waited)'
	wait_until sleeps_in "$started" futex
	is "$(verdict posix-sem:/free)" "likely no-holder inner-pid-namespace"
	is "$(verdict posix-sem:/open)" "no held"
	is "$(verdict posix-sem:/waited)" "no held waited-on"
	is "$(listed --orphaned=likely --orphan-age 0)" "posix-sem:/free"
}

@test "a POSIX queue is left over when nobody has it open" {
	python_makes '
for name in b"/free", b"/open":
    made(libc.mq_open(name, os.O_CREAT | os.O_RDWR, 0o600, None))'
	python_holds 'made(libc.mq_open(b"/open", os.O_RDONLY))'
	is "$(verdict posix-mq:/free)" "likely no-holder inner-pid-namespace"
	is "$(verdict posix-mq:/open)" "no held"
	is "$(listed --orphaned=likely --orphan-age 0)" "posix-mq:/free"
	python_makes '
for name in b"/free", b"/open":
    made(libc.mq_unlink(name))'
	is "$(listed -Q)" ""
}

# ---- Who looks ----

@test "what cannot be inspected is said, and prevents the verdict" {
	need_root
	make_objects shm=0,4096,0644 attach=1 detach msg=0,0644 sem=0,1,0600
	shm=$(made_id shm) msg=$(made_id msg) sem=$(made_id sem)
	: >/dev/shm/free
	is "$(verdict "shm:$shm" "${nobody[@]}")" "proven unattached creator-dead operators-dead"
	# made by root: that is enough for "no", but it is not all that is to be said
	is "$(verdict "msg:$msg" "${nobody[@]}")" \
		"no no-record owner-root-unprovable not-all-inspected inner-pid-namespace"
	is "$(verdict "sem:$sem" "${nobody[@]}")" \
		"no owner-root-unprovable not-all-inspected inner-pid-namespace"
	is "$(verdict posix-shm:/free "${nobody[@]}")" "no no-holder not-all-inspected inner-pid-namespace"
	try "${nobody[@]}" ipcls -m -q -s -M -S --orphaned=likely --orphan-age 0 -no REF
	ends 0
	prints "shm:$shm"
	[[ $stderr == *" processes could not be looked into: permission denied"* ]] || show_failure "silent"
}

@test "the set of a user without processes is likely to every user who may read it" {
	need_root
	made=$(setpriv --reuid=61234 --regid=61234 --clear-groups "$SUPPORT/make_objects" sem=0,1,0644 op=0,1 msg=0,0644)
	sem=$(made_id sem) msg=$(made_id msg)
	is "$(verdict "sem:$sem" "${nobody[@]}")" "likely operators-dead no-user-process inner-pid-namespace"
	# but whether root's threads wait on a queue cannot be seen by all
	is "$(verdict "msg:$msg" "${nobody[@]}")" \
		"no no-user-process no-record not-all-inspected inner-pid-namespace"
	is "$(verdict "msg:$msg")" "likely no-user-process no-record inner-pid-namespace"
	try "${nobody[@]}" ipcls -q --orphaned=likely --orphan-age 0
	ends 0
	lacks "msg:$msg"
	[[ $stderr == *" processes could not be looked into: permission denied"* ]] || show_failure "silent"
	try "${nobody[@]}" ipcls -s --orphaned=likely --orphan-age 0
	ends 0
	has "sem:$sem"
	[[ $stderr != *"could not be looked into"* ]] || show_failure "it needs no such look"
}

@test "a /proc that hides processes prevents the verdict" {
	need_root
	made=$(setpriv --reuid=61234 --regid=61234 --clear-groups "$SUPPORT/make_objects" sem=0,1,0644 op=0,1)
	sem=$(made_id sem)
	: >/dev/shm/free
	hiding=(mounted 'mount -t proc -o hidepid=2 proc /proc' "${nobody[@]}")
	is "$(verdict "sem:$sem" "${hiding[@]}")" \
		"no operators-dead not-all-inspected inner-pid-namespace"
	is "$(verdict posix-shm:/free "${hiding[@]}")" \
		"no no-holder not-all-inspected inner-pid-namespace"
	# not from those whom it shows all
	is "$(verdict "sem:$sem" mounted 'mount -t proc -o hidepid=2 proc /proc')" \
		"likely operators-dead no-user-process inner-pid-namespace"
	# a creator that is hidden is there all the same
	hold shm=0,4096,0644
	is "$(verdict "shm:$(made_id shm)" "${hiding[@]}")" "no unattached creator-runs"
}

# ---- What comes of it ----

@test "what is removed is exactly what is proven" {
	make_objects shm=0,4096,0600 attach=1 detach shm=0,4096,0600 msg=0,0600 sem=0,1,0600
	proven="shm:$(made_id shm 1) shm:$(made_id shm 2)"
	hold shm=0,4096,0600 attach=1 shm=0,4096,0600
	kept="$(made_id shm 1) $(made_id shm 2)"
	: >/dev/shm/free
	is "$(ipcls --orphaned --orphan-age 0 -no REF --raw | sort | paste -sd' ')" "$proven"
	ipcls --orphaned --orphan-age 0 -no EXACT | ipckill -y -
	is "$(ids shm)" "$kept"
	[ "$(ids msg | wc -w)" = 1 ] && [ "$(ids sem | wc -w)" = 1 ] && [ -e /dev/shm/free ]
}

@test "the columns say in text what the JSON says" {
	make_objects shm=0,4096,0600 attach=1 detach
	dead=$(made_id shm)
	hold shm=0,4096,0600
	live=$(made_id shm)
	try ipcls -m -no REF,ORPHAN,EVIDENCE --raw --orphan-age 0
	fine
	has "shm:$dead proven unattached,creator-dead,operators-dead" \
		"shm:$live no unattached,creator-runs"
}
