/* SPDX-License-Identifier: MIT */
/*
 * POSIX objects by their place and name, whatever their kind: finding, reading and unlinking the
 * file of one.  What the file says of a kind is in posix_shm.c, posix_sem.c and posix_mq.c.
 */
#include "source/posix.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

const char *posix_word(enum ipck_kind kind)
{
	return kind == IPCK_POSIX_MQ    ? "posix-mq"
	       : kind == IPCK_POSIX_SEM ? "posix-sem"
					: "posix-shm";
}

int posix_no_memory(struct ipck *ctx)
{
	return ipck_fail(ctx, IPCK_ERR_MEMORY, "POSIX objects: out of memory");
}

void posix_close(struct posix_place *place)
{
	if (place->dir >= 0)
		close(place->dir);
	place->dir = -1;
}

int posix_folder(int dir, const char *name)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir, name, flags | O_NOATIME);

	/* To leave the time of access alone is the owner's right. */
	return fd < 0 && errno == EPERM ? openat(dir, name, flags) : fd;
}

void posix_handle_path(int handle, char *path)
{
	snprintf(path, POSIX_HANDLE_PATH, "/proc/thread-self/fd/%d", handle);
}

bool posix_is_file(const struct posix_place *place, const struct stat *status)
{
	return S_ISREG(status->st_mode) && major(status->st_dev) == place->major &&
	       minor(status->st_dev) == place->minor;
}

/* Owners may set any time; one before the epoch is none that anything happened at. */
static int64_t seconds(time_t when)
{
	return when > 0 ? when : 0;
}

void posix_fill(struct ipck_object *object, enum ipck_kind kind, const struct stat *status)
{
	const int64_t mtime = seconds(status->st_mtime), atime = seconds(status->st_atime);

	*object = (struct ipck_object){ .kind = kind,
					.known = IPCK_FIELD_OWNER | IPCK_FIELD_TIMES,
					.uid = status->st_uid,
					.gid = status->st_gid,
					.mode = status->st_mode & 0777,
					.major = major(status->st_dev),
					.minor = minor(status->st_dev),
					.inode = status->st_ino,
					.ctime = seconds(status->st_ctime) };
	if (kind == IPCK_POSIX_MQ) {
		/* Reading a queue's file moves the other two. */
		object->last_used = mtime;
		object->posix_mq.mtime = mtime;
		return;
	}
	object->last_used = mtime > atime ? mtime : atime;
	if (object->ctime > object->last_used)
		object->last_used = object->ctime;
}

int posix_each(struct ipck *ctx, const struct posix_place *place, unsigned kinds, unsigned want,
	       struct pool *pool, posix_row *row, void *data)
{
	struct posix_walk walk = { .ctx = ctx,
				   .place = place,
				   .kinds = kinds,
				   .want = want,
				   .pool = pool,
				   .row = row,
				   .data = data };
	int rc = (kinds & IPCK_POSIX_MQ) != 0 ? posix_mq_each(&walk) : posix_shm_each(&walk);

	if (rc == IPCK_OK && walk.unseen > 0)
		return ipck_fail(ctx, IPCK_ERR_DENIED, "%s: %zu files or folders could not be seen",
				 (kinds & IPCK_POSIX_MQ) != 0 ? "posix-mq" : "/dev/shm",
				 walk.unseen);
	return rc;
}

/* ---- By name ---- */

/* The file that an object's name leads to. */
struct target {
	int dir; /* its folder */
	bool own_dir;
	char leaf[NAME_MAX + 1];
};

/* A component of a name at *text, moving *text past it and its slash.  False: none is like that. */
static bool take_component(const char **text, char *component)
{
	const size_t length = strcspn(*text, "/");

	if (length == 0 || length > NAME_MAX)
		return false;
	memcpy(component, *text, length);
	component[length] = '\0';
	*text += length;
	if (**text == '/' && *++*text == '\0')
		return false;
	return strcmp(component, ".") != 0 && strcmp(component, "..") != 0;
}

static bool same_device(const struct posix_place *place, int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && major(status.st_dev) == place->major &&
	       minor(status.st_dev) == place->minor;
}

static void target_close(struct target *target)
{
	if (target->own_dir)
		close(target->dir);
	target->own_dir = false;
}

