/* SPDX-License-Identifier: MIT */
/* --ftok and --find-key: from a path to a key, and from a key back to the paths that give it. */
#include "common/program.h"
#include "ipcls.h"

#include <errno.h>
#include <fts.h>
#include <json-c/json.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* A project id as programs write it: 1 to 255, 0x41, or a single character that is no digit. */
static bool parse_project(const char *text, int *project)
{
	uint32_t number = 0;
	int rc;

	if (text[0] != '\0' && text[1] == '\0' && (text[0] < '0' || text[0] > '9')) {
		*project = (unsigned char)text[0];
		return true;
	}
	rc = ipck_parse_key(text, &number);
	if (rc == IPCK_OK && (number == 0 || number > 255))
		rc = IPCK_ERR_RANGE;
	if (rc != IPCK_OK)
		complain("--ftok: %s: %s", text,
			 rc == IPCK_ERR_RANGE ? "out of range: a project id is 1 to 255"
					      : "not a project id: 1 to 255, 0x41, or a character");
	*project = (int)number;
	return rc == IPCK_OK;
}

int show_ftok(const char *path, const char *project_text, bool json)
{
	int project;
	key_t key;

	if (!parse_project(project_text, &project))
		return EXIT_USAGE;
	key = ftok(path, project);
	if (key == (key_t)-1) {
		complain("%s: %s", path, strerror(errno));
		return EXIT_PARTIAL;
	}
	if (json)
		printf("{\"ftok\": \"0x%08x\"}\n", (unsigned)key);
	else
		printf("0x%08x\n", (unsigned)key);
	return EXIT_DONE;
}

/* File systems whose files are no files: walking into them finds nothing and may disturb. */
static bool is_pseudo(const char *path)
{
	static const long magics[] = { PROC_SUPER_MAGIC,    SYSFS_MAGIC,       CGROUP_SUPER_MAGIC,
				       CGROUP2_SUPER_MAGIC, DEBUGFS_MAGIC,     TRACEFS_MAGIC,
				       BPF_FS_MAGIC,        AUTOFS_SUPER_MAGIC };
	struct statfs fs;

	if (statfs(path, &fs) != 0)
		return false;
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if ((long)fs.f_type == magics[i])
			return true;
	return false;
}

static void print_path(const char *path, unsigned project, bool json, size_t found)
{
	char text[8192];
	struct json_object *row;

	if (!json) {
		ipck_sanitise(path, text, sizeof(text));
		printf("0x%02x %c %s\n", project,
		       project > 0x20 && project < 0x7f ? (int)project : '-', text);
		return;
	}
	ipck_utf8(path, text, sizeof(text));
	row = json_object_new_object();
	json_object_object_add(row, "path", json_object_new_string(text));
	json_object_object_add(row, "project", json_object_new_int((int)project));
	printf("%s\n%s", found == 0 ? "{\"paths\": [" : ",",
	       json_object_to_json_string_ext(row, JSON_C_TO_STRING_PLAIN |
							   JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(row);
}

/* ftok() packs 16 bits of the inode, 8 of the device and the project id into a key. */
static bool gives(const struct stat *status, uint32_t key)
{
	return (status->st_ino & 0xffff) == (key & 0xffff) &&
	       (status->st_dev & 0xff) == ((key >> 16) & 0xff);
}

static size_t walk(FTS *tree, uint32_t key, bool json, int *status)
{
	dev_t device = 0;
	size_t found = 0;
	FTSENT *entry;

	while ((entry = fts_read(tree)) != NULL) {
		struct stat target;

		switch (entry->fts_info) {
		case FTS_DP:
			continue;
		case FTS_DNR:
		case FTS_ERR:
		case FTS_NS:
			complain("%s: %s", entry->fts_path, strerror(entry->fts_errno));
			if (entry->fts_level == FTS_ROOTLEVEL)
				*status = EXIT_PARTIAL;
			continue;
		case FTS_SL:
		case FTS_SLNONE:
			/* ftok() follows links */
			if (stat(entry->fts_accpath, &target) != 0)
				continue;
			break;
		default:
			target = *entry->fts_statp;
			break;
		}
		if (entry->fts_info == FTS_D && entry->fts_level > FTS_ROOTLEVEL &&
		    target.st_dev != device && is_pseudo(entry->fts_accpath)) {
			fts_set(tree, entry, FTS_SKIP);
			continue;
		}
		if (entry->fts_info == FTS_D)
			device = target.st_dev;
		if (gives(&target, key))
			print_path(entry->fts_path, key >> 24, json, found++);
	}
	return found;
}

int find_key(const char *key_text, char **directories, size_t count, bool json)
{
	uint32_t key;
	int status = EXIT_DONE, rc = ipck_parse_key(key_text, &key);
	size_t found;
	FTS *tree;

	if (rc != IPCK_OK) {
		complain("--find-key: %s: %s", key_text,
			 rc == IPCK_ERR_RANGE ? "out of range" : "not a key like 0x5432 or 21554");
		return EXIT_USAGE;
	}
	if (count == 0) {
		complain("--find-key: no directory to look in: --find-key KEY DIR...");
		return EXIT_USAGE;
	}
	tree = fts_open(directories, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	if (tree == NULL) {
		complain("%s: %s", directories[0], strerror(errno));
		return EXIT_USAGE;
	}
	found = walk(tree, key, json, &status);
	fts_close(tree);
	if (found == 0)
		complain("no path in there gives the key 0x%08x", key);
	if (json)
		puts(found == 0 ? "{\"paths\": []}" : "\n]}");
	return found == 0 ? EXIT_PARTIAL : status;
}
