/* SPDX-License-Identifier: MIT */
/* IPC_INFO for limits and SHM_INFO, MSG_INFO, SEM_INFO for totals: no file, no permission needed.
 */
#include "source/sysv_limits.h"

#include <errno.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

union semun {
	int val;
	struct seminfo *info;
};

/* The kernel's int counters are clamped to INT_MAX, so a negative one can only be garbage. */
static uint64_t count(int number)
{
	return number > 0 ? (uint64_t)number : 0;
}

int sysv_read_limits(enum ipck_kind kind, struct sysv_limits *limits)
{
	struct shminfo shm;
	struct msginfo msg;
	struct seminfo sem;

	switch (kind) {
	case IPCK_SHM:
		if (shmctl(0, IPC_INFO, (struct shmid_ds *)(void *)&shm) < 0)
			return -errno;
		limits->shm.mni = shm.shmmni;
		limits->shm.all = shm.shmall;
		limits->shm.max = shm.shmmax;
		limits->shm.min = shm.shmmin;
		return 0;
	case IPCK_MSG:
		if (msgctl(0, IPC_INFO, (struct msqid_ds *)(void *)&msg) < 0)
			return -errno;
		limits->msg.mni = count(msg.msgmni);
		limits->msg.max = count(msg.msgmax);
		limits->msg.mnb = count(msg.msgmnb);
		return 0;
	case IPCK_SEM:
		if (semctl(0, 0, IPC_INFO, (union semun){ .info = &sem }) < 0)
			return -errno;
		limits->sem.mni = count(sem.semmni);
		limits->sem.mns = count(sem.semmns);
		limits->sem.msl = count(sem.semmsl);
		limits->sem.opm = count(sem.semopm);
		limits->sem.vmx = count(sem.semvmx);
		return 0;
	default:
		return -ENOSYS;
	}
}

int sysv_read_usage(enum ipck_kind kind, struct ipck_usage *usage)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct shm_info shm;
	struct msginfo msg;
	struct seminfo sem;

	switch (kind) {
	case IPCK_SHM:
		if (shmctl(0, SHM_INFO, (struct shmid_ds *)(void *)&shm) < 0)
			return -errno;
		usage->shm.segments = count(shm.used_ids);
		usage->shm.bytes = shm.shm_tot * page;
		usage->shm.rss = shm.shm_rss * page;
		usage->shm.swap = shm.shm_swp * page;
		usage->shm.swap_attempts = shm.swap_attempts;
		usage->shm.swap_successes = shm.swap_successes;
		return 0;
	case IPCK_MSG:
		if (msgctl(0, MSG_INFO, (struct msqid_ds *)(void *)&msg) < 0)
			return -errno;
		usage->msg.queues = count(msg.msgpool);
		usage->msg.messages = count(msg.msgmap);
		usage->msg.bytes = count(msg.msgtql);
		return 0;
	case IPCK_SEM:
		if (semctl(0, 0, SEM_INFO, (union semun){ .info = &sem }) < 0)
			return -errno;
		usage->sem.sets = count(sem.semusz);
		usage->sem.semaphores = count(sem.semaem);
		return 0;
	default:
		return -ENOSYS;
	}
}
