#!/usr/bin/env bats
# Processes that objects record: who bears the number today, and whether that can be the one.

load private

# A number that no process bears, far above those that are handed out during a test.
free_pid() {
	echo $(($(cat /proc/sys/kernel/pid_max) / 2 + BATS_TEST_NUMBER))
}

# Let the process of a number come back as another one: reuse PID COMMAND...
reuse() {
	"$SUPPORT/with_pid" "$@" 3>&- &
	holders="$holders $!"
	disown "$!"
	wait_until test -e "/proc/$1/stat"
}

@test "a creator that runs is shown with its command" {
	hold name=founder shm=0,1,0600 attach=1
	try ipcls -m --raw -no CREATOR,LAST-OPERATOR,CPID,LPID
	fine
	prints "founder[$holder] founder[$holder] $holder $holder"
	try ipcls -mJ -o CREATOR
	is "$(json 'd["shm"][0]["creator_process"]')" "{\"pid\": $holder, \"command\": \"founder\", \"state\": \"running\"}"
}

@test "a creator that is gone is a number in parentheses" {
	hold name=founder shm=0,1,0600
	kill -9 "$holder"
	wait_until gone "$holder"
	try ipcls -m --raw -no CREATOR
	fine
	prints "($holder)"
	try ipcls -mJ -o CREATOR
	is "$(json 'd["shm"][0]["creator_process"]')" "{\"pid\": $holder, \"command\": null, \"state\": \"gone\"}"
}

@test "a zombie still bears its number" {
	hold name=parent shm=0,1,0600 fork name=zombie attach=1
	child=$(awk '$1 == "child" { print $2 }' <<<"$made")
	# its parent would wait for it, were it not stopped
	kill -STOP "$holder"
	wait_until grep -q '^State:.T' "/proc/$holder/status"
	kill -9 "$child"
	wait_until grep -q '^State:.Z' "/proc/$child/status"
	try ipcls -m --raw -no LAST-OPERATOR
	fine
	prints "zombie[$child]"
}

@test "a process that took a dead creator's number is doubted" {
	pid=$(free_pid)
	made=$("$SUPPORT/with_pid" $pid "$SUPPORT/make_objects" name=founder shm=0,1,0600)
	at=$(proc_field shm "$(made_id shm)" 14)
	is "$(proc_field shm "$(made_id shm)" 5)" "$pid"
	wait_until past $((at + 2))
	reuse $pid sleep 1000
	wait_until grep -q '^sleep$' "/proc/$pid/comm"
	try ipcls -m --raw -no CREATOR
	fine
	prints "sleep[$pid]?"
	try ipcls -mJ -o CREATOR
	is "$(json 'd["shm"][0]["creator_process"]["state"]')" later
	try ipcls shm:"$(made_id shm)"
	has "CREATOR        sleep[$pid]?"
}

@test "an act on the object clears the doubt of its last operator only" {
	pid=$(free_pid)
	made=$("$SUPPORT/with_pid" $pid "$SUPPORT/make_objects" name=founder shm=0,1,0600 attach=1)
	wait_until past $(($(proc_field shm "$(made_id shm)" 14) + 2))
	reuse $pid "$SUPPORT/make_objects" name=heir use=shm,"$(made_id shm)" attach=1 hold
	wait_until grep -q '^heir$' "/proc/$pid/comm"
	wait_until attached
	try ipcls -m --raw -no CREATOR,LAST-OPERATOR
	fine
	prints "heir[$pid]? heir[$pid]"
}

attached() {
	[ "$(proc_field shm "$(made_id shm)" 7)" = 1 ]
}

@test "senders and receivers are judged by their own times" {
	hold name=asker msg=0,0600 send=1 send=1
	asker=$holder
	hold name=taker use=msg,"$(made_id msg)" receive
	taker=$holder
	try ipcls -q --raw -no SENDER,RECEIVER,LSPID,LRPID
	fine
	prints "asker[$asker] taker[$taker] $asker $taker"
	kill -9 "$asker"
	wait_until gone "$asker"
	try ipcls -q --raw -no SENDER,RECEIVER
	prints "($asker) taker[$taker]"
}

@test "the last operator of a set is known also by SETVAL" {
	hold name=setter sem=0,2,0600 set=1,5
	try ipcls -s --raw -no LAST-OPERATOR,LPID
	fine
	prints "setter[$holder] $holder"
}

@test "nobody has done it yet is a dash" {
	make_objects shm=0,1,0600 msg=0,0600 sem=0,1,0600
	try ipcls -m --raw -no LAST-OPERATOR,LPID
	prints "- -"
	try ipcls -q --raw -no SENDER,RECEIVER,LSPID
	prints "- - -"
	try ipcls -s --raw -no LAST-OPERATOR,LPID
	prints "- -"
}

@test "a process that /proc hides is a number after a question mark" {
	need_root
	hold name=founder shm=0,1,0604
	try mounted 'mount -t proc -o hidepid=2 proc /proc' setpriv --reuid=65534 --regid=65534 --clear-groups \
		ipcls -m --raw -no CREATOR
	fine
	prints "?[$holder]"
	try mounted 'mount -t proc -o hidepid=2 proc /proc' setpriv --reuid=65534 --regid=65534 --clear-groups \
		ipcls -mJ -o CREATOR
	is "$(json 'd["shm"][0]["creator_process"]')" "{\"pid\": $holder, \"command\": null, \"state\": \"hidden\"}"
	# with /proc as it was nothing is hidden
	is "$(as_nobody ipcls -m --raw -no CREATOR)" "founder[$holder]"
}

