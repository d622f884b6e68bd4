/* SPDX-License-Identifier: MIT */
/*
 * An object through the memory of a process that maps it, which allocates what was never written.
 * Of an object that is mapped in parts, what no part covers is unknown.
 */
#include "action/peek_holders.h"
#include "action/peek_swap.h"
#include "source/maps.h"
#include "source/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RIGHTS "CAP_SYS_PTRACE"

struct part {
	uint64_t address, offset, bytes; /* offset: in the object */
};

struct mapped { /* what private points to */
	struct ipck_process_id process;
	int dir; /* its /proc/PID, which no later process of that number has */
	struct identity object;
	uint32_t major, minor; /* of the areas */
	size_t count;
	struct part parts[]; /* by offset */
};

static struct mapped *mapped_of(const struct ipck_peek *peek)
{
	return peek->private;
}

/* ---- Is it still mapped there? ---- */

static int changed(const struct ipck_peek *peek)
{
	return ipck_fail(peek->ctx, IPCK_ERR_CHANGED,
			 "%s: process %d has let go of it while it was read", peek->ref,
			 (int)mapped_of(peek)->process.pid);
}

static bool still_there(const struct mapped *mapped, const struct part *part)
{
	char name[MAPS_NAME_SIZE];
	struct area area;

	return maps_at(mapped->dir, "maps", part->address, MAPS_AUTO, &area, name) == 0 &&
	       area.start <= part->address && area.end >= part->address + part->bytes &&
	       part->address - area.start + area.offset == part->offset &&
	       area.inode == mapped->object.number && area.major == mapped->major &&
	       area.minor == mapped->minor;
}

/* ---- The source ---- */

/* The part that an offset lies in, or the first one behind it; NULL: none. */
static const struct part *part_at(const struct mapped *mapped, uint64_t offset)
{
	for (size_t i = 0; i < mapped->count; i++)
		if (offset < mapped->parts[i].offset + mapped->parts[i].bytes)
			return &mapped->parts[i];
	return NULL;
}

static int vm_range(struct ipck_peek *peek, uint64_t offset, struct ipck_range *out)
{
	const struct part *part = part_at(mapped_of(peek), offset);
	uint64_t end = peek->about.bytes;

	*out = (struct ipck_range){ offset, end - offset, IPCK_CONTENT_UNKNOWN };
	if (part == NULL)
		return IPCK_OK;
	if (part->offset <= offset) {
		out->content = IPCK_CONTENT_DATA;
		end = part->offset + part->bytes;
	} else {
		end = part->offset;
	}
	if (end - offset < out->bytes)
		out->bytes = end - offset;
	return IPCK_OK;
}

static int vm_fail(const struct ipck_peek *peek, int error)
{
	if (error == -ESRCH)
		return changed(peek);
	if (error == -EPERM || error == -EACCES)
		return ipck_fail(peek->ctx, IPCK_ERR_DENIED,
				 "%s: needs " RIGHTS " to read the memory of process %d", peek->ref,
				 (int)mapped_of(peek)->process.pid);
	return peek_fail(peek, "read", error);
}

/* What was read is the object's only if it is mapped there before and after. */
static int vm_read(struct ipck_peek *peek, uint64_t offset, void *to, size_t size)
{
	enum { PIECE = 16 << 20 };
	const struct mapped *mapped = mapped_of(peek);

	while (size > 0) {
		const struct part *part = part_at(mapped, offset);
		size_t some = size < PIECE ? size : PIECE;
		int rc;

		if (part == NULL || part->offset > offset)
			return ipck_fail(peek->ctx, IPCK_ERR_UNSUPPORTED,
					 "%s: process %d maps only a part of it", peek->ref,
					 (int)mapped->process.pid);
		if (some > part->offset + part->bytes - offset)
			some = (size_t)(part->offset + part->bytes - offset);
		if (!still_there(mapped, part))
			return changed(peek);
		rc = remote_read(mapped->process.pid, part->address + (offset - part->offset), to,
				 some);
		if (!still_there(mapped, part))
			return changed(peek);
		if (rc != 0)
			return vm_fail(peek, rc);
		to = (char *)to + some;
		offset += some;
		size -= some;
	}
	return IPCK_OK;
}

static int vm_pages(struct ipck_peek *peek, uint64_t offset, size_t count, unsigned char *states)
{
	(void)offset, (void)count, (void)states;
	return ipck_fail(peek->ctx, IPCK_ERR_UNSUPPORTED,
			 "%s: method vm does not tell which pages are in memory", peek->ref);
}

static void vm_close(struct ipck_peek *peek)
{
	close(mapped_of(peek)->dir);
	free(peek->private);
}

static const struct peek_source vm_source = { vm_range, vm_read, vm_pages, vm_close };

/* ---- A process to read it through ---- */

static int by_offset(const void *a, const void *b)
{
	const struct part *left = a, *right = b;

	return (left->offset > right->offset) - (left->offset < right->offset);
}

/* The readable areas of one process, without what another one has already; bytes: their sum. */
static uint64_t add_parts(struct mapped *mapped, const struct use *uses, size_t count,
			  uint64_t bytes)
{
	uint64_t covered = 0, end = 0;
	size_t kept = 0;

	mapped->count = 0;
	for (size_t i = 0; i < count; i++)
		if (uses[i].fd < 0 && (uses[i].access & IPCK_ACCESS_READ) != 0 &&
		    (uses[i].flags & IPCK_FLAG_PRIVATE) == 0)
			mapped->parts[mapped->count++] =
				(struct part){ uses[i].address, uses[i].offset, uses[i].bytes };
	qsort(mapped->parts, mapped->count, sizeof(mapped->parts[0]), by_offset);
	for (size_t i = 0; i < mapped->count; i++) {
		const struct part *part = &mapped->parts[i];
		const uint64_t stop =
			part->offset + part->bytes < bytes ? part->offset + part->bytes : bytes;

		/* what is behind its end can be mapped, but holds nothing */
		if (stop <= end || part->offset >= stop)
			continue;
		covered += stop - (part->offset > end ? part->offset : end);
		end = stop;
		mapped->parts[kept++] = *part;
	}
	mapped->count = kept;
	return covered;
}

