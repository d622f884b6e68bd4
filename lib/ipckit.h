/* SPDX-License-Identifier: MIT */
/*
 * libipckit: System V and POSIX IPC on Linux, as data.
 *
 * The header reads in the order of use: errors, context, references, objects, holders, namespaces,
 * limits, waits, processes, content, actions, text helpers.  It is the whole public interface; the
 * commands use nothing else.
 *
 * Conventions
 *   - A function that can fail returns 0 or a negative enum ipck_error.  ipck_strerror() words the
 *     reason, ipck_message() says what failed, on which object, and why.
 *   - The library never prints, never exits, and changes neither locale, signals nor the working
 *     directory.
 *   - Sizes are bytes, times are seconds since the epoch, 0 meaning "never".
 *   - A field that could not be read is unknown, with a reason: see ipck_object_why().
 *   - Structs that a caller passes in begin with their own size, so that they can grow.
 */
#ifndef IPCKIT_H
#define IPCKIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Errors ------------------------------------------------------------------------------- */

enum ipck_error {
	IPCK_OK = 0,
	IPCK_ERR_MEMORY = -1,    /* no memory */
	IPCK_ERR_ARGUMENT = -2,  /* the caller's mistake: an option or a field out of place */
	IPCK_ERR_SYNTAX = -3,    /* text that is not of the asked form */
	IPCK_ERR_RANGE = -4,     /* a number that does not fit its type */
	IPCK_ERR_NOT_FOUND = -5, /* no such object */
	IPCK_ERR_DENIED = -6,    /* the kernel refused: ownership, mode, capability, LSM, seccomp */
	IPCK_ERR_CHANGED = -7,   /* the object is no longer the one that was read */
	IPCK_ERR_BUSY = -8,      /* attached or waited on, and not forced */
	IPCK_ERR_UNSUPPORTED = -9,   /* this kernel or this container does not offer it */
	IPCK_ERR_OUTSIDE = -10,      /* it lies in another namespace */
	IPCK_ERR_NOT_WANTED = -11,   /* the field was not asked for */
	IPCK_ERR_STOPPED = -12,      /* the caller's row function asked to stop */
	IPCK_ERR_NOT_SELECTED = -13, /* named, but the selection leaves it out */
	IPCK_ERR_SYSTEM = -14,   /* an unexpected error of the kernel; errno is in the message */
	IPCK_ERR_FOOTPRINT = -15 /* it could only be read with a trace that was not allowed */
};

/* The reason in words ("permission denied").  A static string, never NULL, never translated. */
const char *ipck_strerror(enum ipck_error reason);

/* ---- Context ------------------------------------------------------------------------------ */

struct ipck; /* opaque; use one per thread */

struct ipck_options {
	size_t size; /* sizeof(struct ipck_options) */
};

/*
 * Make a context.  options may be NULL.  Opens nothing and needs no privilege.
 * Returns 0 and a context that ipck_close() frees, or IPCK_ERR_MEMORY or IPCK_ERR_ARGUMENT.
 */
int ipck_open(const struct ipck_options *options, struct ipck **out);
void ipck_close(struct ipck *ctx); /* NULL is allowed */

/*
 * The last failure of this context: "shm:7: permission denied".  Outside strings in it are
 * sanitised.  Valid until the next call with the same context; "" when nothing has failed.
 */
const char *ipck_message(const struct ipck *ctx);

/* ---- References --------------------------------------------------------------------------- */

/* The kinds of what a reference names.  Each is one bit, so that a set of kinds is an unsigned. */
enum ipck_kind {
	IPCK_SHM = 1u << 0, /* System V shared memory segment */
	IPCK_MSG = 1u << 1, /* System V message queue */
	IPCK_SEM = 1u << 2, /* System V semaphore set */
	IPCK_POSIX_SHM = 1u << 3,
	IPCK_POSIX_MQ = 1u << 4,
	IPCK_POSIX_SEM = 1u << 5,
	/* What only lives as long as a process has a descriptor on it or maps it. */
	IPCK_PIPE = 1u << 6,
	IPCK_FIFO = 1u << 7,
	IPCK_UNIX = 1u << 8, /* a unix socket; a connection is two of them */
	IPCK_EVENTFD = 1u << 9,
	IPCK_MEMFD = 1u << 10,
	IPCK_MMAP = 1u << 11, /* a file or anonymous memory that is mapped shared */
	IPCK_EPOLL = 1u << 12,
	IPCK_TIMERFD = 1u << 13,
	IPCK_SIGNALFD = 1u << 14,
	IPCK_INOTIFY = 1u << 15,
	IPCK_PIDFD = 1u << 16,
	/* No objects, and not in IPCK_KINDS: see ipck_process_read(), ipck_process_set_open(). */
	IPCK_PROCESS = 1u << 17,
	IPCK_PGRP = 1u << 18,    /* a process group */
	IPCK_SESSION = 1u << 19, /* a session */
	IPCK_TREE = 1u << 20     /* a process and its descendants */
};
#define IPCK_SYSV (IPCK_SHM | IPCK_MSG | IPCK_SEM)
#define IPCK_POSIX (IPCK_POSIX_SHM | IPCK_POSIX_MQ | IPCK_POSIX_SEM)
#define IPCK_ENDPOINTS                                                                             \
	(IPCK_PIPE | IPCK_FIFO | IPCK_UNIX | IPCK_EVENTFD | IPCK_MEMFD | IPCK_MMAP | IPCK_EPOLL |  \
	 IPCK_TIMERFD | IPCK_SIGNALFD | IPCK_INOTIFY | IPCK_PIDFD)
#define IPCK_KINDS (IPCK_SYSV | IPCK_POSIX | IPCK_ENDPOINTS)
#define IPCK_PROCESSES (IPCK_PROCESS | IPCK_PGRP | IPCK_SESSION | IPCK_TREE)

const char *ipck_kind_name(enum ipck_kind kind);  /* "shm": as in a reference */
const char *ipck_kind_title(enum ipck_kind kind); /* "shared memory segment" */

enum ipck_ref_form {
	IPCK_BY_ID,     /* shm:5 */
	IPCK_BY_KEY,    /* shm:key=0x5432 */
	IPCK_BY_NAME,   /* posix-shm:/name, fifo:/run/path */
	IPCK_BY_NUMBER, /* pipe:INODE, unix:INODE, memfd:INODE, eventfd:ID */
	IPCK_BY_INODE,  /* mmap:MAJ:MIN:INODE; also POSIX objects and FIFOs that lost their name */
	IPCK_BY_DESCRIPTOR, /* epoll:PID:FD, timerfd:PID:FD ... */
	IPCK_BY_PID         /* pid:4711, pgrp:4711, session:4711, tree:4711 */
};

/*
 * What makes an object itself and not a later one of the same name.
 * shm, msg: key and ctime.  sem: key and creator, since SETVAL moves a set's ctime.
 * All that has an inode of its own: device and inode.  epoll:PID:FD and its like, and processes:
 * the start time of that process; of a group or session that of its leader.  An eventfd's id is all
 * that the kernel tells.
 */
struct ipck_generation {
	uint32_t key;
	int64_t ctime;
	uint32_t cuid, cgid;
	uint32_t major, minor; /* device */
	uint64_t inode;
	uint64_t start_time; /* clock ticks since boot */
	uint64_t ns;         /* inode of the namespace; 0 = not recorded */
};

#define IPCK_NAME_MAX 1024 /* bytes of a name or path, its NUL included */
#define IPCK_REF_MAX 4352  /* bytes of a formatted reference, its NUL included */

struct ipck_ref {
	enum ipck_kind kind;
	enum ipck_ref_form form;
	int32_t id;            /* IPCK_BY_ID */
	uint32_t key;          /* IPCK_BY_KEY; never 0: IPC_PRIVATE names no object */
	uint64_t number;       /* IPCK_BY_NUMBER */
	uint32_t major, minor; /* IPCK_BY_INODE, with inode */
	uint64_t inode;
	pid_t pid; /* IPCK_BY_DESCRIPTOR, IPCK_BY_PID */
	int32_t fd;
	/*
	 * After '@'; 0 = the caller's own.  Of System V objects and POSIX queues the IPC namespace,
	 * of POSIX shared memory and semaphores the mount namespace.
	 */
	uint64_t ns;
	bool exact; /* after '%': generation holds what the object must still be */
	struct ipck_generation generation;
	uint64_t reserved[8];     /* 0: room for the references of later kinds */
	char name[IPCK_NAME_MAX]; /* IPCK_BY_NAME, raw bytes */
};

/*
 * Read a reference, "shm:key=0x5432@4026532201".  Nothing is looked up.
 * Returns 0, IPCK_ERR_SYNTAX, or IPCK_ERR_RANGE for a number that does not fit.
 */
int ipck_ref_parse(const char *text, struct ipck_ref *out);

/*
 * Write a reference.  Bytes of a name that could mislead a terminal or the grammar are written
 * \xHH, and ipck_ref_parse() of the result gives the same reference again.
 * Returns the length without the NUL, or IPCK_ERR_RANGE when size is too small
 * (IPCK_REF_MAX always suffices), or IPCK_ERR_ARGUMENT.
 */
int ipck_ref_format(const struct ipck_ref *ref, char *buf, size_t size);

/* ---- Objects ------------------------------------------------------------------------------ */

/*
 * A process that the kernel recorded on an object: its creator, or the last to operate on it.
 * The kernel keeps the bare number, so the process that bears it now may be another one.
 */
enum ipck_operator_state {
	IPCK_OPERATOR_UNASKED, /* not looked at: at most pid is valid */
	IPCK_OPERATOR_NEVER,   /* nobody has done it yet */
	IPCK_OPERATOR_RUNNING, /* a process with this pid runs, and may be the one */
	IPCK_OPERATOR_LATER,   /* it started after the recorded act: pid reuse, or a clock step */
	IPCK_OPERATOR_GONE,    /* no process has this pid */
	IPCK_OPERATOR_HIDDEN,  /* it exists, but /proc does not show it (hidepid) */
	IPCK_OPERATOR_OUTSIDE  /* it is outside our pid namespace: the kernel gives no number */
};

struct ipck_operator {
	pid_t pid;
	enum ipck_operator_state state;
	const char
		*command; /* raw bytes, as the process chose them; NULL unless RUNNING or LATER */
	unsigned others;  /* sem only: further pids recorded on other elements of the set */
};

struct ipck_semaphore {
	uint32_t value;
	uint32_t ncount; /* threads that wait for it to grow */
	uint32_t zcount; /* threads that wait for it to be zero */
	struct ipck_operator last_operator;
};

/* Fields that can be unknown, as bits.  From IPCK_FIELD_KIND on the bits are per kind. */
enum {
	IPCK_FIELD_NAMESPACE = 1u << 0,
	IPCK_FIELD_NAMES = 1u << 1,   /* owner, group, creator, creator_group */
	IPCK_FIELD_OWNER = 1u << 2,   /* uid, gid, mode: anonymous inodes have none of their own */
	IPCK_FIELD_TIMES = 1u << 3,   /* last_used */
	IPCK_FIELD_HOLDERS = 1u << 4, /* holders; see also holders_complete */
	IPCK_FIELD_ORPHAN = 1u << 5,  /* orphan, evidence */
	IPCK_FIELD_CONTAINER = 1u << 6,
	IPCK_FIELD_KIND = 1u << 8,

	IPCK_SHM_RSS = IPCK_FIELD_KIND << 0,
	IPCK_SHM_SWAP = IPCK_FIELD_KIND << 1,
	IPCK_SHM_HUGETLB = IPCK_FIELD_KIND << 2,
	IPCK_SHM_NORESERVE = IPCK_FIELD_KIND << 3,
	IPCK_SHM_CPID = IPCK_FIELD_KIND << 4,
	IPCK_SHM_LPID = IPCK_FIELD_KIND << 5,

