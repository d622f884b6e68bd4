/* SPDX-License-Identifier: MIT */
/* What the types of cells have besides their text: order, alignment, names. */
#include "common/marks.h"
#include "common/value.h"

#include <string.h>

int value_compare(const struct value *a, const struct value *b, enum value_type type,
		  bool descending)
{
	int order;

	if (a->state != VALUE_SET || b->state != VALUE_SET)
		return (a->state != VALUE_SET) - (b->state != VALUE_SET);
	switch (type) {
	case VALUE_TEXT:
	case VALUE_WANTS:
		order = strcmp(a->text, b->text);
		break;
	case VALUE_WORDS:
		order = (a->word_count < b->word_count) - (a->word_count > b->word_count);
		for (size_t i = 0; order == 0 && i < a->word_count; i++)
			order = strcmp(a->words[i], b->words[i]);
		break;
	case VALUE_PROCESS:
		order = (a->process->pid > b->process->pid) - (a->process->pid < b->process->pid);
		break;
	case VALUE_MARKS: /* the most notable are the lowest bits */
		order = marks_compare(a->marked, b->marked);
		break;
	default:
		order = (a->number > b->number) - (a->number < b->number);
		break;
	}
	return descending ? -order : order;
}

void value_share(struct value *value, uint64_t used, uint64_t limit)
{
	/* Rounded down: 100% is said of nothing but the full. */
	value->number =
		limit == 0 ? 1000 : (uint64_t)((long double)used * 1000 / (long double)limit);
	value->alert = value->number >= 1000  ? ALERT_BAD
		       : value->number >= 800 ? ALERT_NOTICE
					      : ALERT_NONE;
}

bool value_is_list(enum value_type type)
{
	return type == VALUE_SEMAPHORES || type == VALUE_HOLDERS || type == VALUE_PROCESSES ||
	       type == VALUE_WATCHES || type == VALUE_AWAITED || type == VALUE_LINES;
}

bool value_is_numeric(enum value_type type)
{
	return type == VALUE_NUMBER || type == VALUE_SIZE || type == VALUE_AMOUNT ||
	       type == VALUE_AGE || type == VALUE_PERCENT || type == VALUE_TALLY ||
	       type == VALUE_NANOSECONDS || type == VALUE_OFFSET || type == VALUE_DECIMAL;
}

const char *value_type_name(enum value_type type)
{
	static const char *const names[] = {
		[VALUE_TEXT] = "text",
		[VALUE_BYTES] = "bytes",
		[VALUE_HEX] = "hexadecimal",
		[VALUE_REF] = "reference",
		[VALUE_NUMBER] = "number",
		[VALUE_SIZE] = "size",
		[VALUE_AMOUNT] = "amount",
		[VALUE_TIME] = "time",
		[VALUE_AGE] = "duration",
		[VALUE_PERCENT] = "percent",
		[VALUE_MODE] = "mode",
		[VALUE_KEY] = "key",
		[VALUE_PROCESS] = "process",
		[VALUE_WORDS] = "words",
		[VALUE_BOOLEAN] = "boolean",
		[VALUE_SEMAPHORES] = "list",
		[VALUE_TALLY] = "tally",
		[VALUE_HOLDERS] = "holders",
		[VALUE_PROCESSES] = "processes",
		[VALUE_WATCHES] = "watches",
		[VALUE_NANOSECONDS] = "nanoseconds",
		[VALUE_OFFSET] = "offset",
		[VALUE_DECIMAL] = "decimal",
		[VALUE_WANTS] = "wants",
		[VALUE_AWAITED] = "awaited",
		[VALUE_MARKS] = "marks",
		[VALUE_EXIT] = "exit",
		[VALUE_LINES] = "lines",
	};

	return names[type];
}
