/* SPDX-License-Identifier: MIT */
/*
 * Keeps a queue in motion: takes its first message and sends the next one, over and over.  They are
 * numbered from 1 on; number N has type N and a text of N % 60 times "N;".  So what lies in the
 * queue at one time are messages without a gap between their numbers, COUNT of them or one less.
 *
 *   pass_messages COUNT MICROSECONDS hold   prints "msg ID", then "ready" once COUNT are sent;
 *                                           sleeps so long, at most, between any two
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <unistd.h>

static struct {
	long type;
	char text[2048];
} message;

static void pass(int rc, const char *what)
{
	if (rc < 0) {
		perror(what);
		exit(1);
	}
}

static void send_number(int id, long number)
{
	size_t used = 0;

	for (long i = 0; i < number % 60; i++)
		used += (size_t)snprintf(message.text + used, sizeof(message.text) - used, "%ld;",
					 number);
	message.type = number;
	pass(msgsnd(id, &message, used, 0), "msgsnd");
}

int main(int argc, char **argv)
{
	const long count = argc == 4 ? atol(argv[1]) : 0, pause = argc == 4 ? atol(argv[2]) : 0;
	const int id = count > 0 ? msgget(IPC_PRIVATE, 0600) : -1;

	pass(id, "msgget");
	for (long number = 1; number <= count; number++)
		send_number(id, number);
	printf("msg %d\nready\n", id);
	fflush(stdout);
	for (long number = count + 1;; number++) {
		pass((int)msgrcv(id, &message, sizeof(message.text), 0, 0), "msgrcv");
		send_number(id, number);
		if (pause > 0)
			usleep((useconds_t)(number * 7919 % pause));
	}
}
