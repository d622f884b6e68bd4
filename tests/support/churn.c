/* SPDX-License-Identifier: MIT */
/*
 * Creates and removes objects of all three kinds as fast as it can until it is ended by SIGTERM.
 * Never touches an object that it did not make.  Prints "ready" once it is at work.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#define ALIVE 32

static volatile sig_atomic_t ended;

static void end(int signal_number)
{
	(void)signal_number;
	ended = 1;
}

int main(void)
{
	int shm[ALIVE], msg[ALIVE], sem[ALIVE];
	unsigned long round = 0;

	for (int i = 0; i < ALIVE; i++)
		shm[i] = msg[i] = sem[i] = -1;
	signal(SIGTERM, end);
	for (; !ended; round++) {
		int i = (int)(round % ALIVE);

		/* The previous tenant goes; it may have been removed by the command under test. */
		if (shm[i] >= 0)
			shmctl(shm[i], IPC_RMID, NULL);
		if (msg[i] >= 0)
			msgctl(msg[i], IPC_RMID, NULL);
		if (sem[i] >= 0)
			semctl(sem[i], 0, IPC_RMID);
		shm[i] = shmget(IPC_PRIVATE, 4096, 0600);
		msg[i] = msgget(IPC_PRIVATE, 0600);
		sem[i] = semget(IPC_PRIVATE, 1 + (int)(round % 7), 0600);
		if (round == ALIVE) {
			puts("ready");
			fflush(stdout);
		}
	}
	for (int i = 0; i < ALIVE; i++) {
		shmctl(shm[i], IPC_RMID, NULL);
		msgctl(msg[i], IPC_RMID, NULL);
		semctl(sem[i], 0, IPC_RMID);
	}
	return 0;
}
