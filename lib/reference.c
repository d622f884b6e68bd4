/* SPDX-License-Identifier: MIT */
/*
 * References: shm:5, msg:key=0x5432@4026532201, posix-shm:/name%GENERATION.  The grammar only;
 * nothing here looks at the system.
 *
 *   reference  = kind ":" object [ "@" namespace ] [ "%" generation ]
 *   generation = key "." ctime [ "." namespace ]            shm, msg
 *              | key "." cuid "." cgid [ "." namespace ]    sem
 */
#include "base/context.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct kind {
	enum ipck_kind kind;
	const char *name, *title;
	enum ipck_ref_form form; /* IPCK_BY_ID: an id or key=; IPCK_BY_NAME: a name */
	int generation;          /* how many numbers it has, the namespace not counted */
} kinds[] = {
	{ IPCK_SHM, "shm", "shared memory segment", IPCK_BY_ID, 2 },
	{ IPCK_MSG, "msg", "message queue", IPCK_BY_ID, 2 },
	{ IPCK_SEM, "sem", "semaphore set", IPCK_BY_ID, 3 },
	{ IPCK_POSIX_SHM, "posix-shm", "POSIX shared memory", IPCK_BY_NAME, 0 },
	{ IPCK_POSIX_MQ, "posix-mq", "POSIX message queue", IPCK_BY_NAME, 0 },
	{ IPCK_POSIX_SEM, "posix-sem", "POSIX semaphore", IPCK_BY_NAME, 0 },
};

static const struct kind *kind_of(enum ipck_kind kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].kind == kind)
			return &kinds[i];
	return NULL;
}

IPCK_API const char *ipck_kind_name(enum ipck_kind kind)
{
	const struct kind *row = kind_of(kind);

	return row != NULL ? row->name : "?";
}

IPCK_API const char *ipck_kind_title(enum ipck_kind kind)
{
	const struct kind *row = kind_of(kind);

	return row != NULL ? row->title : "object";
}

/* ---- Reading ---- */

/* Copy the bytes up to one of the stop characters or the end; false when they do not fit. */
static bool take(const char **text, const char *stops, char *buf, size_t size)
{
	size_t length = strcspn(*text, stops);

	if (length >= size)
		return false;
	memcpy(buf, *text, length);
	buf[length] = '\0';
	*text += length;
	return true;
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
	if (used < 2)
		return IPCK_ERR_SYNTAX;
	*text = p;
	return IPCK_OK;
}

static int parse_id_or_key(const char **text, struct ipck_ref *ref)
{
	char word[32];
	uint64_t id;
	int rc;

	if (!take(text, "@%", word, sizeof(word)))
		return IPCK_ERR_SYNTAX;
	if (strncmp(word, "key=", 4) == 0) {
		ref->form = IPCK_BY_KEY;
		rc = ipck_parse_key(word + 4, &ref->key);
		/* IPC_PRIVATE: any number of objects bear it */
		return rc == IPCK_OK && ref->key == 0 ? IPCK_ERR_RANGE : rc;
	}
	ref->form = IPCK_BY_ID;
	rc = ipck_parse_number(word, INT32_MAX, &id);
	if (rc == IPCK_OK)
		ref->id = (int32_t)id;
	return rc;
}

static int parse_generation(const char *text, const struct kind *kind, struct ipck_ref *ref)
{
	struct ipck_generation *generation = &ref->generation;
	char word[32];
	uint64_t number[3] = { 0 };
	int count, rc;

	if (kind->generation == 0 || !take(&text, ".", word, sizeof(word)))
		return IPCK_ERR_SYNTAX;
	rc = ipck_parse_key(word, &generation->key);
	for (count = 0; rc == IPCK_OK && *text == '.' && count < kind->generation; count++) {
		text++;
		if (!take(&text, ".", word, sizeof(word)))
			return IPCK_ERR_SYNTAX;
		rc = ipck_parse_number(word, UINT64_MAX, &number[count]);
	}
	if (rc != IPCK_OK)
		return rc;
	if (*text != '\0' || count < kind->generation - 1)
		return IPCK_ERR_SYNTAX;
	if (count == kind->generation) {
		generation->ns = number[count - 1];
		if (generation->ns == 0)
			return IPCK_ERR_SYNTAX;
	}
	if (kind->kind == IPCK_SEM) {
		if (number[0] > UINT32_MAX || number[1] > UINT32_MAX)
			return IPCK_ERR_RANGE;
		generation->cuid = (uint32_t)number[0];
		generation->cgid = (uint32_t)number[1];
	} else {
		if (number[0] > INT64_MAX)
			return IPCK_ERR_RANGE;
		generation->ctime = (int64_t)number[0];
	}
	ref->exact = true;
	return IPCK_OK;
}

