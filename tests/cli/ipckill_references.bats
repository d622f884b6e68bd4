#!/usr/bin/env bats
# ipckill with references: removes what was named and nothing else.

load private

three_of_each() {
	make_objects shm=1,1,0600 shm=2,1,0600 shm=3,1,0600 msg=1,0600 msg=2,0600 msg=3,0600 \
		sem=1,1,0600 sem=2,1,0600 sem=3,1,0600
}

left() {
	echo "$(ids shm)/$(ids msg)/$(ids sem)"
}

id() { made_id "$@"; }

@test "one object by id goes, all others stay" {
	three_of_each
	for kind in shm msg sem; do
		try ipckill $kind:"$(id $kind 2)"
		fine
		prints "removed $kind:$(id $kind 2)"
	done
	is "$(left)" "$(id shm 1) $(id shm 3)/$(id msg 1) $(id msg 3)/$(id sem 1) $(id sem 3)"
}

@test "one object by key goes" {
	three_of_each
	try ipckill msg:key=0x2 shm:key=3 sem:key=1
	fine
	prints "removed msg:$(id msg 2)
removed shm:$(id shm 3)
removed sem:$(id sem 1)"
	is "$(left)" "$(id shm 1) $(id shm 2)/$(id msg 1) $(id msg 3)/$(id sem 2) $(id sem 3)"
}

@test "named twice, by id and by key, it is removed once" {
	three_of_each
	try ipckill shm:"$(id shm 1)" shm:key=1 shm:"$(id shm 1)"
	fine
	prints "removed shm:$(id shm 1)"
}

@test "a reference needs neither a question nor a terminal" {
	three_of_each
	try without_terminal ipckill shm:"$(id shm 1)" sem:"$(id sem 1)"
	fine
	is "$(left)" "$(id shm 2) $(id shm 3)/$(id msg 1) $(id msg 2) $(id msg 3)/$(id sem 2) $(id sem 3)"
}

@test "what is named goes although it is attached or waited on" {
	hold shm=0,1,0600 attach=2 sem=0,1,0600 wait=0,-1
	try ipckill shm:"$(id shm)" sem:"$(id sem)"
	fine
	prints "removed shm:$(id shm): goes with its last attachment
removed sem:$(id sem)"
	is "$(ids sem)" ""
	# the kernel keeps it marked until it is detached
	is "$(ipcs -m | awk -v id="$(id shm)" '$2 == id { print $7 }')" dest
	kill -9 "$holder"
	wait_until gone_segment
}

gone_segment() {
	[ -z "$(ids shm)" ]
}

@test "what is missing is named, the rest is done, the status is 1" {
	three_of_each
	try ipckill shm:99999 shm:"$(id shm 1)" msg:key=0x999 msg:"$(id msg 1)"
	ends 1
	is "$stderr" "ipckill: shm:99999: no such object
ipckill: msg:key=0x999: no such object"
	prints "removed shm:$(id shm 1)
removed msg:$(id msg 1)"
	is "$(left)" "$(id shm 2) $(id shm 3)/$(id msg 2) $(id msg 3)/$(id sem 1) $(id sem 2) $(id sem 3)"
}

@test "a word that is no reference stops everything, wherever it stands" {
	three_of_each
	before=$(left)
	for words in "shm:$(id shm) bogus" "bogus shm:$(id shm)" "shm:$(id shm) msg:0x1" "shm:$(id shm) sem:4294967296" \
		"shm:$(id shm) shm:-1" "shm:$(id shm) --no-such" "shm:$(id shm) --key" "shm:$(id shm) 5" "-y -"; do
		try ipckill $words <<<"shm:$(id shm 2)
bogus"
		ends 2
		complains "ipckill: "
		prints ""
		is "$words: $(left)" "$words: $before"
	done
}

@test "an id that wraps around is refused, and removes nothing" {
	make_objects sem=0,1,0600
	[ "$(id sem)" -lt 65536 ]
	for number in 4294967296 $((4294967296 + $(id sem))) 18446744073709551616; do
		try ipckill sem:$number
		ends 2
		complains "out of range"
	done
	try ipckill shm:key=0x100000001
	ends 2
	is "$(ids sem)" "$(id sem)"
}

@test "references from standard input are a set: confirmed or -y" {
	three_of_each
	before=$(left)
	run --separate-stderr setsid --wait ipckill - <<<"shm:$(id shm 1)"
	ends 2
	complains "1 to be removed: no terminal to ask on; give -y"
	is "$(left)" "$before"
	try ipckill -y - <<<"shm:$(id shm 1)
msg:$(id msg 3)"
	fine
	prints "removed shm:$(id shm 1)
removed msg:$(id msg 3)"
}

@test "a list whose last line has no end may be cut: nothing is removed" {
	for id in 1 2 11; do # shm:11, cut, names another
		echo $id >/proc/sys/kernel/shm_next_id
		make_objects shm=0,1,0600
	done
	before=$(left)
	is "$before" "1 2 11//"
	for list in shm:1 $'shm:2\nshm:1' $'shm:2\nsh' $'shm:2\n\nshm:key=0'; do
		try ipckill -y - < <(printf %s "$list")
		ends 2
		complains "ipckill: "
		prints ""
		is "$(left)" "$before"
	done
	# looking does no harm
	try ipcls --raw -no REF - < <(printf shm:1)
	fine
	prints shm:1
}

@test "an option that is cut short is refused, and nothing done" {
	three_of_each
	before=$(left)
	for words in "--dry shm:$(id shm)" "--dry-ru shm:$(id shm)" "--forc shm:$(id shm)" "-y --al" "-y --unatt" \
		"-y --own root"; do
		try ipckill $words
		ends 2
		complains "ipckill: " ": unknown option"
		prints ""
		is "$words: $(left)" "$words: $before"
	done
}

@test "an empty list of references removes nothing and is no error" {
	three_of_each
	before=$(left)
	for words in "-" "-y -" "-y --unattached -" "-J -y -" "--dry-run -"; do
		try ipckill $words </dev/null
		ends 0
		is "$words: $(left)" "$words: $before"
	done
}

@test "what ipcls listed is what goes" {
	hold shm=1,1,0600 attach=1 shm=2,1,0600 shm=3,5000,0600
	try ipckill -y - < <(ipcls --unattached -no EXACT)
	fine
	is "$(ids shm)" "$(id shm 1)"
}

@test "references and a selection must agree" {
	hold shm=0,1,0600 attach=1 shm=0,1,0600
	try ipckill -y --unattached shm:"$(id shm 1)" shm:"$(id shm 2)"
	fine
	prints "removed shm:$(id shm 2)
skipped shm:$(id shm 1): not selected"
	is "$(ids shm)" "$(id shm 1)"
}

@test "words that say the kind twice are refused" {
	three_of_each
	before=$(left)
	for words in "-m shm:$(id shm)" "--all shm:$(id shm)" "-y -i shm:$(id shm)" "-J -i shm:$(id shm)" "-y -a -"; do
		try ipckill $words </dev/null
		ends 2
		complains "ipckill: "
		is "$words: $(left)" "$words: $before"
	done
}
