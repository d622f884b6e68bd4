/* SPDX-License-Identifier: MIT */
/*
 * Builds processes of every shape in its pid namespace and says what each is: the independent truth
 * that the tests of proctree compare with.
 *
 *   zoo [hold]     ends with its standard input, or with hold when it is killed, and all with it
 *
 * One line a process, "NAME PID WORD...", when all are asleep, stopped or ended; then "ready".
 *     mark     it has this mark, proven     mark?    likely
 *     !mark    it has not                   ~mark    that is not to be judged
 *     exit=N signal=N    of a zombie, as waitid(2) has it
 *     sigchld=default|ignored|caught waits=yes|no    how a parent of zombies treats them
 *     tty=pts/N          the controlling terminal
 * As PID 1 of a namespace it reaps what it is given, and a child of it is the zoo.
 */
#include "zoo.h"
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEMBERS 100
#define LIMIT 60 /* seconds that building may take */

static int report[2]; /* lines come through it */
static FILE *lines;
static pid_t forked_by;
static struct member {
	pid_t pid;
	int pidfd;
} members[MEMBERS];
static size_t member_count;

static const char *const marks[] = {
	"zombie",        "zombie-leader",  "orphan",         "parent-hidden", "daemon",
	"service",       "reaper",         "orphaned-group", "stopped",       "foreground",
	"hung-terminal", "session-leader", "group-leader",   "kernel",
};

void zoo_die(const char *what)
{
	dprintf(report[1], "error %s: %s\n", what, strerror(errno));
	_exit(1);
}

int zoo_check(int rc, const char *what)
{
	if (rc < 0)
		zoo_die(what);
	return rc;
}

pid_t zoo_fork(const char *name)
{
	const pid_t parent = getpid(), child = zoo_check(fork(), "fork");

	if (child == 0) {
		forked_by = parent;
		prctl(PR_SET_NAME, name);
	}
	return child;
}

void zoo_reap(pid_t child)
{
	zoo_check(waitpid(child, NULL, 0), "waitpid");
}

void zoo_lead_session(void)
{
	zoo_check(setsid(), "setsid");
}

void zoo_orphaned(void)
{
	struct pollfd end = { .events = POLLIN };

	if (getppid() != forked_by)
		return;
	end.fd = pidfd_open(forked_by, 0); /* ready when its children have been given away */
	while (end.fd >= 0 && poll(&end, 1, -1) < 0)
		continue;
	close(end.fd);
	while (getppid() == forked_by)
		sched_yield();
}

char zoo_state(pid_t pid)
{
	char path[32], text[512];
	const char *end;
	FILE *file;
	size_t length;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	length = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;
	if (file != NULL)
		fclose(file);
	text[length] = '\0';
	end = strrchr(text, ')');
	return end != NULL && end[1] == ' ' ? end[2] : '\0';
}

/* ---- Lines ---- */

/* Is this mark among the words, with or without what stands around it? */
static bool is_told(const char *words, const char *mark)
{
	const size_t length = strlen(mark);

	for (const char *word = words; *word != '\0'; word += strcspn(word, " ")) {
		word += strspn(word, " ~");
		if (strncmp(word, mark, length) == 0 && strchr(" ?", word[length]) != NULL)
			return true;
	}
	return false;
}

/* One write(2), so that lines of several processes stay whole. */
static void tell(const char *name, pid_t pid, const char *words)
{
	char line[1024];
	size_t length = (size_t)snprintf(line, sizeof(line), "%s %d", name, (int)pid);

	words += strspn(words, " ");
	if (*words != '\0')
		length += (size_t)snprintf(line + length, sizeof(line) - length, " %s", words);

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (!is_told(words, marks[i]))
			length += (size_t)snprintf(line + length, sizeof(line) - length, " !%s",
						   marks[i]);
	line[length++] = '\n';
	if (write(report[1], line, length) != (ssize_t)length)
		zoo_die("write");
}

void zoo_tell(const char *name, pid_t pid, const char *format, ...)
{
	char words[256];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	tell(name, pid, words);
}

void zoo_rest(const char *format, ...)
{
	char words[256], name[16];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	prctl(PR_GET_NAME, name);
	tell(name, getpid(), words);
	zoo_sleep();
}

void zoo_sleep(void)
{
	for (;;)
		pause();
}

/* ---- Building ---- */

static void release(void)
{
	for (size_t i = 0; i < member_count; i++)
		pidfd_send_signal(members[i].pidfd, SIGKILL, NULL, 0);
}

/* The next process has told: print its line, and hold it so that no other can be meant. */
static void take_line(void)
{
	char line[1024];
	struct member *member = &members[member_count];
	int pid = 0;

	if (fgets(line, sizeof(line), lines) == NULL || strncmp(line, "error ", 6) == 0 ||
	    sscanf(line, "%*s %d", &pid) != 1 || member_count == MEMBERS ||
	    (member->pidfd = pidfd_open(pid, 0)) < 0) {
		fprintf(stderr, "zoo: %s", line);
		release();
		exit(1);
	}
	member->pid = pid;
	member_count++;
	fputs(line, stdout);
}

static void build(const struct zoo_shape *shape)
{
	for (; shape->make != NULL; shape++) {
		shape->make();
		for (size_t i = 0; i < shape->lines; i++)
			take_line();
	}
}

/* Wait until every one is where it stays. */
static void settle(void)
{
	for (size_t i = 0; i < member_count; i++)
		while (strchr("STZ", zoo_state(members[i].pid)) == NULL)
			sched_yield();
}

/* A child that ends all others when we have ended, in whatever way. */
static void guard(void)
{
	const pid_t child = zoo_fork("zoo-guard");

	if (child != 0)
		return;
	close(STDOUT_FILENO);
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	zoo_orphaned();
	release();
	_exit(0);
}

/* Reap whatever comes until the zoo ends. */
static void be_init(void)
{
	pid_t child;
	int status = 0;

	prctl(PR_SET_NAME, "zoo-init");
	setsid();
	child = zoo_fork("zoo");
	if (child == 0)
		return;
	while (waitpid(-1, &status, 0) != child)
		continue;
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

/* Neither the terminal nor the session of who started us is to be seen in what we build. */
static void own_session(void)
{
	pid_t child;

	if (getsid(0) == getpid() || setsid() > 0)
		return;
	child = zoo_fork("zoo"); /* the leader of a group cannot */
	if (child != 0) {
		waitpid(child, NULL, 0);
		exit(0);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	zoo_lead_session();
}

int main(int argc, char **argv)
{
	char byte;

	if (getpid() == 1)
		be_init();
	if (pipe(report) != 0 || (lines = fdopen(report[0], "r")) == NULL) {
		perror("zoo");
		return 1;
	}
	alarm(LIMIT);
	build(zoo_outer_shapes);
	own_session();
	alarm(LIMIT);
	build(zoo_orphan_shapes);
	build(zoo_zombie_shapes);
	build(zoo_job_shapes);
	settle();
	alarm(0);
	guard();
	puts("ready");
	fflush(stdout);
	if (argc > 1 && strcmp(argv[1], "hold") == 0)
		zoo_sleep();
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	return 0;
}
