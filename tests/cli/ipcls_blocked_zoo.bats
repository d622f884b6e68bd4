#!/usr/bin/env bats
# What ipcls --blocked says of threads that block in every way, against the program that parked them
# there.  Each state of that program belongs to one of the groups below.

load private

declare -gA groups=(
	[semaphores]='semop.*'
	[queues]='msg.*|mq-.*'
	[pipes]='pipe-.*|fifo-.*'
	[sockets]='unix-.*|inet-.*'
	[counters]='(eventfd|timerfd|signalfd|inotify|tty)-.*'
	[file locks]='(flock|fcntl|ofd)-.*'
	[shared mutexes]='mutex-(shm|posix-shm|memfd|anonymous|file|elsewhere)'
	[kinds of mutexes]='mutex-(recursive|errorcheck|adaptive|robust|pi|timed|pi-timed)'
	[private mutexes]='mutex-(private.*|static|twice)'
	[owners elsewhere]='mutex-(thread-owner|abandoned|dead-thread)|nested.*'
	[read-write locks]='rwlock-.*'
	[conditions]='cond-.*'
	[POSIX semaphores]='sem-.*'
	[barriers]='barrier.*'
	[joins and futexes]='join.*|futex-.*'
	[children]='wait.*|vfork'
	[events]='p?poll.*|p?select|epoll.*'
	[times and signals]='(clock-)?nanosleep|pause|sig(suspend|wait|timedwait)'
	[stopped calls]='stopped-.*'
)

states_of() {
	"$SUPPORT/park" list | grep -xE "${groups[$1]}"
}

# Park these states and look: $truth, $all and $busy are files.
park() {
	TMPDIR=$BATS_TEST_TMPDIR hold_with park "$@"
	truth=$BATS_TEST_TMPDIR/truth all=$BATS_TEST_TMPDIR/all busy=$BATS_TEST_TMPDIR/busy
	printf '%s\n' "$made" >"$truth"
	ipcls --blocked --all --each -J >"$all"
	ipcls --blocked --each -J >"$busy"
}

judge() {
	"$BATS_TEST_DIRNAME/../support/judge_waits" "$@" "$truth" "$all" "$busy"
}

decodes() {
	park $(states_of "$1")
	judge
}

@test "each state of park belongs to exactly one group" {
	for group in "${!groups[@]}"; do
		states_of "$group"
	done | sort >"$BATS_TEST_TMPDIR/grouped"
	is "$(cat "$BATS_TEST_TMPDIR/grouped")" "$("$SUPPORT/park" list | sort)"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/grouped")" -ge 90 ]
}

@test "semaphores: the operation that blocks, and who acted last" {
	decodes semaphores
}

@test "queues: type and size of the message, and the last at the other end" {
	decodes queues
}

@test "pipes and FIFOs: who has the other end" {
	decodes pipes
}

@test "sockets: who has the peer" {
	decodes sockets
}

@test "eventfds, timers, signals, file events and terminals" {
	decodes counters
}

@test "file locks: the path and every holder in the way" {
	decodes "file locks"
}

@test "mutexes in every kind of shared memory" {
	decodes "shared mutexes"
}

@test "every kind of mutex" {
	decodes "kinds of mutexes"
}

@test "mutexes between threads" {
	decodes "private mutexes"
}

@test "owners that are threads, gone, or in a pid namespace of their own" {
	decodes "owners elsewhere"
}

@test "read-write locks" {
	decodes "read-write locks"
}

@test "conditions" {
	decodes conditions
}

@test "POSIX semaphores, named and not" {
	decodes "POSIX semaphores"
}

@test "barriers" {
	decodes barriers
}

@test "threads that are joined, and words that nobody knows" {
	decodes "joins and futexes"
}

@test "children" {
	decodes children
}

@test "poll, select and epoll" {
	decodes events
}

@test "times and signals" {
	decodes "times and signals"
}

@test "a call that a stop signal made start again keeps its name" {
	decodes "stopped calls"
}

@test "all of them at once, and a wrong value of each would be noticed" {
	park all
	judge
	judge --doubt
}
