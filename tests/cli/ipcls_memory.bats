#!/usr/bin/env bats
# -u: where shared memory is.  What df, /proc/meminfo and the programs that take it say.

load private

mib=$((1 << 20))

setup() {
	start_empty
	find /dev/shm -mindepth 1 -delete
}

# Rows without headings: SOURCE WHERE BYTES FILES SUBFOLDERS DELETED BOUND OBJECTS
rows() {
	ipcls -u --raw -no SOURCE,WHERE,BYTES,FILES,SUBFOLDERS,DELETED,BOUND,OBJECTS
}

# Field N of the row of a source, and of a mount point.  What another mount hides is passed over:
# the machine has its own /dev/shm under that of the tests.
field() { # SOURCE N [WHERE]
	WHERE=${3:--} awk -v source="$1" -v n="$2" '
		$1 == source && $2 == ENVIRON["WHERE"] && $3 != "?" { print $n }' <<<"$output"
}

# The bytes used on the file system of a path, as df says.
used() {
	df -B1 --output=used "$1" | tail -n 1 | tr -d ' '
}

# Wait until a process has its memory, and look before and after: $before, $output.
around() { # WORD...: for make_memory
	before=$(rows)
	hold_with make_memory "$@"
	try rows
	fine
}

grown() { # SOURCE N [WHERE]: by how much
	local now
	now=$(field "$@")
	echo $((now - $(output=$before field "$@")))
}

@test "the total is Shmem of /proc/meminfo" {
	# Others change it all the time, so between two looks of ours at the same number.
	look() { awk '$1 == "Shmem:" { print $2 * 1024 }' /proc/meminfo; }
	same() {
		local first
		first=$(look)
		output=$(rows)
		[ "$first" = "$(look)" ] && [ "$(field total 3)" = "$first" ]
	}
	wait_until same
}

@test "the rest is the total less the parts" {
	hold_with make_memory memfd=$mib anonymous=$mib file=$mib,/dev/shm/a
	try ipcls -uJ
	fine
	is "$(json 'sum((r["bytes"] or 0) * (1 if r["source"] == "total" else -1) for r in d["shmem"])')" 0
	is "$(json '[d["shmem"][0]["source"], d["shmem"][-1]["source"]]')" '["total", "unexplained"]'
}

@test "a tmpfs has what df says, named, in folders, and deleted" {
	mkdir -p /dev/shm/d/e
	around file=$((3 * mib)),/dev/shm/a file=$((2 * mib)),/dev/shm/d/b file=$mib,/dev/shm/d/e/c \
		deleted=$((7 * mib)),/dev/shm/x unmapped=$((64 * mib)),/dev/shm/d/y
	is "$(field tmpfs 3 /dev/shm)" "$(used /dev/shm)"
	is "$(grown tmpfs 3 /dev/shm)" $((77 * mib))
	is "$(grown tmpfs 4 /dev/shm)" $((3 * mib))
	is "$(grown tmpfs 5 /dev/shm)" $((3 * mib))
	is "$(grown tmpfs 6 /dev/shm)" $((71 * mib))
}

@test "a file counts once however many names it has, and what is sparse counts little" {
	mkdir /dev/shm/d
	head -c $mib /dev/zero >/dev/shm/a
	ln /dev/shm/a /dev/shm/b
	ln /dev/shm/a /dev/shm/d/c
	head -c $mib /dev/zero >/dev/shm/d/x
	ln /dev/shm/d/x /dev/shm/d/y
	truncate -s 100M /dev/shm/sparse
	ln -s "$(printf 'x%.0s' {1..200})" /dev/shm/link
	try rows
	fine
	is "$(field tmpfs 0 /dev/shm)" \
		"tmpfs /dev/shm $(used /dev/shm) $((mib + $(getconf PAGESIZE))) $mib 0 exact -"
}

@test "every tmpfs is there once, with what df says" {
	mkdir /mnt/one /mnt/two /mnt/bound "/mnt/with blank"
	mount -t tmpfs x /mnt/one
	mount -t tmpfs x "/mnt/with blank"
	mount --bind /mnt/one /mnt/bound
	head -c $((5 * mib)) /dev/zero >/mnt/bound/f
	head -c $((3 * mib)) /dev/zero >"/mnt/with blank/f"
	try rows
	fine
	is "$(field tmpfs 3 /mnt/one)" "$(used /mnt/one)"
	is "$(field tmpfs 3 /mnt/one)" $((5 * mib))
	is "$(field tmpfs 3 /mnt/bound)" ""
	is "$(field tmpfs 3 '/mnt/with\x20blank')" $((3 * mib))
	# all that findmnt knows, each device once
	try ipcls -u --raw -no DEVICE
	is "$(grep : <<<"$output" | sort)" "$(findmnt -rno MAJ:MIN,FSTYPE | awk '$2 ~ /^(dev)?tmpfs$/ { print $1 }' | sort -u)"
	umount /mnt/bound /mnt/one "/mnt/with blank"
}

