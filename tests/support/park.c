/* SPDX-License-Identifier: MIT */
/*
 * Parks processes and threads in every kind of blocking state and prints the truth about each: the
 * independent truth that the tests of ipcls --blocked compare with.
 *
 *   park STATE... hold      park all hold      park list
 *
 * One line a parked thread, when it is asleep in its call; then "ready"; then it waits for a
 * signal. STATE pid=N tid=N call=NAME key=value... ref=       the object's reference, or none
 *     object=    the text shown for it, blanks as underscores
 *     num= op= value= undo=yes|no    of the semaphore that blocks
 *     type= size=                    of the message
 *     wants=     a part of what is shown as wanted, blanks as underscores
 *     on=        who must act: PID/TID,... (TID 0: a process), or none
 *     evidence=  kernel, libc, last-op or none
 *     gone=      the number of who should act and has ended
 *     timeout=yes|no idle=yes|no finding=abandoned
 * A key that a line lacks is not to be judged.  Files are made in a new folder under TMPDIR.
 */
#include "park.h"
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const struct park_state *const lists[] = {
	park_ipc_states,   park_descriptor_states, park_counter_states, park_file_lock_states,
	park_mutex_states, park_sync_states,       park_event_states,   park_sleep_states,
};

static void make_one(void *data)
{
	const struct park_state *state = data;

	park_state = state->name;
	park_board = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (park_board == MAP_FAILED)
		park_die("mmap");
	state->make();
	park_rest();
}

/* Do so for the state of this name, or with NULL for all.  False when there is none. */
static bool each(const char *name, void (*act)(const struct park_state *state))
{
	bool found = false;

	for (size_t l = 0; l < sizeof(lists) / sizeof(lists[0]); l++)
		for (const struct park_state *state = lists[l]; state->name != NULL; state++)
			if (name == NULL || strcmp(name, state->name) == 0) {
				act(state);
				found = true;
			}
	return found;
}

static void print_name(const struct park_state *state)
{
	puts(state->name);
}

static void make(const struct park_state *state)
{
	struct park_state copy = *state;
	const pid_t child = park_start(make_one, &copy);

	park_state = state->name;
	park_rests(child, child);
}

static void make_folder(void)
{
	const char *where = getenv("TMPDIR");
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s/park.XXXXXX", where != NULL ? where : "/tmp");
	if (mkdtemp(folder) == NULL || setenv("PARK_FOLDER", folder, 1) != 0)
		park_die(folder);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "list") == 0) {
		each(NULL, print_name);
		return 0;
	}
	make_folder();
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "hold") == 0) {
			puts("ready");
			fflush(stdout);
			park_rest();
		}
		if (!each(strcmp(argv[i], "all") == 0 ? NULL : argv[i], make)) {
			errno = EINVAL;
			park_die(argv[i]);
		}
	}
	return 0;
}
