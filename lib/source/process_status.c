/* SPDX-License-Identifier: MIT */
/* What /proc/PID/stat, status and cmdline say of one process. */
#include "source/process_status.h"

#include "base/parse.h"
#include "source/process.h"
#include "source/process_list.h"

#include <string.h>

/* A number of the kernel's type int, with one blank behind it. */
static bool take_int(const char **p, int32_t *value)
{
	const bool negative = parse_literal(p, "-");
	uint64_t number;

	if (!parse_upto(p, 10, (uint64_t)INT32_MAX + negative, &number) || !parse_literal(p, " "))
		return false;
	*value = (int32_t)(negative ? -(int64_t)number : (int64_t)number);
	return true;
}

bool process_stat_parse(char *text, struct process_stat *stat)
{
	struct listed_process listed = { 0 };
	const char *fields;
	int32_t tty;
	uint32_t device;

	if (!process_parse_stat(text, &stat->command, &stat->start_time))
		return false;
	fields = stat->command + strlen(stat->command) + 2;
	if (!process_parse_fields(fields, &listed, &stat->state))
		return false;
	stat->kernel = listed.kernel;
	stat->threads = listed.threads;
	fields += 2;
	if (!take_int(&fields, &stat->ppid) || !take_int(&fields, &stat->pgid) ||
	    !take_int(&fields, &stat->sid) || !take_int(&fields, &tty) ||
	    !take_int(&fields, &stat->tpgid) || stat->ppid < 0)
		return false;
	/* as the kernel's new_encode_dev() packs it, printed with a sign */
	device = (uint32_t)tty;
	stat->tty_major = (device >> 8) & 0xfff;
	stat->tty_minor = (device & 0xff) | ((device >> 12) & 0xfff00);
	return true;
}

/* What stands behind "\nNAME:\t".  The process's own name stands before it all, with its newlines
 * escaped: it forges no line. */
static const char *line_of(const char *status, const char *name)
{
	const size_t length = strlen(name);

	for (const char *p = strchr(status, '\n'); p != NULL; p = strchr(p, '\n')) {
		p++;
		if (strncmp(p, name, length) == 0 && p[length] == ':' && p[length + 1] == '\t')
			return p + length + 2;
	}
	return NULL;
}

bool process_masks_parse(const char *status, struct process_masks *masks)
{
	const struct {
		const char *name;
		uint64_t *mask;
	} lines[] = {
		{ "SigPnd", &masks->thread_pending }, { "ShdPnd", &masks->pending },
		{ "SigBlk", &masks->blocked },        { "SigIgn", &masks->ignored },
		{ "SigCgt", &masks->caught },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const char *p = line_of(status, lines[i].name);

		if (p == NULL || !parse_upto(&p, 16, UINT64_MAX, lines[i].mask) || *p != '\n')
			return false;
	}
	return true;
}

bool process_tgid_parse(const char *status, pid_t *tgid)
{
	const char *p = line_of(status, "Tgid");
	uint64_t number;

	if (p == NULL || !parse_upto(&p, 10, INT32_MAX, &number) || *p != '\n' || number == 0)
		return false;
	*tgid = (pid_t)number;
	return true;
}

bool process_umask_parse(const char *status, mode_t *umask)
{
	const char *p = line_of(status, "Umask");
	uint64_t number;

	if (p == NULL || !parse_upto(&p, 8, 0777, &number) || *p != '\n')
		return false;
	*umask = (mode_t)number;
	return true;
}

size_t process_args_join(char *text, size_t length)
{
	while (length > 0 && text[length - 1] == '\0')
		length--;
	for (size_t i = 0; i < length; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	text[length] = '\0';
	return length;
}
