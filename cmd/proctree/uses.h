/* SPDX-License-Identifier: MIT */
/* Inside --ipc: which objects processes use, and what they wait for. */
#ifndef PROCTREE_USES_H
#define PROCTREE_USES_H

#include "proctree.h"

/* One way in which a process uses an object, or what the kernel recorded of it there. */
struct use {
	const struct ipck_object *object;
	enum use_how {
		USE_MAP,
		USE_FD,
		/* System V queues and sets have no holders: only who acted last is recorded. */
		USE_LAST_SENDER,
		USE_LAST_RECEIVER,
		USE_LAST_OPERATOR
	} how;
	unsigned access;    /* IPCK_ACCESS_* */
	uint64_t bytes;     /* USE_MAP: that are mapped */
	size_t descriptors; /* USE_FD */
};

const char *use_how_name(enum use_how how); /* "map", "last-sender" */

/* Of one process. */
struct uses {
	const struct use *uses; /* by kind */
	size_t count;
	const struct ipck_wait *const *waits; /* of its threads */
	size_t wait_count;
	int why, wait_why;      /* why there may be more; 0: these are all */
	char *text, *wait_text; /* cells; NULL: none was made yet */
};

struct uses_index; /* those of all processes that are shown */

/* Read them in two scans of /proc, if anybody asked for them; false: it could not be, which was
 * complained of. */
bool uses_read(struct look *look);
void uses_free(struct uses_index *index); /* NULL is allowed */
/* Say what was out of sight. */
void uses_complain(const struct uses_index *index); /* NULL is allowed */

/* Valid as long as the index; NULL: out of memory. */
const struct uses *uses_of(struct uses_index *index, const struct ipck_process *process);

/* Let the rows of a tree in JSON have "ipc" and "waits". */
void uses_json(struct look *look, struct writer *writer);
struct json_object;
/* The same for a row that is an object already. */
void uses_put(struct json_object *object, const struct row *row);

/* The columns IPC and WAITS. */
extern const struct column uses_columns[];
#define USES_DEFAULTS "PID,S,COMMAND,IPC,WAITS"
#define USES_WANT (1u << 31) /* their want: no bit of IPCK_PROCESS_* */

#endif
