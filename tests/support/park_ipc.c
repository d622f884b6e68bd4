/* SPDX-License-Identifier: MIT */
/*
 * The parked states of System V semaphores and queues and of POSIX queues.  Each has a holder: the
 * last operator, sender or receiver that runs still.
 */
#include "park.h"
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

union semun {
	int val;
	struct semid_ds *ds;
};

/* ---- Semaphores ---- */

struct wait {
	struct sembuf ops[3];
	size_t count;
	size_t blocks; /* the operation that cannot be done */
	short value;   /* what its semaphore is made by the holder */
	bool timed;
};

static int set;

/* The last operator of the semaphore, and who gives it its value. */
static void operate(void *data)
{
	const struct wait *wait = data;
	struct sembuf op = { .sem_num = wait->ops[wait->blocks].sem_num };

	op.sem_op = (short)(wait->value + 1);
	park_check(semop(set, &op, 1), "semop");
	op.sem_op = -1;
	park_check(semop(set, &op, 1), "semop");
}

static void operate_and_rest(void *data)
{
	operate(data);
	park_rest();
}

static void wait_semaphore(void *data)
{
	struct wait *wait = data;
	const struct timespec limit = { .tv_sec = PARK_LONG };

	park_check(semtimedop(set, wait->ops, wait->count, wait->timed ? &limit : NULL), "semop");
}

static void make_set(const struct wait *wait)
{
	set = park_check(semget(IPC_PRIVATE, 4, 0600), "semget");
	for (size_t i = 0; i < wait->blocks; i++)
		if (wait->ops[i].sem_num != wait->ops[wait->blocks].sem_num)
			park_check(semctl(set, wait->ops[i].sem_num, SETVAL,
					  (union semun){ .val = 5 }),
				   "SETVAL");
}

static void tell_semaphore(struct wait *wait, pid_t last)
{
	const struct sembuf *op = &wait->ops[wait->blocks];
	const pid_t waiter = park_start(wait_semaphore, wait);
	char on[64];

	snprintf(on, sizeof(on),
		 kill(last, 0) == 0 ? "on=%d/0 evidence=last-op" : "on=none gone=%d", last);
	park_asleep(waiter, waiter, "semop");
	park_line(waiter, waiter, "semop",
		  "ref=sem:%d num=%d op=%d value=%d undo=%s %s timeout=%s idle=no", set,
		  op->sem_num, op->sem_op, semctl(set, op->sem_num, GETVAL),
		  (op->sem_flg & SEM_UNDO) != 0 ? "yes" : "no", on, wait->timed ? "yes" : "no");
}

static void make_semaphore(struct wait wait)
{
	make_set(&wait);
	tell_semaphore(&wait, park_holder(operate_and_rest, &wait));
}

static void semaphore(void)
{
	make_semaphore((struct wait){ .ops = { { 2, -3, 0 } }, .count = 1, .value = 2 });
}

static void semaphore_second(void)
{
	make_semaphore((struct wait){
		.ops = { { 0, -1, 0 }, { 1, -1, 0 }, { 2, 1, 0 } }, .count = 3, .blocks = 1 });
}

/* Each operation alone could be done, both together cannot. */
static void semaphore_sum(void)
{
	make_semaphore((struct wait){
		.ops = { { 0, -1, 0 }, { 0, -2, 0 } }, .count = 2, .blocks = 1, .value = 2 });
}

static void semaphore_zero(void)
{
	make_semaphore((struct wait){ .ops = { { 3, 0, 0 } }, .count = 1, .value = 7 });
}

static void semaphore_undo(void)
{
	make_semaphore((struct wait){ .ops = { { 0, -1, SEM_UNDO } }, .count = 1 });
}

static void semaphore_timed(void)
{
	make_semaphore((struct wait){ .ops = { { 1, -1, 0 } }, .count = 1, .timed = true });
}

static void semaphore_dead(void)
{
	struct wait wait = { .ops = { { 1, -2, 0 } }, .count = 1, .value = 1 };
	pid_t last;

	make_set(&wait);
	last = park_start(operate, &wait);
	waitpid(last, NULL, 0);
	tell_semaphore(&wait, last);
}

/* ---- System V queues ---- */

#define BYTES 2000

static struct {
	long type;
	char text[BYTES];
} message;

static int queue;

static void send_and_rest(void *data)
{
	(void)data;
	message.type = 7;
	park_check(msgsnd(queue, &message, 10, IPC_NOWAIT), "msgsnd");
	park_rest();
}

