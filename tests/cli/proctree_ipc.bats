#!/usr/bin/env bats
# proctree --ipc: which objects a process uses, and what it waits for, as the programs that made
# them tell.

bats_require_minimum_version 1.5.0
load private

setup() {
	start_empty
	rm -f /dev/shm/* /dev/mqueue/*
}

# Of the JSON in $output the row of a process: row PID EXPRESSION, with the row as r.
row() {
	python3 -c '
import json, sys
def find(rows):
    for row in rows:
        if row["pid"] == int(sys.argv[1]):
            return row
        found = find(row["children"])
        if found: return found
r = find(json.loads(sys.stdin.read())["processes"])
value = eval(sys.argv[2])
print(value if isinstance(value, str) else json.dumps(value))' "$@" <<<"$output"
}

# "REF HOW ACCESS" of all that it uses, but for what it inherited from the test.
uses() {
	row "$1" '"\n".join(sorted("%s %s %s" % (u["ref"], u["how"], u["access"]) for u in r["ipc"]
		if u["ref"] not in "'"$(inherited)"'".split()))'
}

# Pipes and sockets that this shell has: they are its children's too.
inherited() {
	stat -Lc '%F %i' /proc/$$/fd/* 2>/dev/null | sed -n 's/^fifo /pipe:/p; s/^socket /unix:/p' | paste -sd' '
}

# The n-th word of the m-th line of a kind among what was made.
made_word() {
	awk -v kind="$1" -v m="$3" -v n="$2" '$1 == kind && ++i == m { print $n }' <<<"$made"
}

@test "what is on descriptors, and nothing else" {
	hold_with hold_fds pipe close=read "fifo=$BATS_TEST_TMPDIR/f,r" memfd=m,4096 socketpair \
		unix=/dev/shm/s eventfd=1 timerfd=100 signalfd=10 inotify=/tmp epoll mq=/q,4,64
	try proctree -J --ipc "$holder"
	fine
	is "$(uses "$holder")" "$(sort <<-END
		pipe:$(made_word pipe 2 1) fd w
		fifo:$BATS_TEST_TMPDIR/f fd r
		memfd:$(made_word memfd 2 1) fd rw
		unix:$(made_word unix 2 1) fd rw
		unix:$(made_word unix 2 2) fd rw
		unix:$(made_word unix 2 3) fd rw
		posix-mq:/q fd rw
	END
	)"
}

@test "the pipes are those of lsof" {
	hold_with hold_fds pipe pipe dup pipe close=write
	try proctree -J --ipc "$holder"
	fine
	is "$(row "$holder" '"\n".join(sorted(u["ref"][5:] for u in r["ipc"] if u["kind"] == "pipe"))')" \
		"$(lsof -w -a -p "$holder" -F ti 2>/dev/null |
			awk '/^t/ { fifo = $0 == "tFIFO" } /^i/ && fifo { print substr($0, 2) }' | sort -u)"
}

@test "an eventfd and anonymous memory count where they are shared" {
	local child
	hold_with hold_fds eventfd=1 anonymous=65536 fork=1
	child=$(made_word child 2 1)
	try proctree -J --ipc "$holder"
	fine
	for pid in "$holder" "$child"; do
		is "$(uses "$pid")" "eventfd:$(made_word eventfd 2 1) fd rw
mmap:$(made_word mmap 2 1) map rw"
		is "$(row "$pid" '[u["bytes"] for u in r["ipc"] if u["kind"] == "mmap"]')" '[65536]'
	done
}

@test "segments: how they are attached, and how much of them" {
	hold shm=0,8192,600 attach=2 shm=0,4096,600 attach=1r
	try proctree -J --ipc "$holder"
	fine
	is "$(uses "$holder")" "shm:$(made_id shm 1) map rw
shm:$(made_id shm 2) map r"
	is "$(row "$holder" '{u["ref"]: u["bytes"] for u in r["ipc"] if u["kind"] == "shm"}')" \
		"{\"shm:$(made_id shm 1)\": 16384, \"shm:$(made_id shm 2)\": 4096}"
	# as the kernel counts attachments
	is "$(proc_field shm "$(made_id shm 1)" 7)" 2
}

@test "of queues and sets only who acted last is known, and that is the word for it" {
	hold msg=0,600 send=5 msg=0,600 send=5 receive msg=0,600 sem=0,3,600 op=0,1 op=2,1 \
		sem=0,1,600
	is "$(proc_field msg "$(made_id msg 1)" 6)" "$holder" # lspid
	try proctree -J --ipc "$holder"
	fine
	is "$(uses "$holder")" "msg:$(made_id msg 1) last-sender None
msg:$(made_id msg 2) last-receiver None
msg:$(made_id msg 2) last-sender None
sem:$(made_id sem 1) last-operator None"
}

@test "what threads wait for, and on whom, is what park tells" {
	local truth=$BATS_TEST_TMPDIR/truth
	"$SUPPORT/park" semop msgrcv msgsnd pipe-read mutex-shm sem-shared fcntl-write nanosleep hold \
		>"$truth" 3>&- &
	holder=$!
	disown "$holder"
	holders="$holders $holder"
	wait_until grep -q '^ready$' "$truth"
	try proctree -J --ipc
	ends 0
	python3 -c '
import json, re, sys
rows = {}
def walk(list):
    for row in list:
        rows[row["pid"]] = row
        walk(row["children"])
walk(json.loads(sys.stdin.read())["processes"])
judged = 0
for line in open(sys.argv[1]):
    if " pid=" not in line: continue
    said = dict(word.split("=", 1) for word in line.split() if "=" in word)
    waits = [w for w in rows[int(said["pid"])]["waits"] if w["tid"] == int(said["tid"])]
    if said.get("idle") == "yes":
        assert waits == [], (line, waits)
        judged += 1
        continue
    wait, = waits
    assert wait["call"] == said["call"], (line, wait)
    if "ref" in said:
        assert (wait["ref"] or "none") == said["ref"], (line, wait)
    if said.get("on", "none") != "none":
        on = {one["pid"] for one in wait["waiting_on"] if not one["gone"]}
        assert on == {int(one.split("/")[0]) for one in said["on"].split(",")}, (line, wait)
        assert {one["evidence"] for one in wait["waiting_on"]} == {said["evidence"]}, (line, wait)
    judged += 1
assert judged >= 8, judged' "$truth" <<<"$output"
}

@test "where a process stopped itself is nothing that it waits for" {
	sh -c 'kill -STOP $$; sleep 1000' 3>&- &
	local own=$!
	holders="$holders $own"
	disown "$own"
	wait_until grep -q '^State:.T' /proc/"$own"/status
	try proctree --ipc -no WAITS --raw "$own"
	ends 0
	is "$(tail -n 1 <<<"$output")" -
	kill -KILL "$own"
}

@test "the table: a line an object below one another, and what it waits for beside it" {
	hold shm=0,8192,600 attach=1 msg=0,600 send=5 sem=0,1,600 wait=0,-1 name=app
	local waiter id=shm:$(made_id shm)
	waiter=$(awk '$1 == "waiter" { print $2 }' <<<"$made")
	try proctree --ipc -A "$holder"
	fine
	is "$(head -1 <<<"$output" | tr -s ' ')" 'PID S COMMAND IPC WAITS'
	is "$(grep -A1 "^ *$holder " <<<"$output" | tr -s ' ' | sed 's/^ *//; s/ *$//')" \
		"$holder S \`-app $id rw 8K -
| msg:$(made_id msg) last-sender"
	grep -Eq "^ *$waiter .* semop sem:$(made_id sem)\[0\]" <<<"$output"
}

