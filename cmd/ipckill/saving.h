/* SPDX-License-Identifier: MIT */
/* --save: a folder with the content of what is removed, and a manifest that says what it was. */
#ifndef IPCKILL_SAVING_H
#define IPCKILL_SAVING_H

#include "ipckill.h"

struct saving {
	char *path; /* of the folder, without slashes at its end */
	int dir;
	int manifest; /* open under its temporary name */
	uint64_t end; /* where its last row ends */
	size_t saved;
};

/* What the columns of the manifest need to be read. */
unsigned saving_wants(void);
/* The file's name for a step: "shm-5"; buf holds STEP_FILE_MAX bytes. */
const char *saving_name(const struct plan *plan, const struct step *step, char *buf);

/*
 * Make the folder, or take one that only we can write to, and begin the manifest.  Complains;
 * false: nothing may be done.
 */
bool saving_open(struct saving *saving, const char *path);
/* Save one object, and on disk, before it is removed.  False: the step's reason says why not. */
bool saving_keep(struct saving *saving, struct ipck *ctx, const struct plan *plan,
		 struct step *step);
/* Give the manifest its name.  Complains. */
bool saving_close(struct saving *saving);

#endif
