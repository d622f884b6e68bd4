/* SPDX-License-Identifier: MIT */
/* The bytes around a futex: any call, on any word, with any of its neighbours to be seen. */
#include "fuzz.h"

#include "insight/pthread_layout.h"

static void check(const struct futex_call *call, const struct pthread_object *object)
{
	MUST(object->kind <= PTHREAD_THREAD);
	MUST(object->offset <= 0 && object->offset >= -PTHREAD_BEFORE);
	MUST(object->owner >= 0);
	MUST(object->kind != PTHREAD_NONE || object->owner == 0 || call->priority_inherit);
	MUST(object->kind != PTHREAD_MUTEX || object->owner != 0);
	MUST(object->kind != PTHREAD_BARRIER || object->here < object->count);
	/* what is read again is within the window */
	MUST(object->owner == 0 || (object->owner_offset >= -PTHREAD_BEFORE &&
				    object->owner_offset + 4 <= PTHREAD_AFTER));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct futex_window window = { 0 };
	struct pthread_object object;
	struct futex_call call;
	uint64_t args[6] = { 0 };

	if (size < sizeof(args) + 6)
		return 0;
	memcpy(args, data, sizeof(args));
	data += sizeof(args);
	if (!futex_parse(args, &call))
		return 0;
	memcpy(&call.threads, data, 4);
	window.before = data[4] % (PTHREAD_BEFORE + 1);
	window.after = data[5] % (PTHREAD_AFTER + 1);
	data += 6;
	size -= sizeof(args) + 6;
	memcpy(window.bytes, data, size < sizeof(window.bytes) ? size : sizeof(window.bytes));
	pthread_recognize(&call, &window, &object);
	check(&call, &object);
	return 0;
}