# How many pipes a process has.
uses_pipes() {
	stat -Lc '%F %i' "/proc/$1/fd/"* 2>/dev/null | grep fifo | sort -u | wc -l
}

@test "many objects: people get eight lines and a count, or all of them" {
	hold_with hold_fds pipe pipe pipe pipe pipe pipe pipe pipe pipe pipe
	try proctree --ipc -n "$holder"
	fine
	has "pipe:$(made_word pipe 2 1) rw"
	lacks "pipe:$(made_word pipe 2 10) "
	# the test's own output is a pipe as well
	is "$(sed -n "/^ *$holder /,\$p" <<<"$output" | grep -c pipe:)" 8
	is "$(tail -1 <<<"$output" | tr -d ' ')" "+$(($(uses_pipes "$holder") - 8))"
	try proctree --ipc -n --notruncate "$holder"
	fine
	has "pipe:$(made_word pipe 2 1) rw" "pipe:$(made_word pipe 2 10) rw"
	try proctree --raw -n -o PID,IPC "$holder" # the column alone asks for it too
	fine
	has "pipe:$(made_word pipe 2 1)(rw)," "pipe:$(made_word pipe 2 10)(rw)"
}

@test "names of objects do not reach the terminal raw" {
	hold_with hold_fds $'shmopen=/e\e[31m\nx,4096'
	try proctree --ipc "$holder"
	fine
	has 'posix-shm:/e\x1b[31m\x0ax rw 4K'
	lacks $'\e'
	try proctree --ipc -J "$holder"
	fine
	is "$(uses "$holder" | grep map)" 'posix-shm:/e\x1b[31m\x0ax map rw'
}

