/* SPDX-License-Identifier: MIT */
/* What the parent of zombies does, in words, and what helps. */
#include "leftovers.h"

#include <stdio.h>

enum { NAME_ROOM = 256 };

/* "app[812]" */
static const char *name_of(const struct ipck_process *process, char *buf)
{
	const size_t length = ipck_sanitise(process->command, buf, NAME_ROOM - 16);

	snprintf(buf + length, NAME_ROOM - length, "[%d]", (int)process->id.pid);
	return buf;
}

static bool is_stopped(const struct guilty *guilty)
{
	return guilty->process->state == 'T' || guilty->process->state == 't';
}

static const char *on_signal(const struct guilty *guilty)
{
	const struct ipck_reaping *reaping = &guilty->reaping;

	return guilty->error != IPCK_OK || reaping->ignores == IPCK_UNKNOWN
		       ? "does not show what it does on SIGCHLD"
	       : reaping->ignores == IPCK_YES ? "ignores SIGCHLD"
	       : reaping->catches == IPCK_YES ? "has a handler for SIGCHLD"
	       : reaping->blocks == IPCK_YES  ? "blocks SIGCHLD"
					      : "has no handler for SIGCHLD";
}

void guilty_says(const struct guilty *guilty, char *buf, size_t size)
{
	const struct ipck_reaping *reaping = &guilty->reaping;
	const char *waits;

	if (guilty->process == NULL) {
		snprintf(buf, size, "%s",
			 guilty->who.pid == 0 ? "is outside of this pid namespace"
					      : "is not to be seen");
		return;
	}
	if (is_stopped(guilty)) {
		snprintf(buf, size, "is stopped");
		return;
	}
	waits = guilty->error != IPCK_OK                ? ""
		: reaping->waits == IPCK_YES            ? " and waits for it"
		: reaping->waits_for_others == IPCK_YES ? " and waits for another child"
		: reaping->waits == IPCK_NO             ? " and does not wait"
							: "; whether it waits is not to be seen";
	snprintf(buf, size, "%s%s", on_signal(guilty), waits);
}

/* Does SIGCHLD reach any code of it, be it a handler, or who takes blocked signals? */
static bool hears(const struct guilty *guilty)
{
	const struct ipck_reaping *reaping = &guilty->reaping;

	return guilty->error == IPCK_OK &&
	       (reaping->catches == IPCK_YES ||
		(reaping->blocks == IPCK_YES && reaping->ignores == IPCK_NO));
}

/* What comes of its end; an init has none that helps. */
static void advise_end(const struct guilty *guilty, char *buf, size_t size)
{
	char name[NAME_ROOM];
	const int pid = (int)guilty->who.pid;

	if (guilty->heir == NULL)
		snprintf(buf, size, "ending %d hands them on to a reaper", pid);
	else if (guilty->heir_guilty)
		snprintf(buf, size, "ending %d hands them on to %s, which does not reap either",
			 pid, name_of(guilty->heir, name));
	else
		snprintf(buf, size, "ending %d lets %s reap them", pid,
			 name_of(guilty->heir, name));
}

void guilty_advice(const struct guilty *guilty, char *buf, size_t size)
{
	const int pid = (int)guilty->who.pid;
	char end[NAME_ROOM + 64];

	if (guilty->lives) {
		snprintf(buf, size, "it is alive, only its first thread has ended: leave it");
	} else if (guilty->process == NULL) {
		snprintf(buf, size, "%s",
			 pid == 0 ? "look from the namespace of its parent" : "look as root");
	} else if (guilty->process->kernel) {
		snprintf(buf, size, "the kernel asks for it itself: leave it");
	} else if (is_stopped(guilty)) {
		snprintf(buf, size, "kill -CONT %d lets it go on and ask", pid);
	} else if (pid == 1) {
		snprintf(buf, size, "%s",
			 hears(guilty) ? "kill -CHLD 1 asks it again"
				       : "it needs an init that reaps, as docker run --init has");
	} else {
		advise_end(guilty, end, sizeof(end));
		if (hears(guilty))
			snprintf(buf, size, "kill -CHLD %d asks it again; %s", pid, end);
		else
			snprintf(buf, size, "%s", end);
	}
}
