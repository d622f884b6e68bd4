/* SPDX-License-Identifier: MIT */
/* What a descriptor of a sleeping thread is on, through the thread's own folder in /proc. */
#include "insight/wait_descriptor.h"

#include "base/lines.h"
#include "source/descriptors.h"
#include "source/fdinfo.h"
#include "source/unix_sockets.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* ---- Looking ---- */

/* A socket of another family has a number, but is none of our objects. */
static void look_at_socket(const struct thread *thread, const char *number,
			   struct descriptor *descriptor)
{
	char path[80];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)thread->pid, number);
	if (unix_socket_ask(path) != 1)
		descriptor->object.kind = 0;
}

/* Before Linux 5.2 an eventfd has no id: it keeps the number of its descriptor, as in scans. */
static void look_at_eventfd(const struct thread *thread, int fd, struct descriptor *descriptor)
{
	char file[32], text[4096];
	uint64_t count, id;

	snprintf(file, sizeof(file), "fdinfo/%d", fd);
	if (thread_read(thread, file, text, sizeof(text)) > 0 &&
	    fdinfo_parse_eventfd(text, &count, &id))
		descriptor->object.number = id;
}

static void look_at_file(const struct thread *thread, const char *number, const char *link,
			 struct descriptor *descriptor)
{
	struct stat *status = &descriptor->status;
	struct identity *object = &descriptor->object;
	bool memory;

	if (!descriptor_status(thread->dir, number, status))
		return;
	/* memory files lie on a device without a disk, and have no name there */
	memory = major(status->st_dev) == 0 && status->st_nlink == 0 && descriptor->deleted;
	object->kind = descriptor_of_file(link, status, memory);
	object->major = major(status->st_dev);
	object->minor = minor(status->st_dev);
	object->number = status->st_ino;
}

static void classify(const struct thread *thread, const char *number, char *link,
		     struct descriptor *descriptor)
{
	struct identity *object = &descriptor->object;

	descriptor->path = link[0] == '/' || link[0] == '\0';
	if (descriptor->path) {
		descriptor->deleted = descriptor_cut_deleted(link);
		look_at_file(thread, number, link, descriptor);
		return;
	}
	object->kind = descriptor_of_link(link, &object->number);
	if (object->kind == IPCK_UNIX)
		look_at_socket(thread, number, descriptor);
	else if (object->kind != IPCK_PIPE && object->kind != 0)
		object->number = scan_own_number(thread->pid, descriptor->fd);
	if (object->kind == IPCK_EVENTFD)
		look_at_eventfd(thread, descriptor->fd, descriptor);
}

int waits_descriptor(struct waits_reading *reading, const struct thread *thread, int fd,
		     struct descriptor *descriptor)
{
	char number[48], link[PATH_MAX];
	ssize_t length;

	*descriptor = (struct descriptor){ .fd = fd, .link = "" };
	snprintf(number, sizeof(number), "%sfd/%d", thread->path, fd);
	length = readlinkat(thread->dir, number, link, sizeof(link) - 1);
	if (length < 0 && errno != ENAMETOOLONG) {
		descriptor->error = errno;
		return !thread_lasts(thread) ? WAITS_STALE : IPCK_OK;
	}
	link[length < 0 ? 0 : length] = '\0';
	classify(thread, number, link, descriptor);
	descriptor->link = pool_string(&reading->pool, link);
	return descriptor->link != NULL ? IPCK_OK : waits_no_memory(reading);
}

/* The serial lines, consoles and pseudo terminals of the kernel's device numbers. */
bool descriptor_is_terminal(const struct descriptor *descriptor)
{
	enum { CONSOLES = 4, TTYS = 5, SLAVES = 136, LAST_SLAVES = 143, USB = 188, ACM = 166 };
	const unsigned number = major(descriptor->status.st_rdev);

	if (!descriptor->path || !S_ISCHR(descriptor->status.st_mode))
		return false;
	return number == CONSOLES || number == TTYS || number == USB || number == ACM ||
	       (number >= SLAVES && number <= LAST_SLAVES) ||
	       strncmp(descriptor->link, "/dev/tty", 8) == 0 ||
	       strcmp(descriptor->link, "/dev/console") == 0;
}

/* ---- Naming ---- */

static int name_object(struct waits_reading *reading, struct waiting *waiting,
		       const struct ipck_object *object)
{
	struct ipck_ref ref;

	ipck_object_ref(object, false, &ref);
	identity_of(object, &waiting->object);
	return waits_name(reading, waiting, &ref);
}

/* Its path leads to it from here, too?  O_PATH or stat() of a FIFO opens nothing. */
static bool leads_there(const char *path, const struct stat *status)
{
	struct stat here;

	return path[0] == '/' && stat(path, &here) == 0 && here.st_dev == status->st_dev &&
	       here.st_ino == status->st_ino;
}

int waits_name_fifo(struct waits_reading *reading, struct waiting *waiting, const char *path,
		    bool deleted, const struct stat *status)
{
	const struct ipck_object object = {
		.kind = IPCK_FIFO,
		.name = path,
		.status = deleted ? IPCK_STATUS_DELETED : 0,
		.foreign = deleted || !leads_there(path, status),
		.major = major(status->st_dev),
		.minor = minor(status->st_dev),
		.inode = status->st_ino,
	};

	return name_object(reading, waiting, &object);
}

int waits_name_descriptor(struct waits_reading *reading, struct waiting *waiting,
			  const struct descriptor *descriptor)
{
	const struct identity *identity = &descriptor->object;
	const struct ipck_object object = {
		.kind = identity->kind,
		.major = identity->major,
		.minor = identity->minor,
		.inode = identity->number,
		.number = identity->number,
		.process = { waiting->wait.process.pid, waiting->wait.process.start_time },
		.fd = descriptor->fd,
	};

	if (descriptor->error != 0) {
		waits_unknown(waiting, descriptor->error);
		/* the call goes on with what it began on, but nothing leads there any more */
		if (descriptor->error == ENOENT && waiting->wait.why_text == NULL)
			waiting->wait.why_text = "the descriptor was closed meanwhile";
		return IPCK_OK;
	}
	if (identity->kind == IPCK_FIFO)
		return waits_name_fifo(reading, waiting, descriptor->link, descriptor->deleted,
				       &descriptor->status);
	if (identity->kind != 0)
		return name_object(reading, waiting, &object);
	if (waiting->wait.object == NULL)
		waiting->wait.object = descriptor->link;
	return IPCK_OK;
}

/* ---- For all families ---- */

int waits_describe_fd(struct waits_reading *reading, const struct thread *thread,
		      struct waiting *waiting, int fd)
{
	struct descriptor descriptor;
	const int rc = waits_descriptor(reading, thread, fd, &descriptor);

	return rc == IPCK_OK ? waits_name_descriptor(reading, waiting, &descriptor) : rc;
}

int waits_fd_text(struct waits_reading *reading, const struct thread *thread, int fd,
		  const char **text)
{
	struct waiting waiting = { .wait.process = { thread->pid, thread->start_time } };
	const int rc = waits_describe_fd(reading, thread, &waiting, fd);

	if (rc != IPCK_OK)
		return rc;
	*text = waiting.wait.object;
	if (*text == NULL)
		*text = waits_text(reading, "fd %d", fd);
	return *text != NULL ? IPCK_OK : waits_no_memory(reading);
}
