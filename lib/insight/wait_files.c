/* SPDX-License-Identifier: MIT */
/* Threads in read(), write() and their kin: on pipes, sockets, terminals and all else. */
#include "insight/wait_descriptor.h"

#include <string.h>

/* recvmmsg() alone has a time limit of its own; those of sockets are not to be seen. */
static void take_timeout(struct waiting *waiting)
{
	if (strcmp(waiting->wait.call, "recvmmsg") == 0)
		waiting->wait.timeout = waiting->call.args[4] != 0;
}

static int look(struct waits_reading *reading, const struct thread *thread, struct waiting *waiting,
		struct descriptor *descriptor)
{
	const int rc = waits_descriptor(reading, thread, waiting->wait.fd, descriptor);

	return rc == IPCK_OK ? waits_name_descriptor(reading, waiting, descriptor) : rc;
}

static void idles(struct waiting *waiting, enum ipck_wait_for what, const char *wants)
{
	waiting->wait.idle = true;
	waiting->wait.what = what;
	waiting->wait.wants = wants;
}

int wait_look_read(struct waits_reading *reading, const struct thread *thread,
		   struct waiting *waiting)
{
	struct descriptor descriptor;
	int rc = look(reading, thread, waiting, &descriptor);

	if (rc != IPCK_OK)
		return rc;
	take_timeout(waiting);
	waiting->wait.wants = "data";
	switch (descriptor.object.kind) {
	case IPCK_PIPE:
	case IPCK_FIFO:
		return waits_want_end(reading, waiting, &descriptor.object, IPCK_ACCESS_WRITE,
				      false);
	case IPCK_UNIX:
		return waits_want_peers(reading, thread, waiting, true);
	case IPCK_EVENTFD: /* the kernel's own events can be counted by it, too */
		waiting->wait.wants = "a count above 0";
		return waits_want_end(reading, waiting, &descriptor.object, 0, true);
	case IPCK_TIMERFD:
		idles(waiting, IPCK_WAIT_TIME, "the timer");
		return IPCK_OK;
	case IPCK_SIGNALFD:
		idles(waiting, IPCK_WAIT_SIGNAL, "a signal");
		return IPCK_OK;
	case IPCK_INOTIFY:
		idles(waiting, IPCK_WAIT_DATA, "an event");
		return IPCK_OK;
	default:
		waiting->wait.idle = descriptor_is_terminal(&descriptor);
		return IPCK_OK;
	}
}

int wait_look_write(struct waits_reading *reading, const struct thread *thread,
		    struct waiting *waiting)
{
	struct descriptor descriptor;
	int rc = look(reading, thread, waiting, &descriptor);

	if (rc != IPCK_OK)
		return rc;
	waiting->wait.wants = "room";
	switch (descriptor.object.kind) {
	case IPCK_PIPE:
	case IPCK_FIFO:
		return waits_want_end(reading, waiting, &descriptor.object, IPCK_ACCESS_READ,
				      false);
	case IPCK_UNIX:
		return waits_want_peers(reading, thread, waiting, false);
	case IPCK_EVENTFD:
		return waits_want_end(reading, waiting, &descriptor.object, 0, true);
	default:
		return IPCK_OK;
	}
}

int wait_look_accept(struct waits_reading *reading, const struct thread *thread,
		     struct waiting *waiting)
{
	struct descriptor descriptor;

	waiting->wait.wants = "a connection";
	return look(reading, thread, waiting, &descriptor);
}
