/* SPDX-License-Identifier: MIT */
/* Totals for those who show them beside something else. */
#ifndef USAGE_H
#define USAGE_H

#include "ipckit.h"

/* Fills what is known of these kinds, and usage->known. */
void usage_read(struct ipck *ctx, unsigned kinds, struct ipck_usage *usage);

#endif
