/* SPDX-License-Identifier: MIT */
/*
 * The tables of the drop-in ipcs: its lists, times, pids and creators, as data.  The widths and
 * blanks are a contract that twenty years of awk rely on, odd as some are.
 */
#include "ipcs.h"

#include <string.h>

enum value {
	VALUE_END,
	VALUE_KEY,
	VALUE_ID,
	VALUE_MODE,
	VALUE_OWNER,
	VALUE_OWNER_CUT, /* to the column's width */
	VALUE_GROUP,
	VALUE_CREATOR,
	VALUE_CREATOR_GROUP,
	VALUE_CTIME,
	VALUE_CTIME_FULL,
	VALUE_SHM_SIZE,
	VALUE_SHM_NATTCH,
	VALUE_SHM_DEST,
	VALUE_SHM_LOCKED,
	VALUE_SHM_ATIME,
	VALUE_SHM_DTIME,
	VALUE_SHM_CPID,
	VALUE_SHM_LPID,
	VALUE_MSG_BYTES,
	VALUE_MSG_MESSAGES,
	VALUE_MSG_STIME,
	VALUE_MSG_RTIME,
	VALUE_MSG_LSPID,
	VALUE_MSG_LRPID,
	VALUE_SEM_NSEMS,
	VALUE_SEM_OTIME
};

struct cell {
	enum value value;
	unsigned char width;
	unsigned char gap; /* blanks before the next cell */
	bool right;
};

struct view {
	const char *title;
	const char *heading, *heading_human;
	struct cell cells[9]; /* up to VALUE_END */
};

/* clang-format off */
#define ID(width)          { VALUE_ID, width, 1, false }
#define KEY                { VALUE_KEY, 10, 1, false }
#define MODE               { VALUE_MODE, 10, 1, false }
#define OWNER(gap)         { VALUE_OWNER_CUT, 10, gap, false }
#define LEFT(value, width) { value, width, 1, false }
#define LAST(value, width) { value, width, 0, false }

#define LIST_FRONT KEY, ID(10), OWNER(1), MODE
#define CREATORS                                                                                   \
	{ ID(10), MODE, LEFT(VALUE_CREATOR, 10), LEFT(VALUE_CREATOR_GROUP, 10),                    \
	  LEFT(VALUE_OWNER, 10), LAST(VALUE_GROUP, 10) }
/* clang-format on */
#define CREATORS_HEADING(id) id "      perms      cuid       cgid       uid        gid       "

static const struct view shm_views[] = {
	[IPCS_LIST] = { "Shared Memory Segments",
			"key        shmid      owner      perms      bytes      nattch     "
			"status      ",
			"key        shmid      owner      perms      size       nattch     "
			"status      ",
			{ LIST_FRONT, LEFT(VALUE_SHM_SIZE, 10), LEFT(VALUE_SHM_NATTCH, 10),
			  LEFT(VALUE_SHM_DEST, 6), LAST(VALUE_SHM_LOCKED, 6) } },
	[IPCS_TIMES] = { "Shared Memory Attach/Detach/Change Times",
			 "shmid      owner      attached             detached             "
			 "changed             ",
			 NULL,
			 { ID(10), OWNER(1), LEFT(VALUE_SHM_ATIME, 20), LEFT(VALUE_SHM_DTIME, 20),
			   LAST(VALUE_CTIME, 20) } },
	[IPCS_PIDS] = { "Shared Memory Creator/Last-op PIDs",
			"shmid      owner      cpid       lpid      ",
			NULL,
			{ ID(10), OWNER(1), LEFT(VALUE_SHM_CPID, 10), LAST(VALUE_SHM_LPID, 10) } },
	[IPCS_CREATORS] = { "Shared Memory Segment Creators/Owners", CREATORS_HEADING("shmid"),
			    NULL, CREATORS },
};

