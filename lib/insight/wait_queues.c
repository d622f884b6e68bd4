/* SPDX-License-Identifier: MIT */
/*
 * Threads in mq_send() and mq_receive(): which queue, by the thread's descriptor.  The queue is not
 * opened, so that it is full or empty is all that is known of its content.
 */
#include "insight/wait_descriptor.h"
#include "insight/wait_sysv.h"

#include "source/posix.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

/* ---- The queue ---- */

/* Only of what looks like a queue is the file system asked: another's server may have gone away. */
static bool is_queue(const struct ipc_wait *ipc, const struct descriptor *descriptor)
{
	enum { SIZE = 80 }; /* of the file of any queue */
	const struct stat *status = &descriptor->status;
	struct statfs system;
	char path[80];

	if (!descriptor->path || major(status->st_dev) != 0 || !S_ISREG(status->st_mode) ||
	    status->st_size != SIZE || status->st_blocks != 0)
		return false;
	snprintf(path, sizeof(path), "%sfd/%d", ipc->path, descriptor->fd);
	return statfs(path, &system) == 0 && (long)system.f_type == POSIX_MQUEUE_MAGIC;
}

/* As the namespace of the thread knows it; here: that the device is of that one is not refuted. */
static int name_queue(struct waits_reading *reading, struct waiting *waiting, bool here)
{
	const struct ipc_wait *ipc = waiting->detail;
	struct ipck_object object = ipc->object;
	struct ipck_ref ref;

	if (!here || ipc->ns == 0)
		object.status |= IPCK_STATUS_DELETED; /* the name leads to no queue, or another */
	object.ns = ipc->ns;
	object.foreign = here && ipc->ns != 0 && ipc->ns != reading->ipc;
	ipck_object_ref(&object, false, &ref);
	identity_of(&object, &waiting->object);
	waiting->wait.object = NULL;
	return waits_name(reading, waiting, &ref);
}

/* The device of the queues of the namespace that we are in; the last answer is kept. */
static int find_device(struct waits_reading *reading, uint64_t ns)
{
	struct wait_sysv *kept = ipc_wait_kept(reading);

	if (kept == NULL)
		return IPCK_ERR_MEMORY;
	if (kept->mq_ns != ns) {
		kept->mq_ns = ns;
		kept->mq_error = posix_mq_device(&kept->mq_major, &kept->mq_minor);
	}
	return IPCK_OK;
}

/*
 * In the thread's namespace: is the queue on the device of that one's?  A descriptor can come from
 * elsewhere; then device and inode name it.  Where the device cannot be told it passes for the
 * thread's own.
 */
static int read_place(struct waits_reading *reading, struct waiting *waiting)
{
	const struct ipc_wait *ipc = waiting->detail;
	int rc = find_device(reading, ipc->ns);

	if (rc == IPCK_OK && reading->sysv->mq_error == 0 &&
	    (reading->sysv->mq_major != ipc->object.major ||
	     reading->sysv->mq_minor != ipc->object.minor))
		rc = name_queue(reading, waiting, false);
	return rc;
}

/* Its name is the last part of the path, whatever folder it was opened through. */
static int take_queue(struct waits_reading *reading, struct waiting *waiting,
		      const struct descriptor *descriptor)
{
	const bool unlinked = descriptor->status.st_nlink == 0;
	const char *leaf = strrchr(descriptor->link, '/');
	struct ipc_wait *ipc = waiting->detail;

	ipc->object = (struct ipck_object){
		.kind = IPCK_POSIX_MQ,
		.name = leaf,
		.status = unlinked ? IPCK_STATUS_DELETED : 0,
		.major = major(descriptor->status.st_dev),
		.minor = minor(descriptor->status.st_dev),
		.inode = descriptor->status.st_ino,
	};
	if (descriptor->deleted && !unlinked && leaf != NULL) { /* it is called so */
		ipc->object.name = waits_text(reading, "%s (deleted)", leaf);
		if (ipc->object.name == NULL)
			return waits_no_memory(reading);
	}
	return name_queue(reading, waiting, true);
}

static int look_at_queue(struct waits_reading *reading, const struct thread *thread,
			 struct waiting *waiting)
{
	struct ipc_wait *ipc = waiting->detail;
	struct descriptor descriptor;
	int rc = waits_descriptor(reading, thread, waiting->wait.fd, &descriptor);

	if (rc != IPCK_OK)
		return rc;
	if (descriptor.error != 0)
		return waits_name_descriptor(reading, waiting, &descriptor); /* tells why */
	if (!is_queue(ipc, &descriptor)) {
		if (!ipc_wait_lasts(waiting))
			return WAITS_STALE;
		waiting->wait.why = IPCK_ERR_NOT_FOUND;
		waiting->wait.why_text = "the descriptor was closed meanwhile";
		return IPCK_OK;
	}
	rc = take_queue(reading, waiting, &descriptor);
	return rc == IPCK_OK ? ipc_wait_read(reading, waiting) : rc;
}

/* ---- The message ---- */

int wait_look_mq(struct waits_reading *reading, const struct thread *thread,
		 struct waiting *waiting)
{
	struct ipck_wait *wait = &waiting->wait;
	struct ipc_wait *ipc;
	int rc = ipc_wait_begin(reading, thread, waiting, IPCK_POSIX_MQ);

	if (rc != IPCK_OK)
		return rc;
	ipc = waiting->detail;
	ipc->read = read_place;
	wait->timeout = waiting->call.args[4] != 0;
	wait->message.size = waiting->call.args[2];
	if (waiting->family == CALL_MQ_SEND) {
		wait->call = "mq_send";
		wait->message.type_known = true;
		wait->message.type = (int64_t)(uint32_t)waiting->call.args[3];
		wait->wants = waits_text(reading, "room for %llu bytes, priority %lld",
					 (unsigned long long)wait->message.size,
					 (long long)wait->message.type);
	} else {
		wait->call = "mq_receive";
		wait->wants = "any message";
	}
	return wait->wants != NULL ? look_at_queue(reading, thread, waiting)
				   : waits_no_memory(reading);
}
