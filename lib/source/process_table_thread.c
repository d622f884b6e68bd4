/* SPDX-License-Identifier: MIT */
/* The thread that calls libproc2 for others: requests wait in a list, each in its caller's stack.
 */
#include "source/process_table_thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#define STACK_SIZE ((size_t)256 * 1024)

struct request {
	int (*work)(void *data);
	void *data;
	int result;
	bool done;
	pthread_cond_t answered;
	struct request *next;
};

struct desk {
	pthread_mutex_t mutex;
	pthread_cond_t asked;
	struct request *first, *last;
	bool attended; /* there is the thread */
};

#define EMPTY_DESK                                                                                 \
	{                                                                                          \
		.mutex = PTHREAD_MUTEX_INITIALIZER, .asked = PTHREAD_COND_INITIALIZER              \
	}

static struct desk desk = EMPTY_DESK;

static void *attend(void *unused)
{
	pthread_mutex_lock(&desk.mutex);
	for (;;) {
		struct request *request;

		while (desk.first == NULL)
			pthread_cond_wait(&desk.asked, &desk.mutex);
		request = desk.first;
		desk.first = request->next;
		pthread_mutex_unlock(&desk.mutex);
		request->result = request->work(request->data);
		pthread_mutex_lock(&desk.mutex);
		request->done = true;
		pthread_cond_signal(&request->answered);
	}
	return unused;
}

/* ---- The thread ---- */

/* A child of fork() has but the thread that called it; the mutex may have been another's. */
static void forget(void)
{
	desk = (struct desk)EMPTY_DESK;
}

static bool forks_are_noticed;

static void notice_forks(void)
{
	forks_are_noticed = pthread_atfork(NULL, NULL, forget) == 0;
}

/* Signals are for the program's own threads: this one takes none. */
static bool make_thread(void)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;
	bool made;

	if (pthread_attr_init(&attributes) != 0)
		return false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	made = pthread_attr_setstacksize(&attributes, STACK_SIZE) == 0 &&
	       pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0 &&
	       pthread_create(&thread, &attributes, attend, NULL) == 0;
	if (made)
		pthread_setname_np(thread, "ipckit-scan");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return made;
}

/* ---- Requests ---- */

/* False: there is no thread to ask. */
static bool ask(struct request *request)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, notice_forks);
	if (!forks_are_noticed)
		return false;
	pthread_mutex_lock(&desk.mutex);
	if (!desk.attended)
		desk.attended = make_thread();
	if (desk.attended) {
		if (desk.first == NULL)
			desk.first = request;
		else
			desk.last->next = request;
		desk.last = request;
		pthread_cond_signal(&desk.asked);
		while (!request->done)
			pthread_cond_wait(&request->answered, &desk.mutex);
	}
	pthread_mutex_unlock(&desk.mutex);
	return request->done;
}

int process_table_thread_run(int (*work)(void *data), void *data)
{
	struct request request = { .work = work,
				   .data = data,
				   .answered = PTHREAD_COND_INITIALIZER };
	int state;

	/* cancelled while it waits, the caller would take the request away with its stack */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	/* the first thread lives as long as the program, too */
	if (gettid() == getpid() || !ask(&request))
		request.result = work(data);
	pthread_cond_destroy(&request.answered);
	pthread_setcancelstate(state, NULL);
	return request.result;
}
