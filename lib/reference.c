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
	if (used < 2)
		return IPCK_ERR_SYNTAX;
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

static int parse_generation(const char *text, const struct kind *kind, struct ipck_ref *ref)
{
	struct ipck_generation *generation = &ref->generation;
	uint64_t number[3] = { 0 };
	int count, rc;

	if (kind->generation == 0)
		return IPCK_ERR_SYNTAX;
	rc = take_key(&text, ".", &generation->key);
	for (count = 0; rc == IPCK_OK && *text == '.' && count < kind->generation; count++) {
		text++;
		rc = take_number(&text, ".", UINT64_MAX, &number[count]);
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
		rc = take_number(&text, "%", UINT64_MAX, &ref.ns);
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

/* By hand: lists write two references a row, and printf would cost more than reading the object. */
struct out {
	char *buf;
	size_t size, used; /* used may pass size: then the text was cut */
};

static void put_char(struct out *out, char c)
{
	if (out->used + 1 < out->size)
		out->buf[out->used] = c;
	out->used++;
}

static void put_text(struct out *out, const char *text)
{
	while (*text != '\0')
		put_char(out, *text++);
}

static void put_number(struct out *out, uint64_t number, unsigned base)
{
	char digits[20];
	size_t count = 0;

	do
		digits[count++] = "0123456789abcdef"[number % base];
	while ((number /= base) > 0);
	while (count > 0)
		put_char(out, digits[--count]);
}

static void put_key(struct out *out, uint32_t key)
{
	if (key != 0)
		put_text(out, "0x");
	put_number(out, key, 16);
}

static void put_name(struct out *out, const char *name)
{
	while (*name != '\0') {
		uint32_t code = 0;
		size_t bytes = text_decode(name, &code);
		bool plain = bytes > 0 && code > 0x20 && code != 0x7f && code != '\\' &&
			     code != '@' && code != '%' && !text_is_treacherous(code);

		if (bytes == 0)
			bytes = 1;
		for (; bytes > 0; bytes--, name++) {
			unsigned char byte = (unsigned char)*name;

			if (plain) {
				put_char(out, *name);
				continue;
			}
			put_text(out, "\\x");
			put_char(out, "0123456789abcdef"[byte >> 4]);
			put_char(out, "0123456789abcdef"[byte & 15]);
		}
	}
}

static void put_generation(struct out *out, const struct ipck_ref *ref)
{
	const struct ipck_generation *generation = &ref->generation;

	put_char(out, '%');
	put_key(out, generation->key);
	put_char(out, '.');
	if (ref->kind == IPCK_SEM) {
		put_number(out, generation->cuid, 10);
		put_char(out, '.');
		put_number(out, generation->cgid, 10);
	} else {
		put_number(out, (uint64_t)generation->ctime, 10);
	}
	if (generation->ns != 0) {
		put_char(out, '.');
		put_number(out, generation->ns, 10);
	}
}

IPCK_API int ipck_ref_format(const struct ipck_ref *ref, char *buf, size_t size)
{
	const struct kind *kind = kind_of(ref->kind);
	struct out out = { .buf = buf, .size = size };

	if (kind == NULL || size == 0)
		return kind == NULL ? IPCK_ERR_ARGUMENT : IPCK_ERR_RANGE;
	put_text(&out, kind->name);
	put_char(&out, ':');
	if (ref->form == IPCK_BY_NAME) {
		put_name(&out, ref->name);
	} else if (ref->form == IPCK_BY_KEY) {
		put_text(&out, "key=");
		put_key(&out, ref->key);
	} else {
		put_number(&out, (uint32_t)ref->id, 10);
	}
	if (ref->ns != 0) {
		put_char(&out, '@');
		put_number(&out, ref->ns, 10);
	}
	if (ref->exact)
		put_generation(&out, ref);
	buf[out.used < size ? out.used : size - 1] = '\0';
	return out.used < size ? (int)out.used : IPCK_ERR_RANGE;
}
