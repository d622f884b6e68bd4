/* SPDX-License-Identifier: MIT */
/*
 * The parked states of file locks: flock, POSIX locks and locks of an open file description.  Each
 * process opens the file for itself.
 */
#include "park.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct lock {
	int operation;      /* of flock(2), or else */
	int command;        /* of fcntl(2) */
	short type;         /* F_RDLCK, F_WRLCK */
	off_t start, count; /* bytes */
};

static void take(void *data)
{
	const struct lock *lock = data;
	struct flock area = { .l_type = lock->type,
			      .l_whence = SEEK_SET,
			      .l_start = lock->start,
			      .l_len = lock->count };
	const int fd = park_check(open(park_path(), O_RDWR | O_CREAT, 0600), park_path());

	if (lock->command == 0)
		park_check(flock(fd, lock->operation), "flock");
	else
		park_check(fcntl(fd, lock->command, &area), "fcntl");
}

static void take_and_rest(void *data)
{
	take(data);
	park_rest();
}

static void tell(struct lock *waits, const char *on)
{
	const pid_t waiter = park_start(take, waits);
	char wants[96] = "";

	if (waits->count != 0)
		snprintf(wants, sizeof(wants), " wants=%s_lock_of_bytes_%lld-%lld",
			 waits->type == F_WRLCK ? "write" : "read", (long long)waits->start,
			 (long long)(waits->start + waits->count - 1));
	park_tell(waiter, waiter, waits->command == 0 ? "flock" : "fcntl",
		  "ref=none object=%s on=%s evidence=kernel timeout=no idle=no%s", park_path(), on,
		  wants);
}

static void tell_one(struct lock holds, struct lock waits)
{
	char on[32];

	snprintf(on, sizeof(on), "%d/0", park_holder(take_and_rest, &holds));
	tell(&waits, on);
}

static void flock_exclusive(void)
{
	tell_one((struct lock){ .operation = LOCK_EX }, (struct lock){ .operation = LOCK_EX });
}

static void flock_shared(void)
{
	tell_one((struct lock){ .operation = LOCK_EX }, (struct lock){ .operation = LOCK_SH });
}

/* Both have to give it up. */
static void flock_readers(void)
{
	struct lock holds = { .operation = LOCK_SH }, waits = { .operation = LOCK_EX };
	char on[64];

	snprintf(on, sizeof(on), "%d/0,%d/0", park_holder(take_and_rest, &holds),
		 park_holder(take_and_rest, &holds));
	tell(&waits, on);
}

/* Who took the lock is gone; a child of it has the open file description still. */
static void take_and_leave(void *data)
{
	const pid_t taker = getpid();
	pid_t child;

	take(data);
	child = park_check(fork(), "fork");

	if (child != 0) {
		*park_board = (unsigned long)child;
		return;
	}
	while (getppid() == taker)
		usleep(500);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	park_rest();
}

static void flock_inherited(void)
{
	struct lock lock = { .operation = LOCK_EX };
	char on[32];
	pid_t holder;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	waitpid(park_start(take_and_leave, &lock), NULL, 0);
	holder = (pid_t)*park_board;
	park_rests(holder, holder);
	snprintf(on, sizeof(on), "%d/0", holder);
	tell(&lock, on);
}

static const struct lock all_write = { .command = F_SETLKW, .type = F_WRLCK };

/* Another process holds a part that is not asked for. */
static void fcntl_write(void)
{
	struct lock other = { 0, F_SETLKW, F_WRLCK, 0, 100 };
	const struct lock part = { 0, F_SETLKW, F_WRLCK, 100, 50 };

	park_holder(take_and_rest, &other);
	tell_one(part, part);
}

static void fcntl_read(void)
{
	tell_one(all_write, (struct lock){ .command = F_SETLKW, .type = F_RDLCK });
}

static void ofd_write(void)
{
	const struct lock lock = { .command = F_OFD_SETLKW, .type = F_WRLCK };

	tell_one(lock, lock);
}

static void ofd_read(void)
{
	tell_one((struct lock){ 0, F_OFD_SETLKW, F_WRLCK, 1000, 10 },
		 (struct lock){ 0, F_OFD_SETLKW, F_RDLCK, 1005, 2 });
}

/* The two kinds stand in each other's way. */
static void fcntl_behind_ofd(void)
{
	tell_one((struct lock){ .command = F_OFD_SETLKW, .type = F_RDLCK }, all_write);
}

const struct park_state park_file_lock_states[] = {
	{ "flock-exclusive", flock_exclusive },
	{ "flock-shared", flock_shared },
	{ "flock-readers", flock_readers },
	{ "flock-inherited", flock_inherited },
	{ "fcntl-write", fcntl_write },
	{ "fcntl-read", fcntl_read },
	{ "fcntl-behind-ofd", fcntl_behind_ofd },
	{ "ofd-write", ofd_write },
	{ "ofd-read", ofd_read },
	{ NULL, NULL },
};
