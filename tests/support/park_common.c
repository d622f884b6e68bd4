/* SPDX-License-Identifier: MIT */
/*
 * Children and threads of park, and the proof that one is asleep: /proc/PID/task/TID/syscall names
 * the call, and two looks in a row find the same line and a sleeping state.
 */
#include "park.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK 500     /* microseconds between two looks */
#define LOOKS 40000u /* then it never falls asleep */

static const struct {
	const char *call;
	long number;
} numbers[] = {
	{ "semop", SYS_semtimedop },
	{ "semop", SYS_semop },
	{ "mq_send", SYS_mq_timedsend },
	{ "mq_receive", SYS_mq_timedreceive },
	{ "msgsnd", SYS_msgsnd },
	{ "msgrcv", SYS_msgrcv },
	{ "read", SYS_read },
	{ "readv", SYS_readv },
	{ "write", SYS_write },
	{ "writev", SYS_writev },
	{ "recvfrom", SYS_recvfrom },
	{ "recvmsg", SYS_recvmsg },
	{ "sendto", SYS_sendto },
	{ "accept", SYS_accept },
	{ "accept4", SYS_accept4 },
	{ "connect", SYS_connect },
	{ "open", SYS_openat },
	{ "flock", SYS_flock },
	{ "fcntl", SYS_fcntl },
	{ "pthread_mutex_lock", SYS_futex },
	{ "pthread_rwlock_rdlock", SYS_futex },
	{ "pthread_rwlock_wrlock", SYS_futex },
	{ "pthread_cond_wait", SYS_futex },
	{ "sem_wait", SYS_futex },
	{ "pthread_barrier_wait", SYS_futex },
	{ "pthread_join", SYS_futex },
	{ "futex", SYS_futex },
	{ "wait4", SYS_wait4 },
	{ "waitid", SYS_waitid },
	{ "vfork", SYS_clone },
	{ "ppoll", SYS_ppoll },
	{ "pselect6", SYS_pselect6 },
	{ "epoll_pwait", SYS_epoll_pwait },
	{ "nanosleep", SYS_nanosleep },
	{ "clock_nanosleep", SYS_clock_nanosleep },
	{ "rt_sigsuspend", SYS_rt_sigsuspend },
	{ "rt_sigtimedwait", SYS_rt_sigtimedwait },
	{ "restart_syscall", SYS_restart_syscall },
#ifdef SYS_vfork
	{ "vfork", SYS_vfork },
#endif
#ifdef SYS_poll
	{ "poll", SYS_poll },
#endif
#ifdef SYS_select
	{ "select", SYS_select },
#endif
#ifdef SYS_epoll_wait
	{ "epoll_wait", SYS_epoll_wait },
#endif
#ifdef SYS_pause
	{ "pause", SYS_pause },
#endif
};

const char *park_state = "park";
unsigned long *park_board;

void park_die(const char *what)
{
	fprintf(stderr, "park: %s: %s: %s\n", park_state, what, strerror(errno));
	_exit(1);
}

int park_check(int rc, const char *what)
{
	if (rc < 0)
		park_die(what);
	return rc;
}

unsigned long long park_inode(int fd)
{
	struct stat status;

	park_check(fstat(fd, &status), "fstat");
	return status.st_ino;
}

const char *park_path(void)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", getenv("PARK_FOLDER"), park_state);
	return path;
}

const char *park_object(void)
{
	static char name[128];

	snprintf(name, sizeof(name), "/park.%s.%d", park_state, getpid());
	return name;
}

/* ---- Processes and threads ---- */

