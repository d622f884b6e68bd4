/* SPDX-License-Identifier: MIT */
/* --by session: sessions, the groups of each, and the members of those. */
#include "sessions.h"

#include "common/program.h"

#include <stdio.h>

bool group_is_shown(const struct look *look, const struct ipck_group *group)
{
	const struct ipck_process *member;

	for (size_t i = 0; (member = ipck_group_member_at(group, i)) != NULL; i++)
		if (is_named(look, member))
			return true;
	return false;
}

bool session_is_shown(const struct look *look, const struct ipck_session *session)
{
	const struct ipck_group *group;

	for (size_t i = 0; (group = ipck_group_at(session, i)) != NULL; i++)
		if (group_is_shown(look, group))
			return true;
	return false;
}

/* ---- Text: lines of their own for sessions and groups, processes below them ---- */

static void name_leader(const struct ipck_process *leader, char *buf, size_t size)
{
	char command[256];

	if (leader == NULL) {
		snprintf(buf, size, "without its leader");
		return;
	}
	ipck_sanitise(leader->command, command, sizeof(command));
	snprintf(buf, size, "led by %s", command);
}

/* "session 812 on pts/3, led by bash" */
static bool write_session_line(struct look *look, const struct ipck_session *session)
{
	char text[512], leader[300];

	name_leader(session->leader, leader, sizeof(leader));
	if (session->sid == 0)
		snprintf(text, sizeof(text), "no session of this pid namespace");
	else
		snprintf(text, sizeof(text), "session %d%s%s, %s%s", (int)session->sid,
			 session->terminal != NULL ? " on " : "",
			 session->terminal != NULL ? session->terminal : "", leader,
			 session->hung ? ", nobody in the foreground" : "");
	look->writer->depth = 0;
	return writer_heading(look->writer, text);
}

/* "group 4711, foreground" */
static bool write_group_line(struct look *look, const struct ipck_group *group)
{
	char text[512], leader[300];

	name_leader(group->leader, leader, sizeof(leader));
	if (group->pgid == 0)
		snprintf(text, sizeof(text), "no group of this pid namespace");
	else
		snprintf(text, sizeof(text), "group %d, %s%s%s", (int)group->pgid, leader,
			 group->foreground ? ", foreground" : "",
			 group->orphaned ? ", orphaned" : "");
	look->writer->depth = 1;
	return writer_heading(look->writer, text);
}

static bool write_members(struct look *look, const struct ipck_group *group, size_t depth)
{
	const struct ipck_process *member;
	bool good = true;

	look->writer->depth = depth;
	for (size_t i = 0; good && (member = ipck_group_member_at(group, i)) != NULL; i++) {
		struct row row;

		if (!is_named(look, member))
			continue;
		row_begin(look, member, &row);
		good = writer_row(look->writer, &row);
		row_end(&row);
	}
	return good;
}

/* Programs that read lines want processes only, and what is watched has its rows alone. */
static bool write_session(struct look *look, const struct ipck_session *session)
{
	const bool headings = look->request->output.format == OUTPUT_TABLE && !look->request->watch;
	const struct ipck_group *group;
	bool good = !headings || write_session_line(look, session);

	for (size_t i = 0; good && (group = ipck_group_at(session, i)) != NULL; i++) {
		if (!group_is_shown(look, group))
			continue;
		good = (!headings || write_group_line(look, group)) &&
		       write_members(look, group, headings ? 2 : 0);
	}
	return good;
}

/* ---- JSON ---- */

static bool write_json(struct look *look, const struct ipck_session *session)
{
	struct session_line line = { .session = session,
				     .leader = { .state = IPCK_OPERATOR_NEVER } };

	if (session->leader != NULL)
		line.leader = (struct ipck_operator){ .pid = session->leader->id.pid,
						      .state = IPCK_OPERATOR_RUNNING,
						      .command = session->leader->command };
	look->writer->more[0] = (struct writer_member){ "groups", sessions_make_groups, look };
	return writer_row(look->writer, &line);
}

int show_sessions(struct look *look)
{
	const bool json = look->request->output.format == OUTPUT_JSON;
	const struct ipck_session *session;

	for (size_t i = 0; (session = ipck_session_at(look->processes, i)) != NULL; i++)
		if (session_is_shown(look, session) &&
		    !(json ? write_json(look, session) : write_session(look, session)))
			return EXIT_USAGE;
	return EXIT_DONE;
}
