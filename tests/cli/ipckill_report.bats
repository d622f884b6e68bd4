#!/usr/bin/env bats
# What ipckill says of each object, in text and in JSON, and how it ends.

load private

@test "-J is one object with a result for each step, in order" {
	hold shm=0,1,0600 attach=1 msg=0,0600 sem=0,1,0600
	try ipckill -J msg:"$(made_id msg)" shm:"$(made_id shm)" sem:"$(made_id sem)" shm:4711
	ends 1
	complains "shm:4711: no such object"
	is "$(json 'd')" "{\"results\": [{\"ref\": \"msg:$(made_id msg)\", \"action\": \"remove\", \"result\": \"removed\", \"reason\": null}, {\"ref\": \"shm:$(made_id shm)\", \"action\": \"remove\", \"result\": \"removed\", \"reason\": \"goes with its last attachment\"}, {\"ref\": \"sem:$(made_id sem)\", \"action\": \"remove\", \"result\": \"removed\", \"reason\": null}, {\"ref\": \"shm:4711\", \"action\": \"remove\", \"result\": \"missing\", \"reason\": \"no such object\"}]}"
}

@test "-J tells what was refused and what was planned" {
	hold shm=0,1,0600 attach=1 shm=0,1,0600
	try ipckill -J --dry-run -m --all
	is "$(json '[r["result"] for r in d["results"]]')" '["refused", "planned"]'
	ends 1
	try ipckill -J -y -m --all
	ends 1
	complains "refused: attached 1 time"
	is "$(json '[r["result"] for r in d["results"]]')" '["refused", "removed"]'
	is "$(json '"attached" in d["results"][0]["reason"]')" true
}

@test "-J tells an object of another namespace as refused" {
	make_objects shm=0x11,1,0600
	id=$(made_id shm)
	for ref in shm:$id@77 shm:key=0x11@77; do
		try ipckill -J "$ref" -y
		ends 1
		complains "ipckill: $ref: refused: " "another namespace"
		is "$(json '[(r["ref"], r["action"], r["result"], "another namespace" in r["reason"]) for r in d["results"]]')" \
			"[[\"$ref\", \"remove\", \"refused\", true]]"
		is "$(ids shm)" "$id"
	done
}

@test "-J of nothing is an empty array" {
	try ipckill -J -y --all
	fine
	is "$(json 'd')" '{"results": []}'
}

@test "-J asks nothing: a set needs -y" {
	make_objects shm=0,1,0600
	try "$SUPPORT/terminal" 80 y -- ipckill -J --all
	ends 2
	has "-J asks nothing; give -y or --dry-run"
	is "$(ids shm)" "$(made_id shm)"
}

@test "-v says whose each object was" {
	make_objects shm=0xabc,1,0600 msg=0,0600
	try ipckill -v shm:"$(made_id shm)" msg:"$(made_id msg)"
	fine
	prints "removed shm:$(made_id shm) (key 0x00000abc, owner root, creator root)
removed msg:$(made_id msg) (key 0x00000000, owner root, creator root)"
}

@test "an object of somebody else is denied and named, the rest is done, status 1" {
	need_root
	make_objects shm=0,1,0666 msg=0,0666 sem=0,1,0666
	made="$made
$(as_nobody "$SUPPORT/make_objects" shm=0,1,0600)"
	try as_nobody ipckill shm:"$(made_id shm 1)" shm:"$(made_id shm 2)" msg:"$(made_id msg)" sem:"$(made_id sem)"
	ends 1
	is "${#stderr_lines[@]}" 3
	for ref in shm:"$(made_id shm 1)" msg:"$(made_id msg)" sem:"$(made_id sem)"; do
		[[ $stderr == *"ipckill: $ref: permission denied: only its owner, its creator or root may remove it"* ]]
	done
	prints "removed shm:$(made_id shm 2)"
	is "$(ids shm)/$(ids msg)/$(ids sem)" "$(made_id shm 1)/$(made_id msg)/$(made_id sem)"
}

@test "-J says that it was denied" {
	need_root
	make_objects msg=0,0600
	try as_nobody ipckill -J msg:"$(made_id msg)"
	ends 1
	is "$(json '(d["results"][0]["result"], "permission denied" in d["results"][0]["reason"])')" '["failed", true]'
	# it was denied already when it was looked for
	for ref in msg:"$(made_id msg)" shm:4711; do
		try mounted 'mount -t tmpfs tmpfs /proc/sysvipc' "$SUPPORT/refuse" EPERM ctl get -- ipckill -J "$ref"
		ends 1
		is "$(json '[(r["ref"], r["result"], "permission denied" in r["reason"]) for r in d["results"]]')" \
			"[[\"$ref\", \"failed\", true]]"
	done
	is "$(ids msg)" "$(made_id msg)"
}

