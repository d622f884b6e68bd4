/* SPDX-License-Identifier: MIT */
/*
 * ipcls called as "ipcs": the command line of util-linux's ipcs and its exit codes.  Where that one
 * is wrong this one is not: a missing object, a negative id or an extra operand ends with 1.
 */
#include "ipcs.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_HUMAN = 256 };

/* In the order in which getopt names the candidates of an ambiguous abbreviation. */
static const struct option long_options[] = {
	{ "id", required_argument, NULL, 'i' },
	{ "queues", no_argument, NULL, 'q' },
	{ "shmems", no_argument, NULL, 'm' },
	{ "semaphores", no_argument, NULL, 's' },
	{ "all", no_argument, NULL, 'a' },
	{ "time", no_argument, NULL, 't' },
	{ "pid", no_argument, NULL, 'p' },
	{ "creator", no_argument, NULL, 'c' },
	{ "limits", no_argument, NULL, 'l' },
	{ "summary", no_argument, NULL, 'u' },
	{ "human", no_argument, NULL, OPTION_HUMAN },
	{ "bytes", no_argument, NULL, 'b' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
	"ipcs lists System V shared memory segments, message queues and semaphore sets.\n"
	"\n"
	"Usage: ipcs [-mqsa] [-t|-p|-c|-l|-u] [--human|-b]\n"
	"       ipcs -m|-q|-s -i ID\n"
	"\n"
	"What to show (all three when none is named):\n"
	"  -m, --shmems       segments\n"
	"  -q, --queues       queues\n"
	"  -s, --semaphores   semaphore sets\n"
	"  -a, --all          all three\n"
	"  -i, --id ID        everything about one object; needs one of -m, -q, -s\n"
	"\n"
	"How to show it (the last one given counts):\n"
	"  -t, --time         times of the last operations and of the last change\n"
	"  -p, --pid          the processes that created them and operated on them last\n"
	"  -c, --creator      users and groups that created and that own them\n"
	"  -l, --limits       what the kernel allows\n"
	"  -u, --summary      what is in use, in total\n"
	"\n"
	"Sizes (the last one given counts):\n"
	"      --human        1.5K, 20M, 3G\n"
	"  -b, --bytes        bytes, in the limits too\n"
	"\n"
	"  -h, --help         this text\n"
	"  -V, --version      the version\n"
	"\n"
	"Called as ipcls, the same program shows far more: see ipcls(1).\n";

struct request {
	unsigned kinds;
	enum ipcs_view view;
	enum ipcs_unit unit;
	bool by_id;
	int32_t id;
};

enum parsed { PARSED_GO, PARSED_DONE, PARSED_BAD };

static enum parsed usage_error(void)
{
	fprintf(stderr, "Try 'ipcs --help' for more information.\n");
	return PARSED_BAD;
}

/* Decimal, leading blanks and a plus sign allowed as ever; an id is never negative. */
static bool parse_id(const char *text, int32_t *id)
{
	char *end;
	intmax_t number;

	errno = 0;
	number = strtoimax(text, &end, 10);
	if (errno == 0 && (end == text || *end != '\0')) {
		ipcs_complain("failed to parse id argument: '%s'", text);
		return false;
	}
	if (errno != 0 || number > INT32_MAX || number < INT32_MIN) {
		ipcs_complain("failed to parse id argument: '%s': %s", text, strerror(ERANGE));
		return false;
	}
	if (number < 0) {
		ipcs_complain("failed to parse id argument: '%s'", text);
		return false;
	}
	*id = (int32_t)number;
	return true;
}

static enum parsed parse(int argc, char **argv, struct request *request)
{
	int option;

	while ((option = getopt_long(argc, argv, "i:qmsatpclubVh", long_options, NULL)) != -1) {
		switch (option) {
		case 'i':
			if (!parse_id(optarg, &request->id))
				return PARSED_BAD;
			request->by_id = true;
			break;
		case 'm':
			request->kinds |= IPCK_SHM;
			break;
		case 'q':
			request->kinds |= IPCK_MSG;
			break;
		case 's':
			request->kinds |= IPCK_SEM;
			break;
		case 'a':
			request->kinds |= IPCK_SYSV;
			break;
		case 't':
			request->view = IPCS_TIMES;
			break;
		case 'p':
			request->view = IPCS_PIDS;
			break;
		case 'c':
			request->view = IPCS_CREATORS;
			break;
		case 'l':
			request->view = IPCS_LIMITS;
			break;
		case 'u':
			request->view = IPCS_USAGE;
			break;
		case OPTION_HUMAN:
			request->unit = IPCS_HUMAN;
			break;
		case 'b':
			request->unit = IPCS_BYTES;
			break;
		case 'V':
			put_text("ipcs from ipckit " PACKAGE_VERSION "\n");
			return PARSED_DONE;
		case 'h':
			put_text(help);
			return PARSED_DONE;
		default:
			return usage_error();
		}
	}
	if (optind < argc) {
		ipcs_complain("extra operand '%s'", argv[optind]);
		return usage_error();
	}
	if (request->by_id && __builtin_popcount(request->kinds) != 1) {
		ipcs_complain("when using an ID, a single resource must be specified");
		return PARSED_BAD;
	}
	if (request->kinds == 0)
		request->kinds = IPCK_SYSV;
	return PARSED_GO;
}

static bool show_kind(struct ipck *ctx, enum ipck_kind kind, const struct request *request)
{
	switch (request->view) {
	case IPCS_LIMITS:
		return ipcs_limits(ctx, kind, request->unit);
	case IPCS_USAGE:
		return ipcs_usage(ctx, kind, request->unit);
	default:
		return ipcs_list(ctx, kind, request->view, request->unit);
	}
}

static bool show(struct ipck *ctx, const struct request *request)
{
	static const enum ipck_kind order[] = { IPCK_MSG, IPCK_SHM, IPCK_SEM };
	bool complete = true;

	if (request->by_id)
		return ipcs_detail(ctx, (enum ipck_kind)request->kinds, request->id, request->unit);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if ((request->kinds & order[i]) == 0)
			continue;
		put_text("\n");
		complete = show_kind(ctx, order[i], request) && complete;
	}
	put_text("\n");
	return complete;
}

/* Output that nobody reads any more, or that was closed from the start, is not lost. */
static int finish(int status)
{
	int error = flush_text();

	if (error == 0 || error == EPIPE || error == EBADF)
		return status;
	fprintf(stderr, "ipcs: write error: %s\n", strerror(error));
	return EXIT_FAILURE;
}

int ipcs_main(int argc, char **argv)
{
	struct request request = { .view = IPCS_LIST, .unit = IPCS_MIXED };
	enum parsed parsed = parse(argc, argv, &request);
	struct ipck *ctx;
	bool complete;

	if (parsed != PARSED_GO)
		return finish(parsed == PARSED_BAD ? EXIT_FAILURE : EXIT_SUCCESS);
	if (ipck_open(NULL, &ctx) != IPCK_OK) {
		ipcs_complain("%s", ipck_strerror(IPCK_ERR_MEMORY));
		return EXIT_FAILURE;
	}
	complete = show(ctx, &request);
	ipck_close(ctx);
	return finish(complete ? EXIT_SUCCESS : EXIT_FAILURE);
}
