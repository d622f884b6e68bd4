/* SPDX-License-Identifier: MIT */
/* Threads that wait for somebody at the far end: open() of a FIFO, connect(). */
#include "insight/wait_descriptor.h"

#include "base/below.h"
#include "source/remote.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* What the call points to could not be read: it has gone on, or nobody may. */
static int unreadable(const struct thread *thread, struct waiting *waiting, int error)
{
	if (!thread_lasts(thread))
		return WAITS_STALE;
	waits_unknown(waiting, error);
	return IPCK_OK;
}

/* ---- open() ---- */

struct opening {
	int folder; /* AT_FDCWD or a descriptor of the thread */
	uint64_t path, flags;
};

static int take_arguments(const struct thread *thread, struct waiting *waiting,
			  struct opening *opening)
{
	const uint64_t *args = waiting->call.args;
	const char *call = waiting->wait.call;

	*opening = (struct opening){ .folder = AT_FDCWD, .path = args[0], .flags = args[1] };
	if (strcmp(call, "creat") == 0)
		opening->flags = O_WRONLY;
	if (strncmp(call, "openat", 6) != 0)
		return 0;
	*opening = (struct opening){ .folder = (int)args[0], .path = args[1], .flags = args[2] };
	if (strcmp(call, "openat") == 0 && opening->folder == AT_FDCWD)
		waiting->wait.call = "open"; /* what the C library makes of it */
	if (strcmp(call, "openat2") == 0)    /* struct open_how begins with the flags */
		return remote_read(thread->tid, args[2], &opening->flags, sizeof(uint64_t));
	return 0;
}

/* The folder that a relative path begins in, as a file of the thread's own in /proc. */
static void folder_of(const struct thread *thread, const struct opening *opening, char *file,
		      size_t size)
{
	if (opening->folder == AT_FDCWD)
		snprintf(file, size, "%scwd", thread->path);
	else
		snprintf(file, size, "%sfd/%d", thread->path, opening->folder);
}

/* The whole path, as far as that can be told. */
static const char *whole_path(struct waits_reading *reading, const struct thread *thread,
			      const struct opening *opening, const char *path)
{
	char file[48], folder[PATH_MAX];
	ssize_t length;

	if (path[0] == '/')
		return pool_string(&reading->pool, path);
	folder_of(thread, opening, file, sizeof(file));
	length = readlinkat(thread->dir, file, folder, sizeof(folder) - 1);
	if (length <= 0 || folder[0] != '/')
		return pool_string(&reading->pool, path);
	folder[length] = '\0';
	return waits_text(reading, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, path);
}

