#!/usr/bin/env bats
# shmpeek --map: what was written and what not, and what of it is in memory.  The truth is what
# python finds by SEEK_DATA, SEEK_HOLE and mincore(2) in the file itself, fincore, and the kernel's
# own count in /proc/sysvipc/shm.

load private

setup() {
	start_empty
	rm -rf /dev/shm/*
}

# A sparse file: sparse NAME SIZE [OFFSET,BYTES]...
sparse() {
	python3 - "$@" <<-'END'
		import os, sys
		fd = os.open("/dev/shm/" + sys.argv[1], os.O_CREAT | os.O_RDWR, 0o600)
		os.ftruncate(fd, int(sys.argv[2], 0))
		for word in sys.argv[3:]:
		    offset, size = (int(part, 0) for part in word.split(","))
		    os.pwrite(fd, os.urandom(size), offset)
	END
}

# Its ranges as JSON: ranges_of NAME [BEGIN END]
ranges_of() {
	python3 - "$@" <<-'END'
		import ctypes, json, mmap, os, sys
		fd = os.open("/dev/shm/" + sys.argv[1], os.O_RDWR)
		size, page = os.fstat(fd).st_size, mmap.PAGESIZE
		begin, end = (int(word, 0) for word in sys.argv[2:4]) if len(sys.argv) > 2 else (0, size)
		libc = ctypes.CDLL(None, use_errno=True)
		whole = mmap.mmap(fd, size) if size > 0 else None
		address = ctypes.addressof(ctypes.c_char.from_buffer(whole)) if size > 0 else 0

		def resident(low, high):
		    first = low // page * page
		    states = (ctypes.c_ubyte * ((high - first + page - 1) // page))()
		    assert libc.mincore(ctypes.c_void_p(address + first),
		                        ctypes.c_size_t(high - first), states) == 0
		    return sum(min(high, first + (i + 1) * page) - max(low, first + i * page)
		               for i, state in enumerate(states) if state & 1)

		at, found = begin, []
		while at < end:
		    try:
		        data = os.lseek(fd, at, os.SEEK_DATA)
		    except OSError:
		        data = size
		    upto = min(end, os.lseek(fd, at, os.SEEK_HOLE) if data == at else data)
		    content = "data" if data == at else "hole"
		    found.append([at, upto - at, content, resident(at, upto) if data == at else 0])
		    at = upto
		print(json.dumps(found))
	END
}

# The same of what shmpeek printed.
found_ranges() {
	json '[[r["offset"], r["bytes"], r["content"], r["resident"]] for r in d["ranges"]]'
}

same_ranges() { # same_ranges NAME [BEGIN END]
	fine
	is "$(found_ranges)" "$(ranges_of "$@")"
}

resident_bytes() {
	fincore --bytes --noheadings --output RES "$1" | tr -d ' '
}

@test "map: the ranges of files of all shapes" {
	sparse empty 0
	sparse one 1 0,1
	sparse odd 10001 0,10001
	sparse hole 0x100000
	sparse full 0x100000 0,0x100000
	sparse begin 0x100001 0,1
	sparse end 0x100001 0x100000,1
	sparse many 0x1000000 5,1 0x3000,0x2000 0x5000,10 0x7fff,2 0x123456,0x100000 0xfff000,0x1000
	sparse huge 0x200000000 0,1 0x100000000,5000 0x1ffffffff,1
	for name in empty one odd hole full begin end many huge; do
		try shmpeek -J --map "posix-shm:/$name"
		same_ranges "$name"
		is "$(json 'all(r["swapped"] == 0 and r["ref"] == "posix-shm:/'"$name"'" for r in d["ranges"])')" true
		is "$(json 'sum((r["resident"] + 4095) // 4096 * 4096 for r in d["ranges"])')" \
			"$(resident_bytes "/dev/shm/$name")"
	done
}

@test "map: files with random content, whole and in part" {
	for seed in {1..10}; do
		set -- $(python3 -c '
import random, sys
random.seed(int(sys.argv[1]))
size = random.randrange(1, 1 << 22)
begin = random.randrange(size)
print(size, begin, random.randrange(begin, size) + 1,
      *("%d,%d" % (at, min(size - at, random.randrange(1, 20000)))
        for at in (random.randrange(size) for i in range(40))))' "$seed")
		sparse "random$seed" "$1" "${@:4}"
		try shmpeek -J --map "posix-shm:/random$seed"
		same_ranges "random$seed"
		try shmpeek -J --map -s "$2" -l "$(($3 - $2))" "posix-shm:/random$seed"
		same_ranges "random$seed" "$2" "$3"
	done
}

@test "map: exact references name the object, and can be used again" {
	sparse x 8192 0,1
	try shmpeek -J --map posix-shm:/x
	exact=$(json 'd["ranges"][1]["exact"]')
	try shmpeek -J --map "$exact"
	same_ranges x
	rm /dev/shm/x
	sparse x 8192 0,1
	try shmpeek -J --map "$exact"
	ends 1
	complains "posix-shm:/x"
}

@test "map: a System V segment's data in memory is what the kernel counts of it" {
	need_root
	hold_with hold_content shm=1000001 random=100,10 random=500000,4097 random=999999,2
	id=$(made_id shm)
	before=$(proc_field shm "$id" 15)
	is "$before" $((4 * 4096))
	try shmpeek -J --map "shm:$id"
	fine
	is "$(found_ranges)" '[[0, 4096, "data", 4096], [4096, 495616, "hole", 0], [499712, 8192, "data", 8192], [507904, 491520, "hole", 0], [999424, 577, "data", 577]]'
	is "$(json 'sum((r["resident"] + 4095) // 4096 * 4096 for r in d["ranges"])')" "$before"
	is "$(proc_field shm "$id" 15)" "$before"
	try shmpeek --map -no +METHOD,THROUGH,PAGE,HOLES-KNOWN "shm:$id"
	fine
	is "$(awk '{ print $(NF-3), $(NF-2), $(NF-1), $NF }' <<<"$output" | sort -u)" "map-files $holder 4K yes"
}

@test "map: text, with totals below" {
	sparse x 0x48001 0,0x4000 0x10000,0x8000 0x48000,1
	try shmpeek --map posix-shm:/x
	fine
	prints "REF           OFFSET SIZE CONTENT RESIDENT SWAPPED PICTURE
posix-shm:/x     0x0  16K data         16K       0 [#                 ]
posix-shm:/x  0x4000  48K hole           0       0 [ ...              ]
posix-shm:/x 0x10000  32K data         32K       0 [    ##            ]
posix-shm:/x 0x18000 192K hole           0       0 [      ............]
posix-shm:/x 0x48000    1 data           1       0 [                 #]
posix-shm:/x: data 48K, holes 240K; in memory 48K, in swap 0
posix-shm:/x: pages of 4K, read by method file"
	try shmpeek --map -bno OFFSET,SIZE,CONTENT -s 0x17fff posix-shm:/x
	fine
	prints "0x17fff      1 data
0x18000 196608 hole
0x48000      1 data"
}

@test "map: pictures of files of 18 cells, of one byte, and of more than half of a cell" {
	sparse cells 0x12000 0x1000,0x1000 0x5000,0x4000 0x11000,0x1000
	try shmpeek --map -no PICTURE posix-shm:/cells
	fine
	prints "[.                 ]
[ #                ]
[  ...             ]
[     ####         ]
[         ........ ]
[                 #]"
	sparse one 1 0,1
	try shmpeek --map -no PICTURE posix-shm:/one
	prints "[##################]"
	sparse nine 0x9000 0,0x1000
	try shmpeek --map -no PICTURE posix-shm:/nine
	prints "[##                ]
[  ................]"
}

@test "map: memory that is set aside is no data, but told of" {
	sparse x 0x100000 0x4000,1
	fallocate -l 0x80000 /dev/shm/x
	is "$(stat -c %b /dev/shm/x)" 1024
	try shmpeek --map posix-shm:/x
	fine
	has "data 4K, holes 1020K; in memory 4K, in swap 0, set aside 508K"
	try shmpeek --map -l 0x80000 posix-shm:/x
	fine
	lacks "set aside" # part of it tells nothing of that
	rm /dev/shm/x
	sparse x 0x100000 0x4000,1
	try shmpeek --map posix-shm:/x
	lacks "set aside"
}

@test "map: several objects, and one that is not there" {
	sparse a 8192 0,1
	sparse b 8192 4096,1
	try shmpeek --map posix-shm:/a posix-shm:/none posix-shm:/b
	ends 1
	complains "posix-shm:/none"
	has "posix-shm:/a: data 4K, holes 4K" "posix-shm:/b: data 4K, holes 4K"
	is "$(grep -c '^REF' <<<"$output")" 1
	try shmpeek -J --map posix-shm:/a posix-shm:/none posix-shm:/b
	ends 1
	is "$(json '[[r["ref"], r["offset"], r["content"]] for r in d["ranges"]]')" \
		'[["posix-shm:/a", 0, "data"], ["posix-shm:/a", 4096, "hole"], ["posix-shm:/b", 0, "hole"], ["posix-shm:/b", 4096, "data"]]'
	try shmpeek -J posix-shm:/none --map
	ends 1
	is "$(json d)" '{"ranges": []}'
	try shmpeek -J msg:7 sem:7
	ends 1
	is "$(json d)" '{"messages": [], "semaphores": []}'
}

@test "map and stats fit 80 columns, whatever the name" {
	name=$(printf 'n%.0s' {1..100})
	sparse "$name" 0x200000000 0,1 0x100000000,5000 0x1fffff000,4096
	sparse psm_0123abcd 0x200000000 0x1fffff000,4096
	for view in --map --stats; do
		for object in "$name" psm_0123abcd; do
			try "$SUPPORT/terminal" 80 -- shmpeek "$view" "posix-shm:/$object"
			ends 0
			has REF CONTENT
			# the lines below the table name the object as it is
			is "$(tr -d '\r' <<<"$output" | grep -v ': ' | awk 'length > 80')" ""
		done
	done
	try "$SUPPORT/terminal" 80 -- shmpeek --map posix-shm:/psm_0123abcd
	has "0x1fffff000" "[.................." "#]"
}

@test "map: gigabytes of holes cost nothing" {
	sparse x 0x1900000000 0,1 0x100000000,5000 0x18ffffffff,1
	allocated=$(stat -c %b /dev/shm/x)
	begin=$(date +%s%N)
	try "$SUPPORT/peak" shmpeek --map -b posix-shm:/x
	[ $((($(date +%s%N) - begin) / 1000000)) -lt 2000 ]
	ends 0
	lean "$stderr"
	has "data 16384, holes 107374166016"
	is "$(stat -c %b /dev/shm/x)" "$allocated"
}

@test "map and stats: thousands of ranges need no more memory than few, and stay in line" {
	python3 -c '
import os
fd = os.open("/dev/shm/x", os.O_CREAT | os.O_RDWR, 0o600)
os.ftruncate(fd, 5000 * 8192 + (1 << 33))
for i in range(5000):
    os.pwrite(fd, b"x", i * 8192)'
	for view in --map --stats; do
		for format in "" -J; do
			try "$SUPPORT/peak" shmpeek $format $view posix-shm:/x
			ends 0
			lean "$stderr"
			[ "$(grep -c posix-shm <<<"$output")" -ge 10000 ]
		done
		# CONTENT begins in one column
		try shmpeek $view posix-shm:/x
		is "$(awk 'match($0, / (CONTENT|data|hole|total)/) { print RSTART }' \
			<<<"$(grep -v ': ' <<<"$output")" | sort -u | wc -l)" 1
		is "$(grep -c '^REF' <<<"$output")" 1
	done
	try shmpeek -J --map posix-shm:/x
	is "$(found_ranges | md5sum)" "$(ranges_of x | md5sum)"
}

@test "map: huge pages have no holes to tell, and that is said" {
	hold_with hold_content huge=x,4194304 || skip "this kernel makes no memory file of huge pages"
	inode=$(awk '$1 == "huge" { print $2 }' <<<"$made")
	try shmpeek --map "memfd:$inode"
	ends 0
	complains "huge pages do not tell holes"
	has "data 4M, holes ?; in memory 0, in swap 0" "pages of 2M"
}

@test "map: what a method does not tell is unknown, and never 0" {
	need_root
	hold_with hold_content shm=1000001 random=100,10 random=500000,4097
	id=$(made_id shm)
	try shmpeek -J --map --method vm "shm:$id"
	ends 0
	[[ $stderr == *"method vm does not tell holes"* ]]
	is "$(found_ranges)" '[[0, 1000001, "data", null]]'
	is "$(json '[r["swapped"] for r in d["ranges"]]')" "[null]"
	is "$(json 'sorted(d["ranges"][0]["unknown"])')" '["resident", "swapped"]'
	try shmpeek --map -no RESIDENT,SWAPPED,PICTURE --method vm "shm:$id"
	ends 0
	prints "? ? [dddddddddddddddddd]"
	# Where it is not known that no swap is in use, and only those who may write the file are told.
	sparse x 0x12000 0,0x9000
	chmod 644 /dev/shm/x
	try as_nobody "$SUPPORT/refuse" EPERM sysinfo -- shmpeek --map --attach --swapped posix-shm:/x
	ends 0
	[[ $stderr == *"of 36K it cannot be told whether they are in memory or in swap"* ]]
	has "data           ?       ? [ddddddddd         ]" "data 36K, holes 36K; in memory ?, in swap ?"
	try as_nobody "$SUPPORT/refuse" EPERM sysinfo -- shmpeek -J --map --attach --swapped posix-shm:/x
	is "$(found_ranges)" '[[0, 36864, "data", null], [36864, 36864, "hole", 0]]'
	is "$(json '[r["swapped"] for r in d["ranges"]]')" "[null, 0]"
}

@test "map: a segment that nobody holds, attached" {
	make_objects shm=0,1000001,0600 attach=1 touch=5000
	id=$(made_id shm)
	rss=$(proc_field shm "$id" 15)
	is "$rss" 8192
	try shmpeek --map "shm:$id"
	ends 1
	complains --attach
	try shmpeek -J --map --attach "shm:$id"
	ends 0
	is "$(found_ranges)" '[[0, 8192, "data", 8192], [8192, 991809, "hole", 0]]'
	is "$(proc_field shm "$id" 15)" "$rss"
}