static const struct view msg_views[] = {
	[IPCS_LIST] = { "Message Queues",
			"key        msqid      owner      perms      used-bytes   messages    ",
			"key        msqid      owner      perms      size         messages    ",
			{ LIST_FRONT, LEFT(VALUE_MSG_BYTES, 12), LAST(VALUE_MSG_MESSAGES, 12) } },
	[IPCS_TIMES] = { "Message Queues Send/Recv/Change Times",
			 "msqid    owner      send                 recv                 "
			 "change              ",
			 NULL,
			 { ID(8), OWNER(1), LEFT(VALUE_MSG_STIME, 20), LEFT(VALUE_MSG_RTIME, 20),
			   LAST(VALUE_CTIME, 20) } },
	[IPCS_PIDS] = { "Message Queues PIDs",
			"msqid      owner      lspid      lrpid     ",
			NULL,
			{ ID(8),
			  OWNER(2),
			  { VALUE_MSG_LSPID, 5, 5, true },
			  { VALUE_MSG_LRPID, 5, 0, true } } },
	[IPCS_CREATORS] = { "Message Queues Creators/Owners", CREATORS_HEADING("msqid"), NULL,
			    CREATORS },
};

static const struct view sem_views[] = {
	[IPCS_LIST] = { "Semaphore Arrays",
			"key        semid      owner      perms      nsems     ",
			NULL,
			{ LIST_FRONT, LAST(VALUE_SEM_NSEMS, 10) } },
	[IPCS_TIMES] = { "Semaphore Operation/Change Times",
			 "semid    owner      last-op                    last-changed             "
			 " ",
			 NULL,
			 { ID(8), OWNER(2), LEFT(VALUE_SEM_OTIME, 26),
			   LAST(VALUE_CTIME_FULL, 26) } },
	[IPCS_PIDS] = { NULL, NULL, NULL, { { VALUE_END, 0, 0, false } } }, /* ipcs has none */
	[IPCS_CREATORS] = { "Semaphore Arrays Creators/Owners", CREATORS_HEADING("semid"), NULL,
			    CREATORS },
};

static const struct view *view_of(enum ipck_kind kind, enum ipcs_view view)
{
	switch (kind) {
	case IPCK_SHM:
		return &shm_views[view];
	case IPCK_MSG:
		return &msg_views[view];
	default:
		return &sem_views[view];
	}
}

static void put_number(const struct cell *cell, uint64_t number, unsigned base)
{
	char buf[NUMBER_MAX];
	size_t length = digits(number, base, buf);

	if (cell->right)
		put_right(buf, length, cell->width);
	else
		put_left(buf, length, cell->width);
}

/* A human size takes six columns at the right of its part, then the rest of the column. */
static void put_size(const struct cell *cell, uint64_t bytes, enum ipcs_unit unit)
{
	char buf[NUMBER_MAX];

	if (unit != IPCS_HUMAN) {
		put_number(cell, bytes, 10);
		return;
	}
	put_right(buf, human_size(bytes, buf), 6);
	put_blanks(cell->width - 6u);
}

static void put_key(uint32_t key)
{
	char text[] = "0x00000000";

	for (size_t i = 9; key > 0; i--, key >>= 4)
		text[i] = "0123456789abcdef"[key & 15];
	put_left(text, 10, 10);
}

/* Without weekday and year: "Nov 21 09:47:12 ". */
static void put_time(const struct cell *cell, int64_t seconds)
{
	char buf[TIME_MAX];
	const char *text = time_text(seconds, buf);
	size_t length = strlen(text);

	if (seconds != 0 && length > 4) {
		text += 4;
		length -= 4;
	}
	put_left(text, length > 16 ? 16 : length, cell->width);
}

static void put_time_full(const struct cell *cell, int64_t seconds)
{
	char buf[TIME_MAX];
	const char *text = time_text(seconds, buf);

	put_left(text, strnlen(text, 24), cell->width);
}

/* Names come from outside; those without control bytes are printed as they are. */
static void put_name(const char *name, size_t width, size_t most)
{
	char safe[1024];

	ipck_sanitise(name, safe, sizeof(safe));
	put_left(safe, strnlen(safe, most), width);
}

