#!/bin/sh
# SPDX-License-Identifier: MIT
# Run every unit program under valgrind: an invalid access, a jump on an uninitialised value or a
# lost block fails it.  The names between @ are filled in when this is built.
valgrind='@valgrind@'
sanitizers='@sanitizers@'
programs='@programs@'

if [ -n "$sanitizers" ]; then
	echo '1..0 # SKIP built with sanitizers, which valgrind cannot run'
	exit 0
fi
if [ -z "$valgrind" ]; then
	echo '1..0 # SKIP valgrind is not installed'
	exit 0
fi

set -- $programs
echo "1..$#"
number=0
for program; do
	number=$((number + 1))
	if output=$("$valgrind" --quiet --error-exitcode=99 --leak-check=full \
		--errors-for-leak-kinds=definite,possible \
		--suppressions='@srcdir@/tests/unit/valgrind.supp' "./$program" 2>&1); then
		echo "ok $number - ${program##*/} is clean under valgrind"
	else
		echo "not ok $number - ${program##*/} is clean under valgrind"
		printf '%s\n' "$output" | grep -v '^ok ' | sed 's/^/# /'
	fi
done
