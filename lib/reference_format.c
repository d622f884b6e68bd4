/* SPDX-License-Identifier: MIT */
/* Writing references, so that reading them gives the same again: see reference.c for the grammar.
 */
#include "base/context.h"
#include "base/text.h"
#include "kind.h"

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

static void put_inode(struct out *out, uint32_t major, uint32_t minor, uint64_t inode)
{
	put_number(out, major, 10);
	put_char(out, ':');
	put_number(out, minor, 10);
	put_char(out, ':');
	put_number(out, inode, 10);
}

static void put_generation(struct out *out, const struct kind *kind,
			   const struct ipck_generation *generation)
{
	if (kind->generation == GENERATION_NONE)
		return;
	put_char(out, '%');
	switch (kind->generation) {
	case GENERATION_CTIME:
		put_key(out, generation->key);
		put_char(out, '.');
		put_number(out, (uint64_t)generation->ctime, 10);
		break;
	case GENERATION_CREATOR:
		put_key(out, generation->key);
		put_char(out, '.');
		put_number(out, generation->cuid, 10);
		put_char(out, '.');
		put_number(out, generation->cgid, 10);
		break;
	case GENERATION_INODE:
		put_inode(out, generation->major, generation->minor, generation->inode);
		break;
	default:
		put_number(out, generation->start_time, 10);
		return;
	}
	if (generation->ns != 0) {
		put_char(out, '.');
		put_number(out, generation->ns, 10);
	}
}

static void put_object(struct out *out, const struct ipck_ref *ref)
{
	switch (ref->form) {
	case IPCK_BY_ID:
		put_number(out, (uint32_t)ref->id, 10);
		break;
	case IPCK_BY_KEY:
		put_text(out, "key=");
		put_key(out, ref->key);
		break;
	case IPCK_BY_NAME:
		put_name(out, ref->name);
		break;
	case IPCK_BY_NUMBER:
		put_number(out, ref->number, 10);
		break;
	case IPCK_BY_INODE:
		put_inode(out, ref->major, ref->minor, ref->inode);
		break;
	case IPCK_BY_DESCRIPTOR:
		put_number(out, (uint32_t)ref->pid, 10);
		put_char(out, ':');
		put_number(out, (uint32_t)ref->fd, 10);
		break;
	case IPCK_BY_PID:
		put_number(out, (uint32_t)ref->pid, 10);
		break;
	}
}

/* A caller may have made it by hand. */
static bool fits(const struct kind *kind, const struct ipck_ref *ref)
{
	if (kind == NULL || (unsigned)ref->form > IPCK_BY_PID ||
	    (kind->forms & 1u << ref->form) == 0)
		return false;
	switch (ref->form) {
	case IPCK_BY_ID:
		return ref->id >= 0;
	case IPCK_BY_KEY:
		return ref->key != 0;
	case IPCK_BY_NAME:
		return kind_name_fits(ref->kind, ref->name);
	case IPCK_BY_DESCRIPTOR:
		return ref->pid > 0 && ref->fd >= 0;
	case IPCK_BY_PID:
		return ref->pid > 0;
	default:
		return true;
	}
}

IPCK_API int ipck_ref_format(const struct ipck_ref *ref, char *buf, size_t size)
{
	const struct kind *kind = kind_of(ref->kind);
	struct out out = { .buf = buf, .size = size };

	if (size == 0)
		return IPCK_ERR_RANGE;
	buf[0] = '\0';
	if (!fits(kind, ref))
		return IPCK_ERR_ARGUMENT;
	put_text(&out, kind->name);
	put_char(&out, ':');
	put_object(&out, ref);
	if (ref->ns != 0) {
		put_char(&out, '@');
		put_number(&out, ref->ns, 10);
	}
	if (ref->exact)
		put_generation(&out, kind, &ref->generation);
	buf[out.used < size ? out.used : size - 1] = '\0';
	return out.used < size ? (int)out.used : IPCK_ERR_RANGE;
}
