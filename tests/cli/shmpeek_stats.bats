#!/usr/bin/env bats
# shmpeek --stats: zero pages, entropy, share of text and different bytes of each range.  The truth
# is what python counts in the same bytes.

load private

setup() {
	start_empty
	rm -rf /dev/shm/*
}

# Write a file by python: content NAME SIZE EXPRESSION, a list of (offset, bytes).
content() {
	python3 - "$@" <<-'END'
		import os, random, sys
		random.seed(sys.argv[1])
		fd = os.open("/dev/shm/" + sys.argv[1], os.O_CREAT | os.O_RDWR, 0o600)
		os.ftruncate(fd, int(sys.argv[2]))
		for offset, data in eval(sys.argv[3]):
		    os.pwrite(fd, data, offset)
	END
}

# What shmpeek printed, judged by the file itself: prints what differs.
judge() { # judge NAME [BEGIN END]
	python3 - "$output" "$@" <<-'END'
		import collections, json, math, os, sys
		rows = json.loads(sys.argv[1])["stats"]
		fd = os.open("/dev/shm/" + sys.argv[2], os.O_RDONLY)
		size = os.fstat(fd).st_size
		begin, end = (int(word) for word in sys.argv[3:5]) if len(sys.argv) > 3 else (0, size)
		printable = set(range(0x20, 0x7f)) | set(b"\t\r\n")

		def told(data):
		    if not data:
		        return [None] * 5
		    counts = collections.Counter(data)
		    entropy = -sum(n / len(data) * math.log2(n / len(data)) for n in counts.values())
		    text = sum(n for byte, n in counts.items() if byte in printable)
		    return [abs(entropy), text * 1000 // len(data) / 10, len(counts), counts[0]]

		def zero_pages(low, high):
		    cuts = [low] + list(range(low // 4096 * 4096 + 4096, high, 4096)) + [high]
		    parts = [os.pread(fd, b - a, a) for a, b in zip(cuts, cuts[1:])]
		    return len(parts), sum(part.count(0) == len(part) for part in parts)

		def differ(row, offset, content, data, pages, zeros):
		    want = [offset, len(data) if content != "hole" else row["bytes"], content, pages]
		    got = [row[key] for key in ("offset", "bytes", "content", "pages")]
		    numbers = told(data) if content != "hole" else [None] * 4
		    have = [row[key] for key in ("entropy", "text_percent", "distinct", "zero_bytes")]
		    if want != got or row["zero_pages"] != zeros:
		        print("expected", want, zeros, "got", got, row["zero_pages"])
		    for a, b in zip(numbers, have):
		        if (a is None) != (b is None) or (a is not None and abs(a - b) > 0.00051):
		            print("expected", numbers, "got", have)

		at, everything, sums = begin, b"", [0, 0]
		while at < end:
		    row = rows.pop(0)
		    try:
		        data = os.lseek(fd, at, os.SEEK_DATA)
		    except OSError:
		        data = size
		    upto = min(end, os.lseek(fd, at, os.SEEK_HOLE) if data == at else data)
		    pages, zeros = (upto - 1) // 4096 - at // 4096 + 1, None
		    piece = b""
		    if data == at:
		        piece = os.pread(fd, upto - at, at)
		        pages, zeros = zero_pages(at, upto)
		        sums = [sums[0] + pages, sums[1] + zeros]
		        everything += piece
		    elif row["bytes"] != upto - at:
		        print("expected", at, upto - at, "got", row)
		    differ(row, at, "data" if data == at else "hole", piece, pages, zeros)
		    at = upto
		differ(rows.pop(0), None, "total", everything, sums[0], sums[1] if everything else None)
		if rows:
		    print("more", rows)
	END
}

agrees() { # agrees NAME [BEGIN END]
	fine
	is "$(judge "$@")" ""
}

@test "stats: files of all shapes" {
	content empty 0 '[]'
	content hole 1000000 '[]'
	content one 1 '[(0, b"x")]'
	content zero 1 '[(0, b"\0")]'
	content odd 10001 '[(0, b"\n" * 10001)]'
	content bytes 1048576 '[(0, bytes(range(256)) * 4096)]'
	content zeros 1048576 '[(0, bytes(1048576))]'
	content half 1048577 '[(0, bytes(524288) + random.randbytes(524289))]'
	content mixed 3000001 '[(5, b"text only\n" * 500), (100000, random.randbytes(300000)),
		(800000, bytes(300000)), (900000, b"\x80"), (3000000, b"\xff")]'
	content sparse 8589934592 '[(0, b"a"), (4294967296, b"hello world\n" * 1000), (8589934591, b"z")]'
	for name in empty hole one zero odd bytes zeros half mixed sparse; do
		try shmpeek -J --stats "posix-shm:/$name"
		agrees "$name"
	done
}

@test "stats: random parts of a file" {
	content x 3000001 '[(at, random.choice([bytes, random.randbytes, lambda n: b"q" * n])(20000))
		for at in range(0, 2900000, 50000)]'
	for seed in {1..10}; do
		set -- $(python3 -c '
import random, sys
random.seed(int(sys.argv[1]))
begin = random.randrange(3000001)
print(begin, random.randrange(begin, 3000001) + 1)' "$seed")
		try shmpeek -J --stats -s "$1" -l "$(($2 - $1))" posix-shm:/x
		agrees x "$1" "$2"
	done
}

@test "stats: text" {
	content x 20480 '[(0, b"ab" * 2048 + bytes(4096)), (16384, bytes(range(256)) * 16)]'
	try shmpeek --stats posix-shm:/x
	fine
	prints "REF          OFFSET SIZE CONTENT ZERO-PAGES ENTROPY TEXT% DISTINCT
posix-shm:/x    0x0   8K data             1    1.50   50%        3
posix-shm:/x 0x2000   8K hole             -       -     -        -
posix-shm:/x 0x4000   4K data             0    8.00   38%      256
posix-shm:/x      -  12K total            1    4.55   46%      256"
	is "$(python3 -c '
import math
c = [16] * 256
c[0] += 4096; c[97] += 2048; c[98] += 2048
n = sum(c)
print("%.2f %d" % (-sum(x / n * math.log2(x / n) for x in c), 100 * (4096 + 98 * 16) // n))')" "4.55 46"
}

@test "stats: a System V segment" {
	need_root
	hold_with hold_content shm=1000001 text=0,hello random=500000,65536
	id=$(made_id shm)
	try shmpeek -J --stats "shm:$id"
	fine
	is "$(json '[[r["offset"], r["content"], r["distinct"]] for r in d["stats"]]')" \
		'[[0, "data", 5], [4096, "hole", null], [499712, "data", 256], [569344, "hole", null], [null, "total", 256]]'
	is "$(json '[r["bytes"] for r in d["stats"] if r["content"] == "total"]')" '[73728]'
}
