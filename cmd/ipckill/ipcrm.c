/* SPDX-License-Identifier: MIT */
/*
 * The command line of ipcrm, in both of its syntaxes.  Unlike in util-linux it is read as a whole
 * before anything is removed, and no number is cut to fit.
 */
#include "ipcrm.h"
#include "common/program.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum parsed { PARSED_GO, PARSED_DONE, PARSED_BAD };

/* In the order in which getopt names the candidates of an ambiguous abbreviation. */
static const struct option long_options[] = {
	{ "shmem-id", required_argument, NULL, 'm' },
	{ "shmem-key", required_argument, NULL, 'M' },
	{ "queue-id", required_argument, NULL, 'q' },
	{ "queue-key", required_argument, NULL, 'Q' },
	{ "semaphore-id", required_argument, NULL, 's' },
	{ "semaphore-key", required_argument, NULL, 'S' },
	{ "all", optional_argument, NULL, 'a' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
	"ipcrm removes System V shared memory segments, message queues and semaphore sets.\n"
	"\n"
	"Usage: ipcrm -m|-q|-s ID ... | -M|-Q|-S KEY ... | -a [TYPE...]\n"
	"       ipcrm shm|msg|sem ID...\n"
	"\n"
	"One object, by its number or by its key (decimal, 0x hexadecimal, 0 octal):\n"
	"  -m, --shmem-id ID          -M, --shmem-key KEY\n"
	"  -q, --queue-id ID          -Q, --queue-key KEY\n"
	"  -s, --semaphore-id ID      -S, --semaphore-key KEY\n"
	"\n"
	"Everything:\n"
	"  -a, --all[=shm|msg|sem]    every object, or every one of a type; several types may\n"
	"                             follow as words: -a shm msg\n"
	"\n"
	"  -v, --verbose              say what is removed\n"
	"  -h, --help                 this text\n"
	"  -V, --version              the version\n"
	"\n"
	"A segment that is attached goes with its last attachment.  Nothing is removed unless the\n"
	"whole command line is right.  To select, preview and be asked: ipckill(1).\n";

static enum parsed try_help(void)
{
	fprintf(stderr, "Try 'ipcrm --help' for more information.\n");
	return PARSED_BAD;
}

/* ---- The command line ---- */

/* Decimal, blanks in front and a plus sign allowed as ever.  0, or ERANGE, or EINVAL. */
static int parse_number(const char *text, intmax_t *number)
{
	char *end;

	errno = 0;
	*number = strtoimax(text, &end, 10);
	if (errno != 0)
		return ERANGE;
	if (end == text || *end != '\0')
		return EINVAL;
	return *number < INT32_MIN || *number > INT32_MAX ? ERANGE : 0;
}

/*
 * A key in the bases of strtol(), 0 to 0xffffffff, or negative as programs print a key_t.  It is
 * never cut to 32 bits: that would name another object.
 */
static int parse_key(const char *text, uint32_t *key)
{
	char *end;
	intmax_t number;

	errno = 0;
	number = strtoimax(text, &end, 0);
	if (errno != 0)
		return ERANGE;
	if (end == text || *end != '\0')
		return EINVAL;
	if (number < INT32_MIN || number > UINT32_MAX)
		return ERANGE;
	*key = (uint32_t)number;
	return 0;
}

static enum parsed unparsable(const char *text, int error)
{
	if (error == ERANGE)
		complain("failed to parse argument: '%s': %s", text, strerror(ERANGE));
	else
		complain("failed to parse argument: '%s'", text);
	return PARSED_BAD;
}

static struct ipcrm_order *add(struct ipcrm_plan *plan, enum ipck_kind kind,
			       enum ipck_ref_form form)
{
	struct ipcrm_order *order = &plan->orders[plan->count++];

	*order = (struct ipcrm_order){
		.ref = { .kind = kind, .form = form },
		.verbose = plan->verbose,
	};
	return order;
}

static enum parsed add_id(struct ipcrm_plan *plan, enum ipck_kind kind, const char *text)
{
	intmax_t number;
	int error = parse_number(text, &number);

	if (error != 0)
		return unparsable(text, error);
	if (number < 0) {
		complain("invalid id (%" PRIdMAX ")", number);
		plan->invalid = true;
		return PARSED_GO;
	}
	add(plan, kind, IPCK_BY_ID)->ref.id = (int32_t)number;
	return PARSED_GO;
}

static enum parsed add_key(struct ipcrm_plan *plan, enum ipck_kind kind, const char *text)
{
	uint32_t key;
	int error = parse_key(text, &key);
	struct ipcrm_order *order;

	if (error != 0)
		return unparsable(text, error);
	if (key == 0) { /* IPC_PRIVATE names no object */
		complain("illegal key (%s)", text);
		plan->invalid = true;
		return PARSED_GO;
	}
	order = add(plan, kind, IPCK_BY_KEY);
	order->ref.key = key;
	order->text = text;
	return PARSED_GO;
}

/*
 * -a alone means every kind and takes back the types of an earlier one; with a type it adds that
 * type, however often it is given.
 */
static enum parsed add_all(struct ipcrm_plan *plan, const char *type)
{
	const struct ipcrm_kind *kind;

	plan->all = true;
	if (type == NULL) {
		plan->kinds = 0;
		return PARSED_GO;
	}
	kind = ipcrm_kind_of_word(type);
	if (kind == NULL) {
		complain("unknown argument: %s", type);
		return PARSED_BAD;
	}
	plan->kinds |= kind->kind;
	return PARSED_GO;
}

/* A word that is no option: a type where -a stands before it. */
static void add_word(struct ipcrm_plan *plan, const char *word)
{
	const struct ipcrm_kind *kind = plan->all ? ipcrm_kind_of_word(word) : NULL;

	if (kind != NULL)
		plan->kinds |= kind->kind;
	else if (plan->odd == NULL)
		plan->odd = word;
}

static enum parsed add_option(struct ipcrm_plan *plan, int option)
{
	for (size_t i = 0; i < IPCRM_KINDS; i++) {
		if (option == ipcrm_kinds[i].by_id)
			return add_id(plan, ipcrm_kinds[i].kind, optarg);
		if (option == ipcrm_kinds[i].by_key)
			return add_key(plan, ipcrm_kinds[i].kind, optarg);
	}
	switch (option) {
	case 'a':
		return add_all(plan, optarg);
	case 'v':
		plan->verbose = true;
		return PARSED_GO;
	case 'V':
		puts("ipcrm from ipckit " PACKAGE_VERSION);
		return PARSED_DONE;
	case 'h':
		fputs(help, stdout);
		return PARSED_DONE;
	case 1:
		add_word(plan, optarg);
		return PARSED_GO;
	default:
		return try_help();
	}
}

/* ipcrm shm ID...: words only, even those that look like options. */
static enum parsed parse_old(int argc, char **argv, const struct ipcrm_kind *kind,
			     struct ipcrm_plan *plan)
{
	plan->old_syntax = true;
	if (argc < 3) {
		complain("not enough arguments");
		return try_help();
	}
	for (int i = 2; i < argc; i++) {
		intmax_t number;

		if (parse_number(argv[i], &number) != 0) {
			complain("invalid id: %s", argv[i]);
			plan->invalid = true;
		} else {
			plan->invalid |= add_id(plan, kind->kind, argv[i]) != PARSED_GO;
		}
	}
	return plan->invalid ? PARSED_BAD : PARSED_GO;
}

static enum parsed parse(int argc, char **argv, struct ipcrm_plan *plan)
{
	const struct ipcrm_kind *kind = argc > 1 ? ipcrm_kind_of_word(argv[1]) : NULL;
	int option;

	if (argc < 2) {
		complain("bad usage");
		return try_help();
	}
	if (kind != NULL)
		return parse_old(argc, argv, kind, plan);
	/* '-': words come in their place, for a type means something after -a only. */
	while ((option = getopt_long(argc, argv, "-m:M:q:Q:s:S:a::vVh", long_options, NULL)) !=
	       -1) {
		enum parsed parsed = add_option(plan, option);

		if (parsed != PARSED_GO)
			return parsed;
	}
	while (optind < argc)
		add_word(plan, argv[optind++]);
	if (plan->odd != NULL) {
		complain("unknown argument: %s", plan->odd);
		return try_help();
	}
	return plan->invalid ? PARSED_BAD : PARSED_GO;
}

/* Output that nobody reads any more, or that was closed from the start, is not lost. */
static int finish(int status)
{
	bool lost = ferror(stdout) != 0;

	errno = 0;
	if ((fflush(stdout) == 0 && !lost) || errno == EPIPE || errno == EBADF)
		return status;
	if (errno != 0)
		fprintf(stderr, "ipcrm: write error: %s\n", strerror(errno));
	else
		fprintf(stderr, "ipcrm: write error\n");
	return EXIT_FAILURE;
}

int ipcrm_main(int argc, char **argv)
{
	struct ipcrm_plan plan = { .orders = calloc((size_t)argc + 1, sizeof(struct ipcrm_order)) };
	struct ipck *ctx = NULL;
	enum parsed parsed;
	int status = EXIT_FAILURE;

	if (plan.orders == NULL || ipck_open(NULL, &ctx) != IPCK_OK) {
		complain("%s", ipck_strerror(IPCK_ERR_MEMORY));
		goto out;
	}
	parsed = parse(argc, argv, &plan);
	if (parsed == PARSED_DONE || (parsed == PARSED_GO && ipcrm_remove(ctx, &plan)))
		status = EXIT_SUCCESS;
out:
	ipck_close(ctx);
	free(plan.orders);
	return finish(status);
}