/* Address 1 is mapped nowhere: a right that is lacking is told first. */
static int may_read(pid_t pid)
{
	char byte;
	const int rc = remote_read(pid, 1, &byte, 1);

	return rc == -EFAULT ? 0 : rc;
}

/* 0 or -errno.  The process is the one that was found: its folder is open before it is asked. */
static int prepare(const struct ipck_peek *peek, struct mapped *mapped)
{
	char path[32], name[MAPS_NAME_SIZE];
	struct area area;
	int rc;

	snprintf(path, sizeof(path), "/proc/%d", (int)mapped->process.pid);
	mapped->dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (mapped->dir < 0)
		return -errno;
	rc = peek_holder_stays(peek, &mapped->process) ? may_read(mapped->process.pid) : -ESRCH;
	if (rc == 0)
		rc = maps_at(mapped->dir, "maps", mapped->parts[0].address, MAPS_AUTO, &area, name);
	if (rc == 0 && peek->object.kind == IPCK_SHM && strncmp(name, "/SYSV", 5) != 0)
		rc = -ESRCH;
	if (rc == 0) {
		mapped->major = area.major;
		mapped->minor = area.minor;
	}
	for (size_t i = 0; rc == 0 && i < mapped->count; i++)
		rc = still_there(mapped, &mapped->parts[i]) ? 0 : -ESRCH;
	if (rc != 0)
		close(mapped->dir);
	return rc;
}

/*
 * Of the processes that may be read, the one that maps the most of it.  0 and private, or -errno:
 * -ENOENT when there is none.
 */
static int choose(struct ipck_peek *peek, const struct peek_holders *holders, uint64_t bytes)
{
	const struct use *uses = holders->uses;
	uint64_t best = 0;
	int why = -ENOENT;

	for (size_t i = 0, end; i < holders->count && best < bytes; i = end) {
		struct mapped *mapped;
		uint64_t covered;
		int rc;

		for (end = i; end < holders->count && uses[end].process == uses[i].process; end++)
			;
		mapped = calloc(1, sizeof(*mapped) + (end - i) * sizeof(mapped->parts[0]));
		if (mapped == NULL) {
			why = -ENOMEM;
			break;
		}
		mapped->object = uses[i].object;
		mapped->process = peek_holder(holders, &uses[i])->id;
		covered = add_parts(mapped, uses + i, end - i, bytes);
		rc = covered > best ? prepare(peek, mapped) : -ENOENT;
		if (rc != 0) {
			why = rc == -EPERM || why == -ENOENT ? rc : why;
			free(mapped);
			continue;
		}
		if (peek->private != NULL)
			vm_close(peek);
		peek->private = mapped;
		best = covered;
	}
	return best > 0 ? 0 : why;
}

static int refuse(const struct ipck_peek *peek, int error, bool any)
{
	if (!any)
		return peek_no_holder(peek, IPCK_ERR_DENIED, RIGHTS);
	if (error == -ENOMEM)
		return ipck_fail(peek->ctx, IPCK_ERR_MEMORY, "out of memory");
	if (error == -EPERM || error == -EACCES)
		return ipck_fail(peek->ctx, IPCK_ERR_DENIED,
				 "%s: needs " RIGHTS " to read the memory of who has it attached",
				 peek->ref);
	if (error == -ENOENT || error == -ESRCH)
		return ipck_fail(peek->ctx, IPCK_ERR_FOOTPRINT,
				 "%s: who had it attached has let go of it", peek->ref);
	return peek_fail(peek, "read through who has it attached", error);
}

static uint64_t size_of(const struct ipck_object *object)
{
	return object->kind == IPCK_SHM         ? object->shm.size
	       : object->kind == IPCK_MEMFD     ? object->endpoint.size
	       : object->kind == IPCK_POSIX_SHM ? object->posix_shm.size
						: 32; /* the larger semaphore of the C library */
}

int peek_vm(struct ipck_peek *peek)
{
	const bool segment = peek->object.kind == IPCK_SHM;
	const uint64_t bytes = size_of(&peek->object);
	struct peek_holders holders;
	struct ipck_object now;
	int rc = segment ? peek_again(peek, &now) : IPCK_OK, error;
	bool any;

	if (rc == IPCK_OK && segment && now.shm.nattch == 0)
		rc = ipck_fail(peek->ctx, IPCK_ERR_FOOTPRINT, "%s: nobody has it attached",
			       peek->ref);
	if (rc == IPCK_OK)
		rc = peek_holders_find(peek, segment ? &now : NULL, segment ? now.shm.nattch : 0,
				       &holders);
	if (rc != IPCK_OK)
		return rc;
	error = choose(peek, &holders, bytes);
	any = peek_holders_map(&holders);
	peek_holders_free(&holders);
	if (error != 0)
		return refuse(peek, error, any);
	peek->source = &vm_source;
	peek->about = (struct ipck_peek_about){ .bytes = bytes,
						.page = (uint64_t)sysconf(_SC_PAGESIZE),
						.method = IPCK_PEEK_VM,
						.changes = IPCK_CHANGES_PAGES,
						.through = mapped_of(peek)->process };
	if (peek_swap_is_used())
		peek->about.changes |= IPCK_CHANGES_SWAP;
	/* is what is mapped still what the id means? */
	return segment ? peek_again(peek, &now) : IPCK_OK;
}
