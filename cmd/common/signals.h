/* SPDX-License-Identifier: MIT */
/* Signals by name and number. */
#ifndef COMMON_SIGNALS_H
#define COMMON_SIGNALS_H

#include <stddef.h>

#define SIGNAL_NAME_MAX 16

/* "TERM", "SIGTERM", "term", "15", "RTMIN+3", "RTMAX-1": the number; 0: there is none such. */
int signal_parse(const char *text);

/* "TERM", "RTMIN+3"; buf holds SIGNAL_NAME_MAX bytes. */
const char *signal_name(int signo, char *buf);

#endif
