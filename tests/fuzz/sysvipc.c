/* SPDX-License-Identifier: MIT */
/* Rows of the three files of /proc/sysvipc: whatever a row holds, what is taken stays in range and
 * says the same when it is printed in the kernel's format and read again. */
#include "fuzz.h"

#include "source/sysv.h"

static void must_be_sane(const struct ipck_object *object, enum ipck_kind kind)
{
	MUST(object->kind == kind);
	MUST(object->id >= 0);
	MUST((object->mode & ~0777u) == 0);
	MUST(object->ctime >= 0);
	MUST(object->last_used >= object->ctime);
	if (kind == IPCK_SHM)
		MUST(object->shm.creator.pid >= 0 && object->shm.last_operator.pid >= 0 &&
		     object->shm.atime >= 0 && object->shm.dtime >= 0);
	else if (kind == IPCK_MSG)
		MUST(object->msg.sender.pid >= 0 && object->msg.receiver.pid >= 0 &&
		     object->msg.stime >= 0 && object->msg.rtime >= 0);
	else
		MUST(object->sem.otime >= 0);
}

/* As ipc/shm.c, ipc/msg.c and ipc/sem.c of the kernel print it. */
static void print(const struct ipck_object *o, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "%10d %10d  ", (int)o->key, o->id);

	switch (o->kind) {
	case IPCK_SHM:
		used += (size_t)snprintf(
			text + used, size - used,
			"%4o %21llu %5u %5u  %5llu %5u %5u %5u %5u %10llu %10llu %10llu",
			o->mode | (o->shm.dest ? 01000u : 0u) | (o->shm.locked ? 02000u : 0u),
			(unsigned long long)o->shm.size, (unsigned)o->shm.creator.pid,
			(unsigned)o->shm.last_operator.pid, (unsigned long long)o->shm.nattch,
			o->uid, o->gid, o->cuid, o->cgid, (unsigned long long)o->shm.atime,
			(unsigned long long)o->shm.dtime, (unsigned long long)o->ctime);
		if ((o->known & IPCK_SHM_RSS) != 0)
			snprintf(text + used, size - used, " %21llu %21llu",
				 (unsigned long long)o->shm.rss, (unsigned long long)o->shm.swap);
		break;
	case IPCK_MSG:
		snprintf(text + used, size - used,
			 "%4o  %10llu %10llu %5u %5u %5u %5u %5u %5u %10llu %10llu %10llu", o->mode,
			 (unsigned long long)o->msg.bytes, (unsigned long long)o->msg.messages,
			 (unsigned)o->msg.sender.pid, (unsigned)o->msg.receiver.pid, o->uid, o->gid,
			 o->cuid, o->cgid, (unsigned long long)o->msg.stime,
			 (unsigned long long)o->msg.rtime, (unsigned long long)o->ctime);
		break;
	default:
		snprintf(text + used, size - used, "%4o %10llu %5u %5u %5u %5u %10llu %10llu",
			 o->mode, (unsigned long long)o->sem.nsems, o->uid, o->gid, o->cuid,
			 o->cgid, (unsigned long long)o->sem.otime, (unsigned long long)o->ctime);
		break;
	}
}

typedef bool parser(const char *line, struct ipck_object *object);

static void round_trip(parser *parse, const char *line, enum ipck_kind kind)
{
	char text[512], again[512];
	struct ipck_object a, b;

	if (!parse(line, &a))
		return;
	must_be_sane(&a, kind);
	print(&a, text, sizeof(text));
	MUST(parse(text, &b));
	print(&b, again, sizeof(again));
	MUST(strcmp(text, again) == 0);
	MUST(a.known == b.known && a.last_used == b.last_used);
	/* And the line says it: its first two columns are the key and the id. */
	MUST((uint32_t)strtoll(line, (char **)&line, 10) == a.key);
	MUST(strtoll(line, NULL, 10) == a.id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = fuzz_string(data, size);

	round_trip(sysv_parse_shm, line, IPCK_SHM);
	round_trip(sysv_parse_msg, line, IPCK_MSG);
	round_trip(sysv_parse_sem, line, IPCK_SEM);
	free(line);
	return 0;
}
