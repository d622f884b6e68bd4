/* SPDX-License-Identifier: MIT */
/* The values that JSON shows as objects and arrays. */
#include "common/json_values.h"
#include "common/held.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *json_utf8(const char *text, char *buf, size_t size)
{
	ipck_utf8(text, buf, size);
	return buf;
}

struct json_object *json_bytes(const char *bytes, size_t size)
{
	const size_t room = 3 * size + 1; /* each byte may become the three of U+FFFD */
	char *copy = size <= INT_MAX / 3 ? malloc(size + 1) : NULL, *valid = malloc(room);
	struct json_object *text = NULL;
	size_t length = 0;

	if (copy != NULL && valid != NULL) {
		memcpy(copy, bytes, size);
		copy[size] = '\0';
		for (size_t at = 0; at < size; at += strlen(copy + at) + 1) {
			if (at > 0) /* the NUL that ended the run before */
				valid[length++] = '\0';
			length += ipck_utf8(copy + at, valid + length, room - length);
		}
		if (size > 0 && bytes[size - 1] == '\0')
			valid[length++] = '\0';
		text = json_object_new_string_len(valid, (int)length);
	}
	free(copy);
	free(valid);
	return text;
}

struct json_object *json_hex(const char *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	char *text = size <= INT_MAX / 2 ? malloc(2 * size + 1) : NULL;
	struct json_object *hex;

	if (text == NULL)
		return NULL;
	for (size_t i = 0; i < size; i++) {
		text[2 * i] = digits[(unsigned char)bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	hex = json_object_new_string_len(text, (int)(2 * size));
	free(text);
	return hex;
}

struct json_object *json_process(const struct ipck_operator *process)
{
	static const char *const states[] = {
		[IPCK_OPERATOR_NEVER] = "never",     [IPCK_OPERATOR_RUNNING] = "running",
		[IPCK_OPERATOR_LATER] = "later",     [IPCK_OPERATOR_GONE] = "gone",
		[IPCK_OPERATOR_HIDDEN] = "hidden",   [IPCK_OPERATOR_OUTSIDE] = "outside",
		[IPCK_OPERATOR_UNASKED] = "unasked",
	};
	struct json_object *object;
	char text[512];

	if (process->state == IPCK_OPERATOR_NEVER)
		return NULL;
	object = json_object_new_object();
	if (object == NULL)
		return NULL;
	json_object_object_add(object, "pid", json_object_new_int(process->pid));
	json_object_object_add(
		object, "command",
		process->command != NULL
			? json_object_new_string(json_utf8(process->command, text, sizeof(text)))
			: NULL);
	json_object_object_add(object, "state", json_object_new_string(states[process->state]));
	return object;
}

struct json_object *json_number_if(bool known, uint64_t number)
{
	return known ? json_object_new_uint64(number) : NULL;
}

struct json_object *json_semaphores(const struct ipck_object *set)
{
	const bool values = (set->known & IPCK_SEM_VALUES) != 0;
	const bool waiters = (set->known & IPCK_SEM_WAITERS) != 0;
	struct json_object *array;

	if (!values && !waiters)
		return NULL;
	array = json_object_new_array_ext((int)set->sem.nsems);
	for (uint64_t i = 0; array != NULL && i < set->sem.nsems; i++) {
		const struct ipck_semaphore *semaphore = ipck_semaphore_at(set, i);
		struct json_object *object = json_object_new_object();

		if (semaphore == NULL || object == NULL) {
			json_object_put(object);
			json_object_put(array);
			return NULL;
		}
		json_object_object_add(object, "num", json_object_new_uint64(i));
		json_object_object_add(object, "value", json_number_if(values, semaphore->value));
		json_object_object_add(object, "ncount",
				       json_number_if(waiters, semaphore->ncount));
		json_object_object_add(object, "zcount",
				       json_number_if(waiters, semaphore->zcount));
		json_object_object_add(object, "pid",
				       json_number_if(waiters && semaphore->last_operator.pid != 0,
						      (uint64_t)semaphore->last_operator.pid));
		json_object_array_add(array, object);
	}
	return array;
}

struct json_object *json_tally(const struct value *value)
{
	struct json_object *object = json_object_new_object();

	if (object != NULL) {
		json_object_object_add(object, "objects", json_object_new_uint64(value->number));
		json_object_object_add(object, "bytes", json_number_if(value->sized, value->bytes));
	}
	return object;
}

struct json_object *json_words(const char *const *words, size_t count)
{
	struct json_object *array = json_object_new_array_ext((int)count);

	for (size_t i = 0; array != NULL && i < count; i++)
		json_object_array_add(array, json_object_new_string(words[i]));
	return array;
}

struct json_object *json_outside(const char *text)
{
	char valid[3 * IPCK_NAME_MAX]; /* each byte may become the three of U+FFFD */

	return text != NULL && *text != '\0'
		       ? json_object_new_string(json_utf8(text, valid, sizeof(valid)))
		       : NULL;
}

static void add_place(struct json_object *object, const struct ipck_holder *holder)
{
	const bool mapped = holder->how == IPCK_HOLDS_MAP;
	char address[32];

	snprintf(address, sizeof(address), "0x%llx", (unsigned long long)holder->address);
	json_object_object_add(object, "how", json_object_new_string(mapped ? "map" : "fd"));
	json_object_object_add(object, "fd", mapped ? NULL : json_object_new_int(holder->fd));
	json_object_object_add(object, "address", mapped ? json_object_new_string(address) : NULL);
	json_object_object_add(object, "bytes", json_number_if(mapped, holder->bytes));
}

static struct json_object *json_holder(const struct ipck_holder *holder)
{
	struct json_object *object = json_object_new_object();
	const char *words[HELD_WORDS_MAX];
	char access[4];

	if (object == NULL)
		return NULL;
	json_object_object_add(object, "pid", json_object_new_int(holder->process.pid));
	json_object_object_add(object, "tid",
			       json_number_if(holder->tid != 0, (uint64_t)holder->tid));
	json_object_object_add(object, "command", json_outside(holder->command));
	json_object_object_add(object, "uid", json_object_new_uint64(holder->uid));
	add_place(object, holder);
	json_object_object_add(object, "access",
			       json_object_new_string(held_access(holder->access, access)));
	json_object_object_add(object, "flags",
			       json_words(words, held_flags(holder->flags, words)));
	json_object_object_add(object, "container", json_outside(holder->container));
	return object;
}

struct json_object *json_holders(const struct ipck_object *held)
{
	struct json_object *array = json_object_new_array_ext((int)held->holder_count);
	const struct ipck_holder *holder;

	for (size_t i = 0; array != NULL && (holder = ipck_holder_at(held, i)) != NULL; i++)
		json_object_array_add(array, json_holder(holder));
	return array;
}

struct json_object *json_watches(const struct ipck_object *watching)
{
	struct json_object *array = json_object_new_array();
	const struct ipck_watch *watch;

	for (size_t i = 0; array != NULL && (watch = ipck_watch_at(watching, i)) != NULL; i++) {
		struct json_object *object = json_object_new_object();
		const char *words[HELD_WORDS_MAX];

		json_object_object_add(object, "fd", json_object_new_int(watch->fd));
		json_object_object_add(
			object, "events",
			json_words(words, held_events(watching->kind, watch->events, words)));
		json_object_object_add(object, "ref", json_outside(watch->ref));
		json_object_array_add(array, object);
	}
	return array;
}
