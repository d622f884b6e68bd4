/* SPDX-License-Identifier: MIT */
/*
 * The system calls on System V objects: shmctl, msgctl, semctl and their kin, one table row a kind.
 * Nothing else in the library calls them to look at or remove an object.
 */
#include "source/sysv.h"

#include <errno.h>
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

/* Old C libraries lack the names; the numbers are the kernel's ABI since 4.17. */
#ifndef SHM_STAT_ANY
#define SHM_STAT_ANY 15
#endif
#ifndef MSG_STAT_ANY
#define MSG_STAT_ANY 13
#endif
#ifndef SEM_STAT_ANY
#define SEM_STAT_ANY 20
#endif

union semun { /* semctl's fourth argument, which the caller must declare */
	int val;
	struct semid_ds *buf;
	unsigned short *array;
	struct seminfo *info;
};

static int64_t latest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void fill_common(struct ipck_object *object, enum ipck_kind kind, int id,
			const struct ipc_perm *perm, int64_t ctime)
{
	*object = (struct ipck_object){
		.kind = kind,
		.uid = perm->uid,
		.gid = perm->gid,
		.mode = perm->mode & 0777,
		.id = id,
		.key = (uint32_t)perm->__key,
		.cuid = perm->cuid,
		.cgid = perm->cgid,
		.ctime = ctime,
	};
}

static void operator_of(struct ipck_operator *operator, pid_t pid)
{
	*operator=(struct ipck_operator){ .pid = pid, .state = IPCK_OPERATOR_UNASKED };
}

static int shm_stat(int number, int command, struct ipck_object *object)
{
	struct shmid_ds ds = { 0 };
	int id = shmctl(number, command, &ds);

	if (id < 0)
		return -errno;
	fill_common(object, IPCK_SHM, command == IPC_STAT ? number : id, &ds.shm_perm,
		    ds.shm_ctime);
	object->shm.size = ds.shm_segsz;
	object->shm.nattch = ds.shm_nattch;
	object->shm.atime = ds.shm_atime;
	object->shm.dtime = ds.shm_dtime;
	operator_of(&object->shm.creator, ds.shm_cpid);
	operator_of(&object->shm.last_operator, ds.shm_lpid);
	object->unknown.unsupported |= IPCK_SHM_HUGETLB | IPCK_SHM_NORESERVE;
	object->shm.dest = (ds.shm_perm.mode & SHM_DEST) != 0;
	object->shm.locked = (ds.shm_perm.mode & SHM_LOCKED) != 0;
	object->last_used = latest(object->ctime, latest(ds.shm_atime, ds.shm_dtime));
	return 0;
}

static int msg_stat(int number, int command, struct ipck_object *object)
{
	struct msqid_ds ds = { 0 };
	int id = msgctl(number, command, &ds);

	if (id < 0)
		return -errno;
	fill_common(object, IPCK_MSG, command == IPC_STAT ? number : id, &ds.msg_perm,
		    ds.msg_ctime);
	object->msg.messages = ds.msg_qnum;
	object->msg.bytes = ds.__msg_cbytes;
	object->msg.max_bytes = ds.msg_qbytes;
	object->msg.stime = ds.msg_stime;
	object->msg.rtime = ds.msg_rtime;
	operator_of(&object->msg.sender, ds.msg_lspid);
	operator_of(&object->msg.receiver, ds.msg_lrpid);
	object->known |= IPCK_MSG_MAX_BYTES;
	object->last_used = latest(object->ctime, latest(ds.msg_stime, ds.msg_rtime));
	return 0;
}

static int sem_stat(int number, int command, struct ipck_object *object)
{
	struct semid_ds ds = { 0 };
	int id = semctl(number, 0, command, (union semun){ .buf = &ds });

	if (id < 0)
		return -errno;
	fill_common(object, IPCK_SEM, command == IPC_STAT ? number : id, &ds.sem_perm,
		    ds.sem_ctime);
	object->sem.nsems = ds.sem_nsems;
	object->sem.otime = ds.sem_otime;
	operator_of(&object->sem.last_operator, 0);
	object->last_used = latest(object->ctime, ds.sem_otime);
	return 0;
}

