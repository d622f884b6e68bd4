/* SPDX-License-Identifier: MIT */
/* What the tables of object columns share: how to write a getter, and the tables themselves. */
#ifndef COMMON_OBJECT_GETTERS_H
#define COMMON_OBJECT_GETTERS_H

#include "common/object_columns.h"

#define OBJECT ((const struct ipck_object *)row)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

static inline void none(struct value *value)
{
	value->state = VALUE_NONE;
}

static inline void add_word(struct value *value, bool holds, const char *word)
{
	if (holds && value->word_count < VALUE_WORDS_MAX)
		value->words[value->word_count++] = word;
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
		if (value->text == NULL)                                                           \
			none(value);                                                               \
	}
/* 0 is none: times that nothing has set, timers that are not armed, nobody to be told. */
#define POSITIVE_GETTER(name, member)                                                              \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		value->number = (uint64_t)OBJECT->member;                                          \
		if (value->number == 0)                                                            \
			none(value);                                                               \
	}

#define ALL 0
#define JSON COLUMN_JSON
#define CUT COLUMN_TRUNC
#define FILES (IPCK_POSIX | IPCK_ENDPOINTS) /* all that has an inode, if only an anonymous one */

extern const struct column sysv_columns[], posix_columns[], endpoint_columns[], holding_columns[];

#endif
