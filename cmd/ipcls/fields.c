/* SPDX-License-Identifier: MIT */
/* The fields of a page: each on a line of its own, in words, with what is exact behind it. */
#include "common/program.h"
#include "ipcls.h"

#include <stdio.h>

/* Numbers are in words of the reader, with the exact figure behind them where they differ. */
static void print_exact(const struct value *value, const struct column *column,
			const struct request *request)
{
	const struct style *style = &request->output.style;

	if (value->state != VALUE_SET)
		return;
	if (column->type == VALUE_SIZE && !style->bytes && value->number >= 1024)
		printf(" (%llu bytes)", (unsigned long long)value->number);
	else if (column->type == VALUE_TIME && style->now >= (int64_t)value->number) {
		char age[32];

		ipck_format_duration((uint64_t)style->now - value->number, age, sizeof(age));
		printf(" (%s ago)", age);
	}
}

void print_fields(const struct column_list *columns, const void *row, const struct request *request,
		  void (*more)(const struct column *column, const void *row,
			       const struct value *value))
{
	for (size_t i = 0; i < columns->count; i++) {
		const struct column *column = columns->columns[i];
		struct value value;
		char text[VALUE_TEXT_MAX];

		column_value(columns->set, column, row, &request->output.style, &value);
		value_text(&value, column->type, &request->output.style, text);
		printf("  %-14s %s%s%s", column->name,
		       request->output.color ? alert_escape[value.alert] : "", text,
		       request->output.color && value.alert != ALERT_NONE ? "\033[0m" : "");
		if (value.state == VALUE_UNKNOWN)
			printf(" (%s)", ipck_strerror(value.why));
		print_exact(&value, column, request);
		more(column, row, &value);
		putchar('\n');
	}
}
