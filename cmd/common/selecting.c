/* SPDX-License-Identifier: MIT */
/* The options that say which objects, and the reading of their operands. */
#include "common/selecting.h"
#include "common/object_columns.h"
#include "common/program.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
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
	OPTION_LARGER_THAN,
	OPTION_TYPE,
	OPTION_PID,
	OPTION_ORPHANED,
	OPTION_ORPHAN_AGE
};

#define PID_LIMIT 4194304 /* no pid is as great; inodes of namespaces are greater by far */

const struct option_row kind_options[] = {
	{ 0, "Kinds", NULL, NULL },
	{ 'm', "shmems", NULL, "shared memory segments" },
	{ 'q', "queues", NULL, "message queues" },
	{ 's', "semaphores", NULL, "semaphore sets" },
	{ 'M', "posix-shmems", NULL, "POSIX shared memory" },
	{ 'Q', "posix-queues", NULL, "POSIX message queues" },
	{ 'S', "posix-semaphores", NULL, "POSIX semaphores" },
	{ 'e', "endpoints", NULL, "all that descriptors share: pipes, sockets ... and -Q" },
	{ OPTION_TYPE, "type", "KIND,...", "kinds by name: pipe, unix, memfd, posix-shm ..." },
	{ 0 },
};

const struct option_row selection_options[] = {
	{ 0, "Select (all tests must hold)", NULL, NULL },
	{ OPTION_OWNER, "owner", "USER", "owned by this user (name or uid)" },
	{ OPTION_CREATOR, "creator", "USER", "created by this user" },
	{ OPTION_CREATED_BY, "created-by", "PID", "created by this process (segments only)" },
	{ OPTION_KEY, "key", "K[-K],...", "with one of these keys" },
	{ OPTION_UNATTACHED, "unattached", NULL, "segments that nobody is attached to" },
	{ OPTION_DELETED, "deleted", NULL, "without a name: what goes with its last holder" },
	{ OPTION_PID, "pid", "PID", "used by this process" },
	{ OPTION_ORPHANED, "orphaned", "[=likely]", "left over: proven, or also what likely is" },
	{ OPTION_ORPHAN_AGE, "orphan-age", "DUR", "unused for this long, to be left over: 60s" },
	{ OPTION_OLDER_THAN, "older-than", "DUR", "not changed for this long: 90s 5m 2h 3d" },
	{ OPTION_UNUSED_FOR, "unused-for", "DUR", "none of its times moved for this long" },
	{ OPTION_LARGER_THAN, "larger-than", "SIZE", "memory and queues with more bytes: 10M" },
	{ 'N', "namespace", "PID|INODE|all", "in the namespaces of a process, or in all" },
	{ 0 },
};

void complain_operand(const struct options *options, int code, int rc, const char *expected)
{
	if (rc == IPCK_ERR_RANGE)
		complain("%s: %s: out of range", options_name(options, code), options->operand);
	else
		complain("%s: %s: not %s", options_name(options, code), options->operand, expected);
}

bool take_word(const struct options *options, int code, const char *const *words,
	       const char *expected, int *choice)
{
	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(options->operand, words[i]) == 0) {
			*choice = i;
			return true;
		}
	complain_operand(options, code, IPCK_ERR_SYNTAX, expected);
	return false;
}

bool take_user(const struct options *options, int code, uid_t *uid)
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

/* "pipe,posix-shm": kinds by the names that references begin with. */
static bool take_types(struct selecting *selecting, const struct options *options, int code)
{
	const char *word = options->operand;

	for (size_t length; *word != '\0'; word += length + (word[length] == ',')) {
		const struct object_kind *kind = object_kinds;

		length = strcspn(word, ",");
		while (kind->kind != 0 && (strncmp(ipck_kind_name(kind->kind), word, length) != 0 ||
					   ipck_kind_name(kind->kind)[length] != '\0'))
			kind++;
		if (kind->kind == 0)
			break;
		selecting->kinds |= kind->kind;
	}
	if (*word == '\0' && word != options->operand && word[-1] != ',')
		return true;
	complain("%s: %s: not a list of kinds: shm msg sem posix-shm posix-mq posix-sem pipe fifo "
		 "unix eventfd memfd mmap epoll timerfd signalfd inotify pidfd",
		 options_name(options, code), options->operand);
	return false;
}

static bool take_orphaned(struct ipck_selection *selection, const struct options *options, int code)
{
	const char *word = options->operand != NULL ? options->operand : "proven";

	if (strcmp(word, "proven") != 0 && strcmp(word, "likely") != 0) {
		complain("%s: %s: not proven or likely", options_name(options, code), word);
		return false;
	}
	selection->orphan = *word == 'p' ? IPCK_ORPHAN_PROVEN : IPCK_ORPHAN_LIKELY;
	return true;
}

static bool take_namespace(struct selecting *selecting, const struct options *options, int code)
{
	uint64_t number = 0;
	int rc = IPCK_OK;

	selecting->where = IPCK_NS_ALL;
	if (strcmp(options->operand, "all") == 0)
		return true;
	rc = ipck_parse_number(options->operand, UINT32_MAX, &number);
	if (rc != IPCK_OK || number == 0) {
		complain_operand(options, code, rc,
				 "a process id, the inode of a namespace, or all");
		return false;
	}
	selecting->where = IPCK_NS_ONE;
	selecting->ns = number > PID_LIMIT ? number : 0;
	selecting->ns_member = number > PID_LIMIT ? 0 : (pid_t)number;
	return true;
}

