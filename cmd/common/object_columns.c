/* SPDX-License-Identifier: MIT */
/*
 * The columns of IPC objects, as data.  A new column is a row here and, if need be, a getter; text,
 * JSON, --list-columns, sorting and the detail page follow.
 */
#include "common/object_columns.h"

#define OBJECT ((const struct ipck_object *)row)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

static void none(struct value *value)
{
	value->state = VALUE_NONE;
}

GETTER(get_ref)
{
	struct ipck_ref ref;

	(void)style;
	ipck_object_ref(OBJECT, false, &ref);
	ipck_ref_format(&ref, value->buffer, sizeof(value->buffer));
	value->text = value->buffer;
	value->number = (uint64_t)OBJECT->id;
}

GETTER(get_exact)
{
	struct ipck_ref ref;

	(void)style;
	ipck_object_ref(OBJECT, true, &ref);
	ipck_ref_format(&ref, value->buffer, sizeof(value->buffer));
	value->text = value->buffer;
	value->number = (uint64_t)OBJECT->id;
}

GETTER(get_kind)
{
	(void)style;
	value->text = ipck_kind_name(OBJECT->kind);
}

/* How long nobody has done anything with it that moves one of its times. */
GETTER(get_idle)
{
	value->number =
		style->now > OBJECT->last_used ? (uint64_t)(style->now - OBJECT->last_used) : 0;
}

/* Plain members of the object. */
#define NUMBER_GETTER(name, member)                                                                \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		value->number = (uint64_t)OBJECT->member;                                          \
	}
#define TEXT_GETTER(name, member)                                                                  \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		value->text = OBJECT->member;                                                      \
	}
/* Times are none while nothing has set them. */
#define TIME_GETTER(name, member)                                                                  \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		value->number = (uint64_t)OBJECT->member;                                          \
		if (value->number == 0)                                                            \
			none(value);                                                               \
	}
/* A recorded pid: as a number, or with who bears it today. */
#define PID_GETTER(name, member)                                                                   \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		value->number = (uint64_t)OBJECT->member.pid;                                      \
		if (OBJECT->member.pid == 0)                                                       \
			none(value);                                                               \
	}
#define PROCESS_GETTER(name, member)                                                               \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		value->process = &OBJECT->member;                                                  \
		if (OBJECT->member.pid == 0)                                                       \
			none(value);                                                               \
	}

/* What the kernel tells of some segments only is none, not unknown: nothing was refused. */
#define FLAG_GETTER(name, member, field)                                                           \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		value->number = OBJECT->member;                                                    \
		if (ipck_object_why(OBJECT, field) != 0)                                           \
			none(value);                                                               \
	}

NUMBER_GETTER(get_namespace, ns)
NUMBER_GETTER(get_id, id)
NUMBER_GETTER(get_key, key)
NUMBER_GETTER(get_uid, uid)
NUMBER_GETTER(get_gid, gid)
NUMBER_GETTER(get_cuid, cuid)
NUMBER_GETTER(get_cgid, cgid)
NUMBER_GETTER(get_mode, mode)
TEXT_GETTER(get_owner, owner)
TEXT_GETTER(get_group, group)
TEXT_GETTER(get_cuser, creator)
TEXT_GETTER(get_cgroup, creator_group)
TIME_GETTER(get_ctime, ctime)

NUMBER_GETTER(get_size, shm.size)
NUMBER_GETTER(get_rss, shm.rss)
NUMBER_GETTER(get_swap, shm.swap)
NUMBER_GETTER(get_nattch, shm.nattch)
FLAG_GETTER(get_hugetlb, shm.hugetlb, IPCK_SHM_HUGETLB)
FLAG_GETTER(get_noreserve, shm.noreserve, IPCK_SHM_NORESERVE)
TIME_GETTER(get_atime, shm.atime)
TIME_GETTER(get_dtime, shm.dtime)
PID_GETTER(get_cpid, shm.creator)
PID_GETTER(get_lpid, shm.last_operator)
PROCESS_GETTER(get_shm_creator, shm.creator)
PROCESS_GETTER(get_shm_last, shm.last_operator)

GETTER(get_shm_status)
{
	(void)style;
	if (OBJECT->shm.dest)
		value->words[value->word_count++] = "dest";
	if (OBJECT->shm.locked)
		value->words[value->word_count++] = "locked";
	if (OBJECT->shm.hugetlb)
		value->words[value->word_count++] = "hugetlb";
	if (OBJECT->shm.noreserve)
		value->words[value->word_count++] = "noreserve";
}

