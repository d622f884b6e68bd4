#!/usr/bin/env bats
# ipckill with selections: acts on exactly what ipcls lists for the same words, once confirmed.

load private

left() {
	echo "$(ids shm)/$(ids msg)/$(ids sem)"
}

everything() {
	local gift=chown=65534
	[ "$IPCKIT_ROOT" = 1 ] || gift=chown=0 # only root can give an object away
	hold shm=1,5000,0600 attach=1 shm=2,100,0600 shm=0xfffffffe,9000,0600 msg=1,0600 send=5000 msg=3,0600 \
		sem=2,1,0600 wait=0,-1 sem=3,4,0600 shm=7,1,0600 attach=1 dest
	made="$made
$("$SUPPORT/make_objects" shm=9,5000,0600 "$gift" msg=9,0600 "$gift")"
}

@test "it acts on exactly what ipcls lists for the same words" {
	need_root
	everything
	for words in "--owner 65534" "--owner root --unattached" "--creator 0" "-m --creator root" "--key 1-3" \
		"-q --key 1-3" "-s --key 2-0xffffffff" "--unattached" "--deleted" "--larger-than 4K" "-q --larger-than 4K" \
		"--created-by $holder" "--older-than 0" "--unused-for 0s" "--unattached --larger-than 4K --key 9" \
		"-ms --key 2"; do
		listed=$(ipcls --raw -no REF $words)
		[ -n "$listed" ]
		try ipckill --force --dry-run $words
		ends 0
		is "$words: $(grep -oE '^(shm|msg|sem):[0-9]+' <<<"$output")" "$words: $listed"
		try ipckill --force --dry-run -J $words
		ends 0
		is "$words: $(json '"\n".join(r["ref"] for r in d["results"])')" "$words: $listed"
	done
}

@test "what ipcls listed is gone afterwards, and nothing else" {
	everything
	all=$(ipcls -a --raw -no REF)
	listed=$(ipcls --raw -no REF --key 2-9 --unattached)
	try ipckill -y --key 2-9 --unattached
	fine
	is "$output" "$(sed 's/^/removed /' <<<"$listed")"
	is "$(ipcls -a --raw -no REF)" "$(grep -vxF "$listed" <<<"$all")"
}

@test "--all of a kind, of two kinds, of every kind" {
	make_objects shm=0,1,0600 msg=0,0600 sem=0,1,0600
	try ipckill -y --all -q
	fine
	is "$(left)" "$(made_id shm)//$(made_id sem)"
	try ipckill -y -a -m -s
	fine
	is "$(left)" "//"
	make_objects shm=0,1,0600 msg=0,0600 sem=0,1,0600
	try ipckill -y --all
	fine
	is "$(left)" "//"
}

@test "kinds alone select nothing" {
	make_objects shm=0,1,0600
	for words in -m -y "-y -m" "-mqs -y" "" "--force -y"; do
		try ipckill $words
		ends 2
		complains "ipckill: "
		is "$(left)" "$(made_id shm)//"
	done
	try ipckill -y -m
	complains "kinds alone select nothing: say --all"
}

@test "a dry run shows the plan and removes nothing" {
	everything
	before=$(left)
	for words in "--all" "--key 1-9" "-m --all --force" "-y --all" "-y --all -v"; do
		try ipckill --dry-run $words
		is "$words: $(left)" "$words: $before"
		has "shm:$(made_id shm 2)"
	done
	run --separate-stderr setsid --wait ipckill --dry-run shm:"$(made_id shm)" </dev/null
	fine
	has "shm:$(made_id shm)" REF KEY OWNER
	is "$(left)" "$before"
}

@test "without a terminal a selection is refused, and nothing removed" {
	make_objects shm=0,1,0600 shm=0,1,0600
	try without_terminal ipckill -m --all
	ends 2
	complains "2 to be removed: no terminal to ask on; give -y"
	try without_terminal ipckill --unattached -i
	ends 2
	complains "-i: no terminal to ask on"
	is "$(ids shm)" "$(made_id shm 1) $(made_id shm 2)"
}

@test "on a terminal one question is asked; only yes removes" {
	make_objects shm=0,1,0600 shm=0,1,0600
	for answer in n "" no N x yy "y " ^D; do
		try "$SUPPORT/terminal" 80 "$answer" -- ipckill --unattached
		ends 1
		has "Remove these 2 objects? [y/N] " "not confirmed: nothing removed" "shm:$(made_id shm 1)" "shm:$(made_id shm 2)"
		is "$answer: $(ids shm)" "$answer: $(made_id shm 1) $(made_id shm 2)"
	done
	try "$SUPPORT/terminal" 80 y -- ipckill --unattached
	ends 0
	has "removed shm:$(made_id shm 1)" "removed shm:$(made_id shm 2)"
	is "$(ids shm)" ""
	for answer in yes Y YES; do
		make_objects msg=0,0600
		try "$SUPPORT/terminal" 80 "$answer" -- ipckill -q --all
		ends 0
		has "Remove this 1 object? [y/N] "
		is "$answer: $(ids msg)" "$answer: "
	done
}

