#!/usr/bin/env bats
# While objects come and go as fast as a program can make them, no command crashes, hangs, or
# touches anything but what it was told to.

load private

# Churn at work in the background, and objects that nothing may touch: $bystanders.
begin() {
	local out=$BATS_TEST_TMPDIR/churn
	make_objects shm=0x7001,4096,0600 msg=0x7002,0600 send=10 sem=0x7003,3,0600 op=0,1
	bystanders=$made
	"$SUPPORT/churn" >"$out" 3>&- &
	churn=$!
	holders="$holders $churn"
	disown "$churn"
	wait_until grep -q ready "$out"
}

# The churn still runs and every bystander is there, unchanged.
settle() {
	kill -0 "$churn"
	is "$(awk '$1 == 28673 { print "shm", $2 }' /proc/sysvipc/shm)" "shm $(bystander shm)"
	is "$(awk '$1 == 28674 { print $2, $5 }' /proc/sysvipc/msg)" "$(bystander msg) 1"
	is "$(awk '$1 == 28675 { print $2, $4 }' /proc/sysvipc/sem)" "$(bystander sem) 3"
}

bystander() {
	awk -v kind="$1" '$1 == kind { print $2 }' <<<"$bystanders"
}

# Run a command COUNT times: ends with one of these statuses, never by a signal, never wildly.
again() { # COUNT STATUSES COMMAND...
	local count=$1 statuses=" $2 " said status
	shift 2
	while ((count-- > 0)); do
		status=0
		said=$(timeout 20 "$@" 2>&1 >"$BATS_TEST_TMPDIR/stdout") || status=$?
		[[ $statuses == *" $status "* && $said != *Aborted* && $said != *"invalid argument"* ]] || {
			echo "$*: status $status: $said" >&2
			return 1
		}
	done
}

@test "every view of ipcls ends well, and shows the objects that stay" {
	begin
	for words in "" -a -m -q -s -t -p -c -l -u "-mJ" "-J" "-sJ --elements" "--elements" "-a --raw -o +EXACT,VALUES" \
		"-m --sort SIZE" "--unattached --older-than 0" "--key 1-5"; do
		again 12 0 ipcls $words
		[ -s "$BATS_TEST_TMPDIR/stdout" ]
	done
	for round in 1 2 3 4 5 6 7 8 9 10; do
		try ipcls -a --raw -no REF --key 0x7001-0x7003
		fine
		prints "shm:$(bystander shm)
msg:$(bystander msg)
sem:$(bystander sem)"
		try ipcls -aJ
		fine
		is "$(json '[len([r for r in d[k] if r["key"] == "0x0000700%d" % n]) for n, k in enumerate(("shm", "msg", "sem"), 1)]')" "[1, 1, 1]"
	done
	settle
}

@test "no row is torn: sizes, modes and ids are those of the churn" {
	begin
	for round in {1..30}; do
		try ipcls -m --raw -no KEY,SIZE,MODE,NAMESPACE
		fine
		is "$(grep -v 0x00007001 <<<"$output" | sort -u)" "0x00000000 4096 0600 $(stat -Lc %i /proc/self/ns/ipc)"
		try ipcls -m --raw -no ID
		is "$(sort <<<"$output" | uniq -d)" ""
	done
	settle
}

@test "pages of objects that vanish while they are read are missing, not wrong" {
	begin
	for kind in shm msg sem; do
		for round in {1..15}; do
			again 1 "0 1" ipcls $kind:"$(awk 'NR == 5 { print $2 }' /proc/sysvipc/$kind)"
			again 1 "0 1" ipcls -J - < <(ipcls --raw -no EXACT "$([ $kind = shm ] && echo -m || { [ $kind = msg ] && echo -q || echo -s; })")
		done
	done
	settle
}

@test "the other way of reading ends well too" {
	begin
	for call in "EPERM stat_any" "ENOSYS info" "EACCES ctl"; do
		again 12 0 "$SUPPORT/refuse" $call -- ipcls -a
	done
	settle
}

@test "plans and selections that fit nothing remove nothing" {
	begin
	again 60 "0 1" ipckill --dry-run --all
	again 40 0 ipckill -y --key 1-0x7000
	again 20 0 ipckill -y --owner 3999999999
	again 20 0 ipckill -y --older-than 1d --unused-for 1d
	settle
}

@test "an exact reference removes its own object and no other" {
	begin
	for round in {1..40}; do
		make_objects shm=0x6001,1,0600 msg=0x6002,0600 sem=0x6003,1,0600
		try ipckill -y - < <(ipcls --raw -no EXACT --key 0x6001-0x6003)
		fine
		prints "removed shm:$(made_id shm)
removed msg:$(made_id msg)
removed sem:$(made_id sem)"
	done
	settle
}

@test "exact references of the churn's objects are removed, missing or refused, one by one" {
	begin
	for round in {1..30}; do
		again 1 "0 1" ipckill -y - < <(ipcls -a --raw -no EXACT --key 0)
	done
	settle
}