@test "long names are cut to the terminal, each line of a cell" {
	local name
	name=$(printf 'x%.0s' {1..200})
	hold_with hold_fds "shmopen=/a$name,4096" "shmopen=/b$name,4096"
	try env COLUMNS=80 "$SUPPORT/terminal" 80 -- proctree --ipc "$holder"
	fine
	has posix-shm:/axxx posix-shm:/bxxx
	[ "$(LC_ALL=C.UTF-8 wc -L <<<"$output")" -le 80 ]
}

@test "what may not be seen is unknown, with the reason, and said once" {
	need_root # becomes another user
	hold shm=0,4096,600 attach=1
	try as_nobody proctree -J --ipc "$holder"
	ends 0
	is "$(row "$holder" '[r["ipc"], r["waits"], sorted(r["unknown"])]')" '[null, null, ["ipc", "waits"]]'
	is "$(grep -c 'could not be looked into' <<<"$stderr")" 1
	try as_nobody proctree --ipc -o PID,IPC,WAITS "$holder"
	ends 0
	is "$(grep "^ *$holder " <<<"$output" | tr -s ' ' | sed 's/^ *//; s/ *$//')" "$holder ? ?"
}

@test "objects of another IPC namespace are told with it" {
	need_root
	local out=$BATS_TEST_TMPDIR/out
	unshare --ipc "$SUPPORT/make_objects" shm=0,4096,600 attach=1 hold >"$out" 3>&- &
	holder=$!
	disown "$holder"
	holders="$holders $holder"
	wait_until grep -q '^ready$' "$out"
	try proctree -J --ipc "$holder"
	fine
	is "$(uses "$holder")" "shm:$(awk '$1 == "shm" { print $2 }' "$out")@$(stat -Lc %i "/proc/$holder/ns/ipc") map rw"
}

@test "without --ipc nothing of it is read" {
	hold_with hold_fds pipe
	try proctree -J "$holder"
	fine
	is "$(row "$holder" '"ipc" in r or "waits" in r')" false
	strace -f -e trace=file -o "$BATS_TEST_TMPDIR/calls" proctree "$holder" >/dev/null
	grep -q /stat "$BATS_TEST_TMPDIR/calls"
	is "$(grep -E '/proc/[0-9]+/(fd|fdinfo|maps|map_files|task|syscall)[/"]' "$BATS_TEST_TMPDIR/calls")" ''
}

@test "the processes of sessions have it too" {
	hold shm=0,4096,600 attach=1
	try proctree -J --ipc --by session "$holder"
	fine
	is "$(json '[u["ref"] for s in d["sessions"] for g in s["groups"] for p in g["processes"]
		if p["pid"] == '"$holder"' for u in p["ipc"] if u["kind"] == "shm"]')" "[\"shm:$(made_id shm)\"]"
	try proctree --ipc --by session "$holder"
	fine
	has "shm:$(made_id shm) rw 4K"
	try proctree --ipc --terminals
	ends 2
	complains '--ipc:'
}

@test "with --watch rows come with what they use" {
	local seen=$BATS_TEST_TMPDIR/seen watcher
	env --default-signal=INT proctree --watch=50ms --ipc -J >"$seen" 3>&- </dev/null &
	watcher=$!
	wait_until grep -q '"processes"' "$seen"
	hold shm=0,4096,600 attach=1
	wait_until grep -q "\"new\":.*\"pid\":$holder,.*\"ipc\":" "$seen"
	kill -INT "$watcher"
	wait "$watcher"
	# it may have been seen before it had attached the segment
	python3 -c '
import json, sys
for line in open(sys.argv[1]).read().splitlines()[1:]:
    for row in json.loads(line)["new"]:
        assert isinstance(row["ipc"], list) and isinstance(row["waits"], list), row' "$seen"
}
