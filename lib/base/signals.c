/* SPDX-License-Identifier: MIT */
/* Signals by name. */
#include "base/context.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

IPCK_API size_t ipck_format_signal(int signo, char *buf, size_t size)
{
	const char *name = signo > 0 && signo < SIGRTMIN ? sigabbrev_np(signo) : NULL;
	int length;

	if (name != NULL)
		length = snprintf(buf, size, "%s", name);
	else if (signo == SIGRTMIN)
		length = snprintf(buf, size, "RTMIN");
	else if (signo > SIGRTMIN && signo <= SIGRTMAX)
		length = snprintf(buf, size, "RTMIN+%d", signo - SIGRTMIN);
	else
		length = snprintf(buf, size, "%d", signo);
	return (size_t)length;
}
