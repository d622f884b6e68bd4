/* SPDX-License-Identifier: MIT */
/*
 * The page of one object in the drop-in ipcs (-i).  What the kernel refuses is shown as "?": a
 * zero would pass for an answer.
 */
#include "ipcs.h"

#include <inttypes.h>
#include <string.h>

/* In shm_perm.mode the kernel keeps two states above the permission bits. */
#define MODE_DEST 01000u
#define MODE_LOCKED 02000u

static void put_time(const char *label, int64_t seconds)
{
	char buf[TIME_MAX];

	put_format("%s%-26.24s\n", label, time_text(seconds, buf));
}

static void put_size(const char *label, uint64_t bytes, enum ipcs_unit unit)
{
	char buf[NUMBER_MAX];
	size_t length = unit == IPCS_HUMAN ? human_size(bytes, buf) : digits(bytes, 10, buf);

	put_text(label);
	put_left(buf, length, 0);
}

static bool shm_page(const struct ipck_object *object, enum ipcs_unit unit)
{
	const unsigned state =
		(object->shm.dest ? MODE_DEST : 0) | (object->shm.locked ? MODE_LOCKED : 0);

	put_format("\nShared memory Segment shmid=%" PRId32 "\n", object->id);
	put_format("uid=%u\tgid=%u\tcuid=%u\tcgid=%u\n", object->uid, object->gid, object->cuid,
		   object->cgid);
	put_format("mode=%#o\taccess_perms=%#o\n", object->mode | state, object->mode);
	put_size(unit == IPCS_HUMAN ? "size=" : "bytes=", object->shm.size, unit);
	put_format("\tlpid=%d\tcpid=%d\tnattch=%" PRIu64 "\n", object->shm.last_operator.pid,
		   object->shm.creator.pid, object->shm.nattch);
	put_time("att_time=", object->shm.atime);
	put_time("det_time=", object->shm.dtime);
	put_time("change_time=", object->ctime);
	return true;
}

static bool msg_page(const struct ipck_object *object, enum ipcs_unit unit)
{
	const int why = ipck_object_why(object, IPCK_MSG_MAX_BYTES);
	const char *max_label = unit == IPCS_HUMAN ? "\tqsize=" : "\tqbytes=";

	put_format("\nMessage Queue msqid=%" PRId32 "\n", object->id);
	put_format("uid=%u\tgid=%u\tcuid=%u\tcgid=%u\tmode=%#o\n", object->uid, object->gid,
		   object->cuid, object->cgid, object->mode);
	put_size(unit == IPCS_HUMAN ? "csize=" : "cbytes=", object->msg.bytes, unit);
	if (why == IPCK_OK)
		put_size(max_label, object->msg.max_bytes, unit);
	else
		put_format("%s?", max_label);
	put_format("\tqnum=%" PRIu64 "\tlspid=%d\tlrpid=%d\n", object->msg.messages,
		   object->msg.sender.pid, object->msg.receiver.pid);
	put_time("send_time=", object->msg.stime);
	put_time("rcv_time=", object->msg.rtime);
	put_time("change_time=", object->ctime);
	if (why == IPCK_OK)
		return true;
	ipcs_complain("id %" PRId32 ": the size of the queue cannot be read: %s", object->id,
		      ipck_strerror(why));
	return false;
}

static void put_element(uint64_t number, bool known)
{
	char buf[NUMBER_MAX] = "?";

	put_left(buf, known ? digits(number, 10, buf) : 1, 10);
}

static bool sem_page(const struct ipck_object *object, enum ipcs_unit unit)
{
	const int why_values = ipck_object_why(object, IPCK_SEM_VALUES);
	const int why_waiters = ipck_object_why(object, IPCK_SEM_WAITERS);
	const bool values = why_values == IPCK_OK && object->sem.semaphores != NULL;
	const bool waiters = why_waiters == IPCK_OK && object->sem.semaphores != NULL;

	(void)unit; /* nothing here has a size */
	put_format("\nSemaphore Array semid=%" PRId32 "\n", object->id);
	put_format("uid=%u\t gid=%u\t cuid=%u\t cgid=%u\n", object->uid, object->gid, object->cuid,
		   object->cgid);
	put_format("mode=%#o, access_perms=%#o\n", object->mode, object->mode);
	put_format("nsems = %" PRIu64 "\n", object->sem.nsems);
	put_time("otime = ", object->sem.otime);
	put_time("ctime = ", object->ctime);
	put_text("semnum     value      ncount     zcount     pid       \n");
	for (uint64_t i = 0; i < object->sem.nsems; i++) {
		struct ipck_semaphore semaphore = { 0 };

		if (values || waiters)
			semaphore = object->sem.semaphores[i];
		put_element(i, true);
		put_text(" ");
		put_element(semaphore.value, values);
		put_text(" ");
		put_element(semaphore.ncount, waiters);
		put_text(" ");
		put_element(semaphore.zcount, waiters);
		put_text(" ");
		put_element((uint64_t)semaphore.last_operator.pid, waiters);
		put_text("\n");
	}
	if (values && waiters)
		return true;
	ipcs_complain("id %" PRId32 ": the semaphores cannot be read: %s", object->id,
		      ipck_strerror(values ? why_waiters : why_values));
	return false;
}

struct page {
	enum ipcs_unit unit;
	bool found, complete;
};

static int put_page(const struct ipck_object *object, void *data)
{
	struct page *page = data;

	page->found = true;
	switch (object->kind) {
	case IPCK_SHM:
		page->complete = shm_page(object, page->unit);
		break;
	case IPCK_MSG:
		page->complete = msg_page(object, page->unit);
		break;
	default:
		page->complete = sem_page(object, page->unit);
		break;
	}
	put_text("\n");
	return IPCK_OK;
}

bool ipcs_detail(struct ipck *ctx, enum ipck_kind kind, int32_t id, enum ipcs_unit unit)
{
	const struct ipck_ref ref = { .kind = kind, .form = IPCK_BY_ID, .id = id };
	int result = IPCK_OK;
	const struct ipck_query query = {
		.size = sizeof(query),
		.want = kind == IPCK_SEM ? IPCK_WANT_ELEMENTS | IPCK_WANT_WAITERS : 0,
		.refs = &ref,
		.ref_count = 1,
		.ref_results = &result,
	};
	struct page page = { .unit = unit };
	int rc = ipck_objects_each(ctx, &query, put_page, &page);

	if (page.found && rc == IPCK_OK)
		return page.complete;
	if (rc == IPCK_OK)
		rc = result;
	/* An object that goes while it is read is not there either. */
	if (rc == IPCK_OK || rc == IPCK_ERR_NOT_FOUND)
		ipcs_complain("id %" PRId32 " not found", id);
	else
		ipcs_complain("%s", ipck_message(ctx));
	return false;
}
