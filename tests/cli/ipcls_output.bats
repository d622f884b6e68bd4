#!/usr/bin/env bats
# Output: columns, order, formats, widths, colour, and what happens when it cannot be written.

load private

refs() {
	local ref list=
	for ref in "$@"; do list="$list${list:+ }shm:$(made_id shm "$ref")"; done
	echo "$list"
}

# ipcls with these words lists the segments in this order: sorted 'WORD...' N...
sorted() {
	local words=$1
	shift
	try ipcls -m --raw -no REF $words
	fine && is "$words: $(paste -sd' ' <<<"$output")" "$words: $(refs "$@")"
}

@test "-o chooses columns and their order, in any case, twice if asked" {
	make_objects shm=0x10,4096,0600
	try ipcls -m --raw -o size,Ref,KEY,size
	fine
	prints "SIZE REF KEY SIZE
4096 shm:$(made_id shm) 0x00000010 4096"
}

@test "-o + adds to the default columns, or to those of a view" {
	make_objects shm=0x10,4096,0600
	try ipcls -m -o +GID,SWAP
	fine
	is "$(head -1 <<<"$output" | xargs)" "REF KEY OWNER MODE SIZE RSS ATT CREATOR IDLE STATUS GID SWAP"
	try ipcls -mt -o +KEY
	fine
	is "$(head -1 <<<"$output" | xargs)" "REF OWNER ATIME DTIME CTIME IDLE KEY"
}

@test "columns of one kind are left out of the others" {
	make_objects shm=0,4096,0600 msg=0,0600 sem=0,2,0600
	try ipcls -a --raw -o REF,SIZE,NSEMS
	fine
	prints "REF SIZE
shm:$(made_id shm) 4096
REF
msg:$(made_id msg)
REF NSEMS
sem:$(made_id sem) 2
REF SIZE
REF
REF"
}

@test "a column that no kind shown has, or that does not exist, is refused" {
	for words in "-m -o NSEMS" "-q -o REF,SIZE" "-m -o NOSUCH" "-m -o REF,,KEY" "-m -o +" "-m -o " \
		"-m --sort NSEMS" "-m --sort NOSUCH" "-m --sort SIZE:down" "-m --sort :asc" "shm:0 -o NSEMS"; do
		try ipcls $words
		[ "$words" != "-m -o " ] || try ipcls -m -o ""
		ends 2
		complains ipcls:
		prints ""
	done
}

@test "sizes sort descending, all else ascending, either way when told" {
	make_objects shm=3,200,0600 shm=1,3000,0600 shm=2,1,0600
	sorted "--sort SIZE" 2 1 3
	sorted "--sort SIZE:desc" 2 1 3
	sorted "--sort SIZE:asc" 3 1 2
	sorted "--sort size:asc" 3 1 2
	sorted "--sort KEY" 2 3 1
	sorted "--sort KEY:desc" 1 3 2
	sorted "--sort REF:desc" 3 2 1
}

@test "one column is sorted by, without a sign" {
	make_objects shm=0,1,0600
	for words in "--sort +SIZE" "--sort SIZE,KEY" "--sort -SIZE" "--sort SIZE:up" "--sort SIZE:" "--sort :desc"; do
		try ipcls -m $words
		ends 2
		complains "ipcls: "
		prints ""
	done
}

@test "references sort by number, not by letter" {
	echo 9 >/proc/sys/kernel/shm_next_id
	make_objects shm=0,1,0600
	echo 32778 >/proc/sys/kernel/shm_next_id # the slot after it, ten times as high
	made="$made
$("$SUPPORT/make_objects" shm=0,1,0600)"
	is "$(refs 1 2)" "shm:9 shm:32778"
	sorted "--sort REF" 1 2
	sorted "--sort ID" 1 2
	sorted "--sort REF:desc" 2 1
}

