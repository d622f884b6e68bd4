/* SPDX-License-Identifier: MIT */
/* Which processes a view shows. */
#include "chosen.h"
#include "common/program.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <unistd.h>

size_t place_of(const struct ipck_processes *processes, const struct ipck_process *process)
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

/* ---- Naming ---- */

/* Is this group or session, whose leader may be gone, still the one of an exact reference? */
static bool is_same(const struct ipck_ref *ref, const struct ipck_process *leader)
{
	return !ref->exact || leader == NULL || leader->id.start_time == ref->generation.start_time;
}

static bool is_member(const struct operand *operand, const struct ipck_process *process)
{
	if (operand->is_user)
		return process->uid == operand->uid;
	return (operand->ref.kind == IPCK_PGRP ? process->pgid : process->sid) == operand->ref.pid;
}

/* What /proc hides may be there all the same. */
static const char *limit(const struct ipck_processes *processes)
{
	return ipck_processes_hidden(processes) ? ", as far as /proc shows" : "";
}

/* Users, groups and sessions: all that belong to it. */
static bool name_members(const struct operand *operand, const struct ipck_processes *processes,
			 struct chosen *chosen)
{
	const bool exact = !operand->is_user && operand->ref.exact;
	const struct ipck_process *leader =
		exact ? ipck_processes_find(processes, operand->ref.pid) : NULL;
	const size_t count = ipck_processes_count(processes);
	bool found = false;

	if (exact && !is_same(&operand->ref, leader)) {
		complain("%s: changed since it was listed", operand->text);
		return false;
	}
	for (size_t i = 0; i < count; i++)
		if (is_member(operand, ipck_processes_at(processes, i)))
			chosen->named[i] = found = true;
	if (!found && operand->is_user)
		complain("%s: no process of this user%s", operand->text, limit(processes));
	else if (!found)
		complain("%s: no such %s%s", operand->text, ipck_kind_title(operand->ref.kind),
			 limit(processes));
	return found;
}

/* Who bears the number then?  A thread does, or /proc hides it, or it began this moment. */
static void complain_process(struct ipck *ctx, const struct operand *operand,
			     const struct ipck_processes *processes)
{
	const struct ipck_ref ref = { .kind = IPCK_PROCESS,
				      .form = IPCK_BY_PID,
				      .pid = operand->ref.pid };
	const struct ipck_process *process = NULL;
	const int rc = ipck_process_read(ctx, &ref, 0, &process);

	ipck_process_free(process);
	if (rc != IPCK_OK)
		complain("%s%s", ipck_message(ctx),
			 rc == IPCK_ERR_NOT_FOUND ? limit(processes) : "");
	else
		complain("%s: it has just been started", operand->text);
}

static bool name_process(struct ipck *ctx, const struct operand *operand,
			 const struct ipck_processes *processes, struct chosen *chosen)
{
	const struct ipck_process *process = ipck_processes_find(processes, operand->ref.pid);

	if (process == NULL) {
		complain_process(ctx, operand, processes);
		return false;
	}
	if (!is_same(&operand->ref, process)) {
		complain("%s: changed since it was listed", operand->text);
		return false;
	}
	chosen->whole[place_of(processes, process)] = true;
	return true;
}

static int name_operands(struct ipck *ctx, const struct request *request,
			 const struct ipck_processes *processes, struct chosen *chosen)
{
	int status = name_users(ctx, request, processes, chosen);

	for (size_t i = 0; status != EXIT_USAGE && i < request->operand_count; i++) {
		const struct operand *operand = &request->operands[i];
		bool found;

		if (!operand->is_user && (operand->ref.kind & IPCK_KINDS) != 0)
			continue;
		if (operand->missing) {
			complain("%s: no such user", operand->text);
			found = false;
		} else if (operand->is_user ||
			   (operand->ref.kind & (IPCK_PGRP | IPCK_SESSION)) != 0) {
			found = name_members(operand, processes, chosen);
		} else {
			found = name_process(ctx, operand, processes, chosen);
		}
		if (!found)
			status = EXIT_PARTIAL;
	}
	return status;
}

static bool is_selected(const struct request *request, const struct ipck_process *process)
{
	return (!request->by_user || process->uid == request->uid) &&
	       (request->command == NULL || fnmatch(request->command, process->command, 0) == 0);
}