NUMBER_GETTER(get_messages, msg.messages)
NUMBER_GETTER(get_bytes, msg.bytes)
NUMBER_GETTER(get_max_bytes, msg.max_bytes)
TIME_GETTER(get_stime, msg.stime)
TIME_GETTER(get_rtime, msg.rtime)
PID_GETTER(get_lspid, msg.sender)
PID_GETTER(get_lrpid, msg.receiver)
PROCESS_GETTER(get_sender, msg.sender)
PROCESS_GETTER(get_receiver, msg.receiver)

GETTER(get_full)
{
	(void)style;
	/* The kernel holds the number of messages to the same limit, for those of no bytes. */
	value_share(value,
		    OBJECT->msg.bytes > OBJECT->msg.messages ? OBJECT->msg.bytes
							     : OBJECT->msg.messages,
		    OBJECT->msg.max_bytes);
}

NUMBER_GETTER(get_nsems, sem.nsems)
TIME_GETTER(get_otime, sem.otime)
PID_GETTER(get_sem_lpid, sem.last_operator)
PROCESS_GETTER(get_sem_last, sem.last_operator)

GETTER(get_waiting)
{
	(void)style;
	value->number = OBJECT->sem.waiters;
	if (value->number > 0)
		value->alert = ALERT_NOTICE;
}

/* No semop() yet: either fresh, or nobody ever finished setting it up. */
GETTER(get_sem_status)
{
	(void)style;
	if (OBJECT->sem.otime == 0 && OBJECT->sem.waiters == 0 &&
	    ipck_object_why(OBJECT, IPCK_SEM_WAITERS) != IPCK_ERR_DENIED)
		value->words[value->word_count++] = "unused";
}

GETTER(get_semaphores)
{
	(void)style;
	value->set = OBJECT;
}

#define ALL 0
#define JSON COLUMN_JSON
#define CUT COLUMN_TRUNC

