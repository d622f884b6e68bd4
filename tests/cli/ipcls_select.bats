#!/usr/bin/env bats
# Selections: each test takes just the objects it should, alone and together with others.

load private

# ipcls with these words lists just these references: lists 'WORD...' [REF...]
lists() {
	local words=$1
	shift
	try ipcls --raw -no REF $words
	fine && is "$words: $(paste -sd' ' <<<"$output")" "$words: $*"
}

shm() { echo "shm:$(made_id shm "${1:-1}")"; }
msg() { echo "msg:$(made_id msg "${1:-1}")"; }
sem() { echo "sem:$(made_id sem "${1:-1}")"; }

@test "--owner takes a name or a number, of every kind" {
	need_root
	make_objects shm=0,1,0600 shm=0,1,0600 chown=65534 msg=0,0600 chown=65534 sem=0,1,0600 chown=1
	name=$(getent passwd 65534 | cut -d: -f1)
	lists "--owner $name" "$(shm 2)" "$(msg)"
	lists "--owner 65534" "$(shm 2)" "$(msg)"
	lists "--owner root" "$(shm 1)"
	lists "-s --owner daemon" "$(sem)"
	lists "-q --owner root"
}

@test "--creator is not the owner" {
	need_root
	made=$(as_nobody "$SUPPORT/make_objects" shm=0,1,0600 msg=0,0600)
	made="$made
$("$SUPPORT/make_objects" shm=0,1,0600)"
	"$SUPPORT/make_objects" use=shm,"$(made_id shm 1)" chown=0
	lists "--creator 65534" "$(shm 1)" "$(msg)"
	lists "--owner 65534" "$(msg)"
	lists "--creator root" "$(shm 2)"
}

@test "--created-by takes the segments of one process" {
	hold shm=0,1,0600 shm=0,1,0600 msg=0,0600
	first=$holder mine="$(shm 1) $(shm 2)"
	hold shm=0,1,0600
	lists "--created-by $first" $mine
	lists "--created-by $holder" "$(shm 1)"
	lists "--created-by 4194303"
}

@test "--key takes single keys, ranges and lists of both" {
	make_objects shm=5,1,0600 shm=0x10,1,0600 msg=0x18,0600 shm=0x20,1,0600 sem=0x21,1,0600 shm=0,1,0600
	lists "--key 5" "$(shm 1)"
	lists "--key 0x5" "$(shm 1)"
	lists "--key 16" "$(shm 2)"
	lists "--key 0x10-0x20" "$(shm 2)" "$(shm 3)" "$(msg)"
	lists "--key 5,0x20-0x21" "$(shm 1)" "$(shm 3)" "$(sem)"
	lists "--key 0x11-0x17"
	lists "--key 0" "$(shm 4)"
	lists "-m --key 0x10-0x20" "$(shm 2)" "$(shm 3)"
}

@test "--key knows no sign: keys above 0x7fffffff are the high ones" {
	make_objects shm=0x7fffffff,1,0600 shm=0x80000000,1,0600 shm=0xffffffff,1,0600 shm=1,1,0600
	lists "--key 0x80000000-0xffffffff" "$(shm 2)" "$(shm 3)"
	lists "--key 4294967295" "$(shm 3)"
	lists "--key 0x7fffffff-0x80000000" "$(shm 1)" "$(shm 2)"
	lists "--key 1-0xfffffffe" "$(shm 1)" "$(shm 2)" "$(shm 4)"
}

@test "--unattached takes segments that nobody has attached" {
	hold shm=0,1,0600 attach=1 shm=0,1,0600 shm=0,1,0600 attach=2 detach msg=0,0600
	lists --unattached "$(shm 2)"
	kill -9 "$holder"
	wait_until gone "$holder"
	lists --unattached "$(shm 1)" "$(shm 2)" "$(shm 3)"
}

@test "--deleted takes segments that go with their last attachment" {
	hold shm=0,1,0600 attach=1 dest shm=0,1,0600 attach=1
	lists --deleted "$(shm 1)"
}

@test "--older-than takes objects from the age on" {
	make_objects shm=0,1,0600 msg=0,0600 sem=0,1,0600
	lists "--older-than 0s" "$(shm)" "$(msg)" "$(sem)"
	lists "--older-than 1h"
	at=$(proc_field sem "$(made_id sem)" 10)
	wait_until past $((at + 1))
	lists "--older-than 2" "$(shm)" "$(msg)" "$(sem)"
	# IPC_SET is a change, an attachment is none
	"$SUPPORT/make_objects" use=shm,"$(made_id shm)" attach=1 use=msg,"$(made_id msg)" chmod=0640
	lists "--older-than 2s" "$(shm)" "$(sem)"
}

