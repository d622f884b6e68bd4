/* SPDX-License-Identifier: MIT */
/* A deadlock in sentences: a line for each wait, and what would break it. */
#include "common/waited.h"
#include "deadlocks.h"
#include "wait_sentence.h"

#include <stdio.h>
#include <string.h>

#define WORDS_MAX WAIT_SENTENCE_MAX
#define NAMED 5 /* so many members are named one by one */

/* ---- Who waits for whom ---- */

/* What the other one has to do with the object: before and after his name. */
static void relation(const struct ipck_deadlock_member *member, const char **before,
		     const char **after)
{
	*before = ", which ";
	*after = " holds";
	switch (member->wait->what) {
	case IPCK_WAIT_MUTEX:
	case IPCK_WAIT_RWLOCK:
	case IPCK_WAIT_FILE_LOCK:
		return;
	case IPCK_WAIT_DATA:
	case IPCK_WAIT_SPACE:
	case IPCK_WAIT_PEER:
		*before = ", whose other end ";
		*after = " has";
		return;
	case IPCK_WAIT_CHILD:
	case IPCK_WAIT_THREAD:
		*before = ", ";
		*after = "";
		return;
	default:
		*before = member->on->proof == IPCK_PROOF_LAST_OP ? ", on which " : ", for which ";
		*after = member->on->proof == IPCK_PROOF_LAST_OP ? " acted last" : " must act";
	}
}

/* What it waits for, without what the words before it say already. */
static void describe_object(const struct ipck_wait *wait, char *buf, size_t size)
{
	struct ipck_wait plain = *wait;

	if (wait->what == IPCK_WAIT_MUTEX || wait->what == IPCK_WAIT_DATA ||
	    wait->what == IPCK_WAIT_SPACE || wait->what == IPCK_WAIT_CHILD ||
	    wait->what == IPCK_WAIT_THREAD)
		plain.wants = NULL;
	wait_object_words(&plain, buf, size);
}

static void print_wait(const struct ipck_deadlock *deadlock,
		       const struct ipck_deadlock_member *member)
{
	char waiter[SOMEBODY_MAX], holder[SOMEBODY_MAX], object[WORDS_MAX], more[48] = "";
	char line[WORDS_MAX + 2 * SOMEBODY_MAX + 256], safe[4 * sizeof(line)];
	const char *before, *after;

	waited_waiter(member->wait, waiter, sizeof(waiter));
	deadlock_holder(deadlock, member, holder, sizeof(holder));
	describe_object(member->wait, object, sizeof(object));
	relation(member, &before, &after);
	if (member->wait->awaited_count > 1)
		snprintf(more, sizeof(more), " and %zu more", member->wait->awaited_count - 1);
	snprintf(line, sizeof(line), "%s waits %s%s%s%s%s (%s)", waiter, object, before, holder,
		 more, after, ipck_proof_name(member->on->proof));
	ipck_sanitise(line, safe, sizeof(safe));
	printf("  %s.\n", safe);
}

/* ---- What would break it ---- */

/* Is what a wait is for given back when the one who has it ends? */
static bool freed_at_end(const struct ipck_deadlock_member *member)
{
	switch (member->wait->what) {
	case IPCK_WAIT_SEMAPHORE: /* only what was taken with SEM_UNDO */
	case IPCK_WAIT_POSIX_SEM:
	case IPCK_WAIT_CONDITION:
	case IPCK_WAIT_BARRIER:
	case IPCK_WAIT_MESSAGE:
	case IPCK_WAIT_ROOM:
	case IPCK_WAIT_FUTEX:
	case IPCK_WAIT_OTHER:
		return false;
	case IPCK_WAIT_MUTEX: /* the kernel knows owners that it will clean up after */
	case IPCK_WAIT_RWLOCK:
		return member->on->proof == IPCK_PROOF_KERNEL;
	default:
		return true;
	}
}

