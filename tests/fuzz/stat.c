/* SPDX-License-Identifier: MIT */
/* /proc/PID/stat: any text, and any command within a well-formed one. */
#include "fuzz.h"

#include "source/process.h"

static void any_text(const uint8_t *data, size_t size)
{
	char *text = fuzz_string(data, size), *before = fuzz_string(data, size);
	const char *open = strchr(before, '('), *close = strrchr(before, ')');
	const char *command = NULL;
	uint64_t ticks;

	if (process_parse_stat(text, &command, &ticks)) {
		MUST(open != NULL && close != NULL && open < close);
		MUST(command == text + (open - before) + 1);
		MUST(strlen(command) == (size_t)(close - open) - 1);
		MUST(memcmp(command, open + 1, strlen(command)) == 0);
	}
	free(before);
	free(text);
}

static void any_command(const uint8_t *data, size_t size)
{
	char *name = fuzz_string(data, size), text[256];
	const char *command = NULL;
	uint64_t ticks = 0;

	if (strlen(name) > 64) /* as the kernel cuts it */
		name[64] = '\0';
	snprintf(text, sizeof(text), "7 (%s) S 4 5 6 7 8 -9 10 11 12 13 14 15 16 17 18 19 20 21 %s",
		 name, "1234567890 23 24\n");
	MUST(process_parse_stat(text, &command, &ticks));
	MUST(strcmp(command, name) == 0);
	MUST(ticks == 1234567890);
	free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	any_text(data, size);
	any_command(data, size);
	return 0;
}