@test "--unused-for looks at all times of an object" {
	make_objects shm=0,1,0600 shm=0,1,0600 msg=0,0600 msg=0,0600 sem=0,1,0600 sem=0,1,0600
	lists "--unused-for 1d"
	at=$(proc_field sem "$(made_id sem 2)" 10)
	wait_until past $((at + 1))
	lists "--unused-for 2s" "$(shm 1)" "$(shm 2)" "$(msg 1)" "$(msg 2)" "$(sem 1)" "$(sem 2)"
	"$SUPPORT/make_objects" use=shm,"$(made_id shm)" attach=1 use=msg,"$(made_id msg)" send=1 \
		use=sem,"$(made_id sem)" op=0,1
	lists "--unused-for 2s" "$(shm 2)" "$(msg 2)" "$(sem 2)"
}

@test "--larger-than takes segments and queues with more bytes than that" {
	make_objects shm=0,1024,0600 shm=0,1025,0600 shm=0,10485760,0600 msg=0,0600 send=1025 msg=0,0600 send=10 \
		sem=0,200,0600
	lists "--larger-than 1K" "$(shm 2)" "$(shm 3)" "$(msg 1)"
	lists "--larger-than 1024" "$(shm 2)" "$(shm 3)" "$(msg 1)"
	lists "--larger-than 9.5M" "$(shm 3)"
	lists "--larger-than 10MiB"
	lists "-q --larger-than 1" "$(msg 1)" "$(msg 2)"
}

@test "tests are combined: all must hold" {
	hold shm=1,5000,0600 shm=2,5000,0600 attach=1 shm=3,10,0600 msg=1,0600 send=5000
	lists "--unattached --larger-than 4K" "$(shm 1)"
	lists "--key 1-2 --larger-than 4K" "$(shm 1)" "$(shm 2)" "$(msg)"
	lists "-q --key 1-2 --larger-than 4K" "$(msg)"
	lists "--unattached --key 2"
	lists "--created-by $holder --unattached --owner 0 --creator 0 --older-than 0 --unused-for 0" "$(shm 1)" "$(shm 3)"
}

@test "a kind that was asked for but that a test does not fit is told and stays empty" {
	make_objects shm=0,1,0600 msg=0,0600 sem=0,1,0600
	for words in "-q --unattached" "-s --deleted" "-q --created-by 1" "-s --larger-than 1"; do
		try ipcls --raw -no REF $words
		ends 0
		complains "none selected: one of the tests is not for this kind"
		prints ""
	done
	try ipcls -J -mq --unattached
	ends 0
	is "$(json '{k: len(v) for k, v in d.items()}')" '{"shm": 1, "msg": 0}'
	# not asked for: left out without a word
	lists --unattached "$(shm)"
}

@test "references are narrowed by selections as well" {
	hold shm=0,1,0600 attach=1 shm=0,1,0600
	lists "$(shm 1) $(shm 2) --unattached" "$(shm 2)"
}

@test "operands of selections that make no sense are refused by name" {
	while read -r option operand; do
		try ipcls "$option" "$operand"
		ends 2 || { echo "$option $operand"; false; }
		complains "ipcls: $option: $operand: "
		prints ""
	done <<-'END'
		--owner no-such-user
		--owner -1
		--owner 4294967295
		--owner 99999999999999999999
		--creator 0x10
		--created-by 0
		--created-by -5
		--created-by abc
		--created-by 2147483648
		--key 0x
		--key 010
		--key -5
		--key 5-
		--key 7-6
		--key 1,,2
		--key 0x100000000
		--key 4294967296
		--key 1-2-3
		--key abc
		--older-than 5x
		--older-than -1s
		--older-than s
		--older-than 5ms
		--older-than 99999999999999999999
		--unused-for 1.5h
		--larger-than 10Q
		--larger-than -1
		--larger-than 0.5
		--larger-than 16E
		--larger-than 1KK
	END
}

@test "operands that are empty are refused" {
	for option in --owner --creator --created-by --key --older-than --unused-for --larger-than; do
		try ipcls "$option" ""
		ends 2
		complains "ipcls: $option: "
	done
}

@test "kinds that do not exist are unknown" {
	try ipcls -X
	ends 2
	complains "ipcls: -X: unknown option"
	for list in shm,pip pipes pip "" , shm, ,shm shm,,msg posix_shm SHM endpoints; do
		for command in "ipcls" "ipckill --dry-run --all"; do
			try $command --type "$list"
			ends 2
			complains "${command%% *}: --type: $list: not a list of kinds" posix-sem pidfd
		done
	done
}
