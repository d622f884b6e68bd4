/* SPDX-License-Identifier: MIT */
/* How a process ended that its parent did not ask yet: field 52 of /proc/PID/stat. */
#include "source/process_exit.h"

#include "base/lines.h"
#include "base/parse.h"
#include "source/process_status.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define FIRST_FIELD 3
#define EXIT_FIELD 52

bool process_has_ended(char state, uint64_t threads)
{
	return state == 'Z' && threads <= 1;
}

bool process_exit_parse(const char *fields, int *status)
{
	const char *p = fields;
	uint64_t number;

	for (int field = FIRST_FIELD; field < EXIT_FIELD; field++) {
		p = strchr(p, ' ');
		if (p == NULL)
			return false;
		p++;
	}
	if (!parse_upto(&p, 10, INT32_MAX, &number) || (*p != '\n' && *p != ' '))
		return false;
	*status = (int)number;
	return true;
}

static int read_status(int dir, uint64_t start_time, int *status)
{
	struct process_stat stat;
	char text[1024];
	const long got = file_read_once(dir, "stat", text, sizeof(text));

	if (got <= 0)
		return got < 0 ? (int)got : -ESRCH;
	if (!process_stat_parse(text, &stat))
		return -EINVAL;
	if (stat.start_time != start_time || !process_has_ended(stat.state, stat.threads))
		return -ESRCH;
	return process_exit_parse(stat.command + strlen(stat.command) + 2, status) ? 0
										   : -EOPNOTSUPP;
}

/*
 * To those who may not know the kernel shows 0, which is success, too.  Whether we may is seen by
 * a link of that folder, which takes the same right, and which a zombie still has.
 */
int process_exit_status(int dir, uint64_t start_time, int *status)
{
	char link[64];
	int error = read_status(dir, start_time, status);

	if (error != 0 || *status != 0 || readlinkat(dir, "ns/pid", link, sizeof(link)) > 0)
		return error;
	error = errno;
	if (error != ENOENT && error != ESRCH)
		return -error;
	/* it is gone, or this kernel has no such link */
	error = read_status(dir, start_time, status);
	return error != 0 ? error : -EOPNOTSUPP;
}
