/* SPDX-License-Identifier: MIT */
/*
 * Deadlocks among constructed threads, each case as a line of text.
 *
 * A thread is PID.TID, /N where its process has N threads, t for a time limit, o where others could
 * end the wait too, f where it is on a FIFO that others could open, m where some are not listed;
 * then whom it waits for: "=" members of a group by commas, groups by "&". A member is PID.TID (TID
 * 0: the process) and its proof: k kernel, l libc, o last-op, n none; then x where it is gone, y
 * where the number means a later process. What is expected: certainty(MEMBER>NEXT ...)+BEHIND of
 * each deadlock.
 */
#include "insight/deadlocks.h"
#include "unit.h"

#include <stdlib.h>

#define MOST 64

struct scene {
	struct ipck_wait waits[MOST];
	const struct ipck_wait *rows[MOST];
	struct ipck_awaited awaited[MOST][8];
	unsigned char still[MOST];
	size_t count;
};

static struct ipck_awaited read_member(char **text)
{
	struct ipck_awaited member = { .process.start_time = 7 };

	member.process.pid = (pid_t)strtol(*text, text, 10);
	assert_int_equal(**text, '.');
	member.tid = (pid_t)strtol(*text + 1, text, 10);
	for (; strchr("klonxy", **text) != NULL && **text != '\0'; (*text)++)
		switch (**text) {
		case 'k':
			member.proof = IPCK_PROOF_KERNEL;
			break;
		case 'l':
			member.proof = IPCK_PROOF_LIBC;
			break;
		case 'o':
			member.proof = IPCK_PROOF_LAST_OP;
			break;
		case 'x':
			member.gone = true;
			member.process.start_time = 0;
			break;
		case 'y':
			member.process.start_time = 8;
			break;
		default:
			break;
		}
	return member;
}

static void read_thread(struct scene *scene, char *text)
{
	const size_t row = scene->count++;
	struct ipck_wait *wait = &scene->waits[row];
	unsigned group = 0;

	assert_true(row < MOST);
	wait->threads = 1;
	wait->process.start_time = 7;
	wait->process.pid = (pid_t)strtol(text, &text, 10);
	assert_int_equal(*text, '.');
	wait->tid = (pid_t)strtol(text + 1, &text, 10);
	if (*text == '/')
		wait->threads = (size_t)strtol(text + 1, &text, 10);
	for (; *text != '\0' && strchr("tofm", *text) != NULL; text++) {
		wait->timeout |= *text == 't';
		wait->open |= *text == 'o' || *text == 'f';
		wait->more += *text == 'm';
		if (*text == 'f')
			wait->kind = IPCK_FIFO;
	}
	wait->awaited = scene->awaited[row];
	for (; *text != '\0'; group += *text == '&') {
		assert_non_null(strchr("=&,", *text));
		text++;
		assert_true(wait->awaited_count < COUNT(scene->awaited[row]));
		scene->awaited[row][wait->awaited_count] = read_member(&text);
		scene->awaited[row][wait->awaited_count++].group = group;
	}
	scene->rows[row] = wait;
	scene->still[row] = WAIT_STILL | WAIT_STILL_SURE | WAIT_STILL_WHOLE;
}

static void read_scene(struct scene *scene, const char *text)
{
	char *copy = strdup(text), *rest = copy, *word;

	memset(scene, 0, sizeof(*scene));
	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != '\0')
			read_thread(scene, word);
	free(copy);
}

/* What was found, as the expectations have it. */
static void describe(const struct deadlocks *deadlocks, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < deadlocks->count; i++) {
		const struct found_deadlock *found = &deadlocks->found[i];

		used += (size_t)snprintf(text + used, size - used, "%s%s(", i > 0 ? " " : "",
					 found->deadlock.certainty == IPCK_CONFIRMED ? "confirmed"
										     : "suspected");
		for (size_t j = 0; j < found->deadlock.member_count; j++) {
			const struct ipck_deadlock_member *member = &found->members[j];
			const struct ipck_wait *next = found->members[member->next].wait;

			/* the wait that leads there names that thread, or its process */
			assert_int_equal(member->on->process.pid, next->process.pid);
			assert_true(member->on->tid == 0 || member->on->tid == next->tid);
			used += (size_t)snprintf(text + used, size - used, "%s%d.%d>%d.%d",
						 j > 0 ? " " : "", (int)member->wait->process.pid,
						 (int)member->wait->tid, (int)next->process.pid,
						 (int)next->tid);
		}
		used += (size_t)snprintf(text + used, size - used, ")+%zu", found->deadlock.behind);
		assert_true(used < size);
	}
}

