/* SPDX-License-Identifier: MIT */
/* System calls by number, and the text of /proc/PID/syscall. */
#include "source/syscalls.h"

#include "base/parse.h"

#include <stddef.h>
#include <string.h>

static const struct syscall_row rows[] = {
#define CALL(name, x86_64, aarch64, family, descriptor)                                            \
	{ name, { x86_64, aarch64 }, CALL_##family, descriptor },
#include "source/syscall_table.h"
#undef CALL
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))
enum { NUMBERS = 512 }; /* above all that any machine uses */

const struct syscall_row *syscall_look(enum machine machine, uint64_t number)
{
	if (machine == MACHINE_OTHER || number >= NUMBERS)
		return NULL;
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].number[machine] == (int16_t)number)
			return &rows[i];
	return NULL;
}

int syscall_number(enum machine machine, const char *name)
{
	for (size_t i = 0; machine != MACHINE_OTHER && i < ROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].number[machine];
	return -1;
}

static bool parse_word(const char **text, uint64_t *word)
{
	return parse_literal(text, " 0x") && parse_upto(text, 16, UINT64_MAX, word);
}

bool syscall_parse(const char *text, struct syscall_state *state)
{
	*state = (struct syscall_state){ .where = SYSCALL_RUNNING };
	if (strcmp(text, "running\n") == 0)
		return true;
	if (parse_literal(&text, "-1")) {
		state->where = SYSCALL_OUTSIDE;
	} else {
		state->where = SYSCALL_INSIDE;
		if (!parse_upto(&text, 10, UINT64_MAX, &state->number))
			return false;
		for (size_t i = 0; i < 6; i++)
			if (!parse_word(&text, &state->args[i]))
				return false;
	}
	return parse_word(&text, &state->sp) && parse_word(&text, &state->pc) &&
	       strcmp(text, "\n") == 0;
}

bool syscall_is_same(const struct syscall_state *a, const struct syscall_state *b)
{
	return a->where == b->where && a->number == b->number && a->sp == b->sp && a->pc == b->pc &&
	       memcmp(a->args, b->args, sizeof(a->args)) == 0;
}