static void receive_and_rest(void *data)
{
	(void)data;
	park_check((int)msgrcv(queue, &message, BYTES, 0, IPC_NOWAIT), "msgrcv");
	park_rest();
}

static void receive_two(void *data)
{
	(void)data;
	msgrcv(queue, &message, BYTES, 0, 0);
	msgrcv(queue, &message, 100, 0, 0);
}

static void receive_type(void *data)
{
	msgrcv(queue, &message, 500, *(long *)data, 0);
}

static void send_type(void *data)
{
	message.type = *(long *)data;
	msgsnd(queue, &message, BYTES, 0);
}

static void tell_receiver(pid_t waiter, pid_t sender, long type, int size)
{
	park_tell(waiter, waiter, "msgrcv",
		  "ref=msg:%d type=%ld size=%d on=%d/0 evidence=last-op timeout=no idle=no", queue,
		  type, size, sender);
}

static pid_t make_queue(void)
{
	queue = park_check(msgget(IPC_PRIVATE, 0600), "msgget");
	return park_holder(send_and_rest, NULL);
}

static void receive(void)
{
	const pid_t sender = make_queue();
	const pid_t waiter = park_start(receive_two, NULL);

	/* It takes the one message first, and has to wait for the next. */
	tell_receiver(waiter, sender, 0, 100);
}

static void receive_one_type(long type)
{
	const pid_t sender = make_queue();

	tell_receiver(park_start(receive_type, &type), sender, type, 500);
}

static void receive_by_type(void)
{
	receive_one_type(42);
}

static void receive_lowest(void)
{
	receive_one_type(-5);
}

static void send_full(void)
{
	long type = 99;
	pid_t receiver, waiter;

	make_queue();
	receiver = park_holder(receive_and_rest, NULL);
	message.type = 1;
	while (msgsnd(queue, &message, BYTES, IPC_NOWAIT) == 0)
		;
	waiter = park_start(send_type, &type);
	park_tell(waiter, waiter, "msgsnd",
		  "ref=msg:%d type=99 size=%d on=%d/0 evidence=last-op timeout=no idle=no", queue,
		  BYTES, receiver);
}

/* ---- POSIX queues ---- */

static mqd_t posix_queue;
static const char *queue_name;

static void make_posix_queue(void)
{
	struct mq_attr attributes = { .mq_maxmsg = 4, .mq_msgsize = 64 };

	queue_name = park_object();
	posix_queue = mq_open(queue_name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
	park_check(posix_queue, queue_name);
}

static void posix_receive(void *timed)
{
	const struct timespec limit = { .tv_sec = time(NULL) + PARK_LONG };
	char text[64];

	if (timed != NULL)
		mq_timedreceive(posix_queue, text, sizeof(text), NULL, &limit);
	else
		mq_receive(posix_queue, text, sizeof(text), NULL);
}

static void posix_send(void *data)
{
	(void)data;
	while (mq_send(posix_queue, "text", 4, 1) == 0)
		;
}

static void tell_posix(void (*act)(void *data), void *timed, const char *call)
{
	pid_t waiter;

	make_posix_queue();
	waiter = park_start(act, timed);
	park_tell(waiter, waiter, call, "ref=posix-mq:%s timeout=%s idle=no", queue_name,
		  timed != NULL ? "yes" : "no");
}

static void queue_receive(void)
{
	tell_posix(posix_receive, NULL, "mq_receive");
}

static void queue_receive_timed(void)
{
	tell_posix(posix_receive, &set, "mq_receive");
}

static void queue_send(void)
{
	tell_posix(posix_send, NULL, "mq_send");
}

const struct park_state park_ipc_states[] = {
	{ "semop", semaphore },
	{ "semop-second", semaphore_second },
	{ "semop-sum", semaphore_sum },
	{ "semop-zero", semaphore_zero },
	{ "semop-undo", semaphore_undo },
	{ "semop-timed", semaphore_timed },
	{ "semop-dead", semaphore_dead },
	{ "msgrcv", receive },
	{ "msgrcv-type", receive_by_type },
	{ "msgrcv-lowest", receive_lowest },
	{ "msgsnd", send_full },
	{ "mq-receive", queue_receive },
	{ "mq-receive-timed", queue_receive_timed },
	{ "mq-send", queue_send },
	{ NULL, NULL },
};
