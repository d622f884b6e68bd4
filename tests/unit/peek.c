/* SPDX-License-Identifier: MIT */
/* Reading content: of what is not the listed object any more, and where calls are refused. */
#include "unit.h"

#include "places.h"
#include "refusal.h"

#include "action/peek.h"
#include "action/peek_swap.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif

#define PAGE ((size_t)sysconf(_SC_PAGESIZE))
#define PAGES 40

/* ---- Runs of pages ---- */

/* Of a text, one letter a page: m in memory, s in swap; -1 of any other. */
static int count_letters(const void *data, uint64_t first, uint64_t pages, uint64_t *resident,
			 uint64_t *swapped)
{
	const char *text = data;

	*resident = *swapped = 0;
	for (uint64_t i = first; i < first + pages; i++) {
		if (text[i] != 'm' && text[i] != 's')
			return -EPERM;
		*resident += text[i] == 'm';
		*swapped += text[i] == 's';
	}
	return 0;
}

static void test_runs(void **state)
{
	static const char *const texts[] = { "m",
					     "s",
					     "ms",
					     "sm",
					     "mmms",
					     "sssm",
					     "msmsmsms",
					     "mmmmmmmmmmmmmmms",
					     "ssssssmm",
					     "mmmmmmmss",
					     "sssssssssssssssssssssmsssss" };
	bool swapped;

	(void)state;
	for (size_t t = 0; t < COUNT(texts); t++) {
		const size_t length = strlen(texts[t]);

		for (size_t first = 0; first < length; first++) {
			const char letter[2] = { texts[t][first], '\0' };
			const size_t same = strspn(texts[t] + first, letter);

			CHECK(peek_swap_run(count_letters, texts[t], first, length - first,
					    &swapped) == (int64_t)same,
			      "%s from %zu", texts[t], first);
			CHECK(swapped == (letter[0] == 's'), "%s at %zu", texts[t], first);
		}
	}
	assert_int_equal(peek_swap_run(count_letters, "m?", 0, 2, &swapped), -EPERM);
}

/* ---- A segment ---- */

struct segment {
	struct ipck *ctx;
	struct ipck_objects *objects;
	struct ipck_object object;
	char *address; /* written to: the first page, and the last */
};

static void setup_segment(struct segment *segment)
{
	const int id = shmget(IPC_PRIVATE, PAGES * PAGE, 0600);
	const struct ipck_ref ref = { .kind = IPCK_SHM, .form = IPCK_BY_ID, .id = id };
	const struct ipck_query query = { .size = sizeof(query), .refs = &ref, .ref_count = 1 };

	assert_true(id >= 0);
	segment->address = shmat(id, NULL, 0);
	assert_true(segment->address != (void *)-1);
	memset(segment->address, 'a', PAGE);
	segment->address[PAGES * PAGE - 1] = 'z';
	assert_int_equal(ipck_open(NULL, &segment->ctx), IPCK_OK);
	assert_int_equal(ipck_objects_read(segment->ctx, &query, &segment->objects), IPCK_OK);
	assert_int_equal(ipck_objects_count(segment->objects), 1);
	segment->object = *ipck_objects_at(segment->objects, 0);
}

static void free_segment(struct segment *segment)
{
	shmctl(segment->object.id, IPC_RMID, NULL);
	shmdt(segment->address);
	ipck_objects_free(segment->objects);
	ipck_close(segment->ctx);
}

static int open_by(const struct segment *segment, enum ipck_peek_method method,
		   struct ipck_peek **peek)
{
	const struct ipck_peek_options options = { .size = sizeof(options), .method = method };

	return ipck_peek_open(segment->ctx, &segment->object, &options, peek);
}

static const enum ipck_peek_method methods[] = { IPCK_PEEK_MAP_FILES, IPCK_PEEK_ATTACH,
						 IPCK_PEEK_VM };

static void test_changed(void **state)
{
	struct segment segment;
	struct ipck_peek *peek;

	(void)state;
	setup_segment(&segment);
	for (size_t i = 0; i < COUNT(methods); i++) {
		segment.object.ctime--; /* what was listed was another one of that id */
		assert_int_equal(open_by(&segment, methods[i], &peek), IPCK_ERR_CHANGED);
		assert_null(peek);
		segment.object.ctime++;
		segment.object.ns++;
		assert_int_equal(open_by(&segment, methods[i], &peek), IPCK_ERR_OUTSIDE);
		segment.object.ns--;
	}
	shmdt(segment.address);
	shmctl(segment.object.id, IPC_RMID, NULL);
	for (size_t i = 0; i < COUNT(methods); i++)
		assert_int_equal(open_by(&segment, methods[i], &peek), IPCK_ERR_NOT_FOUND);
	free_segment(&segment);
}

