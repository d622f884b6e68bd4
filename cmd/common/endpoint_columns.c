/* SPDX-License-Identifier: MIT */
/* The columns of what lives as long as a descriptor or a mapping of it: pipes, sockets ... */
#include "common/object_getters.h"
#include "common/signals.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define STREAMS (IPCK_PIPE | IPCK_FIFO | IPCK_UNIX)
#define MEMORY (IPCK_MEMFD | IPCK_MMAP)

/* Bytes; of an eventfd its count, which has no unit.  Nothing is ever in a listening socket. */
GETTER(get_used)
{
	const bool listening = (OBJECT->status & IPCK_STATUS_LISTENING) != 0;
	const struct style plain = { .bytes = style->bytes || OBJECT->kind == IPCK_EVENTFD };

	value->why = ipck_object_why(OBJECT, IPCK_ENDPOINT_USED);
	if (value->why != IPCK_OK) {
		value->state = listening ? VALUE_NONE : VALUE_UNKNOWN;
		return;
	}
	value->number = OBJECT->endpoint.used;
	value_text(value, VALUE_SIZE, &plain, value->buffer);
	value->text = value->buffer;
}

NUMBER_GETTER(get_size, endpoint.size)

static void get_ends(const struct ipck_object *object, unsigned access, uint64_t count,
		     struct value *value)
{
	value->object = object;
	value->access = access;
	value->number = count;
}

GETTER(get_writers)
{
	(void)style;
	get_ends(OBJECT, IPCK_ACCESS_WRITE, OBJECT->endpoint.writers, value);
}

GETTER(get_readers)
{
	(void)style;
	get_ends(OBJECT, IPCK_ACCESS_READ, OBJECT->endpoint.readers, value);
}

GETTER(get_peer)
{
	const struct ipck_ref peer = { .kind = IPCK_UNIX,
				       .form = IPCK_BY_NUMBER,
				       .number = OBJECT->endpoint.peer };

	(void)style;
	if (peer.number == 0) {
		none(value);
		return;
	}
	ipck_ref_format(&peer, value->buffer, sizeof(value->buffer));
	value->text = value->buffer;
	value->number = peer.number;
}

GETTER(get_type)
{
	(void)style;
	switch (OBJECT->endpoint.socket_type) {
	case SOCK_STREAM:
		value->text = "stream";
		break;
	case SOCK_DGRAM:
		value->text = "dgram";
		break;
	case SOCK_SEQPACKET:
		value->text = "seqpacket";
		break;
	default:
		none(value);
		break;
	}
}

GETTER(get_watches)
{
	(void)style;
	value->object = OBJECT;
	value->number = OBJECT->endpoint.watch_count;
}

GETTER(get_clock)
{
	static const char *const names[] = {
		[CLOCK_REALTIME] = "realtime",
		[CLOCK_MONOTONIC] = "monotonic",
		[CLOCK_BOOTTIME] = "boottime",
		[CLOCK_REALTIME_ALARM] = "realtime-alarm",
		[CLOCK_BOOTTIME_ALARM] = "boottime-alarm",
	};
	const int32_t clock = OBJECT->endpoint.clock;

	(void)style;
	if (clock >= 0 && (size_t)clock < sizeof(names) / sizeof(names[0]))
		value->text = names[clock];
	if (value->text == NULL)
		none(value);
}

POSITIVE_GETTER(get_remaining, endpoint.remaining)
POSITIVE_GETTER(get_interval, endpoint.interval)

GETTER(get_signals)
{
	char *room = value->buffer;

	(void)style;
	for (int number = 1; number <= 64; number++) {
		if ((OBJECT->endpoint.signals >> (number - 1) & 1) == 0)
			continue;
		add_word(value, true, signal_name(number, room));
		room += SIGNAL_NAME_MAX;
	}
}

GETTER(get_target)
{
	(void)style;
	value->number = (uint64_t)OBJECT->endpoint.target;
	if (OBJECT->endpoint.target < 0) {
		none(value);
		value->text = "gone";
	} else if (OBJECT->endpoint.target == 0) {
		value->state = VALUE_UNKNOWN;
		value->why = IPCK_ERR_OUTSIDE;
	}
}

#define INFO IPCK_WANT_ENDPOINT

const struct column endpoint_columns[] = {
	{ "USED", "used", STREAMS | MEMORY | IPCK_EVENTFD, VALUE_AMOUNT, JSON, INFO, 0, get_used,
	  "bytes in it, of memory those allocated, of an eventfd its count; of pipes with --fill" },
	{ "SIZE", "size", IPCK_PIPE | IPCK_FIFO | MEMORY, VALUE_SIZE, JSON, INFO,
	  IPCK_ENDPOINT_SIZE, get_size, "bytes that it may hold, or has; of pipes with --fill" },
	{ "WRITERS", "writers", STREAMS | MEMORY | IPCK_EVENTFD, VALUE_PROCESSES, JSON | CUT, 0, 0,
	  get_writers, "processes that may write; in JSON how many descriptors and mappings" },
	{ "READERS", "readers", IPCK_ENDPOINTS, VALUE_PROCESSES, JSON | CUT, 0, 0, get_readers,
	  "processes that may read; in JSON how many descriptors and mappings" },
	{ "PEER", "peer", IPCK_UNIX, VALUE_REF, JSON, INFO, IPCK_ENDPOINT_PEER, get_peer,
	  "the other end of the connection" },
	{ "TYPE", "type", IPCK_UNIX, VALUE_TEXT, JSON, INFO, IPCK_ENDPOINT_PEER, get_type,
	  "stream, dgram or seqpacket" },
	{ "WATCHES", "watches", IPCK_EPOLL | IPCK_INOTIFY, VALUE_WATCHES, JSON | CUT, INFO,
	  IPCK_ENDPOINT_WATCHES, get_watches, "what it watches" },
	{ "CLOCK", "clock", IPCK_TIMERFD, VALUE_TEXT, JSON, INFO, IPCK_ENDPOINT_TIMER, get_clock,
	  "realtime, monotonic, boottime ..." },
	{ "REMAINING", "remaining_ns", IPCK_TIMERFD, VALUE_NANOSECONDS, JSON, INFO,
	  IPCK_ENDPOINT_TIMER, get_remaining, "time until it expires; none when not armed" },
	{ "INTERVAL", "interval_ns", IPCK_TIMERFD, VALUE_NANOSECONDS, JSON, INFO,
	  IPCK_ENDPOINT_TIMER, get_interval, "how often it repeats; none when it does not" },
	{ "SIGNALS", "signals", IPCK_SIGNALFD, VALUE_WORDS, JSON | CUT, INFO, IPCK_ENDPOINT_SIGNALS,
	  get_signals, "signals it takes" },
	{ "TARGET", "target", IPCK_PIDFD, VALUE_NUMBER, JSON, INFO, IPCK_ENDPOINT_TARGET,
	  get_target, "process it stands for" },
	{ 0 },
};
