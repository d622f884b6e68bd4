/* SPDX-License-Identifier: MIT */
/* Texts of /proc/PID/fdinfo and lines of /proc/net/unix: any, and those that the kernel prints for
 * any numbers. */
#include "fuzz.h"

#include "source/fdinfo.h"
#include "source/unix_sockets.h"

#include <inttypes.h>

static void any_text(const char *text)
{
	struct fdinfo_watch watch;
	struct fdinfo_timer timer;
	struct unix_socket row;
	uint64_t first, second;
	pid_t pid;

	if (fdinfo_parse_eventfd(text, &first, &second)) {
		MUST(strstr(text, "eventfd-count:") != NULL);
		MUST(second <= INT32_MAX);
	}
	if (fdinfo_parse_timer(text, &timer))
		MUST(timer.clock >= 0);
	if (fdinfo_parse_signals(text, &first))
		MUST(strstr(text, "sigmask:") != NULL);
	if (fdinfo_parse_pid(text, &pid))
		MUST(pid >= -1);
	if (fdinfo_parse_epoll(text, &watch) == FDINFO_WATCH)
		MUST(watch.number >= 0 && watch.minor < 1u << 20 && watch.major < 1u << 12);
	if (fdinfo_parse_inotify(text, &watch) == FDINFO_WATCH)
		MUST(watch.number >= 0 && strncmp(text, "inotify wd:", 11) == 0);
	if (unix_sockets_parse(text, &row)) {
		MUST(row.type >= 0);
		MUST(row.name == NULL || (row.name > text && row.name[0] != '\0'));
	}
}

struct numbers {
	uint64_t a, b, c;
	uint32_t d, e;
};

static void any_numbers(const struct numbers *n)
{
	struct fdinfo_watch watch;
	uint64_t count, id, signals;
	struct unix_socket row;
	char text[256];

	snprintf(text, sizeof(text),
		 "pos:\t0\neventfd-count: %16" PRIx64 "\neventfd-id: %" PRIu32 "\n", n->a,
		 n->d >> 1);
	MUST(fdinfo_parse_eventfd(text, &count, &id) && count == n->a && id == n->d >> 1);
	snprintf(text, sizeof(text), "flags:\t02\nsigmask:\t%016" PRIx64 "\n", n->b);
	MUST(fdinfo_parse_signals(text, &signals) && signals == n->b);
	snprintf(text, sizeof(text),
		 "tfd: %8" PRIu32 " events: %8" PRIx32 " data: %16" PRIx64 "  pos:%" PRId64
		 " ino:%" PRIx64 " sdev:%" PRIx32,
		 n->d >> 1, n->e, n->a, (int64_t)n->b, n->c, n->d);
	MUST(fdinfo_parse_epoll(text, &watch) == FDINFO_WATCH);
	MUST(watch.number == (int32_t)(n->d >> 1) && watch.events == n->e && watch.inode == n->c);
	MUST((watch.major << 20 | watch.minor) == n->d);
	snprintf(text, sizeof(text),
		 "inotify wd:%" PRIx32 " ino:%" PRIx64 " sdev:%" PRIx32 " mask:%" PRIx32
		 " ignored_mask:0 ",
		 n->d >> 1, n->c, n->d, n->e);
	MUST(fdinfo_parse_inotify(text, &watch) == FDINFO_WATCH);
	MUST(watch.number == (int32_t)(n->d >> 1) && watch.events == n->e && watch.inode == n->c);
	snprintf(text, sizeof(text), "%016" PRIx64 ": %08X %08X %08X %04X %02X %5" PRIu64 " /x",
		 n->a, n->d, 0u, n->e, n->d >> 1, 1u, n->c);
	MUST(unix_sockets_parse(text, &row) && row.inode == n->c);
	MUST(row.type == (int32_t)(n->d >> 1) && strcmp(row.name, "/x") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_string(data, size);
	struct numbers numbers;

	any_text(text);
	free(text);
	if (size >= sizeof(numbers)) {
		memcpy(&numbers, data, sizeof(numbers));
		any_numbers(&numbers);
	}
	return 0;
}
