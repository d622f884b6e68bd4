/* SPDX-License-Identifier: MIT */
/*
 * The container or unit of a process, by the path of its control group.  Knows how the runtimes
 * name their groups; whoever may make groups may imitate them, so this is a name and no proof.
 */
#include "source/container.h"

#include "base/lines.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A component of a path. */
struct part {
	const char *text;
	size_t length;
};

/* What a path tells, so far. */
struct found {
	enum { FOUND_NOTHING, FOUND_UNIT, FOUND_CONTAINER } what;
	size_t depth; /* of the component that told */
	const char *runtime;
	struct part name;
};

static bool is(struct part part, const char *text)
{
	return part.length == strlen(text) && memcmp(part.text, text, part.length) == 0;
}

/* Take a prefix away; what is left must not be empty. */
static bool strip_prefix(struct part *part, const char *prefix)
{
	const size_t length = strlen(prefix);

	if (part->length <= length || memcmp(part->text, prefix, length) != 0)
		return false;
	part->text += length;
	part->length -= length;
	return true;
}

static bool strip_suffix(struct part *part, const char *suffix)
{
	const size_t length = strlen(suffix);

	if (part->length <= length ||
	    memcmp(part->text + part->length - length, suffix, length) != 0)
		return false;
	part->length -= length;
	return true;
}

#define ID_LENGTH 64       /* of a container's id, in hexadecimal */
#define SHORT_ID_LENGTH 12 /* of what the runtimes' own tools show of it */

static bool is_id(struct part part)
{
	for (size_t i = 0; i < part.length; i++)
		if ((part.text[i] < '0' || part.text[i] > '9') &&
		    (part.text[i] < 'a' || part.text[i] > 'f'))
			return false;
	return part.length == ID_LENGTH;
}

static bool set_container(struct found *found, const char *runtime, struct part name, size_t length)
{
	found->what = FOUND_CONTAINER;
	found->runtime = runtime;
	found->name = name;
	if (length > 0)
		found->name.length = length;
	return true;
}

/* RUNTIME-ID.scope of the systemd drivers, and what the others make of it. */
static bool by_id_in_name(struct part part, struct found *found)
{
	static const struct {
		const char *prefix, *runtime;
	} rows[] = {
		{ "docker-", "docker" },      { "libpod-", "podman" }, { "cri-containerd-", "cri" },
		{ "crio-", "cri" },           { "docker:", "docker" }, { "libpod:", "podman" },
		{ "cri-containerd:", "cri" }, { "crio:", "cri" },
	};
	const char *colon = memchr(part.text, ':', part.length);
	struct part rest;

	/* A systemd path given to a driver without systemd: SLICE:RUNTIME:ID. */
	if (colon != NULL && part.length > ID_LENGTH) {
		struct part tail = { colon + 1, (size_t)(part.text + part.length - (colon + 1)) };

		if (memchr(tail.text, ':', tail.length) != NULL)
			part = tail;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rest = part;
		if (!strip_prefix(&rest, rows[i].prefix))
			continue;
		strip_suffix(&rest, ".scope");
		if (is_id(rest))
			return set_container(found, rows[i].runtime, rest, SHORT_ID_LENGTH);
	}
	return false;
}

/* A bare id or name, which the folder above explains. */
static bool by_parent(struct part part, struct part parent, bool kubernetes, struct found *found)
{
	struct part pod = parent;

	if (is_id(part) && is(parent, "docker"))
		return set_container(found, "docker", part, SHORT_ID_LENGTH);
	if (is_id(part) && is(parent, "libpod_parent"))
		return set_container(found, "podman", part, SHORT_ID_LENGTH);
	if (is_id(part) && kubernetes && strip_prefix(&pod, "pod"))
		return set_container(found, "cri", part, SHORT_ID_LENGTH);
	if (is(parent, "lxc") || is(parent, "lxc.payload"))
		return set_container(found, "lxc", part, 0);
	return false;
}

static bool by_whole_name(struct part part, struct found *found)
{
	struct part name = part;

	if (strip_prefix(&name, "lxc.payload."))
		return set_container(found, "lxc", name, 0);
	name = part;
	if (strip_prefix(&name, "machine-") && strip_suffix(&name, ".scope"))
		return set_container(found, "machine", name, 0);
	name = part;
	if (strip_prefix(&name, "systemd-nspawn@") && strip_suffix(&name, ".service"))
		return set_container(found, "machine", name, 0);
	return false;
}

/* The innermost unit, but for the group that a manager keeps itself in. */
static bool by_unit(struct part part, struct found *found)
{
	struct part name = part;

	if (found->what == FOUND_CONTAINER ||
	    (!strip_suffix(&name, ".service") && !strip_suffix(&name, ".scope")) ||
	    (found->what == FOUND_UNIT && is(part, "init.scope")))
		return false;
	found->what = FOUND_UNIT;
	found->runtime = "systemd";
	found->name = part;
	return true;
}

