/* SPDX-License-Identifier: MIT */
/* An operand that is a time between two looks. */
#include "common/interval.h"
#include "common/program.h"

#include "ipckit.h"

#include <stdio.h>
#include <string.h>

/* Beyond most it is only that. */
static int parse(const char *text, uint64_t most, uint64_t *milliseconds)
{
	const size_t length = strlen(text);
	char digits[24];
	int rc;

	if (length > 2 && length < sizeof(digits) && strcmp(text + length - 2, "ms") == 0) {
		memcpy(digits, text, length - 2);
		digits[length - 2] = '\0';
		return ipck_parse_number(digits, most, milliseconds);
	}
	rc = ipck_parse_duration(text, milliseconds);
	if (rc == IPCK_OK)
		*milliseconds = *milliseconds > most / 1000 ? most + 1 : *milliseconds * 1000;
	return rc;
}

static void print_milliseconds(uint64_t milliseconds, char *buf, size_t size)
{
	if (milliseconds % 1000 == 0)
		ipck_format_duration(milliseconds / 1000, buf, size);
	else
		snprintf(buf, size, "%llums", (unsigned long long)milliseconds);
}

bool take_interval(const struct options *options, int code, uint64_t least, uint64_t most,
		   uint64_t *milliseconds)
{
	const int rc = parse(options->operand, most, milliseconds);
	char from[32], to[32];

	if (rc == IPCK_OK && *milliseconds >= least && *milliseconds <= most)
		return true;
	print_milliseconds(least, from, sizeof(from));
	print_milliseconds(most, to, sizeof(to));
	complain("%s: %s: not from %s to %s, like 100ms or 1s", options_name(options, code),
		 options->operand, from, to);
	return false;
}