	IPCK_MSG_MAX_BYTES = IPCK_FIELD_KIND << 0,
	IPCK_MSG_LSPID = IPCK_FIELD_KIND << 1,
	IPCK_MSG_LRPID = IPCK_FIELD_KIND << 2,
	IPCK_MSG_WAITERS = IPCK_FIELD_KIND << 3, /* senders_waiting, receivers_waiting */

	IPCK_SEM_VALUES = IPCK_FIELD_KIND << 0,  /* value of its semaphores */
	IPCK_SEM_WAITERS = IPCK_FIELD_KIND << 1, /* waiters; ncount and zcount of its semaphores */
	IPCK_SEM_LPID = IPCK_FIELD_KIND << 2,    /* last_operator, also of its semaphores */

	IPCK_POSIX_SHM_SIZE = IPCK_FIELD_KIND << 0, /* size, rss, mtime, atime */

	IPCK_POSIX_SEM_VALUE = IPCK_FIELD_KIND << 0, /* value, waiters */

	IPCK_POSIX_MQ_LIMITS = IPCK_FIELD_KIND << 0,  /* max_messages, max_message_size */
	IPCK_POSIX_MQ_CONTENT = IPCK_FIELD_KIND << 1, /* bytes, notify_pid */
	IPCK_POSIX_MQ_MESSAGES = IPCK_FIELD_KIND << 2,

	IPCK_ENDPOINT_USED = IPCK_FIELD_KIND << 0,
	IPCK_ENDPOINT_SIZE = IPCK_FIELD_KIND << 1,
	IPCK_ENDPOINT_PEER = IPCK_FIELD_KIND << 2,    /* unix: peer, state */
	IPCK_ENDPOINT_WATCHES = IPCK_FIELD_KIND << 3, /* epoll, inotify: watches */
	IPCK_ENDPOINT_TIMER = IPCK_FIELD_KIND << 4,   /* timerfd: clock, remaining, interval */
	IPCK_ENDPOINT_SIGNALS = IPCK_FIELD_KIND << 5, /* signalfd: signals */
	IPCK_ENDPOINT_TARGET = IPCK_FIELD_KIND << 6   /* pidfd: target */
};

struct ipck_unknown { /* fields, as bits, and why they are unknown */
	uint32_t denied, unsupported, outside;
};

struct ipck_shm {
	uint64_t size;
	uint64_t rss, swap; /* IPCK_WANT_RSS */
	uint64_t nattch;    /* attachments: mapped areas, not processes */
	int64_t atime, dtime;
	struct ipck_operator creator, last_operator; /* cpid, lpid */
	bool dest;               /* marked for removal: goes with its last attachment */
	bool locked;             /* SHM_LOCK */
	bool hugetlb, noreserve; /* rarely known: the kernel seldom tells */
};

struct ipck_msg {
	uint64_t messages, bytes, max_bytes;
	int64_t stime, rtime;
	struct ipck_operator sender, receiver; /* lspid, lrpid */
	/* IPCK_WANT_QUEUE_WAITERS: threads in msgsnd(), in msgrcv().  Where that is unknown, those
	 * that could be seen. */
	uint64_t senders_waiting, receivers_waiting;
};

struct ipck_sem {
	uint64_t nsems;
	int64_t otime;
	uint64_t waiters;                        /* IPCK_WANT_WAITERS */
	struct ipck_operator last_operator;      /* IPCK_WANT_WAITERS */
	const struct ipck_semaphore *semaphores; /* see ipck_semaphore_at() */
};

struct ipck_posix_shm {
	uint64_t size;
	uint64_t rss; /* bytes allocated, in memory or swap */
	int64_t mtime, atime;
};

struct ipck_posix_sem {
	uint32_t value, waiters;
};

struct ipck_posix_mq {
	uint64_t messages, bytes;
	uint64_t max_messages, max_message_size;
	pid_t notify_pid; /* who asked to be told of the next message; 0 = nobody, -1 = a process
			     outside our pid namespace */
	int64_t mtime;    /* last send or receive; or creation */
};

struct ipck_watch {      /* what an epoll set or an inotify descriptor watches */
	int fd;          /* epoll: the descriptor's number when it was added; inotify: the watch */
	uint32_t events; /* EPOLLIN ... as epoll_ctl(2), IN_MODIFY ... as inotify(7) */
	const char *ref; /* the reference or the path behind it; NULL where it is not known */
};

/* An object of IPCK_ENDPOINTS: what of it means something depends on the kind. */
struct ipck_endpoint {
	uint64_t used; /* pipe, FIFO, unix: bytes; eventfd: its count; memfd, mmap: bytes allocated
			*/
	uint64_t size; /* pipe, FIFO: bytes it holds; memfd, mmap: bytes */
	uint64_t readers, writers;    /* descriptors and mappings that may read, may write */
	uint64_t peer;                /* unix: inode of the other end; 0 = none */
	int32_t socket_type;          /* unix: SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET */
	int32_t clock;                /* timerfd: CLOCK_REALTIME ... */
	uint64_t remaining, interval; /* timerfd: nanoseconds; 0 = not armed, does not repeat */
	uint64_t signals;             /* signalfd: bit N-1 for signal N */
	pid_t target;                 /* pidfd; -1 = gone, 0 = outside our pid namespace */
	uint32_t watch_count;
	const struct ipck_watch *watches; /* see ipck_watch_at() */
};

enum { /* status of POSIX objects and endpoints */
       IPCK_STATUS_EMPTY = 1u << 0,
       IPCK_STATUS_FULL = 1u << 1,
       IPCK_STATUS_NO_READER = 1u << 2,
       IPCK_STATUS_NO_WRITER = 1u << 3,
       IPCK_STATUS_DELETED = 1u << 4, /* its name is gone: it lives as long as somebody holds it */
       IPCK_STATUS_LISTENING = 1u << 5,
       IPCK_STATUS_WAITED_ON = 1u << 6 /* POSIX semaphore with waiters */
};

/* A process, and not a later one with its number. */
struct ipck_process_id {
	pid_t pid;
	uint64_t start_time; /* clock ticks since boot, field 22 of /proc/PID/stat */
};

enum ipck_how { IPCK_HOLDS_MAP, IPCK_HOLDS_FD };

enum { /* access of a holder */
       IPCK_ACCESS_READ = 1u << 0,
       IPCK_ACCESS_WRITE = 1u << 1,
       IPCK_ACCESS_EXEC = 1u << 2
};

enum { /* flags of a holder */
       IPCK_FLAG_NONBLOCK = 1u << 0,
       IPCK_FLAG_ASYNC = 1u << 1,
       IPCK_FLAG_CLOEXEC = 1u << 2,
       IPCK_FLAG_APPEND = 1u << 3,
       IPCK_FLAG_PRIVATE = 1u << 4 /* a private mapping: its writes are not seen by others */
};

/* One mapped area, or one descriptor, of one process. */
struct ipck_holder {
	struct ipck_process_id process;
	pid_t tid;             /* a thread with a descriptor table of its own; 0 = the process's */
	uid_t uid;             /* effective */
	const char *command;   /* raw bytes */
	const char *user;      /* name, or the number as text; NULL without IPCK_WANT_NAMES */
	const char *container; /* as struct ipck_object has it; NULL: none */
	enum ipck_how how;
	unsigned access;                 /* IPCK_ACCESS_* */
	unsigned flags;                  /* IPCK_FLAG_* */
	int fd;                          /* IPCK_HOLDS_FD; else -1 */
	uint64_t address, bytes, offset; /* IPCK_HOLDS_MAP; else 0 */
};

enum ipck_orphan { IPCK_ORPHAN_NO, IPCK_ORPHAN_LIKELY, IPCK_ORPHAN_PROVEN };

/* What speaks for an orphan or against it: bits, in the order of ipck_evidence_name(). */
enum {
	IPCK_EVIDENCE_UNATTACHED = 1u << 0,      /* shm: no attachment */
	IPCK_EVIDENCE_NO_HOLDER = 1u << 1,       /* POSIX: nobody has it open or maps it */
	IPCK_EVIDENCE_CREATOR_GONE = 1u << 2,    /* the recorded creator runs no more */
	IPCK_EVIDENCE_OPERATORS_GONE = 1u << 3,  /* nor does any recorded last operator */
	IPCK_EVIDENCE_NO_USER_PROCESS = 1u << 4, /* no process of its users is that old */
	IPCK_EVIDENCE_NO_RECORD = 1u << 5,       /* no pid was ever recorded on it */
	IPCK_EVIDENCE_CREATOR_REUSED = 1u << 6,  /* a later process bears the creator's pid */
	IPCK_EVIDENCE_OPERATOR_REUSED = 1u << 7, /* a later process bears an operator's pid */
	IPCK_EVIDENCE_OUTSIDE = 1u << 8, /* a recorded process is outside our pid namespace */
	IPCK_EVIDENCE_ROOT_UNPROVABLE = 1u
					<< 9,  /* msg, sem of root: some process of root is older */
	IPCK_EVIDENCE_NOT_ALL_SEEN = 1u << 10, /* some processes could not be inspected */
	IPCK_EVIDENCE_NOT_INITIAL_NS = 1u << 11, /* seen from a pid namespace inside another */
	IPCK_EVIDENCE_CREATOR_RUNS = 1u << 12,   /* from here on: it is no orphan */
	IPCK_EVIDENCE_OPERATOR_RUNS = 1u << 13,
	IPCK_EVIDENCE_USER_PROCESS = 1u << 14, /* a process of its user may remember its id */
	IPCK_EVIDENCE_HELD = 1u << 15,
	IPCK_EVIDENCE_WAITED_ON = 1u << 16,
	IPCK_EVIDENCE_RECENTLY_USED = 1u << 17
};
#define IPCK_EVIDENCE_COUNT 18

/* The word for one of these bits, "creator-dead" for IPCK_EVIDENCE_CREATOR_GONE; NULL when it is
 * not one of them.  A static string. */
const char *ipck_evidence_name(unsigned bit);

/*
 * An object as it was read.  Never made or changed by a caller, who may copy it as long as its
 * strings are valid: during the row function, or until the snapshot is freed.
 */
struct ipck_object {
	enum ipck_kind kind;
	uint32_t known; /* IPCK_FIELD_* bits that were read; fields without a bit always are */
	struct ipck_unknown unknown; /* no bit here either: it was not asked for */

	uint64_t ns;  /* inode of the namespace it lives in; see struct ipck_ref */
	bool foreign; /* that is not the caller's own; of a FIFO: its path leads elsewhere from here
		       */
	uid_t uid;
	gid_t gid;
	mode_t mode;               /* permission bits only: 0777 */
	const char *owner, *group; /* names, or the number as text where none is known */

	/* All kinds but System V: device and inode; name where there is one, raw, else NULL */
	uint32_t major, minor;
	uint64_t inode;
	const char *name;
	unsigned status; /* IPCK_STATUS_* */
	/* epoll, timerfd, signalfd, inotify, pidfd: its first holder; eventfd: its id */
	struct ipck_process_id process;
	int32_t fd;
	uint64_t number;

	/* IPCK_WANT_HOLDERS; of endpoints always.  See ipck_holder_at(). */
	const struct ipck_holder *holders;
	size_t holder_count;
	size_t held; /* processes that hold it */
	/* every process that we can see was looked into, or all attachments are accounted for */
	bool holders_complete;

	/* IPCK_WANT_ORPHAN */
	enum ipck_orphan orphan;
	unsigned evidence; /* IPCK_EVIDENCE_* */

	/* IPCK_WANT_CONTAINERS: of the first process in its namespace; NULL: none */
	const char *container;

