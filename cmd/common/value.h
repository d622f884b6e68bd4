/* SPDX-License-Identifier: MIT */
/* One cell: a typed value, or none, or unknown with its reason.  Knows no output format. */
#ifndef COMMON_VALUE_H
#define COMMON_VALUE_H

#include "ipckit.h"

enum value_type {
	VALUE_TEXT,  /* an outside string */
	VALUE_BYTES, /* outside bytes, most of them text; number says how many there are in all */
	VALUE_HEX,   /* the same in hexadecimal */
	VALUE_REF,   /* a reference; sorts by number */
	VALUE_NUMBER,
	VALUE_SIZE,    /* bytes */
	VALUE_AMOUNT,  /* a number whose unit differs by row: text says it in words */
	VALUE_TIME,    /* seconds since the epoch; 0 = never */
	VALUE_AGE,     /* seconds */
	VALUE_PERCENT, /* in tenths of a percent */
	VALUE_MODE,
	VALUE_KEY,
	VALUE_PROCESS, /* a recorded pid and who bears it today */
	VALUE_WORDS,   /* a short list */
	VALUE_BOOLEAN,
	VALUE_SEMAPHORES,
	VALUE_TALLY,     /* so many objects; in JSON with their bytes */
	VALUE_HOLDERS,   /* who holds the object; in JSON each with all that is known of it */
	VALUE_PROCESSES, /* the same in text, those with an access; in JSON a number */
	VALUE_WATCHES,   /* what an epoll set or an inotify descriptor watches */
	VALUE_NANOSECONDS,
	VALUE_OFFSET,  /* in text hexadecimal */
	VALUE_DECIMAL, /* in thousandths; text has two decimals */
	VALUE_WANTS,   /* what a thread waits for; in JSON its numbers, where it has some */
	VALUE_AWAITED, /* on whom; in JSON each with all that is known of it */
	VALUE_MARKS,   /* what is notable of a process; in JSON each with its reason */
	VALUE_EXIT,    /* how a process has ended: number is what wait(2) gives */
	VALUE_LINES    /* text of several lines, harmless already; sorts by number */
};

enum value_state { VALUE_SET, VALUE_NONE, VALUE_UNKNOWN };

enum alert {
	ALERT_NONE,
	ALERT_NOTICE,
	ALERT_BAD,
	ALERT_OWN /* nothing is wrong with it: to be found again */
};

#define VALUE_WORDS_MAX 64 /* as many as there are signals */

struct value {
	enum value_state state;
	enum alert alert;
	int why;              /* VALUE_UNKNOWN: enum ipck_error */
	const char *why_text; /* the same in more words; or NULL */
	uint64_t number;      /* all types that are numbers, and what REF sorts by */
	bool negative;        /* AMOUNT: so much below zero */
	bool at_least;        /* AGE: it may be more */
	/* TEXT, REF, WANTS, BYTES, HEX, LINES; with VALUE_NONE: what to show instead of "-" */
	const char *text;
	const struct ipck_operator *process;
	const char *words[VALUE_WORDS_MAX];
	size_t word_count;
	const struct ipck_object *object;  /* SEMAPHORES, HOLDERS, PROCESSES, WATCHES */
	const struct ipck_wait *wait;      /* WANTS, AWAITED */
	const struct ipck_process *marked; /* MARKS */
	unsigned access;                   /* PROCESSES: IPCK_ACCESS_*, any of them; 0: all */
	uint64_t bytes;                    /* TALLY: of all the objects; BYTES, HEX: of text */
	bool sized;                        /* TALLY: such objects have bytes */
	char buffer[IPCK_REF_MAX];         /* room for a text made on the spot; not initialised */
};

enum time_format { TIME_SHORT, TIME_FULL, TIME_ISO, TIME_EPOCH };

struct style {
	int64_t now;
	bool bytes;   /* sizes in bytes */
	bool machine; /* seconds for ages, plain numbers for percentages, epoch times */
	enum time_format time_format;
};

#define VALUE_TEXT_MAX IPCK_REF_MAX

/* The text of a value, harmless for a terminal, at most VALUE_TEXT_MAX bytes.  Its length. */
size_t value_text(const struct value *value, enum value_type type, const struct style *style,
		  char *buf);

/* The same of any length, to be freed; NULL: no memory. */
char *value_text_whole(const struct value *value, enum value_type type, const struct style *style);

/* Make \xHH of what the locale cannot show.  text has VALUE_TEXT_MAX bytes.  The length. */
size_t value_fit_locale(char *text);

/* Order two values of one type; unknown and none come last whatever the direction. */
int value_compare(const struct value *a, const struct value *b, enum value_type type,
		  bool descending);

/* A percentage, with an alert from 80% on.  A limit of 0 is always reached. */
void value_share(struct value *value, uint64_t used, uint64_t limit);

bool value_is_numeric(enum value_type type); /* aligned to the right */
bool value_is_list(enum value_type type);    /* its text may be of any length */
const char *value_type_name(enum value_type type);

#endif