static const struct {
	const char *name, *threads, *found;
} cases[] = {
	{ "nobody", "", "" },
	{ "no cycle", "1.1=2.2k 2.2=3.3k 3.3", "" },
	{ "two", "1.1=2.2k 2.2=1.1l", "confirmed(1.1>2.2 2.2>1.1)+0" },
	{ "two, of one process", "1.1/2=1.5l 1.5/2=1.1l", "confirmed(1.1>1.5 1.5>1.1)+0" },
	{ "three, not in the order of pids", "1.1=3.3k 2.2=1.1k 3.3=2.2k",
	  "confirmed(1.1>3.3 3.3>2.2 2.2>1.1)+0" },
	{ "a thread that waits for itself", "1.1=1.1l 2.2", "confirmed(1.1>1.1)+0" },
	{ "its own process, of one thread", "1.1=1.0k", "confirmed(1.1>1.1)+0" },
	{ "its own process, where another thread is free", "1.1/2=1.0k 1.2/2", "" },
	{ "its own process, where another thread runs", "1.1/2=1.0k", "" },

	/* whoever of a group can go on, saves all */
	{ "either of two, one free", "1.1=2.2k,3.3k 2.2=1.1k 3.3", "" },
	{ "either of two, one runs", "1.1=2.2k,3.3k 2.2=1.1k", "" },
	{ "either of two, both stuck", "1.1=2.2k,3.3k 2.2=1.1k 3.3=1.1k",
	  "confirmed(1.1>2.2 2.2>1.1 3.3>1.1)+0" },
	{ "a knot of processes", "1.1=2.0k,3.0k 2.2=1.0k,3.0k 3.3=1.0k,2.0k",
	  "confirmed(1.1>2.2 2.2>1.1 3.3>1.1)+0" },
	{ "a knot with a leak", "1.1=2.0k,3.0k 2.2=1.0k,3.0k 3.3=1.0k,2.0k,4.0k 4.4", "" },
	{ "both of two, one free", "1.1=2.2l&3.3l 2.2=1.1l 3.3", "confirmed(1.1>2.2 2.2>1.1)+0" },
	{ "both of two, the first free", "1.1=2.2l&3.3l 2.2 3.3=1.1l",
	  "confirmed(1.1>3.3 3.3>1.1)+0" },
	{ "both of two, both stuck", "1.1=2.2l&3.3l 2.2=1.1l 3.3=1.1l",
	  "confirmed(1.1>2.2 2.2>1.1 3.3>1.1)+0" },
	{ "both of two groups with a way out each", "1.1=2.2k,8.8k&3.3k,9.9k 2.2=1.1k 3.3=1.1k",
	  "" },

	{ "two free ones of a group free it once", "1.1=2.2k,3.3k&4.4k 2.2 3.3 4.4=1.1k",
	  "confirmed(1.1>4.4 4.4>1.1)+0" },
	{ "a group that is free leads nowhere", "1.1=2.2k,3.3k&4.4k 2.2=1.1k 3.3 4.4=1.1k",
	  "confirmed(1.1>4.4 4.4>1.1)+1" },

	/* processes */
	{ "a process, all of whose threads are stuck", "1.1=2.0k 2.2/2=1.1k 2.3/2=2.2l",
	  "confirmed(1.1>2.2 2.2>1.1 2.3>2.2)+0" },
	{ "a process with an idle thread", "1.1=2.0k 2.2/2=1.1k 2.3/2", "" },
	{ "a process with a thread that was not seen", "1.1=2.0k 2.2/2=1.1k", "" },
	{ "a thread of a process with others", "1.1=2.2k 2.2/2=1.1k 2.3/2",
	  "confirmed(1.1>2.2 2.2>1.1)+0" },
	{ "a parent waits for its child, which waits for the parent's lock", "1.1=2.0k 2.2=1.1l",
	  "confirmed(1.1>2.2 2.2>1.1)+0" },
	{ "any child, one of which is free", "1.1=2.0k,3.0k 2.2=1.1l 3.3", "" },

	{ "a time limit", "1.1=2.2k 2.2t=1.1k", "" },
	{ "a time limit on one of two ways", "1.1=2.2k,3.3k 2.2=1.1k 3.3t=1.1k", "" },
	{ "gone", "1.1=2.2lx", "" },
	{ "gone, and a cycle into it", "1.1=2.2l 2.2=3.3lx", "" },
	{ "gone, beside one who is stuck", "1.1=2.2k,3.3kx 2.2=1.1k",
	  "confirmed(1.1>2.2 2.2>1.1)+0" },
	{ "a later process of that number", "1.1=2.2ly 2.2=1.1l", "" },
	{ "a later process of that number, as a whole", "1.1=2.0ky 2.2=1.1l", "" },
	{ "nobody recorded", "1.1=2.2n 2.2=1.1k", "" },

	{ "behind", "1.1=2.2k 2.2=1.1k 3.3=1.1k 4.4=3.3k", "confirmed(1.1>2.2 2.2>1.1)+2" },
	{ "behind, with a time limit", "1.1=2.2k 2.2=1.1k 3.3t=1.1k 4.4=3.3k",
	  "confirmed(1.1>2.2 2.2>1.1)+0" },
	{ "behind a process", "1.1=2.2k 2.2=1.1k 3.3=2.0k", "confirmed(1.1>2.2 2.2>1.1)+1" },
	{ "behind two counts once", "1.1=1.1k 2.2=2.2k 3.3=1.1k,2.2k",
	  "confirmed(1.1>1.1)+1 confirmed(2.2>2.2)+0" },

	{ "two that have nothing in common", "1.1=3.3k 2.2=4.4k 3.3=1.1k 4.4=2.2k",
	  "confirmed(1.1>3.3 3.3>1.1)+0 confirmed(2.2>4.4 4.4>2.2)+0" },
	{ "one cycle leads to another", "1.1=2.2k 2.2=1.1k&3.3k 3.3=4.4k 4.4=3.3k",
	  "confirmed(1.1>2.2 2.2>1.1)+0 confirmed(3.3>4.4 4.4>3.3)+0" },
	{ "cycles that overlap", "1.1=2.2k 2.2=3.3k&1.1k 3.3=1.1k",
	  "confirmed(1.1>2.2 2.2>3.3 3.3>1.1)+0" },

	{ "last operators", "1.1o=2.0o 2.2o=1.0o", "suspected(1.1>2.2 2.2>1.1)+0" },
	{ "one last operator", "1.1=2.0o 2.2=1.1k", "suspected(1.1>2.2 2.2>1.1)+0" },
	{ "holders that others could replace", "1.1o=2.2k 2.2=1.1k",
	  "suspected(1.1>2.2 2.2>1.1)+0" },
	{ "pipes", "1.1=2.0o 2.2=1.0o 3.3=2.0o", "suspected(1.1>2.2 2.2>1.1)+1" },
	{ "a pipe with a free writer", "1.1=2.0o,3.0o 2.2=1.0o 3.3", "" },
	{ "a FIFO that the reader keeps open for others to write to", "1.1f=1.0o", "" },
	{ "the same beside other readers", "1.1f=1.0o,2.0o 2.2f=1.0o,2.0o", "" },
	{ "FIFOs, each held by the other", "1.1f=2.0o 2.2f=1.0o", "suspected(1.1>2.2 2.2>1.1)+0" },
	{ "one of which has further holders", "1.1f=2.0o 2.2fm=1.0o", "" },
	{ "last operators with a time limit", "1.1t=2.0o 2.2=1.0o", "" },
	{ "a member of a group that nobody recorded", "1.1=2.0o,3.0n 2.2=1.0o 3.3=1.0o", "" },
	{ "a surer way and a weaker one", "1.1=2.2k&3.3o 2.2=1.1k 3.3=1.1k",
	  "confirmed(1.1>2.2 2.2>1.1)+1" },
	{ "one of each", "1.1o=2.0o 2.2o=1.0o 3.3=4.4k 4.4=3.3l 5.5=1.1k 6.6=3.3k",
	  "confirmed(3.3>4.4 4.4>3.3)+1 suspected(1.1>2.2 2.2>1.1)+1" },
	{ "suspected members behind a sure one are not another",
	  "1.1=1.1l 2.2=1.1k 3.3=2.2o&4.4o 4.4=3.3o",
	  "confirmed(1.1>1.1)+1 suspected(3.3>4.4 4.4>3.3)+0" },
};

