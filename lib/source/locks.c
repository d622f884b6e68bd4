/* SPDX-License-Identifier: MIT */
/*
 * The kernel's lines about locks (fs/locks.c, lock_get_status()):
 *   1: POSIX  ADVISORY  WRITE 4711 fe:00:123456 0 EOF
 *   1: -> POSIX  ADVISORY  READ 4712 fe:00:123456 100 199
 * where each further "->" waits for the lock above that number.
 */
#include "source/locks.h"

#include "base/lines.h"
#include "base/parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void skip_blanks(const char **p)
{
	*p += strspn(*p, " ");
}

/* A word and the blanks behind it. */
static bool word(const char **p, const char *text)
{
	const char *at = *p;

	if (!parse_literal(&at, text) || *at != ' ')
		return false;
	skip_blanks(&at);
	*p = at;
	return true;
}

static bool parse_kind(const char **p, struct lock *lock)
{
	static const struct {
		const char *name;
		enum lock_kind kind;
	} kinds[] = {
		{ "FLOCK", LOCK_FLOCK },  { "POSIX", LOCK_POSIX },   { "OFDLCK", LOCK_OFD },
		{ "LEASE", LOCK_LEASE },  { "DELEG", LOCK_LEASE },   { "ACCESS", LOCK_OTHER },
		{ "LAYOUT", LOCK_OTHER }, { "UNKNOWN", LOCK_OTHER },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (word(p, kinds[i].name)) {
			lock->kind = kinds[i].kind;
			return true;
		}
	return false;
}

static bool parse_mode(const char **p)
{
	static const char *const modes[] = { "ADVISORY", "MANDATORY", "MSNFS",   "ACTIVE",
					     "BREAKING", "BREAKER",   "UNKNOWN", "*NOINODE*" };

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (word(p, modes[i]))
			return true;
	return false;
}

/* UNLCK is of a lease that is given up. */
static bool parse_type(const char **p, struct lock *lock)
{
	lock->write = word(p, "WRITE");
	return lock->write || word(p, "READ") || word(p, "UNLCK") || word(p, "RW") ||
	       word(p, "NONE");
}

static bool parse_pid(const char **p, struct lock *lock)
{
	const bool negative = **p == '-';
	uint64_t number;

	*p += negative;
	if (!parse_upto(p, 10, INT32_MAX, &number))
		return false;
	lock->pid = negative ? -(pid_t)number : (pid_t)number;
	return parse_literal(p, " ");
}

static bool parse_file(const char **p, struct lock *lock)
{
	uint64_t major, minor;

	if (word(p, "<none>:0"))
		return true;
	if (!parse_upto(p, 16, UINT32_MAX, &major) || !parse_literal(p, ":") ||
	    !parse_upto(p, 16, UINT32_MAX, &minor) || !parse_literal(p, ":") ||
	    !parse_upto(p, 10, UINT64_MAX, &lock->inode) || !parse_literal(p, " "))
		return false;
	lock->major = (uint32_t)major;
	lock->minor = (uint32_t)minor;
	lock->has_file = true;
	return true;
}

static bool parse_bytes(const char **p, struct lock *lock)
{
	if (!parse_upto(p, 10, INT64_MAX, &lock->start) || !parse_literal(p, " "))
		return false;
	if (parse_literal(p, "EOF")) {
		lock->end = LOCK_TO_END;
		return true;
	}
	return parse_upto(p, 10, INT64_MAX, &lock->end) && lock->start <= lock->end;
}

bool lock_parse(const char *line, struct lock *lock)
{
	uint64_t number;

	*lock = (struct lock){ 0 };
	skip_blanks(&line);
	if (!parse_upto(&line, 10, INT64_MAX, &number) || !parse_literal(&line, ":") ||
	    *line != ' ')
		return false;
	skip_blanks(&line);
	while (word(&line, "->"))
		lock->waits = true;
	return parse_kind(&line, lock) && parse_mode(&line) && parse_type(&line, lock) &&
	       parse_pid(&line, lock) && parse_file(&line, lock) && parse_bytes(&line, lock) &&
	       *line == '\0';
}

/* ---- What follows ---- */

static bool is_of_bytes(const struct lock *lock)
{
	return lock->kind == LOCK_POSIX || lock->kind == LOCK_OFD;
}

bool lock_conflicts(const struct lock *lock, const struct lock *other)
{
	const bool same = (is_of_bytes(lock) && is_of_bytes(other)) ||
			  (lock->kind == LOCK_FLOCK && other->kind == LOCK_FLOCK);

	return same && (lock->write || other->write) && lock->start <= other->end &&
	       other->start <= lock->end;
}

bool lock_is_alike(const struct lock *lock, const struct lock *other)
{
	return lock->kind == other->kind && lock->write == other->write &&
	       lock->start == other->start && lock->end == other->end;
}

/* ---- Reading ---- */

static int add(struct locks *locks, const struct lock *lock)
{
	if (locks->count == locks->size) {
		const size_t size = locks->size * 2 + 16;
		struct lock *rows = reallocarray(locks->rows, size, sizeof(*rows));

		if (rows == NULL)
			return -ENOMEM;
		locks->rows = rows;
		locks->size = size;
	}
	locks->rows[locks->count++] = *lock;
	return 0;
}

/* The lines behind this label, or all of them. */
static int read_lines(const char *path, const char *label, struct locks *locks)
{
	struct lines lines;
	struct lock lock;
	size_t length;
	const char *line;
	int rc = lines_open(&lines, path);

	if (rc != 0)
		return rc;
	while (rc == 0 && (line = lines_next(&lines, &length)) != NULL) {
		if (!parse_literal(&line, label))
			continue;
		rc = lock_parse(line, &lock) ? add(locks, &lock) : -EBADMSG;
	}
	if (rc == 0)
		rc = -lines.error;
	lines_close(&lines);
	return rc;
}

int locks_read(struct locks *locks)
{
	return read_lines("/proc/locks", "", locks);
}

int locks_of_descriptor(const char *path, struct locks *locks)
{
	return read_lines(path, "lock:\t", locks);
}

void locks_free(struct locks *locks)
{
	free(locks->rows);
	*locks = (struct locks){ 0 };
}
