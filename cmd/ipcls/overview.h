/* SPDX-License-Identifier: MIT */
/* Inside the overview: what was counted, and what of it is wrong. */
#ifndef IPCLS_OVERVIEW_H
#define IPCLS_OVERVIEW_H

#include "common/object_columns.h"
#include "ipcls.h"

/* What is counted of one kind, in one pass over its objects. */
struct summary {
	const struct object_kind *kind;
	bool listed;
	uint64_t objects, bytes;
	struct ipck_ref largest; /* largest_weight == 0: none */
	char largest_text[IPCK_REF_MAX];
	uint64_t largest_weight;
	struct ipck_operator who; /* creator or last operator of the largest */
	char command[64];
	const struct ipck_limit *limit;
	/* what is wrong */
	uint64_t full, waiting, waiting_sets, unattached, unattached_bytes, unseen;
};

#define KINDS_MAX 8

struct summaries {
	struct summary of[KINDS_MAX];
	size_t count;
};

const char *overview_plural(uint64_t number); /* "s", but for one */

/* What needs attention, each with the command that shows more; nothing where all is well. */
void print_attention(const struct request *request, const struct summaries *summaries,
		     const struct ipck_limits *limits);

#endif
