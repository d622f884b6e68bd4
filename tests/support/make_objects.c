/* SPDX-License-Identifier: MIT */
/*
 * Makes System V objects as told, prints what it made, and holds them until it is ended:
 * the independent truth that the command tests compare with.
 *
 *   make_objects WORD...     each word makes one thing, in order:
 *     shm=KEY,SIZE,MODE      a segment; prints "shm ID"         (KEY 0: IPC_PRIVATE)
 *     attach=N[r]            attaches the last segment N times, r: read-only; touches no page
 *     touch=BYTES            writes that many bytes of the last attachment
 *     unmap=OFFSET,BYTES     unmaps that part of it
 *     pageout=OFFSET,BYTES   brings that part of it to swap
 *     detach                 detaches the last attachment
 *     lock                   SHM_LOCK on the last segment
 *     dest                   marks the last segment for removal
 *     msg=KEY,MODE           a queue; prints "msg ID"
 *     send=BYTES             a message of that size to the last queue
 *     receive                takes one message from it
 *     qbytes=N               sets its limit
 *     sem=KEY,NSEMS,MODE     a set; prints "sem ID"
 *     set=NUM,VALUE          SETVAL on the last set
 *     op=NUM,OP              semop on the last set
 *     wait=NUM,OP            a child that blocks in that semop; prints "waiter PID" once it does
 *     shms=COUNT,SIZE,MODE   so many private segments; prints nothing
 *     use=KIND,ID            goes on with an object that exists: shm, msg or sem
 *     chmod=MODE chown=UID   IPC_SET on the last object
 *     name=COMMAND           changes the process's name (\n and \e are understood)
 *     fork                   goes on in a child, while the parent stays; prints "child PID"
 *     pid                    prints "pid PID"
 *     hold                   prints "ready" and waits for a signal; without it: exits at the end
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

union semun {
	int val;
	struct semid_ds *ds;
};

static int shm_id = -1, msg_id = -1, sem_id = -1;
static char last_kind = '-'; /* of the last object: 's'hm, 'm'sg or s'e'm */
static char *mapped;

