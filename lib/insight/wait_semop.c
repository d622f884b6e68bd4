/* SPDX-License-Identifier: MIT */
/*
 * Threads in semop() and semtimedop(): which of the operations cannot be done, by the values of the
 * semaphores, and who did the last one on that semaphore.
 */
#include "insight/operators.h"
#include "insight/wait_sysv.h"

#include "source/namespace.h"
#include "source/remote.h"
#include "source/sysv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>

enum {
	MOST_OPERATIONS = 500, /* SEMOPM */
	HIGHEST_VALUE = 32767, /* SEMVMX */
	ATTEMPTS = 8           /* at what changes while it is looked at */
};

/* The operations of a call, and what they meet. */
struct picture {
	int32_t id;
	struct sembuf operations[MOST_OPERATIONS];
	size_t count;
	int after[MOST_OPERATIONS]; /* the value that each leaves */
	size_t blocking;            /* the one that cannot be done; count: there is none */
	int earlier;                /* what those before it add to the value of its semaphore */
	int value;                  /* of that one, without them */
	const struct seen_semaphore *semaphore;
	pid_t last;
};

/* What is read of a semaphore once for all that wait for it. */
struct seen_semaphore {
	uint64_t ns;
	int32_t id;
	uint32_t num;
	int ncount, zcount;
	int set_error; /* a reason; 0: set is read */
	struct ipck_object set;
};

/* ---- Which operation ---- */

static bool cannot(const struct sembuf *operation, int value)
{
	return operation->sem_op < 0 ? value + operation->sem_op < 0
				     : operation->sem_op == 0 && value != 0;
}

/* The value that operation i meets: what an earlier one on the same semaphore leaves.  -errno. */
static int value_before(const struct picture *picture, size_t i)
{
	for (size_t j = i; j-- > 0;)
		if (picture->operations[j].sem_num == picture->operations[i].sem_num)
			return picture->after[j];
	return sysv_semaphore(picture->id, picture->operations[i].sem_num, SEMAPHORE_VALUE);
}

static void take_blocking(struct picture *picture, size_t i, int value)
{
	picture->blocking = i;
	picture->earlier = 0;
	for (size_t j = 0; j < i; j++)
		if (picture->operations[j].sem_num == picture->operations[i].sem_num)
			picture->earlier += picture->operations[j].sem_op;
	picture->value = value - picture->earlier;
}

/*
 * As the kernel goes through them.  One that would make the call fail is none that blocks.
 * 0 or -errno.
 */
static int find_blocking(struct picture *picture)
{
	picture->blocking = picture->count;
	for (size_t i = 0; i < picture->count; i++) {
		const struct sembuf *operation = &picture->operations[i];
		const int value = value_before(picture, i);

		if (value < 0)
			return value;
		if (!cannot(operation, value)) {
			picture->after[i] = value + operation->sem_op;
			if (picture->after[i] > HIGHEST_VALUE)
				return 0;
			continue;
		}
		if ((operation->sem_flg & IPC_NOWAIT) == 0)
			take_blocking(picture, i, value);
		break;
	}
	return 0;
}

/* ---- The semaphore ---- */

/* Where it is kept; NULL: no memory.  Another of the same hash gives way. */
static struct seen_semaphore *place_of(struct waits_reading *reading, const struct ipc_wait *ipc,
				       uint32_t num)
{
	const uint32_t hash =
		((uint32_t)ipc->id * 31 + num) * 31 + (uint32_t)(ipc->ns ^ ipc->ns >> 32);
	struct wait_sysv *kept = ipc_wait_kept(reading);
	struct table_slot *slot = kept != NULL ? table_slot(&kept->semaphores, hash) : NULL;

	if (slot == NULL)
		return NULL;
	if (slot->value == NULL) {
		slot->value = pool_alloc(&reading->pool, sizeof(struct seen_semaphore));
		if (slot->value != NULL)
			memset(slot->value, 0, sizeof(struct seen_semaphore));
	}
	return slot->value;
}

/* The times of the set tell whether today's process of that number can be the last operator. */
static void read_set_of(struct waits_reading *reading, struct seen_semaphore *seen)
{
	seen->set_error = IPCK_ERR_NOT_WANTED;
	if ((reading->want & IPCK_WAITS_WHOM) != 0)
		seen->set_error = sysv_read(reading->ctx, IPCK_SEM, seen->id, &seen->set);
}

static bool counts(const struct seen_semaphore *seen, const struct sembuf *operation)
{
	return (operation->sem_op < 0 ? seen->ncount : seen->zcount) > 0;
}

/*
 * The waiters at the semaphore that it blocks on: as they were read before, unless that is too old
 * to be true of this one.  0, IPCK_ERR_MEMORY or -errno with *error.
 */
static int look_at_semaphore(struct waits_reading *reading, const struct ipc_wait *ipc,
			     struct picture *picture, bool anew, int *error)
{
	const struct sembuf *operation = &picture->operations[picture->blocking];
	struct seen_semaphore *seen = place_of(reading, ipc, operation->sem_num);

