/* SPDX-License-Identifier: MIT */
/* What every unit program needs: cmocka, tests named by a sentence, and failures that say which
 * row of a table they stand for. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TEST(sentence, function)                                                                   \
	{                                                                                          \
		sentence, function, NULL, NULL, NULL                                               \
	}

/* Fail with a text that names the case, as a comment of the TAP stream.  Evaluates its condition
 * once: parsers may change what they read. */
#define CHECK(condition, ...)                                                                      \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			print_message("# " __VA_ARGS__);                                           \
			print_message("\n");                                                       \
			fail();                                                                    \
		}                                                                                  \
	} while (0)

static inline bool in_valgrind(void) /* which knows few calls, and lends no memory */
{
	const char *preload = getenv("LD_PRELOAD");

	return preload != NULL && strstr(preload, "vgpreload") != NULL;
}

#define RUN(tests)                                                                                 \
	(cmocka_set_message_output(CM_OUTPUT_TAP),                                                 \
	 cmocka_run_group_tests_name(__FILE__, tests, NULL, NULL) == 0 ? 0 : 1)

#endif
