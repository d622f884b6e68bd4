/* SPDX-License-Identifier: MIT */
/*
 * What sleeping threads wait for, and on whom.  waits.c visits the threads; each family of system
 * calls has functions of its own: look() while the thread's folder in /proc is open, settle() when
 * all threads were seen and the holders that any of them asked for were found.
 */
#ifndef INSIGHT_WAITS_H
#define INSIGHT_WAITS_H

#include "base/pool.h"
#include "source/process.h"
#include "source/scan.h"
#include "source/thread_clock.h"
#include "source/threads.h"

/* One thread under work. */
struct waiting {
	struct ipck_wait wait;
	struct syscall_state call; /* as it was read */
	enum call_family family;   /* of restart_syscall: that of the call it goes on with */
	uint64_t runs;             /* see struct thread; 0 without WAITS_RUNS */
	struct identity object;    /* what wait.ref names; kind 0: nothing */
	uint64_t offset;           /* of the lock in that, where it is memory */
	void *detail;              /* the family's own, in the pool: from look() for settle() */
};

#define WAITS_RUNS (1u << 31) /* in want: also waiting.runs */

struct waits_reading {
	struct ipck *ctx;
	unsigned want; /* IPCK_WAITS_*, WAITS_RUNS */
	pid_t only;    /* this process; 0 = all */
	uint64_t ipc;  /* our own IPC namespace */
	struct pool pool;
	struct processes processes; /* who bears a pid; use waits_await() */
	struct thread_clock clock;
	pid_t user_of; /* whose effective user is this: of the process in hand */
	uid_t user;

	struct waiting *rows; /* by pid, then tid, once all were seen */
	size_t count, size;
	struct thread_counts counts;
	struct ipck_coverage coverage;

	/* What waits_want_holders() asked for, and once settle() is called who holds it. */
	struct identity *wanted;
	size_t wanted_count, wanted_size;
	unsigned wanted_kinds;
	bool wanted_files;     /* files of no kind, too */
	bool unprivileged;     /* processes were denied that more rights would show */
	bool wanted_all_areas; /* private mappings of files hold them too */
	struct scan scan;

	/* What the families keep over all rows, each freed by its own function. */
	struct wait_sysv *sysv;
	struct wait_files *files;
	struct wait_locks *locks;
	struct wait_futexes *futexes;
	struct wait_children *children;
};

/*
 * Read all into reading->rows: 0, or a reason with a message.  waits_end() always.
 * objects: only those that wait on one of them; NULL: all.
 */
int waits_run(struct waits_reading *reading, struct ipck *ctx, pid_t only, unsigned want);
void waits_end(struct waits_reading *reading);
/* What could not be seen, for a caller who may ask for either. */
void waits_tell(const struct waits_reading *reading, struct ipck_coverage *coverage,
		size_t *threads_denied);

/* ---- For the families ------------------------------------------------------------------- */

/*
 * look(): say what the thread waits for.  wait.call holds the system call's name, wait.fd its first
 * argument where that is a descriptor; the rest is zero.  What cannot be read is left and wait.why
 * set; a thread that has gone on meanwhile (what it points to is not there any more) is told by
 * WAITS_STALE: it is left out.  0, IPCK_ERR_MEMORY or WAITS_STALE.
 */
#define WAITS_STALE 1
typedef int waits_look(struct waits_reading *reading, const struct thread *thread,
		       struct waiting *waiting);
/* settle(): say on whom, with IPCK_WAITS_WHOM only; all rows of the family.  0 or IPCK_ERR_MEMORY.
 */
typedef int waits_settle(struct waits_reading *reading, struct waiting *waiting);