IPCK_API int ipck_ref_parse(const char *text, struct ipck_ref *out)
{
	struct ipck_ref ref = { 0 };
	char word[32];
	const struct kind *kind = NULL;
	int rc;

	if (!take(&text, ":", word, sizeof(word)) || *text++ != ':')
		return IPCK_ERR_SYNTAX;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(word, kinds[i].name) == 0)
			kind = &kinds[i];
	if (kind == NULL)
		return IPCK_ERR_SYNTAX;
	ref.kind = kind->kind;
	if (kind->form == IPCK_BY_NAME) {
		ref.form = IPCK_BY_NAME;
		rc = parse_name(&text, ref.name);
	} else {
		rc = parse_id_or_key(&text, &ref);
	}
	if (rc == IPCK_OK && *text == '@') {
		text++;
		if (!take(&text, "%", word, sizeof(word)))
			return IPCK_ERR_SYNTAX;
		rc = ipck_parse_number(word, UINT64_MAX, &ref.ns);
		if (rc == IPCK_OK && ref.ns == 0)
			rc = IPCK_ERR_RANGE;
	}
	if (rc == IPCK_OK && *text == '%')
		rc = parse_generation(text + 1, kind, &ref);
	if (rc == IPCK_OK)
		*out = ref;
	return rc;
}

/* ---- Writing ---- */

static void format_name(const char *name, char *buf, size_t size)
{
	size_t used = 0;

	while (*name != '\0') {
		uint32_t code = 0;
		size_t bytes = text_decode(name, &code);
		bool plain = bytes > 0 && code > 0x20 && code != 0x7f &&
			     strchr("\\@%", (int)(code < 0x80 ? code : 1)) == NULL &&
			     !text_is_treacherous(code);

		if (bytes == 0)
			bytes = 1;
		for (size_t i = 0; i < bytes && used + 5 < size; i++)
			used += (size_t)snprintf(buf + used, size - used, plain ? "%c" : "\\x%02x",
						 (unsigned char)name[i]);
		name += bytes;
	}
	buf[used] = '\0';
}

static void format_generation(const struct ipck_ref *ref, char *buf, size_t size)
{
	const struct ipck_generation *generation = &ref->generation;
	int used;

	if (ref->kind == IPCK_SEM)
		used = snprintf(buf, size, "%%%#" PRIx32 ".%" PRIu32 ".%" PRIu32, generation->key,
				generation->cuid, generation->cgid);
	else
		used = snprintf(buf, size, "%%%#" PRIx32 ".%" PRId64, generation->key,
				generation->ctime);
	if (generation->ns != 0)
		snprintf(buf + used, size - (size_t)used, ".%" PRIu64, generation->ns);
}

IPCK_API int ipck_ref_format(const struct ipck_ref *ref, char *buf, size_t size)
{
	const struct kind *kind = kind_of(ref->kind);
	char object[4 * IPCK_NAME_MAX + 8], ns[24] = "", generation[96] = "";
	int length;

	if (kind == NULL)
		return IPCK_ERR_ARGUMENT;
	if (ref->form == IPCK_BY_NAME)
		format_name(ref->name, object, sizeof(object));
	else if (ref->form == IPCK_BY_KEY)
		snprintf(object, sizeof(object), "key=%#" PRIx32, ref->key);
	else
		snprintf(object, sizeof(object), "%" PRId32, ref->id);
	if (ref->ns != 0)
		snprintf(ns, sizeof(ns), "@%" PRIu64, ref->ns);
	if (ref->exact)
		format_generation(ref, generation, sizeof(generation));
	length = snprintf(buf, size, "%s:%s%s%s", kind->name, object, ns, generation);
	return length < (int)size ? length : IPCK_ERR_RANGE;
}