/* Add to a set all that descends from those in it; each process is passed a few times at most. */
static bool add_below(const struct ipck_processes *processes, const bool *from, bool *set)
{
	const size_t count = ipck_processes_count(processes);
	enum { UNSEEN, BELOW, ELSEWHERE } *seen = calloc(count + 1, sizeof(*seen));
	const struct ipck_process *at;

	if (seen == NULL)
		return false;
	for (size_t i = 0; i < count; i++) {
		size_t place = 0;
		bool below;

		/* up to where it is known, and down again saying so */
		for (at = ipck_processes_at(processes, i); at != NULL;
		     at = ipck_process_parent(at)) {
			place = place_of(processes, at);
			if (seen[place] != UNSEEN || from[place])
				break;
		}
		below = at != NULL && (from[place] || seen[place] == BELOW);
		for (at = ipck_processes_at(processes, i);
		     at != NULL && seen[place_of(processes, at)] == UNSEEN;
		     at = ipck_process_parent(at)) {
			place = place_of(processes, at);
			seen[place] = below ? BELOW : ELSEWHERE;
			if (from[place])
				break;
		}
	}
	for (size_t i = 0; i < count; i++)
		set[i] = set[i] || seen[i] == BELOW;
	free(seen);
	return true;
}

static bool show_around(const struct ipck_processes *processes, struct chosen *chosen)
{
	const size_t count = ipck_processes_count(processes);
	const struct ipck_process *at;

	if (!add_below(processes, chosen->named, chosen->shown))
		return false;
	for (size_t i = 0; i < count; i++)
		if (chosen->named[i])
			for (at = ipck_process_parent(ipck_processes_at(processes, i));
			     at != NULL && !chosen->shown[place_of(processes, at)];
			     at = ipck_process_parent(at))
				chosen->shown[place_of(processes, at)] = true;
	return true;
}

static void find_own(const struct ipck_processes *processes, struct chosen *chosen)
{
	const struct ipck_process *process = ipck_processes_find(processes, getpid());

	for (; process != NULL; process = ipck_process_parent(process))
		chosen->own[place_of(processes, process)] = true;
}

static bool chosen_begin(struct chosen *chosen, size_t count)
{
	*chosen = (struct chosen){ .whole = calloc(count + 1, sizeof(bool)),
				   .itself = calloc(count + 1, sizeof(bool)),
				   .named = calloc(count + 1, sizeof(bool)),
				   .shown = calloc(count + 1, sizeof(bool)),
				   .own = calloc(count + 1, sizeof(bool)) };
	return chosen->whole != NULL && chosen->itself != NULL && chosen->named != NULL &&
	       chosen->shown != NULL && chosen->own != NULL;
}

int chosen_make(struct ipck *ctx, const struct request *request,
		const struct ipck_processes *processes, struct chosen *chosen)
{
	const size_t count = ipck_processes_count(processes);
	const bool by_operands = request->operand_count > 0 || request->from_input;
	int status = EXIT_DONE;
	bool found = false;

	if (!chosen_begin(chosen, count)) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	if (request->own_chain)
		find_own(processes, chosen);
	chosen->all = !by_operands && !request->by_user && request->command == NULL;
	if (chosen->all)
		return EXIT_DONE;
	if (by_operands)
		status = name_operands(ctx, request, processes, chosen);
	for (size_t i = 0; i < count; i++)
		chosen->itself[i] = chosen->named[i] || chosen->whole[i];
	if (status != EXIT_USAGE && !add_below(processes, chosen->whole, chosen->named)) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < count; i++) {
		found = found || chosen->named[i];
		if (!is_selected(request, ipck_processes_at(processes, i)))
			chosen->named[i] = false;
		else if (!by_operands)
			chosen->itself[i] = chosen->named[i] = true;
	}
	chosen->nothing = by_operands && !found;
	if (status != EXIT_USAGE && !show_around(processes, chosen)) {
		complain("out of memory");
		status = EXIT_USAGE;
	}
	return status;
}

void chosen_free(struct chosen *chosen)
{
	free(chosen->whole);
	free(chosen->itself);
	free(chosen->named);
	free(chosen->shown);
	free(chosen->own);
}

static bool has(const struct look *look, const bool *set, const struct ipck_process *process)
{
	return set[place_of(look->processes, process)];
}

bool is_shown(const struct look *look, const struct ipck_process *process)
{
	return look->chosen->all || has(look, look->chosen->shown, process);
}

bool is_named(const struct look *look, const struct ipck_process *process)
{
	return look->chosen->all || has(look, look->chosen->named, process);
}

bool is_named_itself(const struct look *look, const struct ipck_process *process)
{
	return !look->chosen->all && has(look, look->chosen->itself, process);
}

bool is_own(const struct look *look, const struct ipck_process *process)
{
	return look->request->own_chain && has(look, look->chosen->own, process);
}
