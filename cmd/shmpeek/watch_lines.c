/* SPDX-License-Identifier: MIT */
/* --watch of memory: the lines that tell of a change, as text and as JSON. */
#include "common/json_values.h"
#include "common/watch_clock.h"
#include "watch_changes.h"

#include <stdio.h>
#include <string.h>

#define LINE 16

static const char digits[] = "0123456789abcdef";

static char *put(char *to, const char *text)
{
	return stpcpy(to, text);
}

/* One line of a pair: the bytes in hexadecimal, then as characters; those that differ in colour. */
struct side {
	char sign;
	const unsigned char *bytes, *other;
	size_t count, width; /* width: room for so many */
	bool color;
};

static char *put_mark(char *to, const struct side *side, size_t i)
{
	const bool differs = i < side->count && side->bytes[i] != side->other[i];
	const bool before = i > 0 && side->bytes[i - 1] != side->other[i - 1];

	if (!side->color || differs == before)
		return to;
	return put(to, differs ? alert_escape[ALERT_NOTICE] : "\033[0m");
}

static void print_side(const struct side *side, const char *time, uint64_t offset)
{
	char text[64 + LINE * 4 + 2 * LINE * 12], *p = text;

	p += sprintf(p, "%s %08llx  %c ", time, (unsigned long long)offset, side->sign);
	for (size_t i = 0; i < side->count; i++) {
		if (i == LINE / 2)
			*p++ = ' ';
		p = put_mark(p, side, i);
		*p++ = digits[side->bytes[i] >> 4];
		*p++ = digits[side->bytes[i] & 15];
		*p++ = ' ';
	}
	p = put_mark(p, side, side->count);
	for (size_t i = side->count; i < side->width; i++)
		p = put(p, i == LINE / 2 ? "    " : "   ");
	p = put(p, " |");
	for (size_t i = 0; i < side->count; i++) {
		const unsigned char byte = side->bytes[i];

		p = put_mark(p, side, i);
		*p++ = byte >= 0x20 && byte < 0x7f ? (char)byte : '.';
	}
	p = put_mark(p, side, side->count);
	p = put(p, "|\n");
	fwrite(text, 1, (size_t)(p - text), stdout);
}

/* Sixteen bytes a pair of lines; more than that begin where hexdump would begin a line. */
static void print_run(const struct changes *changes, size_t bytes, const char *time)
{
	const bool color = changes->peeking->request->output.color;
	size_t at = 0, count;

	for (; at < bytes; at += count) {
		const uint64_t offset = changes->offset + at;
		struct side side = { '-',        changes->before + at,    changes->now + at,
				     bytes - at, bytes > LINE ? LINE : 0, color };

		if (bytes > LINE && side.count > LINE - offset % LINE)
			side.count = LINE - (size_t)(offset % LINE);
		count = side.count;
		print_side(&side, time, offset);
		side.sign = '+';
		side.bytes = changes->now + at;
		side.other = changes->before + at;
		print_side(&side, time, offset);
	}
}

/* ---- Elements ---- */

static void print_element(const struct changes *changes, const char *time)
{
	const struct request *request = changes->peeking->request;
	char before[ELEMENT_TEXT_MAX], now[ELEMENT_TEXT_MAX];
	const bool color = request->output.color;

	printf("%s %06llx  %s -> %s%s%s\n", time, (unsigned long long)changes->offset,
	       element_text(request, changes->before, before),
	       color ? alert_escape[ALERT_NOTICE] : "", element_text(request, changes->now, now),
	       color ? "\033[0m" : "");
}

/* ---- JSON ---- */

static void print_bytes(const char *key, const unsigned char *bytes, size_t count)
{
	static char text[2 * CHANGE_MAX];

	for (size_t i = 0; i < count; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	printf(",\"%s\":\"%.*s\"", key, (int)(2 * count), text);
}

/* As a number; what JSON has no number for as a text: "nan", "0fff". */
static void print_value(const struct request *request, const char *key, const unsigned char *bytes)
{
	char buf[ELEMENT_TEXT_MAX];
	const char *text = element_text(request, bytes, buf);
	struct json_object *string;

	if (strchr("iuf", request->element_type[0]) != NULL &&
	    text[strspn(text, "0123456789.e+-")] == '\0') {
		printf(",\"%s\":%s", key, text);
		return;
	}
	string = json_outside(text);
	printf(",\"%s\":%s", key, json_object_to_json_string_ext(string, JSON_C_TO_STRING_PLAIN));
	json_object_put(string);
}

static void print_head(const struct changes *changes, const char *event)
{
	char time[WATCH_TIME_MAX];

	printf("{\"time\":%s,\"event\":\"%s\",\"ref\":%s", watch_time_number(time), event,
	       changes->ref);
}

void changes_print_begin(const struct changes *changes)
{
	const struct peeking *peeking = changes->peeking;

	print_head(changes, "begin");
	printf(",\"offset\":%llu,\"bytes\":%llu}\n", (unsigned long long)peeking->begin,
	       (unsigned long long)(peeking->end - peeking->begin));
}

static void print_json(const struct changes *changes, size_t bytes)
{
	const struct request *request = changes->peeking->request;

	print_head(changes, "change");
	printf(",\"offset\":%llu,\"bytes\":%zu", (unsigned long long)changes->offset, bytes);
	print_bytes("old", changes->before, bytes);
	print_bytes("new", changes->now, bytes);
	if (changes->element > 0) {
		printf(",\"type\":\"%s\"", request->element_type);
		print_value(request, "old_value", changes->before);
		print_value(request, "new_value", changes->now);
	}
	puts("}");
}

void changes_print(const struct changes *changes, size_t bytes)
{
	char time[WATCH_TIME_MAX];

	if (changes->ref != NULL)
		print_json(changes, bytes);
	else if (changes->element > 0)
		print_element(changes, watch_time_text(time));
	else
		print_run(changes, bytes, watch_time_text(time));
}
