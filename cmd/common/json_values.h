/* SPDX-License-Identifier: MIT */
/* Inside the JSON writer: values that are objects and arrays, to be owned by a row. */
#ifndef COMMON_JSON_VALUES_H
#define COMMON_JSON_VALUES_H

#include "common/writer.h"

#include <json-c/json.h>

/* The text as valid UTF-8, in buf. */
const char *json_utf8(const char *text, char *buf, size_t size);

/* Bytes that may hold NUL, as text and in hexadecimal; NULL: no memory. */
struct json_object *json_bytes(const char *bytes, size_t size);
struct json_object *json_hex(const char *bytes, size_t size);

/* NULL: null, or no memory. */
struct json_object *json_process(const struct ipck_operator *process);
struct json_object *json_semaphores(const struct ipck_object *set);
struct json_object *json_tally(const struct value *value);
struct json_object *json_words(const char *const *words, size_t count);
struct json_object *json_holders(const struct ipck_object *held);
struct json_object *json_watches(const struct ipck_object *watching);
struct json_object *json_wants(const struct ipck_wait *wait);
struct json_object *json_awaited(const struct ipck_wait *wait);
struct json_object *json_marks(const struct ipck_process *process);
struct json_object *json_exit(int status);
struct json_object *json_number_if(bool known, uint64_t number);
/* An outside text; NULL: null. */
struct json_object *json_outside(const char *text);

#endif
