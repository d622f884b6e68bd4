/* SPDX-License-Identifier: MIT */
/* --watch: the view, then what changes. */
#include "common/program.h"
#include "shmpeek.h"

int watch(struct peeking *peeking)
{
	complain("%s: not yet", peeking->ref);
	return EXIT_PARTIAL;
}
