/* SPDX-License-Identifier: MIT */
/* The options that say which objects: the same words in every command. */
#ifndef COMMON_SELECTING_H
#define COMMON_SELECTING_H

#include "common/options.h"

#include "ipckit.h"

struct selecting {
	unsigned kinds; /* -m -q -s ... --type; 0: none was given */
	struct ipck_selection selection;
	struct ipck_key_range *keys;
	enum ipck_where where;
	uint64_t ns;     /* IPCK_NS_ONE: its inode, or as long as it is 0 ... */
	pid_t ns_member; /* ... that of this process */
};
#define SELECTING_INITIAL ((struct selecting){ .selection = { .orphan_age = IPCK_ORPHAN_AGE } })

extern const struct option_row kind_options[], selection_options[];

/* Take an option of the two tables: 1 taken, 0 not one of them, -1 complained of. */
int selecting_take(struct selecting *selecting, const struct options *options, int code);
/*
 * The selection and where it looks; a process is asked for its namespace.  False when there is no
 * such process, with a message in ctx: something that was named is missing, so EXIT_PARTIAL.
 */
bool selecting_query(struct selecting *selecting, struct ipck *ctx, struct ipck_query *query);
/* The kinds when none were given: those that stay without a process, or that one process uses. */
unsigned selecting_kinds(const struct selecting *selecting);
/*
 * Say what the selection could not do: kinds asked for that one of its tests is not for, and how
 * many objects it left out because the kernel does not tell what a test asks.
 */
void selecting_complain(const struct selecting *selecting, size_t undecided);
void selecting_free(struct selecting *selecting);

/* "0x10-0x20,5": ranges to be freed, or NULL and *rc says why. */
struct ipck_key_range *key_ranges_parse(const char *text, size_t *count, int *rc);

/* The operand as the place of one of these words, which ends with NULL.  Complains, and says what
 * was expected: "little or big". */
bool take_word(const struct options *options, int code, const char *const *words,
	       const char *expected, int *choice);
/* The operand as a user's id; complains. */
bool take_user(const struct options *options, int code, uid_t *uid);
/* The operand as seconds; complains. */
bool take_duration(const struct options *options, int code, uint64_t *seconds);

/* Say why an operand was refused: "--key: 0x: malformed". */
void complain_operand(const struct options *options, int code, int rc, const char *expected);

#endif