	if (seen == NULL)
		return waits_no_memory(reading);
	picture->semaphore = seen;
	*error = picture->last = sysv_semaphore(ipc->id, operation->sem_num, SEMAPHORE_PID);
	if (*error < 0)
		return IPCK_OK;
	if (!anew && seen->ns == ipc->ns && seen->id == ipc->id &&
	    seen->num == operation->sem_num && counts(seen, operation)) {
		*error = 0;
		return IPCK_OK;
	}
	*seen = (struct seen_semaphore){ .ns = ipc->ns, .id = ipc->id, .num = operation->sem_num };
	*error = seen->ncount = sysv_semaphore(ipc->id, seen->num, SEMAPHORE_NCOUNT);
	if (*error >= 0)
		*error = seen->zcount = sysv_semaphore(ipc->id, seen->num, SEMAPHORE_ZCOUNT);
	if (*error < 0) {
		seen->ncount = seen->zcount = 0;
		return IPCK_OK;
	}
	*error = 0;
	read_set_of(reading, seen);
	return IPCK_OK;
}

/* ---- The call ---- */

static int read_operations(const struct waiting *waiting, struct sembuf *operations, size_t count)
{
	return remote_read(waiting->wait.tid, waiting->call.args[1], operations,
			   count * sizeof(*operations));
}

/* Did the thread sleep in this call, with these operations, all the time? */
static bool lasts(const struct waiting *waiting, const struct picture *picture)
{
	struct sembuf again[MOST_OPERATIONS];

	return ipc_wait_lasts(waiting) && read_operations(waiting, again, picture->count) == 0 &&
	       memcmp(again, picture->operations, picture->count * sizeof(*again)) == 0;
}

/* ---- What is told ---- */

static int tell(struct waits_reading *reading, struct waiting *waiting,
		const struct picture *picture, bool counted)
{
	const struct sembuf *operation = &picture->operations[picture->blocking];
	struct ipck_semaphore_wait *semaphore = &waiting->wait.semaphore;
	char value[64] = "";

	*semaphore = (struct ipck_semaphore_wait){ .num = operation->sem_num,
						   .op = operation->sem_op,
						   .undo = (operation->sem_flg & SEM_UNDO) != 0,
						   .counts_known = counted };
	if (counted) {
		semaphore->value = (uint32_t)picture->value;
		semaphore->ncount = (uint32_t)picture->semaphore->ncount;
		semaphore->zcount = (uint32_t)picture->semaphore->zcount;
		snprintf(value, sizeof(value), ", value %u", semaphore->value);
	}
	if (counted && picture->earlier != 0)
		snprintf(value + strlen(value), sizeof(value) - strlen(value),
			 ", %d after its earlier operations", picture->value + picture->earlier);
	waiting->wait.wants = waits_text(reading, "op %d of semaphore %u%s%s", semaphore->op,
					 semaphore->num, value, semaphore->undo ? ", undo" : "");
	if (waiting->wait.ref != NULL)
		waiting->wait.object =
			waits_text(reading, "%s[%u]", waiting->wait.ref, semaphore->num);
	return waiting->wait.wants != NULL &&
			       (waiting->wait.ref == NULL || waiting->wait.object != NULL)
		       ? IPCK_OK
		       : waits_no_memory(reading);
}

static void keep_set(struct waiting *waiting, const struct picture *picture)
{
	const struct seen_semaphore *seen = picture->semaphore;
	struct ipc_wait *ipc = waiting->detail;

	if (seen->set_error != IPCK_OK) {
		if (seen->set_error != IPCK_ERR_NOT_WANTED && waiting->wait.why == 0)
			waiting->wait.why = seen->set_error;
		return;
	}
	ipc->object = seen->set;
	ipc->object_known = true;
	ipc->object.known |= IPCK_SEM_WAITERS;
	ipc->object.sem.last_operator =
		(struct ipck_operator){ .pid = picture->last, .state = IPCK_OPERATOR_UNASKED };
}

/* The values may not be read: a single operation is the one that blocks all the same. */
static int tell_without_values(struct waits_reading *reading, struct waiting *waiting,
			       struct picture *picture, int error)
{
	waits_unknown(waiting, error);
	picture->blocking = 0;
	return picture->count == 1 ? tell(reading, waiting, picture, false) : IPCK_OK;
}

static int read_memory(struct waiting *waiting, struct picture *picture)
{
	const int error = read_operations(waiting, picture->operations, picture->count);

	if (error == 0)
		return IPCK_OK;
	if (!ipc_wait_lasts(waiting))
		return WAITS_STALE;
	waits_unknown(waiting, error);
	return error;
}

static bool has_stopped(const struct waiting *waiting)
{
	return waiting->wait.state == 'T' || waiting->wait.state == 't';
}

