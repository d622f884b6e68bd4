/* SPDX-License-Identifier: MIT */
/* Constructed cases of what may be left over, by kind: the facts, the object, and what is to be
 * said of it.  Verdicts are named as users read them, evidence as the JSON lists it. */
#ifndef ORPHAN_CASES_H
#define ORPHAN_CASES_H

#include "insight/orphans.h"
#include "unit.h"

#define NOW INT64_C(2000000)
#define USED (NOW - 1000) /* when a left over object was used last */

/* Users 500, 501 and 502 have processes: long ago, shortly after the last use, later.  400 has
 * none. */
static struct orphan_user users[] = {
	{ 0, 100 },
	{ 500, (double)USED - 500 },
	{ 501, (double)USED + 1.05 },
	{ 502, (double)USED + 1.15 },
};
/* In our namespace, in another, and in one that could not be told. */
static struct orphan_waiter waiters[] = {
	{ 1, 10, false }, { 2, 11, true }, { 0, 12, true }, { 1, 10, true }, { 1, 10, false }
};

static const struct orphan_facts all_seen = {
	.now = NOW,
	.age = 60,
	.users = users,
	.user_count = COUNT(users),
	.processes = 100,
	.waiters = waiters,
	.waiter_count = COUNT(waiters),
};

enum { /* what else than all_seen is so */
       ALL_SEEN = 0,
       DENIED = 1,
       DENIED_WAITS = 2,
       DENIED_HOLDINGS = 4,
       HIDEPID = 8,
       INNER = 16,
       ANY_QUEUE = 32,
       NO_AGE = 64,
       NO_USERS = 128
};

enum { /* states of recorded processes, as short as the tables need them */
       UNASKED = IPCK_OPERATOR_UNASKED,
       NEVER = IPCK_OPERATOR_NEVER,
       RUNS = IPCK_OPERATOR_RUNNING,
       LATER = IPCK_OPERATOR_LATER,
       GONE = IPCK_OPERATOR_GONE,
       HIDDEN = IPCK_OPERATOR_HIDDEN,
       OUTSIDE = IPCK_OPERATOR_OUTSIDE
};

struct expected { /* what each row begins with */
	const char *name, *verdict, *evidence;
	unsigned other;
};

