/* SPDX-License-Identifier: MIT */
/* What the word of a futex lies in: memory of one process, or an object that several map. */
#include "insight/wait_futex.h"

#include "source/descriptors.h"
#include "source/namespace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define STACK_NEAR (UINT64_C(8) << 20) /* from the stack pointer up */

static void prepare(struct wait_futexes *futexes)
{
	struct stat status;

	if (futexes->ready)
		return;
	memory_devices_find(&futexes->memory);
	if (stat("/dev/shm", &status) == 0) {
		futexes->shm_major = major(status.st_dev);
		futexes->shm_minor = minor(status.st_dev);
	}
	futexes->ready = true;
}

static uint64_t namespace_of(const struct thread *thread, const char *kind)
{
	struct stat status;
	char path[48];

	snprintf(path, sizeof(path), "%sns/%s", thread->path, kind);
	return fstatat(thread->dir, path, &status, 0) == 0 ? status.st_ino : 0;
}

/* ---- POSIX objects ---- */

/* A file of that device and inode by its name in the folder. */
static bool is_file(const struct posix_place *place, const char *name, const struct area *area,
		    struct stat *status)
{
	return fstatat(place->dir, name, status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       status->st_ino == area->inode && major(status->st_dev) == area->major &&
	       minor(status->st_dev) == area->minor;
}

/* sem_open() makes a file under another name first: look for today's. */
static bool find_name(const struct posix_place *place, const struct area *area, char *name,
		      size_t size, struct stat *status)
{
	const int fd = posix_folder(place->dir, ".");
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	bool found = false;

	if (stream == NULL) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (!found && (entry = readdir(stream)) != NULL)
		if (entry->d_ino == area->inode && strlen(entry->d_name) < size &&
		    is_file(place, entry->d_name, area, status)) {
			memcpy(name, entry->d_name, strlen(entry->d_name) + 1);
			found = true;
		}
	closedir(stream);
	return found;
}

/* Its name in the /dev/shm that the thread sees; false: it has none there. */
static bool name_posix(struct waits_reading *reading, const struct thread *thread,
		       const struct area *area, struct ipck_ref *ref)
{
	const struct wait_futexes *futexes = reading->futexes;
	const bool own = area->major == futexes->shm_major && area->minor == futexes->shm_minor;
	struct posix_place place;
	struct stat status;
	const char *base = area->name;
	char *name = ref->name + 1;
	bool found = false;

	if (posix_shm_open(reading->ctx, own ? 0 : thread->tid, &place) != IPCK_OK)
		return false;
	if (strncmp(base, "/dev/shm/", 9) == 0 && strlen(base + 9) < sizeof(ref->name) - 1 &&
	    is_file(&place, base + 9, area, &status)) {
		memcpy(name, base + 9, strlen(base + 9) + 1);
		found = true;
	} else {
		found = find_name(&place, area, name, sizeof(ref->name) - 1, &status);
	}
	posix_close(&place);
	if (!found)
		return false;
	ref->name[0] = '/';
	ref->form = IPCK_BY_NAME;
	ref->kind = posix_shm_kind(name, &status);
	if (ref->kind == IPCK_POSIX_SEM) /* without "sem." */
		memmove(name, name + 4, strlen(name + 4) + 1);
	if (!own) {
		ref->ns = namespace_of(thread, "mnt");
		if (ref->ns == namespace_own_mount())
			ref->ns = 0;
	}
	return true;
}

/* ---- References ---- */

static void by_inode(const struct area *area, struct ipck_ref *ref)
{
	ref->form = IPCK_BY_INODE;
	ref->major = area->major;
	ref->minor = area->minor;
	ref->inode = area->inode;
}

/* False: nothing that has a reference. */
static bool refer(struct waits_reading *reading, const struct thread *thread,
		  const struct area *area, struct waiting *waiting, struct ipck_ref *ref)
{
	struct identity *object = &waiting->object;

	*ref = (struct ipck_ref){ .kind = object->kind };
	switch (object->kind) {
	case IPCK_SHM:
		if (area->inode > INT32_MAX)
			return false;
		ref->form = IPCK_BY_ID;
		ref->id = (int32_t)area->inode;
		ref->ns = object->ns != reading->ipc ? object->ns : 0;
		return true;
	case IPCK_MEMFD:
		ref->form = IPCK_BY_NUMBER;
		ref->number = area->inode;
		return true;
	case IPCK_POSIX_SHM:
		if (!name_posix(reading, thread, area, ref))
			by_inode(area, ref);
		return true;
	default:
		by_inode(area, ref);
		return true;
	}
}

static int name_object(struct waits_reading *reading, const struct thread *thread,
		       const struct area *area, struct waiting *waiting)
{
	struct wait_futexes *futexes = reading->futexes;
	struct ipck_ref ref;
	int rc;

	if (futexes->last_ref != NULL && identity_compare(&futexes->last, &waiting->object) == 0) {
		waiting->wait.ref = futexes->last_ref;
		waiting->wait.kind = futexes->last_kind;
		return IPCK_OK;
	}
	if (!refer(reading, thread, area, waiting, &ref))
		return IPCK_OK;
	rc = waits_name(reading, waiting, &ref);
	if (rc == IPCK_OK && waiting->wait.ref != NULL) {
		futexes->last = waiting->object;
		futexes->last_ref = waiting->wait.ref;
		futexes->last_kind = waiting->wait.kind;
	}
	return rc;
}

/* ---- Memory ---- */

/* Of the lock itself: who reads and who writes wait on different words of one. */
static uint64_t lock_address(const struct futex_wait *futex)
{
	return futex->call.address + (uint64_t)(int64_t)futex->object.offset;
}

static int place_shared(struct waits_reading *reading, const struct thread *thread,
			struct area *area, struct waiting *waiting, struct futex_wait *futex)
{
	const uint64_t offset = lock_address(futex) - area->start + area->offset;
	struct ipck_wait *wait = &waiting->wait;
	enum ipck_kind kind;
	int rc;

