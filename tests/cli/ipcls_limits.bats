#!/usr/bin/env bats
# -l and -u: limits and totals are those of sysctl and of ipcs.

load private

# Column N of the raw row of a resource.
cell() {
	awk -v name="$1" -v n="$2" '$1 == name { print $n }' <<<"$output"
}

kernel() {
	cat "/proc/sys/kernel/$1"
}

@test "every limit is what sysctl says" {
	limit shmmni 1234
	limit shmmax 1000000
	limit shmall 5000
	limit msgmni 321
	limit msgmax 2222
	limit msgmnb 3333
	limit sem "111 2222 33 44"
	try ipcls -l --raw -no RESOURCE,LIMIT
	fine
	is "$(sort <<<"$output")" "MSGMAX 2222
MSGMNB 3333
MSGMNI 321
SEMMNI 44
SEMMNS 2222
SEMMSL 111
SEMOPM 33
SEMVMX 32767
SHMALL $((5000 * $(getconf PAGESIZE)))
SHMMAX 1000000
SHMMIN 1
SHMMNI 1234"
}

@test "the limits are those that ipcs -l tells" {
	try ipcls -l --raw -no RESOURCE,LIMIT
	fine
	of() { ipcs -l | awk -F' = ' -v text="$1" 'index($0, text) == 1 { print $2; exit }'; }
	is "$(cell SHMMNI 2)" "$(of 'max number of segments')"
	is "$(cell MSGMNI 2)" "$(of 'max queues system wide')"
	is "$(cell MSGMAX 2)" "$(of 'max size of message (bytes)')"
	is "$(cell MSGMNB 2)" "$(of 'default max size of queue (bytes)')"
	is "$(cell SEMMNI 2)" "$(of 'max number of arrays')"
	is "$(cell SEMMSL 2)" "$(of 'max semaphores per array')"
	is "$(cell SEMMNS 2)" "$(of 'max semaphores system wide')"
	is "$(cell SEMOPM 2)" "$(of 'max ops per semop call')"
	is "$(cell SEMVMX 2)" "$(of 'semaphore max value')"
}

@test "the kernel's word for no limit is shown as unlimited" {
	limit shmmax 18446744073692774399
	limit shmall 18446744073692774399
	try ipcls -l --raw -no RESOURCE,LIMIT,USE%
	fine
	is "$(cell SHMMAX 2)" unlimited
	is "$(cell SHMALL 2)" unlimited
	is "$(cell SHMALL 3)" -
	try ipcls -lJ
	fine
	is "$(json '[[r["limit"], r["unlimited"], r["percent"]] for r in d["limits"] if r["resource"] in ("SHMMAX", "SHMALL")]')" \
		"[[null, true, null], [null, true, null]]"
	is "$(json '[r["unlimited"] for r in d["limits"] if r["resource"] == "SHMMNI"]')" "[false]"
}

@test "what is used of a limit is what was made" {
	make_objects shm=0,1,0600 shm=0,5000,0600 msg=0,0600 msg=0,0600 msg=0,0600 sem=0,5,0600 sem=0,6,0600
	try ipcls -l --raw -no RESOURCE,USED
	fine
	is "$(cell SHMMNI 2)" 2
	is "$(cell SHMALL 2)" $((3 * $(getconf PAGESIZE)))
	is "$(cell MSGMNI 2)" 3
	is "$(cell SEMMNI 2)" 2
	is "$(cell SEMMNS 2)" 11
	# what limits one object or one call is not used up
	for name in SHMMAX SHMMIN MSGMAX MSGMNB SEMMSL SEMOPM SEMVMX; do
		is "$(cell $name 2)" -
	done
}

