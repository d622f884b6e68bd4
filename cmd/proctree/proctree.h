/* SPDX-License-Identifier: MIT */
/* proctree: what was asked for, one look at the processes, and the views of it. */
#ifndef PROCTREE_H
#define PROCTREE_H

#include "common/options.h"
#include "common/writer.h"

enum view {
	VIEW_TREE,     /* --by parent */
	VIEW_SESSIONS, /* --by session */
	VIEW_TERMINALS,
	VIEW_ZOMBIES,
	VIEW_ORPHANS,
	VIEW_DAEMONS
};

/* One operand: a process, a user, or a reference to processes or to an object that they use. */
struct operand {
	char *text; /* as it was typed */
	bool is_user;
	bool missing; /* there is no user of this name */
	uid_t uid;
	struct ipck_ref ref; /* else */
};

struct request {
	enum view view;
	struct operand *operands;
	size_t operand_count;
	bool from_input; /* "-" was among them: when nothing came, nothing is named */
	bool by_user;    /* --user */
	uid_t uid;
	const char *command; /* --command: a pattern as of fnmatch(3) */
	bool all_rows;       /* -c: identical leaves are not put together */
	bool own_chain;      /* -H */
	bool args;           /* --args: COMMAND shows the arguments */
	bool ipc;            /* --ipc */
	bool watch;
	uint64_t interval; /* of --watch, in milliseconds */
	uint64_t timeout;  /* of --watch, in seconds */

	const char *columns;
	char extra[64]; /* columns by the short forms: "+PGID,SID" */
	struct sort_order sort;
	const char *color_when;
	struct writer_options output;
};

struct uses; /* what a process uses and waits for: --ipc */
struct uses_index;

/* What stands behind the columns of a process. */
struct row {
	const struct ipck_process *process;
	const struct ipck_process *detail; /* what columns that cost files want; NULL: none does */
	int detail_error;                  /* why there is none */
	size_t same;             /* processes that this row stands for: identical leaves */
	bool own;                /* -H */
	const struct uses *uses; /* --ipc; NULL: not asked for */
	const struct request *request;
};

/* One look. */
struct look {
	struct ipck *ctx;
	const struct request *request;
	struct ipck_processes *processes;
	const struct chosen *chosen;
	struct uses_index *uses; /* --ipc */
	struct writer *writer;
	struct column_list columns; /* those of the table, or of JSON */
	unsigned want;              /* IPCK_PROCESS_* that they need of all processes */
	unsigned detail_want;       /* those that they need of each row that is shown */
	unsigned sort_want;         /* and those that rows are sorted by */
};

/* The row of a process, with the details that its columns need; row_end() when it was written. */
void row_begin(const struct look *look, const struct ipck_process *process, struct row *row);
void row_end(struct row *row);

struct view_row {
	enum view view;
	const char *option; /* as it is typed; NULL: the one without an option */
	const char *json;   /* what -J calls its rows */
	const struct column_set *columns;
	const char *defaults;
	const char *tree; /* what JSON calls the rows below a row; NULL: no tree */
	const struct column_set *json_columns; /* where JSON has other rows; else NULL */
	unsigned want; /* IPCK_PROCESS_* of all processes, whatever its columns want */
	/* Write the rows of one look: EXIT_DONE, EXIT_PARTIAL or EXIT_USAGE, with a complaint. */
	int (*show)(struct look *look);
};

const struct view_row *view_row(enum view view);
int list_columns(void); /* --list-columns */

int show_tree(struct look *look);
int show_sessions(struct look *look);
int show_terminals(struct look *look);

/* The operands as they are typed: PID, USER, REF, or - for lines of those.  Complains. */
bool take_operands(struct request *request, char **words, size_t count);
void drop_operands(struct request *request);

/* May these stand together?  Complains. */
bool request_valid(const struct request *request);
/* Read and show: once, or again and again. */
int show(struct ipck *ctx, struct request *request);

struct watching;
/* One look: its rows are printed, or taken by watching, when that is not NULL. */
int look_at(struct ipck *ctx, struct request *request, struct watching *watching);
int watch(struct ipck *ctx, struct request *request);

#endif
