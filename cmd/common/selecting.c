/* SPDX-License-Identifier: MIT */
/* The options that say which objects, and the reading of their operands. */
#include "common/selecting.h"
#include "common/object_columns.h"
#include "common/program.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

enum {
	OPTION_OWNER = OPTION_SHARED,
	OPTION_CREATOR,
	OPTION_CREATED_BY,
	OPTION_KEY,
	OPTION_UNATTACHED,
	OPTION_DELETED,
	OPTION_OLDER_THAN,
	OPTION_UNUSED_FOR,
	OPTION_LARGER_THAN
};

const struct option_row kind_options[] = {
	{ 0, "Kinds", NULL, NULL },
	{ 'm', "shmems", NULL, "shared memory segments" },
	{ 'q', "queues", NULL, "message queues" },
	{ 's', "semaphores", NULL, "semaphore sets" },
	{ 0 },
};

const struct option_row selection_options[] = {
	{ 0, "Select (all tests must hold)", NULL, NULL },
	{ OPTION_OWNER, "owner", "USER", "owned by this user (name or uid)" },
	{ OPTION_CREATOR, "creator", "USER", "created by this user" },
	{ OPTION_CREATED_BY, "created-by", "PID", "created by this process (segments only)" },
	{ OPTION_KEY, "key", "K[-K],...", "with one of these keys" },
	{ OPTION_UNATTACHED, "unattached", NULL, "segments that nobody is attached to" },
	{ OPTION_DELETED, "deleted", NULL, "segments that go with their last attachment" },
	{ OPTION_OLDER_THAN, "older-than", "DUR", "not changed for this long: 90s 5m 2h 3d" },
	{ OPTION_UNUSED_FOR, "unused-for", "DUR", "none of its times moved for this long" },
	{ OPTION_LARGER_THAN, "larger-than", "SIZE", "segments and queues with more bytes: 10M" },
	{ 0 },
};

void complain_operand(const struct options *options, int code, int rc, const char *expected)
{
	if (rc == IPCK_ERR_RANGE)
		complain("%s: %s: out of range", options_name(options, code), options->operand);
	else
		complain("%s: %s: not %s", options_name(options, code), options->operand, expected);
}

static bool take_user(const struct options *options, int code, uid_t *uid)
{
	const struct passwd *user;
	uint64_t number;
	int rc;

	errno = 0;
	user = getpwnam(options->operand);
	if (user != NULL) {
		*uid = user->pw_uid;
		return true;
	}
	if (errno != 0 && errno != ENOENT && errno != ESRCH) {
		complain("%s: %s: cannot be looked up: %s", options_name(options, code),
			 options->operand, strerror(errno));
		return false;
	}
	rc = ipck_parse_number(options->operand, UINT32_MAX - 1, &number);
	if (rc != IPCK_OK) {
		complain_operand(options, code, rc, "a user of this machine");
		return false;
	}
	*uid = (uid_t)number;
	return true;
}

bool take_duration(const struct options *options, int code, uint64_t *seconds)
{
	int rc = ipck_parse_duration(options->operand, seconds);

	if (rc != IPCK_OK)
		complain_operand(options, code, rc, "a duration like 90s 5m 2h 3d");
	return rc == IPCK_OK;
}

static int parse_range(char *word, struct ipck_key_range *range)
{
	char *dash = strchr(word, '-');
	int rc;

	if (dash != NULL)
		*dash = '\0';
	rc = ipck_parse_key(word, &range->first);
	if (rc == IPCK_OK)
		rc = ipck_parse_key(dash != NULL ? dash + 1 : word, &range->last);
	if (rc == IPCK_OK && range->first > range->last)
		rc = IPCK_ERR_SYNTAX;
	return rc;
}

struct ipck_key_range *key_ranges_parse(const char *text, size_t *count, int *rc)
{
	struct ipck_key_range *ranges = NULL;
	char *copy = strdup(text), *rest = copy, *word;