	/* System V kinds */
	int32_t id;
	uint32_t key;
	uid_t cuid;
	gid_t cgid;
	const char *creator, *creator_group;
	int64_t ctime;     /* last change (IPC_SET, or creation); there is no creation time */
	int64_t last_used; /* the latest of all its times, ctime included */

	uint64_t reserved[8];
	union {
		struct ipck_shm shm;
		struct ipck_msg msg;
		struct ipck_sem sem;
		struct ipck_posix_shm posix_shm;
		struct ipck_posix_mq posix_mq;
		struct ipck_posix_sem posix_sem;
		struct ipck_endpoint endpoint;
		uint64_t room[24]; /* fixed, so that members can grow */
	};
};

/* What a query may ask for on top of the cheap fields, with its cost. */
enum {
	/* rss and swap: reads the text of /proc/sysvipc/shm once (about 2.5 times a plain list) */
	IPCK_WANT_RSS = 1u << 0,
	/* values of a set's semaphores: one semctl(GETALL) a set; needs read permission on it */
	IPCK_WANT_ELEMENTS = 1u << 1,
	/* waiters and last operator: three semctl calls a semaphore; needs read permission on it */
	IPCK_WANT_WAITERS = 1u << 2,
	/*
	 * owner, group (of endpoints with IPCK_WANT_OWNER), creator, creator_group as names, and
	 * the users of holders: one NSS lookup for each distinct id
	 */
	IPCK_WANT_NAMES = 1u << 3,
	/* state and command of recorded pids: /proc/PID/stat once for each distinct pid */
	IPCK_WANT_PROCESSES = 1u << 4,
	/*
	 * who holds it: the shared file mappings (ioctl PROCMAP_QUERY on /proc/PID/maps, or its
	 * text) and where need be the descriptors (/proc/PID/fd, fdinfo) of all processes.  Ends
	 * early when all attachments of the segments asked for are found.  Objects are kept until
	 * then.
	 */
	IPCK_WANT_HOLDERS = 1u << 5,
	/* orphan and evidence: as HOLDERS for POSIX kinds, and /proc/PID/status of all processes */
	IPCK_WANT_ORPHAN = 1u << 6,
	/* container, of objects and holders: /proc/PID/cgroup, once a process */
	IPCK_WANT_CONTAINERS = 1u << 7,
	/* bytes and notification of POSIX queues: read() of the queue's file, which touches its
	   times */
	IPCK_WANT_CONTENT = 1u << 8,
	/*
	 * used and size of pipes and FIFOs: pidfd_getfd() holds one end open for a moment, which
	 * can delay an end of file or a SIGPIPE by as long
	 */
	IPCK_WANT_FILL = 1u << 9,
	/* mmap: also what one process alone maps */
	IPCK_WANT_ALL_MAPPINGS = 1u << 10,
	/* endpoints: used, peer, watches, timer, signals, target: fdinfo, sock_diag */
	IPCK_WANT_ENDPOINT = 1u << 11,
	/* uid, gid, mode of endpoints: stat() through a descriptor, once an object */
	IPCK_WANT_OWNER = 1u << 12,
	/* flags of holders: /proc/PID/fdinfo/FD, once a descriptor */
	IPCK_WANT_FLAGS = 1u << 13,
	/*
	 * senders_waiting, receivers_waiting of message queues: /proc/PID/task/TID/syscall or wchan
	 * of all threads, and /proc/PID/status.  Objects are kept until then.
	 */
	IPCK_WANT_QUEUE_WAITERS = 1u << 14
};

/* Which objects.  A zeroed selection selects all; tests are combined with "and". */
enum {
	IPCK_SELECT_OWNER = 1u << 0,
	IPCK_SELECT_CREATOR = 1u << 1,
	IPCK_SELECT_CREATED_BY = 1u << 2,
	IPCK_SELECT_KEY = 1u << 3,
	IPCK_SELECT_UNATTACHED = 1u << 4, /* shm only */
	IPCK_SELECT_DELETED = 1u << 5,    /* shm only */
	IPCK_SELECT_OLDER_THAN = 1u << 6,
	IPCK_SELECT_UNUSED_FOR = 1u << 7,
	IPCK_SELECT_LARGER_THAN = 1u << 8,
	IPCK_SELECT_USED_BY = 1u << 9,  /* --pid: this process holds it, or was recorded on it */
	IPCK_SELECT_ORPHANED = 1u << 10 /* a verdict of at least selection.orphan */
};

struct ipck_key_range {
	uint32_t first, last; /* both included */
};

struct ipck_selection {
	unsigned tests; /* IPCK_SELECT_* */
	uid_t owner;
	uid_t creator;    /* cuid */
	pid_t created_by; /* shm only: the kernel records no creating pid for msg and sem */
	const struct ipck_key_range *keys; /* any of them; the caller's memory */
	size_t key_count;
	uint64_t older_than;  /* seconds since ctime, at least */
	uint64_t unused_for;  /* seconds since last_used, at least */
	uint64_t larger_than; /* bytes: size of a segment, bytes in a queue; sets have none */
	pid_t used_by;
	enum ipck_orphan orphan; /* IPCK_ORPHAN_LIKELY: these and proven ones */
	uint64_t orphan_age; /* seconds unused, at least, for a verdict; also of IPCK_WANT_ORPHAN */
	uint64_t reserved[8]; /* 0: room for later tests */
};

#define IPCK_ORPHAN_AGE 60 /* seconds: what orphan_age is by custom */

/* Does a selection's tests apply to this kind at all? */
bool ipck_selection_applies(const struct ipck_selection *select, enum ipck_kind kind);

enum ipck_where {
	IPCK_NS_OWN, /* the caller's own namespaces */
	IPCK_NS_ONE, /* the IPC namespace with this inode, and the /dev/shm of its processes */
	IPCK_NS_ALL  /* every one that a process of ours lives in */
};

/* How much of the system a scan of processes could see. */
struct ipck_coverage {
	size_t size;      /* sizeof(struct ipck_coverage), set by the caller */
	size_t processes; /* looked into */
	size_t denied;    /* seen, but not to be looked into */
	size_t vanished;  /* ended meanwhile */
	bool hidden;      /* /proc is mounted with hidepid and hides processes from us */
	bool inner; /* our pid namespace is not the initial one: there may be others outside */
	bool early; /* ended early: every attachment was accounted for */
	size_t namespaces_denied; /* IPC or mount namespaces that could not be entered */
};

struct ipck_query {
	size_t size;    /* sizeof(struct ipck_query) */
	unsigned kinds; /* set of enum ipck_kind; not used when refs is set */
	unsigned want;  /* IPCK_WANT_* */
	struct ipck_selection select;
	/*
	 * With refs, these objects only, in this order; each twice named is listed once.  A process
	 * is no object: IPCK_ERR_ARGUMENT for such a reference.
	 */
	const struct ipck_ref *refs;
	size_t ref_count;
	/*
	 * Optional, ref_count entries: 0, or why this reference gives no row.  Where it is
	 * NULL, the first reference that fails makes the call fail.
	 */
	int *ref_results;
	/* Optional counter: objects left out since the kernel does not tell what a test asks. */
	size_t *undecided;
	/* Which namespaces to list; references name their own. */
	enum ipck_where where;
	uint64_t ns;                    /* IPCK_NS_ONE */
	struct ipck_coverage *coverage; /* optional: filled when processes were scanned */
};

/*
 * Call row() for each object, in the kernel's order, one kind after the other in the order shm,
 * msg, sem.  Memory does not grow with the number of objects.  The row and its strings are valid
 * during the call only.  A row() that returns other than 0 ends the listing with that value.
 *
 * Reads shmctl, msgctl, semctl (IPC_INFO, *_STAT_ANY), or /proc/sysvipc where these are missing or
 * refused.  Needs no privilege.  An object that vanishes while it is read is left out.
 * Returns 0; IPCK_ERR_UNSUPPORTED when neither source answers for one of the kinds, IPCK_ERR_DENIED
 * when some objects could not be seen through either, IPCK_ERR_SYSTEM when a source broke off: what
 * could be seen has been given all the same; or another reason, or row()'s value.
 */
int ipck_objects_each(struct ipck *ctx, const struct ipck_query *query,
		      int (*row)(const struct ipck_object *object, void *data), void *data);

/* A snapshot: immutable, owns all its memory, may be read from any thread. */
struct ipck_objects;

/*
 * As ipck_objects_each(), kept.  *out is freed by ipck_objects_free(); it is NULL only when nothing
 * can be given at all.
 */
int ipck_objects_read(struct ipck *ctx, const struct ipck_query *query, struct ipck_objects **out);
size_t ipck_objects_count(const struct ipck_objects *objects);
/* The i-th object, valid as long as the snapshot; NULL past the end. */
const struct ipck_object *ipck_objects_at(const struct ipck_objects *objects, size_t i);
void ipck_objects_free(struct ipck_objects *objects); /* NULL is allowed */

/*
 * Why is a field not known?  0 when it is known, IPCK_ERR_NOT_WANTED when the query did not ask
 * for it, else IPCK_ERR_DENIED, IPCK_ERR_UNSUPPORTED or IPCK_ERR_OUTSIDE.
 */
int ipck_object_why(const struct ipck_object *object, uint32_t field);

/*
 * The i-th semaphore of a set, valid as long as the object; NULL past the end, and where the query
 * did not want elements.  Its fields are known as the set's IPCK_SEM_* bits say.
 */
const struct ipck_semaphore *ipck_semaphore_at(const struct ipck_object *set, size_t i);

/* The i-th holder of an object, in the order of pids; NULL past the end. */
const struct ipck_holder *ipck_holder_at(const struct ipck_object *object, size_t i);

/* The i-th of what an epoll set or an inotify descriptor watches; NULL past the end. */
const struct ipck_watch *ipck_watch_at(const struct ipck_object *endpoint, size_t i);

/* The reference of an object: by id; exact, with its generation.  Always succeeds. */
void ipck_object_ref(const struct ipck_object *object, bool exact, struct ipck_ref *out);

/* Bytes it occupies as selections and totals count them: size or queued bytes, as far as known. */
uint64_t ipck_object_bytes(const struct ipck_object *object);

/*
 * The inode of the calling thread's IPC namespace, from /proc/thread-self/ns/ipc; 0 where that is
 * unreadable.  Needs no privilege.
 */
uint64_t ipck_own_namespace(struct ipck *ctx);

/* ---- Namespaces --------------------------------------------------------------------------- */

/* An IPC namespace that at least one process lives in. */
struct ipck_namespace {
	uint64_t ns;      /* its inode */
	bool own;         /* the caller's */
	size_t processes; /* those that could be seen */
	struct ipck_process_id
		process;       /* the first of them: the oldest, as a rule what started it */
	const char *command;   /* its, raw */
	const char *container; /* its; NULL: none */
	/* What there is in it, for the kinds in known; usage.known stays 0 without usage. */
	unsigned known; /* set of enum ipck_kind */
	int why;        /* why the rest is not: IPCK_ERR_DENIED ... */
	struct {
		uint64_t objects, bytes;
	} shm, msg, sem, posix_shm, posix_mq, posix_sem;
};

struct ipck_namespaces;

/*
 * The IPC namespaces in use, the caller's first, from /proc/PID/ns/ipc of all processes; with usage
 * also what lives in each, which enters it in a thread of its own (setns(2), needs CAP_SYS_ADMIN)
 * and looks at the /dev/shm that its processes see.  coverage may be NULL.
 * Returns 0 and namespaces that ipck_namespaces_free() frees, or IPCK_ERR_MEMORY, IPCK_ERR_ARGUMENT
 * or IPCK_ERR_UNSUPPORTED (no /proc).
 */
int ipck_namespaces_read(struct ipck *ctx, bool usage, struct ipck_coverage *coverage,
			 struct ipck_namespaces **out);
