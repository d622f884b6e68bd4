/* SPDX-License-Identifier: MIT */
/* A wait as a sentence. */
#ifndef IPCLS_WAIT_SENTENCE_H
#define IPCLS_WAIT_SENTENCE_H

#include "ipckit.h"

#define WAIT_SENTENCE_MAX 2048

/*
 * "Thread 4712 waits for mutex shm:5+0x1000, held by worker[4713] (libc), for 3m."  threads: so
 * many wait alike.  Harmless for a terminal.
 */
void wait_sentence(const struct ipck_wait *wait, size_t threads, char *buf, size_t size);
/* The part of it that says for what: "for mutex shm:5+0x1000 (lock)".  Raw. */
void wait_object_words(const struct ipck_wait *wait, char *buf, size_t size);

#endif
