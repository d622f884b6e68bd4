/* SPDX-License-Identifier: MIT */
/* Threads that wait for a child: wait4(), waitid(), vfork(). */
#include "insight/wait_choice.h"
#include "insight/wait_memory.h"

#include "base/lines.h"
#include "base/parse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The detail of a row: those that settle() names. */
struct awaited_children {
	size_t count, size;
	pid_t *pids;
};

/* What is kept over all rows. */
struct wait_children {
	bool known;
	struct stat own; /* our pid namespace */
};

void wait_children_free(struct wait_children *children)
{
	free(children);
}

/* ---- Numbers in other pid namespaces ---- */

/* Does the thread live in our own pid namespace, so that its numbers are ours? */
static int is_ours(struct waits_reading *reading, const struct thread *thread, bool *ours)
{
	struct wait_children *children = reading->children;
	struct stat status;

	if (children == NULL) {
		children = calloc(1, sizeof(*children));
		if (children == NULL)
			return waits_no_memory(reading);
		children->known = stat("/proc/self/ns/pid", &children->own) == 0;
		reading->children = children;
	}
	*ours = children->known && fstatat(thread->dir, "ns/pid", &status, 0) == 0 &&
		status.st_ino == children->own.st_ino && status.st_dev == children->own.st_dev;
	return IPCK_OK;
}

/* ---- Children ---- */

static int keep(struct waits_reading *reading, struct awaited_children *list, pid_t pid)
{
	if (list->count == list->size) {
		const size_t size = list->size > 0 ? list->size * 2 : 4;
		pid_t *pids = pool_alloc(&reading->pool, size * sizeof(*pids));

		if (pids == NULL)
			return waits_no_memory(reading);
		if (list->count > 0)
			memcpy(pids, list->pids, list->count * sizeof(*pids));
		list->pids = pids;
		list->size = size;
	}
	list->pids[list->count++] = pid;
	return IPCK_OK;
}

/* "4711 4712 ": of one thread, the oldest first.  A negative errno, or a reason. */
static int add_children(struct waits_reading *reading, int dir, const char *path,
			struct awaited_children *list)
{
	char text[4096];
	size_t used = 0;
	ssize_t got;
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC), rc = IPCK_OK;

	if (fd < 0)
		return IPCK_OK; /* the thread has ended, or the kernel has no such files */
	while (rc == IPCK_OK && (got = read(fd, text + used, sizeof(text) - 1 - used)) > 0) {
		const char *p = text, *begin = text;
		uint64_t pid;

		used += (size_t)got;
		text[used] = '\0';
		while (rc == IPCK_OK && parse_upto(&p, 10, INT32_MAX, &pid) &&
		       parse_literal(&p, " ")) {
			rc = keep(reading, list, (pid_t)pid);
			begin = p;
		}
		used -= (size_t)(begin - text);
		memmove(text, begin, used + 1);
	}
	close(fd);
	return rc;
}

/* Those of all threads of the process: any of them may wait for the children of the others. */
static int add_all_children(struct waits_reading *reading, const struct thread *thread,
			    struct awaited_children *list)
{
	const int fd = openat(thread->dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	int rc = IPCK_OK;

	if (stream == NULL) {
		if (fd >= 0)
			close(fd);
		return IPCK_OK;
	}
	while (rc == IPCK_OK && (entry = readdir(stream)) != NULL) {
		char path[300];

		snprintf(path, sizeof(path), "%s/children", entry->d_name);
		if (entry->d_name[0] != '.')
			rc = add_children(reading, fd, path, list);
	}
	closedir(stream);
	return rc;
}

/* ---- Choosing ---- */

static int choose(struct waits_reading *reading, const struct thread *thread,
		  struct wait_choice *choice, struct awaited_children *list)
{
	size_t count = 0;
	int rc;

	if (choice->by == CHOOSE_ONE && choice->ours)
		return keep(reading, list, choice->number);
	rc = add_all_children(reading, thread, list);
	if (rc != IPCK_OK || choice->by == CHOOSE_ANY || !wait_choice_place(thread, choice))
		return rc;
	for (size_t i = 0; i < list->count; i++)
		if (wait_choice_fits(choice, list->pids[i]))
			list->pids[count++] = list->pids[i];
	list->count = count;
	return IPCK_OK;
}

/* ---- wait4, waitid ---- */

/* Who is waited for, in words, and a single one as the object. */
static int say(struct waits_reading *reading, struct waiting *waiting,
	       const struct wait_choice *choice, const struct awaited_children *list)
{
	struct ipck_wait *wait = &waiting->wait;

	if (choice->by == CHOOSE_ONE && list->count == 1) {
		wait->wants = waits_text(reading, "the end of child %d", (int)list->pids[0]);
		wait->ref = wait->object = waits_text(reading, "pid:%d", (int)list->pids[0]);
		return wait->wants != NULL && wait->ref != NULL ? IPCK_OK
								: waits_no_memory(reading);
	}
	if (choice->by == CHOOSE_GROUP)
		wait->wants = waits_text(reading, "the end of any child of group %d",
					 (int)choice->number);
	else
		wait->wants = choice->by == CHOOSE_OWN_GROUP ? "the end of any child of its group"
							     : "the end of any child";
	return wait->wants != NULL ? IPCK_OK : waits_no_memory(reading);
}

static struct awaited_children *new_list(struct waits_reading *reading, struct waiting *waiting)
{
	struct awaited_children *list = pool_alloc(&reading->pool, sizeof(*list));