static const struct {
	struct expected expected;
	struct {
		uint64_t nattch;
		int creator, last;
		int64_t used;
	} is;
} segments[] = {
	{ { "creator and last operator dead", "proven", "unattached creator-dead operators-dead",
	    ALL_SEEN },
	  { 0, GONE, GONE, USED } },
	{ { "never attached", "proven", "unattached creator-dead", ALL_SEEN },
	  { 0, GONE, NEVER, USED } },
	{ { "whatever else runs or cannot be seen", "proven",
	    "unattached creator-dead operators-dead",
	    DENIED | DENIED_WAITS | DENIED_HOLDINGS | HIDEPID | INNER | ANY_QUEUE },
	  { 0, GONE, GONE, USED } },
	{ { "attached", "no", "creator-dead operators-dead held", ALL_SEEN },
	  { 1, GONE, GONE, USED } },
	{ { "creator runs", "no", "unattached operators-dead creator-runs", ALL_SEEN },
	  { 0, RUNS, GONE, USED } },
	{ { "last operator runs", "no", "unattached creator-dead operator-runs", ALL_SEEN },
	  { 0, GONE, RUNS, USED } },
	{ { "creator hidden, but there", "no", "unattached operators-dead creator-runs", HIDEPID },
	  { 0, HIDDEN, GONE, USED } },
	{ { "last operator hidden, but there", "no", "unattached creator-dead operator-runs",
	    HIDEPID },
	  { 0, GONE, HIDDEN, USED } },
	{ { "creator's pid reused", "likely", "unattached operators-dead creator-pid-reused",
	    ALL_SEEN },
	  { 0, LATER, GONE, USED } },
	{ { "last operator's pid reused", "likely", "unattached creator-dead operator-pid-reused",
	    ALL_SEEN },
	  { 0, GONE, LATER, USED } },
	{ { "creator's pid reused, last operator runs", "no",
	    "unattached creator-pid-reused operator-runs", ALL_SEEN },
	  { 0, LATER, RUNS, USED } },
	{ { "creator outside", "likely", "unattached operators-dead outside-pid-namespace", INNER },
	  { 0, OUTSIDE, GONE, USED } },
	{ { "last operator outside", "likely", "unattached creator-dead outside-pid-namespace",
	    INNER },
	  { 0, GONE, OUTSIDE, USED } },
	{ { "no creator, since the clock stood at 0", "likely", "unattached outside-pid-namespace",
	    ALL_SEEN },
	  { 0, NEVER, NEVER, 0 } },
	{ { "processes not looked at", "no", "unattached not-all-inspected", ALL_SEEN },
	  { 0, UNASKED, UNASKED, USED } },
	{ { "used 59 seconds ago", "no", "unattached creator-dead operators-dead recently-used",
	    ALL_SEEN },
	  { 0, GONE, GONE, NOW - 59 } },
	{ { "used 60 seconds ago", "proven", "unattached creator-dead operators-dead", ALL_SEEN },
	  { 0, GONE, GONE, NOW - 60 } },
	{ { "used now, and any age will do", "proven", "unattached creator-dead operators-dead",
	    NO_AGE },
	  { 0, GONE, GONE, NOW } },
	{ { "used in the future", "no", "unattached creator-dead operators-dead recently-used",
	    NO_AGE },
	  { 0, GONE, GONE, NOW + 1 } },
	{ { "used at the beginning of time", "proven", "unattached creator-dead operators-dead",
	    ALL_SEEN },
	  { 0, GONE, GONE, INT64_MIN } },
	{ { "used at its end", "no", "unattached creator-dead operators-dead recently-used",
	    ALL_SEEN },
	  { 0, GONE, GONE, INT64_MAX } },
};

