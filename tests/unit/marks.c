/* SPDX-License-Identifier: MIT */
/* Marks of processes that are made by hand: the shapes that processes leave one another in. */
#include "forest.h"

#define SYSTEM "/init.scope"
#define USER "/user.slice/user-1000.slice/user@1000.service"
#define LEADER "session-leader group-leader"
#define INIT "reaper session-leader group-leader"

enum { CONTAINER, MACHINE, HIDDEN }; /* whose process 1 it is; what /proc shows */

static const struct {
	const char *name;
	int place;
	struct planted rows[10];
	const char *asked; /* whose control group was; NULL: of nobody */
} cases[] = {
	{ .name = "a daemon that forked twice",
	  .place = MACHINE,
	  .rows = { { 1, 0, 1, 1, INIT, "init of this pid namespace" },
		    { 44, 1, 43, 43, "orphan daemon",
		      "its session 43, whose leader has ended, is not that of its parent x[1], "
		      "which is init" } } },
	{ .name = "why it is a daemon",
	  .rows = { { 1, 0, 0, 0, "reaper" },
		    { 44, 1, 43, 43, "orphan daemon",
		      "no terminal, session 43 has no leader any more, given to x[1]" } } },
	{ .name = "a leader that is a zombie has ended",
	  .rows = { { 1, 0, 0, 0, "reaper" },
		    { 43, 1, 43, 43, "zombie " LEADER, .state = 'Z' },
		    { 44, 1, 43, 43, "orphan daemon" } } },
	{ .name = "a leader whose first thread has ended has not",
	  .rows = { { 1, 0, 0, 0, "reaper" },
		    { 43, 1, 43, 43, "zombie-leader daemon? " LEADER,
		      "its first thread has ended, but 1 other has not", .state = 'Z',
		      .threads = 2 },
		    { 44, 1, 43, 43, "orphan" } },
	  .asked = "1 " },
	{ .name = "one that called setsid() and lost its parent, or that init started",
	  .rows = { { 1, 0, 0, 0, "reaper" },
		    { 46, 1, 46, 46, "daemon? " LEADER,
		      "no terminal, a session of its own, child of x[1], which may have "
		      "started" } },
	  .asked = "1 " },
	{ .name = "a nohup job whose shell has ended",
	  .rows = { { 1, 0, 0, 0, "reaper" }, { 60, 1, 60, 55, "orphan daemon group-leader" } } },
	{ .name = "the same, with the shell's leader still there",
	  .rows = { { 1, 0, 0, 0, "reaper" },
		    { 55, 1, 55, 55, "orphaned-group foreground " LEADER, .tty = 3, .tpgid = 55 },
		    { 60, 1, 60, 55, "orphan orphaned-group group-leader",
		      "stop signals of the terminal are ignored", .tty = 3, .tpgid = 55 } },
	  .asked = "1 " },
	{ .name = "an orphan in its reaper's session does not show",
	  .rows = { { 1, 0, 0, 0, "reaper" },
		    { 70, 1, 0, 0, "" },
		    { 71, 1, 71, 0, "group-leader", "leads group 71 of 2 processes" },
		    { 72, 71, 71, 0, "" } } },
	{ .name = "nor one in a session outside of our pid namespace",
	  .rows = { { 1, 0, 1, 1, INIT },
		    { 70, 1, 0, 0, "" },
		    { 75, 0, 75, 75, LEADER },
		    { 76, 75, 0, 0, "" } } },
	{ .name = "a subreaper",
	  .rows = { { 1, 0, 0, 0, "reaper" },
		    { 80, 1, 0, 0, "reaper?", "it was given x[85], of session 84",
		      .command = "shim" },
		    { 85, 80, 84, 84, "orphan daemon",
		      "is not that of its parent shim[80], which leads none" } } },
	{ .name = "a subreaper's child that leads a session",
	  .rows = { { 1, 0, 0, 0, "reaper" },
		    { 80, 1, 0, 0, "reaper?" },
		    { 82, 80, 82, 82, "daemon? " LEADER },
		    { 85, 80, 84, 84, "orphan daemon" } },
	  .asked = "80 " },
	{ .name = "a parent that leads a session may have called setsid() late",
	  .rows = { { 1, 0, 0, 0, "reaper" },
		    { 50, 1, 50, 50, "daemon? " LEADER },
		    { 90, 50, 90, 90, LEADER },
		    { 91, 90, 50, 50, "orphan?",
		      "its session 50 is not that of its parent x[90], unless that called setsid() "
		      "after the fork" } },
	  .asked = "90 50 1 " },
	{ .name = "the same, and the leader has ended",
	  .rows = { { 1, 0, 0, 0, "reaper" },
		    { 90, 1, 90, 90, "daemon? " LEADER },
		    { 91, 90, 50, 50, "orphan?", "whose leader has ended" } },
	  .asked = "90 1 " },
	{ .name = "but not in a session that is younger than it",
	  .rows = { { 1, 0, 0, 0, "reaper" },
		    { 90, 1, 90, 90, "reaper? daemon? " LEADER },
		    { 95, 1, 95, 95, "daemon? " LEADER },
		    { 96, 90, 95, 95, "orphan",
		      "its session 95 is not that of its parent x[90] and was founded after" } },
	  .asked = "1 " },
	{ .name = "of one tick nobody is the younger",
	  .rows = { { 1, 0, 0, 0, "reaper" },
		    { 90, 1, 90, 90, "daemon? " LEADER },
		    { 95, 1, 95, 95, "daemon? " LEADER, .start = 90 },
		    { 96, 90, 95, 95, "orphan?" } },
	  .asked = "90 1 " },
	{ .name = "a session that the parent founded after its row was read",
	  .rows = { { 1, 0, 0, 0, "reaper" },
		    { 700, 1, 690, 690, "orphan daemon" },
		    { 701, 700, 700, 700, "" } } },
	{ .name = "the service manager of a user",
	  .place = MACHINE,
	  .rows = { { 1, 0, 1, 1, INIT, .group = SYSTEM },
		    { 900, 1, 900, 900, "service reaper " LEADER,
		      "a service manager, by its control group", .group = USER SYSTEM },
		    { 901, 900, 900, 900, "", .group = USER SYSTEM },
		    { 902, 900, 902, 902, "daemon? " LEADER, .group = USER SYSTEM },
		    { 950, 900, 940, 940, "orphan daemon",
		      "its parent x[900], a service manager, which is given orphans" },
		    { 960, 900, 960, 960, "service " LEADER,
		      "child of x[900], a service manager, in dbus.service",
		      .group = USER "/app.slice/dbus.service" },
		    { 970, 900, 970, 970, "orphan daemon " LEADER,
		      "it is in app-a-1.scope, where its parent x[900] starts nothing",
		      .group = USER "/app.slice/app-a-1.scope" } },
	  .asked = "900 1 900 902 960 970 " },
	{ .name = "what only resembles one",
	  .rows = { { 1, 0, 1, 1, INIT },
		    { 90, 1, 90, 90, "daemon? " LEADER, .group = "/a/user@x.service/init.scope" },
		    { 91, 90, 50, 50, "orphan?" } },
	  .asked = "90 1 " },
	{ .name = "services and scopes",
	  .place = MACHINE,
	  .rows = { { 1, 0, 1, 1, INIT, .group = SYSTEM },
		    { 100, 1, 100, 100, "service " LEADER, "in nginx.service",
		      .group = "/system.slice/nginx.service" },
		    { 101, 100, 100, 100, "", .group = "/system.slice/nginx.service" },
		    { 105, 1, 105, 105, "service " LEADER,
		      .group = "/system.slice/docker.service/init" },
		    { 110, 1, 110, 110, "orphan daemon " LEADER, "it is in session-3.scope",
		      .group = "/user.slice/session-3.scope" },
		    { 120, 1, 120, 120, "service? " LEADER, "one of several children of x[1]",
		      .group = "/system.slice/cron.service" },
		    { 121, 1, 121, 121, "service? " LEADER, .group = "/system.slice/cron.service" },
		    { 130, 1, 130, 130, "daemon? " LEADER, .group = "/" },
		    { 131, 1, 131, 131, "daemon? " LEADER } },
	  .asked = "1 100 105 110 120 121 130 131 " },
	{ .name = "a container in a scope has no service manager",
	  .rows = { { 1, 0, 1, 1, INIT, .group = "/docker-1.scope" },
		    { 9, 1, 9, 9, "daemon? " LEADER, .group = "/docker-1.scope" } },
	  .asked = "1 " },
	{ .name = "a getty is a service with a terminal",
	  .place = MACHINE,
	  .rows = { { 1, 0, 1, 1, INIT, .group = SYSTEM },
		    { 9, 1, 9, 9, "service orphaned-group foreground " LEADER,
		      "leads session 9 on pts/3", .tty = 3, .tpgid = 9,
		      .group = "/system.slice/getty@tty1.service" } },
	  .asked = "1 9 " },
	{ .name = "zombies",
	  .rows = { { 1, 0, 0, 0, "reaper" },
		    { 200, 1, 0, 0, "", .command = "sh" },
		    { 201, 200, 0, 0, "zombie", "exited with 3, not yet asked for by sh[200]",
		      .state = 'Z', .exited = true, .exit_status = 3 << 8 },
		    { 202, 200, 0, 0, "zombie", "killed by TERM, not yet asked for by sh[200]",
		      .state = 'Z', .exited = true, .exit_status = 15 },
		    { 203, 200, 0, 0, "zombie", "killed by SEGV with a core dump, not yet",
		      .state = 'Z', .exited = true, .exit_status = 11 | 0x80 },
		    { 204, 200, 0, 0, "zombie", "exit status not to be seen, not yet asked",
		      .state = 'Z' },
		    { 205, 1, 180, 180, "zombie orphan", .state = 'Z' },
		    { 206, 200, 0, 0, "zombie-leader", "but 2 others have not", .state = 'Z',
		      .threads = 3 },
		    { 207, 200, 0, 0, "", .state = 'X' } } },
	{ .name = "a pipeline whose leader has ended, in the foreground",
	  .rows = { { 1, 0, 0, 0, "reaper" },
		    { 300, 1, 300, 300, "orphaned-group " LEADER, .tty = 3, .tpgid = 301 },
		    { 302, 300, 301, 300, "foreground", "group 301 is in the foreground of pts/3",
		      .tty = 3, .tpgid = 301 },
		    { 310, 300, 310, 300, "stopped group-leader", "by a signal", .state = 'T',
		      .tty = 3, .tpgid = 301 },
		    { 311, 300, 311, 300, "stopped group-leader", "by a tracer", .state = 't',
		      .tty = 3, .tpgid = 301 } },
	  .asked = "1 " },
	{ .name = "a stopped group that was orphaned",
	  .rows = { { 1, 0, 0, 0, "reaper" },
		    { 320, 1, 320, 315, "orphan daemon orphaned-group stopped group-leader",
		      "nobody else in its session has a child in group 320", .state = 'T' },
		    { 321, 320, 320, 315, "orphaned-group" },
		    { 322, 1, 322, 315, "orphan daemon group-leader" } } },
	{ .name = "a terminal whose foreground group has ended",
	  .rows = { { 1, 0, 0, 0, "reaper" },
		    { 330, 1, 330, 330, "orphaned-group hung-terminal " LEADER,
		      "the foreground group 340 of pts/3 has no process any more", .tty = 3,
		      .tpgid = 340 },
		    { 331, 330, 331, 330, "hung-terminal group-leader", .tty = 3, .tpgid = 340 },
		    { 340, 330, 340, 330, "zombie foreground group-leader", .tty = 3, .tpgid = 340,
		      .state = 'Z' } },
	  .asked = "1 " },
	{ .name = "parents in a circle",
	  .rows = { { 400, 401, 0, 0, "parent-hidden", "its parent 401 had ended: that number is",
		      .start = 400 },
		    { 401, 400, 0, 0, "", .start = 400 } } },
	{ .name = "the number of a parent that is gone",
	  .rows = { { 410, 0, 0, 0, "", .start = 500, .command = "new" },
		    { 411, 410, 0, 0, "parent-hidden",
		      "its parent 410 had ended: that number is of new[410] by now" },
		    { 412, 39, 0, 0, "parent-hidden", "/proc does not show its parent 39" } } },
	{ .name = "a terminal from outside of our pid namespace",
	  .rows = { { 1, 0, 0, 0, "reaper foreground?",
		      "its group and the foreground group of pts/3 are both outside", .tty = 3 },
		    { 5, 1, 5, 0, "group-leader", .tty = 3 },
		    { 6, 0, 0, 0, "foreground?", .tty = 3 } } },
	{ .name = "a /proc that hides processes",
	  .place = HIDDEN,
	  .rows = { { 500, 450, 500, 450, "parent-hidden group-leader",
		      "/proc does not show its parent 450: it hides processes from us" },
		    { 501, 500, 500, 460, "" },
		    { 502, 500, 502, 450, "stopped group-leader", .state = 'T' },
		    { 503, 500, 503, 503, LEADER, .tty = 3, .tpgid = 510 } } },
	{ .name = "threads of the kernel, and their child",
	  .place = MACHINE,
	  .rows = { { 1, 0, 1, 1, INIT },
		    { 2, 0, 0, 0, "kernel", "a thread of the kernel", .kernel = true },
		    { 3, 2, 0, 0, "kernel", .kernel = true, .state = 'Z' },
		    { 4, 2, 4, 4, LEADER },
		    { 5, 1, 0, 0, "kernel", .kernel = true, .state = 'T' } } },
	{ .name = "children of the machine's init keep no group from being orphaned",
	  .place = MACHINE,
	  .rows = { { 1, 0, 1, 1, INIT },
		    { 600, 1, 600, 1, "orphaned-group stopped group-leader", .state = 'T' } } },
	{ .name = "those of a container's do",
	  .rows = { { 1, 0, 1, 1, INIT },
		    { 600, 1, 600, 1, "stopped group-leader", .state = 'T' } } },
	{ .name = "of a group outside nobody can tell",
	  .rows = { { 1, 0, 0, 0, "reaper" },
		    { 7, 0, 0, 0, "stopped", .state = 'T' },
		    { 8, 0, 8, 0, "stopped group-leader", .state = 'T' },
		    { 9, 0, 9, 9, "orphaned-group stopped " LEADER, .state = 'T' } } },
};

