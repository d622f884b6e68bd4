/* SPDX-License-Identifier: MIT */
/*
 * Which children end a wait4() or waitid(), as its arguments say it.  The numbers in them are those
 * of the thread's own pid namespace.
 */
#ifndef INSIGHT_WAIT_CHOICE_H
#define INSIGHT_WAIT_CHOICE_H

#include "source/threads.h"

struct wait_choice {
	enum { CHOOSE_ANY, CHOOSE_ONE, CHOOSE_GROUP, CHOOSE_OWN_GROUP } by;
	pid_t number;     /* of the process or group, as the thread has it */
	bool ours;        /* that number is of our own pid namespace */
	int fd;           /* the pidfd that names the process; -1: none does */
	unsigned options; /* WEXITED and so on; wait4() has WEXITED always */
	/* wait_choice_place(): */
	size_t depth; /* of the thread's pid namespace below ours */
	pid_t group;  /* of the thread */
};

/*
 * From the arguments of a call of CALL_WAIT4 or CALL_WAITID; ours: the thread lives in our own pid
 * namespace.  False: a pidfd that leads to nobody.
 */
bool wait_choice_read(const struct thread *thread, enum call_family family, bool ours,
		      struct wait_choice *choice);

/* What wait_choice_fits() has to know of the thread; false where it is not to be seen. */
bool wait_choice_place(const struct thread *thread, struct wait_choice *choice);
/* Is it this child, by its number in our pid namespace? */
bool wait_choice_fits(const struct wait_choice *choice, pid_t pid);

/* Is the thread the first process of its pid namespace?  True also where that cannot be told. */
bool wait_choice_is_init(const struct thread *thread);

#endif