/* Step into the folder that leaf names.  0 or an errno. */
static int target_enter(const struct posix_place *place, struct target *target)
{
	int fd = openat(target->dir, target->leaf, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int error = errno;

	target_close(target);
	if (fd < 0)
		return error == ENOTDIR || error == ELOOP ? ENOENT : error;
	target->dir = fd;
	target->own_dir = true;
	return same_device(place, fd) ? 0 : ENOENT;
}

/*
 * Component by component, none of them a link or a way up.  0 or an errno; to be closed only after
 * 0.
 */
static int target_open(const struct posix_place *place, enum ipck_kind kind, const char *name,
		       struct target *target)
{
	*target = (struct target){ .dir = place->dir };
	if (*name++ != '/' || !take_component(&name, target->leaf))
		return ENOENT;
	while (*name != '\0') {
		int error = kind != IPCK_POSIX_SHM ? ENOENT : target_enter(place, target);

		if (error == 0 && !take_component(&name, target->leaf))
			error = ENOENT;
		if (error != 0) {
			target_close(target);
			return error;
		}
	}
	if (kind == IPCK_POSIX_SEM) {
		const size_t length = strlen(target->leaf);

		if (length + 4 > NAME_MAX)
			return ENOENT;
		memmove(target->leaf + 4, target->leaf, length + 1);
		memcpy(target->leaf, "sem.", 4);
	}
	return 0;
}

static int fail_name(struct ipck *ctx, enum ipck_kind kind, const char *name, int error)
{
	const enum ipck_error reason = ipck_reason(error);

	return ipck_fail(ctx, reason, "%s:%s: %s", posix_word(kind), name,
			 reason == IPCK_ERR_SYSTEM ? strerrordesc_np(error)
						   : ipck_strerror(reason));
}

static int target_read(const struct target *target, const struct posix_place *place,
		       enum ipck_kind kind, const char *name, unsigned want,
		       struct ipck_object *object)
{
	int handle = openat(target->dir, target->leaf, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;
	int error = errno;

	if (handle < 0)
		return error;
	error = fstat(handle, &status) != 0 ? errno : 0;
	if (error == 0 && !posix_is_file(place, &status))
		error = ENOENT;
	if (error == 0 && kind != IPCK_POSIX_MQ &&
	    kind != posix_shm_kind(kind == IPCK_POSIX_SEM ? target->leaf : name + 1, &status))
		error = ENOENT;
	if (error == 0) {
		posix_fill(object, kind, &status);
		if (kind == IPCK_POSIX_MQ)
			posix_mq_fill(object, target->dir, target->leaf, want);
		else if (kind == IPCK_POSIX_SEM)
			posix_sem_fill(object, handle);
		else
			posix_shm_fill(object, &status);
	}
	close(handle);
	return error;
}

int posix_read(struct ipck *ctx, const struct posix_place *place, enum ipck_kind kind,
	       const char *name, unsigned want, struct pool *pool, struct ipck_object *object)
{
	struct target target;
	int error = target_open(place, kind, name, &target);

	if (error == 0) {
		error = target_read(&target, place, kind, name, want, object);
		target_close(&target);
	}
	if (error != 0)
		return fail_name(ctx, kind, name, error);
	object->name = pool_string(pool, name);
	return object->name != NULL ? IPCK_OK : posix_no_memory(ctx);
}

/* ---- Opening ---- */

int posix_open_handle(int handle, int *fd, bool *touched)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC;
	char path[POSIX_HANDLE_PATH];

	posix_handle_path(handle, path);
	*fd = open(path, flags | O_NOATIME);
	if (*fd < 0 && errno == EPERM) {
		*fd = open(path, flags);
		*touched |= *fd >= 0;
	}
	return *fd < 0 ? errno : 0;
}

/*
 * 0 or an errno; ESTALE: another file.  What another user put there may be anything: neither a FIFO
 * nor a device is ever opened, so the file is looked at first by a descriptor that opens nothing.
 */
static int open_same(const struct target *target, const struct posix_place *place,
		     const struct ipck_object *object, int *fd, bool *touched)
{
	const int handle = openat(target->dir, target->leaf, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;
	int error;

	if (handle < 0)
		return errno;
	error = fstat(handle, &status) != 0 ? errno : 0;
	if (error == 0 && (!posix_is_file(place, &status) || object->major != place->major ||
			   object->minor != place->minor || object->inode != status.st_ino))
		error = ESTALE;
	if (error == 0)
		error = posix_open_handle(handle, fd, touched);
	close(handle);
	return error;
}

int posix_open(struct ipck *ctx, const struct posix_place *place, const struct ipck_object *object,
	       int *fd, bool *touched)
{
	const char *name = object->name != NULL ? object->name : "";
	struct target target;
	int error = target_open(place, object->kind, name, &target);

	if (error == 0) {
		error = open_same(&target, place, object, fd, touched);
		target_close(&target);
	}
	if (error == ESTALE)
		return ipck_fail(ctx, IPCK_ERR_CHANGED, "%s:%s: changed since it was listed",
				 posix_word(object->kind), name);
	return error == 0 ? IPCK_OK : fail_name(ctx, object->kind, name, error);
}

/* ---- Unlinking ---- */

/*
 * The kernel unlinks by name, so the file behind the name is compared as the very last thing
 * before; what can slip in is the time from one system call to the next.
 */
static int unlink_same(const struct target *target, const struct posix_place *place,
		       const struct ipck_object *object)
{
	struct stat status;

	if (fstatat(target->dir, target->leaf, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno;
	if (!posix_is_file(place, &status) || object->major != place->major ||
	    object->minor != place->minor || object->inode != status.st_ino)
		return ESTALE;
	return unlinkat(target->dir, target->leaf, 0) == 0 ? 0 : errno;
}

int posix_unlink(struct ipck *ctx, const struct posix_place *place,
		 const struct ipck_object *object)
{
	const char *word = posix_word(object->kind);
	struct target target;
	int error;

	if (object->name == NULL || (object->status & IPCK_STATUS_DELETED) != 0)
		return ipck_fail(ctx, IPCK_ERR_NOT_FOUND,
				 "%s:%u:%u:%llu: already unlinked, it goes with its last holder",
				 word, object->major, object->minor,
				 (unsigned long long)object->inode);
	error = target_open(place, object->kind, object->name, &target);
	if (error == 0) {
		error = unlink_same(&target, place, object);
		target_close(&target);
	}
	switch (error) {
	case 0:
		return IPCK_OK;
	case ESTALE:
		return ipck_fail(ctx, IPCK_ERR_CHANGED, "%s:%s: changed since it was listed", word,
				 object->name);
	case ENOENT:
		return ipck_fail(ctx, IPCK_ERR_NOT_FOUND, "%s:%s: already gone", word,
				 object->name);
	case EACCES:
	case EPERM:
		return ipck_fail(ctx, IPCK_ERR_DENIED,
				 "%s:%s: permission denied: only its owner or root may remove it",
				 word, object->name);
	default:
		return fail_name(ctx, object->kind, object->name, error);
	}
}
