#!/usr/bin/env bats
# --ftok gives the key that the C library gives; --find-key finds the paths that give a key.

load private

# The key of ftok(3), by the C library itself.
ftok() {
	python3 -c '
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
print("0x%08x" % (libc.ftok(os.fsencode(sys.argv[1]), int(sys.argv[2])) & 0xffffffff))' "$1" "$2"
}

@test "--ftok gives the key of ftok(3), for many paths and project ids" {
	touch "$BATS_TEST_TMPDIR/file"
	ln -s file "$BATS_TEST_TMPDIR/link"
	for path in / /etc/passwd /proc "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/file" "$BATS_TEST_TMPDIR/link" .; do
		for id in 1 65 127 128 200 255; do
			try ipcls --ftok "$path" $id
			fine
			prints "$(ftok "$path" $id)"
		done
	done
}

@test "a project id may be hexadecimal or a character" {
	is "$(ipcls --ftok / 0x41)" "$(ftok / 65)"
	is "$(ipcls --ftok / A)" "$(ftok / 65)"
	is "$(ipcls --ftok / 7)" "$(ftok / 7)"
	is "$(ipcls --ftok / '!')" "$(ftok / 33)"
	is "$(ipcls --ftok / 0xff)" "$(ftok / 255)"
}

@test "--ftok -J is one key" {
	try ipcls -J --ftok /etc 66
	fine
	is "$(json 'd')" "{\"ftok\": \"$(ftok /etc 66)\"}"
}

@test "the key finds the object that a program made with it" {
	key=$(ipcls --ftok /etc/passwd 5)
	make_objects shm="$(ftok /etc/passwd 5)",1,0600
	try ipcls --raw -no REF "shm:key=$key"
	fine
	prints "shm:$(made_id shm)"
}

@test "a path that is not there is named, status 1" {
	try ipcls --ftok /no/such 1
	ends 1
	complains "ipcls: /no/such: No such file or directory"
	prints ""
}

@test "project ids that are none are refused" {
	for id in 0 256 -1 AB "" 0x0 0x100 1x 08 4294967297; do
		try ipcls --ftok / -- "$id"
		ends 2
		complains "ipcls: --ftok: $id"
		prints ""
	done
	try ipcls --ftok /
	ends 2
	complains "needs a path and a project id"
	try ipcls --ftok / 1 2
	ends 2
	complains "needs a path and a project id"
}

@test "--find-key finds every path that gives the key, links included" {
	tree=$BATS_TEST_TMPDIR/tree
	mkdir -p "$tree/a/b"
	touch "$tree/a/file" "$tree/other"
	ln "$tree/a/file" "$tree/a/b/hard"
	ln -s ../file "$tree/a/b/soft"
	ln -s nowhere "$tree/dangling"
	ln -s . "$tree/a/loop"
	key=$(ftok "$tree/a/file" 66)
	try ipcls --find-key "$key" "$tree"
	fine
	is "$(sort <<<"$output")" "0x42 B $tree/a/b/hard
0x42 B $tree/a/b/soft
0x42 B $tree/a/file"
	# the same key in decimal, and of a directory
	try ipcls --find-key $((key)) "$tree/a/b"
	fine
	is "$(wc -l <<<"$output")" 2
	try ipcls --find-key "$(ftok "$tree/a" 7)" "$tree"
	fine
	is "$(sort <<<"$output")" "0x07 - $tree/a
0x07 - $tree/a/loop"
}

@test "what is found gives the key indeed" {
	key=$(ftok /etc/passwd 9)
	try ipcls --find-key "$key" /etc
	ends 0 # what an ordinary user may not enter is named on stderr
	has "0x09 - /etc/passwd"
	while read -r _ _ path; do
		is "$(ftok "$path" 9)" "$key"
	done <<<"$output"
}

@test "--find-key -J has paths and project ids" {
	mkdir "$BATS_TEST_TMPDIR/d"
	touch "$BATS_TEST_TMPDIR/d/x"$'\n'"y"
	try ipcls -J --find-key "$(ftok "$BATS_TEST_TMPDIR/d/x"$'\n'"y" 66)" "$BATS_TEST_TMPDIR/d"
	fine
	is "$(json 'd')" "{\"paths\": [{\"path\": \"$BATS_TEST_TMPDIR/d/x\\ny\", \"project\": 66}]}"
	try ipcls -J --find-key 0x01020304 "$BATS_TEST_TMPDIR/d"
	ends 1
	is "$(json 'd')" '{"paths": []}'
}

@test "a hostile file name does not reach the terminal" {
	mkdir "$BATS_TEST_TMPDIR/d"
	file=$BATS_TEST_TMPDIR/d/$'a\e[2J\nb'
	touch "$file"
	try ipcls --find-key "$(ftok "$file" 66)" "$BATS_TEST_TMPDIR/d"
	fine
	is "${#lines[@]}" 1
	lacks $'\e'
	has 'a\x1b[2J\x0ab'
}

@test "a key that no path gives is told, status 1" {
	mkdir "$BATS_TEST_TMPDIR/empty"
	try ipcls --find-key 0x01020304 "$BATS_TEST_TMPDIR/empty"
	ends 1
	complains "no path in there gives the key 0x01020304"
	prints ""
}

@test "a directory that is not there is named, the others are searched" {
	touch "$BATS_TEST_TMPDIR/file"
	try ipcls --find-key "$(ftok "$BATS_TEST_TMPDIR/file" 66)" /no/such "$BATS_TEST_TMPDIR"
	ends 1
	complains "/no/such: No such file or directory"
	has "$BATS_TEST_TMPDIR/file"
}

@test "bad keys and missing directories are refused" {
	for key in x 0x -1 010 0x100000000 ""; do
		try ipcls --find-key "$key" /etc
		ends 2
		complains "ipcls: --find-key: $key"
	done
	try ipcls --find-key 5
	ends 2
	complains "no directory to look in"
}