static const struct {
	struct expected expected;
	struct {
		uid_t owner, creator;
		int32_t id;
		int sender, receiver;
		int64_t used;
	} is;
} queues[] = {
	{ { "all dead, and its user without processes", "likely", "operators-dead no-user-process",
	    ALL_SEEN },
	  { 400, 400, 1, GONE, GONE, USED } },
	{ { "only sent to", "likely", "operators-dead no-user-process", ALL_SEEN },
	  { 400, 400, 1, GONE, NEVER, USED } },
	{ { "never used", "likely", "no-user-process no-record", ALL_SEEN },
	  { 400, 400, 1, NEVER, NEVER, USED } },
	{ { "a fresh one of a running user", "no", "no-record user-process recently-used",
	    ALL_SEEN },
	  { 500, 500, 1, NEVER, NEVER, NOW - 1 } },
	{ { "its owner has an older process", "no", "operators-dead user-process", ALL_SEEN },
	  { 500, 400, 1, GONE, GONE, USED } },
	{ { "its creator has an older process", "no", "operators-dead user-process", ALL_SEEN },
	  { 400, 500, 1, GONE, GONE, USED } },
	{ { "a process that may have started before the use", "no", "operators-dead user-process",
	    ALL_SEEN },
	  { 501, 501, 1, GONE, GONE, USED } },
	{ { "a process that started after the use", "likely", "operators-dead no-user-process",
	    ALL_SEEN },
	  { 502, 502, 1, GONE, GONE, USED } },
	{ { "nobody has processes at all", "likely", "operators-dead no-user-process", NO_USERS },
	  { 500, 500, 1, GONE, GONE, USED } },
	{ { "owned by root", "no", "operators-dead owner-root-unprovable", ALL_SEEN },
	  { 0, 400, 1, GONE, GONE, USED } },
	{ { "created by root", "no", "operators-dead owner-root-unprovable", NO_USERS },
	  { 400, 0, 1, GONE, GONE, USED } },
	{ { "sender runs", "no", "no-user-process operator-runs", ALL_SEEN },
	  { 400, 400, 1, RUNS, GONE, USED } },
	{ { "receiver hidden, but there", "no", "no-user-process operator-runs", ALL_SEEN },
	  { 400, 400, 1, GONE, HIDDEN, USED } },
	{ { "sender's pid reused", "likely", "no-user-process operator-pid-reused", ALL_SEEN },
	  { 400, 400, 1, LATER, GONE, USED } },
	{ { "receiver outside", "no", "no-user-process outside-pid-namespace inner-pid-namespace",
	    INNER },
	  { 400, 400, 1, GONE, OUTSIDE, USED } },
	{ { "processes not looked at", "no", "no-user-process not-all-inspected", ALL_SEEN },
	  { 400, 400, 1, UNASKED, GONE, USED } },
	{ { "from an inner pid namespace", "likely",
	    "operators-dead no-user-process inner-pid-namespace", INNER },
	  { 400, 400, 1, GONE, GONE, USED } },
	{ { "a thread waits on it", "no", "operators-dead no-user-process waited-on", ALL_SEEN },
	  { 400, 400, 10, GONE, GONE, USED } },
	{ { "a thread waits on its like in another namespace", "likely",
	    "operators-dead no-user-process", ALL_SEEN },
	  { 400, 400, 11, GONE, GONE, USED } },
	{ { "a thread waits on such an id, who knows where", "no",
	    "operators-dead no-user-process waited-on", ALL_SEEN },
	  { 400, 400, 12, GONE, GONE, USED } },
	{ { "a thread waits on some queue", "no",
	    "operators-dead no-user-process not-all-inspected", ANY_QUEUE },
	  { 400, 400, 1, GONE, GONE, USED } },
	{ { "what a thread waits on could not be seen", "no",
	    "operators-dead no-user-process not-all-inspected", DENIED_WAITS },
	  { 400, 400, 1, GONE, GONE, USED } },
	{ { "a process could not be looked into", "no", "operators-dead not-all-inspected",
	    DENIED },
	  { 400, 400, 1, GONE, GONE, USED } },
	{ { "hidepid", "no", "operators-dead not-all-inspected", HIDEPID },
	  { 400, 400, 1, GONE, GONE, USED } },
	{ { "used recently", "no", "operators-dead no-user-process recently-used", ALL_SEEN },
	  { 400, 400, 1, GONE, GONE, NOW - 59 } },
	{ { "what is held does not matter to it", "likely", "operators-dead no-user-process",
	    DENIED_HOLDINGS },
	  { 400, 400, 1, GONE, GONE, USED } },
};

