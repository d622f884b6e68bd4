/* SPDX-License-Identifier: MIT */
/* Inside the page of a process: its parts. */
#ifndef IPCLS_PROCESS_H
#define IPCLS_PROCESS_H

#include "ipcls.h"

/* Rows: struct ipck_process. */
extern const struct column_set process_columns;
#define PROCESS_PAGE_COLUMNS                                                                       \
	"COMMAND,ARGS,USER,STATE,SINCE,PARENT,SESSION,GROUP,TTY,THREADS,CONTAINER,NAMESPACES,"     \
	"DESCRIPTORS,STDIN,STDOUT,STDERR,PENDING,BLOCKED,IGNORED,CAUGHT"
#define PROCESS_WANTS                                                                              \
	(IPCK_PROCESS_OWNER | IPCK_PROCESS_SIGNALS | IPCK_PROCESS_ARGS | IPCK_PROCESS_PARENT |     \
	 IPCK_PROCESS_CONTAINER | IPCK_PROCESS_NAMESPACES | IPCK_PROCESS_DESCRIPTORS |             \
	 IPCK_PROCESS_TERMINAL | IPCK_PROCESS_LOCKS)

/* What is printed of a process, and what of it could not be read. */
struct process_page {
	struct ipck *ctx;
	const struct request *request;
	const struct ipck_process *process;
	struct ipck_coverage coverage; /* of the scan for its objects */
	size_t threads_denied;
	int status;
};

/* What its threads wait for; NULL: it has none that could.  0 or the reason. */
int read_threads(struct process_page *page, struct ipck_waits **waits);

/* Each prints a part; false: out of memory, which was said. */
bool print_threads(struct process_page *page);
bool print_objects(struct process_page *page);
bool print_locks(const struct process_page *page);

struct json_object;
/* The value of "objects"; NULL: null, and *why. */
struct json_object *objects_json(struct process_page *page, int *why);
/* The same of "locks". */
struct json_object *locks_json(const struct ipck_process *process, int *why);
/* Say who would see what of it could not be seen. */
void complain_unseen(const struct process_page *page);

#endif
