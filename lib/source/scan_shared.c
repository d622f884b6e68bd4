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

/* The kernel's order of open files; where it does not compare them, each stands for itself. */
static int by_file(const void *a, const void *b, void *data)
{
	const struct scan *scan = data;
	const struct use *const *left = a, *const *right = b;
	const struct use *x = *left, *y = *right;
	long order;

	if (x == y)
		return 0;
	if (x->object.kind != y->object.kind)
		return x->object.kind < y->object.kind ? -1 : 1;
	order = syscall(SYS_kcmp, task_of(scan, x), task_of(scan, y), KCMP_FILE, x->fd, y->fd);
	if (order == 0)
		return 0;
	if (order == 1 || order == 2)
		return order == 1 ? -1 : 1;
	return scan_own_number(task_of(scan, x), x->fd) < scan_own_number(task_of(scan, y), y->fd)
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

int scan_shared(struct scanner *scanner)
{
	struct scan *scan = scanner->scan;
	struct use **list;
	size_t count = 0;

	if ((scanner->kinds & (SCAN_ANONYMOUS | IPCK_EVENTFD)) == 0 || scan->use_count == 0)
		return IPCK_OK;
	list = calloc(scan->use_count, sizeof(struct use *));
	if (list == NULL)
		return IPCK_ERR_MEMORY;
	for (size_t i = 0; i < scan->use_count; i++)
		if (is_unnumbered(&scan->uses[i].object))
			list[count++] = &scan->uses[i];
	qsort_r(list, count, sizeof(struct use *), by_file, scan);
	for (size_t i = 0; i < count;) {
		size_t end = i + 1;

		while (end < count && by_file(&list[i], &list[end], scan) == 0)
			end++;
		/* named after the lowest process and descriptor */
		qsort(&list[i], end - i, sizeof(struct use *), by_number);
		for (size_t j = i + 1; j < end; j++)
			list[j]->object.number = list[i]->object.number;
		i = end;
	}
	free(list);
	return IPCK_OK;
}
