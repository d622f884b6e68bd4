#!/usr/bin/env bats
# Where the kernel refuses a call or hides a file, ipcls answers the same by another way.

load private

refuse=$SUPPORT/refuse

# Objects of all kinds, in all their states, with holes in the tables between them.
populate() {
	hold name=maker shm=0x10,5000,0640 attach=1 touch=1 shm=0,1,0600 shm=0xdeadbeef,4096,0 attach=1 dest \
		msg=0x20,0600 send=10 send=20 msg=0,0600 msg=0xfffffff0,0622 send=5 receive \
		sem=0x30,3,0600 set=0,4 op=1,1 wait=2,-1 sem=0,1,0600 sem=0x31,2,0
	ipcrm -m "$(made_id shm 2)" -q "$(made_id msg 2)" -s "$(made_id sem 2)"
}

everything=(-a --raw -o +EXACT,GID,CUID,CGID,CTIME,SWAP,ATIME,DTIME,CPID,LPID,MAX-BYTES,STIME,RTIME,LSPID,LRPID,OTIME,LPID,VALUES)

# The same rows, apart from the age of the objects, which moves on: the first run is the truth.
same_as_normal() {
	normal=$(ipcls "${everything[@]}" | without_idle)
	try "$@" ipcls "${everything[@]}"
	fine && is "$(without_idle <<<"$output")" "$normal"
}

# IDLE is counted in seconds since the latest time: a column that differs between two runs.
without_idle() {
	awk '/^REF/ { for (i = 1; i <= NF; i++) if ($i == "IDLE") idle = i } { $idle = ""; print }'
}

no_proc='mount -t tmpfs tmpfs /proc/sysvipc'
empty_files='for kind in shm msg sem; do mount --bind /dev/null /proc/sysvipc/$kind; done'

@test "the rows are those of /proc/sysvipc, to begin with" {
	populate
	for kind in shm msg sem; do
		is "$(ipcls -a --raw -no REF | grep "^$kind")" "$(awk -v k=$kind 'NR > 1 { print k ":" $2 }' /proc/sysvipc/$kind)"
	done
}

@test "without the calls by index the rows are the same, whatever the refusal" {
	populate
	for error in EPERM EACCES ENOSYS EINVAL; do
		same_as_normal "$refuse" $error stat_any --
	done
}

@test "without the calls that tell how many there are the rows are the same" {
	populate
	for error in EPERM EACCES ENOSYS EINVAL; do
		same_as_normal "$refuse" $error info --
	done
}

@test "with some indexes refused the rows are the same, none missing, none twice" {
	populate
	# an index is the low bits of an id; the kernel hands them out in turn
	local error=EPERM
	for id in $(ids shm) $(ids msg) $(ids sem); do
		same_as_normal "$refuse" $error stat_any=$((id % 32768)) --
		for letter in m q s; do
			is "$("$refuse" $error stat_any=$((id % 32768)) -- ipcls -$letter --raw -no REF)" \
				"$(ipcls -$letter --raw -no REF)"
		done
		[ $error = EPERM ] && error=EACCES || error=EPERM
	done
}

@test "with all three calls refused the files still list" {
	populate
	for error in EPERM EACCES ENOSYS; do
		for letter in m q s; do
			is "$("$refuse" $error ctl -- ipcls -$letter --raw -no REF,KEY,MODE,UID,CTIME)" \
				"$(ipcls -$letter --raw -no REF,KEY,MODE,UID,CTIME)"
		done
	done
	try "$refuse" EPERM ctl -- ipcls -J
	ends 0
	is "$(json 'd["shm"][0]["size"]')" 5000
	is "$(json 'd["msg"][0]["max_bytes"]')" null
	is "$(json 'd["msg"][0]["unknown"]["max_bytes"]')" "permission denied"
}

@test "a page is found without the calls, by id and by key" {
	populate
	for ref in shm:"$(made_id shm)" msg:"$(made_id msg)" sem:"$(made_id sem)" shm:key=0x10 msg:key=0x20 sem:key=0x30; do
		normal=$(ipcls --raw -no REF,KEY,MODE,CTIME "$ref")
		[ -n "$normal" ]
		for call in "EPERM stat_any" "ENOSYS stat_any" "EINVAL stat_any" "EACCES ctl" "ENOSYS ctl" "EPERM get" \
			"ENOSYS get" "EPERM ctl get"; do
			try "$refuse" $call -- ipcls --raw -no REF,KEY,MODE,CTIME "$ref"
			fine
			is "$call $ref $output" "$call $ref $normal"
		done
	done
	try "$refuse" EPERM ctl get -- ipcls shm:999
	ends 1
	complains "shm:999: no such object"
	try "$refuse" EPERM ctl get -- ipcls shm:key=999
	ends 1
	complains "no such object"
}

