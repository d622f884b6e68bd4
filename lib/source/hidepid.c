/* SPDX-License-Identifier: MIT */
/* Does /proc hide processes from us?  Its mount options tell, and the rights that lift them. */
#include "base/lines.h"
#include "source/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The value of an option among "rw,gid=5,hidepid=invisible"; NULL: it is not there. */
static const char *option(const char *options, const char *name)
{
	const size_t length = strlen(name);

	for (const char *p = options; p != NULL; p = strchr(p, ',')) {
		p += *p == ',';
		if (strncmp(p, name, length) == 0 && p[length] == '=')
			return p + length + 1;
	}
	return NULL;
}

static bool value_is(const char *value, const char *number, const char *word)
{
	const size_t length = strcspn(value, ",");

	return (length == strlen(number) && strncmp(value, number, length) == 0) ||
	       (length == strlen(word) && strncmp(value, word, length) == 0);
}

bool process_parse_mount(const char *line, enum process_hiding *hiding, gid_t *group)
{
	const char *point = line, *type = strstr(line, " - proc "), *hidepid, *gid;

	/* ID PARENT MAJ:MIN ROOT POINT OPTIONS ... - TYPE SOURCE OPTIONS */
	for (int field = 1; field < 5 && point != NULL; field++) {
		point = strchr(point, ' ');
		point += point != NULL;
	}
	if (point == NULL || type == NULL || strncmp(point, "/proc ", 6) != 0)
		return false;
	type = strchr(type + strlen(" - proc "), ' ');
	hidepid = type != NULL ? option(type + 1, "hidepid") : NULL;
	gid = type != NULL ? option(type + 1, "gid") : NULL;
	*group = gid != NULL ? (gid_t)strtoul(gid, NULL, 10) : 0;
	*hiding = hidepid == NULL                        ? HIDING_NONE
		  : value_is(hidepid, "1", "noaccess")   ? HIDING_FILES
		  : value_is(hidepid, "2", "invisible")  ? HIDING_FROM_OTHERS
		  : value_is(hidepid, "4", "ptraceable") ? HIDING_FROM_ALL
							 : HIDING_NONE;
	return true;
}

/*
 * Rights that were got in a user namespace are over its own processes alone.  Does the one that our
 * pid namespace belongs to lie in ours?  The kernel says EPERM where it does not.
 */
static bool rules_pid_namespace(void)
{
	const int pids = open("/proc/thread-self/ns/pid", O_RDONLY | O_CLOEXEC);
	const int users = pids >= 0 ? ioctl(pids, NS_GET_USERNS) : -1;

	if (pids >= 0)
		close(pids);
	if (users >= 0)
		close(users);
	return users >= 0;
}

bool processes_may_be_inspected(void)
{
	char text[4096];
	const char *field;

	if (!rules_pid_namespace())
		return false;
	if (file_read(AT_FDCWD, "/proc/thread-self/status", text, sizeof(text)) <= 0)
		return false;
	field = strstr(text, "\nCapEff:");
	return field != NULL &&
	       (strtoull(field + strlen("\nCapEff:"), NULL, 16) >> CAP_SYS_PTRACE & 1) != 0;
}

static bool in_group(gid_t group)
{
	const int count = getgroups(0, NULL);
	gid_t *groups = calloc((size_t)(count > 0 ? count : 0) + 1, sizeof(*groups));
	bool found = getegid() == group;

	if (groups != NULL && count > 0 && getgroups(count, groups) == count)
		for (int i = 0; i < count; i++)
			found |= groups[i] == group;
	free(groups);
	return found;
}

/* That much of them, or more? */
static bool is_hidden(enum process_hiding least)
{
	enum process_hiding hiding = HIDING_NONE, one;
	struct lines lines;
	gid_t group = 0, its;
	size_t length;
	char *line;

	if (lines_open(&lines, "/proc/self/mountinfo") < 0)
		return !processes_may_be_inspected(); /* it cannot be ruled out */
	while ((line = lines_next(&lines, &length)) != NULL)
		if (process_parse_mount(line, &one, &its)) { /* the last one covers the others */
			hiding = one;
			group = its;
		}
	if (lines.error != 0) /* what covers it may stand in what was not read */
		hiding = HIDING_FROM_ALL;
	lines_close(&lines);
	if (hiding < least || (hiding != HIDING_FROM_ALL && in_group(group)))
		return false;
	return !processes_may_be_inspected();
}

bool processes_are_hidden(void)
{
	return is_hidden(HIDING_FROM_OTHERS);
}

bool processes_files_are_hidden(void)
{
	return is_hidden(HIDING_FILES);
}
