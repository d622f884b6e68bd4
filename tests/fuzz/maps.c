/* SPDX-License-Identifier: MIT */
/* A line of /proc/PID/maps: any text, and any name in a well-formed one. */
#include "fuzz.h"

#include "source/maps.h"

static void any_text(const uint8_t *data, size_t size)
{
	char *line = fuzz_string(data, size);
	const size_t length = strlen(line);
	struct area area;

	if (maps_parse_line(line, &area)) {
		MUST(area.start < area.end);
		MUST((area.access & ~7u) == 0);
		MUST(area.name >= line && area.name + strlen(area.name) <= line + length);
	}
	free(line);
}

/* What the kernel would print for this name, newlines as \012; it comes back as it was. */
static void any_name(const uint8_t *data, size_t size)
{
	char *name = fuzz_string(data, size), *line = malloc(4 * size + 100), *to;
	const size_t length = strlen(name);
	struct area area;

	if (line == NULL)
		abort();
	to = line + sprintf(line, "7f00-7f10 r-xs 00001000 fe:1f 12345   /");
	for (const char *from = name; *from != '\0'; from++)
		to += sprintf(to, *from == '\n' ? "\\012" : "%c", *from);
	MUST(maps_parse_line(line, &area));
	MUST(area.start == 0x7f00 && area.end == 0x7f10 && area.offset == 0x1000);
	MUST(area.major == 0xfe && area.minor == 0x1f && area.inode == 12345 && area.shared);
	/* a backslash may have been one of the name's own; too long a name is none */
	if (strchr(name, '\\') == NULL)
		MUST(length + 1 < 4096 ? strcmp(area.name + 1, name) == 0 : area.name[0] == '\0');
	free(line);
	free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	any_text(data, size);
	any_name(data, size);
	return 0;
}