	*rc = copy != NULL ? IPCK_OK : IPCK_ERR_MEMORY;
	*count = 0;
	while (*rc == IPCK_OK && (word = strsep(&rest, ",")) != NULL) {
		struct ipck_key_range *grown = realloc(ranges, (*count + 1) * sizeof(*grown));

		if (grown == NULL) {
			*rc = IPCK_ERR_MEMORY;
			break;
		}
		ranges = grown;
		*rc = parse_range(word, &ranges[(*count)++]);
	}
	free(copy);
	if (*rc != IPCK_OK) {
		free(ranges);
		ranges = NULL;
	}
	return ranges;
}

static bool take_keys(struct selecting *selecting, const struct options *options, int code)
{
	int rc;

	free(selecting->keys);
	selecting->keys = key_ranges_parse(options->operand, &selecting->selection.key_count, &rc);
	selecting->selection.keys = selecting->keys;
	if (selecting->keys == NULL)
		complain_operand(options, code, rc, "a list of keys like 0x10-0x20,5");
	return selecting->keys != NULL;
}

static bool take_pid(const struct options *options, int code, pid_t *pid)
{
	uint64_t number = 0;
	int rc = ipck_parse_number(options->operand, INT32_MAX, &number);

	if (rc != IPCK_OK || number == 0) {
		complain_operand(options, code, rc, "a process id");
		return false;
	}
	*pid = (pid_t)number;
	return true;
}

static bool take_size(const struct options *options, int code, uint64_t *bytes)
{
	int rc = ipck_parse_size(options->operand, bytes);

	if (rc != IPCK_OK)
		complain_operand(options, code, rc, "a size like 512 64K 10M 1.5G");
	return rc == IPCK_OK;
}

int selecting_take(struct selecting *selecting, const struct options *options, int code)
{
	struct ipck_selection *selection = &selecting->selection;
	const unsigned before = selection->tests;
	bool good = true;

	switch (code) {
	case 'm':
		selecting->kinds |= IPCK_SHM;
		return 1;
	case 'q':
		selecting->kinds |= IPCK_MSG;
		return 1;
	case 's':
		selecting->kinds |= IPCK_SEM;
		return 1;
	case OPTION_OWNER:
		selection->tests |= IPCK_SELECT_OWNER;
		good = take_user(options, code, &selection->owner);
		break;
	case OPTION_CREATOR:
		selection->tests |= IPCK_SELECT_CREATOR;
		good = take_user(options, code, &selection->creator);
		break;
	case OPTION_CREATED_BY:
		selection->tests |= IPCK_SELECT_CREATED_BY;
		good = take_pid(options, code, &selection->created_by);
		break;
	case OPTION_KEY:
		selection->tests |= IPCK_SELECT_KEY;
		good = take_keys(selecting, options, code);
		break;
	case OPTION_UNATTACHED:
		selection->tests |= IPCK_SELECT_UNATTACHED;
		break;
	case OPTION_DELETED:
		selection->tests |= IPCK_SELECT_DELETED;
		break;
	case OPTION_OLDER_THAN:
		selection->tests |= IPCK_SELECT_OLDER_THAN;
		good = take_duration(options, code, &selection->older_than);
		break;
	case OPTION_UNUSED_FOR:
		selection->tests |= IPCK_SELECT_UNUSED_FOR;
		good = take_duration(options, code, &selection->unused_for);
		break;
	case OPTION_LARGER_THAN:
		selection->tests |= IPCK_SELECT_LARGER_THAN;
		good = take_size(options, code, &selection->larger_than);
		break;
	default:
		return 0;
	}
	if (good && options->operand != NULL && selection->tests == before) {
		complain("%s: given twice: all tests must hold, so one of them is enough",
			 options_name(options, code));
		good = false;
	}
	return good ? 1 : -1;
}

void selecting_complain(const struct selecting *selecting, size_t undecided)
{
	for (const struct object_kind *kind = object_kinds; kind->kind != 0; kind++)
		if ((selecting->kinds & kind->kind) != 0 &&
		    !ipck_selection_applies(&selecting->selection, kind->kind))
			complain("%s: none selected: one of the tests is not for this kind",
				 kind->plural);
	if (undecided > 0)
		complain("%zu left out: --created-by: their creator is outside this pid "
			 "namespace; seen from the host it is known",
			 undecided);
}

void selecting_free(struct selecting *selecting)
{
	free(selecting->keys);
	selecting->keys = NULL;
}
