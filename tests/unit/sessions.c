/* SPDX-License-Identifier: MIT */
/* How processes that are made by hand belong together, and the second look at what does not fit. */
#include "forest.h"

#include "processes_again.h"
#include "source/process_row.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Sessions and groups ---- */

static const struct ipck_session *session_of(const struct forest *forest, pid_t sid)
{
	for (size_t i = 0; i < forest->sessions.session_count; i++)
		if (forest->sessions.sessions[i].row.sid == sid)
			return &forest->sessions.sessions[i].row;
	fail();
	return NULL;
}

static void test_sessions(void **state)
{
	static const struct planted rows[] = {
		{ 1, 0, 0, 0, NULL },
		{ 20, 1, 20, 20, NULL, .tty = 3, .tpgid = 25 },
		{ 22, 20, 22, 20, NULL, .tty = 3, .tpgid = 25, .start = 40 },
		{ 23, 20, 22, 20, NULL, .tty = 3, .tpgid = 25, .start = 30 },
		{ 25, 20, 25, 20, NULL, .tty = 3, .tpgid = 25 },
		{ 28, 20, 28, 20, NULL }, /* has given its terminal up */
		{ 30, 1, 30, 29, NULL, .state = 'Z' },
		{ 41, 1, 41, 40, NULL, .tty = 7, .tpgid = 40 },
		{ 50, 0, 0, 0, NULL, .tty = 5 },
		{ 51, 0, 51, 0, NULL, .tty = 6, .tpgid = 51 },
		{ 0, 0, 0, 0, NULL },
	};
	const struct ipck_session *session;
	const struct ipck_group *group;
	struct forest forest;

	(void)state;
	forest_plant(&forest, rows);
	assert_true(sessions_tie(&forest.sessions));
	assert_int_equal(forest.sessions.session_count, 4);
	session = session_of(&forest, 20);
	assert_int_equal(session->leader->id.pid, 20);
	assert_int_equal(session->tty_major, PTS);
	assert_int_equal(session->tty_minor, 3);
	assert_string_equal(session->terminal, "pts/3");
	assert_int_equal(session->foreground_pgid, 25);
	assert_false(session->hung);
	assert_int_equal(session->group_count, 4);
	for (size_t i = 0; i < 4; i++) {
		static const struct {
			pid_t pgid;
			bool foreground, orphaned;
			size_t count;
			pid_t first;
		} groups[] = { { 20, false, true, 1, 20 },
			       { 22, false, false, 2, 23 },
			       { 25, true, false, 1, 25 },
			       { 28, false, false, 1, 28 } };

		group = ipck_group_at(session, i);
		assert_int_equal(group->pgid, groups[i].pgid);
		CHECK(group->foreground == groups[i].foreground &&
			      group->orphaned == groups[i].orphaned,
		      "group %d", (int)group->pgid);
		assert_int_equal(group->count, groups[i].count);
		assert_int_equal(group->members[0]->id.pid, groups[i].first);
	}
	assert_null(ipck_group_at(session, 4));
	/* nobody is left in it who could be stopped */
	session = session_of(&forest, 29);
	assert_null(session->leader);
	assert_null(session->terminal);
	assert_int_equal(session->foreground_pgid, -1);
	assert_false(ipck_group_at(session, 0)->orphaned);
	session = session_of(&forest, 40);
	assert_int_equal(session->foreground_pgid, 40);
	assert_true(session->hung);
	/* several sessions, of two terminals */
	session = session_of(&forest, 0);
	assert_int_equal(session->tty_major, 0);
	assert_int_equal(session->foreground_pgid, -1);
	assert_false(session->hung);
	forest_free(&forest);
}

/* ---- The tree ---- */

static struct sessions *grow(size_t count)
{
	struct sessions *sessions = calloc(1, sizeof(*sessions));

	assert_non_null(sessions);
	sessions->nodes = calloc(count, sizeof(*sessions->nodes));
	assert_non_null(sessions->nodes);
	sessions->count = count;
	for (size_t i = 0; i < count; i++) {
		struct planted row = { .pid = (pid_t)i + 1 };

		sessions->nodes[i].row = planted_row(&row);
	}
	return sessions;
}

static void fell(struct sessions *sessions)
{
	pool_free(&sessions->pool);
	free(sessions->nodes);
	free(sessions);
}

