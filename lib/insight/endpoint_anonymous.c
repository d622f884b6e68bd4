/* SPDX-License-Identifier: MIT */
/* Endpoints without an inode of their own: all that they tell is in the text of their fdinfo. */
#include "base/lines.h"
#include "insight/endpoint_kinds.h"
#include "insight/endpoint_watches.h"
#include "source/fdinfo.h"

#include <string.h>

#define EVENTFD_FULL (UINT64_MAX - 1) /* a write of 1 more blocks */

static int read_text(struct endpoint_reading *reading, const struct use *use, char *text,
		     size_t size)
{
	char path[ENDPOINT_PATH_MAX];
	long length;
	int dir;

	if (use->fd < 0)
		return IPCK_ERR_NOT_FOUND;
	dir = endpoint_open(reading, use, "fdinfo", path);
	length = dir >= 0 ? file_read(dir, path, text, size) : dir;
	return length < 0 ? (int)ipck_reason((int)-length) : 0;
}

static int look_timer(struct endpoint_reading *reading, const struct use *use,
		      struct ipck_object *object)
{
	struct fdinfo_timer timer;
	char text[1024];
	int rc = read_text(reading, use, text, sizeof(text));

	if (rc != 0)
		return rc;
	if (!fdinfo_parse_timer(text, &timer))
		return IPCK_ERR_UNSUPPORTED;
	object->endpoint.clock = timer.clock;
	object->endpoint.remaining = timer.remaining;
	object->endpoint.interval = timer.interval;
	return 0;
}

static int look_signals(struct endpoint_reading *reading, const struct use *use,
			struct ipck_object *object)
{
	char text[1024];
	int rc = read_text(reading, use, text, sizeof(text));

	if (rc != 0)
		return rc;
	return fdinfo_parse_signals(text, &object->endpoint.signals) ? 0 : IPCK_ERR_UNSUPPORTED;
}

static int look_target(struct endpoint_reading *reading, const struct use *use,
		       struct ipck_object *object)
{
	char text[1024];
	int rc = read_text(reading, use, text, sizeof(text));

	if (rc != 0)
		return rc;
	return fdinfo_parse_pid(text, &object->endpoint.target) ? 0 : IPCK_ERR_UNSUPPORTED;
}

static const struct {
	enum ipck_kind kind;
	uint32_t field;
	int (*look)(struct endpoint_reading *reading, const struct use *use,
		    struct ipck_object *object);
} looks[] = {
	{ IPCK_TIMERFD, IPCK_ENDPOINT_TIMER, look_timer },
	{ IPCK_SIGNALFD, IPCK_ENDPOINT_SIGNALS, look_signals },
	{ IPCK_PIDFD, IPCK_ENDPOINT_TARGET, look_target },
	{ IPCK_EPOLL, IPCK_ENDPOINT_WATCHES, endpoint_look_epoll },
	{ IPCK_INOTIFY, IPCK_ENDPOINT_WATCHES, endpoint_look_inotify },
};

int endpoint_anonymous(struct endpoint_reading *reading, const struct endpoint_group *group,
		       struct ipck_object *object)
{
	size_t i = 0;

	if ((reading->want & IPCK_WANT_ENDPOINT) == 0)
		return 0;
	while (looks[i].kind != object->kind)
		i++;
	return endpoint_settle(object, looks[i].field,
			       endpoint_try(reading, group, looks[i].look, object));
}

/* The scan had to read its fdinfo for the id, and found the count there. */
int endpoint_eventfd(struct endpoint_reading *reading, const struct endpoint_group *group,
		     struct ipck_object *object)
{
	(void)reading;
	if (group->uses[0].object.number > UINT32_MAX) { /* no id: before Linux 5.2 */
		object->unknown.unsupported |= IPCK_ENDPOINT_USED;
		return 0;
	}
	object->known |= IPCK_ENDPOINT_USED;
	object->endpoint.used = group->uses[0].size;
	if (object->endpoint.used == 0)
		object->status |= IPCK_STATUS_EMPTY;
	else if (object->endpoint.used >= EVENTFD_FULL)
		object->status |= IPCK_STATUS_FULL;
	return 0;
}
