/* SPDX-License-Identifier: MIT */
/*
 * Looking at blocked threads disturbs none of them: no call returns, no thread runs, and a segment
 * that somebody waits in keeps its times, its attachments and its pages.
 */
#include "waiters.h"

#include <pthread.h>
#include <sys/shm.h>

#define LOOKS 1000

/* How often the thread has slept and been put aside, as the kernel counts it. */
static unsigned long long switches(pid_t pid)
{
	unsigned long long number, sum = 0;
	char path[48], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "voluntary_ctxt_switches: %llu", &number) == 1 ||
		    sscanf(line, "nonvoluntary_ctxt_switches: %llu", &number) == 1)
			sum += number;
	fclose(file);
	return sum;
}

/* All waits of all processes, as ipcls --blocked --all has them. */
static bool sees(pid_t pid)
{
	const struct ipck_wait *wait;

	look(0);
	for (size_t i = 0; (wait = ipck_waits_at(waits, i)) != NULL; i++)
		if (wait->process.pid == pid)
			return true;
	return false;
}

/* ---- Semaphores ---- */

struct call {
	int id;
	const struct timespec *limit;
};

/* By its status: 0 the operation was done, 4 EINTR, 1 anything else. */
static void operate(void *data)
{
	const struct call *call = data;
	struct sembuf operation = { 0, -1, 0 };

	errno = 0;
	if (syscall(SYS_semtimedop, call->id, &operation, 1, call->limit) != 0 && errno != EINTR)
		_exit(1);
}

static void check_semop(const struct timespec *limit)
{
	struct sembuf release = { 0, 1, 0 };
	struct call call = { semget(IPC_PRIVATE, 1, 0600), limit };
	struct semid_ds before = { 0 }, after = { 0 };
	unsigned long long slept;
	int status;
	pid_t pid;

	assert_true(call.id >= 0);
	pid = start(operate, &call);
	UNTIL(semctl(call.id, 0, GETNCNT) == 1);
	UNTIL(sleeps_in(pid, pid, SYS_semtimedop));
	slept = switches(pid);
	semctl(call.id, 0, IPC_STAT, (union semun){ .ds = &before });
	for (int i = 0; i < looks(LOOKS); i++)
		assert_true(sees(pid));
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	assert_int_equal(semctl(call.id, 0, GETNCNT), 1);
	assert_true(sleeps_in(pid, pid, SYS_semtimedop));
	assert_int_equal(switches(pid), slept); /* it has never run */
	semctl(call.id, 0, IPC_STAT, (union semun){ .ds = &after });
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(semctl(call.id, 0, GETVAL), 0);
	/* and it is as ready as ever */
	assert_int_equal(semop(call.id, &release, 1), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", (unsigned)status);
	semctl(call.id, 0, IPC_RMID);
}

static void test_semop(void **state)
{
	(void)state;
	check_semop(NULL);
}

static void test_semtimedop(void **state)
{
	const struct timespec limit = { .tv_sec = 100000 };

	(void)state;
	check_semop(&limit);
}

/* ---- A mutex in a segment ---- */

#define SEGMENT ((size_t)1 << 20)

static void lock(void *data)
{
	errno = 0;
	if (pthread_mutex_lock(data) != 0)
		_exit(1);
}

/* Its resident bytes, as /proc/sysvipc/shm has them. */
static unsigned long long resident(int id)
{
	FILE *file = fopen("/proc/sysvipc/shm", "r");
	unsigned long long rss = 0;
	char line[512];
	int found;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "%*s %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
			   &found, &rss) == 2 &&
		    found == id)
			break;
	fclose(file);
	return rss;
}

static pthread_mutex_t *make_mutex(int id)
{
	char *memory = shmat(id, NULL, 0);
	pthread_mutexattr_t attributes;
	pthread_mutex_t *mutex;

	assert_ptr_not_equal(memory, (void *)-1);
	mutex = (pthread_mutex_t *)(void *)(memory + 8192);
	assert_int_equal(pthread_mutexattr_init(&attributes), 0);
	assert_int_equal(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED), 0);
	assert_int_equal(pthread_mutex_init(mutex, &attributes), 0);
	assert_int_equal(pthread_mutex_lock(mutex), 0);
	return mutex;
}

static void test_segment(void **state)
{
	const int id = shmget(IPC_PRIVATE, SEGMENT, 0600);
	pthread_mutex_t *mutex = make_mutex(id);
	struct shmid_ds before = { 0 }, after = { 0 };
	const pid_t pid = start(lock, mutex);
	unsigned long long slept, rss;
	int status;

	(void)state;
	UNTIL(sleeps_in(pid, pid, SYS_futex));
	slept = switches(pid);
	assert_int_equal(shmctl(id, IPC_STAT, &before), 0);
	rss = resident(id);
	assert_int_equal(rss, 4096); /* the one page that the mutex is in */
	for (int i = 0; i < looks(LOOKS); i++)
		assert_true(sees(pid));
	assert_int_equal(shmctl(id, IPC_STAT, &after), 0);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(after.shm_nattch, 2);
	assert_int_equal(resident(id), rss);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	assert_int_equal(switches(pid), slept);
	assert_int_equal(pthread_mutex_unlock(mutex), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", (unsigned)status);
	shmdt((char *)mutex - 8192);
	shmctl(id, IPC_RMID, NULL);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		TEST("a blocked semop() does not notice a thousand looks", test_semop),
		TEST("nor does a blocked semtimedop()", test_semtimedop),
		TEST("nor a mutex, nor the segment that it is in", test_segment),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, NULL, stop_looking) == 0 ? 0 : 1;
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return run_inside(run);
}
