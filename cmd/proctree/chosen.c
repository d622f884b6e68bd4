/* SPDX-License-Identifier: MIT */
/* Which processes a view shows. */
#include "chosen.h"
#include "common/program.h"

#include <fnmatch.h>
#include <pwd.h>
#include <stdlib.h>

bool operand_parse(const char *text, struct operand *operand)
{
	const struct passwd *user;
	uint64_t number;

	*operand = (struct operand){ .text = text };
	if (ipck_parse_number(text, INT32_MAX, &number) == IPCK_OK && number > 0) {
		operand->ref = (struct ipck_ref){ .kind = IPCK_TREE,
						  .form = IPCK_BY_PID,
						  .pid = (pid_t)number };
		return true;
	}
	if (ipck_ref_parse(text, &operand->ref) == IPCK_OK)
		return true;
	user = getpwnam(text);
	if (user == NULL) {
		complain("%s: no pid, no user, and no reference like session:812", text);
		return false;
	}
	operand->is_user = true;
	operand->uid = user->pw_uid;
	return true;
}

static size_t place_of(const struct ipck_processes *processes, const struct ipck_process *process)
{
	size_t low = 0, high = ipck_processes_count(processes);

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (ipck_processes_at(processes, middle)->id.pid < process->id.pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void show_below(const struct ipck_processes *processes, struct chosen *chosen,
		       const struct ipck_process *process)
{
	const struct ipck_process *child;

	chosen->shown[place_of(processes, process)] = true;
	for (size_t i = 0; (child = ipck_process_child_at(process, i)) != NULL; i++)
		show_below(processes, chosen, child);
}

static void show_above(const struct ipck_processes *processes, struct chosen *chosen,
		       const struct ipck_process *process)
{
	for (; process != NULL; process = ipck_process_parent(process))
		chosen->shown[place_of(processes, process)] = true;
}

static bool matches(const struct operand *operand, const struct ipck_process *process)
{
	const pid_t number = operand->ref.pid;

	if (operand->is_user)
		return process->uid == operand->uid;
	switch (operand->ref.kind) {
	case IPCK_PGRP:
		return process->pgid == number;
	case IPCK_SESSION:
		return process->sid == number;
	default:
		return process->id.pid == number;
	}
}

static bool is_selected(const struct request *request, const struct ipck_process *process)
{
	return (!request->by_user || process->uid == request->uid) &&
	       (request->command == NULL || fnmatch(request->command, process->command, 0) == 0);
}

int chosen_make(struct ipck *ctx, const struct request *request,
		const struct ipck_processes *processes, struct chosen *chosen)
{
	const size_t count = ipck_processes_count(processes);
	int status = EXIT_DONE;

	(void)ctx;
	*chosen = (struct chosen){ .named = calloc(count + 1, sizeof(bool)),
				   .shown = calloc(count + 1, sizeof(bool)) };
	if (chosen->named == NULL || chosen->shown == NULL) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	chosen->all = request->operand_count == 0 && !request->by_user && request->command == NULL;
	for (size_t i = 0; request->operand_count == 0 && i < count; i++)
		chosen->named[i] = is_selected(request, ipck_processes_at(processes, i));
	for (size_t j = 0; j < request->operand_count; j++) {
		bool found = false;

		for (size_t i = 0; i < count; i++) {
			const struct ipck_process *process = ipck_processes_at(processes, i);

			if (!matches(&request->operands[j], process))
				continue;
			found = true;
			if (is_selected(request, process))
				chosen->named[i] = true;
		}
		if (!found) {
			complain("%s: no such process", request->operands[j].text);
			status = EXIT_PARTIAL;
		}
	}
	for (size_t i = 0; !chosen->all && i < count; i++) {
		if (!chosen->named[i])
			continue;
		show_above(processes, chosen, ipck_processes_at(processes, i));
		show_below(processes, chosen, ipck_processes_at(processes, i));
	}
	return status;
}

void chosen_free(struct chosen *chosen)
{
	free(chosen->named);
	free(chosen->shown);
}

bool is_shown(const struct look *look, const struct ipck_process *process)
{
	return look->chosen->all || look->chosen->shown[place_of(look->processes, process)];
}

bool is_named(const struct look *look, const struct ipck_process *process)
{
	return look->chosen->all || look->chosen->named[place_of(look->processes, process)];
}