static void test_cases(void **state)
{
	static struct scene scene;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct deadlocks deadlocks;
		char text[1024];

		read_scene(&scene, cases[i].threads);
		for (int looks = 1; looks <= 2; looks++) {
			assert_int_equal(deadlocks_find(&deadlocks, scene.rows,
							looks > 1 ? scene.still : NULL,
							scene.count),
					 IPCK_OK);
			describe(&deadlocks, text, sizeof(text));
			CHECK(strcmp(text, cases[i].found) == 0, "%s, look %d: %s", cases[i].name,
			      looks, text);
			deadlocks_end(&deadlocks);
		}
	}
}

/* A list whose groups come back counts as one group. */
static void test_disorder(void **state)
{
	static struct scene scene;
	struct deadlocks deadlocks;

	(void)state;
	read_scene(&scene, "1.1=2.2k&9.9k&2.2k 2.2=1.1k");
	scene.awaited[0][2].group = 0;
	assert_int_equal(deadlocks_find(&deadlocks, scene.rows, NULL, scene.count), IPCK_OK);
	assert_int_equal(deadlocks.count, 0);
	deadlocks_end(&deadlocks);
}

/* ---- Two looks ---- */

static const struct {
	const char *name, *threads;
	const char *still; /* a digit each: WAIT_STILL* */
	const char *found;
} looks[] = {
	{ "all still", "1.1=2.2k 2.2=1.1k 3.3=1.1k", "777", "confirmed(1.1>2.2 2.2>1.1)+1" },
	{ "one has moved", "1.1=2.2k 2.2=1.1k", "07", "" },
	{ "the other has moved", "1.1=2.2k 2.2=1.1k", "70", "" },
	{ "who is behind has moved", "1.1=2.2k 2.2=1.1k 3.3=1.1k", "770",
	  "confirmed(1.1>2.2 2.2>1.1)+0" },
	{ "whether one ran is unknown", "1.1=2.2k 2.2=1.1k", "57", "suspected(1.1>2.2 2.2>1.1)+0" },
	{ "another thread of a process has moved", "1.1=2.0k 2.2/2=1.1k 2.3/2=1.1k", "770", "" },
	{ "another thread of a process may have run", "1.1=2.0k 2.2/2=1.1k 2.3/2=1.1k", "775",
	  "suspected(1.1>2.2 2.2>1.1 2.3>1.1)+0" },
	{ "a process had other threads", "1.1=2.0k 2.2=1.1k", "73", "" },
	{ "a process had other threads, but one is meant", "1.1=2.2k 2.2=1.1k", "33",
	  "confirmed(1.1>2.2 2.2>1.1)+0" },
	{ "one of either has moved", "1.1=2.2k,3.3k 2.2=1.1k 3.3=1.1k", "770", "" },
	{ "a suspect has moved", "1.1=2.0o 2.2=1.0o", "70", "" },
	{ "suspects", "1.1=2.0o 2.2=1.0o", "55", "suspected(1.1>2.2 2.2>1.1)+0" },
	{ "what it leads to is elsewhere", "1.1=2.2k 2.2=1.1k,3.3k 3.3=3.3l", "770", "" },
};

