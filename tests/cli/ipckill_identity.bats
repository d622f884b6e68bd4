#!/usr/bin/env bats
# Identity: an exact reference removes the very object that was listed, or nothing.

load private

exact() {
	ipcls --raw -no EXACT "$1"
}

refused() {
	ends 1
	complains "refused" "changed since it was listed"
	prints ""
}

@test "an exact reference removes its object" {
	make_objects shm=1,1,0600 msg=1,0600 sem=1,1,0600 shm=0,1,0600
	for kind in shm msg sem; do
		try ipckill "$(exact $kind:"$(made_id $kind)")"
		fine
		prints "removed $kind:$(made_id $kind)"
	done
	is "$(ids shm)/$(ids msg)/$(ids sem)" "$(made_id shm 2)//"
}

@test "a segment or queue that was changed since is refused" {
	make_objects shm=1,1,0600 msg=1,0600
	shm=$(exact shm:"$(made_id shm)") msg=$(exact msg:"$(made_id msg)")
	wait_until past "$(proc_field msg "$(made_id msg)" 14)"
	"$SUPPORT/make_objects" use=shm,"$(made_id shm)" chmod=0640 use=msg,"$(made_id msg)" qbytes=100
	for ref in "$shm" "$msg"; do
		try ipckill "$ref"
		refused
		try ipckill -y - <<<"$ref"
		refused
	done
	is "$(ids shm)/$(ids msg)" "$(made_id shm)/$(made_id msg)"
}

@test "use does not change an object: attached, sent to, operated on, it is still the one" {
	make_objects shm=1,1,0600 msg=1,0600 sem=1,2,0600
	list=$(for kind in shm msg sem; do exact $kind:"$(made_id $kind)"; done)
	wait_until past "$(proc_field sem "$(made_id sem)" 10)"
	"$SUPPORT/make_objects" use=shm,"$(made_id shm)" attach=1 use=msg,"$(made_id msg)" send=3 use=sem,"$(made_id sem)" \
		op=0,1 set=1,7
	# SETVAL moved the set's ctime, which is no part of its identity
	[ "$(proc_field sem "$(made_id sem)" 10)" -gt "$(proc_field shm "$(made_id shm)" 14)" ]
	try ipckill -y - <<<"$list"
	fine
	is "$(ids shm)/$(ids msg)/$(ids sem)" "//"
}

@test "an id that another object bears by now is refused" {
	make_objects shm=0x11,1,0600 msg=0x12,0600 sem=0x13,1,0600
	for kind in shm msg sem; do
		id=$(made_id $kind)
		ref=$(exact "$kind:$id")
		ipcrm --$([ $kind = shm ] && echo shmem || { [ $kind = msg ] && echo queue || echo semaphore; })-id "$id"
		echo "$id" >/proc/sys/kernel/${kind}_next_id
		case $kind in
		shm) again=$("$SUPPORT/make_objects" shm=0x21,1,0600) ;;
		msg) again=$("$SUPPORT/make_objects" msg=0x22,0600) ;;
		sem) again=$("$SUPPORT/make_objects" sem=0x23,1,0600) ;;
		esac
		is "$again" "$kind $id"
		try ipckill "$ref"
		refused
		try ipckill --dry-run "$ref"
		refused
		is "$(ids $kind)" "$id"
	done
}

@test "the same key and id made again is another object once the second has passed" {
	make_objects shm=0x11,1,0600
	id=$(made_id shm) at=$(proc_field shm "$(made_id shm)" 14)
	ref=$(exact shm:"$id")
	ipcrm -m "$id"
	wait_until past "$at"
	echo "$id" >/proc/sys/kernel/shm_next_id
	is "$("$SUPPORT/make_objects" shm=0x11,1,0600)" "shm $id"
	try ipckill "$ref"
	refused
	is "$(ids shm)" "$id"
}

@test "a set that another user made under the same key and id is refused" {
	need_root
	make_objects sem=0x13,1,0600
	id=$(made_id sem)
	ref=$(exact sem:"$id")
	ipcrm -s "$id"
	echo "$id" >/proc/sys/kernel/sem_next_id
	is "$(as_nobody "$SUPPORT/make_objects" sem=0x13,1,0600)" "sem $id"
	try ipckill "$ref"
	refused
	is "$(ids sem)" "$id"
}

@test "an object that is gone by now is missing, not refused" {
	make_objects shm=0x11,1,0600
	ref=$(exact shm:"$(made_id shm)")
	ipcrm -m "$(made_id shm)"
	try ipckill "$ref"
	ends 1
	complains "no such object"
}

@test "an object of another IPC namespace is refused, though ids and keys are the same" {
	make_objects shm=0x11,1,0600
	id=$(made_id shm)
	ref=$(exact shm:"$id")
	other=$(unshare --ipc sh -c '"$0" shm=0x11,1,0600 >/dev/null; ipcls --raw -no EXACT shm:key=0x11' "$SUPPORT/make_objects")
	is "${other%%\%*}" "shm:0"
	[ "${other##*.}" != "${ref##*.}" ]
	try ipckill "$other"
	ends 1
	complains "in another namespace"
	try ipckill "shm:$id@4026531839"
	ends 1
	complains "in another namespace"
	# and ours from in there
	try unshare --ipc sh -c '"$0" shm=0x11,1,0600 >/dev/null; ipckill "$1"; status=$?; ipcs -m | grep -c 0x00000011; exit $status' \
		"$SUPPORT/make_objects" "$ref"
	ends 1
	prints 1
	is "$(ids shm)" "$id"
}

@test "a question that was answered late does not remove what was changed meanwhile" {
	make_objects shm=0x11,1,0600
	id=$(made_id shm)
	mkfifo "$BATS_TEST_TMPDIR/answer"
	wait_until past "$(proc_field shm "$id" 14)"
	# the question is up while the object changes
	"$SUPPORT/terminal" 80 "@$BATS_TEST_TMPDIR/answer" -- sh -c 'ipckill -i "$1"; echo "status $?"' sh shm:"$id" \
		>"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- &
	holders="$holders $!"
	disown "$!"
	wait_until grep -q 'y/N' "$BATS_TEST_TMPDIR/out"
	"$SUPPORT/make_objects" use=shm,"$id" chmod=0640
	echo y >"$BATS_TEST_TMPDIR/answer"
	wait_until grep -q status "$BATS_TEST_TMPDIR/out"
	grep -q "refused: changed since it was listed" "$BATS_TEST_TMPDIR/out"
	grep -q "status 1" "$BATS_TEST_TMPDIR/out"
	is "$(ids shm)" "$id"
}
