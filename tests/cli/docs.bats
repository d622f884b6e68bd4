#!/usr/bin/env bats
# The manual pages and README.md: what they say exists, and what they show works as it stands.

load private

pages=(ipcls.1 ipckill.1 proctree.1 shmpeek.1 ipckit.7)

page() {
	echo "$MAN/man${1##*.}/$1"
}

need_mandoc() {
	command -v mandoc >/dev/null || skip "mandoc is not installed"
}

# A page as a reader sees it, with lines as long as they come and no overstrike.
rendered() {
	mandoc -T ascii -O width=400 "$(page "$1")" | sed 's/.\x08//g'
}

# ---- The scene: what the examples speak of ----

# The users of the examples.
people() {
	local name
	for name in root:0 app:902 postgres:901 www-data:33 nobody:65534; do
		echo "${name%:*}:x:${name#*:}:${name#*:}::/:/bin/sh" >>"$BATS_TEST_TMPDIR/passwd"
		echo "${name%:*}:x:${name#*:}:" >>"$BATS_TEST_TMPDIR/group"
	done
}

be() {
	local uid
	uid=$(id -u "$1")
	setpriv --reuid="$uid" --regid="$uid" --clear-groups "${@:2}"
}

# A process that makes objects and stays; one that makes them and goes.
stays() {
	local out=$BATS_TEST_TMPDIR/stays.$RANDOM.$RANDOM
	: >"$out"
	be "$1" "$SUPPORT/make_objects" "${@:2}" hold >"$out" 3>&- &
	until grep -q '^ready$' "$out"; do
		kill -0 $! || return 1
	done
}

goes() {
	be "$1" "$SUPPORT/make_objects" "${@:2}" >/dev/null
}

# shm:0 to shm:5, msg:0 and msg:1, sem:0 to sem:4.
scene() {
	stays postgres name=postgres shm=0x52e2c1,157286400,0600 attach=1 touch=8388608 \
		sem=0x52e2c1,17,0600 set=0,1 op=0,-1
	goes app name=worker shm=0x5432,8388608,0660 attach=1 touch=2097152 detach
	goes app name=worker shm=0,67108864,0600 attach=1 touch=12582912 detach
	stays app name=worker shm=0,1048576,0600 attach=1 dest \
		msg=0x5432,0660 qbytes=16384 send=8192 send=8192 \
		sem=0x5432,2,0660 set=0,1 op=0,-1 wait=0,-1
	stays www-data name=apache2 shm=0x7777,33554432,0600 attach=2
	goes www-data name=apache2 shm=0x7778,524288,0600 msg=0x7777,0600
	goes www-data name=apache2 sem=0,1,0600 sem=0,1,0600 sem=0,1,0600
	login
}

# A session of its own.
login() {
	local out=$BATS_TEST_TMPDIR/login.$RANDOM.$RANDOM
	: >"$out"
	be app setsid "$SUPPORT/make_objects" name=login hold >"$out" 3>&- &
	until grep -q '^ready$' "$out"; do
		kill -0 $! || return 1
	done
}

export -f be stays goes login scene

