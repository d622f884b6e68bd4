/* SPDX-License-Identifier: MIT */
/*
 * Who takes orphans, and what is notable of those that it takes: reaper, daemon, service.  No file
 * of the kernel says who is a subreaper, so it is inferred from the orphans that it was given; the
 * control group is asked for only where a mark depends on it.
 */
#include "insight/marks.h"

#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- Control groups ---- */

static bool ask(const struct process_node *node, char *path, size_t size)
{
	return node->all->control_group != NULL &&
	       node->all->control_group(node->row.id.pid, path, size);
}

static bool ends_with(const char *text, size_t length, const char *end)
{
	const size_t own = strlen(end);

	return length > own && memcmp(text + length - own, end, own) == 0;
}

#define MANAGER_GROUP "init.scope" /* where a service manager keeps itself */

static bool is_manager_group(const char *path, size_t length)
{
	return length >= strlen("/" MANAGER_GROUP) &&
	       strcmp(path + length - strlen("/" MANAGER_GROUP), "/" MANAGER_GROUP) == 0;
}

/* "user@1000.service/init.scope", where the service manager of a user keeps itself. */
static bool is_user_manager(const char *path, size_t length)
{
	const char *begin;
	size_t digits;

	length -= strlen("/" MANAGER_GROUP);
	begin = path + length;
	while (begin > path && begin[-1] != '/')
		begin--;
	length -= (size_t)(begin - path);
	if (length < strlen("user@0.service") || strncmp(begin, "user@", 5) != 0)
		return false;
	digits = strspn(begin + 5, "0123456789");
	return digits > 0 && digits + 5 + strlen(".service") == length &&
	       ends_with(begin, length, ".service");
}

/* Is it a service manager, which starts services in control groups of their own? */
static bool is_manager(struct process_node *node)
{
	char path[PATH_MAX];
	size_t length;

	if (node->manager == MANAGER_UNASKED) {
		node->manager = MANAGER_NOT;
		length = ask(node, path, sizeof(path)) ? strlen(path) : 0;
		if (is_manager_group(path, length)) {
			if (is_init(node))
				node->manager = MANAGER_SYSTEM;
			else if (node->row.sid == node->row.id.pid && is_user_manager(path, length))
				node->manager = MANAGER_USER;
		}
	}
	return node->manager != MANAGER_NOT;
}

/* The innermost unit of a path: "nginx.service" of "/system.slice/nginx.service/workers".  The
 * group of a manager itself is none. */
static bool find_unit(const char *path, const char **unit, size_t *length)
{
	*unit = NULL;
	for (const char *p = path; *p != '\0';) {
		const size_t part = strcspn(p, "/");

		if (ends_with(p, part, ".service") ||
		    (ends_with(p, part, ".scope") &&
		     !(part == strlen(MANAGER_GROUP) && memcmp(p, MANAGER_GROUP, part) == 0))) {
			*unit = p;
			*length = part;
		}
		p += part;
		p += *p == '/';
	}
	return *unit != NULL;
}

/* A child of a service manager that leads a session: started by it, or orphaned?  A manager starts
 * services, and nothing in a scope. */
static bool place(struct process_node *node)
{
	char path[PATH_MAX], *name;
	const char *unit;
	size_t length;

	if (!ask(node, path, sizeof(path)) || !find_unit(path, &unit, &length))
		return true;
	/* what a manager of a user keeps with itself is part of the service that this is */
	if (node->parent->manager == MANAGER_USER && is_manager_group(path, strlen(path)))
		return true;
	path[(size_t)(unit - path) + length] = '\0';
	name = pool_string(&node->all->pool, unit);
	if (name == NULL)
		return false;
	node->unit = name;
	if (ends_with(name, length, ".service")) {
		node->row.marks |= IPCK_MARK_SERVICE;
	} else {
		node->orphan = ORPHAN_SCOPE;
		node->row.marks |= IPCK_MARK_ORPHAN;
	}
	return true;
}

/* ---- Reapers ---- */

static void set_proven(struct process_node *node, enum ipck_mark mark)
{
	node->row.marks |= mark;
	node->row.likely &= ~(uint32_t)mark;
}