static const struct {
	struct expected expected;
	struct {
		uid_t owner, creator;
		uint32_t known;
		uint64_t waiters;
		bool elements;
		uint64_t count;
		int last[2]; /* of each semaphore */
		int64_t otime, used;
	} is;
} sets[] = {
	{ { "all dead, and its user without processes", "likely", "operators-dead no-user-process",
	    ALL_SEEN },
	  { 400, 400, IPCK_SEM_WAITERS, 0, true, 2, { GONE, GONE }, USED, USED } },
	{ { "a single one without its element", "likely", "operators-dead no-user-process",
	    ALL_SEEN },
	  { 400, 400, IPCK_SEM_WAITERS, 0, false, 1, { GONE }, USED, USED } },
	{ { "the elements were not read", "no", "operators-dead no-user-process not-all-inspected",
	    ALL_SEEN },
	  { 400, 400, IPCK_SEM_WAITERS, 0, false, 2, { GONE, GONE }, USED, USED } },
	{ { "another element's operator runs", "no", "no-user-process operator-runs", ALL_SEEN },
	  { 400, 400, IPCK_SEM_WAITERS, 0, true, 2, { GONE, RUNS }, USED, USED } },
	{ { "another element's operator's pid is reused", "likely",
	    "no-user-process operator-pid-reused", ALL_SEEN },
	  { 400, 400, IPCK_SEM_WAITERS, 0, true, 2, { GONE, LATER }, USED, USED } },
	{ { "an element that nobody used", "likely", "operators-dead no-user-process", ALL_SEEN },
	  { 400, 400, IPCK_SEM_WAITERS, 0, true, 2, { GONE, NEVER }, USED, USED } },
	{ { "an element that nobody used, or somebody outside", "no",
	    "no-user-process not-all-inspected inner-pid-namespace", INNER },
	  { 400, 400, IPCK_SEM_WAITERS, 0, true, 2, { GONE, NEVER }, USED, USED } },
	{ { "never used", "likely", "no-user-process no-record", ALL_SEEN },
	  { 400, 400, IPCK_SEM_WAITERS, 0, true, 2, { NEVER, NEVER }, 0, USED } },
	{ { "never used, in an inner pid namespace", "likely",
	    "no-user-process no-record inner-pid-namespace", INNER },
	  { 400, 400, IPCK_SEM_WAITERS, 0, true, 2, { NEVER, NEVER }, 0, USED } },
	{ { "operator outside", "no", "no-user-process outside-pid-namespace", ALL_SEEN },
	  { 400, 400, IPCK_SEM_WAITERS, 0, true, 1, { OUTSIDE }, USED, USED } },
	{ { "waited on", "no", "operators-dead no-user-process waited-on", ALL_SEEN },
	  { 400, 400, IPCK_SEM_WAITERS, 1, true, 2, { GONE, GONE }, USED, USED } },
	{ { "waiters not to be seen, though its operator is", "no",
	    "no-user-process not-all-inspected", ALL_SEEN },
	  { 400, 400, 0, 0, true, 1, { GONE }, USED, USED } },
	{ { "waiters not to be seen", "no", "no-user-process not-all-inspected", ALL_SEEN },
	  { 400, 400, 0, 0, true, 1, { UNASKED }, USED, USED } },
	{ { "a daemon of its user only remembers the id", "no", "operators-dead user-process",
	    ALL_SEEN },
	  { 500, 500, IPCK_SEM_WAITERS, 0, true, 2, { GONE, GONE }, USED, USED } },
	{ { "a daemon of root only remembers the id", "no", "operators-dead owner-root-unprovable",
	    ALL_SEEN },
	  { 0, 0, IPCK_SEM_WAITERS, 0, true, 2, { GONE, GONE }, USED, USED } },
	{ { "of root, and of a user who runs", "no",
	    "operators-dead owner-root-unprovable user-process", ALL_SEEN },
	  { 0, 500, IPCK_SEM_WAITERS, 0, true, 2, { GONE, GONE }, USED, USED } },
	{ { "what threads wait on in queues does not matter to it", "likely",
	    "operators-dead no-user-process", DENIED_WAITS | DENIED_HOLDINGS | ANY_QUEUE },
	  { 400, 400, IPCK_SEM_WAITERS, 0, true, 2, { GONE, GONE }, USED, USED } },
	{ { "a process could not be looked into", "no", "operators-dead not-all-inspected",
	    DENIED },
	  { 400, 400, IPCK_SEM_WAITERS, 0, true, 2, { GONE, GONE }, USED, USED } },
	{ { "used recently", "no", "operators-dead no-user-process recently-used", ALL_SEEN },
	  { 400, 400, IPCK_SEM_WAITERS, 0, true, 2, { GONE, GONE }, NOW - 59, NOW - 59 } },
};

#define SEEN (IPCK_FIELD_TIMES | IPCK_FIELD_HOLDERS)

