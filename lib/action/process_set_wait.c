/* SPDX-License-Identifier: MIT */
/*
 * Waiting for the end of those that got a signal.  A folder of /proc cannot be polled: so a pidfd
 * is opened for each, and is of the same process when the folder shows this one after that.  Where
 * there are none, or too few, the folders are looked at, at pauses that grow.
 */
#include "action/process_set.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FIRST_PAUSE 10 /* milliseconds */
#define LONGEST_PAUSE 500

struct watched {
	struct set_member *member;
	bool ended;
};

struct watching {
	struct watched *watched;
	struct pollfd *polled; /* of the same places; fd -1: to be looked at */
	size_t count, left;
	bool looked_at; /* one of those that are left has no pidfd */
	bool full;      /* no descriptors for more of them */
};

static bool has_ended(const struct set_member *member)
{
	struct process_stat stat;
	const int error = member_stat(member, &stat);

	return error == ESRCH || (error == 0 && stat_ended(&stat));
}

static void watch(struct watching *watching, struct set_member *member)
{
	struct pollfd *polled = &watching->polled[watching->count];
	struct process_stat stat;

	watching->watched[watching->count++] = (struct watched){ .member = member };
	*polled = (struct pollfd){ .fd = -1, .events = POLLIN };
	if (watching->count % 8 == 1) /* looking takes some descriptors, too */
		watching->full |= !set_has_room();
	if (watching->full)
		return;
	polled->fd = (int)syscall(SYS_pidfd_open, member->row.process.pid, 0);
	if (polled->fd >= 0 && member_stat(member, &stat) != 0) {
		close(polled->fd); /* perhaps of a later one of its number */
		polled->fd = -1;
	}
}

static void settle(struct watching *watching)
{
	watching->left = 0;
	watching->looked_at = false;
	for (size_t i = 0; i < watching->count; i++) {
		struct watched *watched = &watching->watched[i];
		struct pollfd *polled = &watching->polled[i];

		if (!watched->ended)
			watched->ended =
				polled->fd < 0 ? has_ended(watched->member) : polled->revents != 0;
		if (watched->ended && polled->fd >= 0) {
			close(polled->fd);
			polled->fd = -1;
		}
		watching->left += !watched->ended;
		watching->looked_at |= !watched->ended && polled->fd < 0;
		polled->revents = 0;
	}
}

static int wait_all(struct ipck *ctx, struct watching *watching, uint64_t milliseconds)
{
	const uint64_t begun = set_clock();
	uint64_t pause = FIRST_PAUSE;

	for (;;) {
		const uint64_t spent = set_clock() - begun;
		uint64_t length;

		settle(watching);
		if (watching->left == 0)
			return IPCK_OK;
		if (spent >= milliseconds)
			return ipck_fail(ctx, IPCK_ERR_BUSY,
					 "%zu of %zu processes live when the time was over",
					 watching->left, watching->count);
		length = milliseconds - spent;
		if (watching->looked_at && length > pause)
			length = pause;
		if (length > INT_MAX)
			length = INT_MAX;
		if (poll(watching->polled, (nfds_t)watching->count, (int)length) < 0) {
			if (errno == EINTR)
				return ipck_fail(ctx, IPCK_ERR_STOPPED,
						 "a signal ended the waiting");
			return ipck_fail(ctx, ipck_reason(errno), "the processes cannot be polled");
		}
		pause = pause * 2 < LONGEST_PAUSE ? pause * 2 : LONGEST_PAUSE;
	}
}

IPCK_API int ipck_process_set_wait(struct ipck *ctx, struct ipck_process_set *set,
				   uint64_t milliseconds, size_t *left)
{
	struct watching watching = { 0 };
	int rc;

	*left = set->count; /* as long as nobody was seen to end */
	watching.watched = calloc(set->count + 1, sizeof(*watching.watched));
	watching.polled = calloc(set->count + 1, sizeof(*watching.polled));
	if (watching.watched == NULL || watching.polled == NULL) {
		free(watching.watched);
		free(watching.polled);
		return ipck_fail(ctx, IPCK_ERR_MEMORY, "out of memory");
	}
	for (size_t i = 0; i < set->count; i++)
		if (set->members[i].row.state == IPCK_MEMBER_SENT)
			watch(&watching, &set->members[i]);
	rc = wait_all(ctx, &watching, milliseconds);
	*left = watching.left;
	for (size_t i = 0; i < watching.count; i++) {
		if (watching.watched[i].ended)
			member_fail(watching.watched[i].member, ESRCH);
		if (watching.polled[i].fd >= 0)
			close(watching.polled[i].fd);
	}
	free(watching.watched);
	free(watching.polled);
	return rc;
}
