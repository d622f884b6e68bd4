/* SPDX-License-Identifier: MIT */
/*
 * Reading references: shm:5, msg:key=0x5432@4026532201, posix-shm:/name%GENERATION.  The grammar
 * only; nothing here looks at the system.
 *
 *   reference  = kind ":" object [ "@" namespace ] [ "%" generation ]
 *   object     = id | "key=" key                        shm, msg, sem
 *              | name | major ":" minor ":" inode       POSIX kinds, fifo; mmap: the second only
 *              | number                                 pipe, unix, eventfd, memfd
 *              | pid ":" fd                             epoll, timerfd, signalfd, inotify, pidfd
 *              | pid                                    pid, pgrp, session, tree
 *   generation = key "." ctime [ "." namespace ]        shm, msg
 *              | key "." cuid "." cgid [ "." namespace ]   sem
 *              | major ":" minor ":" inode [ "." namespace ]   what has an inode
 *              | start time                             epoll and its like, pid and its like
 */
#include "base/context.h"
#include "kind.h"

#include <string.h>

/*
 * Copy the bytes up to one of the stop characters or the end.  When they do not fit, false with as
 * many as do: enough of a number to find it out of range.
 */
static bool take(const char **text, const char *stops, char *buf, size_t size)
{
	size_t length = strcspn(*text, stops);
	size_t copied = length < size ? length : size - 1;

	memcpy(buf, *text, copied);
	buf[copied] = '\0';
	*text += length;
	return copied == length;
}

static int take_number(const char **text, const char *stops, uint64_t max, uint64_t *number)
{
	char word[32];
	bool whole = take(text, stops, word, sizeof(word));
	int rc = ipck_parse_number(word, max, number);

	return rc == IPCK_OK && !whole ? IPCK_ERR_SYNTAX : rc;
}

