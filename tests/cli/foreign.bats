#!/usr/bin/env bats
# Objects of other namespaces: listed by -N, named by @, held by their own processes only, and
# removed where they are.  The truth is what make_objects says that made them, and ipcs run inside.

load private

# Start make_objects in an IPC and mount namespace of its own, with an empty /dev/shm of its own; its
# first segment gets this id: hold_elsewhere ID WORD...  $made, $holder as hold() has them; $there is
# its IPC namespace, $there_mount that of its mounts.
hold_elsewhere() {
	local out=$BATS_TEST_TMPDIR/elsewhere.$RANDOM id=$1
	shift
	unshare --ipc --mount sh -c 'mount -t tmpfs tmpfs /dev/shm && echo '"$id"' >/proc/sys/kernel/shm_next_id &&
		exec "$@"' sh "$SUPPORT/make_objects" "$@" hold >"$out" 3>&- &
	holder=$!
	disown "$holder"
	holders="$holders $holder"
	wait_until grep -qs '^ready$' "$out"
	made=$(cat "$out")
	there=$(stat -L -c %i "/proc/$holder/ns/ipc")
	there_mount=$(stat -L -c %i "/proc/$holder/ns/mnt")
}

inside() {
	nsenter --ipc --mount --target "$holder" "$@"
}

# Ours and theirs: the same id, another key and size.
two_with_one_id() {
	make_objects shm=0x11,100,0600 msg=0x11,0600 sem=0x11,2,0600
	ours=$(made_id shm)
	our_queue=$(made_id msg)
	hold_elsewhere "$ours" shm=0x22,200,0600 attach=1 msg=0x22,0600 send=7 sem=0x22,3,0600 set=0,5
	theirs=$(made_id shm)
	is "$theirs" "$ours"
}

@test "-N all lists the objects of every namespace, told apart by their references" {
	need_root
	two_with_one_id
	try ipcls -N all -m --raw -no REF,KEY,SIZE,ATT,NAMESPACE
	fine
	is "$(sort <<<"$output")" "$(sort <<END
shm:$ours 0x00000011 100 0 $(stat -L -c %i /proc/self/ns/ipc)
shm:$theirs@$there 0x00000022 200 1 $there
END
	)"
}

@test "-N takes a process or the inode of its namespace" {
	need_root
	two_with_one_id
	for where in "$holder" "$there"; do
		try ipcls -N "$where" -msq --raw -no REF,KEY
		fine
		is "$output" "shm:$theirs@$there 0x00000022
msg:$(made_id msg)@$there 0x00000022
sem:$(made_id sem)@$there 0x00000022"
	done
	try ipcls -N 4294967295 -m
	ends 1
	complains "4294967295"
	try ipcls -N 99999999999999999999 -m
	ends 2
}

@test "a reference with @ leads into its namespace" {
	need_root
	two_with_one_id
	try ipcls "shm:$theirs@$there" --raw -no KEY,SIZE
	fine
	prints "0x00000022 200"
	try ipcls "shm:key=0x22@$there" --raw -no SIZE
	fine
	prints "200"
	try ipcls "sem:$(made_id sem)@$there" -J
	fine
	is "$(json '[s["value"] for s in d["sem"][0]["semaphores"]]')" "[5, 0, 0]"
	try ipcls "shm:$theirs@$there"
	fine
	has "shm:$theirs@$there" "200" "make_objects"
	try ipcls "shm:$ours@4026531000" -n
	ends 1
	complains "namespace"
}

# "KEY PID PID ..." of each segment, as a line: who holds it.
held() {
	json '"\n".join(" ".join([s["key"]] + sorted({str(h["pid"]) for h in s["holders"]})) for s in d["shm"])'
}

@test "the holders of one id are those of its own namespace" {
	need_root
	make_objects shm=0x11,100,0600
	first=$(made_id shm)
	hold use=shm,"$first" attach=2
	mine=$holder
	hold_elsewhere "$first" shm=0x22,200,0600 attach=1
	is "$(made_id shm)" "$first"
	try ipcls -N all -m -J --holders
	fine
	is "$(held)" "0x00000011 $mine
0x00000022 $holder"
	try ipcls -m -J --holders
	fine
	is "$(held)" "0x00000011 $mine"
	try ipcls "shm:$first@$there" -J --holders
	fine
	is "$(held)" "0x00000022 $holder"
}

@test "POSIX shared memory and semaphores are found by the mount namespace of a process" {
	need_root
	two_with_one_id
	echo theirs | inside tee /dev/shm/there >/dev/null
	echo ours >/dev/shm/here
	try ipcls -N all -M --raw -no REF
	fine
	is "$(sort <<<"$output")" "posix-shm:/here
posix-shm:/there@$there_mount"
	try ipcls "posix-shm:/there@$there_mount" --raw -no SIZE
	fine
	prints 7
}

@test "ipckill removes an object where it is, and nothing here" {
	need_root
	two_with_one_id
	try ipckill "msg:$(made_id msg)@$there"
	fine
	is "$(inside ipcs -q | grep -c 0x00000022)" 0
	is "$(ids msg)" "$our_queue"
	try ipckill "sem:key=0x22@$there"
	fine
	is "$(inside ipcs -s | grep -c 0x00000022)" 0
	is "$(ipcs -s | grep -c 0x00000011)" 1
	echo x | inside tee /dev/shm/there >/dev/null
	echo x >/dev/shm/there
	try ipckill "posix-shm:/there@$there_mount"
	fine
	inside test ! -e /dev/shm/there
	[ -e /dev/shm/there ]
}

@test "an exact list of another namespace acts there" {
	need_root
	two_with_one_id
	ipcls -N "$holder" -q -no EXACT >"$BATS_TEST_TMPDIR/list"
	try ipckill -y - <"$BATS_TEST_TMPDIR/list"
	fine
	is "$(inside ipcs -q | grep -c 0x00000022)" 0
	is "$(ipcs -q | grep -c 0x00000011)" 1
}

@test "owners of a user namespace are shown by the host's ids" {
	need_root
	out=$BATS_TEST_TMPDIR/mapped
	setpriv --reuid=65534 --regid=65534 --clear-groups unshare --user --map-root-user --ipc \
		"$SUPPORT/make_objects" shm=0x44,100,0600 hold >"$out" 3>&- &
	holder=$!
	disown "$holder"
	holders="$holders $holder"
	wait_until grep -qs '^ready$' "$out"
	try ipcls -N "$holder" -m --raw -no UID,CUID
	fine
	prints "65534 65534"
}

@test "an ordinary user is told what it could not enter" {
	need_root
	two_with_one_id
	try as_nobody ipcls -N all -m --raw -no REF
	ends 0
	prints "shm:$ours"
	complains "namespace"
	try as_nobody ipcls "shm:$theirs@$there"
	ends 1
}