@test "/proc/sysvipc hidden: the calls list the same rows" {
	populate
	normal=$(ipcls -a --raw -no REF,KEY,MODE,UID,GID,CTIME,SIZE,ATT,CPID,MSGS,BYTES,MAX-BYTES,STIME,NSEMS,OTIME,WAITING,STATUS)
	for hide in "$no_proc" "$empty_files"; do
		try mounted "$hide" timeout 10 ipcls -a --raw -no REF,KEY,MODE,UID,GID,CTIME,SIZE,ATT,CPID,MSGS,BYTES,MAX-BYTES,STIME,NSEMS,OTIME,WAITING,STATUS
		fine
		is "$output" "$normal"
	done
}

@test "/proc/sysvipc hidden: rss is unknown, and said once" {
	populate
	for hide in "$no_proc" "$empty_files"; do
		try mounted "$hide" timeout 10 ipcls -m --raw -no REF,RSS
		ends 0
		complains "2 of 2 shared memory segments: RSS unknown"
		prints "shm:$(made_id shm) ?
shm:$(made_id shm 3) ?"
		try mounted "$hide" timeout 10 ipcls -mJ
		ends 0
		is "$(json '[(r["rss"], r["swap"], sorted(r["unknown"])) for r in d["shm"]]')" \
			'[[null, null, ["rss", "swap"]], [null, null, ["rss", "swap"]]]'
		try mounted "$hide" timeout 10 ipcls shm:"$(made_id shm)"
		ends 0
		has "RSS            ? ("
	done
}

@test "/proc/sysvipc hidden: nothing loops, in any view" {
	populate
	for hide in "$no_proc" "$empty_files"; do
		for words in "" -a -l -u -t -p -c -J "--sort SIZE" "--unattached" "shm:key=0x10" "sem:key=0x30" "--elements"; do
			try mounted "$hide" timeout 10 ipcls $words
			ends 0
		done
	done
}

@test "the limits and totals are read without the files" {
	populate
	for words in -l "-u -o KIND,TOTAL,USED,LIMIT"; do
		normal=$(ipcls $words --raw)
		try mounted "$no_proc" ipcls $words --raw
		fine
		is "$output" "$normal"
	done
	segments() { "$@" ipcls -u -o SOURCE,BYTES,OBJECTS --raw | grep ^sysv; }
	normal=$(segments)
	is "$(segments mounted "$no_proc")" "$normal"
}

@test "neither the calls nor the files: null, a message, status 1" {
	populate
	for call in "EPERM ctl" "ENOSYS ctl" "EPERM info"; do
		try mounted "$no_proc" "$refuse" $call -- ipcls -J
		ends 1
		is "$(json 'd')" '{"shm": null, "msg": null, "sem": null, "posix_shm": [], "posix_mq": [], "posix_sem": []}'
		is "${#stderr_lines[@]}" 3
		[[ $stderr == *"shm: not listed:"*"/proc/sysvipc/shm is not readable"* ]]
		try mounted "$no_proc" "$refuse" $call -- ipcls -q
		ends 1
		complains "msg: not listed:"
	done
}

@test "a kernel that gives nothing by index is not taken for an empty one" {
	populate
	before="$(ids shm)/$(ids msg)/$(ids sem)"
	for hide in "$no_proc" "$empty_files"; do
		for letter in m q s; do
			try mounted "$hide" "$refuse" EINVAL stat_any -- ipcls -$letter
			ends 1
			complains ": not listed:"
			prints ""
		done
		try mounted "$hide" "$refuse" EINVAL stat_any -- ipcls -J
		ends 1
		is "$(json 'd')" '{"shm": null, "msg": null, "sem": null, "posix_shm": [], "posix_mq": [], "posix_sem": []}'
		for letter in m q s; do
			try mounted "$hide" "$refuse" EINVAL stat_any -- ipckill -$letter --force --all -y
			ends 1
			complains ": not listed:"
			is "$(ids shm)/$(ids msg)/$(ids sem)" "$before"
		done
	done
}

