/* SPDX-License-Identifier: MIT */
/*
 * /proc/sysvipc: the only place that tells rss and swap, and the fallback where *_STAT_ANY is
 * missing or refused.  Pids are translated to the reader's pid namespace by the kernel.
 */
#include "source/sysv.h"

#include "base/lines.h"

#include <stdlib.h>
#include <string.h>

/*
 * What a column holds, as a letter: a key (printed signed), an id, a mode (octal), a uid or gid, a
 * pid, a time, or any number.  The largest value each can have; more is refused, not wrapped.
 */
static uint64_t largest(char column)
{
	switch (column) {
	case 'k':
	case 'u':
		return UINT32_MAX;
	case 'i':
	case 'p':
		return INT32_MAX;
	case 't':
		return INT64_MAX;
	default:
		return UINT64_MAX;
	}
}

/* One number of a line, blanks before it skipped. */
static bool number(const char **line, char column, uint64_t *value)
{
	const unsigned base = column == 'm' ? 8 : 10;
	uint64_t most = largest(column);
	const char *p = *line;
	bool negative;
	const char *first;

	while (*p == ' ')
		p++;
	negative = column == 'k' && *p == '-';
	p += negative;
	if (negative)
		most = (uint64_t)INT32_MAX + 1;
	*value = 0;
	for (first = p; *p >= '0' && *p < (char)('0' + base); p++)
		if (__builtin_mul_overflow(*value, (uint64_t)base, value) ||
		    __builtin_add_overflow(*value, (uint64_t)(*p - '0'), value))
			return false;
	if (*value > most)
		return false;
	if (negative)
		*value = (uint32_t)(0 - *value);
	*line = p;
	return p > first && (*p == ' ' || *p == '\0');
}

/* The numbers of a line, in order.  False if one is missing or does not fit. */
static bool numbers(const char *line, const char *columns, uint64_t *values)
{
	for (size_t i = 0; columns[i] != '\0'; i++)
		if (!number(&line, columns[i], &values[i]))
			return false;
	return true;
}

/* Key, id and mode stand first in all three files. */
static void fill_common(struct ipck_object *object, enum ipck_kind kind, const uint64_t *value)
{
	*object = (struct ipck_object){
		.kind = kind,
		.key = (uint32_t)value[0],
		.id = (int32_t)value[1],
		.mode = (mode_t)(value[2] & 0777),
	};
}

static void fill_owner(struct ipck_object *object, const uint64_t *value)
{
	object->uid = (uid_t)value[0];
	object->gid = (gid_t)value[1];
	object->cuid = (uid_t)value[2];
	object->cgid = (gid_t)value[3];
}

static struct ipck_operator operator_of(uint64_t pid)
{
	return (struct ipck_operator){ .pid = (pid_t)pid, .state = IPCK_OPERATOR_UNASKED };
}

static int64_t latest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime rss swap */
bool sysv_parse_shm(const char *line, struct ipck_object *object)
{
	uint64_t v[16];
	bool rss = numbers(line, "kimnppnuuuutttnn", v);

	/* rss and swap are missing before Linux 2.6.36 and in some container runtimes. */
	if (!rss && !numbers(line, "kimnppnuuuuttt", v))
		return false;
	fill_common(object, IPCK_SHM, v);
	object->unknown.unsupported |= IPCK_SHM_HUGETLB | IPCK_SHM_NORESERVE;
	object->shm.dest = (v[2] & 01000) != 0;
	object->shm.locked = (v[2] & 02000) != 0;
	object->shm.size = v[3];
	object->shm.creator = operator_of(v[4]);
	object->shm.last_operator = operator_of(v[5]);
	object->shm.nattch = v[6];
	fill_owner(object, v + 7);
	object->shm.atime = (int64_t)v[11];
	object->shm.dtime = (int64_t)v[12];
	object->ctime = (int64_t)v[13];
	if (rss) {
		object->shm.rss = v[14];
		object->shm.swap = v[15];
		object->known |= IPCK_SHM_RSS | IPCK_SHM_SWAP;
	} else {
		object->unknown.unsupported |= IPCK_SHM_RSS | IPCK_SHM_SWAP;
	}
	object->last_used = latest(object->ctime, latest(object->shm.atime, object->shm.dtime));
	return true;
}

