/* SPDX-License-Identifier: MIT */
/* /proc/PID/cgroup: any text into a buffer of any size, and any name below a runtime's folder. */
#include "fuzz.h"

#include "source/container.h"

static void any_text(const uint8_t *data, size_t size)
{
	const size_t room = size > 0 ? data[0] * 2u : 0;
	char *text = fuzz_string(data + (size > 0), size > 0 ? size - 1 : 0);
	char *cut = malloc(room + 1), whole[CONTAINER_MAX];

	MUST(cut != NULL);
	container_parse(text, whole, sizeof(whole));
	MUST(strlen(whole) < sizeof(whole));
	MUST(*whole == '\0' || strchr(whole, ':') != NULL);
	MUST(strchr(whole, '/') == NULL && strchr(whole, '\n') == NULL);
	container_parse(text, cut, room);
	if (room > 0)
		MUST(strcmp(cut, room > strlen(whole) ? whole : "") == 0);
	free(cut);
	free(text);
}

static void any_name(const uint8_t *data, size_t size)
{
	char *name = fuzz_string(data, size), text[600], found[CONTAINER_MAX],
	     wanted[CONTAINER_MAX];
	size_t length = strlen(name);

	/* As the kernel has them: no slash, no newline, at most 255 bytes. */
	if (length > 0 && length <= 255 && strpbrk(name, "/\n") == NULL) {
		snprintf(text, sizeof(text), "0::/lxc/%s/x\n", name);
		snprintf(wanted, sizeof(wanted), "lxc:%s", name);
		container_parse(text, found, sizeof(found));
		/* A name may look like another runtime's; it is then that one's. */
		MUST(strcmp(found, wanted) == 0 || strncmp(found, "lxc:", 4) != 0 ||
		     strncmp(name, "lxc.payload.", 12) == 0);
		MUST(found[0] != '\0');
	}
	free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	any_text(data, size);
	any_name(data, size);
	return 0;
}
