/* SPDX-License-Identifier: MIT */
/* Holders and watches in words: the same words in tables, raw fields and JSON. */
#ifndef COMMON_HELD_H
#define COMMON_HELD_H

#include "common/value.h"

#define HELD_WORDS_MAX 16

/* "rw"; buf holds 4 bytes. */
const char *held_access(unsigned access, char *buf);
/* "nonblock", "cloexec" ...; how many. */
size_t held_flags(unsigned flags, const char *words[HELD_WORDS_MAX]);
/* "IN", "ET" ... of an epoll set, "MODIFY" ... of an inotify descriptor; how many. */
size_t held_events(enum ipck_kind kind, uint32_t events, const char *words[HELD_WORDS_MAX]);

/* "cat[12] bash[13] +4" for people, all of them with a comma between for programs.  The length. */
size_t held_processes(const struct value *value, const struct style *style, char *buf, size_t size);
/* The references of what is watched, likewise. */
size_t held_watches(const struct value *value, const struct style *style, char *buf, size_t size);
/* How many bytes the two need at most. */
size_t held_size(const struct ipck_object *object);

#endif
