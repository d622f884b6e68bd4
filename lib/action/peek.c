/* SPDX-License-Identifier: MIT */
/* Opening the content of an object by the method that leaves the least behind. */
#include "action/peek.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KINDS (IPCK_SHM | IPCK_POSIX_SHM | IPCK_POSIX_SEM | IPCK_MEMFD)

static const struct method {
	const char *name;
	unsigned kinds;
	int (*open)(struct ipck_peek *peek);
	unsigned changes; /* what asking for it by name allows */
} methods[] = {
	[IPCK_PEEK_AUTO] = { "auto", KINDS, NULL, 0 },
	[IPCK_PEEK_MAP_FILES] = { "map-files", KINDS, peek_map_files, 0 },
	[IPCK_PEEK_FILE] = { "file", KINDS & ~(unsigned)IPCK_SHM, peek_file, 0 },
	[IPCK_PEEK_ATTACH] = { "attach", KINDS, peek_attach,
			       IPCK_CHANGES_ATTACHMENT | IPCK_CHANGES_ATIME },
	[IPCK_PEEK_VM] = { "vm", KINDS, peek_vm, IPCK_CHANGES_PAGES },
};
#define METHODS (sizeof(methods) / sizeof(methods[0]))

IPCK_API const char *ipck_peek_method_name(enum ipck_peek_method method)
{
	return (size_t)method < METHODS ? methods[method].name : NULL;
}

int peek_fail(const struct ipck_peek *peek, const char *what, int error)
{
	enum ipck_error reason = ipck_reason(abs(error));

	return ipck_fail(peek->ctx, reason, "%s: cannot be %s: %s", peek->ref, what,
			 reason == IPCK_ERR_SYSTEM ? strerror(abs(error)) : ipck_strerror(reason));
}

/* What leaves no trace first; attaching last, and only where it is allowed. */
static int open_auto(struct ipck_peek *peek)
{
	int rc;

	if (peek->object.kind != IPCK_SHM)
		return peek_file(peek);
	rc = peek_map_files(peek);
	if (rc == IPCK_OK || rc == IPCK_ERR_MEMORY || rc == IPCK_ERR_CHANGED ||
	    rc == IPCK_ERR_NOT_FOUND || (peek->may_change & IPCK_CHANGES_ATTACHMENT) == 0)
		return rc;
	return peek_attach(peek);
}

IPCK_API int ipck_peek_open(struct ipck *ctx, const struct ipck_object *object,
			    const struct ipck_peek_options *options, struct ipck_peek **out)
{
	struct ipck_peek_options asked = { 0 };
	const struct method *method;
	struct ipck_peek *peek;
	struct ipck_ref ref;
	char name[sizeof(peek->ref)];
	int rc;

	*out = NULL;
	if ((options != NULL && !ipck_take(&asked, sizeof(asked), options, options->size)) ||
	    (size_t)asked.method >= METHODS)
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "peek: invalid argument");
	method = &methods[asked.method];
	ipck_object_ref(object, false, &ref);
	ipck_ref_format(&ref, name, sizeof(name));
	if ((object->kind & method->kinds) == 0)
		return ipck_fail(ctx, IPCK_ERR_UNSUPPORTED, "%s: method %s does not read this kind",
				 name, method->name);
	peek = calloc(1, sizeof(*peek));
	if (peek == NULL)
		return ipck_fail(ctx, IPCK_ERR_MEMORY, "out of memory");
	peek->ctx = ctx;
	peek->object = *object;
	peek->may_change = asked.may_change | method->changes;
	peek->fd = -1;
	memcpy(peek->ref, name, sizeof(name));
	rc = method->open != NULL ? method->open(peek) : open_auto(peek);
	peek->object.name = NULL;
	if (rc == IPCK_OK)
		*out = peek;
	else
		ipck_peek_close(peek);
	return rc;
}

IPCK_API void ipck_peek_close(struct ipck_peek *peek)
{
	if (peek == NULL)
		return;
	if (peek->source != NULL && peek->source->close != NULL)
		peek->source->close(peek);
	if (peek->fd >= 0)
		close(peek->fd);
	free(peek);
}

IPCK_API const struct ipck_peek_about *ipck_peek_about(const struct ipck_peek *peek)
{
	return &peek->about;
}

static int past_the_end(const struct ipck_peek *peek)
{
	return ipck_fail(peek->ctx, IPCK_ERR_ARGUMENT, "%s: past its end", peek->ref);
}

IPCK_API int ipck_peek_range(struct ipck_peek *peek, uint64_t offset, struct ipck_range *out)
{
	return offset < peek->about.bytes ? peek->source->range(peek, offset, out)
					  : past_the_end(peek);
}

IPCK_API int ipck_peek_read(struct ipck_peek *peek, uint64_t offset, void *to, size_t size)
{
	return offset <= peek->about.bytes && size <= peek->about.bytes - offset
		       ? peek->source->read(peek, offset, to, size)
		       : past_the_end(peek);
}

IPCK_API int ipck_peek_pages(struct ipck_peek *peek, uint64_t offset, size_t count,
			     unsigned char *states)
{
	const uint64_t page = peek->about.page;

	if (page == 0 || offset % page != 0 || offset > peek->about.bytes ||
	    count > (peek->about.bytes - offset + page - 1) / page)
		return past_the_end(peek);
	return peek->source->pages(peek, offset, count, states);
}
