/* SPDX-License-Identifier: MIT */
/* shmpeek: what was asked for, and the views that answer it. */
#ifndef SHMPEEK_H
#define SHMPEEK_H

#include "common/operands.h"
#include "common/options.h"
#include "common/writer.h"
#include "content.h"

enum view {
	VIEW_DEFAULT, /* by kind: hex, messages, semaphores */
	VIEW_HEX,
	VIEW_ELEMENTS, /* --as u32 ... */
	VIEW_SYNCS,    /* --as mutex ..., --find-mutexes */
	VIEW_STRINGS,
	VIEW_RAW,
	VIEW_SAVE,
	VIEW_MAP,
	VIEW_FIND,
	VIEW_STATS,
	VIEW_DIFF,
	VIEW_MESSAGES,
	VIEW_SEMAPHORES
};

/* A place or a number of bytes as it was typed: "4K", or "-512": so much before the end. */
struct distance {
	uint64_t bytes;
	bool given, from_end;
};

struct needle { /* of --find and its kin */
	unsigned char *bytes;
	size_t length;
	bool number; /* whose bytes have an order */
};

struct request {
	struct operands operands;
	enum view view;
	struct distance skip, length;
	enum ipck_peek_method method;
	unsigned may_change; /* IPCK_CHANGES_* that were allowed */

	bool all_lines;           /* -v: also those that repeat the one above */
	const char *element_type; /* --as */
	enum ipck_sync_kind sync;
	bool find_mutexes;
	bool other_endian; /* not this machine's */
	uint64_t least_string;
	bool utf8;
	const char *save_file, *other; /* --save, --diff */
	struct content other_content;
	struct needle needle;
	uint64_t head; /* 0: all */
	bool one_message, one_type;
	uint64_t message;
	int64_t message_type;

	bool watch;
	uint64_t interval; /* of --watch, in milliseconds */
	uint64_t timeout;  /* of --watch, in seconds */

	const char *columns;
	const char *color_when;
	struct writer_options output;
};

/* One object, while it is shown. */
struct peeking {
	struct ipck *ctx;
	struct request *request;
	const struct ipck_object *object;
	const char *ref;           /* the object's reference, sanitised by its grammar */
	struct content content;    /* of shared memory; else nothing is open */
	uint64_t begin, end;       /* of content: what -s and -l leave */
	struct writer *writer;     /* views that are tables, and all in JSON; else NULL */
	uint64_t swapped, unknown; /* bytes that could not be shown: a view adds those it met */
};

/* What a row of a view of ours begins with, so that REF is one getter. */
struct row {
	const struct peeking *peeking;
};
void get_row_ref(const void *row, const struct style *style, struct value *value);
void get_row_exact(const void *row, const struct style *style, struct value *value);

struct view_row {
	enum view view;
	const char *option; /* as it is typed, for complaints */
	unsigned kinds;     /* that it shows */
	/* What -J calls its rows, NULL: no JSON; and the columns of these. */
	const char *json;
	const struct column_set *columns;
	const char *defaults; /* columns of the table; NULL: text is no table */
	unsigned want;        /* IPCK_WANT_* of the object */
	/* Show one object: EXIT_DONE, EXIT_PARTIAL or EXIT_USAGE, with a complaint. */
	int (*show)(struct peeking *peeking);
};

const struct view_row *view_row(const struct request *request, enum ipck_kind kind);
int list_columns(enum view view); /* --list-columns */

/* Is the request one that makes sense?  Complains. */
bool request_valid(const struct request *request);

/* All operands, one after the other. */
int show_objects(struct ipck *ctx, struct request *request);
/*
 * The objects that operands name: EXIT_DONE, EXIT_PARTIAL when some are not among them, or
 * EXIT_USAGE and NULL; with complaints.
 */
int read_objects(struct ipck *ctx, struct operands *operands, unsigned want,
		 struct ipck_objects **objects);
/* Open the content of one: EXIT_DONE, or EXIT_PARTIAL with a complaint. */
int open_object(struct peeking *peeking);
/* How much of it was in swap or unknown, if any was. */
void complain_unshown(const struct peeking *peeking);
/* --diff: open what is compared with, before anything is shown.  As view_row.show(). */
int other_open(struct ipck *ctx, struct request *request);
/* --watch: one object, until it is gone, the time is over, or SIGINT comes. */
int watch(struct peeking *peeking);
int watch_view(struct peeking *peeking); /* its view, as without --watch */
int watch_messages(struct peeking *peeking);
int watch_semaphores(struct peeking *peeking);
/* Can the values of a set, or a POSIX semaphore, be read?  Complains. */
bool semaphores_known(const struct peeking *peeking, const struct ipck_object *object);

/* Its bytes as lines; hex was begun at peeking->begin. */
struct hex;
int show_lines(struct peeking *peeking, struct hex *hex);

/* The views, each in a file of its own. */
int show_hex(struct peeking *peeking);
int show_elements(struct peeking *peeking);
int show_syncs(struct peeking *peeking);
int show_strings(struct peeking *peeking);
int show_raw(struct peeking *peeking);
int show_save(struct peeking *peeking);
int show_map(struct peeking *peeking);
int show_find(struct peeking *peeking);
int show_stats(struct peeking *peeking);
int show_diff(struct peeking *peeking);
int show_messages(struct peeking *peeking);
int show_posix_queue(struct peeking *peeking); /* what it tells of itself */
int show_semaphores(struct peeking *peeking);

extern const struct column_set sync_columns, string_columns, map_columns, find_columns,
	stats_columns, diff_columns, message_columns;

/* Operands of options; each complains. */
bool take_distance(const struct options *options, int code, struct distance *distance);
bool take_method(const struct options *options, int code, struct request *request);
bool take_endian(const struct options *options, int code, struct request *request);
bool take_type(const struct options *options, int code, struct request *request); /* --as */
bool take_text(const struct options *options, int code, struct needle *needle);
bool take_hex(const struct options *options, int code, struct needle *needle);
/* --find-value u32:123; its bytes in the order of this machine: find turns them. */
bool take_value(const struct options *options, int code, struct needle *needle);

/* Is it a type of --as that show_elements() knows?  For take_type(). */
bool element_type_known(const char *name);
size_t element_size(const char *name); /* of one that is known */
#define ELEMENT_TEXT_MAX 64
/* One element as show_elements() prints it, without blanks; buf holds ELEMENT_TEXT_MAX bytes. */
const char *element_text(const struct request *request, const unsigned char *bytes, char *buf);

#endif