/* Everybody is below exactly one root, once, in the order of starts. */
static void check_tree(const struct sessions *sessions)
{
	const struct process_node **stack = calloc(sessions->count + 1, sizeof(*stack));
	bool *seen = calloc(sessions->count, sizeof(*seen));
	size_t found = 0, depth = 0;

	assert_true(stack != NULL && seen != NULL);
	for (size_t i = 0; i < sessions->root_count; i++) {
		assert_null(sessions->roots[i]->parent);
		stack[depth++] = sessions->roots[i];
	}
	while (depth > 0) {
		const struct process_node *node = stack[--depth];

		assert_false(seen[node - sessions->nodes]);
		seen[node - sessions->nodes] = true;
		found++;
		for (size_t i = 0; i < node->child_count; i++) {
			const struct process_node *child = node->children[i];

			assert_ptr_equal(child->parent, node);
			assert_int_equal(child->row.ppid, node->row.id.pid);
			assert_true(child->row.id.start_time >= node->row.id.start_time);
			assert_true(i == 0 || child->row.id.start_time >=
						      node->children[i - 1]->row.id.start_time);
			stack[depth++] = child;
		}
	}
	assert_int_equal(found, sessions->count);
	free(stack);
	free(seen);
}

static void test_deep_chain(void **state)
{
	enum { DEEP = 100000 };
	struct sessions *sessions = grow(DEEP);

	(void)state;
	for (size_t i = 0; i < DEEP; i++) { /* the highest number is the root */
		sessions->nodes[i].row.ppid = (pid_t)(i + 2 <= DEEP ? i + 2 : 0);
		sessions->nodes[i].row.id.start_time = 7;
	}
	assert_true(sessions_tie(sessions));
	assert_int_equal(marks_find(sessions), IPCK_OK);
	assert_int_equal(sessions->root_count, 1);
	check_tree(sessions);
	fell(sessions);
}

static uint32_t random_state;

static uint32_t dice(uint32_t sides)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % sides;
}

static void test_random_forests(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 3000; seed++) {
		const size_t count = 1 + seed % 60;
		struct sessions *sessions = grow(count);
		const uint32_t sides = (uint32_t)count + 2;

		random_state = seed;
		sessions->hidden = dice(4) == 0;
		sessions->global = dice(2) == 0;
		for (size_t i = 0; i < count; i++) {
			struct ipck_process *row = &sessions->nodes[i].row;

			row->ppid = (pid_t)dice(sides);
			row->pgid = (pid_t)dice(sides);
			row->sid = (pid_t)dice(sides);
			row->id.start_time = dice(1 + seed % 5);
			row->state = "SRTtZX"[dice(6)];
			row->threads = 1 + dice(2);
			row->tty_major = dice(2);
			row->tpgid = (pid_t)dice(sides) - 1;
		}
		assert_true(sessions_tie(sessions));
		assert_int_equal(marks_find(sessions), IPCK_OK);
		check_tree(sessions);
		for (size_t i = 0; i < count; i++) {
			const struct process_node *node = &sessions->nodes[i];
			const pid_t ppid = node->row.ppid;
			char text[IPCK_REASON_MAX];

			/* a parent that is certain is not cut away */
			CHECK(node->parent != NULL || ppid == 0 || ppid > (pid_t)count ||
				      sessions->nodes[ppid - 1].row.id.start_time >=
					      node->row.id.start_time,
			      "seed %u: %zu has lost its parent", seed, i + 1);
			assert_int_equal(node->session->row.sid, node->row.sid);
			assert_int_equal(node->group->row.pgid, node->row.pgid);
			for (unsigned j = 0; j < IPCK_MARK_COUNT; j++)
				mark_reason(node, 1u << j, text, sizeof(text));
		}
		fell(sessions);
	}
}

/* ---- The second look ---- */

static pthread_barrier_t resting;
static const struct planted *by_now; /* what a second look finds */
static char asked[128];

static bool read_planted(pid_t pid, char *text, struct process_row *row)
{
	const size_t used = strlen(asked);

	(void)text;
	snprintf(asked + used, sizeof(asked) - used, "%d ", (int)pid);
	for (const struct planted *from = by_now; from->pid != 0; from++) {
		const struct ipck_process made = planted_row(from);

		if (from->pid != pid)
			continue;
		*row = (struct process_row){
			.pid = pid,
			.ppid = made.ppid,
			.pgid = made.pgid,
			.sid = made.sid,
			.tpgid = made.tpgid,
			.command = made.command,
			.state = made.state,
			.tty_major = made.tty_major,
			.tty_minor = made.tty_minor,
			.threads = made.threads,
			.start_time = made.id.start_time,
		};
		return true;
	}
	return false;
}

