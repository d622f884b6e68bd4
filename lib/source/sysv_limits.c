/* SPDX-License-Identifier: MIT */
/* IPC_INFO for limits and SHM_INFO, MSG_INFO, SEM_INFO for totals: no file, no permission needed.
 */
#include "source/sysv_limits.h"

#include "base/lines.h"
#include "source/sysv.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
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

static int call_for_limits(enum ipck_kind kind, struct sysv_limits *limits)
{
	struct shminfo shm = { 0 };
	struct msginfo msg = { 0 };
	struct seminfo sem = { 0 };

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

#define KERNEL "/proc/sys/kernel/"
#define NUMBERS(...) ((uint64_t *[]){ __VA_ARGS__ })

/* SHMMIN and SEMVMX have no file; the kernel compiles them in. */
#define KERNEL_SHMMIN 1
#define KERNEL_SEMVMX 32767

static bool read_limit_files(enum ipck_kind kind, struct sysv_limits *limits)
{
	limits->shm.min = KERNEL_SHMMIN;
	limits->sem.vmx = KERNEL_SEMVMX;
	switch (kind) {
	case IPCK_SHM:
		return file_numbers(AT_FDCWD, KERNEL "shmmni", NUMBERS(&limits->shm.mni), 1) &&
		       file_numbers(AT_FDCWD, KERNEL "shmall", NUMBERS(&limits->shm.all), 1) &&
		       file_numbers(AT_FDCWD, KERNEL "shmmax", NUMBERS(&limits->shm.max), 1);
	case IPCK_MSG:
		return file_numbers(AT_FDCWD, KERNEL "msgmni", NUMBERS(&limits->msg.mni), 1) &&
		       file_numbers(AT_FDCWD, KERNEL "msgmax", NUMBERS(&limits->msg.max), 1) &&
		       file_numbers(AT_FDCWD, KERNEL "msgmnb", NUMBERS(&limits->msg.mnb), 1);
	case IPCK_SEM:
		return file_numbers(AT_FDCWD, KERNEL "sem",
				    NUMBERS(&limits->sem.msl, &limits->sem.mns, &limits->sem.opm,
					    &limits->sem.mni),
				    4);
	default:
		return false;
	}
}

int sysv_read_limits(enum ipck_kind kind, struct sysv_limits *limits)
{
	int rc = call_for_limits(kind, limits);

	return rc == 0 || read_limit_files(kind, limits) ? 0 : rc;
}

int sysv_read_usage(enum ipck_kind kind, struct ipck_usage *usage)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct shm_info shm = { 0 };
	struct msginfo msg = { 0 };
	struct seminfo sem = { 0 };

	switch (kind) {
	case IPCK_SHM:
		if (shmctl(0, SHM_INFO, (struct shmid_ds *)(void *)&shm) < 0)
			return -errno;
		usage->shm.segments = count(shm.used_ids);
		/* Segments that reserve nothing may add up to more than there is. */
		if (__builtin_mul_overflow(shm.shm_tot, page, &usage->shm.bytes))
			usage->shm.bytes = UINT64_MAX;
		usage->shm.rss_known = true;
		usage->shm.rss = shm.shm_rss * page;
		usage->shm.swap = shm.shm_swp * page;
		usage->shm.swap_attempts = shm.swap_attempts;
		usage->shm.swap_successes = shm.swap_successes;
		return 0;
	case IPCK_MSG:
		if (msgctl(0, MSG_INFO, (struct msqid_ds *)(void *)&msg) < 0)
			return -errno;
		usage->msg.queues = count(msg.msgpool);
		/* Older kernels let the counters wrap: too many to tell, like those clamped. */
		usage->msg.messages = msg.msgmap < 0 ? INT_MAX : (uint64_t)msg.msgmap;
		usage->msg.bytes = msg.msgtql < 0 ? INT_MAX : (uint64_t)msg.msgtql;
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

/* ---- Totals, where the kernel does not add them up ---- */

static int add_up(struct ipck_object *object, void *data)
{
	struct ipck_usage *usage = data;
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	switch (object->kind) {
	case IPCK_SHM:
		usage->shm.segments++;
		usage->shm.bytes += (object->shm.size + page - 1) / page * page;
		usage->shm.rss += object->shm.rss;
		usage->shm.swap += object->shm.swap;
		if ((object->known & IPCK_SHM_RSS) == 0)
			usage->shm.rss_known = false;
		break;
	case IPCK_MSG:
		usage->msg.queues++;
		usage->msg.messages += object->msg.messages;
		usage->msg.bytes += object->msg.bytes;
		break;
	default:
		usage->sem.sets++;
		usage->sem.semaphores += object->sem.nsems;
		break;
	}
	return IPCK_OK;
}

static bool clamped(const struct ipck_usage *usage)
{
	return usage->msg.messages >= INT_MAX || usage->msg.bytes >= INT_MAX;
}

int sysv_read_totals(struct ipck *ctx, enum ipck_kind kind, struct ipck_usage *usage)
{
	const int rc = sysv_read_usage(kind, usage);

	if (rc == 0 && (kind != IPCK_MSG || !clamped(usage)))
		return IPCK_OK;
	if (kind == IPCK_MSG)
		memset(&usage->msg, 0, sizeof(usage->msg));
	usage->shm.rss_known |= kind == IPCK_SHM;
	return sysv_each(ctx, kind, IPCK_WANT_RSS, add_up, usage);
}
