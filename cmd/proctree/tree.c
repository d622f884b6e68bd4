/* SPDX-License-Identifier: MIT */
/* The tree by parents. */
#include "chosen.h"
#include "common/program.h"

static bool write_below(struct look *look, const struct ipck_process *process, size_t depth)
{
	const struct ipck_process *child;
	struct row row;
	bool good;

	if (!is_shown(look, process))
		return true;
	row_begin(look, process, &row);
	look->writer->depth = depth;
	good = writer_row(look->writer, &row);
	row_end(&row);
	for (size_t i = 0; good && (child = ipck_process_child_at(process, i)) != NULL; i++)
		good = write_below(look, child, depth + 1);
	return good;
}

int show_tree(struct look *look)
{
	const struct ipck_process *root;

	for (size_t i = 0; (root = ipck_processes_root_at(look->processes, i)) != NULL; i++)
		if (!write_below(look, root, 0))
			return EXIT_USAGE;
	return EXIT_DONE;
}
