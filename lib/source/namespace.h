/* SPDX-License-Identifier: MIT */
/* Namespaces: which there are, who lives in them, and working inside one. */
#ifndef SOURCE_NAMESPACE_H
#define SOURCE_NAMESPACE_H

#include "base/context.h"

/* Of the calling thread; 0 where unreadable. */
uint64_t namespace_own_ipc(void);
uint64_t namespace_own_mount(void);
uint64_t namespace_own_net(void);

/* Is our pid namespace inside another one, so that there may be processes we have no number for? */
bool namespace_pids_are_inner(void);

/* The namespaces of a process.  0 or -errno; ENOENT and ESRCH: it has ended. */
int namespace_ipc_of(pid_t pid, uint64_t *ns);
int namespace_net_of(pid_t pid, uint64_t *ns);

/* A mount namespace, or an IPC namespace, with the process that leads to it. */
struct namespace_seen {
	uint64_t ipc, mount, net; /* inodes; the combinations are listed once each */
	pid_t pid;                /* the lowest pid among its processes */
	uint64_t start_time;
	size_t processes;
};

struct namespaces_seen {
	/* By ipc, then mount, then net, of each our own first: our own combination leads. */
	struct namespace_seen *rows;
	size_t count, size;
	size_t denied; /* processes whose namespaces could not be seen */
	size_t processes;
	size_t vanished; /* processes that ended meanwhile */
};

/* From /proc/PID/ns of all processes.  0, IPCK_ERR_MEMORY or IPCK_ERR_UNSUPPORTED (no /proc). */
int namespaces_find(struct ipck *ctx, struct namespaces_seen *seen);
void namespaces_free(struct namespaces_seen *seen);

/*
 * A process that lives in an IPC or mount namespace, to enter it by; 0 when it is the calling
 * thread's own.  The last answer is kept in ctx, so that a list of objects of one namespace costs
 * one look at all processes.  0, IPCK_ERR_OUTSIDE when there is none that we can see, with a
 * message, or a reason of namespaces_find().
 */
int namespace_member(struct ipck *ctx, uint64_t ns, pid_t *pid);

/* The kinds of namespace that namespace_run() can enter. */
enum namespace_type { NAMESPACE_IPC, NAMESPACE_NET };

/*
 * Run work(data) inside the namespace of that inode, which process pid lives in: in a thread of its
 * own with all signals blocked, which setns(2) moves and which ends afterwards; the calling thread
 * waits.  With ns the calling thread's own namespace, or 0, work runs right here.
 * work's value; or IPCK_ERR_DENIED, IPCK_ERR_NOT_FOUND (the process or its namespace is not that
 * one any more), IPCK_ERR_UNSUPPORTED, IPCK_ERR_MEMORY, with a message in ctx.
 */
int namespace_run(struct ipck *ctx, enum namespace_type type, pid_t pid, uint64_t ns,
		  int (*work)(void *data), void *data);

#endif