/* "orphan? daemon", in the order of the enum. */
static void words_of(const struct ipck_process *row, char *words, size_t size)
{
	static const char *const names[IPCK_MARK_COUNT] = {
		"zombie",        "zombie-leader",  "orphan",         "parent-hidden", "daemon",
		"service",       "reaper",         "orphaned-group", "stopped",       "foreground",
		"hung-terminal", "session-leader", "group-leader",   "kernel",
	};
	size_t used = 0;

	words[0] = '\0';
	for (unsigned i = 0; i < IPCK_MARK_COUNT; i++)
		if ((row->marks & 1u << i) != 0)
			used += (size_t)snprintf(words + used, size - used, "%s%s%s",
						 used > 0 ? " " : "", names[i],
						 (row->likely & 1u << i) != 0 ? "?" : "");
}

/* Each word once, whatever the order: an expectation is easier to read as it is written. */
static bool same_words(const char *left, const char *right)
{
	char text[256], *rest = text, *word;
	size_t length = 0;

	snprintf(text, sizeof(text), "%s", left);
	while ((word = strtok_r(rest, " ", &rest)) != NULL) {
		const char *found = right;
		const size_t size = strlen(word);

		while ((found = strstr(found, word)) != NULL &&
		       ((found != right && found[-1] != ' ') ||
			(found[size] != ' ' && found[size] != '\0')))
			found += size;
		if (found == NULL)
			return false;
		length += size + 1;
	}
	return length == strlen(right) + (length > 0);
}