@test "a tmpfs under another mount is unknown, not 0" {
	mkdir /mnt/over
	mount -t tmpfs lower /mnt/over
	head -c $mib /dev/zero >/mnt/over/f
	mount -t tmpfs upper /mnt/over
	try rows
	fine
	is "$(awk '$2 == "/mnt/over" { print $3, $7 }' <<<"$output" | sort)" "0 exact
? unknown"
	[[ "$(field unexplained 7)" == at-most ]]
	umount /mnt/over /mnt/over
}

@test "a tmpfs without a limit is the sum of its files, at least" {
	mkdir /mnt/free
	mount -t tmpfs -o size=0 x /mnt/free
	mkdir /mnt/free/d
	head -c $((2 * mib)) /dev/zero >/mnt/free/d/f
	try rows
	fine
	is "$(field tmpfs 3 /mnt/free) $(field tmpfs 7 /mnt/free)" "$((2 * mib)) at-least"
	umount /mnt/free
}

@test "a tmpfs that only another mount namespace sees is found there" {
	sleep_there() {
		unshare --mount sh -c 'mount -t tmpfs x /media && head -c 4194304 /dev/zero >/media/f && exec sleep 1000' 3>&- &
		holders="$holders $!"
	}
	sleep_there
	there() { ipcls -u --raw -no SOURCE,WHERE,BYTES,MOUNT-NS | grep -q '^tmpfs /media 4194304 '; }
	wait_until there
	try ipcls -u --raw -no WHERE,MOUNT-NS
	is "$(awk '$1 == "/media" { print $2 }' <<<"$output")" "$(stat -Lc %i "/proc/${holders##* }/ns/mnt")"
	# what is in both is not counted twice
	is "$(grep -c '^/dev/shm ' <<<"$output")" "$(findmnt -rno TARGET,MAJ:MIN | awk '$1 == "/dev/shm"' | sort -u | wc -l)"
}

@test "segments of all IPC namespaces count with what is in memory" {
	around
	hold shm=0,$((100 * mib)),0600 attach=1 touch=$((64 * mib))
	try rows
	is "$(grown sysv 3)" $((64 * mib))
	unshare --ipc "$SUPPORT/make_objects" shm=0,$((8 * mib)),0600 attach=1 touch=$((8 * mib)) hold >/dev/null 3>&- &
	holders="$holders $!"
	more() { output=$(rows) && [ "$(grown sysv 3)" = $((72 * mib)) ]; }
	wait_until more
}

@test "where huge pages are in use, a segment that may be of them makes the sum rough" {
	need_root
	pool='mount -t tmpfs x /sys/kernel/mm/hugepages && mkdir /sys/kernel/mm/hugepages/hugepages-2048kB &&
		cd /sys/kernel/mm/hugepages/hugepages-2048kB && echo 2 >nr_hugepages && echo 1 >free_hugepages &&
		for f in resv surplus nr_overcommit; do echo 0 >${f}_hugepages; done'
	sysv() { mounted "$pool" ipcls -u --raw -no SOURCE,OBJECTS,BYTES,BOUND | grep ^sysv; }
	hold shm=0,$((4 * mib)),0600 attach=1 touch=$((2 * mib + 4096))
	is "$(sysv)" "sysv 1 $((2 * mib + 4096)) at-least" # no whole huge pages
	hold shm=0,$((4 * mib)),0600 attach=1 touch=$((4 * mib))
	is "$(sysv)" "sysv 2 $((6 * mib + 4096)) rough"
	is "$(rows | awk '$1 == "sysv" { print $8, $3, $7 }')" "2 $((6 * mib + 4096)) at-least"
}

@test "memory files and anonymous memory count once, with what is allocated" {
	need_root
	around memfd=$((64 * mib)) memfd=$mib anonymous=$((32 * mib)) fork fork
	is "$(grown memfd 3) $(grown memfd 8)" "$((65 * mib)) 2"
	is "$(grown anonymous 3) $(grown anonymous 8)" "$((32 * mib)) 1"
	is "$(grown sysv 3) $(grown tmpfs 3 /dev/shm)" "0 0"
}

@test "memory that ends is gone from the sum" {
	around memfd=$mib anonymous=$mib
	kill -9 "$holder"
	as_before() { output=$(rows) && [ "$(grown memfd 3) $(grown anonymous 3)" = "0 0" ]; }
	wait_until as_before
}

@test "what is only reserved does not count" {
	before=$(rows)
	python3 -c '
import mmap, os, signal
fd = os.memfd_create("sparse")
os.ftruncate(fd, 1 << 40)
memory = mmap.mmap(-1, 1 << 30)
os.write(fd, b"x")
print("ready", flush=True)
signal.pause()' >"$BATS_TEST_TMPDIR/out" 3>&- &
	holders="$holders $!"
	wait_until grep -q ready "$BATS_TEST_TMPDIR/out"
	try rows
	is "$(grown memfd 3) $(grown memfd 8)" "$(getconf PAGESIZE) 1"
	is "$(grown anonymous 3) $(grown anonymous 8)" "0 1"
}

@test "without openat2 every tmpfs is found just as well" {
	mkdir -p /mnt/deep/er
	mount -t tmpfs x /mnt/deep/er
	head -c $mib /dev/zero >/mnt/deep/er/f
	unshare --mount sh -c 'mount -t tmpfs x /media && head -c 4194304 /dev/zero >/media/f && exec sleep 1000' 3>&- &
	holders="$holders $!"
	all() { "$@" ipcls -u --raw -no DEVICE,SOURCE,WHERE,MOUNT-NS,BYTES,FILES,SUBFOLDERS,DELETED | grep ' tmpfs '; }
	there() { all | grep -q '/media .* 4194304 '; }
	wait_until there
	expected=$(all)
	for errno in ENOSYS EPERM; do
		is "$(all "$SUPPORT/refuse" $errno openat2 --)" "$expected"
	done
	umount /mnt/deep/er
}

@test "a folder of another namespace that is swapped for a link leads nowhere" {
	# its /media/t is a tmpfs of 4 MiB there, and then a link to one of ours
	mkdir /mnt/ours
	mount -t tmpfs x /mnt/ours
	head -c $((9 * mib)) /dev/zero >/mnt/ours/f
	unshare --mount sh -c 'mount -t tmpfs outer /media && mkdir /media/t && mount -t tmpfs inner /media/t &&
		head -c 4194304 /dev/zero >/media/t/f && mount -t tmpfs over /media && ln -s /mnt/ours /media/t &&
		exec sleep 1000' 3>&- &
	holders="$holders $!"
	wait_until grep -qx sleep "/proc/$!/comm" # all is mounted
	try rows
	fine
	is "$(awk '$2 == "/media/t" { print $3 }' <<<"$output")" "?"
	is "$(awk '$3 == '$((9 * mib)) <<<"$output" | wc -l)" 1
	umount /mnt/ours
}

@test "-o chooses one of the two tables, a kind the totals" {
	try ipcls -u -o BYTES,SOURCE --raw -n
	fine
	[[ "${lines[0]}" =~ ^[0-9]+\ total$ ]]
	[[ "${lines[-1]}" =~ ^-?[0-9]+\ unexplained$ ]]
	try ipcls -u -o KIND --raw -n
	fine
	lacks total unexplained
	try ipcls -um --raw -n
	fine
	lacks tmpfs
	try ipcls -uJm
	is "$(json 'sorted(d)')" '["usage"]'
	try ipcls -u -o BYTES,KIND
	ends 2
	complains KIND
}

@test "without the right to look, numbers are at least or unknown" {
	need_root
	mkdir -m 0700 /dev/shm/secret
	head -c $mib /dev/zero >/dev/shm/secret/f
	hold_with make_memory memfd=$mib anonymous=$mib
	try as_nobody ipcls -u --raw -no SOURCE,WHERE,BYTES,FILES,SUBFOLDERS,DELETED,BOUND
	ends 0
	[[ "$stderr" == *"processes could not be looked into: permission denied"* ]]
	is "$(field tmpfs 0 /dev/shm)" "tmpfs /dev/shm $(used /dev/shm) - - - exact"
	is "$(field memfd 3) $(field memfd 7)" "0 at-least"
	is "$(field anonymous 3) $(field anonymous 7)" "0 at-least"
	is "$(field unexplained 7)" at-most
}
