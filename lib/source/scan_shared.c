/* SPDX-License-Identifier: MIT */
/*
 * Descriptors whose inode tells nothing (epoll sets, timers ...) are of one object when they are of
 * one open file, which kcmp(2) compares without touching it.
 */
#include "source/scanner.h"

#include <linux/kcmp.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A descriptor of a thread with a table of its own is found by the thread. */
static pid_t task_of(const struct scan *scan, const struct use *use)
{
	return use->tid != 0 ? use->tid : scan->processes[use->process].id.pid;
}

enum { BEFORE = 1, AFTER = 2 }; /* as kcmp() has it; 0: the same, others: not to be compared */

static long compare(const struct scan *scan, const struct use *x, const struct use *y)
{
	if (x->object.kind != y->object.kind)
		return x->object.kind < y->object.kind ? BEFORE : AFTER;
	return syscall(SYS_kcmp, task_of(scan, x), task_of(scan, y), KCMP_FILE, x->fd, y->fd);
}

/* The kernel's order of open files. */
static int by_file(const void *a, const void *b, void *data)
{
	const struct scan *scan = data;
	const struct use *const *x = a, *const *y = b;
	const long order = *x == *y ? 0 : compare(scan, *x, *y);

	if (order == 0)
		return 0;
	if (order == BEFORE || order == AFTER)
		return order == BEFORE ? -1 : 1;
	/* it has just been closed: what comes of this order is looked at afterwards */
	return scan_own_number(task_of(scan, *x), (*x)->fd) <
			       scan_own_number(task_of(scan, *y), (*y)->fd)
		       ? -1
		       : 1;
}

static int by_number(const void *a, const void *b)
{
	const struct use *const *left = a, *const *right = b;

	return (*left)->object.number < (*right)->object.number
		       ? -1
		       : (*left)->object.number > (*right)->object.number;
}

/* Eventfds have a number of the kernel's, small, since Linux 5.2. */
static bool is_unnumbered(const struct identity *object)
{
	return (object->kind & SCAN_ANONYMOUS) != 0 ||
	       (object->kind == IPCK_EVENTFD && object->number > UINT32_MAX);
}

/* Those that can be compared, to the front: the others have ended, or the kernel refuses. */
static size_t keep_comparable(const struct scan *scan, struct use **list, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (compare(scan, list[i], list[i]) == 0)
			list[kept++] = list[i];
	return kept;
}

/* same[i]: the i-th is of the same file as the one before it.  False: they are not in order. */
static bool compare_neighbours(const struct scan *scan, struct use *const *list, size_t count,
			       bool *same)
{
	for (size_t i = 1; i < count; i++) {
		const long order = compare(scan, list[i - 1], list[i]);

		same[i] = order == 0;
		if (order != 0 && order != BEFORE)
			return false;
	}
	return true;
}

/*
 * A descriptor that is closed meanwhile has another place than before, and pulls others to theirs:
 * then once more, without it.  Where that has no end, some files count as several.
 */
static size_t sort_by_file(struct scan *scan, struct use **list, size_t count, bool *same)
{
	for (int tries = 0; tries < 8; tries++) {
		/* what is opened and closed all the time is seen closed once */
		for (int pass = 0; pass <= tries; pass++)
			count = keep_comparable(scan, list, count);
		if (count > 1)
			qsort_r(list, count, sizeof(*list), by_file, scan);
		if (compare_neighbours(scan, list, count, same))
			break;
	}
	return count;
}

int scan_shared(struct scanner *scanner)
{
	struct scan *scan = scanner->scan;
	struct use **list;
	size_t count = 0;
	bool *same;

	if ((scanner->kinds & (SCAN_ANONYMOUS | IPCK_EVENTFD)) == 0 || scan->use_count == 0)
		return IPCK_OK;
	list = calloc(scan->use_count, sizeof(struct use *));
	same = calloc(scan->use_count, sizeof(*same));
	for (size_t i = 0; list != NULL && i < scan->use_count; i++)
		if (is_unnumbered(&scan->uses[i].object))
			list[count++] = &scan->uses[i];
	if (list != NULL && same != NULL)
		count = sort_by_file(scan, list, count, same);
	for (size_t i = 0; same != NULL && i < count;) {
		size_t end = i + 1;

		while (end < count && same[end])
			end++;
		/* named after the lowest process and descriptor */
		qsort(&list[i], end - i, sizeof(struct use *), by_number);
		for (size_t j = i + 1; j < end; j++)
			list[j]->object.number = list[i]->object.number;
		i = end;
	}
	free(same);
	free(list);
	return list != NULL && same != NULL ? IPCK_OK : IPCK_ERR_MEMORY;
}