static void check_row(const char *name, const struct process_node *node, const struct planted *row)
{
	bool said = row->says == NULL;
	char words[256], text[IPCK_REASON_MAX];

	words_of(&node->row, words, sizeof(words));
	CHECK(same_words(row->marks, words), "%s: %d: \"%s\", not \"%s\"", name, (int)row->pid,
	      words, row->marks);
	assert_int_equal(node->row.likely & ~node->row.marks, 0);
	assert_true((node->row.known & IPCK_PROCESS_MARKS) != 0);
	for (unsigned i = 0; i < IPCK_MARK_COUNT; i++) {
		const size_t length = mark_reason(node, 1u << i, text, sizeof(text));

		CHECK(length == strlen(text) && (length > 0) == ((node->row.marks >> i & 1) != 0),
		      "%s: %d: reason of mark %u: \"%s\"", name, (int)row->pid, i, text);
		said |= length > 0 && !said && strstr(text, row->says) != NULL;
	}
	CHECK(said, "%s: %d does not say \"%s\"", name, (int)row->pid, row->says);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct forest forest;

		forest_plant(&forest, cases[i].rows);
		forest.sessions.global = cases[i].place == MACHINE;
		forest.sessions.hidden = cases[i].place == HIDDEN;
		assert_true(sessions_tie(&forest.sessions));
		assert_int_equal(marks_find(&forest.sessions), IPCK_OK);
		for (size_t j = 0; j < forest.sessions.count; j++)
			check_row(cases[i].name, &forest.nodes[j], &cases[i].rows[j]);
		CHECK(strcmp(planted_asked, cases[i].asked != NULL ? cases[i].asked : "") == 0,
		      "%s: asked for the control group of %s", cases[i].name, planted_asked);
		forest_free(&forest);
	}
}