waits_look wait_look_semop; /* wait_semop.c */
waits_settle wait_settle_semop;
waits_look wait_look_msgsnd, wait_look_msgrcv; /* wait_messages.c */
waits_settle wait_settle_messages;
waits_look wait_look_mq;                    /* wait_queues.c */
waits_look wait_look_read, wait_look_write; /* wait_files.c */
waits_look wait_look_open, wait_look_connect, wait_look_accept;
waits_settle wait_settle_files;
waits_look wait_look_flock, wait_look_fcntl; /* wait_locks.c */
waits_settle wait_settle_locks;
waits_look wait_look_futex; /* wait_futex.c */
waits_settle wait_settle_futex;
waits_look wait_look_wait, wait_look_vfork; /* wait_children.c */
waits_settle wait_settle_children;
waits_look wait_look_poll, wait_look_select, wait_look_epoll; /* wait_poll.c */
waits_look wait_look_sleep, wait_look_signal;                 /* wait_time.c */
waits_look wait_look_other;                                   /* wait_other.c */

/*
 * When all threads were seen: read what waits in other IPC namespaces, in one visit to each.  Rows
 * of those that have gone on are left out.  0 or IPCK_ERR_MEMORY.  In wait_sysv.c.
 */
int wait_sysv_visit(struct waits_reading *reading);

void wait_sysv_free(struct wait_sysv *sysv); /* NULL is allowed, as for all of them */
void wait_files_free(struct wait_files *files);
void wait_locks_free(struct wait_locks *locks);
void wait_futexes_free(struct wait_futexes *futexes);
void wait_children_free(struct wait_children *children);

/*
 * In look(): settle() shall find the uses of this object in reading->scan; kind 0: a file like any
 * other, by device and inode.  0 or IPCK_ERR_MEMORY.
 */
int waits_want_holders(struct waits_reading *reading, const struct identity *object);
/*
 * In settle(): it waits for this process or thread (tid 0: any of the process), whose command and
 * start time are looked up; it may be gone.  Twice in a row counts once: a thousand who wait for a
 * thousand are not compared with one another.  0 or IPCK_ERR_MEMORY.
 */
int waits_await(struct waits_reading *reading, struct waiting *waiting, pid_t pid, pid_t tid,
		enum ipck_proof proof, unsigned group);
/* The same for somebody who is known to be gone, by the number that was recorded. */
int waits_await_gone(struct waits_reading *reading, struct waiting *waiting, pid_t recorded,
		     enum ipck_proof proof, unsigned group);
/* All that have the object by its uses, with one of these accesses (0: any): others, all but the
 * waiter's own process; else only that.  As one group.  0 or IPCK_ERR_MEMORY. */
int waits_await_holders(struct waits_reading *reading, struct waiting *waiting,
			const struct identity *object, unsigned access, bool others,
			enum ipck_proof proof, unsigned group);

/* wait.ref, wait.kind and object from a reference.  0 or IPCK_ERR_MEMORY. */
int waits_name(struct waits_reading *reading, struct waiting *waiting, const struct ipck_ref *ref);
/* A text in the pool; NULL: no memory. */
__attribute__((format(printf, 2, 3))) char *waits_text(struct waits_reading *reading,
						       const char *format, ...);
/* Where in the kernel it sleeps, to wait.wchan, once; that stays NULL where it is not to be seen.
 * 0 or IPCK_ERR_MEMORY. */
int waits_place(struct waits_reading *reading, const struct thread *thread,
		struct waiting *waiting);
/* Says that memory ran out; IPCK_ERR_MEMORY. */
int waits_no_memory(struct waits_reading *reading);
/* Note why something is not known, once: the first reason stays.  errno of a failed call. */
void waits_unknown(struct waiting *waiting, int error);

/*
 * What a descriptor of the thread is: the identity of what it is on, where that is an object of
 * IPCK_KINDS, and its name: wait.ref, kind, object.  Descriptors of files get their path as object.
 * Opens nothing.  0, IPCK_ERR_MEMORY or WAITS_STALE.  In wait_files.c.
 */
int waits_describe_fd(struct waits_reading *reading, const struct thread *thread,
		      struct waiting *waiting, int fd);
/* The reference or path of a descriptor as text in the pool: "pipe:[4711]" reads "pipe:4711". */
int waits_fd_text(struct waits_reading *reading, const struct thread *thread, int fd,
		  const char **text);

#endif