	if (list != NULL)
		*list = (struct awaited_children){ 0 };
	waiting->detail = list;
	return list;
}

/*
 * Can it get children that it does not have yet?  From its other threads; and the first process of
 * a pid namespace gets those whose parents end.
 */
static bool gets_children(const struct thread *thread)
{
	return thread->threads > 1 || wait_choice_is_init(thread);
}

int wait_look_wait(struct waits_reading *reading, const struct thread *thread,
		   struct waiting *waiting)
{
	struct awaited_children *list = new_list(reading, waiting);
	struct wait_choice choice;
	bool ours = false, leads;
	int rc;

	if (list == NULL)
		return waits_no_memory(reading);
	rc = is_ours(reading, thread, &ours);
	if (rc != IPCK_OK)
		return rc;
	leads = wait_choice_read(thread, waiting->family, ours, &choice);
	if (choice.fd >= 0)
		waiting->wait.fd = choice.fd;
	if (!leads) {
		if (!thread_lasts(thread))
			return WAITS_STALE;
		waits_unknown(waiting, ESRCH);
		return IPCK_OK;
	}
	if (choice.by == CHOOSE_ONE || (reading->want & IPCK_WAITS_WHOM) != 0)
		rc = choose(reading, thread, &choice, list);
	waiting->wait.open = choice.by != CHOOSE_ONE && gets_children(thread);
	return rc == IPCK_OK ? say(reading, waiting, &choice, list) : rc;
}

/* ---- vfork ---- */

/* The child that shares its memory; where that may not be asked its latest. */
static pid_t vforked(const struct thread *thread, const struct awaited_children *list)
{
	for (size_t i = list->count; i > 0; i--)
		if (syscall(SYS_kcmp, thread->tid, list->pids[i - 1], KCMP_VM, 0, 0) == 0)
			return list->pids[i - 1];
	return list->count > 0 ? list->pids[list->count - 1] : 0;
}

/* clone(FLAGS, ...), clone3(ARGUMENTS, SIZE): only with CLONE_VFORK does it wait for the child. */
static int is_vfork(const struct thread *thread, struct waiting *waiting, bool *vfork)
{
	uint64_t flags = waiting->call.args[0];
	int rc = 0;

	*vfork = true;
	if (waiting->family == CALL_VFORK)
		return 0;
	if (waiting->family == CALL_CLONE3)
		rc = wait_copy(thread, waiting, waiting->call.args[0], &flags, sizeof(flags));
	*vfork = (flags & CLONE_VFORK) != 0;
	return rc;
}

int wait_look_vfork(struct waits_reading *reading, const struct thread *thread,
		    struct waiting *waiting)
{
	const struct wait_choice choice = { .by = CHOOSE_ONE };
	struct awaited_children *list = new_list(reading, waiting);
	char path[48];
	bool vfork;
	int rc;

	if (list == NULL)
		return waits_no_memory(reading);
	rc = is_vfork(thread, waiting, &vfork);
	if (rc == WAITS_STALE)
		return rc;
	if (rc != 0 || !vfork) {
		waiting->wait.what = IPCK_WAIT_OTHER;
		return wait_look_other(reading, thread, waiting);
	}
	snprintf(path, sizeof(path), "task/%d/children", (int)thread->tid);
	rc = add_children(reading, thread->dir, path, list);
	if (rc != IPCK_OK)
		return rc;
	if (list->count == 0) {
		if (!thread_lasts(thread))
			return WAITS_STALE;
		waits_unknown(waiting, ENOENT);
	} else {
		list->pids[0] = vforked(thread, list);
		list->count = 1;
	}
	return say(reading, waiting, &choice, list);
}

/* ---- On whom ---- */

/* A child that has ended meanwhile has ended the wait, too. */
int wait_settle_children(struct waits_reading *reading, struct waiting *waiting)
{
	const struct awaited_children *list = waiting->detail;
	int rc = IPCK_OK;

	for (size_t i = 0; rc == IPCK_OK && list != NULL && i < list->count; i++) {
		const struct process *child = process_look(&reading->processes, list->pids[i]);

		if (child == NULL)
			return waits_no_memory(reading);
		if (child->presence != PROCESS_GONE)
			rc = waits_await(reading, waiting, list->pids[i], 0, IPCK_PROOF_KERNEL, 0);
	}
	return rc;
}