/* key msqid perms cbytes qnum lspid lrpid uid gid cuid cgid stime rtime ctime: no qbytes */
bool sysv_parse_msg(const char *line, struct ipck_object *object)
{
	uint64_t v[14];

	if (!numbers(line, "kimnnppuuuuttt", v))
		return false;
	fill_common(object, IPCK_MSG, v);
	object->msg.bytes = v[3];
	object->msg.messages = v[4];
	object->msg.sender = operator_of(v[5]);
	object->msg.receiver = operator_of(v[6]);
	fill_owner(object, v + 7);
	object->msg.stime = (int64_t)v[11];
	object->msg.rtime = (int64_t)v[12];
	object->ctime = (int64_t)v[13];
	object->last_used = latest(object->ctime, latest(object->msg.stime, object->msg.rtime));
	return true;
}

/* key semid perms nsems uid gid cuid cgid otime ctime */
bool sysv_parse_sem(const char *line, struct ipck_object *object)
{
	uint64_t v[10];

	if (!numbers(line, "kimnuuuutt", v))
		return false;
	fill_common(object, IPCK_SEM, v);
	object->sem.nsems = v[3];
	fill_owner(object, v + 4);
	object->sem.otime = (int64_t)v[8];
	object->ctime = (int64_t)v[9];
	object->last_used = latest(object->ctime, object->sem.otime);
	return true;
}

/*
 * The slot an id lives in: its low 15 bits, or its low 24 with the ipcmni_extend boot option.
 * Any index in use is at most max_index, and where the two differ only one of them can be.
 */
static int index_of(int32_t id, int max_index)
{
	int wide = id & 0xffffff;

	return wide <= max_index ? wide : id & 0x7fff;
}

int sysv_proc_each(const struct sysv_ops *ops, int first_index, int max_index, sysv_row *row,
		   void *data)
{
	struct lines lines;
	size_t length;
	const char *line;
	bool whole = true;
	int rc = IPCK_OK;

	if (lines_open(&lines, ops->proc_path) != 0)
		return IPCK_ERR_UNSUPPORTED;
	line = lines_next(&lines, &length);
	/* An empty file, or another one bound over it, is as good as none. */
	if (line == NULL || strstr(line, ops->proc_column) == NULL) {
		lines_close(&lines);
		return IPCK_ERR_UNSUPPORTED;
	}
	while (rc == IPCK_OK && (line = lines_next(&lines, &length)) != NULL) {
		struct ipck_object object;

		if (!ops->parse(line, &object)) {
			whole = false;
			continue;
		}
		if (first_index > 0 && index_of(object.id, max_index) < first_index)
			continue;
		rc = row(&object, data);
	}
	whole = whole && lines.error == 0;
	lines_close(&lines);
	return rc == IPCK_OK && !whole ? IPCK_ERR_SYSTEM : rc;
}

static int by_id(const void *a, const void *b)
{
	const struct ipck_object *const *left = a, *const *right = b;

	return ((*left)->id > (*right)->id) - ((*left)->id < (*right)->id);
}

/* objects is sorted by id. */
void sysv_add_rss(struct ipck_object *const *objects, size_t count)
{
	struct lines lines;
	const char *line;
	size_t length, found = 0;

	for (size_t i = 0; i < count; i++)
		objects[i]->unknown.unsupported |= IPCK_SHM_RSS | IPCK_SHM_SWAP;
	if (count == 0 || lines_open(&lines, sysv_ops(IPCK_SHM)->proc_path) != 0)
		return;
	while (found < count && (line = lines_next(&lines, &length)) != NULL) {
		uint64_t front[2];
		struct ipck_object row, *key = &row, *const * hit;

		/* Most lines are not asked for: look at the id before reading the rest. */
		if (!numbers(line, "ki", front))
			continue;
		row.id = (int32_t)front[1];
		hit = count == 1 ? ((*objects)->id == row.id ? objects : NULL)
				 : bsearch(&key, objects, count, sizeof(*objects), by_id);
		if (hit == NULL || !sysv_parse_shm(line, &row))
			continue;
		found++;
		(*hit)->shm.rss = row.shm.rss;
		(*hit)->shm.swap = row.shm.swap;
		(*hit)->known |= row.known & (IPCK_SHM_RSS | IPCK_SHM_SWAP);
		(*hit)->unknown.unsupported &= ~(*hit)->known;
	}
	lines_close(&lines);
}