	descriptor_cut_deleted(area->name);
	kind = area_kind(&reading->futexes->memory, area, false);
	if (kind == 0)
		return IPCK_OK;
	waiting->object = (struct identity){ .kind = kind, .number = area->inode };
	if (kind == IPCK_SHM) {
		waiting->object.ns = namespace_of(thread, "ipc");
	} else {
		waiting->object.major = area->major;
		waiting->object.minor = area->minor;
	}
	waiting->offset = offset;
	futex->is_shared = true;
	rc = name_object(reading, thread, area, waiting);
	if (rc != IPCK_OK || wait->ref == NULL)
		return rc;
	wait->object = waits_text(reading, "%s+0x%llx", wait->ref, (unsigned long long)offset);
	return wait->object != NULL ? IPCK_OK : waits_no_memory(reading);
}

static int name_private(struct waits_reading *reading, struct waiting *waiting,
			const struct futex_wait *futex, const char *rest)
{
	waiting->wait.object = waits_text(reading, "private 0x%llx%s",
					  (unsigned long long)lock_address(futex), rest);
	return waiting->wait.object != NULL ? IPCK_OK : waits_no_memory(reading);
}

int futex_place(struct waits_reading *reading, const struct thread *thread, struct waiting *waiting,
		struct futex_wait *futex)
{
	const uint64_t address = futex->call.address, sp = thread->call.sp;
	char path[48], name[MAPS_NAME_SIZE];
	struct area area;
	int rc;

	/* the memory of one process needs no name, unless it may be the stack */
	if (futex->call.is_private && (address < sp || address - sp > STACK_NEAR))
		return name_private(reading, waiting, futex, "");
	snprintf(path, sizeof(path), "%smaps", thread->path);
	rc = maps_at(thread->dir, path, address, MAPS_AUTO, &area, name);
	if (rc == -ESRCH)
		return WAITS_STALE;
	if (rc != 0 && rc != -ENOENT && !futex->call.is_private)
		waits_unknown(waiting, rc);
	if (rc == 0 && area.shared && !futex->call.is_private) {
		if (futexes_of(reading) == NULL)
			return waits_no_memory(reading);
		prepare(reading->futexes);
		return place_shared(reading, thread, &area, waiting, futex);
	}
	if (rc != 0 && !futex->call.is_private)
		return IPCK_OK;
	futex->on_own_stack = rc == 0 && !area.shared && area.start <= sp && sp <= address;
	return name_private(
		reading, waiting, futex,
		futex->on_own_stack || (rc == 0 && strcmp(name, "[stack]") == 0) ? ", stack" : "");
}