static const struct column columns[] = {
	{ "REF", "ref", ALL, VALUE_REF, JSON, 0, 0, get_ref,
	  "reference, as every command takes it" },
	{ "EXACT", "exact", ALL, VALUE_REF, JSON, 0, 0, get_exact,
	  "reference that is refused once the object is not the same any more" },
	{ "KIND", "kind", ALL, VALUE_TEXT, JSON, 0, 0, get_kind, "shm, msg or sem" },
	{ "NAMESPACE", "namespace", ALL, VALUE_NUMBER, JSON, 0, IPCK_FIELD_NAMESPACE, get_namespace,
	  "inode of the IPC namespace" },
	{ "ID", "id", ALL, VALUE_NUMBER, JSON, 0, 0, get_id, "identifier: shmid, msqid or semid" },
	{ "KEY", "key", ALL, VALUE_KEY, JSON, 0, 0, get_key, "key; 0x00000000 is IPC_PRIVATE" },
	{ "OWNER", "owner", ALL, VALUE_TEXT, JSON | CUT, IPCK_WANT_NAMES, IPCK_FIELD_NAMES,
	  get_owner, "user who owns it" },
	{ "UID", "uid", ALL, VALUE_NUMBER, JSON, 0, 0, get_uid, "user id of the owner" },
	{ "GROUP", "group", ALL, VALUE_TEXT, JSON | CUT, IPCK_WANT_NAMES, IPCK_FIELD_NAMES,
	  get_group, "group that owns it" },
	{ "GID", "gid", ALL, VALUE_NUMBER, JSON, 0, 0, get_gid, "group id of the owner" },
	{ "MODE", "mode", ALL, VALUE_MODE, JSON, 0, 0, get_mode, "permission bits, octal" },
	{ "CUSER", "creator", ALL, VALUE_TEXT, JSON | CUT, IPCK_WANT_NAMES, IPCK_FIELD_NAMES,
	  get_cuser, "user who created it" },
	{ "CUID", "cuid", ALL, VALUE_NUMBER, JSON, 0, 0, get_cuid, "user id of its creator" },
	{ "CGROUP", "creator_group", ALL, VALUE_TEXT, JSON | CUT, IPCK_WANT_NAMES, IPCK_FIELD_NAMES,
	  get_cgroup, "group of its creator" },
	{ "CGID", "cgid", ALL, VALUE_NUMBER, JSON, 0, 0, get_cgid, "group id of its creator" },
	{ "CTIME", "ctime", ALL, VALUE_TIME, JSON, 0, 0, get_ctime,
	  "last change; the kernel keeps no time of creation" },

	{ "SIZE", "size", IPCK_SHM, VALUE_SIZE, JSON, 0, 0, get_size, "size of the segment" },
	{ "RSS", "rss", IPCK_SHM, VALUE_SIZE, JSON, IPCK_WANT_RSS, IPCK_SHM_RSS, get_rss,
	  "bytes of it in memory" },
	{ "SWAP", "swap", IPCK_SHM, VALUE_SIZE, JSON, IPCK_WANT_RSS, IPCK_SHM_SWAP, get_swap,
	  "bytes of it in swap" },
	{ "ATT", "nattch", IPCK_SHM, VALUE_NUMBER, JSON, 0, 0, get_nattch,
	  "attachments: mapped areas, of which a process may have several" },
	{ "CPID", "cpid", IPCK_SHM, VALUE_NUMBER, JSON, 0, IPCK_SHM_CPID, get_cpid,
	  "pid of the process that created it" },
	{ "LPID", "lpid", IPCK_SHM, VALUE_NUMBER, JSON, 0, IPCK_SHM_LPID, get_lpid,
	  "pid of the last to attach or detach" },
	{ "ATIME", "atime", IPCK_SHM, VALUE_TIME, JSON, 0, 0, get_atime, "last attachment" },
	{ "DTIME", "dtime", IPCK_SHM, VALUE_TIME, JSON, 0, 0, get_dtime, "last detachment" },
	{ "CREATOR", "creator_process", IPCK_SHM, VALUE_PROCESS, CUT, IPCK_WANT_PROCESSES,
	  IPCK_SHM_CPID, get_shm_creator,
	  "process that created it: command[pid], (pid) when gone, ? when pid was reused" },
	{ "LAST-OPERATOR", "last_operator", IPCK_SHM, VALUE_PROCESS, CUT, IPCK_WANT_PROCESSES,
	  IPCK_SHM_LPID, get_shm_last, "process that attached or detached last" },

	{ "MSGS", "messages", IPCK_MSG, VALUE_NUMBER, JSON, 0, 0, get_messages,
	  "messages in the queue" },
	{ "BYTES", "bytes", IPCK_MSG, VALUE_SIZE, JSON, 0, 0, get_bytes, "bytes in the queue" },
	{ "MAX-BYTES", "max_bytes", IPCK_MSG, VALUE_SIZE, JSON, 0, IPCK_MSG_MAX_BYTES,
	  get_max_bytes, "bytes it may hold" },
	{ "FULL", "full", IPCK_MSG, VALUE_PERCENT, 0, 0, IPCK_MSG_MAX_BYTES, get_full,
	  "bytes, or messages of no bytes, as a share of what it may hold" },
	{ "LSPID", "lspid", IPCK_MSG, VALUE_NUMBER, JSON, 0, IPCK_MSG_LSPID, get_lspid,
	  "pid of the last sender" },
	{ "LRPID", "lrpid", IPCK_MSG, VALUE_NUMBER, JSON, 0, IPCK_MSG_LRPID, get_lrpid,
	  "pid of the last receiver" },
	{ "STIME", "stime", IPCK_MSG, VALUE_TIME, JSON, 0, 0, get_stime, "last send" },
	{ "RTIME", "rtime", IPCK_MSG, VALUE_TIME, JSON, 0, 0, get_rtime, "last receive" },
	{ "SENDER", "sender", IPCK_MSG, VALUE_PROCESS, CUT, IPCK_WANT_PROCESSES, IPCK_MSG_LSPID,
	  get_sender, "last to send: command[pid], (pid) when gone, ? when pid was reused" },
	{ "RECEIVER", "receiver", IPCK_MSG, VALUE_PROCESS, CUT, IPCK_WANT_PROCESSES, IPCK_MSG_LRPID,
	  get_receiver, "last to receive" },

	{ "NSEMS", "nsems", IPCK_SEM, VALUE_NUMBER, JSON, 0, 0, get_nsems,
	  "semaphores in the set" },
	{ "OTIME", "otime", IPCK_SEM, VALUE_TIME, JSON, 0, 0, get_otime, "last semop" },
	{ "WAITING", "waiting", IPCK_SEM, VALUE_NUMBER, 0, IPCK_WANT_WAITERS, IPCK_SEM_WAITERS,
	  get_waiting, "threads that wait on one of its semaphores" },
	{ "LPID", "lpid", IPCK_SEM, VALUE_NUMBER, 0, IPCK_WANT_WAITERS, IPCK_SEM_LPID, get_sem_lpid,
	  "pid of the last operator of its first used semaphore" },
	{ "LAST-OPERATOR", "last_operator", IPCK_SEM, VALUE_PROCESS, CUT,
	  IPCK_WANT_WAITERS | IPCK_WANT_PROCESSES, IPCK_SEM_LPID, get_sem_last,
	  "last operator of its first used semaphore; +N: N more on others" },
	{ "VALUES", "semaphores", IPCK_SEM, VALUE_SEMAPHORES, CUT, IPCK_WANT_ELEMENTS,
	  IPCK_SEM_VALUES, get_semaphores, "values of its semaphores" },

	{ "STATUS", "status", IPCK_SHM, VALUE_WORDS, JSON, 0, 0, get_shm_status,
	  "dest: goes with its last attachment; locked: not swapped" },
	{ "STATUS", "status", IPCK_SEM, VALUE_WORDS, 0, 0, 0, get_sem_status,
	  "unused: no semop yet" },
	{ "HUGETLB", "hugetlb", IPCK_SHM, VALUE_BOOLEAN, JSON | COLUMN_JSON_ONLY, 0, 0, get_hugetlb,
	  "huge pages; null where the kernel does not tell" },
	{ "NORESERVE", "noreserve", IPCK_SHM, VALUE_BOOLEAN, JSON | COLUMN_JSON_ONLY, 0, 0,
	  get_noreserve, "no swap reserved; null where the kernel does not tell" },
	{ "IDLE", "idle", ALL, VALUE_AGE, 0, 0, 0, get_idle, "time since the latest of its times" },
	{ 0 },
};

