/* SPDX-License-Identifier: MIT */
/* . */
#include "common/program.h"
#include "shmpeek.h"

int show_raw(struct peeking *peeking)
{
	complain("%s: not yet", peeking->ref);
	return EXIT_PARTIAL;
}