size_t ipck_namespaces_count(const struct ipck_namespaces *namespaces);
/* The i-th, valid as long as the namespaces; NULL past the end. */
const struct ipck_namespace *ipck_namespaces_at(const struct ipck_namespaces *namespaces, size_t i);
void ipck_namespaces_free(struct ipck_namespaces *namespaces); /* NULL is allowed */

/*
 * The IPC namespace of a process, from /proc/PID/ns/ipc; needs to be its user, or CAP_SYS_PTRACE.
 * Returns 0, IPCK_ERR_NOT_FOUND or IPCK_ERR_DENIED.
 */
int ipck_namespace_of(struct ipck *ctx, pid_t pid, uint64_t *ns);

/* ---- Limits and usage --------------------------------------------------------------------- */

enum ipck_unit { IPCK_UNIT_COUNT, IPCK_UNIT_BYTES };

struct ipck_limit {
	enum ipck_kind kind; /* huge pages: IPCK_SHM; /dev/shm: IPCK_POSIX_SHM */
	/*
	 * "SHMMNI", "fs.mqueue.queues_max", "RLIMIT_MSGQUEUE:postgres" (the user's name is an
	 * outside string), "/dev/shm", "/dev/shm:inodes", "hugepages-2048kB"
	 */
	const char *resource;
	const char *description; /* "shared memory segments" */
	enum ipck_unit unit;
	uint64_t limit;
	bool unlimited; /* there is no limit, or the kernel's is a sentinel: limit has no meaning */
	bool used_known; /* false where it is per object or per call, or where no huge pages are set
			    aside: a limit of 0 by intent is not one that is reached */
	uint64_t used;
	const char *when_exhausted; /* the call that fails, and the error text that users see */
	uint64_t raw; /* the kernel's own number, in its own unit (SHMALL, huge pages: pages) */
};

enum {
	IPCK_LIMITS_USED = 1u << 0, /* how much of each is used; else used_known is false */
	IPCK_LIMITS_EACH = 1u << 1  /* looks at /proc/PID/ns of all processes */
};

struct ipck_limits;

/*
 * What limits IPC objects, for the caller.  kinds: a set of enum ipck_kind, System V and POSIX.
 *   System V       by IPC_INFO, or /proc/sys/kernel where that is refused; huge pages, which
 *                  segments share with all mappings, by /sys/kernel/mm/hugepages
 *   POSIX shm, sem our /dev/shm, by statfs(); with IPCK_LIMITS_EACH also "/dev/shm@NS" of each
 *                  other mount namespace, each file system once
 *   POSIX mq       /proc/sys/fs/mqueue; RLIMIT_MSGQUEUE of the calling process, with what each user
 *                  has used of it for queues of our IPC namespace, as the kernel charges it
 * want: a set of IPCK_LIMITS_*.  Needs no privilege; the /dev/shm of others that of ptrace(2).
 * Kinds that this kernel lacks are left out, and missing names them.
 * Returns 0 and limits that ipck_limits_free() frees, IPCK_ERR_ARGUMENT for a kind that does not
 * exist, or IPCK_ERR_MEMORY.
 */
int ipck_limits_read(struct ipck *ctx, unsigned kinds, unsigned want, struct ipck_limits **out);
size_t ipck_limits_count(const struct ipck_limits *limits);
/* The i-th, valid as long as the limits; NULL past the end. */
const struct ipck_limit *ipck_limits_at(const struct ipck_limits *limits, size_t i);
unsigned ipck_limits_missing(const struct ipck_limits *limits); /* set of enum ipck_kind */
void ipck_limits_free(struct ipck_limits *limits);              /* NULL is allowed */

struct ipck_usage {
	size_t size;      /* sizeof(struct ipck_usage), set by the caller */
	unsigned known;   /* set of enum ipck_kind that could be read */
	unsigned partial; /* of these, those of which some objects could not be seen */
	struct {
		uint64_t segments, bytes;               /* bytes: whole pages, as SHMALL counts */
		uint64_t swap_attempts, swap_successes; /* always 0 on today's kernels */
		uint64_t rss, swap;
		bool rss_known; /* rss and swap could be read */
	} shm;
	struct {
		uint64_t queues, messages, bytes;
	} msg;
	struct {
		uint64_t sets, semaphores;
	} sem;
	struct {
		uint64_t objects, bytes; /* bytes: allocated */
	} posix_shm;
	struct {
		uint64_t objects;
	} posix_sem;
	struct {
		uint64_t queues, messages;
		bool messages_known; /* of all queues: each must be opened, which needs read
					permission */
	} posix_mq;
};

/*
 * Totals, by SHM_INFO, MSG_INFO, SEM_INFO (the first makes the kernel walk all segments), or added
 * up from a list of the objects: POSIX kinds always, the others where these are refused.  kinds: a
 * set of enum ipck_kind; what could not be read is missing from usage->known.  Needs no privilege.
 * Returns 0, or IPCK_ERR_ARGUMENT for a size or a kind that does not exist.
 */
int ipck_usage_read(struct ipck *ctx, unsigned kinds, struct ipck_usage *usage);

/*
 * The kernel counts as one number, Shmem of /proc/meminfo, all memory that is shared without a file
 * on a disk, and all that lies in a tmpfs.  These are its parts.
 */
enum ipck_shmem_source {
	IPCK_SHMEM_TOTAL,      /* what the kernel says */
	IPCK_SHMEM_SYSV,       /* System V segments of all IPC namespaces, without huge pages */
	IPCK_SHMEM_TMPFS,      /* one tmpfs; a row each */
	IPCK_SHMEM_MEMFD,      /* memory files, without huge pages */
	IPCK_SHMEM_ANONYMOUS,  /* mapped shared without a file */
	IPCK_SHMEM_UNEXPLAINED /* the total less the others; negative when they grew meanwhile */
};

const char *ipck_shmem_source_name(enum ipck_shmem_source source); /* "tmpfs" */

/* How a number that was put together relates to the truth. */
enum ipck_bound {
	IPCK_BOUND_EXACT,
	IPCK_BOUND_AT_LEAST, /* something could not be seen */
	IPCK_BOUND_AT_MOST, /* some of it may be in swap or in huge pages, which Shmem leaves out */
	IPCK_BOUND_ROUGH,   /* both */
	IPCK_BOUND_UNKNOWN  /* there is no number */
};

const char *ipck_bound_name(enum ipck_bound bound); /* "at-least" */

struct ipck_shmem_row {
	enum ipck_shmem_source source;
	const char *where;     /* tmpfs: where it is mounted, raw; else NULL */
	uint64_t ns;           /* tmpfs: the mount namespace that sees it there; 0 = the caller's */
	uint32_t major, minor; /* tmpfs: its device */
	uint64_t objects;      /* segments, memory files, mapped areas; of others 0 */
	int64_t bytes;
	enum ipck_bound bound;
	int why; /* the reason for a bound that is not exact: IPCK_ERR_DENIED ... */
	/* Of a tmpfs on /dev/shm: its files, those in folders, and those without a name, which
	 * somebody has open or maps still. */
	bool parts_known;
	uint64_t listed, nested, deleted;
};

struct ipck_shmem;

/*
 * Where the shared memory is: the total first, what is unexplained last.  Reads /proc/meminfo,
 * /proc/PID/mountinfo of one process in each mount namespace and statfs(2) of every tmpfs, all
 * folders of those on a /dev/shm, the segments of all IPC namespaces (entering them needs
 * CAP_SYS_ADMIN), and the mappings and descriptors of all processes (CAP_SYS_PTRACE; the size of
 * anonymous memory CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN).  coverage may be NULL.
 * Returns 0 and what ipck_shmem_free() frees, IPCK_ERR_ARGUMENT, IPCK_ERR_MEMORY, or
 * IPCK_ERR_UNSUPPORTED (no /proc).
 */
int ipck_shmem_read(struct ipck *ctx, struct ipck_coverage *coverage, struct ipck_shmem **out);
size_t ipck_shmem_count(const struct ipck_shmem *shmem);
/* The i-th, valid as long as the reading; NULL past the end. */
const struct ipck_shmem_row *ipck_shmem_at(const struct ipck_shmem *shmem, size_t i);
void ipck_shmem_free(struct ipck_shmem *shmem); /* NULL is allowed */

/* ---- Waits -------------------------------------------------------------------------------- */

/* How sure it is that a thread waits for that one: the weakest first. */
enum ipck_proof {
	IPCK_PROOF_NONE,    /* nobody is recorded */
	IPCK_PROOF_LAST_OP, /* it acted last on the object, or has the other end: it may be the one
			     */
	IPCK_PROOF_LIBC,    /* the C library recorded it, and all else fits */
	IPCK_PROOF_KERNEL   /* the kernel says so */
};

/* "none", "last-op", "libc", "kernel".  A static string. */
const char *ipck_proof_name(enum ipck_proof proof);

/* Whom a thread waits for. */
struct ipck_awaited {
	struct ipck_process_id process; /* start_time 0: it is gone, or not to be seen */
	pid_t tid;                      /* the thread; 0: any thread of the process may act */
	const char *command;            /* raw; NULL: it is gone, or not to be seen */
	enum ipck_proof proof;
	bool gone; /* it ended, and never let go: process.pid is the number that was recorded */
	/*
	 * One member of every group must act.  Two holders of a read lock are two groups; two
	 * processes that have the other end of a pipe are one.
	 */
	unsigned group;
};

/* What a thread waits for. */
enum ipck_wait_for {
	IPCK_WAIT_OTHER,     /* a call of which no more than its name is known */
	IPCK_WAIT_SEMAPHORE, /* System V; see semaphore */
	IPCK_WAIT_MESSAGE,   /* to come; see message */
	IPCK_WAIT_ROOM,      /* in a queue for a message; see message */
	IPCK_WAIT_DATA,      /* read() and its kin */
	IPCK_WAIT_SPACE,     /* write() and its kin */
	IPCK_WAIT_PEER,      /* open() of a FIFO, connect() */
	IPCK_WAIT_FILE_LOCK, /* flock(), fcntl() */
	IPCK_WAIT_MUTEX,
	IPCK_WAIT_RWLOCK,
	IPCK_WAIT_CONDITION,
	IPCK_WAIT_POSIX_SEM,
	IPCK_WAIT_BARRIER,
	IPCK_WAIT_THREAD,     /* pthread_join() */
	IPCK_WAIT_FUTEX,      /* of a kind that is not known */
	IPCK_WAIT_CHILD,      /* wait4(), waitid(), vfork() */
	IPCK_WAIT_POLL,       /* poll(), select(), epoll_wait() */
	IPCK_WAIT_CONNECTION, /* accept() */
	IPCK_WAIT_TIME,
	IPCK_WAIT_SIGNAL
};

struct ipck_semaphore_wait { /* the operation of the set that cannot be done */
	uint32_t num;
	int32_t op;
	bool undo;
	bool counts_known; /* value, ncount, zcount */
	uint32_t value, ncount, zcount;
};

struct ipck_message_wait {
	bool type_known; /* POSIX queues: to receive there is none */
	int64_t type;    /* as msgrcv(2) and msgsnd(2) have it; of POSIX queues the priority */
	uint64_t size;   /* bytes: of the message to be sent, or of the receiver's room */
	bool fill_known;
	uint64_t messages, bytes, max_bytes; /* in the queue; POSIX: max_bytes counts messages */
};

/* A thread that sleeps in a system call. */
struct ipck_wait {
	struct ipck_process_id process;
	pid_t tid;           /* equal to process.pid for its first thread */
	size_t threads;      /* that its process has */
	const char *command; /* of the thread, raw */
	uid_t uid;           /* effective; IPCK_WAITS_USERS */
	char state;          /* as ps has it: 'S', 'D', 'T' ... */
	bool idle;           /* ordinary idling: for work, a time, a child, a user */
	enum ipck_wait_for what;
	const char *call; /* "semop", "pthread_mutex_lock", "wait4"; NULL: in none (a page fault) */
	bool timeout;     /* it gives up after some time */
	int fd;           /* of the call; -1: none */
	/*
	 * For how long it has slept.  IPCK_BOUND_AT_LEAST: since it was first seen to;
	 * IPCK_BOUND_UNKNOWN: there is no number.
	 */
	enum ipck_bound bound;
	uint64_t nanoseconds;