static int take_key(const char **text, const char *stops, uint32_t *key)
{
	char word[32];
	bool whole = take(text, stops, word, sizeof(word));
	int rc = ipck_parse_key(word, key);

	return rc == IPCK_OK && !whole ? IPCK_ERR_SYNTAX : rc;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* A name up to '@', '%' or the end, with \xHH turned into bytes.  NUL cannot be part of one. */
static int parse_name(const char **text, char *name)
{
	size_t used = 0;
	const char *p = *text;

	if (*p != '/')
		return IPCK_ERR_SYNTAX;
	for (; *p != '\0' && *p != '@' && *p != '%'; p++) {
		unsigned char byte = (unsigned char)*p;

		if (byte <= 0x20 || byte == 0x7f)
			return IPCK_ERR_SYNTAX;
		if (byte == '\\') {
			int high = p[1] == 'x' ? hex_digit(p[2]) : -1;
			int low = high >= 0 ? hex_digit(p[3]) : -1;

			if (low < 0 || high * 16 + low == 0)
				return IPCK_ERR_SYNTAX;
			byte = (unsigned char)(high * 16 + low);
			p += 3;
		}
		if (used + 1 >= IPCK_NAME_MAX)
			return IPCK_ERR_RANGE;
		name[used++] = (char)byte;
	}
	*text = p;
	return IPCK_OK;
}

static int parse_id_or_key(const char **text, struct ipck_ref *ref)
{
	uint64_t id;
	int rc;

	if (strncmp(*text, "key=", 4) == 0) {
		*text += 4;
		ref->form = IPCK_BY_KEY;
		rc = take_key(text, "@%", &ref->key);
		/* IPC_PRIVATE: any number of objects bear it */
		return rc == IPCK_OK && ref->key == 0 ? IPCK_ERR_RANGE : rc;
	}
	ref->form = IPCK_BY_ID;
	rc = take_number(text, "@%", INT32_MAX, &id);
	if (rc == IPCK_OK)
		ref->id = (int32_t)id;
	return rc;
}

/* Numbers one after the other: "254:0:1234" with ":" between and one of stops behind. */
static int take_numbers(const char **text, const char *stops, const uint64_t *max, size_t count,
			uint64_t *numbers)
{
	char until[8] = ":";
	int rc = IPCK_OK;

	strcat(until, stops);
	for (size_t i = 0; rc == IPCK_OK && i < count; i++) {
		rc = take_number(text, until, max[i], &numbers[i]);
		if (rc != IPCK_OK || i + 1 == count)
			break;
		if (**text != ':')
			return IPCK_ERR_SYNTAX;
		++*text;
	}
	return rc == IPCK_OK && **text == ':' ? IPCK_ERR_SYNTAX : rc;
}

static int take_inode(const char **text, const char *stops, uint32_t *major, uint32_t *minor,
		      uint64_t *inode)
{
	static const uint64_t max[] = { UINT32_MAX, UINT32_MAX, UINT64_MAX };
	uint64_t numbers[3];
	int rc = take_numbers(text, stops, max, 3, numbers);

	if (rc == IPCK_OK) {
		*major = (uint32_t)numbers[0];
		*minor = (uint32_t)numbers[1];
		*inode = numbers[2];
	}
	return rc;
}

static int take_descriptor(const char **text, struct ipck_ref *ref)
{
	static const uint64_t max[] = { INT32_MAX, INT32_MAX };
	uint64_t numbers[2];
	int rc = take_numbers(text, "@%", max, 2, numbers);

	if (rc == IPCK_OK && numbers[0] == 0)
		rc = IPCK_ERR_RANGE;
	if (rc == IPCK_OK) {
		ref->pid = (pid_t)numbers[0];
		ref->fd = (int32_t)numbers[1];
	}
	return rc;
}

static int take_pid(const char **text, struct ipck_ref *ref)
{
	uint64_t number;
	int rc = take_number(text, "@%", INT32_MAX, &number);

	if (rc == IPCK_OK && number == 0) /* the kernel's idle task, which is no process */
		rc = IPCK_ERR_RANGE;
	if (rc == IPCK_OK)
		ref->pid = (pid_t)number;
	return rc;
}

static int parse_object(const char **text, const struct kind *kind, struct ipck_ref *ref)
{
	int rc;

	if ((kind->forms & 1u << IPCK_BY_ID) != 0)
		return parse_id_or_key(text, ref);
	if ((kind->forms & 1u << IPCK_BY_NUMBER) != 0) {
		ref->form = IPCK_BY_NUMBER;
		return take_number(text, "@%", UINT64_MAX, &ref->number);
	}
	if ((kind->forms & 1u << IPCK_BY_DESCRIPTOR) != 0) {
		ref->form = IPCK_BY_DESCRIPTOR;
		return take_descriptor(text, ref);
	}
	if ((kind->forms & 1u << IPCK_BY_PID) != 0) {
		ref->form = IPCK_BY_PID;
		return take_pid(text, ref);
	}
	if ((kind->forms & 1u << IPCK_BY_NAME) != 0 && **text == '/') {
		ref->form = IPCK_BY_NAME;
		rc = parse_name(text, ref->name);
		return rc == IPCK_OK && !kind_name_fits(kind->kind, ref->name) ? IPCK_ERR_SYNTAX
									       : rc;
	}
	ref->form = IPCK_BY_INODE;
	return take_inode(text, "@%", &ref->major, &ref->minor, &ref->inode);
}

/* ---- Generations ---- */

static int parse_ctime(const char **text, struct ipck_generation *generation)
{
	uint64_t number = 0;
	int rc = take_key(text, ".", &generation->key);

	if (rc == IPCK_OK && *(*text)++ != '.')
		return IPCK_ERR_SYNTAX;
	if (rc == IPCK_OK)
		rc = take_number(text, ".", INT64_MAX, &number);
	generation->ctime = (int64_t)number;
	return rc;
}

static int parse_creator(const char **text, struct ipck_generation *generation)
{
	uint64_t uid = 0, gid = 0;
	int rc = take_key(text, ".", &generation->key);

	if (rc == IPCK_OK && *(*text)++ != '.')
		return IPCK_ERR_SYNTAX;
	if (rc == IPCK_OK)
		rc = take_number(text, ".", UINT32_MAX, &uid);
	if (rc == IPCK_OK && *(*text)++ != '.')
		return IPCK_ERR_SYNTAX;
	if (rc == IPCK_OK)
		rc = take_number(text, ".", UINT32_MAX, &gid);
	generation->cuid = (uint32_t)uid;
	generation->cgid = (uint32_t)gid;
	return rc;
}

static int parse_generation(const char *text, const struct kind *kind, struct ipck_ref *ref)
{
	struct ipck_generation *generation = &ref->generation;
	int rc = IPCK_ERR_SYNTAX;

	switch (kind->generation) {
	case GENERATION_CTIME:
		rc = parse_ctime(&text, generation);
		break;
	case GENERATION_CREATOR:
		rc = parse_creator(&text, generation);
		break;
	case GENERATION_INODE:
		rc = take_inode(&text, ".", &generation->major, &generation->minor,
				&generation->inode);
		break;
	case GENERATION_START:
		rc = take_number(&text, "", UINT64_MAX, &generation->start_time);
		break;
	case GENERATION_NONE:
		break;
	}
	if (rc == IPCK_OK && *text == '.') {
		text++;
		rc = take_number(&text, "", UINT64_MAX, &generation->ns);
		if (rc == IPCK_OK && generation->ns == 0)
			rc = IPCK_ERR_SYNTAX;
	}
	if (rc == IPCK_OK && *text != '\0')
		rc = IPCK_ERR_SYNTAX;
	ref->exact = rc == IPCK_OK;
	return rc;
}

static const struct kind *take_kind(const char **text)
{
	char word[32];

	if (!take(text, ":", word, sizeof(word)) || *(*text)++ != ':')
		return NULL;
	for (const struct kind *kind = all_kinds; kind->kind != 0; kind++)
		if (strcmp(word, kind->name) == 0)
			return kind;
	return NULL;
}

IPCK_API int ipck_ref_parse(const char *text, struct ipck_ref *out)
{
	struct ipck_ref ref = { 0 };
	const struct kind *kind = take_kind(&text);
	int rc;

	if (kind == NULL)
		return IPCK_ERR_SYNTAX;
	ref.kind = kind->kind;
	rc = parse_object(&text, kind, &ref);
	if (rc == IPCK_OK && *text == '@') {
		text++;
		rc = take_number(&text, "%", UINT64_MAX, &ref.ns);
		if (rc == IPCK_OK && ref.ns == 0)
			rc = IPCK_ERR_RANGE;
		/* what a number of its own names lives in no namespace; pids are those of ours */
		if (rc == IPCK_OK && (ref.kind & (IPCK_SYSV | IPCK_POSIX)) == 0)
			rc = IPCK_ERR_SYNTAX;
	}
	if (rc == IPCK_OK && *text == '%')
		rc = parse_generation(text + 1, kind, &ref);
	if (rc == IPCK_OK)
		*out = ref;
	return rc;
}
