/* SPDX-License-Identifier: MIT */
/* The digits of a number within a longer text. */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Digits of base 8, 10 or 16 at *text to *value, moving *text past them.  IPCK_ERR_SYNTAX where
 * there are none, IPCK_ERR_RANGE for more than 64 bits.
 */
int parse_digits(const char **text, unsigned base, uint64_t *value);

/* The same, of at most that value; false for anything else. */
bool parse_upto(const char **text, unsigned base, uint64_t most, uint64_t *value);

/* Exactly this text, moving past it. */
bool parse_literal(const char **text, const char *literal);

#endif