static int why(const void *row, uint32_t field)
{
	return ipck_object_why(OBJECT, field);
}

const struct column_set object_columns = { columns, why };

const struct object_kind object_kinds[] = {
	{ IPCK_SHM, "shm", "shared memory segments",
	  "REF,KEY,OWNER,MODE,SIZE,RSS,ATT,CREATOR,IDLE,STATUS", "REF,OWNER,ATIME,DTIME,CTIME,IDLE",
	  "REF,OWNER,CPID,LPID,CREATOR,LAST-OPERATOR", "REF,MODE,CUSER,CGROUP,OWNER,GROUP,CREATOR",
	  "EXACT,KEY,MODE,OWNER,GROUP,CUSER,CGROUP,SIZE,RSS,SWAP,ATT,STATUS,CREATOR,LAST-OPERATOR,"
	  "ATIME,DTIME,CTIME,IDLE,NAMESPACE",
	  "REF,KEY,OWNER,SIZE,ATT,CREATOR,IDLE,STATUS" },
	{ IPCK_MSG, "msg", "message queues",
	  "REF,KEY,OWNER,MODE,MSGS,BYTES,FULL,SENDER,RECEIVER,IDLE",
	  "REF,OWNER,STIME,RTIME,CTIME,IDLE", "REF,OWNER,LSPID,LRPID,SENDER,RECEIVER",
	  "REF,MODE,CUSER,CGROUP,OWNER,GROUP",
	  "EXACT,KEY,MODE,OWNER,GROUP,CUSER,CGROUP,MSGS,BYTES,MAX-BYTES,FULL,SENDER,RECEIVER,STIME,"
	  "RTIME,CTIME,IDLE,NAMESPACE",
	  "REF,KEY,OWNER,MSGS,BYTES,SENDER,RECEIVER,IDLE" },
	{ IPCK_SEM, "sem", "semaphore sets",
	  "REF,KEY,OWNER,MODE,NSEMS,WAITING,LAST-OPERATOR,IDLE,STATUS",
	  "REF,OWNER,OTIME,CTIME,IDLE", "REF,OWNER,LPID,LAST-OPERATOR",
	  "REF,MODE,CUSER,CGROUP,OWNER,GROUP",
	  "EXACT,KEY,MODE,OWNER,GROUP,CUSER,CGROUP,NSEMS,WAITING,STATUS,LAST-OPERATOR,OTIME,CTIME,"
	  "IDLE,NAMESPACE",
	  "REF,KEY,OWNER,NSEMS,WAITING,LAST-OPERATOR,IDLE" },
	{ 0 },
};