# Run one line as a user would type it, with the scene before it in namespaces of its own and
# somebody at the terminal who says yes to all.  What it printed: $output; what it removed: $removed.
run_line() {
	# script(1) takes two seconds over answers that nobody asked for
	ANSWERS=/dev/null
	[[ $1 != *ipckill* || $1 =~ \ -y|--dry-run ]] || ANSWERS=yes
	export ANSWERS
	[ -e "$BATS_TEST_TMPDIR/passwd" ] || people
	LINE=$1 run timeout 60 unshare --ipc --pid --fork --mount-proc --kill-child bash -c '
		mount --bind "$BATS_TEST_TMPDIR/passwd" /etc/passwd
		mount --bind "$BATS_TEST_TMPDIR/group" /etc/group
		scene || exit 99
		count() { tail -qn +2 /proc/sysvipc/* | wc -l; }
		before=$(count)
		export USER=app HOME=$BATS_TEST_TMPDIR SHELL=/bin/bash
		cd "$HOME"
		yes | head -n 20 >yes
		script -qec "set -o pipefail; $LINE" /dev/null <$ANSWERS | tr -d "\r"
		status=${PIPESTATUS[0]}
		echo $((before - $(count))) >removed
		exit "$status"' 3>&-
	removed=$(cat "$BATS_TEST_TMPDIR/removed")
}

# Run lines from standard input, all of them, and tell which do not do what they are shown for:
# each ends with 0 and prints something, and one that removes, removes something.
run_lines() {
	local line bad=0 count=0 least
	need_root
	while read -r line; do
		count=$((count + 1))
		line=${line//\/usr\/local\/libexec\/ipckit/$(dirname "$IPCS")}
		run_line "$line"
		if [[ $line == *ipckill* || $line == *ipcrm* ]] && [[ ! $line =~ --dry-run|(session|tree): ]]; then
			least=1
		else
			least=0
		fi
		if [ "$status" -ne 0 ] || { [ "$least" = 0 ] && [ -z "$output" ]; }; then
			bad=1
			echo "status $status: $line"
			echo "$output"
		fi
		[ "$least" = 0 ] || [ "$removed" -gt 0 ] || [[ $line =~ [0-9][mhd] ]] || {
			bad=1
			echo "removes nothing: $line"
		}
		# Nothing in the scene is old; what speaks of age is run once more without.
		if [[ $line =~ --(older-than|unused-for|orphan-age) ]]; then
			line=$(sed -E 's/(--(older-than|unused-for|orphan-age)) [0-9]+[mhd]/\1 0s/g' <<<"$line")
			run_line "$line"
			[ "$status" -eq 0 ] && [ "$removed" -ge "$least" ] || {
				bad=1
				echo "status $status, removed $removed: $line"
				echo "$output"
			}
		fi
	done
	echo "$count lines run"
	[ "$count" -gt 0 ] && [ "$bad" = 0 ]
}

page_lines() {
	rendered "$1" | sed -n 's/^ *\$ //p'
}

readme_blocks() { # language: the lines of README's fenced blocks in it
	sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/p" "$IPCKIT_SOURCE/README.md" | grep -v '^```'
}

# ---- The pages themselves ----

@test "the manual pages are well formed" {
	need_mandoc
	for name in "${pages[@]}"; do
		run mandoc -T lint -W warning "$(page "$name")"
		echo "$output"
		[ "$status" -eq 0 ]
		[ -z "$output" ]
	done
}

@test "every manual page that is installed is looked at here" {
	run bash -c 'cd "$MAN" && find . -type f -printf "%f\n" | sort'
	[ "$output" = "$(printf '%s\n' "${pages[@]}" | sort)" ]
}

# "-a --all" or "--key", one a line.
help_options() {
	"$1" --help | sed -nE 's/^  (-.), (--[a-z-]+).*/\1 \2/p; s/^      (--[a-z-]+).*/\1/p' | sort
}

page_options() {
	sed -nE 's/^\.It Fl (.) , Fl -([a-z-]+).*/-\1 --\2/p; s/^\.It Fl -([a-z-]+).*/--\1/p' \
		"$(page "$1.1")" | sort
}

@test "manual page and --help have the same options" {
	for command in ipcls ipckill proctree shmpeek; do
		[ -n "$(help_options "$command")" ]
		run diff <(help_options "$command") <(page_options "$command")
		echo "$command: < --help, > manual page"
		echo "$output"
		[ "$status" -eq 0 ]
	done
}

# "KINDS COLUMN JSON-KEY", one a line.  Columns of some endpoints only count as theirs in common.
listed_columns() {
	ipcls --list-columns | awk 'NR > 1 {
		if ($2 !~ /(shm|msg|sem|sysv|posix|all)/)
			$2 = "endpoints"
		print $2, $1, $4 }' | sort
}

page_columns() {
	awk '/^Columns of every kind:/ { kind = "all" } /^Columns of segments:/ { kind = "shm" }
		/^Columns of queues:/ { kind = "msg" } /^Columns of sets:/ { kind = "sem" }
		/^Columns of System V objects:/ { kind = "sysv" }
		/^Columns of System V and POSIX objects:/ { kind = "sysv,posix" }
		/^Columns of all but System V objects:/ { kind = "posix,endpoints" }
		/^Columns of what processes hold,/ { kind = "posix,endpoints,shm" }
		/^Columns of POSIX shared memory:/ { kind = "posix-shm" }
		/^Columns of POSIX queues:/ { kind = "posix-mq" }
		/^Columns of POSIX semaphores:/ { kind = "posix-sem" }
		/^Columns of what descriptors and mappings share,/ { kind = "endpoints" }
		/^\.Sh PROCESSES/ { exit }
		/^\.It Cm/ && kind != "" { print kind, $3, $6 }' "$(page ipcls.1)" | sort
}

@test "manual page and --list-columns have the same columns" {
	[ -n "$(listed_columns)" ]
	run diff <(listed_columns) <(page_columns)
	echo "< --list-columns, > manual page"
	echo "$output"
	[ "$status" -eq 0 ]
}