/* The manager of a user leads a session, and so leaves room for doubt about its orphans. */
static void prove_by_manager(struct process_node *node)
{
	if (node->orphan != ORPHAN_LIKELY || !is_manager(node->parent))
		return;
	node->orphan = ORPHAN_MANAGER;
	set_proven(node, IPCK_MARK_ORPHAN);
}

/* A process that a service may be: it was started with a session of its own, or made one. */
static bool leads_alone(const struct process_node *node)
{
	return !node->row.kernel && process_is_live(&node->row) &&
	       node->row.sid == node->row.id.pid && node->parent != NULL;
}

static void find_reapers(struct sessions *sessions)
{
	for (size_t i = 0; i < sessions->count; i++)
		prove_by_manager(&sessions->nodes[i]);
	for (size_t i = 0; i < sessions->count; i++) {
		struct process_node *node = &sessions->nodes[i], *parent = node->parent;

		if (is_init(node) && !node->row.kernel)
			set_proven(node, IPCK_MARK_REAPER);
		if (parent == NULL || is_init(parent) || parent->row.kernel)
			continue;
		/* the manager of a user is a child of that of the system */
		if (leads_alone(node) && !has_terminal(&node->row) && leads_alone(parent) &&
		    !has_terminal(&parent->row) && is_init(parent->parent))
			is_manager(parent);
		if (parent->manager == MANAGER_USER) {
			set_proven(parent, IPCK_MARK_REAPER);
		} else if (is_proven(node, IPCK_MARK_ORPHAN) &&
			   !is_proven(parent, IPCK_MARK_REAPER)) {
			parent->row.marks |= IPCK_MARK_REAPER;
			parent->row.likely |= IPCK_MARK_REAPER;
			if (parent->given == NULL)
				parent->given = node;
		}
	}
}

/* ---- Services and daemons ---- */

static int by_unit(const void *a, const void *b)
{
	const struct process_node *left = *(struct process_node *const *)a;
	const struct process_node *right = *(struct process_node *const *)b;

	if (left->parent != right->parent)
		return left->parent->row.id.pid < right->parent->row.id.pid ? -1 : 1;
	return strcmp(left->unit, right->unit);
}

/* A manager starts one process of a service.  Of several that are its children one at most is it,
 * and the others were left behind; only the manager knows which. */
static bool doubt_services(struct sessions *sessions, size_t count)
{
	struct process_node **services = malloc((count + 1) * sizeof(*services));
	size_t used = 0;

	if (services == NULL)
		return false;
	for (size_t i = 0; i < sessions->count; i++)
		if (is_marked(&sessions->nodes[i], IPCK_MARK_SERVICE))
			services[used++] = &sessions->nodes[i];
	qsort(services, used, sizeof(services[0]), by_unit);
	for (size_t i = 1; i < used; i++)
		if (by_unit(&services[i - 1], &services[i]) == 0) {
			services[i - 1]->row.likely |= IPCK_MARK_SERVICE;
			services[i]->row.likely |= IPCK_MARK_SERVICE;
		}
	free(services);
	return true;
}

static void mark_daemon(struct process_node *node)
{
	const bool alone = node->row.sid == node->row.id.pid;

	if (node->row.kernel || !process_is_live(&node->row) || has_terminal(&node->row) ||
	    node->parent == NULL || !is_marked(node->parent, IPCK_MARK_REAPER) ||
	    is_marked(node, IPCK_MARK_SERVICE) || (!alone && !session_lost_leader(node)))
		return;
	node->row.marks |= IPCK_MARK_DAEMON;
	/* its parent may have started it so, as the first process of a container does */
	if (!is_proven(node, IPCK_MARK_ORPHAN))
		node->row.likely |= IPCK_MARK_DAEMON;
}

bool marks_of_reaped(struct sessions *sessions)
{
	size_t services = 0;

	find_reapers(sessions);
	for (size_t i = 0; i < sessions->count; i++) {
		struct process_node *node = &sessions->nodes[i];

		if (!leads_alone(node) || !is_marked(node->parent, IPCK_MARK_REAPER) ||
		    !is_manager(node->parent))
			continue;
		if (!place(node))
			return false;
		services += is_marked(node, IPCK_MARK_SERVICE);
	}
	if (services > 0 && !doubt_services(sessions, services))
		return false;
	for (size_t i = 0; i < sessions->count; i++)
		mark_daemon(&sessions->nodes[i]);
	return true;
}
