/* SPDX-License-Identifier: MIT */
/*
 * libipckit: System V and POSIX IPC on Linux, as data.
 *
 * The header reads in the order of use: errors, context, references, objects, limits, actions,
 * text helpers.  It is the whole public interface; the commands use nothing else.
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
	IPCK_ERR_SYSTEM = -14 /* an unexpected error of the kernel; errno is in the message */
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

/* The kinds of object.  Each is one bit, so that a set of kinds is an unsigned. */
enum ipck_kind {
	IPCK_SHM = 1u << 0, /* System V shared memory segment */
	IPCK_MSG = 1u << 1, /* System V message queue */
	IPCK_SEM = 1u << 2, /* System V semaphore set */
	IPCK_POSIX_SHM = 1u << 3,
	IPCK_POSIX_MQ = 1u << 4,
	IPCK_POSIX_SEM = 1u << 5
};
#define IPCK_SYSV (IPCK_SHM | IPCK_MSG | IPCK_SEM)

const char *ipck_kind_name(enum ipck_kind kind);  /* "shm": as in a reference */
const char *ipck_kind_title(enum ipck_kind kind); /* "shared memory segment" */

enum ipck_ref_form {
	IPCK_BY_ID,  /* shm:5 */
	IPCK_BY_KEY, /* shm:key=0x5432 */
	IPCK_BY_NAME /* posix-shm:/name */
};

/*
 * What makes a System V object itself and not a later one with the same id.
 * shm, msg: key and ctime.  sem: key and creator, since SETVAL moves a set's ctime.
 */
struct ipck_generation {
	uint32_t key;
	int64_t ctime;
	uint32_t cuid, cgid;
	uint64_t ns; /* inode of the IPC namespace; 0 = not recorded */
};

#define IPCK_NAME_MAX 256 /* bytes of a POSIX name, its NUL included */
#define IPCK_REF_MAX 1280 /* bytes of a formatted reference, its NUL included */

struct ipck_ref {
	enum ipck_kind kind;
	enum ipck_ref_form form;
	int32_t id;               /* IPCK_BY_ID */
	uint32_t key;             /* IPCK_BY_KEY; never 0: IPC_PRIVATE names no object */
	char name[IPCK_NAME_MAX]; /* IPCK_BY_NAME, raw bytes */
	uint64_t ns;              /* after '@'; 0 = the caller's own namespace */
	bool exact;               /* after '%': generation holds what the object must still be */
	struct ipck_generation generation;
	uint64_t reserved[8]; /* 0: room for the references of later kinds */
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
	IPCK_FIELD_NAMES = 1u << 1, /* owner, group, creator, creator_group */
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

	IPCK_SEM_VALUES = IPCK_FIELD_KIND << 0,  /* value of its semaphores */
	IPCK_SEM_WAITERS = IPCK_FIELD_KIND << 1, /* waiters; ncount and zcount of its semaphores */
	IPCK_SEM_LPID = IPCK_FIELD_KIND << 2     /* last_operator, also of its semaphores */
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
};

struct ipck_sem {
	uint64_t nsems;
	int64_t otime;
	uint64_t waiters;                        /* IPCK_WANT_WAITERS */
	struct ipck_operator last_operator;      /* IPCK_WANT_WAITERS */
	const struct ipck_semaphore *semaphores; /* see ipck_semaphore_at() */
};

/*
 * An object as it was read.  Never made or changed by a caller, who may copy it as long as its
 * strings are valid: during the row function, or until the snapshot is freed.
 */
struct ipck_object {
	enum ipck_kind kind;
	uint32_t known; /* IPCK_FIELD_* bits that were read; fields without a bit always are */
	struct ipck_unknown unknown; /* no bit here either: it was not asked for */

	uint64_t ns; /* inode of the IPC namespace it lives in */
	uid_t uid;
	gid_t gid;
	mode_t mode;               /* permission bits only: 0777 */
	const char *owner, *group; /* names, or the number as text where none is known */

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
	/* owner, group, creator, creator_group as names: one NSS lookup for each distinct id */
	IPCK_WANT_NAMES = 1u << 3,
	/* state and command of recorded pids: /proc/PID/stat once for each distinct pid */
	IPCK_WANT_PROCESSES = 1u << 4
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
	IPCK_SELECT_LARGER_THAN = 1u << 8
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
	uint64_t reserved[8]; /* 0: room for later tests */
};

/* Does a selection's tests apply to this kind at all? */
bool ipck_selection_applies(const struct ipck_selection *select, enum ipck_kind kind);

