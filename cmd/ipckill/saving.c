/* SPDX-License-Identifier: MIT */
/*
 * The folder of --save.  The manifest is whole JSON after each row, so that whatever ends the
 * command leaves a good one: under a temporary name until all is done.
 */
#include "saving.h"
#include "common/object_columns.h"
#include "common/program.h"
#include "common/row_json.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANIFEST "manifest.json"
#define UNFINISHED MANIFEST ".partial"

unsigned saving_wants(void)
{
	unsigned want = 0;

	for (const struct object_kind *kind = object_kinds; kind->kind != 0; kind++) {
		struct column_list columns;

		column_list_json(&columns, &object_columns, kind->kind);
		want |= column_list_wants(&columns);
	}
	return want;
}

/* ---- Names ---- */

static bool is_plain(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || byte == '.' || byte == '_' || byte == '-';
}

const char *saving_name(const struct plan *plan, const struct step *step, char *buf)
{
	const size_t longest = 200; /* of the 255 that a folder takes, with room for a number */
	char ref[IPCK_REF_MAX];
	const char *p;
	size_t used = 0;
	bool kind = true;

	for (p = step_ref(step, ref); *p != '\0' && used + 3 <= longest; p++) {
		if (kind && *p == ':') {
			buf[used++] = '-';
			kind = false;
			p += p[1] == '/'; /* that of a POSIX name */
		} else if (is_plain(*p)) {
			buf[used++] = *p;
		} else {
			used += (size_t)sprintf(buf + used, "%%%02X", (unsigned char)*p);
		}
	}
	buf[used] = '\0';
	/* Cut names may be the same: no name holds a '~' otherwise. */
	if (*p != '\0')
		snprintf(buf + used, STEP_FILE_MAX - used, "~%zu", (size_t)(step - plan->steps));
	return buf;
}

/* ---- The manifest ---- */

static bool write_at(int fd, const char *text, size_t length, uint64_t offset)
{
	while (length > 0) {
		ssize_t written = pwrite(fd, text, length, (off_t)offset);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		text += written;
		length -= (size_t)written;
		offset += (uint64_t)written;
	}
	return true;
}

/* Add a row, and the end of the document behind it, where the next row will begin. */
static bool add_row(struct saving *saving, const char *row)
{
	static const char end[] = "\n]}\n";
	const uint64_t was = saving->end;
	char *text;
	int length = asprintf(&text, "%s%s%s", saving->saved > 0 ? ",\n" : "\n", row, end);
	bool good = length >= 0 && write_at(saving->manifest, text, (size_t)length, was) &&
		    fsync(saving->manifest) == 0;

	if (length < 0)
		errno = ENOMEM;
	else
		free(text);
	if (good) {
		saving->end += (uint64_t)length - (sizeof(end) - 1);
		return true;
	}
	/* Half a row is none: the document ends where it did. */
	length = errno;
	if (ftruncate(saving->manifest, (off_t)was) != 0 ||
	    !write_at(saving->manifest, end, sizeof(end) - 1, was))
		complain("%s/" UNFINISHED ": %s", saving->path, strerror(errno));
	errno = length;
	return false;
}

static struct json_object *messages_of(const struct ipck_save_result *result)
{
	struct json_object *array = json_object_new_array_ext((int)result->message_count);

	for (size_t i = 0; array != NULL && i < result->message_count; i++) {
		const struct ipck_saved_message *message = &result->messages[i];
		struct json_object *object = json_object_new_object();

		if (object == NULL) {
			json_object_put(array);
			return NULL;
		}
		json_object_object_add(object, "type", json_object_new_int64(message->type));
		json_object_object_add(object, "offset", json_object_new_uint64(message->offset));
		json_object_object_add(object, "bytes", json_object_new_uint64(message->bytes));
		json_object_array_add(array, object);
	}
	return array;
}

static bool describe(struct saving *saving, const struct step *step,
		     const struct ipck_save_result *result)
{
	struct json_object *more = json_object_new_object();
	const bool queue = (step->object->kind & (IPCK_MSG | IPCK_POSIX_MQ)) != 0;
	struct json_object *messages = queue ? messages_of(result) : NULL;
	struct column_list columns;
	char *row = NULL;
	bool good = false;

	column_list_json(&columns, &object_columns, step->object->kind);
	if (more != NULL && (messages != NULL || !queue)) {
		json_object_object_add(more, "file", json_object_new_string(step->file));
		json_object_object_add(more, "bytes", json_object_new_uint64(result->bytes));
		if (queue)
			json_object_object_add(more, "messages", json_object_get(messages));
		json_object_object_add(more, "touched", json_object_new_boolean(result->touched));
		row = writer_json_text(&columns, step->object, more);
	}
	if (row == NULL)
		errno = ENOMEM;
	else
		good = add_row(saving, row);
	free(row);
	json_object_put(messages);
	json_object_put(more);
	return good;
}

