/* SPDX-License-Identifier: MIT */
/*
 * Cells as text.  A list of ten thousand objects has a hundred thousand cells, so numbers are
 * written by hand here: printf costs more than reading the objects.
 */
#include "common/value.h"
#include "common/held.h"
#include "common/marks.h"
#include "common/waited.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

static size_t put(char *buf, const char *text)
{
	size_t length = strlen(text);

	memcpy(buf, text, length + 1);
	return length;
}

static size_t put_number(char *buf, uint64_t number)
{
	char digits[20];
	size_t count = 0;

	do
		digits[count++] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	for (size_t i = 0; i < count; i++)
		buf[i] = digits[count - 1 - i];
	buf[count] = '\0';
	return count;
}

#define NUMBER_ROOM 32 /* a number, a comma, and the mark of what does not fit */

static size_t put_key(char *buf, uint64_t key)
{
	buf[0] = '0';
	buf[1] = 'x';
	for (int i = 0; i < 8; i++)
		buf[2 + i] = "0123456789abcdef"[(key >> (28 - 4 * i)) & 0xf];
	buf[10] = '\0';
	return 10;
}

static size_t put_mode(char *buf, uint64_t mode)
{
	for (int i = 0; i < 4; i++)
		buf[i] = (char)('0' + ((mode >> (9 - 3 * i)) & 7));
	buf[4] = '\0';
	return 4;
}

static size_t put_percent(char *buf, uint64_t tenths, const struct style *style)
{
	size_t length = put_number(buf, tenths / 10);

	/* 0.3% says more than 0%; from 10 on the tenth is noise. */
	if (style->machine || (tenths < 100 && tenths % 10 != 0)) {
		buf[length++] = '.';
		buf[length++] = (char)('0' + tenths % 10);
	}
	if (!style->machine)
		buf[length++] = '%';
	buf[length] = '\0';
	return length;
}

static size_t put_offset(char *buf, uint64_t offset)
{
	return (size_t)snprintf(buf, NUMBER_ROOM, "0x%llx", (unsigned long long)offset);
}

static size_t put_decimal(char *buf, uint64_t thousandths, const struct style *style)
{
	const uint64_t rounded = (thousandths + 5) / 10;
	size_t length;

	if (style->machine) {
		length = put_number(buf, thousandths / 1000);
		buf[length++] = '.';
		buf[length++] = (char)('0' + thousandths / 100 % 10);
		buf[length++] = (char)('0' + thousandths / 10 % 10);
		buf[length++] = (char)('0' + thousandths % 10);
	} else {
		length = put_number(buf, rounded / 100);
		buf[length++] = '.';
		buf[length++] = (char)('0' + rounded / 10 % 10);
		buf[length++] = (char)('0' + rounded % 10);
	}
	buf[length] = '\0';
	return length;
}

/* Timers are set in seconds or in less: as many digits as say something. */
static size_t put_nanoseconds(char *buf, uint64_t nanoseconds)
{
	size_t length;

	if (nanoseconds >= 60 * UINT64_C(1000000000))
		return ipck_format_duration(nanoseconds / 1000000000, buf, NUMBER_ROOM);
	length = put_number(buf, nanoseconds / 1000000000);
	buf[length++] = '.';
	for (uint64_t unit = 100000000; unit >= 1000000; unit /= 10)
		buf[length++] = (char)('0' + nanoseconds / unit % 10);
	return length + put(buf + length, "s");
}

static size_t put_age(char *buf, const struct value *value, const struct style *style)
{
	size_t length = 0;

	if (style->machine)
		return put_number(buf, value->number);
	if (value->at_least)
		buf[length++] = '>';
	return length + ipck_format_duration(value->number, buf + length, NUMBER_ROOM);
}

/* The time of today, the day of this year, else the date. */
static size_t put_short_time(char *buf, const struct tm *local, time_t now)
{
	struct tm today;

	if (localtime_r(&now, &today) == NULL || today.tm_year != local->tm_year)
		return strftime(buf, 64, "%F", local);
	if (today.tm_yday != local->tm_yday)
		return strftime(buf, 64, "%b%d", local);
	return strftime(buf, 64, "%H:%M", local);
}

static size_t put_time(char *buf, int64_t seconds, const struct style *style)
{
	const time_t time = (time_t)seconds;
	struct tm local;
	size_t length;

	if (style->machine || style->time_format == TIME_EPOCH ||
	    localtime_r(&time, &local) == NULL)
		return put_number(buf, (uint64_t)seconds);
	if (style->time_format == TIME_SHORT)
		return put_short_time(buf, &local, (time_t)style->now);
	if (style->time_format == TIME_FULL)
		return strftime(buf, 64, "%a %b %e %H:%M:%S %Y", &local);
	length = strftime(buf, 64, "%FT%T%z", &local);
	if (length >= 5) { /* ISO 8601 wants a colon in the zone */
		memmove(buf + length - 1, buf + length - 2, 3);
		buf[length - 2] = ':';
		length++;
	}
	return length;
}