static const struct {
	int code;
	unsigned kinds;
} kind_letters[] = {
	{ 'm', IPCK_SHM },
	{ 'q', IPCK_MSG },
	{ 's', IPCK_SEM },
	{ 'M', IPCK_POSIX_SHM },
	{ 'Q', IPCK_POSIX_MQ },
	{ 'S', IPCK_POSIX_SEM },
	{ 'e', IPCK_ENDPOINTS | IPCK_POSIX_MQ },
};

/* What is no test of objects: which kinds, where, and how tests are meant.  As selecting_take(). */
static int take_scope(struct selecting *selecting, const struct options *options, int code)
{
	for (size_t i = 0; i < sizeof(kind_letters) / sizeof(kind_letters[0]); i++)
		if (code == kind_letters[i].code) {
			selecting->kinds |= kind_letters[i].kinds;
			return 1;
		}
	switch (code) {
	case OPTION_TYPE:
		return take_types(selecting, options, code) ? 1 : -1;
	case OPTION_ORPHAN_AGE:
		return take_duration(options, code, &selecting->selection.orphan_age) ? 1 : -1;
	case 'N':
		return take_namespace(selecting, options, code) ? 1 : -1;
	default:
		return 0;
	}
}

static const struct {
	int code;
	unsigned test;
} tests[] = {
	{ OPTION_OWNER, IPCK_SELECT_OWNER },
	{ OPTION_CREATOR, IPCK_SELECT_CREATOR },
	{ OPTION_CREATED_BY, IPCK_SELECT_CREATED_BY },
	{ OPTION_KEY, IPCK_SELECT_KEY },
	{ OPTION_UNATTACHED, IPCK_SELECT_UNATTACHED },
	{ OPTION_DELETED, IPCK_SELECT_DELETED },
	{ OPTION_OLDER_THAN, IPCK_SELECT_OLDER_THAN },
	{ OPTION_UNUSED_FOR, IPCK_SELECT_UNUSED_FOR },
	{ OPTION_LARGER_THAN, IPCK_SELECT_LARGER_THAN },
	{ OPTION_PID, IPCK_SELECT_USED_BY },
	{ OPTION_ORPHANED, IPCK_SELECT_ORPHANED },
};

/* The operand of a test, if it has one. */
static bool take_test(struct selecting *selecting, const struct options *options, int code)
{
	struct ipck_selection *selection = &selecting->selection;

	switch (code) {
	case OPTION_OWNER:
		return take_user(options, code, &selection->owner);
	case OPTION_CREATOR:
		return take_user(options, code, &selection->creator);
	case OPTION_CREATED_BY:
		return take_pid(options, code, &selection->created_by);
	case OPTION_KEY:
		return take_keys(selecting, options, code);
	case OPTION_OLDER_THAN:
		return take_duration(options, code, &selection->older_than);
	case OPTION_UNUSED_FOR:
		return take_duration(options, code, &selection->unused_for);
	case OPTION_LARGER_THAN:
		return take_size(options, code, &selection->larger_than);
	case OPTION_PID:
		return take_pid(options, code, &selection->used_by);
	case OPTION_ORPHANED:
		return take_orphaned(selection, options, code);
	default:
		return true;
	}
}

int selecting_take(struct selecting *selecting, const struct options *options, int code)
{
	unsigned *given = &selecting->selection.tests;
	size_t i = 0;

	while (i < sizeof(tests) / sizeof(tests[0]) && tests[i].code != code)
		i++;
	if (i == sizeof(tests) / sizeof(tests[0]))
		return take_scope(selecting, options, code);
	if (!take_test(selecting, options, code))
		return -1;
	if (options->operand != NULL && (*given & tests[i].test) != 0) {
		complain("%s: given twice: all tests must hold, so one of them is enough",
			 options_name(options, code));
		return -1;
	}
	*given |= tests[i].test;
	return 1;
}

unsigned selecting_kinds(const struct selecting *selecting)
{
	if (selecting->kinds != 0)
		return selecting->kinds;
	if ((selecting->selection.tests & IPCK_SELECT_USED_BY) != 0)
		return IPCK_KINDS;
	return IPCK_SYSV | IPCK_POSIX;
}

bool selecting_query(struct selecting *selecting, struct ipck *ctx, struct ipck_query *query)
{
	uint64_t ns;

	if (selecting->where == IPCK_NS_ONE && selecting->ns == 0 &&
	    ipck_namespace_of(ctx, selecting->ns_member, &selecting->ns) != IPCK_OK)
		return false;
	/* a zombie has no namespace, but is there */
	if ((selecting->selection.tests & IPCK_SELECT_USED_BY) != 0 &&
	    kill(selecting->selection.used_by, 0) != 0 && errno == ESRCH &&
	    ipck_namespace_of(ctx, selecting->selection.used_by, &ns) == IPCK_ERR_NOT_FOUND)
		return false;
	query->select = selecting->selection;
	query->where = selecting->where;
	query->ns = selecting->ns;
	return true;
}

void selecting_complain(const struct selecting *selecting, size_t undecided)
{
	for (const struct object_kind *kind = object_kinds; kind->kind != 0; kind++)
		if ((selecting->kinds & kind->kind) != 0 &&
		    !ipck_selection_applies(&selecting->selection, kind->kind))
			complain("%s: none selected: one of the tests is not for this kind",
				 kind->plural);
	if (undecided > 0 && (selecting->selection.tests & IPCK_SELECT_CREATED_BY) != 0)
		complain("%zu left out: --created-by: their creator is outside this pid "
			 "namespace; seen from the host it is known",
			 undecided);
	else if (undecided > 0)
		complain("%zu left out: what the selection asks of them is not known", undecided);
}

void selecting_free(struct selecting *selecting)
{
	free(selecting->keys);
	selecting->keys = NULL;
}