static void test_no_control_groups(void **state)
{
	static const struct planted rows[] = {
		{ 1, 0, 1, 1, INIT },
		{ 9, 1, 9, 9, "daemon? " LEADER },
		{ 0, 0, 0, 0, NULL },
	};
	struct forest forest;

	(void)state;
	forest_plant(&forest, rows);
	forest.sessions.control_group = NULL;
	assert_true(sessions_tie(&forest.sessions));
	assert_int_equal(marks_find(&forest.sessions), IPCK_OK);
	for (size_t j = 0; j < 2; j++)
		check_row("none", &forest.nodes[j], &rows[j]);
	forest_free(&forest);
}

/* The text is UTF-8 as a whole, and has no control in it. */
static bool is_clean(const char *text)
{
	size_t i = 0;

	while (text[i] != '\0') {
		const unsigned char c = (unsigned char)text[i++];
		size_t more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

		if (c < 0x20 || c == 0x7f)
			return false;
		for (; more > 0; more--)
			if (((unsigned char)text[i++] & 0xc0) != 0x80)
				return false;
	}
	return true;
}

static void test_outside_strings(void **state)
{
	static char group[800] = "/";
	static const struct planted rows[] = {
		{ 1, 0, 1, 1, NULL, .group = SYSTEM, .command = "\x1b[2J\n\xe2\x80\xae\xff" },
		{ 9, 1, 9, 9, NULL, .group = group },
		{ 10, 1, 8, 8, NULL },
		{ 0, 0, 0, 0, NULL },
	};
	struct forest forest;
	char text[IPCK_REASON_MAX + 1];

	(void)state;
	for (int i = 0; i < 120; i++)
		strcat(group, i % 2 != 0 ? "\xe2\x82\xac" : "\x1b");
	strcat(group, ".service");
	forest_plant(&forest, rows);
	assert_true(sessions_tie(&forest.sessions));
	assert_int_equal(marks_find(&forest.sessions), IPCK_OK);
	for (size_t size = 0; size <= sizeof(text); size++) {
		static const enum ipck_mark marks[] = { IPCK_MARK_SERVICE, IPCK_MARK_ORPHAN };

		for (size_t i = 0; i < COUNT(marks); i++) {
			size_t length;

			memset(text, '#', sizeof(text));
			length = mark_reason(&forest.nodes[1 + i], marks[i], text, size);
			if (size == 0) {
				assert_int_equal(length, 0);
				continue;
			}
			assert_true(length < size && length < IPCK_REASON_MAX);
			assert_int_equal(length, strlen(text));
			CHECK(is_clean(text), "size %zu: %s", size, text);
			assert_true(size == sizeof(text) || text[size] == '#');
		}
	}
	assert_true(mark_reason(&forest.nodes[2], IPCK_MARK_ORPHAN, text, sizeof(text)) > 0);
	assert_non_null(strstr(text, "parent \\x1b[2J\\x0a\\xe2\\x80\\xae\\xff[1], which is init"));
	assert_true(mark_reason(&forest.nodes[1], IPCK_MARK_SERVICE, text, sizeof(text)) > 0);
	assert_non_null(strstr(text, "in \\x1b\xe2\x82\xac\\x1b"));
	forest_free(&forest);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST("shapes of processes have the marks and reasons of the rules", test_cases),
		TEST("where control groups cannot be asked for, nobody is a service",
		     test_no_control_groups),
		TEST("reasons are clean, and cut at a whole character", test_outside_strings),
	};

	return RUN(tests);
}
