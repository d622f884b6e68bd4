/* SPDX-License-Identifier: MIT */
/*
 * A segment by attaching to it: only for as long as it takes to open the file behind the mapping,
 * where that is permitted.  Nobody else needs to have it attached.
 */
#include "action/peek_attach.h"
#include "action/again.h"
#include "action/peek_holders.h"
#include "source/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/shm.h>
#include <unistd.h>

struct attaching {
	struct ipck_peek *peek;
	char *address; /* NULL: not attached */
};

/* What was attached is that object only if the id still means it afterwards. */
static int attach_there(void *data)
{
	struct attaching *attaching = data;
	const struct ipck_peek *peek = attaching->peek;
	struct ipck_object now;
	int rc = again_read(peek->ctx, &peek->object, &now);
	void *address;

	if (rc != IPCK_OK)
		return rc;
	address = shmat(peek->object.id, NULL, SHM_RDONLY);
	if (address == (void *)-1)
		return peek_fail(peek, "attached", errno);
	attaching->address = address;
	/* it has moved the times, but not what again_read() compares */
	rc = again_read(peek->ctx, &peek->object, &now);
	if (rc != IPCK_OK) {
		shmdt(address);
		attaching->address = NULL;
	}
	return rc;
}

/* The file behind our own mapping; needs CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN.  -1: no. */
static int open_file(uint64_t begin, uint64_t end)
{
	char path[80];

	snprintf(path, sizeof(path), "/proc/self/map_files/%" PRIx64 "-%" PRIx64, begin, end);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* The attachment: how many bytes are mapped, which huge pages make more than there are. */
static uint64_t mapped_bytes(const struct ipck_peek *peek, const char *address)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	char *name = malloc(MAPS_NAME_SIZE);
	struct area area;
	uint64_t bytes = (peek->object.shm.size + page - 1) / page * page;

	if (name != NULL && maps_at(AT_FDCWD, "/proc/self/maps", (uint64_t)(uintptr_t)address,
				    MAPS_AUTO, &area, name) == 0)
		bytes = area.end - (uint64_t)(uintptr_t)address;
	free(name);
	return bytes;
}

static int take(struct ipck_peek *peek, char *address)
{
	const uint64_t begin = (uint64_t)(uintptr_t)address, mapped = mapped_bytes(peek, address);
	int fd = open_file(begin, begin + mapped);
	int rc = fd >= 0 ? peek_fd_take(peek, fd) : peek_attached_take(peek, address, mapped);

	if (fd >= 0 || rc != IPCK_OK)
		shmdt(address);
	if (rc == IPCK_OK) {
		peek->about.bytes = peek->object.shm.size;
		peek->about.method = IPCK_PEEK_ATTACH;
		peek->about.changes |= IPCK_CHANGES_ATTACHMENT;
	} else if (fd >= 0) {
		close(fd);
	}
	return rc;
}

int peek_attach(struct ipck_peek *peek)
{
	struct attaching attaching = { peek, NULL };
	int rc;

	if (peek->object.kind != IPCK_SHM)
		return peek_file(peek); /* its time of access may move */
	if ((peek->may_change & IPCK_CHANGES_ATTACHMENT) == 0)
		return ipck_fail(peek->ctx, IPCK_ERR_FOOTPRINT,
				 "%s: to be read it must be attached", peek->ref);
	if (peek->object.shm.size > SIZE_MAX || peek->object.shm.size > INT64_MAX)
		return peek_fail(peek, "attached", EFBIG);
	rc = peek_inside(peek, attach_there, &attaching);
	return rc == IPCK_OK ? take(peek, attaching.address) : rc;
}