static void test_looks(void **state)
{
	static struct scene scene;

	(void)state;
	for (size_t i = 0; i < COUNT(looks); i++) {
		struct deadlocks deadlocks;
		char text[1024];

		read_scene(&scene, looks[i].threads);
		assert_int_equal(strlen(looks[i].still), scene.count);
		for (size_t j = 0; j < scene.count; j++)
			scene.still[j] = (unsigned char)(looks[i].still[j] - '0');
		assert_int_equal(deadlocks_find(&deadlocks, scene.rows, scene.still, scene.count),
				 IPCK_OK);
		describe(&deadlocks, text, sizeof(text));
		CHECK(strcmp(text, looks[i].found) == 0, "%s: %s", looks[i].name, text);
		deadlocks_end(&deadlocks);
	}
}

static void test_stuck(void **state)
{
	static const bool stuck[] = { true, true, true, false, true, true, false };
	static struct scene scene;
	struct deadlocks deadlocks;

	(void)state;
	read_scene(&scene, "1.1=2.2k 2.2=1.1k 3.3=1.1o 4.4 5.5=6.0o 6.6o=5.0o 7.7=4.4k");
	assert_int_equal(deadlocks_find(&deadlocks, scene.rows, NULL, scene.count), IPCK_OK);
	for (size_t i = 0; i < scene.count; i++)
		CHECK(deadlocks.stuck[i] == stuck[i], "thread %zu", i + 1);
	deadlocks_end(&deadlocks);
}