	const char *ref;     /* of the object, as ipck_ref_parse() takes it; NULL: it has none */
	const char *object;  /* the same and where in it ("shm:5+0x1000", "sem:5[3]"), a path
				(raw), ...; NULL */
	enum ipck_kind kind; /* of the object; 0: it has no ref */
	/*
	 * What it needs: of all a text, of IPCK_WAIT_SEMAPHORE also semaphore, of MESSAGE and ROOM
	 * message, which hold nothing where wants is NULL.
	 */
	const char
		*wants; /* "op -1 of semaphore 3, value 0", "write lock of bytes 0-99"; raw; NULL */
	struct ipck_semaphore_wait semaphore;
	struct ipck_message_wait message;
	const char
		*finding; /* what is wrong: "owner 4711 is gone: abandoned mutex"; NULL: nothing */
	const char
		*wchan; /* where in the kernel it sleeps; NULL: not looked at or not to be seen */
	/* Why what it waits for, or on whom, is not known: IPCK_ERR_DENIED ...; 0: it is, as far as
	 * anybody recorded it. */
	int why;
	const char *why_text; /* the same in more words; or NULL */

	size_t awaited_count;
	const struct ipck_awaited *awaited; /* see ipck_awaited_at() */
	size_t more; /* further holders, of whom one would do as well, that are not listed */
	bool open;   /* others than these could end the wait too: whoever may use the object */
};

enum {                             /* what to read on top */
       IPCK_WAITS_USERS = 1u << 0, /* uid: /proc/PID/status */
       IPCK_WAITS_SINCE = 1u << 1, /* nanoseconds: /proc/PID/task/TID/sched */
       IPCK_WAITS_WHOM = 1u << 2,  /* awaited: descriptors and mappings of processes, as far as any
				      wait asks for them */
       IPCK_WAITS_WCHAN = 1u << 3, /* wchan of each */
       IPCK_WAITS_IDLE = 1u << 4   /* also those that idle */
};

struct ipck_waits_query {
	size_t size;          /* sizeof(struct ipck_waits_query) */
	unsigned want;        /* IPCK_WAITS_* */
	pid_t pid;            /* of this process only; 0 = of all */
	uint64_t longer_than; /* seconds at least; those whose time is unknown are left out */
	/* Only those that wait on one of these objects, as they were read; or NULL. */
	const struct ipck_object *const *objects;
	size_t object_count;
	/*
	 * Or whose ref is one of these: a FIFO that nobody has open is no object, and yet a thread
	 * may wait for it to be opened.
	 */
	const struct ipck_ref *refs;
	size_t ref_count;
	struct ipck_coverage *coverage; /* optional */
	size_t *threads_denied;         /* optional: threads whose system call could not be seen */
};

struct ipck_waits;

/*
 * The threads that sleep in a system call, by pid and thread: from /proc/PID/task/TID/syscall, what
 * the call's arguments point to (process_vm_readv(2)), and what the kernel says of the object.
 * Nothing is attached, stopped or opened, so that no call returns early and no counter moves.
 * Needs PTRACE_MODE_ATTACH on the processes: those of others count as denied.
 * x86_64 and aarch64; a 32-bit program's calls are IPCK_WAIT_OTHER with why IPCK_ERR_UNSUPPORTED.
 * Returns 0 and waits that ipck_waits_free() frees; IPCK_ERR_MEMORY, IPCK_ERR_ARGUMENT,
 * IPCK_ERR_NOT_FOUND or IPCK_ERR_DENIED (of the process pid), or IPCK_ERR_UNSUPPORTED (no /proc).
 */
int ipck_waits_read(struct ipck *ctx, const struct ipck_waits_query *query,
		    struct ipck_waits **out);
size_t ipck_waits_count(const struct ipck_waits *waits);
/* The i-th, valid as long as the waits; NULL past the end. */
const struct ipck_wait *ipck_waits_at(const struct ipck_waits *waits, size_t i);
void ipck_waits_free(struct ipck_waits *waits); /* NULL is allowed */
/* Does it wait on this object?  For readings that were of several. */
bool ipck_wait_is_on(const struct ipck_wait *wait, const struct ipck_object *object);
/* The i-th of those it waits for, in the order of groups; NULL past the end. */
const struct ipck_awaited *ipck_awaited_at(const struct ipck_wait *wait, size_t i);

enum ipck_certainty { IPCK_SUSPECTED, IPCK_CONFIRMED };

/* A set of threads that wait for one another, so that none can ever go on by itself. */
struct ipck_deadlock {
	enum ipck_certainty certainty;
	size_t member_count; /* see ipck_deadlock_member_at() */
	size_t behind;       /* further threads that wait for a member, and hang with it */
};

/* Each waits for the one behind it, the last for the first, where there is one single cycle. */
struct ipck_deadlock_member {
	const struct ipck_wait *wait;
	const struct ipck_awaited *on; /* the member that it waits for */
	size_t next;                   /* its number among the members */
};

struct ipck_deadlocks_query {
	size_t size;                    /* sizeof(struct ipck_deadlocks_query) */
	unsigned want;                  /* IPCK_WAITS_USERS, IPCK_WAITS_SINCE */
	uint64_t interval;              /* milliseconds between two looks; at least 20, 0 = 100 */
	struct ipck_coverage *coverage; /* optional */
	size_t *threads_denied;         /* optional */
};

struct ipck_deadlocks;

/*
 * The deadlocks among all threads.  IPCK_CONFIRMED: each wait is for a holder that the kernel or
 * the C library recorded, none has a time limit, none is stopped or frozen, and at two looks an
 * interval apart no member had run (/proc/PID/task/TID/schedstat, or the switches in status) nor
 * its system call changed: all waits held at one instant.  IPCK_SUSPECTED: some wait is for the
 * last to act on an object, or somebody else may end it.
 * A wait that several could end counts only when all of these are stuck.
 * Reads as ipck_waits_read(), and a second time when there is something to confirm.
 * Returns 0 and deadlocks that ipck_deadlocks_free() frees, or as ipck_waits_read().
 */
int ipck_deadlocks_read(struct ipck *ctx, const struct ipck_deadlocks_query *query,
			struct ipck_deadlocks **out);
size_t ipck_deadlocks_count(const struct ipck_deadlocks *deadlocks);
/* The i-th, the confirmed ones first, valid as long as the deadlocks; NULL past the end. */
const struct ipck_deadlock *ipck_deadlocks_at(const struct ipck_deadlocks *deadlocks, size_t i);
const struct ipck_deadlock_member *ipck_deadlock_member_at(const struct ipck_deadlock *deadlock,
							   size_t i);
void ipck_deadlocks_free(struct ipck_deadlocks *deadlocks); /* NULL is allowed */

/* ---- Processes ---------------------------------------------------------------------------- */

/* Fields to be read on top of those that always are, with their cost, and that can be unknown. */
enum {
	IPCK_PROCESS_OWNER = 1u << 0,       /* uid, user: /proc/PID/status, a look-up of the name */
	IPCK_PROCESS_SIGNALS = 1u << 1,     /* the masks: /proc/PID/status */
	IPCK_PROCESS_ARGS = 1u << 2,        /* args: /proc/PID/cmdline */
	IPCK_PROCESS_PARENT = 1u << 3,      /* parent: its /proc/PID/stat */
	IPCK_PROCESS_CONTAINER = 1u << 4,   /* container: /proc/PID/cgroup */
	IPCK_PROCESS_NAMESPACES = 1u << 5,  /* namespaces: /proc/PID/ns, needs PTRACE_MODE_READ */
	IPCK_PROCESS_DESCRIPTORS = 1u << 6, /* descriptors, standard: /proc/PID/fd, the same */
	IPCK_PROCESS_TERMINAL = 1u << 7,    /* terminal: /sys/dev/char */
	IPCK_PROCESS_LOCKS = 1u << 8,       /* locks: /proc/PID/fdinfo of each descriptor */
	/* umask: /proc/PID/status.  A zombie has none: IPCK_ERR_NOT_WANTED there. */
	IPCK_PROCESS_UMASK = 1u << 9,
	IPCK_PROCESS_CWD = 1u << 10, /* cwd: /proc/PID/cwd, needs PTRACE_MODE_READ */
	/* exit_status: /proc/PID/stat, needs PTRACE_MODE_READ.  Only a zombie has one, and one
	 * whose first thread alone has ended is none: IPCK_ERR_NOT_WANTED for all others. */
	IPCK_PROCESS_EXIT = 1u << 11,
	/* Of ipck_processes_read() only.  marks, likely: stat and, where that does not decide,
	 * /proc/PID/cgroup. */
	IPCK_PROCESS_MARKS = 1u << 12,
	/* ended, of zombies, the same way: /proc/PID/sched.  Unsupported: a kernel without it. */
	IPCK_PROCESS_ENDED = 1u << 13
};

/* What is notable of a process among all others.  Each is one bit. */
enum ipck_mark {
	IPCK_MARK_ZOMBIE = 1u << 0,        /* it has ended, and its parent did not ask yet */
	IPCK_MARK_ZOMBIE_LEADER = 1u << 1, /* its first thread has ended, others live */
	/* Its parent has ended: it was given to another one.  Proven, or likely. */
	IPCK_MARK_ORPHAN = 1u << 2,
	IPCK_MARK_PARENT_HIDDEN = 1u << 3,  /* /proc does not show its parent */
	IPCK_MARK_DAEMON = 1u << 4,         /* it runs apart from any terminal and login */
	IPCK_MARK_SERVICE = 1u << 5,        /* its supervisor started it, as a unit */
	IPCK_MARK_REAPER = 1u << 6,         /* it is given orphans: init, or inferred */
	IPCK_MARK_ORPHANED_GROUP = 1u << 7, /* nobody could continue its group once stopped */
	IPCK_MARK_STOPPED = 1u << 8,        /* by a signal, or by a tracer */
	IPCK_MARK_FOREGROUND = 1u << 9,     /* in the foreground group of its terminal */
	IPCK_MARK_HUNG_TERMINAL = 1u << 10, /* nobody is in its terminal's foreground group */
	IPCK_MARK_SESSION_LEADER = 1u << 11,
	IPCK_MARK_GROUP_LEADER = 1u << 12,
	IPCK_MARK_KERNEL = 1u << 13 /* a thread of the kernel */
};
#define IPCK_MARK_COUNT 14

const char *ipck_mark_name(enum ipck_mark mark); /* "zombie-leader"; NULL: none */

/* Kinds of namespace, as files of /proc/PID/ns. */
enum ipck_namespace_type {
	IPCK_NAMESPACE_CGROUP,
	IPCK_NAMESPACE_IPC,
	IPCK_NAMESPACE_MNT,
	IPCK_NAMESPACE_NET,
	IPCK_NAMESPACE_PID,
	IPCK_NAMESPACE_TIME,
	IPCK_NAMESPACE_USER,
	IPCK_NAMESPACE_UTS
};
#define IPCK_NAMESPACE_TYPES 8

const char *ipck_namespace_type_name(enum ipck_namespace_type type); /* "cgroup"; NULL: none */

/* A lock of a file. */
enum ipck_lock_type {
	IPCK_LOCK_FLOCK, /* flock(2): of an open file, and so of all that inherited it */
	IPCK_LOCK_POSIX, /* fcntl(2) F_SETLK: of the process */
	IPCK_LOCK_OFD,   /* fcntl(2) F_OFD_SETLK: of an open file */
	IPCK_LOCK_LEASE, /* fcntl(2) F_SETLEASE, and delegations of a file server */
	IPCK_LOCK_OTHER
};

