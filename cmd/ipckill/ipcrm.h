/* SPDX-License-Identifier: MIT */
/* ipckill called as "ipcrm": the command line, messages and exit codes of util-linux's ipcrm. */
#ifndef IPCKILL_IPCRM_H
#define IPCKILL_IPCRM_H

#include "ipckit.h"

int ipcrm_main(int argc, char **argv);

/* ---- Between the files of this personality ------------------------------------------------ */

/* One object to remove, as it was named. */
struct ipcrm_order {
	struct ipck_ref ref;
	const char *text; /* the key as it was given; NULL: by id */
	bool verbose;     /* -v explains what comes after it */
};

struct ipcrm_plan {
	struct ipcrm_order *orders; /* room for one an argument */
	size_t count;
	bool all;        /* -a: after all orders */
	unsigned kinds;  /* of -a; 0 = every kind */
	bool verbose;    /* when -a is carried out */
	bool invalid;    /* something was wrong with the command line: nothing is removed */
	const char *odd; /* the first operand that is neither an option's nor a type for -a */
	bool old_syntax;
};

/* What each kind is called here, in the order in which -a takes them. */
#define IPCRM_KINDS 3
struct ipcrm_kind {
	enum ipck_kind kind;
	const char *word; /* in the old syntax and after -a */
	const char *removing, *feature;
	char by_id, by_key; /* the option letters */
};
extern const struct ipcrm_kind ipcrm_kinds[IPCRM_KINDS];
const struct ipcrm_kind *ipcrm_kind_of_word(const char *word); /* NULL: no such type */

/* Carry out the whole plan; false when something could not be removed, which it has reported. */
bool ipcrm_remove(struct ipck *ctx, const struct ipcrm_plan *plan);

#endif