/* ---- Large ones ---- */

#define MANY 100000

static struct ipck_wait many[MANY];
static struct ipck_awaited many_awaited[MANY];
static const struct ipck_wait *many_rows[MANY];

/* Each thread waits for the next one, as a thread or as a process. */
static void make_chain(bool processes)
{
	for (size_t i = 0; i < MANY; i++) {
		many_awaited[i] = (struct ipck_awaited){ .process = { (pid_t)i + 2, 7 },
							 .tid = processes ? 0 : (pid_t)i + 2,
							 .proof = IPCK_PROOF_KERNEL };
		many[i] = (struct ipck_wait){ .process = { (pid_t)i + 1, 7 },
					      .tid = (pid_t)i + 1,
					      .threads = 1,
					      .awaited = &many_awaited[i],
					      .awaited_count = 1 };
		many_rows[i] = &many[i];
	}
}

static void test_chain(void **state)
{
	struct deadlocks deadlocks;

	(void)state;
	for (int processes = 0; processes < 2; processes++) {
		make_chain(processes != 0);
		many[MANY - 1].awaited_count = 0;
		assert_int_equal(deadlocks_find(&deadlocks, many_rows, NULL, MANY), IPCK_OK);
		assert_int_equal(deadlocks.count, 0);
		deadlocks_end(&deadlocks);

		make_chain(processes != 0);
		many_awaited[MANY - 1].process.pid = 1;
		many_awaited[MANY - 1].tid = processes != 0 ? 0 : 1;
		assert_int_equal(deadlocks_find(&deadlocks, many_rows, NULL, MANY), IPCK_OK);
		assert_int_equal(deadlocks.count, 1);
		assert_int_equal(deadlocks.found[0].deadlock.member_count, MANY);
		for (size_t i = 0; i < MANY; i++) {
			assert_ptr_equal(deadlocks.found[0].members[i].wait, &many[i]);
			assert_int_equal(deadlocks.found[0].members[i].next, (i + 1) % MANY);
		}
		deadlocks_end(&deadlocks);

		make_chain(processes != 0);
		many_awaited[MANY - 1].process.pid = MANY;
		many_awaited[MANY - 1].tid = MANY;
		assert_int_equal(deadlocks_find(&deadlocks, many_rows, NULL, MANY), IPCK_OK);
		assert_int_equal(deadlocks.count, 1);
		assert_int_equal(deadlocks.found[0].deadlock.member_count, 1);
		assert_int_equal(deadlocks.found[0].deadlock.behind, MANY - 1);
		deadlocks_end(&deadlocks);
	}
}

/* One process of many threads, which all wait for the process. */
static void test_crowd(void **state)
{
	struct deadlocks deadlocks;

	(void)state;
	make_chain(true);
	for (size_t i = 0; i < MANY; i++) {
		many[i].process.pid = many_awaited[i].process.pid = 1;
		many[i].threads = MANY;
	}
	assert_int_equal(deadlocks_find(&deadlocks, many_rows, NULL, MANY), IPCK_OK);
	assert_int_equal(deadlocks.count, 1);
	assert_int_equal(deadlocks.found[0].deadlock.member_count, MANY);
	deadlocks_end(&deadlocks);
	many[MANY / 2].awaited_count = 0;
	assert_int_equal(deadlocks_find(&deadlocks, many_rows, NULL, MANY), IPCK_OK);
	assert_int_equal(deadlocks.count, 0);
	deadlocks_end(&deadlocks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("cycles, groups, processes, evidence", test_cases),
		TEST("a list out of order", test_disorder),
		TEST("two looks", test_looks),
		TEST("who is stuck", test_stuck),
		TEST("a chain of 100000", test_chain),
		TEST("a process of 100000 threads", test_crowd),
	};

	return RUN(tests);
}
