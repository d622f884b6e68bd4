/* SPDX-License-Identifier: MIT */
/* References as operands, and one a line from standard input. */
#include "common/operands.h"
#include "common/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void complain_reference(const char *word, int rc)
{
	uint64_t number;

	if (rc == IPCK_ERR_RANGE)
		complain("%s: out of range", word);
	else if (ipck_parse_number(word, UINT64_MAX, &number) == IPCK_OK)
		complain("%s: a bare number names nothing; say shm:%s, msg:%s or sem:%s, or pid:%s "
			 "for a process",
			 word, word, word, word, word);
	else
		complain("%s: not a reference; shm:ID, msg:key=0x1234, posix-sem:/NAME, "
			 "pipe:INODE ... see ipckit(7)",
			 word);
}

static bool add(const char *word, void *data)
{
	struct operands *operands = data;
	struct ipck_ref ref, *refs = operands->refs;
	int rc = ipck_ref_parse(word, &ref);

	if (rc != IPCK_OK) {
		complain_reference(word, rc);
		return false;
	}
	/* A power of two and nothing to spare: grow before the next one goes in. */
	if ((operands->count & (operands->count - 1)) == 0) {
		refs = realloc(refs,
			       (operands->count > 0 ? operands->count * 2 : 1) * sizeof(*refs));
		if (refs == NULL) {
			complain("out of memory");
			return false;
		}
		operands->refs = refs;
	}
	refs[operands->count++] = ref;
	return true;
}

static bool each_line(bool whole_lines, bool (*take)(const char *word, void *data), void *data)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	bool good = true;

	while (good && (length = getline(&line, &size, stdin)) >= 0) {
		bool whole = length > 0 && line[length - 1] == '\n';

		if (whole)
			line[--length] = '\0';
		else if (whole_lines && length > 0) {
			complain("standard input: its last line is cut: %s", line);
			good = false;
			break;
		}
		if (strlen(line) != (size_t)length) {
			complain("standard input: a NUL byte is no part of a reference");
			good = false;
		} else if (length > 0) {
			good = take(line, data);
		}
	}
	if (good && ferror(stdin)) {
		complain("standard input: cannot be read");
		good = false;
	}
	free(line);
	return good;
}

bool operands_each(char **words, size_t count, bool whole_lines, bool *from_input,
		   bool (*take)(const char *word, void *data), void *data)
{
	for (size_t i = 0; i < count; i++) {
		const bool input = strcmp(words[i], "-") == 0;

		*from_input |= input;
		if (input ? !each_line(whole_lines, take, data) : !take(words[i], data))
			return false;
	}
	return true;
}

/* Objects first, then processes, each in the order they came in. */
static bool order(struct operands *operands)
{
	struct ipck_ref *ordered;
	size_t used = 0;

	if (operands->count == 0) /* no list, and not one of none, which would name nothing */
		return true;
	ordered = calloc(operands->count, sizeof(*ordered));
	if (ordered == NULL) {
		complain("out of memory");
		return false;
	}
	for (size_t i = 0; i < operands->count; i++)
		if ((operands->refs[i].kind & IPCK_PROCESSES) == 0)
			ordered[used++] = operands->refs[i];
	operands->objects = used;
	for (size_t i = 0; i < operands->count; i++)
		if ((operands->refs[i].kind & IPCK_PROCESSES) != 0)
			ordered[used++] = operands->refs[i];
	free(operands->refs);
	operands->refs = ordered;
	return true;
}

bool operands_read(struct operands *operands, char **words, size_t count, bool whole_lines)
{
	*operands = (struct operands){ 0 };
	if (!operands_each(words, count, whole_lines, &operands->from_input, add, operands) ||
	    !order(operands))
		return false;
	operands->results = calloc(operands->count + 1, sizeof(*operands->results));
	if (operands->results == NULL)
		complain("out of memory");
	return operands->results != NULL;
}

void operands_free(struct operands *operands)
{
	free(operands->refs);
	free(operands->results);
}

const struct ipck_ref *operands_process(const struct operands *operands)
{
	return operands->objects < operands->count ? &operands->refs[operands->objects] : NULL;
}

size_t operands_complain(const struct operands *operands)
{
	size_t failed = 0;
	char text[IPCK_REF_MAX];

	for (size_t i = 0; i < operands->count; i++) {
		/* What a selection leaves out was asked to be left out. */
		if (operands->results[i] == IPCK_OK ||
		    operands->results[i] == IPCK_ERR_NOT_SELECTED)
			continue;
		ipck_ref_format(&operands->refs[i], text, sizeof(text));
		complain("%s: %s", text, ipck_strerror(operands->results[i]));
		failed++;
	}
	return failed;
}