@test "a file that ends inside a row is told, and the whole rows are shown" {
	make_objects shm=0x10,5000,0600 shm=0,1,0600 shm=0,1,0600
	# rss and swap are the last of the row; without them it still has an id
	for cut in 1 20 60 120; do
		head -c -$cut /proc/sysvipc/shm >"$BATS_TEST_TMPDIR/shm"
		try mounted "mount --bind '$BATS_TEST_TMPDIR/shm' /proc/sysvipc/shm" ipcls -m --raw -no REF,RSS
		ends 1 || show_failure "cut by $cut"
		complains "ipcls: /proc/sysvipc/shm: "
		prints "shm:$(made_id shm 1) 0
shm:$(made_id shm 2) 0"
	done
}

@test "one kind that cannot be read leaves the others" {
	populate
	normal=$(ipcls -qs --raw -no REF)
	try mounted 'mount --bind /dev/null /proc/sysvipc/shm' "$refuse" EPERM info -- ipcls -a --raw -no REF
	ends 1
	complains "shm: not listed:"
	is "$output" "$normal"
	try mounted 'mount --bind /dev/null /proc/sysvipc/shm' "$refuse" EPERM info -- ipcls -J
	ends 1
	is "$(json '[d["shm"], len(d["msg"]), len(d["sem"])]')" '[null, 2, 2]'
}

@test "indexes refused and no file: the rest is listed and the gap is told" {
	populate
	index=$(($(made_id shm 3) % 32768))
	try mounted "$no_proc" "$refuse" EPERM stat_any=$index -- ipcls -m --raw -no REF
	ends 0
	complains "1 of the objects of kind shm cannot be seen"
	prints "shm:$(made_id shm)"
}

@test "what a queue may hold needs read permission where only the file is left" {
	need_root
	populate
	"$SUPPORT/make_objects" use=msg,"$(made_id msg)" chmod=0604
	try as_nobody "$refuse" EPERM stat_any -- ipcls -q --raw -no REF,MAX-BYTES
	ends 0
	complains "MAX-BYTES unknown: permission denied"
	prints "msg:$(made_id msg) $(cat /proc/sys/kernel/msgmnb)
msg:$(made_id msg 3) ?"
	# with the calls nothing is hidden
	try as_nobody ipcls -q --raw -no MAX-BYTES
	fine
	lacks '?'
}

@test "a key that only the file tells is found without read permission" {
	need_root
	make_objects shm=0x55,1,0600
	try as_nobody "$refuse" EPERM stat_any -- ipcls --raw -no REF shm:key=0x55
	fine
	prints "shm:$(made_id shm)"
}

@test "removal works without the calls by index" {
	populate
	for kind in shm msg sem; do
		try "$refuse" EPERM stat_any info -- ipckill "$kind:$(made_id $kind)"
		ends 0
		prints "removed $kind:$(made_id $kind)$([ $kind != shm ] || echo ': goes with its last attachment')"
	done
	is "$(ids msg)" "$(made_id msg 3)"
}

@test "a removal tells every kind that it could not see, and removes the rest" {
	populate
	try mounted "$no_proc" "$refuse" EPERM info -- ipckill -y --all
	ends 1
	complains "ipckill: shm: not listed:" "; msg: not listed:" "; sem: not listed:"
	prints ""
	try mounted "mount --bind /dev/null /proc/sysvipc/shm" "$refuse" EPERM info -- ipckill -y --force --all
	ends 1
	complains "ipckill: shm: not listed:"
	is "$(ids shm)/$(ids msg)/$(ids sem)" "$(made_id shm) $(made_id shm 3)//"
}

@test "an object that neither calls nor files show is denied, not missing" {
	populate
	try mounted "$no_proc" "$refuse" EPERM ctl get -- ipcls shm:"$(made_id shm)"
	ends 1
	complains "ipcls: shm:$(made_id shm): permission denied"
	try mounted "$no_proc" "$refuse" EPERM ctl get -- ipckill msg:key=0x20
	ends 1
	complains "ipckill: msg:key=0x20: permission denied"
	is "$(ids msg)" "$(made_id msg) $(made_id msg 3)"
}
