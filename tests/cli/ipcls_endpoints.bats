#!/usr/bin/env bats
# What descriptors and mappings share, in lists, pages and JSON: against the program that made it and
# ss.  The tests themselves hold pipes; looked at is what the program says it made.

load private

setup() {
	start_empty
	rm -rf /dev/shm/*
}

# References of all that hold_fds made, one a line: made_refs [KIND]
made_refs() {
	awk -v kind="${1:-.*}" '$1 ~ "^(pipe|unix|eventfd|memfd|timerfd|signalfd|inotify|pidfd|epoll|mmap)$" && $1 ~ "^(" kind ")$" {
		ref = $1 ":" $2
		if ($1 ~ /^(timerfd|signalfd|inotify|pidfd|epoll)$/)
			ref = ref ":" $3
		print ref }' <<<"$made"
}

# The row of a reference in $output, without it.
row() {
	awk -v ref="$1" '$1 == ref { $1 = ""; sub(/^ /, ""); print }' <<<"$output"
}

make_all() {
	hold_with hold_fds name=maker pipe=100 pipe close=read socketpair=dgram eventfd=7 timerfd=1000,5 \
		signalfd=2,15,40 inotify=/tmp pidfd memfd=hello,9000,5000 epoll=et,oneshot fifo="$BATS_TEST_TMPDIR/fifo"
}

@test "each object is listed once, with its reference, and the page of each is shown" {
	make_all
	[ "$(made_refs | wc -l)" -eq 11 ]
	expected=$( (made_refs; echo "fifo:$BATS_TEST_TMPDIR/fifo") | sort)
	try ipcls -e --raw -no REF
	ends 0
	is "$(grep -xF "$expected" <<<"$output" | sort)" "$expected"
	while read -r ref; do
		exact=$(ipcls --raw -no EXACT "$ref")
		for name in "$ref" "$exact"; do
			try ipcls "$name"
			fine
			[[ ${lines[0]} == "$ref  "* ]] || show_failure "not the page of $ref"
			has "maker"
		done
	done <<<"$expected"
}

@test "text is one table, one kind has its own, JSON is an array a kind" {
	make_all
	try ipcls -e
	ends 0
	is "$(grep ^REF <<<"$output" | awk '{ $1 = $1 } 1')" "REF OWNER MODE MSGS MAX-MSGS FULL HELD IDLE STATUS
REF USED SIZE WRITERS READERS STATUS"
	try ipcls --type timerfd
	fine
	is "$(awk 'NR == 1 { $1 = $1; print }' <<<"$output")" "REF HOLDERS CLOCK REMAINING INTERVAL"
	try ipcls -e -J
	ends 0
	is "$(json 'list(d)')" '["posix_mq", "pipe", "fifo", "unix", "eventfd", "memfd", "mmap", "epoll", "timerfd", "signalfd", "inotify", "pidfd"]'
	try ipcls --type pidfd,pipe -J
	fine
	is "$(json 'list(d)')" '["pipe", "pidfd"]'
	try ipcls --type pipe,eventfd -o REF,USED,PEER
	ends 2
	try ipcls --type pipe,unix,eventfd --raw -no REF,PEER,STATUS
	ends 0
	is "$(row "$(made_refs eventfd)")" "- -"
}

@test "the ends of pipes, and what is missing of them" {
	hold_with hold_fds name=both pipe=5
	both=$(made_refs pipe) first=$holder
	hold_with hold_fds name=writer pipe close=read
	writer=$(made_refs pipe) second=$holder
	hold_with hold_fds name=reader pipe close=write fork=1
	reader=$(made_refs pipe)
	child=$(awk '$1 == "child" { print $2 }' <<<"$made")
	# in a pid namespace others may hold the other end: the kernel is asked
	try ipcls --type pipe --fill --raw -no REF,WRITERS,READERS,STATUS
	fine
	is "$(row "$both")" "both[$first] both[$first] -"
	is "$(row "$writer")" "writer[$second] - empty,no-reader"
	is "$(row "$reader")" "- reader[$holder],reader[$child] empty,no-writer"
	try ipcls -J --fill "$reader" "$writer"
	fine
	is "$(json '[(r["writers"], r["readers"], r["status"]) for r in d["pipe"]]')" '[[0, 2, ["empty", "no-writer"]], [1, 0, ["empty", "no-reader"]]]'
}

@test "how full pipes are is looked at with --fill only" {
	hold_with hold_fds pipe=1234 pipe
	full=$(made_refs pipe | head -n 1) empty=$(made_refs pipe | tail -n 1)
	try ipcls --type pipe --raw -no REF,USED,SIZE,STATUS
	fine
	is "$(row "$full")" "? ? -"
	try ipcls --type pipe -J
	fine
	is "$(json '{json.dumps([r["used"], r["size"], r["unknown"]]) for r in d["pipe"]} == {json.dumps([None, None, {"used": "not asked for", "size": "not asked for"}])}')" true
	try ipcls --type pipe --fill --raw -no REF,USED,SIZE,STATUS
	fine
	is "$(row "$full")" "1234 65536 -"
	is "$(row "$empty")" "0 65536 empty"
}

@test "unix sockets have the peers that ss shows" {
	hold_with hold_fds socketpair=seqpacket unix="$BATS_TEST_TMPDIR/s" connect accept abstract=name
	try ipcls --type unix --raw -no REF,PEER,TYPE,STATUS,NAME
	ends 0
	mine=$(made_refs unix)
	shown=$(grep -F "$(sed 's/$/ /' <<<"$mine")" <<<"$output" | awk '{ print $1, $2, $3 }' | sort)
	is "$shown" "$(ss -xan | awk '{ type = $1 == "u_str" ? "stream" : $1 == "u_seq" ? "seqpacket" : "dgram"
		print "unix:" $(NF - 2), ($NF == 0 ? "-" : "unix:" $NF), type }' | grep -F "$(sed 's/$/ /' <<<"$mine")" | sort)"
	is "$(awk '$4 == "listening" { print $5 }' <<<"$output" | grep -xF -e "$BATS_TEST_TMPDIR/s" -e @name)" "$BATS_TEST_TMPDIR/s
@name"
}

@test "what sets, timers and the like watch" {
	make_all
	try ipcls -J $(made_refs "epoll|timerfd|signalfd|inotify|pidfd|eventfd|memfd")
	fine
	watched=$(awk '$1 == "watch" { print $2 }' <<<"$made" | paste -sd' ')
	is "$(json 'sorted(w["fd"] for w in d["epoll"][0]["watches"])')" "[$(tr ' ' '\n' <<<"$watched" | sort -n | paste -sd, | sed 's/,/, /g')]"
	is "$(json 'sorted({e for w in d["epoll"][0]["watches"] for e in w["events"]})')" '["ET", "IN", "ONESHOT"]'
	pipe=$(made_refs pipe | head -n 1)
	is "$(json 'd["epoll"][0]["watches"][0]["ref"]')" "$pipe"
	is "$(json 'd["timerfd"][0]["clock"], d["timerfd"][0]["interval_ns"], 9e11 < d["timerfd"][0]["remaining_ns"] < 1e12')" \
		'["monotonic", 5000000000, true]'
	is "$(json 'd["signalfd"][0]["signals"]')" '["INT", "TERM", "RTMIN+6"]'
	is "$(json 'd["inotify"][0]["watches"][0]["events"]')" '["MODIFY"]'
	is "$(json 'd["pidfd"][0]["target"]')" "$(ps -o ppid= -p "$holder" | tr -d ' ')"
	is "$(json 'd["eventfd"][0]["used"]')" 7
	is "$(json '[d["memfd"][0][k] for k in ("name", "size", "used")]')" '["hello", 9000, 8192]'
	try ipcls "$(made_refs epoll)"
	fine
	is "$(awk '$2 == "IN,ONESHOT,ET" { print $1 }' <<<"$output" | sort -n)" "$(tr ' ' '\n' <<<"$watched" | sort -n)"
}

@test "anonymous inodes have no owner: none, not unknown" {
	make_all
	for ref in $(made_refs "epoll|timerfd|signalfd|pidfd|eventfd"); do
		try ipcls -J "$ref"
		fine
		is "$(json '[list(d.values())[0][0].get(k) for k in ("owner", "uid", "mode", "namespace", "name", "unknown")]')" \
			'[null, null, null, null, null, null]'
	done
	try ipcls --raw -no OWNER,MODE "$(made_refs pipe | head -n 1)"
	fine
	prints "root 0600"
}

@test "what one process alone maps is listed with -a" {
	need_root
	hold_with hold_fds anonymous=8192,4096
	device=$(awk '$1 == "mmap" { print $2 }' <<<"$made")
	try ipcls --type mmap --raw -no REF,SIZE
	ends 0
	lacks "mmap:$device "
	try ipcls --type mmap -a --raw -no REF,SIZE,USED,HOLDERS
	ends 0
	is "$(row "mmap:$device")" "8192 4096 hold_fds[$holder]"
	hold_with hold_fds name=two anonymous=8192 fork=1
	device=$(awk '$1 == "mmap" { print $2 }' <<<"$made")
	try ipcls --type mmap --raw -no REF,HELD
	ends 0
	is "$(row "mmap:$device")" 2
}

@test "ipckill cannot remove them, and says so before anything is done" {
	make_all
	make_objects shm=0,1,0600
	for words in "-e --all" "--type pipe --all" "-e --pid $holder" "-m -e --all"; do
		try ipckill -y $words
		ends 2
		complains "cannot be removed"
	done
	for ref in $(made_refs "pipe|unix|memfd|epoll"); do
		try ipckill -y "$ref" "shm:4711"
		ends 1
		[[ $stderr == *"$ref: refused: cannot be removed: it goes with its last holder"* ]] || show_failure "not refused"
	done
	[ -n "$(ids shm)" ]
	kill -0 "$holder"
}
