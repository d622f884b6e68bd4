/* SPDX-License-Identifier: MIT */
/* Bytes and characters of outside strings.  Knows UTF-8, not locales. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The bytes of the character at text (1 to 4), with its code point; 0 where there is no valid
 * UTF-8 (overlong forms, surrogates and cut sequences included).
 */
size_t text_decode(const char *text, uint32_t *code);

/* A character that moves or hides what stands around it: bidi controls, separators, C1. */
bool text_is_treacherous(uint32_t code);

#endif