static size_t put_process(char *buf, const struct ipck_operator *process)
{
	size_t length = 0;

	switch (process->state) {
	case IPCK_OPERATOR_NEVER:
		return put(buf, "-");
	case IPCK_OPERATOR_OUTSIDE:
		return put(buf, "?");
	case IPCK_OPERATOR_GONE:
		buf[length++] = '(';
		break;
	case IPCK_OPERATOR_HIDDEN:
		buf[length++] = '?';
		buf[length++] = '[';
		break;
	default:
		if (process->command != NULL)
			length = ipck_sanitise(process->command, buf, 512);
		buf[length++] = '[';
		break;
	}
	length += put_number(buf + length, (uint64_t)process->pid);
	buf[length++] = process->state == IPCK_OPERATOR_GONE ? ')' : ']';
	if (process->state == IPCK_OPERATOR_LATER)
		buf[length++] = '?';
	if (process->others > 0) {
		buf[length++] = '+';
		length += put_number(buf + length, process->others);
	}
	buf[length] = '\0';
	return length;
}

static size_t put_words(char *buf, const struct value *value, const struct style *style)
{
	size_t length = 0;

	if (value->word_count == 0)
		return put(buf, style->machine ? "" : "-");
	for (size_t i = 0; i < value->word_count; i++) {
		if (i > 0)
			buf[length++] = ',';
		length += put(buf + length, value->words[i]);
	}
	return length;
}

/* The values of a set, as many as fit; a set may have more than any line should. */
static size_t put_semaphores(char *buf, size_t size, const struct ipck_object *set)
{
	const struct ipck_semaphore *semaphore;
	size_t length = 0;

	for (size_t i = 0; (semaphore = ipck_semaphore_at(set, i)) != NULL; i++) {
		if (length + NUMBER_ROOM >= size)
			return length + put(buf + length, ",...");
		if (i > 0)
			buf[length++] = ',';
		length += put_number(buf + length, semaphore->value);
	}
	return length > 0 ? length : put(buf, "-");
}

#define BYTES_SHOWN 256 /* of bytes, so that there is room for them when all are escaped */

/* NUL is a byte like any other here.  The dots tell that there is more. */
static size_t put_bytes(char *buf, const struct value *value)
{
	const size_t count = value->bytes < BYTES_SHOWN ? (size_t)value->bytes : BYTES_SHOWN;
	char run[BYTES_SHOWN + 1];
	size_t length = 0, size;

	for (size_t at = 0; at < count; at += size) {
		size = strnlen(value->text + at, count - at);
		if (size > 0) {
			memcpy(run, value->text + at, size);
			run[size] = '\0';
			length += ipck_sanitise(run, buf + length, VALUE_TEXT_MAX - length);
		} else {
			size = 1;
			length += put(buf + length, "\\x00");
		}
	}
	return length + put(buf + length, value->number > count ? "..." : "");
}

static size_t put_hex(char *buf, const struct value *value)
{
	const size_t count = value->bytes < BYTES_SHOWN ? (size_t)value->bytes : BYTES_SHOWN;
	size_t length = 0;

	for (size_t i = 0; i < count; i++)
		length += (size_t)snprintf(buf + length, 3, "%02x", (unsigned char)value->text[i]);
	return length + put(buf + length, value->number > count ? "..." : "");
}

/*
 * Characters that this locale cannot show, or to which it gives no width, become \xHH.  Besides
 * being unreadable, they make libsmartcols 2.38 search for ever when it cuts a column.
 */
static size_t fit_locale(char *text, size_t length)
{
	char fitted[VALUE_TEXT_MAX];
	size_t used = 0;
	mbstate_t state = { 0 };
	const char *p = text;

	while (*p != '\0' && (unsigned char)*p < 0x80)
		p++;
	if (*p == '\0')
		return length;
	for (p = text; *p != '\0' && used + 5 < sizeof(fitted);) {
		wchar_t wide;
		size_t bytes = mbrtowc(&wide, p, MB_CUR_MAX, &state);
		bool shown = bytes != (size_t)-1 && bytes != (size_t)-2 && wcwidth(wide) >= 0;

		if (shown && used + bytes < sizeof(fitted)) {
			memcpy(fitted + used, p, bytes);
			used += bytes;
			p += bytes;
		} else {
			memset(&state, 0, sizeof(state));
			used += (size_t)snprintf(fitted + used, sizeof(fitted) - used, "\\x%02x",
						 (unsigned char)*p++);
		}
	}
	fitted[used] = '\0';
	memcpy(text, fitted, used + 1);
	return used;
}