@test "modes sort by value, times by age, words and processes by theirs" {
	hold shm=0,1,0600 shm=0,1,0777 lock shm=0,1,0 attach=1 dest
	other=$("$SUPPORT/make_objects" shm=0,1,0070)
	made="$made
$other"
	sorted "--sort MODE" 3 4 1 2
	sorted "--sort MODE:desc" 2 1 4 3
	sorted "--sort STATUS" 3 2 1 4
	# never attached: none, and last whatever the direction
	sorted "--sort ATIME" 3 1 2 4
	sorted "--sort ATIME:desc" 3 1 2 4
	first=$(proc_field shm "$(made_id shm)" 5) last=$(proc_field shm "$(made_id shm 4)" 5)
	[ "$first" -lt "$last" ]
	sorted "--sort CREATOR:desc" 4 1 2 3
	sorted "--sort CPID" 1 2 3 4
}

@test "owners sort by name" {
	need_root
	make_objects shm=0,1,0600 shm=0,1,0600 chown=1 shm=0,1,0600 chown=65534
	# root, daemon, nobody
	sorted "--sort OWNER" 2 3 1
	sorted "--sort OWNER:desc" 1 3 2
	sorted "--sort UID" 1 2 3
}

@test "percentages and counts of queues and sets sort by number" {
	make_objects msg=0,0600 qbytes=100 send=90 msg=0,0600 qbytes=1000 send=100 msg=0,0600 qbytes=10 \
		sem=0,9,0600 sem=0,10,0600
	try ipcls -q --raw -no REF --sort FULL:desc
	fine
	prints "msg:$(made_id msg)
msg:$(made_id msg 2)
msg:$(made_id msg 3)"
	try ipcls -s --raw -no REF --sort NSEMS
	prints "sem:$(made_id sem)
sem:$(made_id sem 2)"
	try ipcls -s --raw -no REF --sort NSEMS:desc
	prints "sem:$(made_id sem 2)
sem:$(made_id sem)"
}

@test "rows that are equal keep their order" {
	make_objects shm=0,5,0600 shm=0,7,0600 shm=0,5,0600 shm=0,7,0600 shm=0,5,0600
	sorted "--sort SIZE" 2 4 1 3 5
	sorted "--sort SIZE:asc" 1 3 5 2 4
	sorted "--sort OWNER:desc" 1 2 3 4 5
}

@test "references in the order given are sorted when asked" {
	make_objects shm=0,5,0600 shm=0,7,0600
	try ipcls --raw -no REF $(refs 1 2) --sort SIZE
	is "$(paste -sd' ' <<<"$output")" "$(refs 2 1)"
	try ipcls --raw -no REF $(refs 2 1)
	is "$(paste -sd' ' <<<"$output")" "$(refs 2 1)"
}

@test "a table is aligned and its headings can be left out" {
	make_objects shm=0,4096,0600 shm=0,1048576,0600
	try ipcls -m -o REF,SIZE
	fine
	[[ ${lines[0]} =~ ^REF\ +SIZE$ ]]
	is "$(awk '{ print length($0) }' <<<"$output" | sort -u | wc -l)" 1
	headed=$output
	try ipcls -m -n -o REF,SIZE
	# as narrow as their cells: a heading that is not shown takes no room
	is "$output" "$(tail -n +2 <<<"$headed" | tr -s ' ')"
}

@test "raw rows have one blank between fields, exact numbers and no empty field" {
	hold name='a b' shm=0,1048576,0600 attach=1 shm=0,1,0600
	try ipcls -m --raw -o REF,SIZE,CREATOR,STATUS,DTIME
	fine
	prints "REF SIZE CREATOR STATUS DTIME
shm:$(made_id shm) 1048576 a\\x20b[$holder] - -
shm:$(made_id shm 2) 1 a\\x20b[$holder] - -"
}