# "COLUMN JSON-KEY" of the view of blocked threads, in the order of both.
@test "manual page and --list-columns have the same columns of blocked threads" {
	run diff <(ipcls --blocked --list-columns | awk 'NR > 1 { print $1, $4 }') \
		<(awk '/^\.Sh/ { inside = $2 == "BLOCKED" } inside && /^\.It Cm/ { print $3, $6 }' \
			"$(page ipcls.1)")
	echo "< --list-columns, > manual page"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(ipcls --blocked --list-columns | wc -l)" -gt 20 ]
}

# "ROWS COLUMN JSON-KEY" of the tables of shmpeek.
@test "manual page and --list-columns have the same columns of what is inside" {
	run diff <(shmpeek --list-columns | awk 'NR > 1 { print $2, $1, $4 }' | sort) \
		<(awk '/^\.Sh/ { inside = $2 == "COLUMNS" } /^\.It Cm .* Pq Li/ && inside { print rows, $3, $6 }
			/^\.Ss/ { rows = tolower($2) }' "$(page shmpeek.1)" | sort)
	echo "< --list-columns, > manual page"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(shmpeek --list-columns | wc -l)" -gt 20 ]
}

@test "manual page and --list-columns have the same columns of processes" {
	run diff <(proctree --list-columns | awk 'NR > 1 { print $2, $1, $4 }' | sort) \
		<(awk '/^\.Sh/ { inside = $2 == "COLUMNS" } /^\.It Cm .* Pq Li/ && inside { print rows, $3, $6 }
			/^\.Ss/ { rows = tolower($2) }' "$(page proctree.1)" | sort)
	echo "< --list-columns, > manual page"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(proctree --list-columns | wc -l)" -gt 20 ]
}

@test "every key that JSON output has is in the manual page" {
	need_mandoc
	TMPDIR=$BATS_TEST_TMPDIR hold_with lockup flock
	make_objects shm=0,4096,0600 msg=0,0600 sem=0,1,0600
	keys='import json, sys
def walk(value):
    if isinstance(value, dict):
        for key in value:
            print(key)
            walk(value[key])
    elif isinstance(value, list):
        for each in value:
            walk(each)
walk(json.load(sys.stdin))'
	hold sem=0x99,1,0600 wait=0,-1
	key=$(ipcls --ftok /etc/passwd 65)
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	exec 7<>"$BATS_TEST_TMPDIR/fifo"
	for options in "--elements -o+CREATOR" "--holders -a" "--holders -e" "-a --orphaned=likely --orphan-age 0" -l -u --namespaces "--blocked -a -o+WCHAN" --deadlocks "--ftok /etc/passwd 65" "--find-key $key /etc" "pid:$$" "pid:1 sem:$(made_id sem)"; do
		ipcls -J $options | python3 -c "$keys" >>"$BATS_TEST_TMPDIR/keys"
	done
	ipckill -J --all -y | python3 -c "$keys" >>"$BATS_TEST_TMPDIR/keys.kill"
	rendered ipcls.1 | sed -n '/^JSON OUTPUT/,/^ENVIRONMENT/p; /^COLUMNS/,/^PROCESSES/p; /^BLOCKED THREADS/,/^JSON/p' |
		grep -o '[a-z_]*' | sort -u >"$BATS_TEST_TMPDIR/said"
	rendered ipckill.1 | sed -n '/^JSON OUTPUT/,/^ENVIRONMENT/p' |
		grep -o '[a-z_]*' | sort -u >"$BATS_TEST_TMPDIR/said.kill"
	hold shm=0,8192,0600 attach=1 touch=4096
	memory=shm:$(made_id shm)
	for options in --map --stats "--strings=1" "--find-hex 00" "--diff /etc/passwd" "--as mutex" "--find-mutexes"; do
		run --separate-stderr shmpeek -J $options "$memory"
		python3 -c "$keys" <<<"$output" >>"$BATS_TEST_TMPDIR/keys.peek"
	done
	make_objects msg=0x98,0600 send=5
	shmpeek -J msg:key=0x98 sem:key=0x99 | python3 -c "$keys" >>"$BATS_TEST_TMPDIR/keys.peek"
	rendered shmpeek.1 | sed -n '/^COLUMNS/,/^ENVIRONMENT/p' |
		grep -o '[a-z0-9_]*' | sort -u >"$BATS_TEST_TMPDIR/said.peek"
	for options in "" --by=session --zombies --orphans --daemons --terminals "--ipc $holder"; do
		run --separate-stderr proctree -J $options
		python3 -c "$keys" <<<"$output" >>"$BATS_TEST_TMPDIR/keys.tree"
	done
	rendered proctree.1 | sed -n '/^COLUMNS/,/^ENVIRONMENT/p; /^MARKS/,/^ZOMBIES/p; /^WATCHING/,/^TREES/p' |
		grep -o '[a-z_]*' | sort -u >"$BATS_TEST_TMPDIR/said.tree"
	ipckill -J --signal TERM --dry-run "pid:$holder" pid:1 | python3 -c "$keys" >>"$BATS_TEST_TMPDIR/keys.kill" || true
	for which in "" .kill .peek .tree; do
		sort -u "$BATS_TEST_TMPDIR/keys$which" >"$BATS_TEST_TMPDIR/sorted"
		[ -s "$BATS_TEST_TMPDIR/sorted" ]
		run comm -23 "$BATS_TEST_TMPDIR/sorted" "$BATS_TEST_TMPDIR/said$which"
		echo "not in the manual page: $output"
		[ -z "$output" ]
	done
}

# ---- What they show ----

@test "the commands in ipcls(1) work as shown" {
	need_mandoc
	run_lines < <(page_lines ipcls.1)
}

@test "the commands in ipckill(1) work as shown" {
	need_mandoc
	run_lines < <(page_lines ipckill.1)
}

@test "the commands in proctree(1) work as shown" {
	need_mandoc
	run_lines < <(page_lines proctree.1)
}

@test "the commands in shmpeek(1) work as shown" {
	need_mandoc
	run_lines < <(page_lines shmpeek.1)
}

@test "the commands in ipckit(7) work as shown" {
	need_mandoc
	run_lines < <(page_lines ipckit.7)
}

@test "README's idioms work as shown" {
	run_lines < <(readme_blocks sh | grep -v '^#' | grep .)
}

# Numbers, times and widths differ from run to run, and colour is not for paper; words stay.
words() {
	sed -E 's/\x1b\[[0-9;]*m//g; s/[0-9][0-9.]*[a-zA-Z%]?/N/g; s/ +/ /g; s/ $//'
}

@test "README's sample is what the commands print" {
	need_root
	shown=$(readme_blocks console)
	[ "$(grep -c '^\$' <<<"$shown")" -ge 2 ]
	printed=$(while read -r line; do
		run_line "$line"
		echo "\$ $line"
		echo "$output"
	done < <(sed -n 's/^\$ //p' <<<"$shown"))
	run diff <(words <<<"$shown") <(words <<<"$printed")
	echo "< README, > printed"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "README's C example compiles against the installed library, and runs" {
	readme_blocks c >"$BATS_TEST_TMPDIR/unattached.c"
	[ -s "$BATS_TEST_TMPDIR/unattached.c" ]
	line=$(sed -n 's/^    \(cc .*pkg-config.*\)/\1/p' "$IPCKIT_SOURCE/README.md")
	[ -n "$line" ]
	# The stage is not where the library will be installed.
	stage=$(dirname "$SUPPORT")/stage
	pkg-config() {
		PKG_CONFIG_PATH=$stage/lib/pkgconfig command pkg-config \
			--define-variable=prefix="$stage" "$@"
	}
	cd "$BATS_TEST_TMPDIR"
	flags="-Wall -Wextra -Werror"
	# A sanitized library needs a sanitized program.
	! ldd "$stage/lib/libipckit.so" | grep -q libasan || flags="$flags -fsanitize=address,undefined"
	eval "${line/#cc/${CC:-cc} $flags}"
	make_objects shm=0x11,100,0600 shm=0x12,200,0600 shm=0x13,300,0600 attach=1 detach
	hold shm=0x14,400,0600 attach=1
	run ./unattached
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$output" = "$(awk 'NR > 1 && $7 == 0 {
		printf "shm:%d key 0x%08x uid %d\n", $2, $1, $8 }' /proc/sysvipc/shm)" ]
}

@test "the files that CONTRIBUTING.md speaks of exist" {
	missing=0 count=0
	for path in $(grep -oE '`(lib|cmd|man|tests|\.ci)/[a-z0-9_./]+`' "$IPCKIT_SOURCE/CONTRIBUTING.md" |
		tr -d '\`' | sort -u); do
		count=$((count + 1))
		[ -e "$IPCKIT_SOURCE/$path" ] || { echo "no $path"; missing=1; }
	done
	[ "$count" -gt 0 ] && [ "$missing" = 0 ]
}