@test "--all as an ordinary user removes its own and names what it may not" {
	need_root
	make_objects shm=0,1,0666 sem=0,1,0600
	made="$made
$(as_nobody "$SUPPORT/make_objects" shm=0,1,0600 msg=0,0600)"
	try as_nobody ipckill -y --all
	ends 1
	has "removed shm:$(made_id shm 2)" "removed msg:$(made_id msg)"
	[[ $stderr == *"shm:$(made_id shm 1): permission denied"* ]]
	# whether anybody waits on a set of mode 0600 cannot be seen
	[[ $stderr == *"sem:$(made_id sem): refused: cannot see whether anybody waits: permission denied"* ]]
	is "$(ids shm)/$(ids msg)/$(ids sem)" "$(made_id shm 1)//$(made_id sem)"
}

@test "a creator may remove what it gave away" {
	need_root
	made=$(as_nobody "$SUPPORT/make_objects" shm=0,1,0600)
	"$SUPPORT/make_objects" use=shm,"$(made_id shm)" chown=1
	try as_nobody ipckill shm:"$(made_id shm)"
	fine
	is "$(ids shm)" ""
}

@test "a refusal by the kernel's security is reported as such" {
	make_objects msg=0,0600
	try "$SUPPORT/refuse" EPERM ctl -- ipckill msg:"$(made_id msg)"
	ends 1
	complains "ipckill: msg:$(made_id msg): permission denied"
	is "$(ids msg)" "$(made_id msg)"
}

@test "a removal is done although its report cannot be written, and says so" {
	make_objects shm=0,1,0600 shm=0,1,0600
	run --separate-stderr bash -c 'ipckill "$@" >/dev/full' sh shm:"$(made_id shm 1)" shm:"$(made_id shm 2)"
	ends 2
	complains "ipckill: " "No space left on device"
	is "$(ids shm)" ""
}

@test "a reader that goes away does not stop a removal half way" {
	limit shmmni 10000
	make_objects shms=8000,1,0600 # more report than a pipe holds
	run --separate-stderr bash -c 'ipckill -y -m --all | head -n 1; exit "${PIPESTATUS[0]}"'
	ends 0
	[[ $output == "removed shm:"* ]]
	is "$stderr" ""
	is "$(ids shm)" ""
}

@test "ended half way, it has reported what it removed" {
	limit shmmni 32768
	make_objects shms=30000,1,0600
	log=$BATS_TEST_TMPDIR/log
	ids shm | tr ' ' '\n' >"$BATS_TEST_TMPDIR/before"
	ipckill -m --all -y >"$log" 2>"$log.undone" 3>&- &
	pid=$!
	wait_until [ -s "$log" ]
	kill -TERM "$pid"
	wait "$pid" && status=0 || status=$?
	is "$status" 1
	ids shm | tr ' ' '\n' >"$BATS_TEST_TMPDIR/after"
	[ -s "$BATS_TEST_TMPDIR/after" ] # it was half way
	[ "$(tail -c 1 "$log" | od -An -c | tr -d ' ')" = '\n' ]
	sed -n 's/^removed shm://p' "$log" >"$BATS_TEST_TMPDIR/reported"
	is "$(wc -l <"$log")" "$(wc -l <"$BATS_TEST_TMPDIR/reported")"
	sort "$BATS_TEST_TMPDIR/before" >"$BATS_TEST_TMPDIR/was"
	sort "$BATS_TEST_TMPDIR/after" | comm -23 "$BATS_TEST_TMPDIR/was" - >"$BATS_TEST_TMPDIR/removed"
	is "$(sort "$BATS_TEST_TMPDIR/reported")" "$(cat "$BATS_TEST_TMPDIR/removed")"
	# and what it told as not done is there
	is "$(sed -n 's/^ipckill: shm:\([0-9]*\): not done: interrupted$/\1/p' "$log.undone" | sort)" \
		"$(sort "$BATS_TEST_TMPDIR/after")"
}

@test "help and version end well and remove nothing" {
	make_objects shm=0,1,0600
	try ipckill --help --all -y
	fine
	[[ ${lines[0]} == Usage:* ]]
	has --dry-run --force "Remove these"
	try ipckill -V -y --all
	fine
	[[ $output =~ ^ipckill\ from\ ipckit\ [0-9.]+$ ]]
	is "$(ids shm)" "$(made_id shm)"
}

@test "owners are named without their escapes" {
	make_objects shm=0,1,0600
	# a user database of our own, with a name that no tool would make
	printf 'root:x:0:0::/:\nev\e[31mil:x:4242:0::/:\n' >"$BATS_TEST_TMPDIR/passwd"
	"$SUPPORT/make_objects" use=shm,"$(made_id shm)" chown=4242 || skip "needs root: gives an object away"
	try mounted "mount --bind '$BATS_TEST_TMPDIR/passwd' /etc/passwd" ipckill -v shm:"$(made_id shm)"
	fine
	lacks $'\e'
	has 'owner ev\x1b[31mil'
}
