/* SPDX-License-Identifier: MIT */
/*
 * Text of the drop-in ipcs: fields padded into one buffer, and how ipcs words sizes and times.
 * printf() a field would cost more than the kernel takes to give the object.
 */
#include "common/program.h"
#include "ipcs.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct {
	char buf[65536];
	size_t used;
	int error; /* of the first write that failed; nothing is written after it */
} out;

int flush_text(void)
{
	size_t done = 0;

	while (done < out.used && out.error == 0) {
		ssize_t wrote = write(STDOUT_FILENO, out.buf + done, out.used - done);

		if (wrote >= 0)
			done += (size_t)wrote;
		else if (errno != EINTR)
			out.error = errno;
	}
	out.used = 0;
	return out.error;
}

bool text_lost(void)
{
	return out.error != 0;
}

/* How much of length fits the buffer now, at least one byte. */
static size_t room(size_t length)
{
	if (length > sizeof(out.buf) - out.used)
		flush_text();
	return length < sizeof(out.buf) ? length : sizeof(out.buf);
}

static void put_bytes(const char *bytes, size_t length)
{
	while (length > 0) {
		size_t part = room(length);

		memcpy(out.buf + out.used, bytes, part);
		out.used += part;
		bytes += part;
		length -= part;
	}
}

void put_text(const char *text)
{
	put_bytes(text, strlen(text));
}

void put_blanks(size_t count)
{
	while (count > 0) {
		size_t part = room(count);

		memset(out.buf + out.used, ' ', part);
		out.used += part;
		count -= part;
	}
}

void put_left(const char *text, size_t length, size_t width)
{
	put_bytes(text, length);
	if (length < width)
		put_blanks(width - length);
}

void put_right(const char *text, size_t length, size_t width)
{
	if (length < width)
		put_blanks(width - length);
	put_bytes(text, length);
}

void put_format(const char *format, ...)
{
	char line[512]; /* longer than any line of the pages that are written this way */
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	put_text(line);
}

void ipcs_complain(const char *format, ...)
{
	va_list args;

	flush_text();
	va_start(args, format);
	complain_args(format, args);
	va_end(args);
}

size_t digits(uint64_t number, unsigned base, char buf[NUMBER_MAX])
{
	char reversed[NUMBER_MAX];
	size_t length = 0;

	do {
		reversed[length++] = (char)('0' + number % base);
		number /= base;
	} while (number > 0);
	for (size_t i = 0; i < length; i++)
		buf[i] = reversed[length - 1 - i];
	return length;
}

/*
 * One decimal, of thousandths rounded half up; a fraction of .0 is not shown, and 1023.96K becomes
 * 1024K, not 1M.
 */
size_t human_size(uint64_t bytes, char buf[NUMBER_MAX])
{
	static const char suffixes[] = "BKMGTPE";
	unsigned power = 0, tenths = 0;
	uint64_t whole, rest;
	size_t length;

	while (power < 6 && bytes >> (10 * (power + 1)) > 0)
		power++;
	whole = bytes >> (10 * power);
	rest = bytes - (whole << (10 * power));
	/* Thousandths of an exbibyte do not fit 64 bits: ipcs gives up its low bits there. */
	if (power == 6)
		tenths = (unsigned)((((rest >> 10) * 1000 >> 50) + 50) / 100);
	else
		tenths = (unsigned)(((rest * 1000 >> (10 * power)) + 50) / 100);
	if (tenths == 10) {
		whole++;
		tenths = 0;
	}
	length = digits(whole, 10, buf);
	if (tenths > 0) {
		buf[length++] = '.';
		buf[length++] = (char)('0' + tenths);
	}
	buf[length++] = suffixes[power];
	return length;
}

const char *time_text(int64_t seconds, char buf[TIME_MAX])
{
	/* Objects that were made together share their times: a list asks for the same one often. */
	static int64_t last;
	static char text[TIME_MAX];
	const time_t when = (time_t)seconds;
	struct tm tm;

	if (seconds == 0)
		return memcpy(buf, "Not set", sizeof("Not set"));
	if (seconds != last) {
		last = seconds;
		/* Day and month names as in the C locale: the caller sets LC_CTYPE at most. */
		if (localtime_r(&when, &tm) == NULL ||
		    strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &tm) == 0)
			memcpy(text, "?", sizeof("?"));
	}
	return memcpy(buf, text, TIME_MAX);
}
