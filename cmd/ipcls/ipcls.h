/* SPDX-License-Identifier: MIT */
/* What the views of ipcls share: the request that the command line made. */
#ifndef IPCLS_H
#define IPCLS_H

#include "common/columns.h"
#include "common/coverage.h"
#include "common/object_columns.h"
#include "common/operands.h"
#include "common/selecting.h"
#include "common/writer.h"

enum view {
	VIEW_DEFAULT, /* overview, lists or detail pages, as the rest of the request says */
	VIEW_TIMES,
	VIEW_PIDS,
	VIEW_CREATORS,
	VIEW_HOLDERS,
	VIEW_LIMITS,
	VIEW_USAGE,
	VIEW_NAMESPACES,
	VIEW_BLOCKED,
	VIEW_DEADLOCKS
};

struct request {
	enum view view;
	bool all;      /* -a */
	bool elements; /* --elements */
	bool waits;    /* --until */
	enum ipck_state until;
	uint64_t timeout;     /* seconds; UINT64_MAX: for ever */
	bool fill;            /* --fill */
	bool each;            /* --each */
	uint64_t longer_than; /* --longer-than, seconds */
	bool user_given;      /* --user */
	uid_t user;
	size_t blocked_on;   /* of the operands, those of --blocked-on */
	uint64_t interval;   /* --interval, milliseconds; 0: the usual */
	const char *columns; /* -o */
	struct sort_order sort;
	const char *color; /* --color */
	struct writer_options output;
	struct selecting selecting;
	struct operands operands;
};

/* Each view prints itself and returns an exit status. */
int show_overview(struct ipck *ctx, const struct request *request);
int show_lists(struct ipck *ctx, struct request *request);
int show_details(struct ipck *ctx, struct request *request);
/* The processes that references name, and what they wait for, in JSON. */
int list_processes(struct ipck *ctx, const struct request *request, struct writer *writer);
/* The page of the process that a reference names. */
int show_process(struct ipck *ctx, const struct request *request, const struct ipck_ref *ref);
int show_holders(struct ipck *ctx, struct request *request);
int show_limits(struct ipck *ctx, const struct request *request);
int show_usage(struct ipck *ctx, const struct request *request);
int show_namespaces(struct ipck *ctx, const struct request *request);
int show_blocked(struct ipck *ctx, struct request *request);
int show_deadlocks(struct ipck *ctx, struct request *request);
/* Show nothing, and return when all that is named is in a state, or the time is over. */
int wait_until(struct ipck *ctx, struct request *request);
extern const char *const until_words[]; /* by enum ipck_state; ends with NULL */
int list_columns(const struct column_set *set);
int show_ftok(const char *path, const char *project, bool json);
int find_key(const char *key, char **directories, size_t count, bool json);

/* Does all of it make sense together?  Complains and returns false. */
bool request_valid(const struct request *request);
/* Does it ask for lists, and not for the overview or for pages? */
bool wants_list(const struct request *request);
/* A row for each holder?  In JSON they are part of the rows of objects. */
bool shows_holders(const struct request *request);
/* The columns of -l and -u: those asked for, or all in JSON, or base. */
void table_columns(struct column_list *list, const struct request *request,
		   const struct column_set *set, const char *base);
/* The columns of the view that was asked for. */
const struct column_set *view_column_set(const struct request *request);
/* The part of -u that shows where shared memory is; false when there was none to show. */
extern const struct column_set shmem_columns;
bool write_shmem(struct ipck *ctx, const struct request *request, struct writer *writer);

/* The fields of a page, a line each; more() adds to one what only it has. */
void print_fields(const struct column_list *columns, const void *row, const struct request *request,
		  void (*more)(const struct column *column, const void *row,
			       const struct value *value));

/* The kinds to be shown when the command line named none. */
unsigned requested_kinds(const struct request *request);

/* Kinds of which can be seen who holds them. */
#define HOLDABLE ((unsigned)(IPCK_SHM | IPCK_POSIX | IPCK_ENDPOINTS))

/* The columns of a section: of -o, of the view, or those that JSON always has. */
void requested_columns(struct column_list *list, const struct request *request,
		       const struct object_kind *kind, unsigned kinds);
/* IPCK_WANT_* of columns, of the order and of options. */
unsigned columns_want(const struct request *request, const struct column_list *columns,
		      unsigned kinds);
/* What it means for the exit status that kinds were read with this result. */
int list_status(const struct request *request, unsigned kinds, int rc);
/* What to read on top of what columns want, as options ask. */
unsigned requested_wants(const struct request *request);
/* The columns of a row for each holder, for each thread that waits. */
extern const struct column_set holder_columns, blocked_columns;
/* The columns of a row for each member of a deadlock. */
extern const struct column_set deadlock_columns;
/* The table of one object's holders at the end of its page; false: out of memory. */
bool print_holders(const struct ipck_object *object, const struct request *request);

/* Say once how many threads could not be inspected, and who would see them. */
void complain_uninspected(size_t threads_denied, const struct ipck_coverage *coverage);

#endif
