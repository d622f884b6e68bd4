/* SPDX-License-Identifier: MIT */
/* The columns of System V objects: segments, queues and semaphore sets. */
#include "common/object_getters.h"

#include <string.h>

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

NUMBER_GETTER(get_id, id)
NUMBER_GETTER(get_key, key)
NUMBER_GETTER(get_cuid, cuid)
NUMBER_GETTER(get_cgid, cgid)
TEXT_GETTER(get_cuser, creator)
TEXT_GETTER(get_cgroup, creator_group)
POSITIVE_GETTER(get_ctime, ctime)

NUMBER_GETTER(get_size, shm.size)
NUMBER_GETTER(get_rss, shm.rss)
NUMBER_GETTER(get_swap, shm.swap)
NUMBER_GETTER(get_nattch, shm.nattch)
FLAG_GETTER(get_hugetlb, shm.hugetlb, IPCK_SHM_HUGETLB)
FLAG_GETTER(get_noreserve, shm.noreserve, IPCK_SHM_NORESERVE)
POSITIVE_GETTER(get_atime, shm.atime)
POSITIVE_GETTER(get_dtime, shm.dtime)
PID_GETTER(get_cpid, shm.creator)
PID_GETTER(get_lpid, shm.last_operator)
PROCESS_GETTER(get_shm_creator, shm.creator)
PROCESS_GETTER(get_shm_last, shm.last_operator)

GETTER(get_shm_status)
{
	(void)style;
	add_word(value, OBJECT->shm.dest, "dest");
	add_word(value, OBJECT->shm.locked, "locked");
	add_word(value, OBJECT->shm.hugetlb, "hugetlb");
	add_word(value, OBJECT->shm.noreserve, "noreserve");
}

NUMBER_GETTER(get_messages, msg.messages)
NUMBER_GETTER(get_bytes, msg.bytes)
NUMBER_GETTER(get_max_bytes, msg.max_bytes)
POSITIVE_GETTER(get_stime, msg.stime)
POSITIVE_GETTER(get_rtime, msg.rtime)
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

GETTER(get_queue_waiting)
{
	(void)style;
	value->number = OBJECT->msg.senders_waiting + OBJECT->msg.receivers_waiting;
	if (value->number > 0)
		value->alert = ALERT_NOTICE;
}

NUMBER_GETTER(get_nsems, sem.nsems)
POSITIVE_GETTER(get_otime, sem.otime)
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
	value->object = OBJECT;
}

/* Who was seen to wait is told, whoever else there may be. */
static char waiting_letter(const struct ipck_object *queue, uint64_t waiting, char letter)
{
	if (waiting > 0)
		return letter;
	return ipck_object_why(queue, IPCK_MSG_WAITERS) == 0 ? '-' : '?';
}

/* As the ipcs utility of POSIX has it: eleven letters. */
GETTER(get_pmode)
{
	char *letters = value->buffer;

	(void)style;
	memcpy(letters, "-----------", 12);
	if (OBJECT->kind == IPCK_MSG) {
		letters[0] = waiting_letter(OBJECT, OBJECT->msg.senders_waiting, 'S');
		letters[1] = waiting_letter(OBJECT, OBJECT->msg.receivers_waiting, 'R');
	} else if (OBJECT->kind == IPCK_SHM && OBJECT->shm.dest) {
		letters[0] = 'D';
	}
	for (unsigned i = 0; i < 3; i++) {
		if ((OBJECT->mode >> (6 - 3 * i) & 4) != 0)
			letters[2 + 3 * i] = 'r';
		if ((OBJECT->mode >> (6 - 3 * i) & 2) != 0)
			letters[3 + 3 * i] = OBJECT->kind == IPCK_SEM ? 'a' : 'w';
	}
	value->text = letters;
}

#define PMODE(kind, want, help)                                                                    \
	{                                                                                          \
		"PMODE", "pmode", kind, VALUE_TEXT, 0, want, 0, get_pmode, help                    \
	}

const struct column sysv_columns[] = {
	{ "ID", "id", IPCK_SYSV, VALUE_NUMBER, JSON, 0, 0, get_id,
	  "identifier: shmid, msqid or semid" },
	{ "KEY", "key", IPCK_SYSV, VALUE_KEY, JSON, 0, 0, get_key,
	  "key; 0x00000000 is IPC_PRIVATE" },
	{ "CUSER", "creator", IPCK_SYSV, VALUE_TEXT, JSON | CUT, IPCK_WANT_NAMES, IPCK_FIELD_NAMES,
	  get_cuser, "user who created it" },
	{ "CUID", "cuid", IPCK_SYSV, VALUE_NUMBER, JSON, 0, 0, get_cuid, "user id of its creator" },
	{ "CGROUP", "creator_group", IPCK_SYSV, VALUE_TEXT, JSON | CUT, IPCK_WANT_NAMES,
	  IPCK_FIELD_NAMES, get_cgroup, "group of its creator" },
	{ "CGID", "cgid", IPCK_SYSV, VALUE_NUMBER, JSON, 0, 0, get_cgid,
	  "group id of its creator" },
	{ "CTIME", "ctime", IPCK_SYSV, VALUE_TIME, JSON, 0, 0, get_ctime,
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

	{ "WAITING", "waiting", IPCK_MSG, VALUE_NUMBER, 0, IPCK_WANT_QUEUE_WAITERS,
	  IPCK_MSG_WAITERS, get_queue_waiting, "threads that wait to send to it or to receive" },

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
	PMODE(IPCK_SHM, 0, "mode in the letters of ipcs(1): D: goes with its last attachment"),
	PMODE(IPCK_MSG, IPCK_WANT_QUEUE_WAITERS,
	      "mode in the letters of ipcs(1): S a sender waits, R a receiver; ? not all were "
	      "seen"),
	PMODE(IPCK_SEM, 0, "mode in the letters of ipcs(1): a: may alter"),
	{ "HUGETLB", "hugetlb", IPCK_SHM, VALUE_BOOLEAN, JSON | COLUMN_JSON_ONLY, 0, 0, get_hugetlb,
	  "huge pages; null where the kernel does not tell" },
	{ "NORESERVE", "noreserve", IPCK_SHM, VALUE_BOOLEAN, JSON | COLUMN_JSON_ONLY, 0, 0,
	  get_noreserve, "no swap reserved; null where the kernel does not tell" },
	{ 0 },
};