/* ---- The folder ---- */

static bool folder_fail(const char *path, const char *why)
{
	complain("--save: %s: %s; nothing done", path, why);
	return false;
}

/* Ours alone?  Somebody else's folder could be given another meaning under our hands. */
static bool check_folder(const struct saving *saving)
{
	struct stat status;

	if (fstat(saving->dir, &status) != 0)
		return folder_fail(saving->path, strerror(errno));
	if (status.st_uid != geteuid())
		return folder_fail(saving->path, "belongs to somebody else");
	if ((status.st_mode & 022) != 0)
		return folder_fail(saving->path, "others may write to it");
	if (faccessat(saving->dir, MANIFEST, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return folder_fail(saving->path, "holds a " MANIFEST " already");
	return true;
}

static bool open_folder(struct saving *saving)
{
	const bool made = mkdir(saving->path, 0700) == 0;

	if (!made && errno != EEXIST)
		return folder_fail(saving->path, strerror(errno));
	saving->dir = open(saving->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (saving->dir < 0)
		return folder_fail(saving->path, errno == ENOTDIR || errno == ELOOP
							 ? "not a folder"
							 : strerror(errno));
	return check_folder(saving);
}

static bool open_manifest(struct saving *saving)
{
	static const char empty[] = "{\"saved\": [\n]}\n";

	saving->manifest = openat(saving->dir, UNFINISHED,
				  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (saving->manifest < 0 && errno == EEXIST)
		return folder_fail(saving->path,
				   "holds a " UNFINISHED ": an earlier run was cut short there");
	if (saving->manifest < 0)
		return folder_fail(saving->path, strerror(errno));
	if (fchmod(saving->manifest, 0600) != 0 ||
	    !write_at(saving->manifest, empty, sizeof(empty) - 1, 0)) {
		folder_fail(saving->path, strerror(errno));
		unlinkat(saving->dir, UNFINISHED, 0);
		return false;
	}
	saving->end = sizeof("{\"saved\": [") - 1;
	return true;
}

bool saving_open(struct saving *saving, const char *path)
{
	size_t length = strlen(path);

	*saving = (struct saving){ .dir = -1, .manifest = -1, .path = strdup(path) };
	if (saving->path == NULL)
		return folder_fail(path, strerror(ENOMEM));
	/* A slash at the end would follow a symbolic link. */
	while (length > 1 && path[length - 1] == '/')
		saving->path[--length] = '\0';
	if (open_folder(saving) && open_manifest(saving))
		return true;
	if (saving->manifest >= 0)
		close(saving->manifest);
	if (saving->dir >= 0)
		close(saving->dir);
	free(saving->path);
	return false;
}

bool saving_keep(struct saving *saving, struct ipck *ctx, const struct plan *plan,
		 struct step *step)
{
	struct ipck_save_result result = { .size = sizeof(result) };
	int rc;
	bool good;

	saving_name(plan, step, step->file);
	rc = ipck_save(ctx, step->object, saving->dir, step->file, &result);
	good = rc == IPCK_OK && fsync(saving->dir) == 0 && describe(saving, step, &result);
	if (rc != IPCK_OK)
		step_fail(step, rc, "not saved: %s", reason_only(ipck_message(ctx)));
	else if (!good) {
		step_fail(step, IPCK_ERR_SYSTEM, "not saved: manifest: %s", strerror(errno));
		unlinkat(saving->dir, step->file, 0);
	}
	if (good)
		saving->saved++;
	else
		step->file[0] = '\0';
	free(result.messages);
	return good;
}

bool saving_close(struct saving *saving)
{
	bool good = close(saving->manifest) == 0;

	if (saving->saved == 0)
		good = unlinkat(saving->dir, UNFINISHED, 0) == 0;
	else if (good)
		good = renameat2(saving->dir, UNFINISHED, saving->dir, MANIFEST,
				 RENAME_NOREPLACE) == 0 ||
		       (errno == EINVAL &&
			renameat(saving->dir, UNFINISHED, saving->dir, MANIFEST) == 0);
	if (!good)
		complain("%s/" UNFINISHED ": %s", saving->path, strerror(errno));
	fsync(saving->dir);
	close(saving->dir);
	free(saving->path);
	return good;
}
