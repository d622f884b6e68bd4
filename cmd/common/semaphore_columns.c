/* SPDX-License-Identifier: MIT */
/* The columns of single semaphores. */
#include "common/semaphore_columns.h"

#define ROW ((const struct semaphore_row *)row)
#define SEMAPHORE ipck_semaphore_at(ROW->object, ROW->number)

static void get_ref(const void *row, const struct style *style, struct value *value)
{
	struct ipck_ref ref;

	(void)style;
	ipck_object_ref(ROW->object, false, &ref);
	ipck_ref_format(&ref, value->buffer, sizeof(value->buffer));
	value->text = value->buffer;
	value->number = (uint64_t)ref.id;
}

static void get_number(const void *row, const struct style *style, struct value *value)
{
	(void)style;
	value->number = ROW->number;
}

static void get_value(const void *row, const struct style *style, struct value *value)
{
	(void)style;
	value->number =
		ROW->object->kind == IPCK_SEM ? SEMAPHORE->value : ROW->object->posix_sem.value;
}

static void get_ncount(const void *row, const struct style *style, struct value *value)
{
	(void)style;
	value->number =
		ROW->object->kind == IPCK_SEM ? SEMAPHORE->ncount : ROW->object->posix_sem.waiters;
	value->alert = value->number > 0 ? ALERT_NOTICE : ALERT_NONE;
}

static void get_zcount(const void *row, const struct style *style, struct value *value)
{
	(void)style;
	value->number = SEMAPHORE->zcount;
	value->alert = value->number > 0 ? ALERT_NOTICE : ALERT_NONE;
}

static void get_last(const void *row, const struct style *style, struct value *value)
{
	(void)style;
	value->process = &SEMAPHORE->last_operator;
}

static const struct column columns[] = {
	{ "REF", "ref", 0, VALUE_REF, COLUMN_JSON, 0, 0, get_ref, "reference of the object" },
	{ "NUM", "num", IPCK_SEM, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_number,
	  "number in the set" },
	{ "VALUE", "value", 0, VALUE_NUMBER, COLUMN_JSON, 0, IPCK_SEM_VALUES, get_value, "value" },
	{ "NCOUNT", "ncount", 0, VALUE_NUMBER, COLUMN_JSON, 0, IPCK_SEM_WAITERS, get_ncount,
	  "threads that wait for it to grow" },
	{ "ZCOUNT", "zcount", IPCK_SEM, VALUE_NUMBER, COLUMN_JSON, 0, IPCK_SEM_WAITERS, get_zcount,
	  "threads that wait for it to be zero" },
	{ "LAST-OPERATOR", "last_operator", IPCK_SEM, VALUE_PROCESS, COLUMN_JSON, 0,
	  IPCK_SEM_WAITERS, get_last, "process that operated on it last" },
	{ 0 },
};

/* A POSIX semaphore is read as a whole, or not at all. */
static int why(const void *row, uint32_t field)
{
	return ipck_object_why(ROW->object,
			       ROW->object->kind == IPCK_SEM ? field : IPCK_POSIX_SEM_VALUE);
}

static unsigned kind(const void *row)
{
	return ROW->object->kind;
}

const struct column_set semaphore_columns = { .tables = ONE_TABLE(columns),
					      .why = why,
					      .kind = kind };