static void die(const char *what)
{
	fprintf(stderr, "make_objects: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void check(int rc, const char *what)
{
	if (rc < 0)
		die(what);
}

static long next(char **words)
{
	char *word = strsep(words, ",");

	if (word == NULL) {
		errno = EINVAL;
		die("too few numbers");
	}
	return (long)strtoul(word, NULL, 0);
}

static int operate(char *words)
{
	struct sembuf op = { 0 };

	op.sem_num = (unsigned short)next(&words);
	op.sem_op = (short)next(&words);
	return semop(sem_id, &op, 1);
}

static void wait_in_child(char *words)
{
	struct sembuf op = { 0 };
	int command;
	pid_t child;

	op.sem_num = (unsigned short)next(&words);
	op.sem_op = (short)next(&words);
	command = op.sem_op == 0 ? GETZCNT : GETNCNT;
	int before = semctl(sem_id, op.sem_num, command);

	child = fork();
	check(child, "fork");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		semop(sem_id, &op, 1);
		_exit(0);
	}
	while (semctl(sem_id, op.sem_num, command) <= before)
		usleep(500);
	printf("waiter %d\n", child);
}

static void rename_self(const char *text)
{
	char name[16] = "";
	size_t used = 0;

	for (; *text != '\0' && used < sizeof(name) - 1; text++) {
		if (text[0] == '\\' && (text[1] == 'n' || text[1] == 'e')) {
			name[used++] = text[1] == 'n' ? '\n' : '\033';
			text++;
		} else {
			name[used++] = *text;
		}
	}
	prctl(PR_SET_NAME, name);
}

/* The child goes on once its pid has been printed, so that "ready" comes after it. */
static void fork_on(void)
{
	int told[2];
	char byte;
	pid_t child;

	check(pipe(told), "pipe");
	child = fork();
	check(child, "fork");
	close(told[child == 0 ? 1 : 0]);
	if (child == 0) {
		check((int)read(told[0], &byte, 1), "read");
		close(told[0]);
		return;
	}
	printf("child %d\n", child);
	fflush(stdout);
	close(told[1]);
	waitpid(child, NULL, 0);
	exit(0);
}

static char kind_letter(const char *word)
{
	if (strcmp(word, "shm") != 0 && strcmp(word, "msg") != 0 && strcmp(word, "sem") != 0) {
		errno = EINVAL;
		die(word);
	}
	return strcmp(word, "sem") == 0 ? 'e' : word[0];
}

static void use(char *words)
{
	last_kind = kind_letter(strsep(&words, ","));
	*(last_kind == 's' ? &shm_id : last_kind == 'm' ? &msg_id : &sem_id) = (int)next(&words);
}

/* IPC_SET; a negative number leaves that one as it is. */
static void change(long mode, long uid)
{
	struct shmid_ds shm;
	struct msqid_ds msg;
	struct semid_ds sem;
	struct ipc_perm *perm = last_kind == 's'   ? &shm.shm_perm
				: last_kind == 'm' ? &msg.msg_perm
						   : &sem.sem_perm;

	for (int command = IPC_STAT;; command = IPC_SET) {
		if (last_kind == 's')
			check(shmctl(shm_id, command, &shm), "shmctl");
		else if (last_kind == 'm')
			check(msgctl(msg_id, command, &msg), "msgctl");
		else
			check(semctl(sem_id, 0, command, (union semun){ .ds = &sem }), "semctl");
		if (command == IPC_SET)
			return;
		if (mode >= 0)
			perm->mode = (unsigned short)mode;
		if (uid >= 0)
			perm->uid = (uid_t)uid;
	}
}

static void make(const char *word, char *rest)
{
	last_kind = kind_letter(word);
	if (strcmp(word, "shm") == 0) {
		key_t key = (key_t)next(&rest);
		size_t size = (size_t)next(&rest);

		shm_id = shmget(key, size, IPC_CREAT | IPC_EXCL | (int)next(&rest));
		check(shm_id, "shmget");
		printf("shm %d\n", shm_id);
	} else if (strcmp(word, "msg") == 0) {
		key_t key = (key_t)next(&rest);

		msg_id = msgget(key, IPC_CREAT | IPC_EXCL | (int)next(&rest));
		check(msg_id, "msgget");
		printf("msg %d\n", msg_id);
	} else {
		key_t key = (key_t)next(&rest);
		int count = (int)next(&rest);

		sem_id = semget(key, count, IPC_CREAT | IPC_EXCL | (int)next(&rest));
		check(sem_id, "semget");
		printf("sem %d\n", sem_id);
	}
}

static void act(const char *word, char *rest)
{
	if (strcmp(word, "attach") == 0) {
		const int flags = strchr(rest, 'r') != NULL ? SHM_RDONLY : 0;

		for (long count = next(&rest); count > 0; count--) {
			mapped = shmat(shm_id, NULL, flags);
			if (mapped == (void *)-1)
				die("shmat");
		}
	} else if (strcmp(word, "touch") == 0) {
		memset(mapped, 0x5a, (size_t)next(&rest));
	} else if (strcmp(word, "unmap") == 0) {
		char *at = mapped + next(&rest);

		check(munmap(at, (size_t)next(&rest)), "munmap");
	} else if (strcmp(word, "pageout") == 0) {
		char *at = mapped + next(&rest);

		check(madvise(at, (size_t)next(&rest), MADV_PAGEOUT), "madvise");
	} else if (strcmp(word, "detach") == 0) {
		check(shmdt(mapped), "shmdt");
	} else if (strcmp(word, "lock") == 0) {
		check(shmctl(shm_id, SHM_LOCK, NULL), "SHM_LOCK");
	} else if (strcmp(word, "dest") == 0) {
		check(shmctl(shm_id, IPC_RMID, NULL), "IPC_RMID");
	} else if (strcmp(word, "send") == 0) {
		size_t size = (size_t)next(&rest);
		long *message = calloc(1, sizeof(long) + size);

		*message = 1;
		check(msgsnd(msg_id, message, size, IPC_NOWAIT), "msgsnd");
		free(message);
	} else if (strcmp(word, "receive") == 0) {
		static char buffer[65536];

		check((int)msgrcv(msg_id, buffer, sizeof(buffer) - sizeof(long), 0, IPC_NOWAIT),
		      "msgrcv");
	} else if (strcmp(word, "qbytes") == 0) {
		struct msqid_ds ds;

		check(msgctl(msg_id, IPC_STAT, &ds), "IPC_STAT");
		ds.msg_qbytes = (msglen_t)next(&rest);
		check(msgctl(msg_id, IPC_SET, &ds), "IPC_SET");
	} else if (strcmp(word, "set") == 0) {
		int number = (int)next(&rest);
		union semun value = { .val = (int)next(&rest) };

		check(semctl(sem_id, number, SETVAL, value), "SETVAL");
	} else if (strcmp(word, "op") == 0) {
		check(operate(rest), "semop");
	} else if (strcmp(word, "wait") == 0) {
		wait_in_child(rest);
	} else if (strcmp(word, "shms") == 0) {
		long count = next(&rest);
		size_t size = (size_t)next(&rest);
		int mode = (int)next(&rest);

		while (count-- > 0)
			check(shmget(IPC_PRIVATE, size, mode), "shmget");
	} else if (strcmp(word, "use") == 0) {
		use(rest);
	} else if (strcmp(word, "chmod") == 0) {
		change(next(&rest), -1);
	} else if (strcmp(word, "chown") == 0) {
		change(-1, next(&rest));
	} else if (strcmp(word, "name") == 0) {
		rename_self(rest);
	} else if (strcmp(word, "pid") == 0) {
		printf("pid %d\n", getpid());
	} else if (strcmp(word, "fork") == 0) {
		fork_on();
	} else if (strcmp(word, "hold") == 0) {
		puts("ready");
		fflush(stdout);
		for (;;)
			pause();
	} else {
		make(word, rest);
	}
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *rest = argv[i], *word = strsep(&rest, "=");

		act(word, rest != NULL ? rest : (char *)"");
		fflush(stdout);
	}
	return 0;
}