const char *ipck_lock_type_name(enum ipck_lock_type type); /* "flock"; NULL: none */

struct ipck_file_lock {
	enum ipck_lock_type type;
	bool write;          /* exclusive, not shared */
	uint64_t start, end; /* bytes, the last one included; end UINT64_MAX: to the file's end */
	int fd;              /* the lowest descriptor of the open file that has it */
	const char *path;    /* what that is on, as readlink(2) has it, raw */
};

#define IPCK_ARGS_MAX 4096 /* bytes of arguments, the NUL included */

/* A process as it was read.  Never made or changed by a caller. */
struct ipck_process {
	struct ipck_process_id id;
	uint32_t known;                /* IPCK_PROCESS_* bits that were read */
	struct ipck_unknown unknown;   /* no bit here either: it was not asked for */
	const char *command;           /* raw */
	char state;                    /* as ps has it: 'R', 'S', 'D', 'T', 't', 'Z', 'I' ... */
	bool kernel;                   /* a thread of the kernel */
	pid_t ppid, pgid, sid;         /* 0: none, or outside of our pid namespace */
	uint32_t tty_major, tty_minor; /* controlling terminal; 0:0 = none */
	uint64_t threads;
	int64_t started; /* id.start_time by today's clock */

	uid_t uid;        /* effective */
	const char *user; /* its name, or the number as text */
	/* Arguments with a blank between, raw; ends with "..." when there are more than fit.  NULL:
	 * none, as of zombies and threads of the kernel. */
	const char *args;
	struct ipck_operator parent;
	const char *container; /* as struct ipck_object has it */
	const char *terminal;  /* "pts/3"; NULL: none */

	/* Sets of signals: bit N-1 for signal N.  Each thread has blocked and pending ones of its
	 * own: here those of the first. */
	uint64_t pending; /* for the process, whichever thread takes them */
	uint64_t thread_pending, blocked;
	uint64_t ignored, caught;

	uint64_t namespaces[IPCK_NAMESPACE_TYPES]; /* inodes; 0: this kernel has none of it */
	unsigned foreign;                          /* 1u << type of those that are not ours */

	uint64_t descriptors;    /* that it has open */
	const char *standard[3]; /* what 0, 1 and 2 are on, as readlink(2) has it, raw; NULL:
				    closed, or not to be seen */

	size_t lock_count;                  /* locks that it holds; see ipck_process_lock_at() */
	const struct ipck_file_lock *locks; /* by descriptor */

	mode_t umask;
	const char *cwd; /* as readlink(2) has it, raw; NULL: none, as of zombies */
	int exit_status; /* of a zombie, as wait(2) gives it */
	uint64_t ended;  /* of a zombie: nanoseconds since it last ran, and so has ended */

	/* Foreground group of its terminal; -1: it has none, 0: outside of our pid namespace. */
	pid_t tpgid;
	uint32_t marks;  /* a set of enum ipck_mark */
	uint32_t likely; /* those of them that are not proven */
};

/*
 * One process, by a reference "pid:N" or "pid:N%START".  want: a set of IPCK_PROCESS_*.  All is
 * read through one open folder of /proc, so that no later process of the number answers.
 * Returns 0 and a process that ipck_process_free() frees; IPCK_ERR_NOT_FOUND, IPCK_ERR_CHANGED
 * (another process has the number), IPCK_ERR_DENIED (/proc hides it), IPCK_ERR_UNSUPPORTED (no
 * /proc of our pid namespace), IPCK_ERR_ARGUMENT or IPCK_ERR_MEMORY.
 */
int ipck_process_read(struct ipck *ctx, const struct ipck_ref *ref, unsigned want,
		      const struct ipck_process **out);
void ipck_process_free(const struct ipck_process *process); /* NULL is allowed */
/* The i-th lock of a file that it holds, valid as long as the process; NULL past the end. */
const struct ipck_file_lock *ipck_process_lock_at(const struct ipck_process *process, size_t i);
/* Why is a field not known?  As ipck_object_why(). */
int ipck_process_why(const struct ipck_process *process, uint32_t field);

/* ---- All processes ------------------------------------------------------------------------ */

struct ipck_processes_query {
	size_t size; /* sizeof(struct ipck_processes_query) */
	/*
	 * A set of IPCK_PROCESS_MARKS, EXIT and ENDED (of zombies), OWNER and TERMINAL; what costs
	 * a file of each process is left to ipck_process_read() with the exact reference of a row.
	 */
	unsigned want;
};

struct ipck_processes;

/*
 * All processes that /proc lists, at one look: the folder's owner and /proc/PID/stat of each,
 * through libproc2.  Where the caller is not the first thread of the program, one of the library's
 * own reads for all callers in turn, which lives as long as the program, takes no signal, and is
 * made anew in a child of fork(2).  What the kernel keeps of each thread alone (capabilities, a
 * mount namespace) it has as the one that asked first.
 * Of a row id, command, state, kernel, ppid, pgid, sid, tty, tpgid, threads, started and uid are
 * always set.
 * Returns 0 and processes that ipck_processes_free() frees; IPCK_ERR_UNSUPPORTED (no /proc of our
 * pid namespace), IPCK_ERR_ARGUMENT, IPCK_ERR_MEMORY or IPCK_ERR_SYSTEM.
 */
int ipck_processes_read(struct ipck *ctx, const struct ipck_processes_query *query,
			struct ipck_processes **out);
void ipck_processes_free(struct ipck_processes *processes); /* NULL is allowed */

/* Rows are valid as long as the processes they belong to; NULL past the end, or none. */
size_t ipck_processes_count(const struct ipck_processes *processes);
const struct ipck_process *ipck_processes_at(const struct ipck_processes *processes,
					     size_t i); /* by pid */
const struct ipck_process *ipck_processes_find(const struct ipck_processes *processes, pid_t pid);
/* Does /proc hide processes from us (hidepid)?  Then there may be more, and missing is not gone. */
bool ipck_processes_hidden(const struct ipck_processes *processes);

/*
 * The tree.  A parent that is not listed, or that started after its child and so only bears the
 * number of the parent, is none: there can be several roots, and there is no cycle.  Children are
 * ordered by their start.
 */
const struct ipck_process *ipck_process_parent(const struct ipck_process *process);
const struct ipck_process *ipck_process_child_at(const struct ipck_process *process, size_t i);
/* Those without a parent, by pid. */
const struct ipck_process *ipck_processes_root_at(const struct ipck_processes *processes, size_t i);

struct ipck_group { /* a process group */
	pid_t pgid; /* 0: none of our pid namespace, as of threads of the kernel */
	bool foreground;
	/* POSIX: no member's parent is in another group of the session, to continue it once it is
	 * stopped. */
	bool orphaned;
	const struct ipck_process *leader; /* NULL: gone, or not to be seen */
	size_t count;
	const struct ipck_process *const *members; /* by start */
};

struct ipck_session {
	pid_t sid; /* 0: none of our pid namespace, as of threads of the kernel */
	const struct ipck_process *leader; /* NULL: gone, or not to be seen */
	uint32_t tty_major, tty_minor;     /* controlling terminal; 0:0 = none */
	const char *terminal;              /* IPCK_PROCESS_TERMINAL: "pts/3"; NULL: none */
	pid_t foreground_pgid;             /* as tpgid of struct ipck_process */
	bool hung; /* it has a terminal, but nobody is in its foreground group */
	size_t group_count;
	const struct ipck_group *groups; /* by pgid; see ipck_group_at() */
};

/* Sessions by sid, the groups of one by pgid, and the members of a group by start. */
const struct ipck_session *ipck_session_at(const struct ipck_processes *processes, size_t i);
const struct ipck_group *ipck_group_at(const struct ipck_session *session, size_t i);
const struct ipck_process *ipck_group_member_at(const struct ipck_group *group, size_t i);
/* The session and the group of a row.  As the tree and the reasons of marks they are of rows of
 * ipck_processes_read() only, not of what ipck_process_read() gives. */
const struct ipck_session *ipck_process_session(const struct ipck_process *process);
const struct ipck_group *ipck_process_group(const struct ipck_process *process);

#define IPCK_REASON_MAX 512 /* bytes of a reason, its NUL included */

/*
 * Why a row has a mark, in words: "its session 812 has no leader any more, and its parent is
 * init".  Outside strings in it are sanitised.  Returns the length, 0 when it has no such mark.
 */
size_t ipck_mark_reason(const struct ipck_process *process, enum ipck_mark mark, char *buf,
			size_t size);

/*
 * What a process makes of its ended children.  SA_NOCLDWAIT, which lets them go like ignoring does
 * though there is a handler, is not to be seen in /proc.
 */
enum ipck_answer { IPCK_NO, IPCK_YES, IPCK_UNKNOWN };
struct ipck_reaping {
	size_t size; /* sizeof(struct ipck_reaping), set by the caller */
	/* SIGCHLD is ignored: who ends from then on leaves no zombie, who ended before stays one */
	enum ipck_answer ignores;
	enum ipck_answer catches; /* it has a handler for SIGCHLD */
	/* its first thread blocks SIGCHLD, as who takes it by signalfd(2) does, or a thread sits in
	 * sigwait(3) for it */
	enum ipck_answer blocks;
	enum ipck_answer waits;            /* a thread sits in a wait(2) that takes the child */
	enum ipck_answer waits_for_others; /* a thread sits in one that does not take it */
	enum ipck_error why;               /* the reason of what is unknown; IPCK_OK: nothing is */
};
/*
 * How a process treats its ended children, of whom child is one: /proc/PID/status, and
 * /proc/PID/task/TID/syscall of its threads, which needs PTRACE_MODE_ATTACH.
 * Returns 0, IPCK_ERR_NOT_FOUND, IPCK_ERR_CHANGED (either is another process by now, or child is
 * that of another one), IPCK_ERR_UNSUPPORTED (no /proc of our pid namespace),
 * IPCK_ERR_ARGUMENT or IPCK_ERR_MEMORY.
 */
int ipck_reaping_read(struct ipck *ctx, const struct ipck_process_id *parent,
		      const struct ipck_process_id *child, struct ipck_reaping *out);

/* ---- Content ------------------------------------------------------------------------------ */

/* Ways to read what is in shared memory. */
enum ipck_peek_method {
	IPCK_PEEK_AUTO,      /* what leaves no trace; else what may_change allows */
	IPCK_PEEK_MAP_FILES, /* the file behind a holder's mapping: /proc/PID/map_files */
	IPCK_PEEK_FILE,      /* posix-shm, posix-sem, memfd: the file itself, O_NOATIME */
	IPCK_PEEK_ATTACH,    /* shm: shmat(2), read only.  Others: the file, and its time moves */
	IPCK_PEEK_VM         /* process_vm_readv(2) from a process that maps it */
};

const char *ipck_peek_method_name(enum ipck_peek_method method); /* "map-files"; NULL: none */

enum {                                    /* what reading changes */
       IPCK_CHANGES_ATTACHMENT = 1u << 0, /* atime, dtime and lpid, and nattch for a moment */
       IPCK_CHANGES_ATIME = 1u << 1,      /* the file's time of access */
       IPCK_CHANGES_PAGES = 1u << 2,      /* memory for pages that were never written */
       IPCK_CHANGES_SWAP = 1u << 3        /* brings what is in swap into memory */
};

struct ipck_peek_options {
	size_t size; /* sizeof(struct ipck_peek_options) */
	enum ipck_peek_method method;
	unsigned may_change; /* IPCK_CHANGES_*: a method that is named says so by itself */
};

struct ipck_peek; /* the content of one object, open for reading */