inside() {
	unshare --pid --fork --mount-proc "$@"
}

@test "a process outside the pid namespace is unknown, not never" {
	hold name=founder shm=0,1,0600 attach=1 msg=0,0600 send=1 receive sem=0,1,0600 op=0,1
	try inside ipcls -m --raw -no CREATOR,LAST-OPERATOR,CPID,LPID
	ends 0
	complains "1 of 1 shared memory segments: CREATOR, LAST-OPERATOR, CPID, LPID unknown:"
	prints "? ? ? ?"
	try inside ipcls -q --raw -no SENDER,RECEIVER
	ends 0
	prints "? ?"
	try inside ipcls -s --raw -no LAST-OPERATOR
	ends 0
	prints "?"
	try inside ipcls -J
	ends 0
	is "$(json '[d["shm"][0][k] for k in ("cpid", "lpid")] + [d["msg"][0][k] for k in ("lspid", "lrpid")]')" \
		'[null, null, null, null]'
	is "$(json 'sorted(d["shm"][0]["unknown"]) + sorted(d["msg"][0]["unknown"])')" '["cpid", "lpid", "lrpid", "lspid"]'
	is "$(json 'all("namespace" in why for why in d["shm"][0]["unknown"].values())')" true
}

@test "what nobody did yet stays known inside another pid namespace" {
	make_objects shm=0,1,0600 msg=0,0600 sem=0,1,0600
	try inside ipcls -q --raw -no SENDER,LRPID
	fine
	prints "- -"
	try inside ipcls -s --raw -no LAST-OPERATOR
	fine
	prints -
	try inside ipcls -mJ
	is "$(json '(d["shm"][0]["lpid"], sorted(d["shm"][0]["unknown"]))')" '[null, ["cpid"]]'
}

@test "--created-by cannot judge creators outside and says how many" {
	make_objects shm=0,1,0600 shm=0,1,0600
	try inside ipcls -m --raw -no REF --created-by 5
	ends 0
	complains "2 left out: --created-by:"
	prints ""
	try inside ipckill --created-by 5 -y
	ends 0
	complains "2 left out: --created-by:"
	is "$(ids shm)" "$(made_id shm) $(made_id shm 2)"
}

@test "a /proc of another pid namespace is not asked about our numbers" {
	# without --mount-proc, /proc shows the processes of the namespace around: the impostor among
	# them, whose number the creator has inside
	hold name=impostor
	# (a sanitized build could not look for leaks there)
	ASAN_OPTIONS=detect_leaks=0 try unshare --pid --fork --kill-child sh -c '
		"$SUPPORT/with_pid" "$1" "$SUPPORT/make_objects" name=maker shm=0,1,0600 hold >"$2" 3>&- &
		until grep -q ready "$2" 2>/dev/null; do :; done
		ipcls -m --raw -no CREATOR' sh "$holder" "$BATS_TEST_TMPDIR/ready"
	fine
	prints "?[$holder]"
}

# No byte of $output could steer a terminal.
harmless() {
	python3 -c '
import sys, unicodedata
text = sys.stdin.buffer.read().decode("utf-8")
bad = [c for c in text if c != "\n" and (ord(c) < 0x20 or 0x7f <= ord(c) < 0xa0 or unicodedata.category(c) in ("Cf", "Zl", "Zp"))]
sys.exit(f"{bad!r} in {text!r}" if bad else 0)' <<<"$output"
}

@test "no command name can steer the terminal, in any format" {
	for name in $'a\e[2Jb\nc' $'x\u202ey\u2066z' $'\xc2\x9b31m\xff\xfed' $'\x7f\x01\x08l\u2028m' '") (a\x1b["'; do
		ipcrm -a
		hold name="$name" shm=0,1,0600 attach=1 msg=0,0600 send=1 receive sem=0,2,0600 op=0,1
		rows=$(ipcls -m --raw -no REF | wc -l)
		for words in "" -m -a "-ap" "-a --raw" "-a --export" "shm:$(made_id shm) msg:$(made_id msg) sem:$(made_id sem)"; do
			try ipcls --color=never $words
			fine
			has "[$holder]"
			harmless
		done
		# a newline in a name makes no second row
		is "$(ipcls -m --raw -no CREATOR | wc -l)" "$rows"
		try ipcls -mJ -o CREATOR
		fine
		is "$(json 'd["shm"][0]["creator_process"]["pid"]')" "$holder"
		kill -9 "$holder"
	done
}

@test "JSON keeps a command name as it is" {
	for name in $'a\e[2Jb' $'a\nb"' $'x\u202ey' 'back\slash' 'Ünïcödé'; do
		ipcrm -a
		hold name="$name" shm=0,1,0600
		IFS= read -rd '' comm <"/proc/$holder/comm" || true
		try ipcls -mJ -o CREATOR
		fine
		is "$(json 'd["shm"][0]["creator_process"]["command"]')" "${comm%$'\n'}"
		lacks $'\e'
	done
}
