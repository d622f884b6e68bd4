/* SPDX-License-Identifier: MIT */
/* Signals by name and number. */
#include "common/signals.h"

#include "ipckit.h"

#include <signal.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	int signo;
} aliases[] = { { "IOT", SIGABRT }, { "CLD", SIGCHLD }, { "IO", SIGIO } };

/* Those of the C library leave out what it keeps for itself: 32 and 33. */
static int parse_real_time(const char *text)
{
	const int base = strncasecmp(text, "RTMIN", 5) == 0   ? SIGRTMIN
			 : strncasecmp(text, "RTMAX", 5) == 0 ? SIGRTMAX
							      : 0;
	uint64_t offset = 0;

	if (base == 0)
		return 0;
	text += 5;
	if (*text == '\0')
		return base;
	if (*text != (base == SIGRTMIN ? '+' : '-') ||
	    ipck_parse_number(text + 1, (uint64_t)(SIGRTMAX - SIGRTMIN), &offset) != IPCK_OK)
		return 0;
	return base == SIGRTMIN ? base + (int)offset : base - (int)offset;
}

int signal_parse(const char *text)
{
	uint64_t number;

	if (ipck_parse_number(text, (uint64_t)SIGRTMAX, &number) == IPCK_OK)
		return (int)number;
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (int signo = 1; signo < SIGRTMIN; signo++) {
		const char *name = sigabbrev_np(signo);

		if (name != NULL && strcasecmp(name, text) == 0)
			return signo;
	}
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (strcasecmp(aliases[i].name, text) == 0)
			return aliases[i].signo;
	return parse_real_time(text);
}

const char *signal_name(int signo, char *buf)
{
	ipck_format_signal(signo, buf, SIGNAL_NAME_MAX);
	return buf;
}
