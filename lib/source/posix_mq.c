/* SPDX-License-Identifier: MIT */
/*
 * POSIX message queues: the files of an mqueue file system, of which every IPC namespace has one.
 * Its device number tells whose it is.
 */
#include "source/namespace.h"
#include "source/posix.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <mqueue.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

/* ---- The place ---- */

/*
 * A mount that is in no namespace, of the queues of the calling thread's IPC namespace: nobody else
 * sees it, and it goes with its descriptor.  -1 and errno where that is not offered (before Linux
 * 5.2) or not permitted.
 */
static int mount_detached(void)
{
	const unsigned attributes =
		MOUNT_ATTR_NOATIME | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	int fs = (int)syscall(SYS_fsopen, "mqueue", FSOPEN_CLOEXEC);
	int dir = -1, error;

	if (fs < 0)
		return -1;
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		dir = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes);
	error = errno;
	close(fs);
	errno = error;
	return dir;
}

enum belongs { BELONGS_UNKNOWN, BELONGS_HERE, BELONGS_ELSEWHERE };

/* Is what this name on a visible mount leads to what mq_open() gives in this namespace? */
static enum belongs queue_belongs(const struct posix_place *place, const char *leaf)
{
	enum belongs belongs = BELONGS_UNKNOWN;
	struct stat status;
	char name[NAME_MAX + 2] = "/";
	mqd_t queue;

	if (strlen(leaf) > NAME_MAX)
		return BELONGS_UNKNOWN;
	strcpy(name + 1, leaf);
	queue = mq_open(name, O_RDONLY | O_NONBLOCK);
	if (queue != (mqd_t)-1) {
		if (fstat(queue, &status) == 0)
			belongs = posix_is_file(place, &status) ? BELONGS_HERE : BELONGS_ELSEWHERE;
		mq_close(queue);
	} else if (errno == ENOENT &&
		   fstatat(place->dir, leaf, &status, AT_SYMLINK_NOFOLLOW) == 0) {
		belongs = BELONGS_ELSEWHERE; /* it is on the mount still */
	}
	return belongs;
}

/*
 * Whose queues does a visible mount have?  All on it are of one namespace, so the first queue that
 * may be opened decides.  An empty one decides nothing, and has nothing that could mislead.
 */
static enum belongs mount_belongs(const struct posix_place *place)
{
	enum belongs belongs = BELONGS_UNKNOWN;
	const struct dirent *entry;
	int fd = posix_folder(place->dir, ".");
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	bool empty = true;

