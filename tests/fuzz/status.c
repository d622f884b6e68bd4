/* SPDX-License-Identifier: MIT */
/* What is read of one process or thread: its status, its arguments, the scheduler's stamps. */
#include "fuzz.h"

#include "source/process_status.h"
#include "source/thread_clock.h"
#include "source/thread_ids.h"

static void any_status(const char *text)
{
	struct thread_ids ids = { 0 };
	struct process_masks masks;
	uint64_t nanoseconds;
	pid_t tgid = 0;

	if (thread_ids_parse(text, &ids)) {
		MUST(ids.depth > 0 && ids.depth <= THREAD_IDS_MAX);
		for (size_t i = 0; i < ids.depth; i++)
			MUST(ids.ids[i] > 0);
	}
	process_masks_parse(text, &masks);
	MUST(!process_tgid_parse(text, &tgid) || tgid > 0);
	if (thread_clock_parse(text, &nanoseconds))
		MUST(strstr(text, "\nse.exec_start") != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_string(data, size);
	struct process_stat stat;

	any_status(text);
	if (process_stat_parse(text, &stat))
		MUST(stat.ppid >= 0 && strlen(stat.command) < size);
	free(text);
	text = fuzz_string(data, size);
	MUST(process_args_join(text, size) <= size);
	MUST(strlen(text) <= size);
	free(text);
	return 0;
}