static bool is_one_process(const struct ipck_deadlock *deadlock)
{
	const struct ipck_deadlock_member *member;
	const pid_t pid = ipck_deadlock_member_at(deadlock, 0)->wait->process.pid;

	for (size_t i = 1; (member = ipck_deadlock_member_at(deadlock, i)) != NULL; i++)
		if (member->wait->process.pid != pid)
			return false;
	return true;
}

static void print_name(const struct ipck_wait *wait)
{
	char safe[4 * SOMEBODY_MAX];

	ipck_sanitise(wait->command != NULL ? wait->command : "?", safe, sizeof(safe));
	printf("%s[%d]", safe, (int)wait->process.pid);
}

/* "worker[12], worker[13]": whose end would, or would not, free who waits for them.  How many. */
static size_t holders_that(const struct ipck_deadlock *deadlock, bool frees, bool print)
{
	const struct ipck_deadlock_member *member;
	size_t count = 0;

	for (size_t i = 0; (member = ipck_deadlock_member_at(deadlock, i)) != NULL; i++) {
		if (freed_at_end(member) != frees)
			continue;
		if (print && count < NAMED) {
			fputs(count > 0 ? ", " : "", stdout);
			print_name(ipck_deadlock_member_at(deadlock, member->next)->wait);
		}
		count++;
	}
	if (print && count > NAMED)
		printf(" and %zu more", count - NAMED);
	return count;
}

static bool has_semaphore(const struct ipck_deadlock *deadlock)
{
	const struct ipck_deadlock_member *member;

	for (size_t i = 0; (member = ipck_deadlock_member_at(deadlock, i)) != NULL; i++)
		if (member->wait->what == IPCK_WAIT_SEMAPHORE)
			return true;
	return false;
}

static void print_way_out(const struct ipck_deadlock *deadlock)
{
	const size_t freeing = holders_that(deadlock, true, false);
	const size_t keeping = deadlock->member_count - freeing;
	const struct ipck_wait *first = ipck_deadlock_member_at(deadlock, 0)->wait;
	const bool sure = deadlock->certainty == IPCK_CONFIRMED;

	if (is_one_process(deadlock)) {
		fputs(sure ? "Only the end of " : "If it is one, only the end of ", stdout);
		print_name(first);
		printf(" ends it: kill %d%s.\n", (int)first->process.pid,
		       keeping > 0 && first->ref != NULL
			       ? "; what it holds in shared memory stays taken"
			       : "");
		return;
	}
	if (freeing > 0) {
		printf("To break it, end %s", freeing > 1 ? "one of " : "");
		holders_that(deadlock, true, true);
		puts(" (kill PID): what another waits for is given back then.");
	}
	if (keeping > 0) {
		printf("The end of %s", keeping > 1 ? "one of " : "");
		holders_that(deadlock, false, true);
		printf(" frees nobody: what it holds stays taken%s.\n",
		       has_semaphore(deadlock) ? ", unless it was taken with SEM_UNDO" : "");
	}
	if (freeing == 0)
		puts("To break it, end all of them, and have the application make anew what they "
		     "hold.");
}

void deadlock_sentences(const struct ipck_deadlock *deadlock)
{
	const struct ipck_deadlock_member *member;
	const bool sure = deadlock->certainty == IPCK_CONFIRMED;

	printf("Deadlock, %s: ", certainty_name(deadlock->certainty));
	if (deadlock->member_count == 1)
		printf("a thread %s for itself.\n", sure ? "waits" : "seems to wait");
	else
		printf("%zu threads %s for one another.\n", deadlock->member_count,
		       sure ? "wait" : "seem to wait");
	for (size_t i = 0; (member = ipck_deadlock_member_at(deadlock, i)) != NULL; i++)
		print_wait(deadlock, member);
	if (deadlock->behind > 0)
		printf("%zu more thread%s behind %s.\n", deadlock->behind,
		       deadlock->behind == 1 ? " waits" : "s wait",
		       deadlock->member_count == 1 ? "it" : "them");
	print_way_out(deadlock);
}
