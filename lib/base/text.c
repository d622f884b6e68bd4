/* SPDX-License-Identifier: MIT */
/* Making outside strings and numbers fit to show.  Knows UTF-8, not locales. */
#include "base/text.h"
#include "base/context.h"

#include <stdio.h>
#include <string.h>

size_t text_decode(const char *text, uint32_t *code)
{
	const unsigned char *p = (const unsigned char *)text;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length;

	if (p[0] < 0x80) {
		*code = p[0];
		return 1;
	}
	if (p[0] >= 0xc2 && p[0] <= 0xdf) {
		length = 2;
		*code = p[0] & 0x1fu;
	} else if (p[0] >= 0xe0 && p[0] <= 0xef) {
		length = 3;
		*code = p[0] & 0x0fu;
	} else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
		length = 4;
		*code = p[0] & 0x07u;
	} else {
		return 0;
	}
	for (size_t i = 1; i < length; i++) {
		if ((p[i] & 0xc0) != 0x80) /* the NUL at the end is caught here too */
			return 0;
		*code = *code << 6 | (p[i] & 0x3fu);
	}
	if (*code < least[length] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return length;
}

bool text_is_treacherous(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0x0080, 0x009f }, /* C1 controls: 0x9b is an escape sequence by itself */
		{ 0x00ad, 0x00ad }, /* soft hyphen */
		{ 0x061c, 0x061c }, /* Arabic letter mark */
		{ 0x200b,
		  0x200f }, /* zero width characters, left-to-right and right-to-left mark */
		{ 0x2028, 0x202e },   /* line and paragraph separator, embeddings, overrides */
		{ 0x2060, 0x206f },   /* word joiner, invisible operators, isolates */
		{ 0xfeff, 0xfeff },   /* byte order mark */
		{ 0xfff9, 0xfffb },   /* interlinear annotation */
		{ 0xe0000, 0xe007f }, /* tags */
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

IPCK_API size_t ipck_sanitise(const char *text, char *buf, size_t size)
{
	size_t used = 0;

	while (*text != '\0' && size > 0) {
		uint32_t code = 0;
		size_t length = text_decode(text, &code);
		bool plain =
			length > 0 && code >= 0x20 && code != 0x7f && !text_is_treacherous(code);
		size_t bytes = length > 0 ? length : 1;
		size_t need = plain ? bytes : 4 * bytes;

		if (used + need >= size)
			break;
		if (plain)
			memcpy(buf + used, text, bytes);
		else
			for (size_t i = 0; i < bytes; i++)
				snprintf(buf + used + 4 * i, 5, "\\x%02x", (unsigned char)text[i]);
		used += need;
		text += bytes;
	}
	if (size > 0)
		buf[used] = '\0';
	return used;
}

IPCK_API size_t ipck_utf8(const char *text, char *buf, size_t size)
{
	size_t used = 0;

	while (*text != '\0' && size > 0) {
		uint32_t code;
		size_t length = text_decode(text, &code);
		const char *bytes = length > 0 ? text : "\xef\xbf\xbd";
		size_t need = length > 0 ? length : 3;

		if (used + need >= size)
			break;
		memcpy(buf + used, bytes, need);
		used += need;
		text += length > 0 ? length : 1;
	}
	if (size > 0)
		buf[used] = '\0';
	return used;
}

IPCK_API size_t ipck_format_size(uint64_t bytes, char *buf, size_t size)
{
	static const char units[] = "BKMGTPE";
	unsigned unit = 0;
	uint64_t whole = bytes, tenths = 0;
	int length;

	while (whole >= 1024) {
		unit++;
		whole >>= 10;
	}
	if (unit > 0) {
		const uint64_t one = UINT64_C(1) << (10 * unit), rest = bytes & (one - 1);

		/* Rounded once, from all of the rest: below 2^60, so ten times it fits. */
		if (whole < 100)
			tenths = (rest * 10 + one / 2) >> (10 * unit);
		if (tenths == 10 || (whole >= 100 && rest >= one / 2)) {
			tenths = 0;
			whole++;
		}
		if (whole == 1024) {
			whole = 1;
			unit++;
		}
	}
	if (unit == 0)
		length = snprintf(buf, size, "%u", (unsigned)whole);
	else if (tenths == 0 || whole >= 100)
		length = snprintf(buf, size, "%u%c", (unsigned)whole, units[unit]);
	else
		length = snprintf(buf, size, "%u.%u%c", (unsigned)whole, (unsigned)tenths,
				  units[unit]);
	return (size_t)length;
}

IPCK_API size_t ipck_format_duration(uint64_t seconds, char *buf, size_t size)
{
	static const struct {
		uint64_t seconds;
		char unit;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	size_t i = 0;

	/* Two digits or more of the smaller unit say more than one of the larger: 90m, not 1h. */
	while (i < 3 && seconds < 2 * units[i].seconds)
		i++;
	return (size_t)snprintf(buf, size, "%llu%c",
				(unsigned long long)(seconds / units[i].seconds), units[i].unit);
}
