/* SPDX-License-Identifier: MIT */
/* Sets of processes for a test, in a pid namespace with none but its own. */
#ifndef SETS_H
#define SETS_H

#include "waiters.h"

#include <linux/sched.h>
#include <sys/resource.h>

/* Field number of /proc/PID/stat, from 3 on: by sscanf, not by the library. */
static inline unsigned long long stat_field(pid_t pid, int field)
{
	char path[32], text[1024] = "", *p;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	if (file == NULL)
		return 0;
	if (fgets(text, sizeof(text), file) == NULL)
		text[0] = '\0';
	fclose(file);
	p = strrchr(text, ')');
	for (int i = 2; p != NULL && i < field; i++) {
		p = strchr(p, ' ');
		p += p != NULL;
	}
	return p != NULL ? strtoull(p, NULL, 10) : 0;
}

/* Is there one, and not only its zombie? */
static inline bool lives(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	return access(path, F_OK) == 0 && state_of(pid) != 'Z' && state_of(pid) != '\0';
}

static inline struct ipck_ref ref_to(enum ipck_kind kind, pid_t pid)
{
	return (struct ipck_ref){ .kind = kind, .form = IPCK_BY_PID, .pid = pid };
}

static inline struct ipck_ref exact_to(enum ipck_kind kind, pid_t pid, uint64_t start_time)
{
	struct ipck_ref ref = ref_to(kind, pid);

	ref.exact = true;
	ref.generation.start_time = start_time;
	return ref;
}

static struct ipck_process_set *set; /* of the last opening */

static inline int open_refs(const struct ipck_ref *refs, size_t count, bool force, int *results)
{
	const struct ipck_process_set_query query = { .size = sizeof(query),
						      .refs = refs,
						      .ref_count = count,
						      .ref_results = results,
						      .force = force };

	ipck_process_set_close(set);
	return ipck_process_set_open(ctx, &query, &set);
}

static inline int open_one(enum ipck_kind kind, pid_t pid)
{
	const struct ipck_ref ref = ref_to(kind, pid);

	return open_refs(&ref, 1, false, NULL);
}

static inline const struct ipck_member *member_of(pid_t pid)
{
	for (size_t i = 0; i < ipck_process_set_count(set); i++)
		if (ipck_process_set_at(set, i)->process.pid == pid)
			return ipck_process_set_at(set, i);
	return NULL;
}

static inline size_t count_state(enum ipck_member_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < ipck_process_set_count(set); i++)
		count += ipck_process_set_at(set, i)->state == state;
	return count;
}

/* How a child of ours ended: the signal, or minus its exit status. */
static inline int reap(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

/* Nobody is left but the first process: end all, and take what is given to us. */
static inline int clear_all(void **state)
{
	(void)state;
	ipck_process_set_close(set);
	set = NULL;
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		continue;
	return 0;
}

static inline int count_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 4096; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* A child that acts, in a group of its own; or in that group. */
static inline pid_t in_group(pid_t pgid, void (*act)(void *data), void *data)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		setpgid(0, pgid);
		act(data);
		_exit(0);
	}
	UNTIL(stat_field(pid, 5) == (unsigned long long)(pgid > 0 ? pgid : pid));
	return pid;
}

static inline void idle(void *data)
{
	(void)data;
	for (;;)
		pause();
}

#define SET_TEST(sentence, function)                                                               \
	{                                                                                          \
		sentence, function, NULL, clear_all, NULL                                          \
	}

#endif
