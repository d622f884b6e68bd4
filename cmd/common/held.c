/* SPDX-License-Identifier: MIT */
/* Holders and watches in words.  Their commands and paths come from outside. */
#include "common/held.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>

#define SHOWN 3       /* of a list, for people: what more there is is counted */
#define ITEM_ROOM 320 /* a command of the kernel's length with all its bytes escaped, and a pid */
#define MARK_ROOM 32  /* the count, or the mark of what does not fit */

struct word {
	uint32_t bit;
	const char *word;
};

static const struct word flag_words[] = {
	{ IPCK_FLAG_NONBLOCK, "nonblock" }, { IPCK_FLAG_ASYNC, "async" },
	{ IPCK_FLAG_CLOEXEC, "cloexec" },   { IPCK_FLAG_APPEND, "append" },
	{ IPCK_FLAG_PRIVATE, "private" },   { 0, NULL },
};

/* The kernel watches ERR and HUP whether it was asked to or not: they say nothing. */
static const struct word epoll_words[] = {
	{ EPOLLIN, "IN" },         { EPOLLPRI, "PRI" },
	{ EPOLLOUT, "OUT" },       { EPOLLRDHUP, "RDHUP" },
	{ EPOLLRDNORM, "RDNORM" }, { EPOLLRDBAND, "RDBAND" },
	{ EPOLLWRNORM, "WRNORM" }, { EPOLLWRBAND, "WRBAND" },
	{ EPOLLMSG, "MSG" },       { EPOLLEXCLUSIVE, "EXCLUSIVE" },
	{ EPOLLWAKEUP, "WAKEUP" }, { EPOLLONESHOT, "ONESHOT" },
	{ EPOLLET, "ET" },         { 0, NULL },
};

static const struct word inotify_words[] = {
	{ IN_ACCESS, "ACCESS" },
	{ IN_MODIFY, "MODIFY" },
	{ IN_ATTRIB, "ATTRIB" },
	{ IN_CLOSE_WRITE, "CLOSE_WRITE" },
	{ IN_CLOSE_NOWRITE, "CLOSE_NOWRITE" },
	{ IN_OPEN, "OPEN" },
	{ IN_MOVED_FROM, "MOVED_FROM" },
	{ IN_MOVED_TO, "MOVED_TO" },
	{ IN_CREATE, "CREATE" },
	{ IN_DELETE, "DELETE" },
	{ IN_DELETE_SELF, "DELETE_SELF" },
	{ IN_MOVE_SELF, "MOVE_SELF" },
	{ IN_ONESHOT, "ONESHOT" },
	{ IN_EXCL_UNLINK, "EXCL_UNLINK" },
	{ 0, NULL },
};

static size_t words_of(const struct word *table, uint32_t bits, const char **words)
{
	size_t count = 0;

	for (; table->word != NULL; table++)
		if ((bits & table->bit) != 0 && count < HELD_WORDS_MAX)
			words[count++] = table->word;
	return count;
}

const char *held_access(unsigned access, char *buf)
{
	size_t length = 0;

	if ((access & IPCK_ACCESS_READ) != 0)
		buf[length++] = 'r';
	if ((access & IPCK_ACCESS_WRITE) != 0)
		buf[length++] = 'w';
	if ((access & IPCK_ACCESS_EXEC) != 0)
		buf[length++] = 'x';
	buf[length] = '\0';
	return buf;
}

size_t held_flags(unsigned flags, const char *words[HELD_WORDS_MAX])
{
	return words_of(flag_words, flags, words);
}

size_t held_events(enum ipck_kind kind, uint32_t events, const char *words[HELD_WORDS_MAX])
{
	return words_of(kind == IPCK_EPOLL ? epoll_words : inotify_words, events, words);
}

/* A list that is being written: of items that fit, and a mark of those that do not. */
struct list {
	char *buf;
	size_t size, length, count, left_out;
	bool machine;
};

/* Room for one more item of at most this many bytes, the comma or blank before it written. */
static bool next_item(struct list *list, size_t bytes)
{
	if ((!list->machine && list->count == SHOWN) ||
	    list->length + bytes + MARK_ROOM >= list->size) {
		list->left_out++;
		return false;
	}
	if (list->count++ > 0)
		list->buf[list->length++] = list->machine ? ',' : ' ';
	return true;
}

static size_t end_list(struct list *list)
{
	if (list->left_out > 0)
		list->length += (size_t)snprintf(list->buf + list->length, MARK_ROOM, "%s+%zu",
						 list->count == 0 ? ""
						 : list->machine  ? ","
								  : " ",
						 list->left_out);
	else if (list->count == 0)
		list->length = (size_t)snprintf(list->buf, list->size, "-");
	list->buf[list->length] = '\0';
	return list->length;
}

size_t held_processes(const struct value *value, const struct style *style, char *buf, size_t size)
{
	struct list list = { .buf = buf, .size = size, .machine = style->machine };
	const struct ipck_holder *holder;
	pid_t last = 0;

	/* a listening socket may be read and written, and has nothing to read or write */
	for (size_t i = 0; value->number > 0 && (holder = ipck_holder_at(value->object, i)) != NULL;
	     i++) {
		if (holder->process.pid == last ||
		    (value->access != 0 && (holder->access & value->access) == 0))
			continue;
		last = holder->process.pid;
		if (!next_item(&list, ITEM_ROOM))
			continue;
		if (holder->command != NULL)
			list.length +=
				ipck_sanitise(holder->command, buf + list.length, ITEM_ROOM - 20);
		list.length += (size_t)snprintf(buf + list.length, 20, "[%d]", holder->process.pid);
	}
	return end_list(&list);
}

static size_t watched_size(const struct ipck_watch *watch)
{
	return 4 * (watch->ref != NULL ? strlen(watch->ref) : 0) + ITEM_ROOM;
}

size_t held_watches(const struct value *value, const struct style *style, char *buf, size_t size)
{
	struct list list = { .buf = buf, .size = size, .machine = style->machine };
	const struct ipck_watch *watch;

	for (size_t i = 0; (watch = ipck_watch_at(value->object, i)) != NULL; i++) {
		if (!next_item(&list, watched_size(watch)))
			continue;
		if (watch->ref != NULL)
			list.length +=
				ipck_sanitise(watch->ref, buf + list.length, watched_size(watch));
		else
			buf[list.length++] = '?';
	}
	return end_list(&list);
}

size_t held_size(const struct ipck_object *object)
{
	const struct ipck_watch *watch;
	size_t size = MARK_ROOM + (object->holder_count + 1) * (ITEM_ROOM + 1);

	for (size_t i = 0; (watch = ipck_watch_at(object, i)) != NULL; i++)
		size += watched_size(watch) + 1;
	return size;
}