struct ipck_query {
	size_t size;    /* sizeof(struct ipck_query) */
	unsigned kinds; /* set of enum ipck_kind; not used when refs is set */
	unsigned want;  /* IPCK_WANT_* */
	struct ipck_selection select;
	/* With refs, these objects only, in this order; each twice named is listed once. */
	const struct ipck_ref *refs;
	size_t ref_count;
	/*
	 * Optional, ref_count entries: 0, or why this reference gives no row.  Where it is
	 * NULL, the first reference that fails makes the call fail.
	 */
	int *ref_results;
	/* Optional counter: objects left out since the kernel does not tell what a test asks. */
	size_t *undecided;
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

/* The reference of an object: by id; exact, with its generation.  Always succeeds. */
void ipck_object_ref(const struct ipck_object *object, bool exact, struct ipck_ref *out);

/* Bytes it occupies as selections and totals count them: size or queued bytes; 0 for sets. */
uint64_t ipck_object_bytes(const struct ipck_object *object);

/*
 * The inode of the calling thread's IPC namespace, from /proc/thread-self/ns/ipc; 0 where that is
 * unreadable.  Needs no privilege.
 */
uint64_t ipck_own_namespace(struct ipck *ctx);

/* ---- Limits and usage --------------------------------------------------------------------- */

enum ipck_unit { IPCK_UNIT_COUNT, IPCK_UNIT_BYTES };

struct ipck_limit {
	enum ipck_kind kind;
	const char *resource;    /* "SHMMNI" */
	const char *description; /* "shared memory segments" */
	enum ipck_unit unit;
	uint64_t limit;
	bool unlimited;  /* the kernel's limit is a sentinel: limit has no meaning */
	bool used_known; /* false where the limit is per object or per call */
	uint64_t used;
	const char *when_exhausted; /* the call that fails, and the error text that users see */
	uint64_t raw;               /* the kernel's own number, in its own unit (SHMALL: pages) */
};

struct ipck_limits;

/*
 * The limits of the caller's IPC namespace, by IPC_INFO, or /proc/sys/kernel where that is refused.
 * kinds: a set of enum ipck_kind.  usage: also how much of each is used, as ipck_usage_read() says
 * it; else used_known is false throughout.  Needs no privilege.  Kinds that this kernel lacks are
 * left out, and missing names them.
 * Returns 0 and limits that ipck_limits_free() frees, IPCK_ERR_ARGUMENT for a kind that does not
 * exist, or IPCK_ERR_MEMORY.
 */
int ipck_limits_read(struct ipck *ctx, unsigned kinds, bool usage, struct ipck_limits **out);
size_t ipck_limits_count(const struct ipck_limits *limits);
/* The i-th, valid as long as the limits; NULL past the end. */
const struct ipck_limit *ipck_limits_at(const struct ipck_limits *limits, size_t i);
unsigned ipck_limits_missing(const struct ipck_limits *limits); /* set of enum ipck_kind */
void ipck_limits_free(struct ipck_limits *limits);              /* NULL is allowed */

struct ipck_usage {
	size_t size;    /* sizeof(struct ipck_usage), set by the caller */
	unsigned known; /* set of enum ipck_kind that could be read */
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
};

/*
 * Totals, by SHM_INFO, MSG_INFO, SEM_INFO (the first makes the kernel walk all segments), or added
 * up from a list of the objects where these are refused.  kinds: a set of enum ipck_kind; what
 * could not be read is missing from usage->known.  Needs no privilege. Returns 0, or
 * IPCK_ERR_ARGUMENT for a size or a kind that does not exist.
 */
int ipck_usage_read(struct ipck *ctx, unsigned kinds, struct ipck_usage *usage);

/* ---- Actions ------------------------------------------------------------------------------ */

struct ipck_remove_options {
	size_t size; /* sizeof(struct ipck_remove_options) */
	/*
	 * Refuse with IPCK_ERR_BUSY a segment that is attached, and a set that is waited on or
	 * whose waiters may not be seen.  Whether anybody waits on a queue cannot be seen: it is
	 * not refused.
	 */
	bool idle_only;
};

struct ipck_remove_result {
	size_t size;  /* sizeof(struct ipck_remove_result), set by the caller */
	bool pending; /* a segment was attached still: it goes with its last attachment */
};

/*
 * Remove an object that was read.  Its identity (namespace, id, key, creator; ctime, or for a set
 * the number of semaphores) is read again right before: IPCK_ERR_CHANGED when the id means another
 * object by now, or this one was changed.  options and result may be NULL.
 * Needs to be owner or creator, or CAP_SYS_ADMIN.
 * Returns 0, IPCK_ERR_CHANGED, IPCK_ERR_NOT_FOUND, IPCK_ERR_DENIED, IPCK_ERR_BUSY,
 * IPCK_ERR_OUTSIDE or IPCK_ERR_ARGUMENT.
 */
int ipck_remove(struct ipck *ctx, const struct ipck_object *object,
		const struct ipck_remove_options *options, struct ipck_remove_result *result);

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

/* Both write at most size bytes, NUL included; 32 always suffice.  The length, as snprintf(3) has
 * it. */
size_t ipck_format_size(uint64_t bytes, char *buf, size_t size);       /* "1.5G" */
size_t ipck_format_duration(uint64_t seconds, char *buf, size_t size); /* "2h" */

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
