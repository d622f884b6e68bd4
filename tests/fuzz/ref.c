/* SPDX-License-Identifier: MIT */
/* References: what is read is written and read again as the same, and so is any reference made of
 * the input's bytes. */
#include "fuzz.h"

#include "base/text.h"
#include "ipckit.h"

/* Field by field: padding and what stands behind the name's NUL do not count. */
static void must_be_same(const struct ipck_ref *a, const struct ipck_ref *b)
{
	MUST(a->kind == b->kind);
	MUST(a->form == b->form);
	MUST(a->form != IPCK_BY_ID || a->id == b->id);
	MUST(a->form != IPCK_BY_KEY || a->key == b->key);
	MUST(a->form != IPCK_BY_NAME || strcmp(a->name, b->name) == 0);
	MUST(a->ns == b->ns);
	MUST(a->exact == b->exact);
	MUST(!a->exact || (a->generation.key == b->generation.key &&
			   a->generation.ctime == b->generation.ctime &&
			   a->generation.cuid == b->generation.cuid &&
			   a->generation.cgid == b->generation.cgid &&
			   a->generation.major == b->generation.major &&
			   a->generation.minor == b->generation.minor &&
			   a->generation.inode == b->generation.inode &&
			   a->generation.start_time == b->generation.start_time &&
			   a->generation.ns == b->generation.ns));
	MUST(a->form != IPCK_BY_NUMBER || a->number == b->number);
	MUST(a->form != IPCK_BY_DESCRIPTOR || (a->pid == b->pid && a->fd == b->fd));
	MUST(a->form != IPCK_BY_PID || a->pid == b->pid);
	MUST(a->form != IPCK_BY_INODE ||
	     (a->major == b->major && a->minor == b->minor && a->inode == b->inode));
}

/* Write it, read it back, write that: both times the same, and nothing that a terminal minds. */
static void round_trip(const struct ipck_ref *ref)
{
	char text[IPCK_REF_MAX], again[IPCK_REF_MAX];
	struct ipck_ref back;
	size_t bytes;
	int length = ipck_ref_format(ref, text, sizeof(text));

	MUST(length > 0 && (size_t)length == strlen(text));
	for (const char *p = text; *p != '\0'; p += bytes) {
		uint32_t code = 0;

		bytes = text_decode(p, &code);
		MUST(bytes > 0 && code > 0x20 && code != 0x7f && !text_is_treacherous(code));
	}
	MUST(ipck_ref_parse(text, &back) == IPCK_OK);
	must_be_same(ref, &back);
	MUST(ipck_ref_format(&back, again, sizeof(again)) == length && strcmp(text, again) == 0);
	/* One byte short: refused, and nothing is written behind the end. */
	again[length] = '#';
	MUST(ipck_ref_format(ref, again, (size_t)length) == IPCK_ERR_RANGE);
	MUST(again[length] == '#');
}

static uint64_t take(const uint8_t **data, size_t *size, size_t bytes)
{
	uint64_t number = 0;

	for (; bytes > 0 && *size > 0; bytes--, (*size)--)
		number = number << 8 | *(*data)++;
	return number;
}

static void build_process(struct ipck_ref *ref, uint64_t choice, const uint8_t *data, size_t size)
{
	ref->form = IPCK_BY_PID;
	ref->pid = (pid_t)(take(&data, &size, 4) & INT32_MAX) | 1; /* never 0 */
	ref->exact = (choice & 4) != 0;
	if (ref->exact)
		ref->generation.start_time = take(&data, &size, 8);
	round_trip(ref);
}

/* A reference that the library could have made itself. */
static void build(const uint8_t *data, size_t size)
{
	static const enum ipck_kind kinds[] = { IPCK_SHM,     IPCK_MSG,  IPCK_SEM,     IPCK_FIFO,
						IPCK_PROCESS, IPCK_PGRP, IPCK_SESSION, IPCK_TREE };
	struct ipck_ref ref = { .kind = kinds[take(&data, &size, 1) % 8] };
	const uint64_t choice = take(&data, &size, 1);

	if ((ref.kind & IPCK_PROCESSES) != 0) {
		build_process(&ref, choice, data, size);
		return;
	}
	if ((choice & 1) != 0 && ref.kind != IPCK_FIFO)
		ref.ns = take(&data, &size, 8);
	if ((ref.kind & IPCK_SYSV) == 0) {
		ref.form = IPCK_BY_NAME;
		ref.name[0] = '/';
		ref.name[1] = 'n';
		for (size_t i = 1; i < IPCK_NAME_MAX - 1 && size > 0 && *data != '\0'; i++)
			ref.name[i] = (char)take(&data, &size, 1);
		round_trip(&ref);
		return;
	}
	ref.form = (choice & 2) != 0 ? IPCK_BY_KEY : IPCK_BY_ID;
	if (ref.form == IPCK_BY_KEY)
		ref.key = (uint32_t)take(&data, &size, 4) | 1; /* never 0 */
	else
		ref.id = (int32_t)(take(&data, &size, 4) & INT32_MAX);
	ref.exact = (choice & 4) != 0;
	if (ref.exact) {
		ref.generation.key = (uint32_t)take(&data, &size, 4);
		if (ref.kind == IPCK_SEM) {
			ref.generation.cuid = (uint32_t)take(&data, &size, 4);
			ref.generation.cgid = (uint32_t)take(&data, &size, 4);
		} else {
			ref.generation.ctime = (int64_t)(take(&data, &size, 8) & INT64_MAX);
		}
		ref.generation.ns = take(&data, &size, 8);
	}
	round_trip(&ref);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_string(data, size);
	struct ipck_ref ref;
	int rc = ipck_ref_parse(text, &ref);

	MUST(rc == IPCK_OK || rc == IPCK_ERR_SYNTAX || rc == IPCK_ERR_RANGE);
	if (rc == IPCK_OK)
		round_trip(&ref);
	free(text);
	build(data, size);
	return 0;
}
