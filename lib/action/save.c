/* SPDX-License-Identifier: MIT */
/*
 * Writing the content of an object to a new file.  The file is made here and goes again here when
 * anything fails on the way, syncing and closing it included.
 */
#include "action/save.h"
#include "action/again.h"
#include "action/sparse.h"
#include "source/namespace.h"
#include "source/sysv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *ref_of(const struct save *save, char *buf)
{
	struct ipck_ref ref;

	ipck_object_ref(save->object, false, &ref);
	if (ipck_ref_format(&ref, buf, IPCK_REF_MAX) < 0)
		buf[0] = '\0';
	return buf;
}

int save_fail(const struct save *save, const char *what, int error)
{
	enum ipck_error reason = ipck_reason(abs(error));
	char ref[IPCK_REF_MAX];

	return ipck_fail(save->ctx, reason, "%s: cannot be %s: %s", ref_of(save, ref), what,
			 reason == IPCK_ERR_SYSTEM ? strerror(abs(error)) : ipck_strerror(reason));
}

/* The file's errors are the caller's to see as they are: a full disk is no "system error". */
static int file_fail(const struct save *save, const char *file, const char *what, int error)
{
	char ref[IPCK_REF_MAX];

	return ipck_fail(save->ctx, abs(error) == ENOMEM ? IPCK_ERR_MEMORY : IPCK_ERR_SYSTEM,
			 "%s: %s cannot be %s: %s", ref_of(save, ref), file, what,
			 strerror(abs(error)));
}

/* ---- The values of a set, one a line ---- */

int save_sem(struct save *save)
{
	const size_t count = (size_t)save->object->sem.nsems;
	struct ipck_object set = *save->object;
	struct ipck_semaphore *elements = calloc(count + 1, sizeof(*elements));
	char *text = malloc(count * sizeof("65535\n") + 1);
	size_t length = 0;
	int rc = IPCK_ERR_MEMORY;

	if (elements == NULL || text == NULL) {
		save_fail(save, "saved", ENOMEM);
		goto out;
	}
	rc = sysv_read_semaphores(save->ctx, &set, true, false, elements);
	if (rc == IPCK_OK && (set.known & IPCK_SEM_VALUES) == 0)
		rc = ipck_object_why(&set, IPCK_SEM_VALUES);
	if (rc != IPCK_OK) {
		ipck_fail(save->ctx, rc, "sem:%d: its values cannot be read: %s", set.id,
			  rc == IPCK_ERR_NOT_FOUND ? "already gone" : ipck_strerror(rc));
		goto out;
	}
	for (size_t i = 0; i < count; i++)
		length += (size_t)sprintf(text + length, "%u\n", elements[i].value & 0xffff);
	save->result.bytes = length;
	rc = write_all(save->fd, text, length, 0);
	if (rc != 0)
		rc = save_fail(save, "written", rc);
out:
	free(elements);
	free(text);
	return rc;
}

/* ---- The file ---- */

/* By a thread that is in the object's IPC namespace. */
static int fill_there(void *data)
{
	struct save *save = data;
	struct ipck_object now;
	int rc;

	if (save->object->ns != namespace_own_ipc())
		return ipck_fail(save->ctx, IPCK_ERR_OUTSIDE, "%s: in another IPC namespace",
				 ipck_kind_name(save->object->kind));
	if (save->object->kind == IPCK_POSIX_MQ)
		return save_posix_mq(save);
	rc = again_read(save->ctx, save->object, &now);
	if (rc != IPCK_OK)
		return rc;
	rc = save->object->kind == IPCK_MSG ? save_msg(save) : save_sem(save);
	/* What was read is that object's only if the id still means it. */
	return rc == IPCK_OK ? again_read(save->ctx, save->object, &now) : rc;
}

static int fill(struct save *save)
{
	const struct ipck_object *object = save->object;
	pid_t pid = 0; /* a process of its namespace; 0: that is ours */
	int rc;

	if (object->kind == IPCK_SHM) /* enters it by itself */
		return save_shm(save);
	rc = object->foreign ? namespace_member(save->ctx, object->ns, &pid) : IPCK_OK;
	if (rc != IPCK_OK)
		return rc;
	if ((object->kind & (IPCK_POSIX_SHM | IPCK_POSIX_SEM)) != 0)
		return save_posix_file(save, pid);
	return namespace_run(save->ctx, NAMESPACE_IPC, pid, pid != 0 ? object->ns : 0, fill_there,
			     save);
}

static int save_to(struct save *save, int dir, const char *file)
{
	int rc;

	save->fd = openat(dir, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (save->fd < 0)
		return file_fail(save, file, "made", errno);
	/* The caller's umask may have taken from the mode. */
	rc = fchmod(save->fd, 0600) != 0 ? file_fail(save, file, "made", errno) : fill(save);
	if (rc == IPCK_OK && fsync(save->fd) != 0)
		rc = file_fail(save, file, "written", errno);
	if (close(save->fd) != 0 && rc == IPCK_OK)
		rc = file_fail(save, file, "written", errno);
	if (rc != IPCK_OK)
		unlinkat(dir, file, 0);
	return rc;
}

IPCK_API int ipck_save(struct ipck *ctx, const struct ipck_object *object, int dir,
		       const char *file, struct ipck_save_result *result)
{
	struct save save = { .ctx = ctx, .object = object };
	const size_t size = result != NULL ? result->size : 0;
	int rc;

	if ((result != NULL && !ipck_take(&save.result, sizeof(save.result), result, size)) ||
	    file[0] == '\0' || strchr(file, '/') != NULL)
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "save: invalid argument");
	save.result = (struct ipck_save_result){ .size = size };
	if ((object->kind & (IPCK_SYSV | IPCK_POSIX)) == 0)
		return ipck_fail(ctx, IPCK_ERR_UNSUPPORTED,
				 "save: objects of kind %s have no content to be saved",
				 ipck_kind_name(object->kind));
	rc = save_to(&save, dir, file);
	/* Nobody else will free it where the caller's struct, an older one, has no room for it. */
	if (rc != IPCK_OK || size < sizeof(save.result)) {
		free(save.result.messages);
		save.result.messages = NULL;
		save.result.message_count = 0;
	}
	if (result != NULL)
		memcpy(result, &save.result, size);
	return rc;
}
