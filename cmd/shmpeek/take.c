/* SPDX-License-Identifier: MIT */
/* Operands of options: places, types, and what is to be found. */
#include "common/program.h"
#include "common/selecting.h"
#include "shmpeek.h"

#include <stdlib.h>
#include <string.h>

/* "4096", "0x1000", "4K". */
static int parse_bytes(const char *text, uint64_t *bytes)
{
	char *end;

	if (strncmp(text, "0x", 2) != 0)
		return ipck_parse_size(text, bytes);
	if (strlen(text) > 2 + 16)
		return IPCK_ERR_RANGE;
	if (text[2 + strspn(text + 2, "0123456789abcdefABCDEF")] != '\0' || text[2] == '\0')
		return IPCK_ERR_SYNTAX;
	*bytes = strtoull(text, &end, 16);
	return IPCK_OK;
}

bool take_distance(const struct options *options, int code, struct distance *distance)
{
	const char *text = options->operand;
	int rc;

	distance->given = true;
	distance->from_end = text[0] == '-';
	rc = parse_bytes(text + distance->from_end, &distance->bytes);
	if (rc != IPCK_OK)
		complain_operand(options, code, rc, "bytes like 512 0x200 4K, or -512");
	return rc == IPCK_OK;
}

bool take_type(const struct options *options, int code, struct request *request)
{
	const char *name;

	for (int i = 0; (name = ipck_sync_kind_name((enum ipck_sync_kind)i)) != NULL; i++)
		if (strcmp(options->operand, name) == 0) {
			request->view = VIEW_SYNCS;
			request->sync = (enum ipck_sync_kind)i;
			return true;
		}
	request->element_type = options->operand;
	if (element_type_known(options->operand))
		return true;
	complain("%s: %s: not a type: u8 i16 x32 u64 f32 f64 ptr, mutex rwlock cond sem",
		 options_name(options, code), options->operand);
	return false;
}

bool take_text(const struct options *options, int code, struct needle *needle)
{
	needle->length = strlen(options->operand);
	needle->bytes = malloc(needle->length + 1);
	if (needle->length == 0)
		complain("%s: nothing to be found", options_name(options, code));
	else if (needle->bytes == NULL)
		complain("out of memory");
	else
		memcpy(needle->bytes, options->operand, needle->length + 1);
	return needle->length > 0 && needle->bytes != NULL;
}

bool take_hex(const struct options *options, int code, struct needle *needle)
{
	(void)needle;
	complain("%s: not yet", options_name(options, code));
	return false;
}

bool take_value(const struct options *options, int code, struct needle *needle)
{
	(void)needle;
	complain("%s: not yet", options_name(options, code));
	return false;
}