/* What one path tells, from the outermost component to the innermost: the last one wins. */
static void read_path(struct part path, struct found *found)
{
	const char *end = path.text + path.length;
	struct part parent = { "", 0 };
	bool kubernetes = false;
	size_t depth = 0;

	for (const char *p = path.text; p < end; depth++) {
		const char *slash = memchr(p, '/', (size_t)(end - p));
		struct part part = { p, (size_t)((slash != NULL ? slash : end) - p) };
		struct part rest = part;

		if (part.length > 0) {
			/* A container's own name explains nothing: one may be called "lxc". */
			bool named = by_id_in_name(part, found) ||
				     by_parent(part, parent, kubernetes, found) ||
				     by_whole_name(part, found);

			if (named || by_unit(part, found))
				found->depth = depth;
			kubernetes |= is(part, "kubepods") || strip_prefix(&rest, "kubepods");
			parent = named ? (struct part){ "", 0 } : part;
		}
		p = slash != NULL ? slash + 1 : end;
	}
}

/* The path of "HIERARCHY:CONTROLLERS:PATH"; the group of a path may have been removed. */
static bool path_of(struct part line, struct part *path)
{
	const char *colon = memchr(line.text, ':', line.length);
	const char *end = line.text + line.length;

	if (colon != NULL)
		colon = memchr(colon + 1, ':', (size_t)(end - (colon + 1)));
	if (colon == NULL)
		return false;
	*path = (struct part){ colon + 1, (size_t)(end - (colon + 1)) };
	strip_suffix(path, " (deleted)");
	return path->length > 0 && path->text[0] == '/';
}

void container_parse(const char *text, char *buf, size_t size)
{
	struct found best = { 0 };
	const char *newline;
	int length;

	_Static_assert(CONTAINER_MAX > sizeof("machine:") + NAME_MAX, "a name must fit");
	for (; (newline = strchr(text, '\n')) != NULL; text = newline + 1) {
		struct part line = { text, (size_t)(newline - text) }, path;
		struct found found = { 0 };

		if (!path_of(line, &path))
			continue;
		read_path(path, &found);
		/* Hierarchies of v1 may differ: a controller that a unit lacks has its slice. */
		if (found.what > best.what || (found.what == best.what && found.depth > best.depth))
			best = found;
	}
	if (size > 0)
		buf[0] = '\0';
	/* No component of the kernel's is longer. */
	if (best.what == FOUND_NOTHING || best.name.length > NAME_MAX)
		return;
	length =
		snprintf(buf, size, "%s:%.*s", best.runtime, (int)best.name.length, best.name.text);
	if (size > 0 && (size_t)length >= size)
		buf[0] = '\0';
}

bool control_group_parse(const char *text, char *buf, size_t size)
{
	struct part path = { NULL, 0 };
	const char *newline;

	for (; (newline = strchr(text, '\n')) != NULL; text = newline + 1) {
		const struct part line = { text, (size_t)(newline - text) };
		const char *named = memchr(text, ':', line.length);
		struct part one;

		if (!path_of(line, &one))
			continue;
		/* on a host that mixes both versions the one of version 2 may be unused: "/" */
		if (strncmp(text, "0::", 3) == 0 ? path.text == NULL || one.length > 1
						 : strncmp(named, ":name=systemd:", 14) == 0 &&
							   (path.text == NULL || path.length == 1))
			path = one;
	}
	if (path.text == NULL || path.length >= size)
		return false;
	memcpy(buf, path.text, path.length);
	buf[path.length] = '\0';
	return true;
}

/* The text of /proc/PID/cgroup. */
static bool read_groups(pid_t pid, char *text, size_t size)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	return file_read(AT_FDCWD, path, text, size) >= 0;
}

bool control_group_path(pid_t pid, char *buf, size_t size)
{
	char text[32768];

	return read_groups(pid, text, sizeof(text)) && control_group_parse(text, buf, size);
}

/* In the table, where NULL means that the place is free. */
static char unseen[1];

static char *look(struct pool *pool, pid_t pid)
{
	char text[32768], name[CONTAINER_MAX];

	if (!read_groups(pid, text, sizeof(text)))
		return unseen;
	container_parse(text, name, sizeof(name));
	return pool_string(pool, name);
}

const char *container_of(struct containers *containers, pid_t pid, bool *memory)
{
	struct table_slot *slot = table_slot(&containers->seen, (uint32_t)pid);
	char *value = slot != NULL ? slot->value : NULL;

	if (slot != NULL && value == NULL)
		value = slot->value = look(containers->pool, pid);
	if (value == NULL)
		*memory = false;
	return value != unseen ? value : NULL;
}

void containers_free(struct containers *containers)
{
	table_free(&containers->seen);
}
