/* SPDX-License-Identifier: MIT */
/* The system call that a thread sleeps in: any text, and any call written as the kernel does. */
#include "fuzz.h"

#include "source/syscalls.h"

static void any_text(const uint8_t *data, size_t size)
{
	char *text = fuzz_string(data, size);
	struct syscall_state state, again;

	if (syscall_parse(text, &state)) {
		MUST(state.where != SYSCALL_INSIDE || (text[0] >= '0' && text[0] <= '9'));
		MUST(state.where != SYSCALL_OUTSIDE || strncmp(text, "-1 0x", 5) == 0);
		MUST(state.where != SYSCALL_RUNNING || strcmp(text, "running\n") == 0);
		MUST(syscall_parse(text, &again) && syscall_is_same(&state, &again));
	}
	free(text);
}

static void any_call(const uint8_t *data, size_t size)
{
	uint64_t words[9] = { 0 };
	struct syscall_state state;
	char text[256];
	int length;

	memcpy(words, data, size < sizeof(words) ? size : sizeof(words));
	length = snprintf(text, sizeof(text), "%llu", (unsigned long long)words[0]);
	for (size_t i = 1; i < 9; i++)
		length += snprintf(text + length, sizeof(text) - (size_t)length, " 0x%llx",
				   (unsigned long long)words[i]);
	snprintf(text + length, sizeof(text) - (size_t)length, "\n");
	MUST(syscall_parse(text, &state) && state.where == SYSCALL_INSIDE);
	MUST(state.number == words[0] && state.sp == words[7] && state.pc == words[8]);
	MUST(memcmp(state.args, words + 1, sizeof(state.args)) == 0);
	for (int machine = MACHINE_X86_64; machine <= MACHINE_OTHER; machine++) {
		const struct syscall_row *row = syscall_look((enum machine)machine, state.number);

		if (row != NULL)
			MUST(syscall_number((enum machine)machine, row->name) == (int)state.number);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	any_text(data, size);
	any_call(data, size);
	return 0;
}