static void put_cell(const struct cell *cell, const struct ipck_object *object, enum ipcs_unit unit)
{
	switch (cell->value) {
	case VALUE_END:
		break;
	case VALUE_KEY:
		put_key(object->key);
		break;
	case VALUE_ID:
		put_number(cell, (uint64_t)object->id, 10);
		break;
	case VALUE_MODE:
		put_number(cell, object->mode, 8);
		break;
	case VALUE_OWNER:
		put_name(object->owner, cell->width, SIZE_MAX);
		break;
	case VALUE_OWNER_CUT:
		put_name(object->owner, cell->width, cell->width);
		break;
	case VALUE_GROUP:
		put_name(object->group, cell->width, SIZE_MAX);
		break;
	case VALUE_CREATOR:
		put_name(object->creator, cell->width, SIZE_MAX);
		break;
	case VALUE_CREATOR_GROUP:
		put_name(object->creator_group, cell->width, SIZE_MAX);
		break;
	case VALUE_CTIME:
		put_time(cell, object->ctime);
		break;
	case VALUE_CTIME_FULL:
		put_time_full(cell, object->ctime);
		break;
	case VALUE_SHM_SIZE:
		put_size(cell, object->shm.size, unit);
		break;
	case VALUE_SHM_NATTCH:
		put_number(cell, object->shm.nattch, 10);
		break;
	case VALUE_SHM_DEST:
		put_left("dest", object->shm.dest ? 4 : 0, cell->width);
		break;
	case VALUE_SHM_LOCKED:
		put_left("locked", object->shm.locked ? 6 : 0, cell->width);
		break;
	case VALUE_SHM_ATIME:
		put_time(cell, object->shm.atime);
		break;
	case VALUE_SHM_DTIME:
		put_time(cell, object->shm.dtime);
		break;
	case VALUE_SHM_CPID:
		put_number(cell, (uint64_t)object->shm.creator.pid, 10);
		break;
	case VALUE_SHM_LPID:
		put_number(cell, (uint64_t)object->shm.last_operator.pid, 10);
		break;
	case VALUE_MSG_BYTES:
		put_size(cell, object->msg.bytes, unit);
		break;
	case VALUE_MSG_MESSAGES:
		put_number(cell, object->msg.messages, 10);
		break;
	case VALUE_MSG_STIME:
		put_time(cell, object->msg.stime);
		break;
	case VALUE_MSG_RTIME:
		put_time(cell, object->msg.rtime);
		break;
	case VALUE_MSG_LSPID:
		put_number(cell, (uint64_t)object->msg.sender.pid, 10);
		break;
	case VALUE_MSG_LRPID:
		put_number(cell, (uint64_t)object->msg.receiver.pid, 10);
		break;
	case VALUE_SEM_NSEMS:
		put_number(cell, object->sem.nsems, 10);
		break;
	case VALUE_SEM_OTIME:
		put_time_full(cell, object->sem.otime);
		break;
	}
	put_blanks(cell->gap);
}

struct listing {
	const struct view *view;
	enum ipcs_unit unit;
};

static int put_row(const struct ipck_object *object, void *data)
{
	const struct listing *listing = data;

	for (const struct cell *cell = listing->view->cells; cell->value != VALUE_END; cell++)
		put_cell(cell, object, listing->unit);
	put_text("\n");
	return text_lost() ? IPCK_ERR_STOPPED : IPCK_OK;
}

bool ipcs_list(struct ipck *ctx, enum ipck_kind kind, enum ipcs_view view, enum ipcs_unit unit)
{
	struct listing listing = { view_of(kind, view), unit };
	const struct ipck_query query = { .size = sizeof(query),
					  .kinds = kind,
					  .want = IPCK_WANT_NAMES };
	const char *heading = listing.view->heading;
	int rc;

	if (listing.view->title == NULL)
		return true;
	if (unit == IPCS_HUMAN && listing.view->heading_human != NULL)
		heading = listing.view->heading_human;
	put_format("------ %s --------\n%s\n", listing.view->title, heading);
	rc = ipck_objects_each(ctx, &query, put_row, &listing);
	if (rc == IPCK_OK || rc == IPCK_ERR_STOPPED)
		return true;
	ipcs_complain("%s", ipck_message(ctx));
	return false;
}
