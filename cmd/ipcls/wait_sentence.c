/* SPDX-License-Identifier: MIT */
/* A wait as a sentence: who waits for what, who has it, since when. */
#include "wait_sentence.h"
#include "common/waited.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct sentence {
	char *buf;
	size_t size, length;
};

__attribute__((format(printf, 2, 3))) static void add(struct sentence *sentence, const char *format,
						      ...)
{
	const size_t room = sentence->size - sentence->length;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(sentence->buf + sentence->length, room, format, args);
	va_end(args);
	if (length > 0)
		sentence->length += (size_t)length < room ? (size_t)length : room - 1;
}

/* What goes before the object, and what stands there when no object is known. */
static const struct phrase {
	const char *before, *alone;
} phrases[] = {
	[IPCK_WAIT_OTHER] = { "on", NULL },
	[IPCK_WAIT_SEMAPHORE] = { "for a semaphore of", "for a semaphore" },
	[IPCK_WAIT_MESSAGE] = { "for a message in", "for a message" },
	[IPCK_WAIT_ROOM] = { "for room in", "for room in a queue" },
	[IPCK_WAIT_DATA] = { "for data from", "for data" },
	[IPCK_WAIT_SPACE] = { "for space in", "for space to write" },
	[IPCK_WAIT_PEER] = { "for somebody at the other end of", "for a peer" },
	[IPCK_WAIT_FILE_LOCK] = { "for a lock on", "for a lock on a file" },
	[IPCK_WAIT_MUTEX] = { "for mutex", "for a mutex" },
	[IPCK_WAIT_RWLOCK] = { "for read-write lock", "for a read-write lock" },
	[IPCK_WAIT_CONDITION] = { "for condition", "for a condition" },
	[IPCK_WAIT_POSIX_SEM] = { "for semaphore", "for a semaphore" },
	[IPCK_WAIT_BARRIER] = { "for others at barrier", "for others at a barrier" },
	[IPCK_WAIT_THREAD] = { "for a thread to end", "for a thread to end" },
	[IPCK_WAIT_FUTEX] = { "for futex", "for a futex" },
	[IPCK_WAIT_CHILD] = { "for a child", "for a child" },
	[IPCK_WAIT_POLL] = { "for events on", "for events" },
	[IPCK_WAIT_CONNECTION] = { "for a connection to", "for a connection" },
	[IPCK_WAIT_TIME] = { "for a time", "for a time" },
	[IPCK_WAIT_SIGNAL] = { "for a signal", "for a signal" },
};

static void add_subject(struct sentence *sentence, const struct ipck_wait *wait, size_t threads)
{
	if (threads > 1)
		add(sentence, "%zu threads wait", threads);
	else if (wait->threads == 1)
		add(sentence, "It waits");
	else
		add(sentence, "Thread %d waits", (int)wait->tid);
}

/* Of a mutex "lock" says nothing that the phrase has not said. */
static bool says_more(const struct ipck_wait *wait)
{
	switch (wait->what) {
	case IPCK_WAIT_MUTEX:
	case IPCK_WAIT_CONDITION:
	case IPCK_WAIT_POSIX_SEM:
	case IPCK_WAIT_BARRIER:
	case IPCK_WAIT_DATA:
	case IPCK_WAIT_SPACE:
	case IPCK_WAIT_PEER:
		return false;
	default:
		return true;
	}
}

static void add_object(struct sentence *sentence, const struct ipck_wait *wait)
{
	const struct phrase *phrase = (size_t)wait->what < sizeof(phrases) / sizeof(phrases[0])
					      ? &phrases[wait->what]
					      : &phrases[IPCK_WAIT_OTHER];
	const char *object = wait->object != NULL ? wait->object : wait->ref;

	if (phrase->alone == NULL) {
		if (wait->call != NULL)
			add(sentence, " in %s()", wait->call);
		else
			add(sentence, " in the kernel%s%s", wait->wchan != NULL ? ", at " : "",
			    wait->wchan != NULL ? wait->wchan : "");
		if (object != NULL)
			add(sentence, " on %s", object);
	} else if (wait->what == IPCK_WAIT_THREAD && wait->wants != NULL) {
		add(sentence, " for %s", wait->wants);
		return;
	} else if (object != NULL && phrase->before != phrase->alone) {
		add(sentence, " %s %s", phrase->before, object);
	} else {
		add(sentence, " %s", phrase->alone);
	}
	if (wait->wants != NULL && says_more(wait))
		add(sentence, " (%s)", wait->wants);
}

static void add_somebody(struct sentence *sentence, const struct ipck_awaited *awaited)
{
	if (awaited->command == NULL)
		add(sentence, "process %d", (int)awaited->process.pid);
	else if (awaited->tid == 0 || awaited->tid == awaited->process.pid)
		add(sentence, "%s[%d]", awaited->command, (int)awaited->process.pid);
	else
		add(sentence, "%s[%d/%d]", awaited->command, (int)awaited->process.pid,
		    (int)awaited->tid);
}

static void add_whom(struct sentence *sentence, const struct ipck_wait *wait)
{
	const struct ipck_awaited *first = ipck_awaited_at(wait, 0);
	const bool ends = wait->what == IPCK_WAIT_DATA || wait->what == IPCK_WAIT_SPACE ||
			  wait->what == IPCK_WAIT_PEER;

	if (first == NULL)
		return;
	if (wait->what == IPCK_WAIT_CHILD || wait->what == IPCK_WAIT_THREAD)
		add(sentence, ", ");
	else if (ends)
		add(sentence, ", the other end is at ");
	else if (first->proof == IPCK_PROOF_LAST_OP)
		add(sentence, ", last used by ");
	else
		add(sentence, ", held by ");
	add_somebody(sentence, first);
	if (wait->awaited_count > 1)
		add(sentence, " and %zu more", wait->awaited_count - 1);
	if (first->gone)
		add(sentence, ", which is gone");
	add(sentence, " (%s)", ipck_proof_name(waited_proof(wait)));
}

static void add_since(struct sentence *sentence, const struct ipck_wait *wait)
{
	char duration[32];

	if (wait->bound == IPCK_BOUND_UNKNOWN)
		return;
	ipck_format_duration(wait->nanoseconds / 1000000000, duration, sizeof(duration));
	add(sentence, ", for %s%s", wait->bound == IPCK_BOUND_AT_LEAST ? "at least " : "",
	    duration);
}

void wait_sentence(const struct ipck_wait *wait, size_t threads, char *buf, size_t size)
{
	char raw[WAIT_SENTENCE_MAX];
	struct sentence sentence = { raw, sizeof(raw), 0 };

	raw[0] = '\0';
	add_subject(&sentence, wait, threads);
	add_object(&sentence, wait);
	add_whom(&sentence, wait);
	add_since(&sentence, wait);
	if (wait->timeout)
		add(&sentence, ", with a time limit");
	if (wait->finding != NULL)
		add(&sentence, ": %s", wait->finding);
	add(&sentence, ".");
	ipck_sanitise(raw, buf, size);
}

void wait_object_words(const struct ipck_wait *wait, char *buf, size_t size)
{
	struct sentence sentence = { buf, size, 0 };

	buf[0] = '\0';
	add_object(&sentence, wait);
	memmove(buf, buf + (buf[0] == ' '), sentence.length + (buf[0] != ' '));
}