static const struct {
	struct expected expected;
	struct {
		enum ipck_kind kind;
		uint32_t known;
		size_t held;
		bool complete;
		int waits; /* waiters of a semaphore, or who is to be told of a message */
		int64_t used;
	} is;
} others[] = {
	{ { "nobody holds it", "proven", "no-holder", ALL_SEEN },
	  { IPCK_POSIX_SHM, SEEN, 0, true, 0, USED } },
	{ { "what threads wait on does not matter to it", "proven", "no-holder",
	    DENIED_WAITS | ANY_QUEUE },
	  { IPCK_POSIX_SHM, SEEN, 0, true, 0, USED } },
	{ { "held", "no", "held", ALL_SEEN }, { IPCK_POSIX_SHM, SEEN, 1, true, 0, USED } },
	{ { "held, and not all inspected", "no", "held", DENIED_HOLDINGS | INNER },
	  { IPCK_POSIX_SHM, SEEN, 1, false, 0, USED } },
	{ { "from an inner pid namespace", "likely", "no-holder inner-pid-namespace", INNER },
	  { IPCK_POSIX_SHM, SEEN, 0, false, 0, USED } },
	{ { "from an inner one, not all inspected", "no",
	    "no-holder not-all-inspected inner-pid-namespace", INNER | DENIED_HOLDINGS },
	  { IPCK_POSIX_SHM, SEEN, 0, false, 0, USED } },
	{ { "from an inner one, with hidepid", "no",
	    "no-holder not-all-inspected inner-pid-namespace", INNER | HIDEPID },
	  { IPCK_POSIX_SHM, SEEN, 0, false, 0, USED } },
	{ { "not all inspected", "no", "no-holder not-all-inspected", DENIED_HOLDINGS },
	  { IPCK_POSIX_SHM, SEEN, 0, false, 0, USED } },
	{ { "not all inspected, for whatever reason", "no", "no-holder not-all-inspected",
	    ALL_SEEN },
	  { IPCK_POSIX_SHM, SEEN, 0, false, 0, USED } },
	{ { "hidepid", "no", "no-holder not-all-inspected", HIDEPID },
	  { IPCK_POSIX_SHM, SEEN, 0, true, 0, USED } },
	{ { "a process could not be looked into", "no", "no-holder not-all-inspected", DENIED },
	  { IPCK_POSIX_SHM, SEEN, 0, true, 0, USED } },
	{ { "holders not looked for", "no", "not-all-inspected", ALL_SEEN },
	  { IPCK_POSIX_SHM, IPCK_FIELD_TIMES, 0, false, 0, USED } },
	{ { "times unknown", "no", "no-holder not-all-inspected", ALL_SEEN },
	  { IPCK_POSIX_SHM, IPCK_FIELD_HOLDERS, 0, true, 0, USED } },
	{ { "used recently", "no", "no-holder recently-used", ALL_SEEN },
	  { IPCK_POSIX_SHM, SEEN, 0, true, 0, NOW - 59 } },
	{ { "nobody holds it", "proven", "no-holder", ALL_SEEN },
	  { IPCK_POSIX_SEM, SEEN | IPCK_POSIX_SEM_VALUE, 0, true, 0, USED } },
	{ { "waited on", "no", "held waited-on", ALL_SEEN },
	  { IPCK_POSIX_SEM, SEEN | IPCK_POSIX_SEM_VALUE, 1, true, 1, USED } },
	{ { "waited on, by whom is not to be seen", "no", "no-holder inner-pid-namespace waited-on",
	    INNER },
	  { IPCK_POSIX_SEM, SEEN | IPCK_POSIX_SEM_VALUE, 0, false, 1, USED } },
	{ { "waiters that were not read", "proven", "no-holder", ALL_SEEN },
	  { IPCK_POSIX_SEM, SEEN, 0, true, 1, USED } },
	{ { "nobody holds it", "proven", "no-holder", ALL_SEEN },
	  { IPCK_POSIX_MQ, SEEN | IPCK_POSIX_MQ_CONTENT, 0, true, 0, USED } },
	{ { "somebody is to be told of a message", "no", "held", INNER },
	  { IPCK_POSIX_MQ, SEEN | IPCK_POSIX_MQ_CONTENT, 0, false, 5, USED } },
	{ { "notification that was not read", "proven", "no-holder", ALL_SEEN },
	  { IPCK_POSIX_MQ, SEEN, 0, true, 5, USED } },
	{ { "a pipe lives through its holders", "no", "held", ALL_SEEN },
	  { IPCK_PIPE, SEEN, 0, true, 0, USED } },
	{ { "a mapping lives through its holders", "no", "held", INNER },
	  { IPCK_MMAP, SEEN, 0, false, 0, USED } },
	{ { "a socket lives through its holders", "no", "held", ALL_SEEN },
	  { IPCK_UNIX, SEEN, 1, true, 0, USED } },
};

#endif
