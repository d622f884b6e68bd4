/* SPDX-License-Identifier: MIT */
/* The processes that hold the objects of a plan: who they are, and the signal to them. */
#include "signalling.h"
#include "common/program.h"
#include "common/signals.h"
#include "interrupt.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Who shares a pipe with us is the shell that started us, too. */
static void spare_our_own(struct step *step)
{
	const struct ipck_holder *holder;

	for (size_t i = 0; (holder = ipck_holder_at(step->object, i)) != NULL; i++)
		if (is_init_or_ancestor(holder->process.pid)) {
			step_fail(
				step, IPCK_ERR_BUSY,
				"held by process %d, which is %s; --force would signal it as well",
				(int)holder->process.pid,
				holder->process.pid == 1 ? "init" : "an ancestor of this command");
			return;
		}
}

void signalling_check(const struct request *request, struct step *step)
{
	const struct ipck_object *object = step->object;
	int why = ipck_object_why(object, IPCK_FIELD_HOLDERS);

	if ((object->kind & (IPCK_MSG | IPCK_SEM)) != 0)
		step_fail(step, IPCK_ERR_BUSY,
			  "the kernel does not record who uses it: nobody to signal");
	else if ((object->kind & IPCK_ENDPOINTS) != 0 && !request->keep)
		step_fail(step, IPCK_ERR_BUSY,
			  "goes with its last holder and cannot be removed; --keep would signal "
			  "its holders and no more");
	else if (why != IPCK_OK)
		step_fail(step, why, "cannot see who holds it: %s", ipck_strerror(why));
	else if (!request->force)
		spare_our_own(step);
}

static int by_pid(const void *a, const void *b)
{
	const struct target *left = a, *right = b;

	return (left->process.pid > right->process.pid) - (left->process.pid < right->process.pid);
}

bool signalling_find(const struct plan *plan, struct targets *targets)
{
	size_t room = 0, kept = 0;
	const struct ipck_holder *holder;

	*targets = (struct targets){ 0 };
	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].result == RESULT_PLANNED)
			room += plan->steps[i].object->holder_count;
	targets->rows = calloc(room + 1, sizeof(*targets->rows));
	if (targets->rows == NULL)
		return false;
	for (size_t i = 0; i < plan->count; i++)
		for (size_t j = 0; plan->steps[i].result == RESULT_PLANNED &&
				   (holder = ipck_holder_at(plan->steps[i].object, j)) != NULL;
		     j++)
			if (holder->process.pid != getpid())
				targets->rows[targets->count++] =
					(struct target){ .process = holder->process,
							 .uid = holder->uid,
							 .command = holder->command,
							 .pidfd = -1 };
	qsort(targets->rows, targets->count, sizeof(*targets->rows), by_pid);
	for (size_t i = 0; i < targets->count; i++)
		if (kept == 0 || by_pid(&targets->rows[kept - 1], &targets->rows[i]) != 0)
			targets->rows[kept++] = targets->rows[i];
	targets->count = kept;
	return true;
}

void signalling_free(struct targets *targets)
{
	for (size_t i = 0; i < targets->count; i++)
		if (targets->rows[i].pidfd >= 0)
			close(targets->rows[i].pidfd);
	free(targets->rows);
	*targets = (struct targets){ 0 };
}

const struct target *signalling_target(const struct targets *targets,
				       const struct ipck_holder *holder)
{
	const struct target key = { .process = holder->process };

	return targets->count == 0
		       ? NULL
		       : bsearch(&key, targets->rows, targets->count, sizeof(key), by_pid);
}

void signalling_tell(const char *verb, int signo, const char *command, pid_t pid, uid_t uid)
{
	char name[SIGNAL_NAME_MAX], harmless[256];

	ipck_sanitise(command, harmless, sizeof(harmless));
	printf("%s %s: %s[%d] (uid %u)", verb, signal_name(signo, name), harmless, (int)pid, uid);
}

static void print_target(const char *verb, const struct target *target, int signo)
{
	signalling_tell(verb, signo, target->command, target->process.pid, target->uid);
	putchar('\n');
}

void signalling_print(const struct targets *targets, const struct request *request)
{
	for (size_t i = 0; i < targets->count; i++)
		print_target("would signal", &targets->rows[i], request->signo);
}

void signalling_send(struct ipck *ctx, const struct request *request, struct targets *targets)
{
	for (size_t i = 0; i < targets->count && !interrupted(); i++) {
		struct target *target = &targets->rows[i];
		int rc = ipck_signal(ctx, &target->process, request->signo, &target->pidfd);

		/* Its number may be another's by now: it has ended, and that was wanted. */
		target->result = rc == IPCK_OK ? SENDING_SENT
				 : rc == IPCK_ERR_NOT_FOUND || rc == IPCK_ERR_CHANGED
					 ? SENDING_GONE
					 : SENDING_FAILED;
		if (target->result == SENDING_FAILED)
			complain("%s: %s", target->command, ipck_message(ctx));
		else if (target->result == SENDING_SENT && !request->json)
			print_target("signalled", target, request->signo);
		program_flush();
	}
}