static int add_planted(const struct process_row *row, void *data)
{
	struct forest *forest = data;
	const struct planted from = {
		.pid = row->pid,
		.ppid = row->ppid,
		.pgid = row->pgid,
		.sid = row->sid,
		.start = row->start_time,
		.tty = row->tty_minor,
		.tpgid = row->tpgid,
		.state = row->state,
	};

	assert_true(forest->sessions.count < FOREST_MAX);
	forest->nodes[forest->sessions.count++] =
		(struct process_node){ .row = planted_row(&from) };
	return IPCK_OK;
}

static void look_again(struct forest *forest, const struct planted *rows, const struct planted *now)
{
	const struct look_again again = { .sessions = &forest->sessions,
					  .read = read_planted,
					  .add = add_planted,
					  .data = forest };

	by_now = now;
	asked[0] = '\0';
	forest_plant(forest, rows);
	assert_int_equal(processes_look_again(&again), IPCK_OK);
	assert_true(sessions_tie(&forest->sessions));
	assert_int_equal(marks_find(&forest->sessions), IPCK_OK);
}

static const struct ipck_process *row_of(const struct forest *forest, pid_t pid)
{
	const struct process_node *node = sessions_find(&forest->sessions, pid);

	CHECK(node != NULL, "there is no %d", (int)pid);
	return &node->row;
}

static void test_nothing_missing(void **state)
{
	static const struct planted rows[] = {
		{ 1, 0, 0, 0, NULL },
		{ 5, 1, 4, 0, NULL, .tty = 3, .tpgid = 4 }, /* a group needs no leader */
		{ 0, 0, 0, 0, NULL },
	};
	struct forest forest;

	(void)state;
	look_again(&forest, rows, rows + 2);
	assert_string_equal(asked, "");
	forest_free(&forest);
}

static void test_missing(void **state)
{
	static const struct planted rows[] = {
		{ 1, 0, 0, 0, NULL },
		{ 5, 3, 0, 0, NULL },             /* its parent has ended since */
		{ 6, 4, 0, 0, NULL },             /* has been passed over */
		{ 8, 6, 0, 0, NULL, .start = 2 }, /* older than its parent, and gone */
		{ 9, 11, 0, 0, NULL },            /* the number of its parent was reused */
		{ 10, 12, 0, 0, NULL },           /* has ended, as its parent has */
		{ 11, 1, 0, 0, NULL, .start = 99 },
		{ 13, 1, 14, 14, NULL },
		{ 15, 1, 16, 16, NULL }, /* its leader has ended */
		{ 0, 0, 0, 0, NULL },
	};
	static const struct planted now[] = {
		{ 4, 1, 0, 0, NULL },    { 5, 1, 0, 0, NULL }, { 9, 1, 0, 0, NULL },
		{ 14, 1, 14, 14, NULL }, { 0, 0, 0, 0, NULL },
	};
	struct forest forest;

	(void)state;
	look_again(&forest, rows, now);
	assert_string_equal(asked, "3 4 12 14 16 5 8 9 10 ");
	assert_int_equal(forest.sessions.count, 11);
	assert_int_equal(row_of(&forest, 5)->ppid, 1);
	assert_int_equal(row_of(&forest, 5)->marks, 0);
	assert_int_equal(row_of(&forest, 6)->marks, 0);
	assert_int_equal(row_of(&forest, 8)->marks, IPCK_MARK_PARENT_HIDDEN);
	assert_int_equal(row_of(&forest, 9)->marks, 0);
	assert_int_equal(row_of(&forest, 10)->marks, IPCK_MARK_PARENT_HIDDEN);
	/* with a leader, and a parent that is init, it was forked by that one's kin */
	assert_int_equal(row_of(&forest, 13)->marks, IPCK_MARK_ORPHAN);
	assert_int_equal(row_of(&forest, 15)->marks, IPCK_MARK_ORPHAN | IPCK_MARK_DAEMON);
	forest_free(&forest);
}