/* What was opened stays readable when the segment goes. */
static void test_removed(void **state)
{
	struct segment segment;
	struct ipck_peek *peek;
	struct shmid_ds ds;
	char byte = '-';

	(void)state;
	setup_segment(&segment);
	assert_int_equal(open_by(&segment, IPCK_PEEK_ATTACH, &peek), IPCK_OK);
	shmctl(segment.object.id, IPC_RMID, NULL);
	shmdt(segment.address);
	assert_int_equal(ipck_peek_read(peek, PAGES * PAGE - 1, &byte, 1), IPCK_OK);
	assert_int_equal(byte, 'z');
	assert_int_equal(ipck_peek_read(peek, PAGES * PAGE, &byte, 1), IPCK_ERR_ARGUMENT);
	ipck_peek_close(peek);
	assert_int_equal(shmctl(segment.object.id, IPC_STAT, &ds), -1);
	free_segment(&segment);
}

/* In a child, where calls are refused: its status says where it failed. */
static int pages_told(const struct segment *segment, unsigned char other)
{
	unsigned char states[PAGES];
	struct ipck_range range;
	struct ipck_peek *peek;

	if (open_by(segment, IPCK_PEEK_ATTACH, &peek) != IPCK_OK)
		return 1;
	if (ipck_peek_pages(peek, 0, PAGES, states) != IPCK_OK)
		return 2;
	for (size_t i = 0; i < PAGES; i++)
		if (states[i] != (i == 0 || i == PAGES - 1 ? IPCK_PAGE_RESIDENT : other))
			return 3;
	if (ipck_peek_range(peek, 0, &range) != IPCK_OK || range.content != IPCK_CONTENT_DATA ||
	    range.bytes != PAGE)
		return 4;
	if (ipck_peek_range(peek, PAGE + 7, &range) != IPCK_OK ||
	    range.content != IPCK_CONTENT_HOLE || range.bytes != (PAGES - 2) * PAGE - 7)
		return 5;
	ipck_peek_close(peek);
	return 0;
}

static void test_refused(void **state)
{
	static const struct {
		const char *what;
		long calls[2];
		int error;
	} rows[] = {
		{ "nothing", { -1, -1 }, 0 },
		{ "swap may be in use", { SYS_sysinfo, -1 }, EPERM },
		{ "and there is no cachestat", { SYS_sysinfo, SYS_cachestat }, ENOSYS },
		{ "and a filter refuses it", { SYS_sysinfo, SYS_cachestat }, EPERM },
	};
	struct segment segment;
	int status;

	(void)state;
	if (in_valgrind())
		skip();
	setup_segment(&segment);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const pid_t child = fork();

		if (child == 0) {
			for (size_t c = 0; c < 2; c++)
				if (rows[i].calls[c] >= 0 &&
				    !refuse(rows[i].calls[c], ANY, rows[i].error))
					_exit(99);
			_exit(pages_told(&segment, 0));
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		CHECK(status == 0, "%s: status %x", rows[i].what, (unsigned)status);
	}
	free_segment(&segment);
}

/* In a child who is not the owner: who may attach may not move a time of access. */
static int time_kept(const char *name)
{
	struct ipck_ref ref = { .kind = IPCK_POSIX_SHM, .form = IPCK_BY_NAME };
	const struct ipck_query query = { .size = sizeof(query), .refs = &ref, .ref_count = 1 };
	struct ipck_peek_options options = { .size = sizeof(options),
					     .may_change = IPCK_CHANGES_ATTACHMENT };
	struct ipck_objects *objects;
	struct ipck_peek *peek;
	int rc;

	strcpy(ref.name, name);
	if (setresuid(65534, 65534, 65534) != 0 || ipck_open(NULL, &ctx) != IPCK_OK ||
	    ipck_objects_read(ctx, &query, &objects) != IPCK_OK || ipck_objects_count(objects) != 1)
		return 1;
	rc = ipck_peek_open(ctx, ipck_objects_at(objects, 0), &options, &peek);
	if (rc != IPCK_ERR_FOOTPRINT)
		return 2;
	options.may_change = IPCK_CHANGES_ATIME;
	if (ipck_peek_open(ctx, ipck_objects_at(objects, 0), &options, &peek) != IPCK_OK)
		return 3;
	if (ipck_peek_about(peek)->changes != IPCK_CHANGES_ATIME)
		return 4;
	ipck_peek_close(peek);
	ipck_objects_free(objects);
	ipck_close(ctx);
	return 0;
}

static void test_time_kept(void **state)
{
	char name[40];
	int fd, status;
	pid_t child;

	(void)state;
	if (!real_root)
		skip();
	snprintf(name, sizeof(name), "/ipckit-peek-%d", (int)getpid());
	fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0 && fchmod(fd, 0644) == 0 && write(fd, "x", 1) == 1);
	child = fork();
	if (child == 0)
		_exit(time_kept(name));
	assert_int_equal(waitpid(child, &status, 0), child);
	shm_unlink(name);
	close(fd);
	CHECK(status == 0, "status %x", (unsigned)status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("runs of pages in memory and in swap", test_runs),
		TEST("an id that is another segment by now, or none", test_changed),
		TEST("what was opened outlives its segment", test_removed),
		TEST("the same pages and holes by each call that tells them", test_refused),
		TEST("to attach is no leave to move a time of access", test_time_kept),
	};

	if (!places_private()) { /* a test that fails is not to leave a segment to others */
		printf("1..0 # SKIP no private namespaces\n");
		return 0;
	}
	return RUN(tests);
}
