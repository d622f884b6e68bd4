/* SPDX-License-Identifier: MIT */
/* The columns of POSIX shared memory, queues and semaphores. */
#include "common/object_getters.h"

NUMBER_GETTER(get_size, posix_shm.size)
NUMBER_GETTER(get_rss, posix_shm.rss)
POSITIVE_GETTER(get_mtime, posix_shm.mtime)
POSITIVE_GETTER(get_atime, posix_shm.atime)

NUMBER_GETTER(get_messages, posix_mq.messages)
NUMBER_GETTER(get_bytes, posix_mq.bytes)
NUMBER_GETTER(get_max_messages, posix_mq.max_messages)
NUMBER_GETTER(get_max_size, posix_mq.max_message_size)
POSITIVE_GETTER(get_mq_mtime, posix_mq.mtime)
POSITIVE_GETTER(get_notify_pid, posix_mq.notify_pid)

GETTER(get_full)
{
	(void)style;
	value_share(value, OBJECT->posix_mq.messages, OBJECT->posix_mq.max_messages);
	value->why = ipck_object_why(OBJECT, IPCK_POSIX_MQ_MESSAGES);
	if (value->why != IPCK_OK)
		value->state = VALUE_UNKNOWN;
}

NUMBER_GETTER(get_value, posix_sem.value)

GETTER(get_waiters)
{
	(void)style;
	value->number = OBJECT->posix_sem.waiters;
	if (value->number > 0)
		value->alert = ALERT_NOTICE;
}

/* Reading them moves times of the queue, so that a plain list leaves them unknown. */
#define DEAR COLUMN_JSON_DEAR

const struct column posix_columns[] = {
	{ "SIZE", "size", IPCK_POSIX_SHM, VALUE_SIZE, JSON, 0, IPCK_POSIX_SHM_SIZE, get_size,
	  "size of the file" },
	{ "RSS", "rss", IPCK_POSIX_SHM, VALUE_SIZE, JSON, 0, IPCK_POSIX_SHM_SIZE, get_rss,
	  "bytes allocated to it, in memory or in swap" },
	{ "MTIME", "mtime", IPCK_POSIX_SHM, VALUE_TIME, JSON, 0, IPCK_POSIX_SHM_SIZE, get_mtime,
	  "last write(2) or change of size; writing to mapped memory moves no time" },
	{ "ATIME", "atime", IPCK_POSIX_SHM, VALUE_TIME, 0, 0, IPCK_POSIX_SHM_SIZE, get_atime,
	  "last read or mapping" },

	{ "MSGS", "messages", IPCK_POSIX_MQ, VALUE_NUMBER, JSON, 0, IPCK_POSIX_MQ_MESSAGES,
	  get_messages, "messages in the queue" },
	{ "BYTES", "bytes", IPCK_POSIX_MQ, VALUE_SIZE, DEAR, IPCK_WANT_CONTENT,
	  IPCK_POSIX_MQ_CONTENT, get_bytes, "bytes in the queue; looking moves its times" },
	{ "MAX-MSGS", "max_messages", IPCK_POSIX_MQ, VALUE_NUMBER, JSON, 0, IPCK_POSIX_MQ_LIMITS,
	  get_max_messages, "messages it may hold" },
	{ "MAX-SIZE", "max_message_size", IPCK_POSIX_MQ, VALUE_SIZE, JSON, 0, IPCK_POSIX_MQ_LIMITS,
	  get_max_size, "bytes a message may have" },
	{ "NOTIFY-PID", "notify_pid", IPCK_POSIX_MQ, VALUE_NUMBER, DEAR, IPCK_WANT_CONTENT,
	  IPCK_POSIX_MQ_CONTENT, get_notify_pid,
	  "process to be told of the next message; looking moves the queue's times" },
	{ "FULL", "full", IPCK_POSIX_MQ, VALUE_PERCENT, 0, 0, IPCK_POSIX_MQ_LIMITS, get_full,
	  "messages as a share of what it may hold" },
	{ "MTIME", "mtime", IPCK_POSIX_MQ, VALUE_TIME, 0, 0, 0, get_mq_mtime,
	  "last send or receive; or creation" },

	{ "VALUE", "value", IPCK_POSIX_SEM, VALUE_NUMBER, JSON, 0, IPCK_POSIX_SEM_VALUE, get_value,
	  "its value" },
	{ "WAITERS", "waiters", IPCK_POSIX_SEM, VALUE_NUMBER, JSON, 0, IPCK_POSIX_SEM_VALUE,
	  get_waiters, "threads that wait for it to grow" },
	{ 0 },
};