static int open_at(const struct thread *thread, const char *file, const char *path)
{
	const int root = openat(thread->dir, file, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (root < 0)
		return -1;
	fd = path_inside(root, path);
	close(root);
	return fd;
}

/*
 * Only O_PATH, which opens no FIFO.  Below the thread's folder first; a path that leads out of that
 * one ("../fifo") is looked for by its whole text.
 */
static bool find_fifo(const struct thread *thread, const struct opening *opening, const char *path,
		      const char *whole, struct stat *status)
{
	char file[48];
	int fd = -1;
	bool found;

	if (path[0] != '/' && strstr(path, "..") == NULL) {
		folder_of(thread, opening, file, sizeof(file));
		fd = open_at(thread, file, path);
	}
	if (fd < 0) {
		snprintf(file, sizeof(file), "%sroot", thread->path);
		fd = open_at(thread, file, whole);
	}
	if (fd < 0)
		return false;
	found = fstat(fd, status) == 0 && S_ISFIFO(status->st_mode);
	close(fd);
	return found;
}

/*
 * By the place in the kernel where it sleeps.  A path of other files is not walked: its file system
 * may be what the thread waits for.
 */
static enum guess { NO, MAYBE, YES } is_fifo(const struct thread *thread)
{
	char wchan[128];

	if (thread->state != 'S' && thread->state != 'T' && thread->state != 't')
		return NO;
	if (thread_read(thread, "wchan", wchan, sizeof(wchan)) <= 0 || strcmp(wchan, "0") == 0)
		return MAYBE;
	return strstr(wchan, "wait_for_partner") != NULL || strstr(wchan, "fifo_open") != NULL ? YES
											       : NO;
}

static int look_at_fifo(struct waits_reading *reading, const struct thread *thread,
			struct waiting *waiting, const struct opening *opening, const char *path)
{
	struct ipck_wait *wait = &waiting->wait;
	const char *whole = wait->object;
	const enum guess guess = is_fifo(thread);
	struct stat status;
	bool found;

	if (guess == NO)
		return IPCK_OK;
	found = find_fifo(thread, opening, path, whole, &status);
	if (!found && guess == MAYBE)
		return IPCK_OK;
	wait->what = IPCK_WAIT_PEER;
	wait->wants = (opening->flags & O_ACCMODE) == O_RDONLY ? "a writer" : "a reader";
	if (!found) {
		wait->why = IPCK_ERR_NOT_FOUND;
		wait->why_text = "the path does not lead to the FIFO any more";
		return IPCK_OK;
	}
	wait->object = NULL;
	return waits_name_fifo(reading, waiting, whole, false, &status);
}

int wait_look_open(struct waits_reading *reading, const struct thread *thread,
		   struct waiting *waiting)
{
	struct ipck_wait *wait = &waiting->wait;
	struct opening opening;
	char path[PATH_MAX];
	int rc = take_arguments(thread, waiting, &opening);

	wait->what = IPCK_WAIT_OTHER;
	if (rc == 0)
		rc = remote_string(thread->tid, opening.path, path, sizeof(path));
	if (rc != 0)
		return unreadable(thread, waiting, rc);
	wait->object = whole_path(reading, thread, &opening, path);
	if (wait->object == NULL)
		return waits_no_memory(reading);
	return look_at_fifo(reading, thread, waiting, &opening, path);
}

/* ---- connect() ---- */

union address {
	struct sockaddr any;
	struct sockaddr_un local;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* "/path", or "@name" with each NUL as '@', as lists of sockets have it.  False: none. */
static bool local_name(const union address *address, size_t size, char *name)
{
	const char *path = address->local.sun_path;
	const size_t begin = offsetof(struct sockaddr_un, sun_path);
	size_t length = size > begin ? size - begin : 0;

	if (length > 0 && path[0] != '\0')
		length = strnlen(path, length);
	for (size_t i = 0; i < length; i++)
		name[i] = path[i] != '\0' ? path[i] : '@';
	name[length] = '\0';
	return length > 0;
}

static int to_local(struct waits_reading *reading, const struct thread *thread,
		    struct waiting *waiting, const union address *address, size_t size)
{
	char name[sizeof(address->local.sun_path) + 1];
	size_t shown;

	if (!local_name(address, size, name))
		return IPCK_OK;
	shown = strlen(name);
	while (name[0] == '@' && shown > 1 && name[shown - 1] == '@') /* padding, as a rule */
		shown--;
	waiting->wait.wants = waits_text(reading, "a connection to %.*s", (int)shown, name);
	if (waiting->wait.wants == NULL)
		return waits_no_memory(reading);
	return waits_want_listener(reading, thread, waiting, name);
}

static int to_inet(struct waits_reading *reading, struct waiting *waiting,
		   const union address *address)
{
	const bool six = address->any.sa_family == AF_INET6;
	const void *number =
		six ? (const void *)&address->in6.sin6_addr : (const void *)&address->in.sin_addr;
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(address->any.sa_family, number, text, sizeof(text)) == NULL)
		return IPCK_OK;
	waiting->wait.wants =
		waits_text(reading, six ? "a connection to [%s]:%d" : "a connection to %s:%d", text,
			   (int)ntohs(six ? address->in6.sin6_port : address->in.sin_port));
	return waiting->wait.wants != NULL ? IPCK_OK : waits_no_memory(reading);
}

int wait_look_connect(struct waits_reading *reading, const struct thread *thread,
		      struct waiting *waiting)
{
	union address address = { 0 };
	size_t size = sizeof(address);
	int rc = waits_describe_fd(reading, thread, waiting, waiting->wait.fd);

	waiting->wait.wants = "a connection";
	if (rc != IPCK_OK)
		return rc;
	if (waiting->call.args[2] < size)
		size = (size_t)waiting->call.args[2];
	rc = remote_read(thread->tid, waiting->call.args[1], &address, size);
	if (rc != 0)
		return unreadable(thread, waiting, rc);
	if (address.any.sa_family == AF_UNIX)
		return to_local(reading, thread, waiting, &address, size);
	if ((address.any.sa_family == AF_INET && size >= sizeof(address.in)) ||
	    (address.any.sa_family == AF_INET6 && size >= sizeof(address.in6)))
		return to_inet(reading, waiting, &address);
	return IPCK_OK;
}