@test "the question is asked on the terminal although the list comes from a pipe" {
	make_objects shm=0,1,0600
	try "$SUPPORT/terminal" 80 y -- ipckill - <<<"shm:$(made_id shm)"
	ends 0
	has "Remove this 1 object? [y/N] "
	is "$(ids shm)" ""
}

@test "nothing to remove is not asked about" {
	try without_terminal ipckill --unattached
	ends 0
	[[ $output != *removed* ]]
	try without_terminal ipckill --all
	ends 0
}

@test "-i asks for each object, and removes those that were agreed to" {
	make_objects shm=0x71,1,0600 shm=0x72,1,0600 shm=0x73,1,0600
	try "$SUPPORT/terminal" 80 y n y -- ipckill -i -m --all
	ends 0
	has "remove shm:$(made_id shm 1) (key 0x00000071, owner root, creator root)? [y/N] " \
		"skipped shm:$(made_id shm 2)" "removed shm:$(made_id shm 3)"
	is "$(ids shm)" "$(made_id shm 2)"
	try "$SUPPORT/terminal" 80 ^D -- ipckill -i shm:"$(made_id shm 2)"
	ends 0
	is "$(ids shm)" "$(made_id shm 2)"
}

@test "of a set, what is attached is spared without --force" {
	hold shm=0,1,0600 attach=2 shm=0,1,0600
	try ipckill -y -m --all
	ends 1
	complains "ipckill: shm:$(made_id shm 1): refused: attached 2 times; --force would remove it"
	prints "removed shm:$(made_id shm 2)"
	is "$(ids shm)" "$(made_id shm 1)"
	try ipckill -y -m --all --force
	fine
	prints "removed shm:$(made_id shm 1): goes with its last attachment"
}

@test "of a set, what is waited on is spared without --force" {
	hold sem=0,1,0600 wait=0,-1 wait=0,-1 sem=0,1,0600 sem=0,2,0600 set=1,1 wait=1,0
	try ipckill -y -s --all
	ends 1
	is "$stderr" "ipckill: sem:$(made_id sem 1): refused: 2 waiting; --force would remove it
ipckill: sem:$(made_id sem 3): refused: 1 waiting; --force would remove it"
	prints "removed sem:$(made_id sem 2)"
	try ipckill -y -s --all --force
	fine
	is "$(ids sem)" ""
}

@test "references from standard input are spared like a selection" {
	hold shm=0,1,0600 attach=1 sem=0,1,0600 wait=0,-1
	try ipckill -y - <<<"shm:$(made_id shm)
sem:$(made_id sem)"
	ends 1
	is "$(left)" "$(made_id shm)//$(made_id sem)"
	try ipckill -y --force - <<<"sem:$(made_id sem)"
	fine
	is "$(left)" "$(made_id shm)//"
}

@test "a queue with messages is in nobody's use" {
	make_objects msg=0,0600 send=5
	try ipckill -y -q --all
	fine
	prints "removed msg:$(made_id msg)"
}

@test "a question is not asked about what would be spared anyway" {
	hold shm=0,1,0600 attach=1
	try without_terminal ipckill -m --all
	ends 1
	complains "shm:$(made_id shm): refused: attached 1 time;"
}

@test "bad operands of selections stop everything" {
	make_objects shm=1,1,0600
	for words in "--key 1-0" "--owner no-such-user" "--older-than x" "--larger-than -1" "--created-by 0" \
		"--key 1 --older-than 5q" "--all --key" "--unattached extra"; do
		try ipckill -y $words
		ends 2
		complains "ipckill: "
		is "$words: $(ids shm)" "$words: $(made_id shm)"
	done
}

@test "a selection that no kind fits removes nothing" {
	make_objects msg=0,0600 sem=0,1,0600
	try ipckill -y --unattached
	ends 0
	try ipckill -y -q --unattached
	is "$(left)" "/$(made_id msg)/$(made_id sem)"
}

@test "a test that is given twice is refused, since only one of them could hold" {
	make_objects shm=0x55,1,0600
	for words in "--older-than 99d --older-than 0" "--key 5 --key 0x55" "--owner root --owner root"; do
		try ipckill -y $words
		ends 2
		complains "ipckill: --" ": given twice"
	done
	is "$(ids shm)" "$(made_id shm)"
}

@test "nothing is removed when the plan could not be shown" {
	make_objects shm=0,1,0600
	try "$SUPPORT/terminal" 80 y -- sh -c 'exec ipckill --all >/dev/full'
	ends 2
	is "$(ids shm)" "$(made_id shm)"
}