@test "at 100% the next object fails with the error that the row tells" {
	limit shmmni 3
	limit msgmni 2
	limit sem "250 32000 500 2"
	make_objects shms=3,4096,0600 msg=0,0600 msg=0,0600 sem=0,1,0600 sem=0,1,0600
	try ipcls -l -o RESOURCE,USE%,WHEN-EXHAUSTED
	fine
	for pair in "SHMMNI shm=0,1,0600" "MSGMNI msg=0,0600" "SEMMNI sem=0,1,0600"; do
		set -- $pair
		run "$SUPPORT/make_objects" "$2"
		[ "$status" -eq 1 ]
		why=${output##*: }
		try ipcls -l -o RESOURCE,USE%,WHEN-EXHAUSTED
		[[ "$(grep "^$1" <<<"$output")" =~ ^$1\ +100%\ +[a-z]+get:\ ENOSPC\ \"$why\"$ ]]
	done
}

@test "SHMALL and SEMMNS are used up by pages and semaphores" {
	limit shmall 10
	limit sem "250 20 500 128"
	make_objects shm=0,$((10 * $(getconf PAGESIZE))),0600 sem=0,15,0600
	try ipcls -l --raw -no RESOURCE,USE%
	fine
	is "$(cell SHMALL 2)" 100.0
	is "$(cell SEMMNS 2)" 75.0
}

@test "the errors of limits of one object or call are what programs get" {
	limit shmmax 8192
	limit msgmax 100
	limit msgmnb 300
	limit sem "5 32000 2 128"
	try ipcls -l -o RESOURCE,WHEN-EXHAUSTED
	fine
	told=$output
	expect() { # RESOURCE WORD...: make_objects with these fails with the told words
		local name=$1
		shift
		run "$SUPPORT/make_objects" "$@"
		[ "$status" -eq 1 ]
		[[ "$(grep "^$name" <<<"$told")" == *"\"${output##*: }\"" ]] || show_failure "$name: $told"
	}
	expect SHMMAX shm=0,8193,0600
	expect SHMMIN shm=0,0,0600
	expect MSGMAX msg=0,0600 send=101
	expect MSGMNB msg=0,0600 send=100 send=100 send=100 send=1
	expect SEMMSL sem=0,6,0600
	expect SEMVMX sem=0,1,0600 op=0,32767 op=0,1
}

@test "a kind narrows limits and totals to itself" {
	try ipcls -lq --raw -no RESOURCE
	fine
	prints "MSGMNI
MSGMAX
MSGMNB"
	try ipcls -us --raw -no KIND,TOTAL
	fine
	prints "sem sets
sem semaphores"
}

@test "totals are those of ipcs -u" {
	hold shm=0,5000,0600 attach=1 touch=5000 shm=0,1,0600 msg=0,0600 send=10 send=20 msg=0,0600 \
		send=7 sem=0,5,0600 sem=0,1,0600
	page=$(getconf PAGESIZE)
	summary=$(ipcs -u)
	of() { sed -nE "s/^$1[ =]+([0-9]+).*/\1/p" <<<"$summary"; }
	try ipcls -u --raw -n
	fine
	used() { awk -v kind="$1" -v total="$2" '$1 == kind && $2 == total { print $3 }' <<<"$output"; }
	is "$(used shm segments)" "$(of 'segments allocated')"
	is "$(used shm bytes)" $(($(of 'pages allocated') * page))
	is "$(used shm rss)" $(($(of 'pages resident') * page))
	is "$(used shm swap)" $(($(of 'pages swapped') * page))
	is "$(used msg queues)" "$(of 'allocated queues')"
	is "$(used msg messages)" "$(of 'used headers')"
	is "$(used msg bytes)" 37
	is "$(used sem sets)" "$(of 'used arrays')"
	is "$(used sem semaphores)" "$(of 'allocated semaphores')"
	is "$(used sem semaphores)" 6
}

@test "-l -J is one object with typed rows" {
	make_objects shm=0,4096,0600
	try ipcls -lJ
	fine
	is "$(json 'sorted(d)')" '["limits"]'
	is "$(json 'sorted(set(tuple(sorted(r)) for r in d["limits"]))')" \
		'[["description", "limit", "percent", "resource", "unlimited", "used", "when_exhausted"]]'
	is "$(json '[(type(r["limit"]).__name__, type(r["used"]).__name__, type(r["unlimited"]).__name__) for r in d["limits"] if r["resource"] == "SHMMNI"]')" \
		'[["int", "int", "bool"]]'
	is "$(json '[r["limit"] for r in d["limits"] if r["resource"] == "SHMMNI"][0]')" "$(kernel shmmni)"
	is "$(json '[r["used"] for r in d["limits"] if r["resource"] == "SEMVMX"]')" '[null]'
	is "$(json 'all(isinstance(r["percent"], (int, float, type(None))) for r in d["limits"])')" true
}

@test "-u -J is one object with typed rows" {
	make_objects shm=0,4096,0600 sem=0,3,0600
	try ipcls -uJ
	fine
	is "$(json 'sorted(d)')" '["usage"]'
	is "$(json '[r["used"] for r in d["usage"] if (r["kind"], r["total"]) == ("sem", "semaphores")]')" '[3]'
	is "$(json '[r["limit"] for r in d["usage"] if (r["kind"], r["total"]) == ("shm", "segments")][0]')" "$(kernel shmmni)"
	is "$(json 'all(type(r["used"]) is int for r in d["usage"])')" true
}

@test "other views do not go with limits: one line, status 2" {
	for words in "-l shm:0" "-u msg:key=5" "-l --sort LIMIT" "-u --sort USED" "-l -o SIZE" "-u -o REF" \
		"-l --owner nobody" "-u --unattached" "-u --owner root" "-lm --key 5" "-uq --larger-than 1"; do
		try ipcls $words
		ends 2
		complains ipcls:
		prints ""
	done
}
