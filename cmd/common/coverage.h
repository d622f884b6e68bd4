/* SPDX-License-Identifier: MIT */
/* What of the system a scan could not see. */
#ifndef COMMON_COVERAGE_H
#define COMMON_COVERAGE_H

#include "ipckit.h"

/* What it takes to see what was denied: to be root, or what root often lacks in containers. */
const char *coverage_remedy(void);

/* Say that /proc hides processes, and who would see them. */
void coverage_hidden(void);

/* Say what was out of sight, as far as it matters for this selection. */
void coverage_complain(const struct ipck_coverage *coverage,
		       const struct ipck_selection *selection);

#endif