static void test_terminals(void **state)
{
	static const struct planted rows[] = {
		{ 1, 0, 0, 0, NULL },
		/* a command ended, and another was started */
		{ 20, 1, 20, 20, NULL, .tty = 3, .tpgid = 25 },
		{ 22, 20, 22, 20, NULL, .tty = 3, .tpgid = 25 },
		/* the shell has the terminal again */
		{ 30, 1, 30, 30, NULL, .tty = 4, .tpgid = 35 },
		/* it is hung */
		{ 40, 1, 40, 40, NULL, .tty = 5, .tpgid = 45 },
		{ 41, 40, 41, 40, NULL, .tty = 5, .tpgid = 45 },
		/* only a zombie is left, but the shell has seen to that */
		{ 50, 1, 50, 50, NULL, .tty = 6, .tpgid = 55 },
		{ 55, 50, 55, 50, NULL, .tty = 6, .tpgid = 55, .state = 'Z' },
		{ 0, 0, 0, 0, NULL },
	};
	static const struct planted now[] = {
		{ 20, 1, 20, 20, NULL, .tty = 3, .tpgid = 26 },
		{ 26, 20, 26, 20, NULL, .tty = 3, .tpgid = 26 },
		{ 30, 1, 30, 30, NULL, .tty = 4, .tpgid = 30 },
		{ 40, 1, 40, 40, NULL, .tty = 5, .tpgid = 45 },
		{ 50, 1, 50, 50, NULL, .tty = 6, .tpgid = 50 },
		{ 0, 0, 0, 0, NULL },
	};
	struct forest forest;

	(void)state;
	look_again(&forest, rows, now);
	assert_string_equal(asked, "20 26 30 40 50 ");
	assert_int_equal(session_of(&forest, 20)->foreground_pgid, 26);
	assert_false(session_of(&forest, 20)->hung);
	assert_int_equal(row_of(&forest, 22)->tpgid, 26);
	assert_true((row_of(&forest, 26)->marks & IPCK_MARK_FOREGROUND) != 0);
	assert_true((row_of(&forest, 30)->marks & IPCK_MARK_FOREGROUND) != 0);
	assert_false(session_of(&forest, 30)->hung);
	assert_true(session_of(&forest, 40)->hung);
	assert_true((row_of(&forest, 41)->marks & IPCK_MARK_HUNG_TERMINAL) != 0);
	assert_false(session_of(&forest, 50)->hung);
	assert_int_equal(row_of(&forest, 55)->marks & IPCK_MARK_FOREGROUND, 0);
	forest_free(&forest);
}

static void *rest(void *data)
{
	*(pid_t *)data = gettid();
	pthread_barrier_wait(&resting);
	pthread_barrier_wait(&resting);
	return NULL;
}

static void test_row(void **state)
{
	char text[PROCESS_ROW_TEXT], name[16];
	struct process_row row;
	pthread_t thread;
	pid_t tid, child;

	(void)state;
	assert_int_equal(pthread_barrier_init(&resting, NULL, 2), 0);
	assert_int_equal(pthread_create(&thread, NULL, rest, &tid), 0);
	pthread_barrier_wait(&resting);
	assert_int_equal(prctl(PR_GET_NAME, name), 0);
	assert_true(process_row_read(getpid(), text, &row));
	assert_int_equal(row.pid, getpid());
	assert_int_equal(row.ppid, getppid());
	assert_int_equal(row.pgid, getpgrp());
	assert_int_equal(row.sid, getsid(0));
	assert_int_equal(row.uid, geteuid());
	assert_int_equal(row.threads, 2);
	assert_int_equal(row.state, 'R');
	assert_false(row.kernel);
	assert_string_equal(row.command, name);
	assert_false(process_row_read(tid, text, &row)); /* a thread, not a process */
	pthread_barrier_wait(&resting);
	assert_int_equal(pthread_join(thread, NULL), 0);
	child = fork();
	if (child == 0)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)child, &(siginfo_t){ 0 }, WEXITED | WNOWAIT), 0);
	assert_true(process_row_read(child, text, &row));
	assert_int_equal(row.state, 'Z');
	assert_int_equal(row.ppid, getpid());
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_false(process_row_read(child, text, &row));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST("sessions, their terminals and their groups", test_sessions),
		TEST("a chain of 100,000 in one tick", test_deep_chain),
		TEST("random forests have everybody below one root, once", test_random_forests),
		TEST("where nothing is missing nothing is read again", test_nothing_missing),
		TEST("missing parents and leaders are looked for, and children asked",
		     test_missing),
		TEST("a row that is read alone, of a process only", test_row),
		TEST("a terminal is asked again before it is said to be hung", test_terminals),
	};

	return RUN(tests);
}