static int shm_stat_index(int index, struct ipck_object *object)
{
	return shm_stat(index, SHM_STAT_ANY, object);
}

static int shm_stat_id(int32_t id, struct ipck_object *object)
{
	return shm_stat(id, IPC_STAT, object);
}

static int msg_stat_index(int index, struct ipck_object *object)
{
	return msg_stat(index, MSG_STAT_ANY, object);
}

static int msg_stat_id(int32_t id, struct ipck_object *object)
{
	return msg_stat(id, IPC_STAT, object);
}

static int sem_stat_index(int index, struct ipck_object *object)
{
	return sem_stat(index, SEM_STAT_ANY, object);
}

static int sem_stat_id(int32_t id, struct ipck_object *object)
{
	return sem_stat(id, IPC_STAT, object);
}

static int shm_count(void)
{
	struct shm_info info = { 0 };

	return shmctl(0, SHM_INFO, (struct shmid_ds *)(void *)&info) < 0 ? -errno : info.used_ids;
}

static int msg_count(void)
{
	struct msginfo info = { 0 };

	return msgctl(0, MSG_INFO, (struct msqid_ds *)(void *)&info) < 0 ? -errno : info.msgpool;
}

static int sem_count(void)
{
	struct seminfo info = { 0 };

	return semctl(0, 0, SEM_INFO, (union semun){ .info = &info }) < 0 ? -errno : info.semusz;
}

/* IPC_INFO gives the highest index as *_INFO does, and SHM_INFO would walk every segment. */
static int shm_max_index(void)
{
	struct shminfo info;
	int index = shmctl(0, IPC_INFO, (struct shmid_ds *)(void *)&info);

	return index < 0 ? -errno : index;
}

static int msg_max_index(void)
{
	struct msginfo info;
	int index = msgctl(0, IPC_INFO, (struct msqid_ds *)(void *)&info);

	return index < 0 ? -errno : index;
}

static int sem_max_index(void)
{
	struct seminfo info;
	int index = semctl(0, 0, IPC_INFO, (union semun){ .info = &info });

	return index < 0 ? -errno : index;
}

static int shm_find_key(uint32_t key)
{
	int id = shmget((key_t)key, 0, 0);

	return id < 0 ? -errno : id;
}

static int msg_find_key(uint32_t key)
{
	int id = msgget((key_t)key, 0);

	return id < 0 ? -errno : id;
}

static int sem_find_key(uint32_t key)
{
	int id = semget((key_t)key, 0, 0);

	return id < 0 ? -errno : id;
}

static int shm_remove(int32_t id)
{
	return shmctl(id, IPC_RMID, NULL) < 0 ? -errno : 0;
}

static int msg_remove(int32_t id)
{
	return msgctl(id, IPC_RMID, NULL) < 0 ? -errno : 0;
}

static int sem_remove(int32_t id)
{
	return semctl(id, 0, IPC_RMID, (union semun){ .val = 0 }) < 0 ? -errno : 0;
}

static const struct sysv_ops kinds[] = {
	{ IPCK_SHM, "shm", "/proc/sysvipc/shm", "shmid", shm_count, shm_max_index, shm_stat_index,
	  shm_stat_id, shm_find_key, shm_remove, sysv_parse_shm },
	{ IPCK_MSG, "msg", "/proc/sysvipc/msg", "msqid", msg_count, msg_max_index, msg_stat_index,
	  msg_stat_id, msg_find_key, msg_remove, sysv_parse_msg },
	{ IPCK_SEM, "sem", "/proc/sysvipc/sem", "semid", sem_count, sem_max_index, sem_stat_index,
	  sem_stat_id, sem_find_key, sem_remove, sysv_parse_sem },
};

const struct sysv_ops *sysv_ops(enum ipck_kind kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].kind == kind)
			return &kinds[i];
	return NULL;
}
