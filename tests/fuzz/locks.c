/* SPDX-License-Identifier: MIT */
/* Lines about locks of files: two of them, and whether one stands in the way of the other. */
#include "fuzz.h"

#include "source/locks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_string(data, size), *end = strchr(text, '\n');
	struct lock first, second;
	const char *other = "";

	if (end != NULL) {
		*end = '\0';
		other = end + 1;
	}
	if (lock_parse(text, &first)) {
		MUST(first.start <= first.end && first.kind <= LOCK_OTHER);
		MUST(first.has_file || (first.inode == 0 && first.major == 0 && first.minor == 0));
		MUST(lock_is_alike(&first, &first));
		if (lock_parse(other, &second)) {
			MUST(lock_conflicts(&first, &second) == lock_conflicts(&second, &first));
			MUST(!lock_conflicts(&first, &second) || first.write || second.write);
		}
	}
	free(text);
	return 0;
}