size_t value_fit_locale(char *text)
{
	return fit_locale(text, strlen(text));
}

size_t value_text(const struct value *value, enum value_type type, const struct style *style,
		  char *buf)
{
	if (value->state == VALUE_UNKNOWN)
		return put(buf, "?");
	if (value->state == VALUE_NONE)
		return put(buf, value->text != NULL ? value->text : "-");
	switch (type) {
	case VALUE_TEXT:
	case VALUE_WANTS:
		return fit_locale(buf, ipck_sanitise(value->text, buf, VALUE_TEXT_MAX));
	case VALUE_BYTES:
		return fit_locale(buf, put_bytes(buf, value));
	case VALUE_HEX:
		return put_hex(buf, value);
	case VALUE_REF:
		return put(buf, value->text);
	case VALUE_SIZE:
		return style->bytes ? put_number(buf, value->number)
				    : ipck_format_size(value->number, buf, 32);
	case VALUE_TIME:
		return put_time(buf, (int64_t)value->number, style);
	case VALUE_AGE:
		return put_age(buf, value, style);
	case VALUE_PERCENT:
		return put_percent(buf, value->number, style);
	case VALUE_MODE:
		return put_mode(buf, value->number);
	case VALUE_KEY:
		return put_key(buf, value->number);
	case VALUE_PROCESS:
		return fit_locale(buf, put_process(buf, value->process));
	case VALUE_WORDS:
		return put_words(buf, value, style);
	case VALUE_BOOLEAN:
		return put(buf, value->number != 0 ? "yes" : "no");
	case VALUE_SEMAPHORES:
		return put_semaphores(buf, VALUE_TEXT_MAX, value->object);
	case VALUE_HOLDERS:
	case VALUE_PROCESSES:
		return fit_locale(buf, held_processes(value, style, buf, VALUE_TEXT_MAX));
	case VALUE_WATCHES:
		return fit_locale(buf, held_watches(value, style, buf, VALUE_TEXT_MAX));
	case VALUE_AWAITED:
		return fit_locale(buf, waited_processes(value, style, buf, VALUE_TEXT_MAX));
	case VALUE_MARKS:
		return marks_text(value->marked, style, buf);
	case VALUE_EXIT:
		return exit_text((int)value->number, buf);
	case VALUE_NANOSECONDS:
		if (!style->machine)
			return put_nanoseconds(buf, value->number);
		break;
	case VALUE_OFFSET:
		if (!style->machine)
			return put_offset(buf, value->number);
		break;
	case VALUE_DECIMAL:
		return put_decimal(buf, value->number, style);
	case VALUE_AMOUNT:
		if (!style->machine)
			return put(buf, value->text);
		if (value->negative) {
			buf[0] = '-';
			return 1 + put_number(buf + 1, value->number);
		}
		break;
	case VALUE_LINES:
		snprintf(buf, VALUE_TEXT_MAX, "%s", value->text);
		return strlen(buf);
	case VALUE_NUMBER:
	case VALUE_TALLY:
		break;
	}
	return put_number(buf, value->number);
}

char *value_text_whole(const struct value *value, enum value_type type, const struct style *style)
{
	char text[VALUE_TEXT_MAX], *whole;
	size_t size;

	if (type == VALUE_LINES && value->state == VALUE_SET)
		return strdup(value->text);
	/* What is cut for people is short. */
	if (!value_is_list(type) || value->state != VALUE_SET ||
	    (type != VALUE_SEMAPHORES && !style->machine)) {
		value_text(value, type, style, text);
		return strdup(text);
	}
	size = type == VALUE_SEMAPHORES
		       ? (size_t)value->object->sem.nsems * sizeof("65535,") + 2 * NUMBER_ROOM
	       : type == VALUE_AWAITED ? waited_size(value->wait)
				       : held_size(value->object);
	whole = malloc(size);
	if (whole == NULL)
		return NULL;
	if (type == VALUE_SEMAPHORES)
		put_semaphores(whole, size, value->object);
	else if (type == VALUE_AWAITED)
		waited_processes(value, style, whole, size);
	else if (type == VALUE_WATCHES)
		held_watches(value, style, whole, size);
	else
		held_processes(value, style, whole, size);
	return whole;
}