pid_t park_start(void (*act)(void *data), void *data)
{
	const pid_t child = park_check(fork(), "fork");

	if (child != 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	act(data);
	_exit(0);
}

void park_rest(void)
{
	for (;;)
		syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
}

void park_rests(pid_t pid, pid_t tid)
{
	park_asleep(pid, tid, "ppoll");
}

pid_t park_holder(void (*act)(void *data), void *data)
{
	const pid_t child = park_start(act, data);

	park_rests(child, child);
	return child;
}

struct start {
	void (*act)(void *data);
	void *data;
	atomic_int tid;
};

static void *run(void *data)
{
	struct start *start = data;

	atomic_store(&start->tid, (int)syscall(SYS_gettid));
	start->act(start->data);
	return NULL;
}

struct park_thread park_thread(void (*act)(void *data), void *data)
{
	struct start *start = calloc(1, sizeof(*start)); /* the thread's for ever */
	struct park_thread made;

	start->act = act;
	start->data = data;
	errno = pthread_create(&made.thread, NULL, run, start);
	if (errno != 0)
		park_die("pthread_create");
	while ((made.tid = atomic_load(&start->tid)) == 0)
		usleep(LOOK);
	return made;
}

/* ---- Asleep ---- */

/* The content of a thread's file in /proc, or "". */
static void read_file(pid_t pid, pid_t tid, const char *name, char *text, size_t size)
{
	char path[64];
	FILE *file;

	text[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", pid, tid, name);
	file = fopen(path, "r");
	if (file == NULL)
		return;
	if (fgets(text, (int)size, file) == NULL)
		text[0] = '\0';
	fclose(file);
}

static char state_of(pid_t pid, pid_t tid)
{
	char text[512];
	const char *end;

	read_file(pid, tid, "stat", text, sizeof(text));
	end = strrchr(text, ')');
	return end != NULL ? end[2] : '\0';
}

static bool is_call(const char *line, const char *call)
{
	char *end;
	const long number = strtol(line, &end, 10);

	if (end == line || *end != ' ')
		return false;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].number == number && strcmp(numbers[i].call, call) == 0)
			return true;
	return false;
}

void park_asleep(pid_t pid, pid_t tid, const char *call)
{
	char line[256] = "", last[256] = "";

	for (unsigned look = 0; look < LOOKS; look++) {
		const char state = state_of(pid, tid);

		if (state == '\0' || state == 'Z' || state == 'X') {
			errno = ESRCH;
			park_die(call);
		}
		read_file(pid, tid, "syscall", line, sizeof(line));
		if ((state == 'S' || state == 'D') && is_call(line, call)) {
			if (strcmp(line, last) == 0)
				return;
			memcpy(last, line, sizeof(last));
		} else {
			last[0] = '\0';
		}
		usleep(LOOK);
	}
	fprintf(stderr, "park: %s: %d/%d: %s", park_state, pid, tid, line);
	errno = ETIMEDOUT;
	park_die(call);
}

static void await_state(pid_t pid, char state)
{
	for (unsigned look = 0; look < LOOKS; look++) {
		if (state_of(pid, pid) == state)
			return;
		usleep(LOOK);
	}
	errno = ETIMEDOUT;
	park_die("state");
}

void park_restart(pid_t pid, const char *call)
{
	park_asleep(pid, pid, call);
	kill(pid, SIGSTOP);
	await_state(pid, 'T');
	kill(pid, SIGCONT);
	park_asleep(pid, pid, "restart_syscall");
}

/* ---- The lines ---- */

static void print_line(pid_t pid, pid_t tid, const char *call, const char *format, va_list rest)
{
	printf("%s pid=%d tid=%d call=%s ", park_state, pid, tid, call);
	vprintf(format, rest);
	putchar('\n');
	fflush(stdout);
}

void park_line(pid_t pid, pid_t tid, const char *call, const char *format, ...)
{
	va_list rest;

	va_start(rest, format);
	print_line(pid, tid, call, format, rest);
	va_end(rest);
}

void park_tell(pid_t pid, pid_t tid, const char *call, const char *format, ...)
{
	va_list rest;

	park_asleep(pid, tid, call);
	va_start(rest, format);
	print_line(pid, tid, call, format, rest);
	va_end(rest);
}