	if (folder == NULL) {
		if (fd >= 0)
			close(fd);
		return BELONGS_UNKNOWN;
	}
	while (belongs == BELONGS_UNKNOWN && (entry = readdir(folder)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		empty = false;
		belongs = queue_belongs(place, entry->d_name);
	}
	closedir(folder);
	return empty ? BELONGS_HERE : belongs;
}

/* error: why there is no detached mount. */
static int open_visible(struct ipck *ctx, int error, struct posix_place *place)
{
	struct statfs fs;

	place->visible = true;
	place->dir = open("/dev/mqueue", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (place->dir >= 0 && fstatfs(place->dir, &fs) == 0 && fs.f_type == POSIX_MQUEUE_MAGIC)
		return IPCK_OK;
	posix_close(place);
	if (error == EPERM || error == EACCES)
		return ipck_fail(ctx, IPCK_ERR_DENIED,
				 "posix-mq: permission denied, and no mqueue file system on "
				 "/dev/mqueue: mount it or be root");
	if (error == ENODEV)
		return ipck_fail(ctx, IPCK_ERR_UNSUPPORTED,
				 "posix-mq: this kernel has no POSIX message queues");
	return ipck_fail(ctx, IPCK_ERR_UNSUPPORTED,
			 "posix-mq: no mqueue file system on /dev/mqueue: mount it");
}

static int check_visible(struct ipck *ctx, const struct posix_place *place)
{
	switch (mount_belongs(place)) {
	case BELONGS_HERE:
		return IPCK_OK;
	case BELONGS_ELSEWHERE:
		return ipck_fail(ctx, IPCK_ERR_UNSUPPORTED,
				 "posix-mq: /dev/mqueue shows the queues of another IPC namespace: "
				 "mount this one's or be root");
	default:
		return ipck_fail(ctx, IPCK_ERR_DENIED,
				 "posix-mq: no queue on /dev/mqueue may be read, so that it may "
				 "be another IPC namespace's: be root");
	}
}

int posix_mq_open(struct ipck *ctx, struct posix_place *place)
{
	struct stat status;
	int rc = IPCK_OK;

	*place = (struct posix_place){ .ns = namespace_own_ipc() };
	place->dir = mount_detached();
	if (place->dir < 0)
		rc = open_visible(ctx, errno, place);
	if (rc != IPCK_OK)
		return rc;
	if (fstat(place->dir, &status) != 0) {
		posix_close(place);
		return ipck_fail(ctx, IPCK_ERR_SYSTEM, "posix-mq: cannot look at its file system");
	}
	place->major = major(status.st_dev);
	place->minor = minor(status.st_dev);
	if (place->visible)
		rc = check_visible(ctx, place);
	if (rc != IPCK_OK)
		posix_close(place);
	return rc;
}

int posix_mq_device(uint32_t *major_number, uint32_t *minor_number)
{
	const int dir = mount_detached();
	struct stat status;
	int error = 0;

	if (dir < 0)
		return -errno;
	if (fstat(dir, &status) != 0)
		error = -errno;
	close(dir);
	if (error != 0)
		return error;
	*major_number = major(status.st_dev);
	*minor_number = minor(status.st_dev);
	return 0;
}

/* ---- Queues ---- */

/* A label and a number behind it, moving *text past them. */
static bool take_field(const char **text, const char *label, uint64_t max, uint64_t *value)
{
	const size_t length = strlen(label);
	const char *p = *text + strspn(*text, " ");
	char digits[24];
	size_t count;

	if (strncmp(p, label, length) != 0)
		return false;
	p += length;
	count = strspn(p, "0123456789");
	if (count >= sizeof(digits) || (p[count] != ' ' && p[count] != '\n' && p[count] != '\0'))
		return false;
	memcpy(digits, p, count);
	digits[count] = '\0';
	*text = p + count;
	return ipck_parse_number(digits, max, value) == IPCK_OK;
}

bool posix_parse_queue(const char *text, struct ipck_posix_mq *mq)
{
	uint64_t bytes, notify, signal, pid;

	if (!take_field(&text, "QSIZE:", UINT64_MAX, &bytes) ||
	    !take_field(&text, "NOTIFY:", INT32_MAX, &notify) ||
	    !take_field(&text, "SIGNO:", INT32_MAX, &signal) ||
	    !take_field(&text, "NOTIFY_PID:", INT32_MAX, &pid))
		return false;
	mq->bytes = bytes;
	mq->notify_pid = (pid_t)pid;
	/* How to notify is 0 for "by a signal": which one tells that from "nobody". */
	if (pid == 0 && (notify != 0 || signal != 0))
		mq->notify_pid = -1;
	return true;
}

static void unknown(struct ipck_object *object, uint32_t fields, int error)
{
	if (ipck_reason(error) == IPCK_ERR_DENIED)
		object->unknown.denied |= fields;
	else
		object->unknown.unsupported |= fields;
}

static void fill_content(struct ipck_object *object, int fd)
{
	char text[128];
	ssize_t got = pread(fd, text, sizeof(text) - 1, 0);
	int error = errno;

	if (got >= 0) {
		error = 0;
		text[got] = '\0';
	}
	if (got >= 0 && posix_parse_queue(text, &object->posix_mq))
		object->known |= IPCK_POSIX_MQ_CONTENT;
	else
		unknown(object, IPCK_POSIX_MQ_CONTENT, error);
}

void posix_mq_fill(struct ipck_object *object, int dir, const char *name, unsigned want)
{
	const uint32_t counts = IPCK_POSIX_MQ_LIMITS | IPCK_POSIX_MQ_MESSAGES;
	struct ipck_posix_mq *mq = &object->posix_mq;
	int fd = openat(dir, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct mq_attr attr;

	if (fd < 0) {
		unknown(object,
			counts | ((want & IPCK_WANT_CONTENT) != 0 ? IPCK_POSIX_MQ_CONTENT : 0),
			errno);
		return;
	}
	if (mq_getattr(fd, &attr) == 0 && attr.mq_curmsgs >= 0 && attr.mq_maxmsg >= 0 &&
	    attr.mq_msgsize >= 0) {
		mq->messages = (uint64_t)attr.mq_curmsgs;
		mq->max_messages = (uint64_t)attr.mq_maxmsg;
		mq->max_message_size = (uint64_t)attr.mq_msgsize;
		object->known |= counts;
		if (mq->messages == 0)
			object->status |= IPCK_STATUS_EMPTY;
		else if (mq->messages >= mq->max_messages)
			object->status |= IPCK_STATUS_FULL;
	} else {
		unknown(object, counts, errno);
	}
	if ((want & IPCK_WANT_CONTENT) != 0)
		fill_content(object, fd);
	close(fd);
}

/* One name of the folder. */
static int give(struct posix_walk *walk, int folder, const char *leaf)
{
	struct ipck_object object;
	struct stat status;
	char path[NAME_MAX + 2] = "/";

	if (fstatat(folder, leaf, &status, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno != ENOENT)
			walk->unseen++;
		return IPCK_OK;
	}
	if (strlen(leaf) > NAME_MAX || !posix_is_file(walk->place, &status))
		return IPCK_OK; /* "." and ".." too */
	posix_fill(&object, IPCK_POSIX_MQ, &status);
	posix_mq_fill(&object, folder, leaf, walk->want);
	strcpy(path + 1, leaf);
	object.name = pool_string(walk->pool, path);
	if (object.name == NULL)
		return posix_no_memory(walk->ctx);
	return walk->row(&object, walk->data);
}

int posix_mq_each(struct posix_walk *walk)
{
	int fd = posix_folder(walk->place->dir, ".");
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	int rc = IPCK_OK;

	if (folder == NULL) {
		if (fd >= 0)
			close(fd);
		walk->unseen++;
		return IPCK_OK;
	}
	while (rc == IPCK_OK && (errno = 0, entry = readdir(folder)) != NULL)
		rc = give(walk, fd, entry->d_name);
	if (rc == IPCK_OK && errno != 0)
		walk->unseen++;
	closedir(folder);
	return rc;
}
