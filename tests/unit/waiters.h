/* SPDX-License-Identifier: MIT */
/* Children that block for a test, in namespaces with none but the test's own processes. */
#ifndef WAITERS_H
#define WAITERS_H

#include "unit.h"

#include "places.h"

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>

union semun {
	int val;
	struct semid_ds *ds;
	unsigned short *array;
};

/* Wait for something that another process does; 20 seconds at most. */
#define UNTIL(condition)                                                                           \
	do {                                                                                       \
		for (int tries = 0; !(condition); tries++) {                                       \
			CHECK(tries < 20000, "never came: %s", #condition);                        \
			usleep(1000);                                                              \
		}                                                                                  \
	} while (0)

static inline pid_t start(void (*act)(void *data), void *data)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		act(data);
		_exit(errno == EINTR ? 4 : 0);
	}
	return pid;
}

/* Does it sleep in the system call of that number?  The kernel's own word for it. */
static inline bool sleeps_in(pid_t pid, pid_t tid, long number)
{
	char path[64], text[256] = "";
	FILE *file;
	char *end;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", (int)pid, (int)tid);
	file = fopen(path, "r");
	if (file == NULL)
		return false;
	if (fgets(text, sizeof(text), file) == NULL)
		text[0] = '\0';
	fclose(file);
	return strtol(text, &end, 10) == number && strncmp(end, " 0x", 3) == 0;
}

/* Under valgrind, where a look takes a hundred times as long, fewer must do. */
static inline int looks(int count)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload != NULL && strstr(preload, "valgrind") != NULL ? count / 20 : count;
}

/* As ps has it. */
static inline char state_of(pid_t pid)
{
	char path[32], text[512] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	assert_non_null(file);
	if (fgets(text, sizeof(text), file) == NULL || strrchr(text, ')') == NULL)
		text[0] = '\0';
	fclose(file);
	return text[0] == '\0' ? '\0' : strrchr(text, ')')[2];
}

/*
 * The same, but not on the way to what it will wait for: there the kernel's own locks make it sleep
 * uninterruptibly, and it runs once more.
 */
static inline bool blocks_in(pid_t pid, long number)
{
	return sleeps_in(pid, pid, number) && state_of(pid) == 'S';
}

static struct ipck_waits *waits; /* of the last look */

/* The waits of a process, on whom included. */
static inline size_t look(pid_t pid)
{
	const struct ipck_waits_query query = { .size = sizeof(query),
						.want = IPCK_WAITS_WHOM | IPCK_WAITS_IDLE |
							IPCK_WAITS_SINCE | IPCK_WAITS_WCHAN,
						.pid = pid };
	int rc;

	ipck_waits_free(waits);
	rc = ipck_waits_read(ctx, &query, &waits);
	CHECK(rc == IPCK_OK, "%d: %s", rc, ipck_message(ctx));
	return ipck_waits_count(waits);
}

/* Its only one. */
static inline const struct ipck_wait *wait_of(pid_t pid)
{
	const size_t count = look(pid);

	CHECK(count == 1, "%zu waits", count);
	return ipck_waits_at(waits, 0);
}

/* The same, when it may have been woken for a moment to see whether it can go on. */
static inline const struct ipck_wait *lasting_wait_of(pid_t pid)
{
	UNTIL(look(pid) == 1);
	return ipck_waits_at(waits, 0);
}

static inline int stop_looking(void **state)
{
	(void)state;
	ipck_waits_free(waits);
	waits = NULL;
	return 0;
}

static inline bool same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* What readlink says: "ipc:[4026532201]". */
static inline unsigned long long ipc_namespace(pid_t pid, pid_t tid)
{
	char path[64], text[64] = "";
	unsigned long long inode = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/ns/ipc", (int)pid, (int)tid);
	assert_true(readlink(path, text, sizeof(text) - 1) > 0);
	assert_int_equal(sscanf(text, "ipc:[%llu]", &inode), 1);
	return inode;
}

/* Run the tests as the first process of a pid namespace, with an IPC namespace of its own. */
static inline int run_inside(int (*run)(void))
{
	int status = 0;
	pid_t pid;

	if (!places_private() || unshare(CLONE_NEWPID) != 0) {
		printf("1..0 # SKIP no private namespaces\n");
		return 0;
	}
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (mount("proc", "/proc", "proc", 0, NULL) != 0 || ipck_open(NULL, &ctx) != 0)
			_exit(1);
		status = run();
		ipck_close(ctx);
		exit(status);
	}
	/* A sanitizer's search for leaks, at exit(), cannot start its helper any more: this process
	 * has children in another pid namespace.  The one that ran the tests has looked for them. */
	_exit(waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

#endif