@test "export rows can be evaluated by a shell, whatever the command is called" {
	hold name='$(id>&2)`x`"' shm=0,1048576,0600 shm=0,1,0600
	try ipcls -m --export -o REF,SIZE,CREATOR,DTIME
	fine
	is "${#lines[@]}" 2
	for line in "${lines[@]}"; do
		eval "$line"
		[[ $REF == shm:* && $SIZE =~ ^[0-9]+$ && -z $DTIME ]]
		[[ $CREATOR == *"[$holder]" && $CREATOR == *'(id>&2)'* ]]
	done
	is "$(grep -o '^[A-Z]*="[^"]*"' <<<"${lines[0]}")" "REF=\"shm:$(made_id shm)\""
	try ipcls -l --export
	fine
	(eval "${lines[0]}" && [ "$RESOURCE" = SHMMNI ] && [ -n "${USE+set}" ])
}

@test "export names are those of the columns, fit for a shell" {
	make_objects sem=0,1,0600
	try ipcls -s --export
	fine
	is "$(grep -oE '(^| )[^ =]*=' <<<"$output" | tr -d ' =' | paste -sd' ')" \
		"REF KEY OWNER MODE NSEMS WAITING LAST_OPERATOR IDLE STATUS"
}

@test "sizes are short for people and exact with -b" {
	make_objects shm=0,512,0600 shm=0,1024,0600 shm=0,1536,0600 shm=0,10485760,0600 shm=0,1023,0600
	try ipcls -mn -o SIZE
	is "$(xargs <<<"$output")" "512 1K 1.5K 10M 1023"
	try ipcls -mnb -o SIZE
	is "$(xargs <<<"$output")" "512 1024 1536 10485760 1023"
	try ipcls -mn --bytes -o SIZE
	is "$(xargs <<<"$output")" "512 1024 1536 10485760 1023"
}

@test "times come in four formats" {
	make_objects shm=0,1,0600
	at=$(proc_field shm "$(made_id shm)" 14)
	show() { ipcls -mn -o CTIME "$@"; }
	is "$(show --time-format epoch)" "$at"
	is "$(show --time-format iso)" "$(date -d "@$at" +%FT%T%:z)"
	is "$(show --time-format full)" "$(date -d "@$at" '+%a %b %e %T %Y')"
	is "$(show --time-format iso --raw)" "$at"
	is "$(TZ=Asia/Kathmandu show --time-format iso)" "$(TZ=Asia/Kathmandu date -d "@$at" +%FT%T%:z)"
	# short depends on what day it is now: midnight may pass between the two
	today=$(date +%F)
	short=$(show --time-format short)
	[ "$(date +%F)" != "$today" ] || [ "$(date -d "@$at" +%F)" != "$today" ] || is "$short" "$(date -d "@$at" +%H:%M)"
	is "$(show)" "$short"
}

@test "a time format that does not exist is refused" {
	try ipcls -m --time-format long
	ends 2
	complains "--time-format: long:"
}

@test "ages are short for people and seconds for programs" {
	make_objects shm=0,1,0600
	is "$(ipcls -mn -o IDLE | tr -d ' ')" "$(ipcls -m --raw -no IDLE)s" ||
		is "$(ipcls -mn -o IDLE | tr -d ' ')" "$(ipcls -m --raw -no IDLE)s" # a second passed
}

@test "every default table fits 80 columns on a terminal" {
	need_root
	hold name=fifteen-letters shm=0xffffffff,1073741823,010666 attach=1 lock msg=0xffffffff,0666 \
		qbytes=16000 send=8000 receive send=7777 sem=0xffffffff,32,0666 op=0,1 wait=1,-1
	for words in use=shm,"$(made_id shm)" use=msg,"$(made_id msg)" use=sem,"$(made_id sem)"; do
		"$SUPPORT/make_objects" "$words" chown=65534
	done
	for words in -m -q -s "-mt" "-qt" "-st" "-mp" "-qp" "-sp" "-mc" "-qc" "-sc" -l -u; do
		try "$SUPPORT/terminal" 80 -- ipcls --color=never $words
		ends 0
		[ "${#lines[@]}" -ge 2 ]
		for line in "${lines[@]}"; do
			[ "${#line}" -le 80 ] || show_failure "ipcls $words: wider than 80: $line"
		done
	done
}

@test "--notruncate keeps cells whole on a narrow terminal" {
	hold name=fifteen-letters shm=0,1,0600
	try "$SUPPORT/terminal" 40 -- ipcls -m -o REF,CREATOR,OWNER,CUSER,GROUP,CGROUP,KEY
	lacks "fifteen-letters[$holder]"
	try "$SUPPORT/terminal" 40 -- ipcls -m --notruncate -o REF,CREATOR,OWNER,CUSER,GROUP,CGROUP,KEY
	has "fifteen-letters[$holder]"
}

@test "nothing is cut where the output is no terminal" {
	hold name=fifteen-letters shm=0,1,0600
	COLUMNS=40 try ipcls -m -o REF,CREATOR,OWNER,CUSER,GROUP,CGROUP,KEY
	has "fifteen-letters[$holder]"
}

@test "colour is for terminals, unless told otherwise" {
	make_objects msg=0,0600 qbytes=10 send=10
	escape=$'\e['
	TERM=xterm try "$SUPPORT/terminal" 80 -- ipcls -q
	has "$escape"
	TERM=xterm try "$SUPPORT/terminal" 80 -- ipcls
	has "$escape"
	NO_COLOR=1 TERM=xterm try "$SUPPORT/terminal" 80 -- ipcls -q
	lacks "$escape"
	NO_COLOR= TERM=xterm try "$SUPPORT/terminal" 80 -- ipcls -q
	has "$escape"
	TERM=dumb try "$SUPPORT/terminal" 80 -- ipcls -q
	lacks "$escape"
	TERM=xterm try "$SUPPORT/terminal" 80 -- ipcls -q --color=never
	lacks "$escape"
	for words in -q "" "-l" "msg:$(made_id msg)"; do
		TERM=xterm try ipcls $words
		lacks "$escape"
	done
	NO_COLOR=1 try ipcls -q --color=always
	has "$escape"
	try ipcls -q --color
	has "$escape"
	try ipcls -q --color=auto
	lacks "$escape"
	try ipcls -q --color=sometimes
	ends 2
	complains "--color: sometimes:"
}

@test "no colour reaches raw, export or JSON" {
	make_objects msg=0,0600 qbytes=10 send=10
	for words in --raw --export -J; do
		try ipcls -q $words --color=always -o REF,FULL
		fine
		lacks $'\e'
	done
}

@test "a full disk is one complaint and status 2" {
	make_objects shms=50,1,0600 sem=0,3,0600 msg=0,0600
	for words in "" -m -a -l -u --help --version --list-columns "-mJ" "-m --raw" "-m --export" "-J" \
		"sem:$(made_id sem)" "--ftok / 1"; do
		run --separate-stderr bash -c 'ipcls "$@" >/dev/full' sh $words
		ends 2
		complains "ipcls: " "No space left on device"
	done
}

@test "a full disk is noticed however much there is to write" {
	make_objects shms=2000,1,0600
	for words in -m -mJ "-m --raw" "-m --sort SIZE"; do
		run --separate-stderr bash -c 'ipcls "$@" >/dev/full' sh $words
		ends 2
		complains "ipcls: " "No space left on device"
	done
}

@test "a reader that goes away ends the command quietly" {
	make_objects shms=3000,1,0600
	for words in -m -mJ "-m --raw" "-m --export"; do
		run --separate-stderr bash -c 'set -o pipefail; ipcls "$@" | head -n 1 | wc -l' sh $words
		is "$output" 1
		is "$stderr" ""
	done
	# also where the signal of a broken pipe is ignored
	run --separate-stderr bash -c 'trap "" PIPE; ipcls -m | head -n 1 | wc -l'
	is "$output" 1
	is "$stderr" ""
}

@test "a closed standard output is not taken for success" {
	make_objects shm=0,1,0600
	run --separate-stderr bash -c 'ipcls -m >&-'
	ends 2
	complains "ipcls: "
}

@test "--list-columns names every column that -o takes, with the key that JSON has" {
	make_objects shm=0,1,0600 msg=0,0600 sem=0,1,0600
	try ipcls --list-columns
	fine
	listing=$output
	while read -r column kinds _ key _; do
		kinds=${kinds/all/sysv,posix,endpoints}
		kinds=${kinds/sysv/shm,msg,sem}
		kinds=${kinds/posix,/posix-shm,posix-mq,posix-sem,}
		kinds=${kinds/%posix/posix-shm,posix-mq,posix-sem}
		kinds=${kinds/endpoints/pipe,fifo,unix,eventfd,memfd,mmap,epoll,timerfd,signalfd,inotify,pidfd}
		for kind in ${kinds//,/ }; do
			try ipcls --type "$kind" -J -o "$column"
			ends 0
			is "$column $kind $(json "[[k for k in row if k != 'unknown'] for row in d['${kind//-/_}'][:1]] or [['$key']]")" \
				"$column $kind [[\"$key\"]]"
			count=$((count + 1))
		done
	done < <(tail -n +2 <<<"$listing")
	[ "$(wc -l <<<"$listing")" -gt 60 ]
	[ "$count" -gt 250 ]
}

@test "--help opens with questions and lists every option; --version names the package" {
	try ipcls --help
	fine
	[[ ${lines[0]} == Usage:* ]]
	has "How full is it, and what is wrong?" --sort --json --unattached --find-key
	try ipcls -h -m
	fine
	has Usage:
	try ipcls --version
	fine
	[[ $output =~ ^ipcls\ from\ ipckit\ [0-9.]+$ ]]
}

@test "unknown options and operands that are missing are named" {
	try ipcls --no-such-option
	ends 2
	complains "--no-such-option: unknown option"
	try ipcls -mZ
	ends 2
	complains "-Z: unknown option"
	try ipcls --sort
	ends 2
	complains "--sort: needs an operand"
	try ipcls -o
	ends 2
	complains "-o: needs an operand"
	try ipcls --json=yes
	ends 2
	complains "--json=yes: takes no operand"
}

@test "a narrow terminal cuts characters that the locale cannot show, and ends" {
	# owned by a user of another alphabet
	echo 'üñïcödé:x:0:0::/:/bin/sh' >"$BATS_TEST_TMPDIR/passwd"
	mount --bind "$BATS_TEST_TMPDIR/passwd" /etc/passwd
	make_objects shm=0,100,0600
	for locale in C C.UTF-8; do
		for columns in 30 55 80; do
			try env LC_ALL=$locale timeout 10 "$SUPPORT/terminal" $columns -- ipcls -m
			ends 0
		done
	done
	has üñïcödé
	umount /etc/passwd
}

@test "an option that is cut short is unknown" {
	make_objects shm=0,1,0600
	for word in --unatt --jso --sor=SIZE --ra --he --versio; do
		try ipcls -m "$word"
		ends 2
		complains "ipcls: " ": unknown option"
		prints ""
	done
	# the drop-ins know them, as those that they stand in for
	run -0 "$IPCS" --shmem --crea
	has "Shared Memory Segment Creators/Owners"
	run -0 "$IPCRM" --shmem-i "$(made_id shm)"
	is "$(ids shm)" ""
}

@test "the values of a large set are whole outside of a terminal" {
	make_objects sem=0,2000,0600 set=1999,7
	run -0 ipcls -s --raw -no VALUES
	is "$(tr , '\n' <<<"$output" | wc -l) ${output: -4}" "2000 ,0,7"
	run -0 ipcls -s --export -o VALUES
	is "$(tr , '\n' <<<"$output" | wc -l) ${output: -5}" '2000 ,0,7"'
	run -0 ipcls -s -no VALUES
	is "$(tr , '\n' <<<"$output" | wc -l)" 2000
}

@test "outside characters are escaped where the locale cannot show them" {
	hold name=四 shm=0,1,0600
	LC_ALL=C run -0 ipcls -m --raw -no CREATOR
	is "$output" "\\xe5\\x9b\\x9b[$holder]"
}