static int read_set(struct waits_reading *reading, struct waiting *waiting)
{
	const struct ipc_wait *ipc = waiting->detail;
	struct picture picture = { .id = ipc->id, .count = ipc->count };
	int error = 0;

	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		int rc = read_memory(waiting, &picture);

		if (rc != IPCK_OK)
			return rc == WAITS_STALE ? rc : IPCK_OK;
		error = find_blocking(&picture);
		if (error == 0 && picture.blocking < picture.count)
			rc = look_at_semaphore(reading, ipc, &picture, attempt > 0, &error);
		if (rc != IPCK_OK)
			return rc;
		if (!lasts(waiting, &picture))
			return WAITS_STALE;
		if (error == -EACCES || error == -EPERM || error == -ENOSYS)
			break;
		if (error == 0 && picture.blocking < picture.count &&
		    counts(picture.semaphore, &picture.operations[picture.blocking]))
			break;
	}
	if (error != 0)
		return tell_without_values(reading, waiting, &picture, error);
	if (picture.blocking == picture.count) /* one that was stopped waits no more */
		return has_stopped(waiting) ? IPCK_OK : WAITS_STALE;
	keep_set(waiting, &picture);
	return tell(reading, waiting, &picture, true);
}

/* Without a look at the set. */
static int tell_single(struct waits_reading *reading, struct waiting *waiting)
{
	const struct ipc_wait *ipc = waiting->detail;
	struct picture picture = { .id = ipc->id, .count = ipc->count };
	int rc;

	if (ipc->count != 1)
		return IPCK_OK;
	rc = read_memory(waiting, &picture);
	if (rc != IPCK_OK)
		return rc == WAITS_STALE ? rc : IPCK_OK;
	return tell(reading, waiting, &picture, false);
}

int wait_look_semop(struct waits_reading *reading, const struct thread *thread,
		    struct waiting *waiting)
{
	const int timed = syscall_number(MACHINE_OWN, "semtimedop");
	const uint32_t count = (uint32_t)waiting->call.args[2];
	struct ipc_wait *ipc;
	int rc = ipc_wait_begin(reading, thread, waiting, IPCK_SEM);

	if (rc != IPCK_OK)
		return rc;
	ipc = waiting->detail;
	ipc->count = count;
	ipc->read = read_set;
	waiting->wait.call = "semop";
	waiting->wait.timeout =
		waiting->call.number == (uint64_t)timed && waiting->call.args[3] != 0;
	if (count == 0 || count > MOST_OPERATIONS) {
		waiting->wait.why = IPCK_ERR_UNSUPPORTED;
		waiting->wait.why_text = waits_text(reading, "%u operations", count);
		return waiting->wait.why_text != NULL ? IPCK_OK : waits_no_memory(reading);
	}
	rc = ipc_wait_is_ours(reading, waiting) ? IPCK_OK : tell_single(reading, waiting);
	return rc == IPCK_OK ? ipc_wait_read(reading, waiting) : rc;
}

/* ---- On whom ---- */

/* Do all threads of this process wait for the same semaphore?  Then it cannot be the one. */
static bool waits_too(const struct waits_reading *reading, const struct waiting *waiting, pid_t pid)
{
	size_t low = 0, high = reading->count, threads = 0;

	while (low < high) { /* the first of the process */
		const size_t middle = low + (high - low) / 2;

		if (reading->rows[middle].wait.process.pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < reading->count; low++) {
		const struct waiting *other = &reading->rows[low];

		if (other->wait.process.pid != pid)
			return false;
		if (other->family == CALL_SEMOP && other->wait.wants != NULL &&
		    other->wait.semaphore.num == waiting->wait.semaphore.num &&
		    identity_compare(&other->object, &waiting->object) == 0 &&
		    ++threads >= other->wait.threads)
			return true;
	}
	return false;
}

/*
 * Nobody is recorded at the semaphore, though perhaps in the set, whose time is one for all: only
 * inside of another pid namespace are there processes without a number.
 */
static bool may_be_outside(struct waits_reading *reading)
{
	struct wait_sysv *kept = reading->sysv;

	if (kept->inner == INNER_UNASKED)
		kept->inner = namespace_pids_are_inner() ? INNER_YES : INNER_NO;
	return kept->inner == INNER_YES;
}

int wait_settle_semop(struct waits_reading *reading, struct waiting *waiting)
{
	struct ipc_wait *ipc = waiting->detail;
	struct ipck_operator *last;

	if (ipc == NULL || !ipc->object_known)
		return IPCK_OK;
	last = &ipc->object.sem.last_operator;
	if (operators_judge(&ipc->object, NULL, &reading->processes) != IPCK_OK)
		return waits_no_memory(reading);
	if (last->pid == 0 && !may_be_outside(reading))
		return IPCK_OK;
	if (last->pid != 0 && waits_too(reading, waiting, last->pid))
		return IPCK_OK;
	return ipc_wait_for(reading, waiting, last, "operator",
			    waiting->wait.semaphore.op < 0 ? ": maybe never released" : NULL);
}
