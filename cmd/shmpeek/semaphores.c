/* SPDX-License-Identifier: MIT */
/* The semaphores of a set, and a POSIX one: values, and who waits. */
#include "common/program.h"
#include "common/semaphore_columns.h"
#include "shmpeek.h"

bool semaphores_known(const struct peeking *peeking, const struct ipck_object *object)
{
	const bool set = object->kind == IPCK_SEM;
	int why = ipck_object_why(object, set ? IPCK_SEM_VALUES : IPCK_POSIX_SEM_VALUE);

	if (why == IPCK_OK && set)
		why = ipck_object_why(object, IPCK_SEM_WAITERS);
	if (why == IPCK_OK)
		return true;
	complain("%s: cannot be read: %s%s", peeking->ref,
		 !set && why == IPCK_ERR_UNSUPPORTED
			 ? "its bytes are no semaphore of this C library"
			 : ipck_strerror(why),
		 why == IPCK_ERR_DENIED ? ": it takes read permission" : "");
	return false;
}

int show_semaphores(struct peeking *peeking)
{
	const struct ipck_object *object = peeking->object;
	const uint64_t count = object->kind == IPCK_SEM ? object->sem.nsems : 1;

	for (size_t i = 0; i < count && !peeking->writer->failed; i++) {
		const struct semaphore_row row = { object, i };

		writer_row(peeking->writer, &row);
	}
	return semaphores_known(peeking, object) ? EXIT_DONE : EXIT_PARTIAL;
}