struct ipck_peek_about {
	uint64_t bytes;                 /* its size */
	uint64_t page;                  /* bytes of a page: 4096, or of a huge one */
	enum ipck_peek_method method;   /* the one that is used */
	unsigned changes;               /* IPCK_CHANGES_* that it has made, or makes by reading */
	bool holes_known;               /* false: what was never written reads as data */
	struct ipck_process_id through; /* the holder that it is read through; pid 0: none */
};

/*
 * Open the content of an object that was read: kinds shm, posix-shm, posix-sem, memfd.
 *   MAP_FILES needs CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE, and a process that maps it
 *   FILE      needs read permission, and to be the file's owner or CAP_FOWNER
 *   ATTACH    needs read permission; nobody needs to be attached
 *   VM        needs PTRACE_MODE_ATTACH on a process that maps it
 * The object's identity is checked after opening: what is read is that object's, and stays so when
 * it is removed meanwhile.  Other namespaces: as ipck_save().
 * options may be NULL.  Returns 0 and a peek that ipck_peek_close() frees, before ctx is closed;
 * the object is not needed any more.  IPCK_ERR_FOOTPRINT when the only way left would change
 * something that is not allowed, with what and why in the message; IPCK_ERR_CHANGED,
 * IPCK_ERR_NOT_FOUND, IPCK_ERR_DENIED, IPCK_ERR_OUTSIDE, IPCK_ERR_UNSUPPORTED, IPCK_ERR_ARGUMENT,
 * IPCK_ERR_MEMORY, IPCK_ERR_SYSTEM.
 */
int ipck_peek_open(struct ipck *ctx, const struct ipck_object *object,
		   const struct ipck_peek_options *options, struct ipck_peek **out);
void ipck_peek_close(struct ipck_peek *peek); /* NULL is allowed */
/* Valid as long as the peek. */
const struct ipck_peek_about *ipck_peek_about(const struct ipck_peek *peek);

enum ipck_content {
	IPCK_CONTENT_DATA,
	IPCK_CONTENT_HOLE,    /* never written: zero, and nothing is there to be read */
	IPCK_CONTENT_SWAPPED, /* data in swap, which reading would bring into memory */
	IPCK_CONTENT_UNKNOWN  /* whether there is anything cannot be told without a change */
};

struct ipck_range {
	uint64_t offset, bytes;
	enum ipck_content content;
};

/*
 * What there is from this offset on, as it is at this moment: as far as it is all the same, or
 * less, so that what follows may be of the same content.  With IPCK_CHANGES_SWAP allowed what is in
 * swap is DATA.  Reads nothing. Returns 0, or IPCK_ERR_ARGUMENT at or past the end, or a reason.
 */
int ipck_peek_range(struct ipck_peek *peek, uint64_t offset, struct ipck_range *out);

/*
 * Copy bytes, all of which must be DATA (or HOLE, which is zero).  Who writes meanwhile may be seen
 * half way.  Returns 0, IPCK_ERR_ARGUMENT past the end, or a reason.
 */
int ipck_peek_read(struct ipck_peek *peek, uint64_t offset, void *to, size_t size);

enum { /* of a page */
       IPCK_PAGE_RESIDENT = 1u << 0,
       IPCK_PAGE_SWAPPED = 1u << 1,
       IPCK_PAGE_UNKNOWN = 1u << 2 /* what is not resident may be in swap, or never written */
};

/*
 * The state of count pages, one byte each; offset is a multiple of about->page.  0: never written.
 * By SEEK_DATA and cachestat(2), or mincore(2) of a mapping of our own.  Of a file of huge pages
 * they are UNKNOWN unless all are there, or none.  Returns 0, IPCK_ERR_ARGUMENT past the end,
 * IPCK_ERR_UNSUPPORTED where the method does not tell, or a reason.
 */
int ipck_peek_pages(struct ipck_peek *peek, uint64_t offset, size_t count, unsigned char *states);

/* Synchronization objects of the GNU C library, as they lie in shared memory. */
enum ipck_sync_kind {
	IPCK_SYNC_MUTEX,
	IPCK_SYNC_RWLOCK,
	IPCK_SYNC_COND,
	IPCK_SYNC_SEM /* sem_t */
};

const char *ipck_sync_kind_name(enum ipck_sync_kind kind); /* "mutex"; NULL: none */

enum ipck_sync_state {
	IPCK_SYNC_FREE,       /* cond: nobody waits; sem: value above 0 */
	IPCK_SYNC_TAKEN,      /* mutex; rwlock: by a writer; sem: value 0 */
	IPCK_SYNC_SHARED,     /* rwlock: by readers */
	IPCK_SYNC_ABANDONED,  /* its owner has ended, and nobody can ever unlock it */
	IPCK_SYNC_OWNER_DIED, /* robust: the next to lock it gets EOWNERDEAD */
	IPCK_SYNC_UNUSABLE,   /* robust: ENOTRECOVERABLE for ever */
	IPCK_SYNC_NONE,       /* the bytes are no such lock */
	IPCK_SYNC_UNTOLD,     /* the owner cannot be told to run or not: see why */
	IPCK_SYNC_WAITED      /* cond: somebody waits */
};

const char *ipck_sync_state_name(enum ipck_sync_state state); /* "free"; NULL: none */

enum { /* attributes of a lock */
       IPCK_SYNC_PSHARED = 1u << 0,
       IPCK_SYNC_ROBUST = 1u << 1,
       IPCK_SYNC_PI = 1u << 2, /* PTHREAD_PRIO_INHERIT */
       IPCK_SYNC_PROTECT = 1u << 3,
       IPCK_SYNC_RECURSIVE = 1u << 4,
       IPCK_SYNC_ERRORCHECK = 1u << 5,
       IPCK_SYNC_ADAPTIVE = 1u << 6,
       IPCK_SYNC_PREFER_WRITER = 1u << 7
};

struct ipck_sync_owner {
	struct ipck_process_id process;
	pid_t tid;
	const char *command; /* raw */
};

struct ipck_sync {
	uint64_t offset; /* in the object */
	enum ipck_sync_kind kind;
	enum ipck_sync_state state;
	unsigned attributes; /* IPCK_SYNC_* */
	/*
	 * As the bytes say: a number of the owner's pid namespace; 0: none is recorded.  With
	 * OWNER_DIED who died, or who has it since.
	 */
	pid_t recorded_owner;
	enum ipck_proof proof; /* that it is the owner; LAST_OP: one of owners may be */
	const struct ipck_sync_owner *owners; /* who bears that number among those that map it */
	size_t owner_count;                   /* see ipck_sync_owner_at() */
	uint64_t count;   /* mutex: how often it is locked; rwlock: readers; sem: value */
	uint64_t waiters; /* as the bytes count them */
	/*
	 * The bytes count them all.  A mutex tells only that there may be some, and a read-write
	 * lock does so of those who let others go first.
	 */
	bool waiters_counted;
	bool waiters_some;
	uint64_t readers_waiting, writers_waiting; /* rwlock: of waiters */
	/* Threads that were seen to wait, see ipck_sync_waiting_at(); NULL: none, or not asked. */
	const struct ipck_wait *const *waiting;
	size_t waiting_count;
	int waiting_why;      /* why there may be more of them; 0: these are all */
	int why;              /* UNTOLD, or why owners are not known; 0: they are */
	const char *why_text; /* NULL, or the same in more words */
	const char *finding;  /* NULL, or what is wrong with it, in words */
};

struct ipck_syncs;

struct ipck_syncs_query {
	size_t size; /* sizeof(struct ipck_syncs_query) */
	enum ipck_sync_kind kind;
	uint64_t begin, end; /* a lock at begin; with find: all mutexes from begin to end */
	bool find;           /* look at every multiple of 8, where a mutex can be */
	/*
	 * And who waits for them: reads the calls of all threads, when the bytes of a lock say that
	 * somebody does.
	 */
	bool waiting;
	size_t most; /* locks to be found; 0 = no limit.  To go on: behind the last of them */
	/* Optional: bytes that could not be looked into are added. */
	uint64_t *swapped, *unknown;
};

/*
 * Locks in memory that processes share, from their bytes alone, so also those that nobody waits
 * for: of glibc 2.25 and later (conditions: up to 2.40), 64-bit.  Found are only mutexes that are
 * PTHREAD_PROCESS_SHARED and whose fields fit each other: that it is one remains likely, not
 * certain.  A lock that is in a state for an instant only is read again.  Owners are looked for
 * among the processes that map the object (/proc/PID/status: NSpid), needs PTRACE_MODE_READ on
 * them.  ABANDONED is said only when all that map it were seen; else UNTOLD, with why.
 * Returns 0 and locks that ipck_syncs_free() frees; IPCK_ERR_ARGUMENT where a lock at begin would
 * reach past the end; or as ipck_peek_read().
 */
int ipck_syncs_read(struct ipck *ctx, const struct ipck_object *object, struct ipck_peek *peek,
		    const struct ipck_syncs_query *query, struct ipck_syncs **out);
size_t ipck_syncs_count(const struct ipck_syncs *syncs);
/* The i-th by offset, valid as long as the locks; NULL past the end. */
const struct ipck_sync *ipck_syncs_at(const struct ipck_syncs *syncs, size_t i);
const struct ipck_sync_owner *ipck_sync_owner_at(const struct ipck_sync *lock, size_t i);
const struct ipck_wait *ipck_sync_waiting_at(const struct ipck_sync *lock, size_t i);
void ipck_syncs_free(struct ipck_syncs *syncs); /* NULL is allowed */

/* A message in a System V queue. */
struct ipck_message {
	uint64_t index; /* 0 is the one that is received next */
	int64_t type;
	uint64_t bytes;   /* its length */
	const void *text; /* the first of them: as many as the query asked for, at most bytes */
	size_t text_bytes;
};

struct ipck_messages_query {
	size_t size;       /* sizeof(struct ipck_messages_query) */
	size_t text_bytes; /* to be kept of each; SIZE_MAX: all */
	size_t most;       /* messages to be listed; 0 = all */
	bool one;          /* only the one with this index */
	uint64_t index;
	bool of_type; /* only those of this type */
	int64_t type;
};

struct ipck_messages;

/*
 * The messages of a queue that was read, without taking one out: msgrcv(2) with MSG_COPY, which
 * leaves counts, times and pids as they are.  A call for each message, and the kernel walks the
 * queue in each: most limits that.  When the queue changed meanwhile it is read again, up to five
 * times; then *changed is true, and the list may lack messages or have some twice.
 * Needs read permission on the queue, and a kernel with CONFIG_CHECKPOINT_RESTORE.
 * Returns 0 and messages that ipck_messages_free() frees; IPCK_ERR_UNSUPPORTED (no MSG_COPY, a
 * POSIX queue, or a message longer than kernel.msgmax is by now), IPCK_ERR_DENIED,
 * IPCK_ERR_NOT_FOUND (also: no message of that index), IPCK_ERR_CHANGED, IPCK_ERR_OUTSIDE,
 * IPCK_ERR_ARGUMENT, IPCK_ERR_MEMORY, IPCK_ERR_SYSTEM.
 */
int ipck_messages_read(struct ipck *ctx, const struct ipck_object *queue,
		       const struct ipck_messages_query *query, bool *changed,
		       struct ipck_messages **out);
size_t ipck_messages_count(const struct ipck_messages *messages);
/* The i-th, in the order of the queue, valid as long as the messages; NULL past the end. */
const struct ipck_message *ipck_messages_at(const struct ipck_messages *messages, size_t i);
void ipck_messages_free(struct ipck_messages *messages); /* NULL is allowed */

/* ---- Actions ------------------------------------------------------------------------------ */

