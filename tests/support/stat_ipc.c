/* SPDX-License-Identifier: MIT */
/*
 * Prints all that IPC_STAT says of a System V object, and the values of a set: what must be the
 * same after a look that leaves no trace.
 *
 *   stat_ipc shm|msg|sem ID
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

union semun {
	struct semid_ds *ds;
};

static void print_perm(const struct ipc_perm *perm)
{
	printf("key %x uid %u gid %u cuid %u cgid %u mode %o\n", (unsigned)perm->__key, perm->uid,
	       perm->gid, perm->cuid, perm->cgid, (unsigned)perm->mode);
}

static int print_segment(int id)
{
	struct shmid_ds ds;

	if (shmctl(id, IPC_STAT, &ds) != 0)
		return 1;
	print_perm(&ds.shm_perm);
	printf("size %zu atime %ld dtime %ld ctime %ld cpid %d lpid %d nattch %lu\n", ds.shm_segsz,
	       (long)ds.shm_atime, (long)ds.shm_dtime, (long)ds.shm_ctime, ds.shm_cpid, ds.shm_lpid,
	       (unsigned long)ds.shm_nattch);
	return 0;
}

static int print_queue(int id)
{
	struct msqid_ds ds;

	if (msgctl(id, IPC_STAT, &ds) != 0)
		return 1;
	print_perm(&ds.msg_perm);
	printf("stime %ld rtime %ld ctime %ld cbytes %lu qnum %lu qbytes %lu lspid %d lrpid %d\n",
	       (long)ds.msg_stime, (long)ds.msg_rtime, (long)ds.msg_ctime,
	       (unsigned long)ds.__msg_cbytes, (unsigned long)ds.msg_qnum,
	       (unsigned long)ds.msg_qbytes, ds.msg_lspid, ds.msg_lrpid);
	return 0;
}

static int print_set(int id)
{
	struct semid_ds ds;

	if (semctl(id, 0, IPC_STAT, (union semun){ .ds = &ds }) != 0)
		return 1;
	print_perm(&ds.sem_perm);
	printf("otime %ld ctime %ld nsems %lu\n", (long)ds.sem_otime, (long)ds.sem_ctime,
	       (unsigned long)ds.sem_nsems);
	for (int i = 0; i < (int)ds.sem_nsems; i++)
		printf("sem %d value %d pid %d ncount %d zcount %d\n", i, semctl(id, i, GETVAL),
		       semctl(id, i, GETPID), semctl(id, i, GETNCNT), semctl(id, i, GETZCNT));
	return 0;
}

int main(int argc, char **argv)
{
	const int id = argc == 3 ? atoi(argv[2]) : -1;

	if (argc != 3)
		return 2;
	return strcmp(argv[1], "shm") == 0   ? print_segment(id)
	       : strcmp(argv[1], "msg") == 0 ? print_queue(id)
					     : print_set(id);
}
