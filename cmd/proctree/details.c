/* SPDX-License-Identifier: MIT */
/* The rows of a view: a process, and what of it costs files that no other row needs. */
#include "chosen.h"
#include "uses.h"

void row_begin(const struct look *look, const struct ipck_process *process, struct row *row)
{
	const struct ipck_ref ref = { .kind = IPCK_PROCESS,
				      .form = IPCK_BY_PID,
				      .pid = process->id.pid,
				      .exact = true,
				      .generation = { .start_time = process->id.start_time } };

	*row = (struct row){ .process = process,
			     .same = 1,
			     .own = is_own(look, process),
			     .request = look->request,
			     .uses = uses_of(look->uses, process) };
	if (look->detail_want != 0)
		row->detail_error =
			ipck_process_read(look->ctx, &ref, look->detail_want, &row->detail);
}

void row_end(struct row *row)
{
	ipck_process_free(row->detail);
	row->detail = NULL;
}