struct ipck_remove_options {
	size_t size; /* sizeof(struct ipck_remove_options) */
	/*
	 * Refuse with IPCK_ERR_BUSY a segment that is attached, a set that is waited on or whose
	 * waiters may not be seen, and a POSIX object that a process holds (all processes are
	 * scanned for it once more).  Whether anybody waits on a queue cannot be seen: it is not
	 * refused.
	 */
	bool idle_only;
};

struct ipck_remove_result {
	size_t size;  /* sizeof(struct ipck_remove_result), set by the caller */
	bool pending; /* somebody holds it still: it goes with its last holder */
};

/*
 * Remove an object that was read.  Its identity (namespace, id, key, creator; ctime, or for a set
 * the number of semaphores; of a POSIX object device and inode) is read again right before:
 * IPCK_ERR_CHANGED when the id or name means another object by now, or this one was changed.
 * Objects of other namespaces are removed from within them, by a thread of the library.  Objects of
 * IPCK_ENDPOINTS cannot be removed: IPCK_ERR_UNSUPPORTED.  options and result may be NULL.
 * Needs to be owner or creator, or CAP_SYS_ADMIN; for a POSIX object write permission on its
 * folder. Returns 0, IPCK_ERR_CHANGED, IPCK_ERR_NOT_FOUND, IPCK_ERR_DENIED, IPCK_ERR_BUSY,
 * IPCK_ERR_OUTSIDE, IPCK_ERR_UNSUPPORTED or IPCK_ERR_ARGUMENT.
 */
int ipck_remove(struct ipck *ctx, const struct ipck_object *object,
		const struct ipck_remove_options *options, struct ipck_remove_result *result);

struct ipck_saved_message {
	int64_t type;           /* System V; of POSIX queues the priority */
	uint64_t offset, bytes; /* in the file */
};

struct ipck_save_result {
	size_t size;    /* sizeof(struct ipck_save_result), set by the caller */
	uint64_t bytes; /* of content, holes included */
	struct ipck_saved_message *messages; /* of queues; to be given to free(3) */
	size_t message_count;
	/* A segment had to be attached for a moment: its atime, dtime and lpid moved. */
	bool touched;
};

/*
 * Write the content of an object that was read to a new file in the open folder dir: a segment or
 * POSIX shared memory as a sparse file, the messages of a queue one after the other without taking
 * them out (msgrcv MSG_COPY), the values of a set as text, one a line, a POSIX semaphore's bytes.
 * The file is made with O_EXCL | O_NOFOLLOW and mode 0600, and gone again after a failure.
 * Identity is checked before and after.  Messages of a POSIX queue cannot be read without taking
 * them: a queue that holds some gives IPCK_ERR_UNSUPPORTED.
 * Needs read permission on the object.
 * Returns 0, IPCK_ERR_CHANGED, IPCK_ERR_NOT_FOUND, IPCK_ERR_DENIED, IPCK_ERR_UNSUPPORTED,
 * IPCK_ERR_MEMORY, or IPCK_ERR_SYSTEM when writing failed.
 */
int ipck_save(struct ipck *ctx, const struct ipck_object *object, int dir, const char *file,
	      struct ipck_save_result *result);

/*
 * Send a signal to one process, through a pidfd: opened first, the start time compared second, the
 * signal sent last, so that no later process with the same number is hit.  signo 0 sends nothing.
 * pidfd, when not NULL, receives the descriptor, to be closed; poll(2) reports POLLIN on it when
 * the process has ended.  On kernels without pidfds kill(2) follows the comparison, and *pidfd is
 * -1. Needs the permission of kill(2). Returns 0, IPCK_ERR_NOT_FOUND, IPCK_ERR_CHANGED (another
 * process has the number), IPCK_ERR_DENIED or IPCK_ERR_ARGUMENT (pid below 1).
 */
int ipck_signal(struct ipck *ctx, const struct ipck_process_id *process, int signo, int *pidfd);

/* Why a process of a set is not signalled. */
enum ipck_spared {
	IPCK_SPARED_NOT,
	IPCK_SPARED_SELF,     /* it is the caller */
	IPCK_SPARED_ANCESTOR, /* the caller descends from it */
	IPCK_SPARED_INIT,     /* the first process of this pid namespace */
	IPCK_SPARED_KERNEL,   /* a thread of the kernel */
	IPCK_SPARED_SESSION,  /* named by its session, which is the caller's own */
	IPCK_SPARED_ZOMBIE    /* it has ended */
};

enum ipck_member_state {
	/* It did not get a signal; after one: it is late, and was started by a handler of it. */
	IPCK_MEMBER_PLANNED,
	IPCK_MEMBER_SPARED,
	IPCK_MEMBER_SENT,   /* it got the signal, and lives as far as was looked */
	IPCK_MEMBER_ENDED,  /* it has ended, or had before it could get the signal */
	IPCK_MEMBER_FAILED, /* see reason */
	/* It left what the reference names before it could be signalled: it was not. */
	IPCK_MEMBER_ESCAPED
};

struct ipck_member {
	struct ipck_process_id process;
	size_t ref;          /* place of the first reference that it came with */
	const char *command; /* raw */
	uid_t uid;
	pid_t ppid, pgid, sid;
	char process_state; /* as struct ipck_process has it, when it was found */
	enum ipck_spared spared;
	bool late;    /* it was not there, or not of the set, before the first signal */
	bool stopped; /* it was stopped before: a signal that does not kill waits for SIGCONT */
	int signo;    /* the last signal that it got from this set; 0: none */
	enum ipck_member_state state;
	int reason; /* IPCK_MEMBER_FAILED: enum ipck_error */
};

struct ipck_process_set_query {
	size_t size;                 /* sizeof(struct ipck_process_set_query) */
	const struct ipck_ref *refs; /* of IPCK_PROCESSES */
	size_t ref_count;
	int *ref_results; /* one a reference: 0, IPCK_ERR_NOT_FOUND, _CHANGED, _DENIED, _ARGUMENT
			     (a group below 2) ...; may be NULL */
	bool force; /* also by "session" references to the caller's own; its ancestors never */
};

struct ipck_process_set;

/*
 * The processes that references name, each once, with a descriptor to each: opened first, what
 * makes it one of the set compared second, so that no later process of its number is taken for it.
 * Returns 0 and a set that ipck_process_set_close() frees; the first failure of a reference, also
 * with a set of the others; IPCK_ERR_UNSUPPORTED, IPCK_ERR_ARGUMENT, IPCK_ERR_MEMORY.
 */
int ipck_process_set_open(struct ipck *ctx, const struct ipck_process_set_query *query,
			  struct ipck_process_set **out);
/* The members, by pid, late ones last; valid until the set is closed or signalled again. */
size_t ipck_process_set_count(const struct ipck_process_set *set);
const struct ipck_member *ipck_process_set_at(const struct ipck_process_set *set, size_t i);
/*
 * Signal all members that are planned or were signalled before and live; each through its
 * descriptor, after another look at what makes it a member.  Those that failed before are tried
 * again.
 *
 * With TERM, KILL, INT, HUP, QUIT and ABRT they are stopped first: all of a group at once, others
 * one by one.  Newcomers are looked for, and stopped, until a look finds nobody new though all
 * threads of all members stood still from before it until after it: nothing that was forked is
 * missed.  Up to 20 looks, within 10 seconds, after which the signal is sent all the same.  Who
 * sleeps so that it cannot stop (uninterruptibly, frozen) stands still while it does not run.  Then
 * those that were not stopped before are continued, children before their parents, also after a
 * failure.  Who came since is found by one more look: it is for what a handler of the signal
 * started to live on, planned and late; anybody else makes another round, up to 5.  Newcomers are
 * late; who was stopped before, stays so unless the signal kills.  A stop is not without effect on
 * them: see ipckit(7).  All signals of the calling thread are blocked meanwhile.  Of a tree is not
 * found who lost his parent, by an end of its own, before he was seen.
 *
 * Other signals are sent once, and nobody is looked for or stopped.
 *
 * Returns 0; IPCK_ERR_BUSY: they forked faster than they were found, did not stand still in time,
 * or may be of a later group of the same number, so that some may live; it may be called again, or
 * the set opened again; the first failure of a look, after which those that were known got the
 * signal; or that of a member.
 */
int ipck_process_set_signal(struct ipck *ctx, struct ipck_process_set *set, int signo);
/*
 * Wait until those that got the signal have ended, or milliseconds are over; *left is how many
 * live.  Returns 0 when none does, IPCK_ERR_BUSY, or IPCK_ERR_STOPPED as ipck_wait().
 */
int ipck_process_set_wait(struct ipck *ctx, struct ipck_process_set *set, uint64_t milliseconds,
			  size_t *left);
void ipck_process_set_close(struct ipck_process_set *set); /* NULL is allowed */

/* States of an object that can be waited for. */
enum ipck_state {
	IPCK_UNTIL_UNATTACHED, /* nobody is attached to it, has it open or maps it */
	IPCK_UNTIL_GONE,       /* it is not there any more */
	IPCK_UNTIL_DRAINED     /* a queue, pipe or FIFO holds nothing */
};

/*
 * Wait until all objects are in a state, or timeout seconds are over (UINT64_MAX: for ever).
 * An object that is gone, or whose name or id means another one by now, is in every state.
 * reached, count entries, tells of each whether it is.  Sleeps between looks that grow rarer; looks
 * cost as little as one system call an object (UNATTACHED of other kinds than shm: a scan).
 * Returns 0 when all are, at one look; IPCK_ERR_BUSY when the time was over; IPCK_ERR_STOPPED when
 * a signal that the caller handles ended a sleep; IPCK_ERR_ARGUMENT for a state that an object's
 * kind cannot have; IPCK_ERR_DENIED when the state of one can never be seen.
 */
int ipck_wait(struct ipck *ctx, const struct ipck_object *const *objects, size_t count,
	      enum ipck_state state, uint64_t timeout, bool *reached);

/* ---- Text helpers ------------------------------------------------------------------------- */

/*
 * All four return 0, IPCK_ERR_SYNTAX when the text is not of the form, IPCK_ERR_RANGE when the
 * number does not fit; *out is set only with 0.
 */

/* "10M", "512", "1.5G" in powers of 1024 (K, M, G, T, P, E; also KiB, MiB ...). */
int ipck_parse_size(const char *text, uint64_t *bytes);
/* "90s", "5m", "2h", "3d"; a bare number is seconds. */
int ipck_parse_duration(const char *text, uint64_t *seconds);
/* An unsigned decimal number of at most max, without sign, blanks or leading zeros. */
int ipck_parse_number(const char *text, uint64_t max, uint64_t *out);
/* A key: decimal, or hexadecimal after 0x.  A leading 0 is an error. */
int ipck_parse_key(const char *text, uint32_t *key);

/* All three write at most size bytes, NUL included; 32 always suffice.  The length, as snprintf(3)
 * has it. */
size_t ipck_format_size(uint64_t bytes, char *buf, size_t size);       /* "1.5G" */
size_t ipck_format_duration(uint64_t seconds, char *buf, size_t size); /* "2h" */
/* "TERM", "RTMIN+3"; "32" for one that the C library keeps for itself, or that does not exist. */
size_t ipck_format_signal(int signo, char *buf, size_t size);

/*
 * Make an outside string safe for a terminal: control and escape bytes, DEL, bidi marks, line
 * separators and invalid UTF-8 become \xHH; all else is kept.  Cuts at a whole character when size
 * is too small.  Returns the length written, without the NUL.
 */
size_t ipck_sanitise(const char *text, char *buf, size_t size);

/*
 * Make an outside string valid UTF-8, as JSON needs it: each byte that is not becomes U+FFFD.
 * Cuts as ipck_sanitise() does.  Returns the length written, without the NUL.
 */
size_t ipck_utf8(const char *text, char *buf, size_t size);

#ifdef __cplusplus
}
#endif

#endif
