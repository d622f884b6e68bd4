/* SPDX-License-Identifier: MIT */
/* Operands: PID, USER or REF. */
#include "common/operands.h"
#include "common/program.h"
#include "proctree.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>

/* A bare number is a pid. */
static int parse_pid(const char *text, struct ipck_ref *ref)
{
	uint64_t number = 0;
	int rc = ipck_parse_number(text, INT32_MAX, &number);

	if (rc == IPCK_OK && number == 0)
		rc = IPCK_ERR_RANGE;
	*ref = (struct ipck_ref){ .kind = IPCK_TREE, .form = IPCK_BY_PID, .pid = (pid_t)number };
	return rc;
}

/* Could it be a user's name at all? */
static bool like_a_name(const char *text)
{
	return text[strspn(text, "0123456789")] != '\0' && strpbrk(text, ":/%@,") == NULL;
}

static bool parse(const char *text, struct operand *operand)
{
	const struct passwd *user;
	int rc = parse_pid(text, &operand->ref);

	if (rc == IPCK_ERR_SYNTAX)
		rc = ipck_ref_parse(text, &operand->ref);
	if (rc == IPCK_OK)
		return true;
	if (rc == IPCK_ERR_RANGE) {
		complain("%s: out of range", text);
		return false;
	}
	if (!like_a_name(text)) {
		complain("%s: no pid, no user, and no reference like session:812 or shm:5",
			 *text != '\0' ? text : "''");
		return false;
	}
	user = getpwnam(text);
	operand->is_user = true;
	operand->missing = user == NULL;
	operand->uid = user != NULL ? user->pw_uid : 0;
	return true;
}

static bool take(const char *word, void *data)
{
	struct request *request = data;
	struct operand *operands = request->operands, *operand;

	/* A power of two and nothing to spare: grow before the next one goes in. */
	if ((request->operand_count & (request->operand_count - 1)) == 0) {
		const size_t room = request->operand_count > 0 ? request->operand_count * 2 : 1;

		operands = realloc(operands, room * sizeof(*operands));
		if (operands == NULL) {
			complain("out of memory");
			return false;
		}
		request->operands = operands;
	}
	operand = &operands[request->operand_count];
	*operand = (struct operand){ 0 };
	if (!parse(word, operand))
		return false;
	operand->text = strdup(word);
	if (operand->text == NULL) {
		complain("out of memory");
		return false;
	}
	request->operand_count++;
	return true;
}

bool take_operands(struct request *request, char **words, size_t count)
{
	return operands_each(words, count, false, &request->from_input, take, request);
}

void drop_operands(struct request *request)
{
	for (size_t i = 0; i < request->operand_count; i++)
		free(request->operands[i].text);
	free(request->operands);
}
