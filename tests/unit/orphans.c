/* SPDX-License-Identifier: MIT */
/* The verdict on orphans, and that it rests on nothing but what was seen. */
#include "orphan_cases.h"

static struct ipck_operator operator_of(int state)
{
	return (struct ipck_operator){ .pid = state == NEVER || state == OUTSIDE ? 0 : 7000,
				       .state = (enum ipck_operator_state)state };
}

#define ALL_OF_SYSV (IPCK_FIELD_TIMES | IPCK_FIELD_OWNER | IPCK_FIELD_NAMESPACE)

static struct orphan_facts facts_of(unsigned other)
{
	struct orphan_facts facts = all_seen;

	facts.denied = (other & DENIED) != 0;
	facts.denied_waits = (other & DENIED_WAITS) != 0;
	facts.denied_holdings = (other & DENIED_HOLDINGS) != 0;
	facts.hidden = (other & HIDEPID) != 0;
	facts.inner = (other & INNER) != 0;
	facts.any_queue = (other & ANY_QUEUE) != 0;
	if ((other & NO_AGE) != 0)
		facts.age = 0;
	if ((other & NO_USERS) != 0) {
		facts.users = NULL;
		facts.user_count = 0;
	}
	return facts;
}

static const char *const verdicts[] = { "no", "likely", "proven" };

static void words_of(unsigned evidence, char *text, size_t size)
{
	text[0] = '\0';
	for (unsigned i = 0; i < 32; i++)
		if ((evidence & 1u << i) != 0) {
			const char *word = ipck_evidence_name(1u << i);
			size_t used = strlen(text);

			snprintf(text + used, size - used, "%s%s", used > 0 ? " " : "",
				 word != NULL ? word : "?");
		}
}

static void check(struct ipck_object *object, const struct expected *expected)
{
	const struct orphan_facts facts = facts_of(expected->other);
	char words[512];

	orphan_judge(object, &facts);
	words_of(object->evidence, words, sizeof(words));
	CHECK(strcmp(verdicts[object->orphan], expected->verdict) == 0, "%s: %s: %s",
	      ipck_kind_name(object->kind), expected->name, verdicts[object->orphan]);
	CHECK(strcmp(words, expected->evidence) == 0, "%s: %s: %s", ipck_kind_name(object->kind),
	      expected->name, words);
	assert_int_equal(ipck_object_why(object, IPCK_FIELD_ORPHAN), IPCK_OK);
}

static void test_segments(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(segments); i++) {
		struct ipck_object object = {
			.kind = IPCK_SHM,
			.known = ALL_OF_SYSV,
			.ns = 1,
			.last_used = segments[i].is.used,
			.shm = { .nattch = segments[i].is.nattch,
				 .creator = operator_of(segments[i].is.creator),
				 .last_operator = operator_of(segments[i].is.last) },
		};

		check(&object, &segments[i].expected);
		/* whose it is says nothing */
		object.uid = object.cuid = 500;
		check(&object, &segments[i].expected);
	}
}

static void test_queues(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(queues); i++) {
		struct ipck_object object = {
			.kind = IPCK_MSG,
			.known = ALL_OF_SYSV,
			.ns = 1,
			.id = queues[i].is.id,
			.uid = queues[i].is.owner,
			.cuid = queues[i].is.creator,
			.last_used = queues[i].is.used,
			.msg = { .sender = operator_of(queues[i].is.sender),
				 .receiver = operator_of(queues[i].is.receiver) },
		};

		check(&object, &queues[i].expected);
	}
}

/* Whose namespace could not be told: any waiter on the same id counts. */
static void test_queue_somewhere(void **state)
{
	const struct orphan_facts facts = facts_of(ALL_SEEN);
	struct ipck_object object = {
		.kind = IPCK_MSG,
		.known = IPCK_FIELD_TIMES | IPCK_FIELD_OWNER,
		.id = 11,
		.uid = 400,
		.cuid = 400,
		.last_used = USED,
		.msg = { .sender = operator_of(GONE), .receiver = operator_of(GONE) },
	};

	(void)state;
	orphan_judge(&object, &facts);
	assert_int_equal(object.orphan, IPCK_ORPHAN_NO);
	assert_true((object.evidence & IPCK_EVIDENCE_WAITED_ON) != 0);
}

static void test_sets(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(sets); i++) {
		const struct ipck_semaphore elements[] = {
			{ .last_operator = operator_of(sets[i].is.last[0]) },
			{ .last_operator = operator_of(sets[i].is.last[1]) },
		};
		struct ipck_object object = {
			.kind = IPCK_SEM,
			.known = ALL_OF_SYSV | sets[i].is.known,
			.ns = 1,
			.uid = sets[i].is.owner,
			.cuid = sets[i].is.creator,
			.last_used = sets[i].is.used,
			.sem = { .nsems = sets[i].is.count,
				 .otime = sets[i].is.otime,
				 .waiters = sets[i].is.waiters,
				 .last_operator = operator_of(sets[i].is.last[0]),
				 .semaphores = sets[i].is.elements ? elements : NULL },
		};

		check(&object, &sets[i].expected);
	}
}

static void test_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		struct ipck_object object = {
			.kind = others[i].is.kind,
			.known = others[i].is.known,
			.held = others[i].is.held,
			.holders_complete = others[i].is.complete,
			.last_used = others[i].is.used,
		};

		if (others[i].is.kind == IPCK_POSIX_SEM)
			object.posix_sem.waiters = (uint32_t)others[i].is.waits;
		else if (others[i].is.kind == IPCK_POSIX_MQ)
			object.posix_mq.notify_pid = (pid_t)others[i].is.waits;
		check(&object, &others[i].expected);
	}
}

/* Every way that the recorded processes can be: a segment is proven in two of them only. */
static void test_segment_states(void **state)
{
	const struct orphan_facts facts = facts_of(ALL_SEEN);

	(void)state;
	for (int creator = UNASKED; creator <= OUTSIDE; creator++)
		for (int last = UNASKED; last <= OUTSIDE; last++) {
			struct ipck_object object = {
				.kind = IPCK_SHM,
				.known = ALL_OF_SYSV,
				.last_used = USED,
				.shm = { .creator = operator_of(creator),
					 .last_operator = operator_of(last) },
			};
			const bool proven = creator == GONE && (last == GONE || last == NEVER);

			orphan_judge(&object, &facts);
			CHECK((object.orphan == IPCK_ORPHAN_PROVEN) == proven,
			      "creator %d, last operator %d: %s", creator, last,
			      verdicts[object.orphan]);
		}
}

/* Whatever is seen or not of queues and sets, and of whom. */
static void test_never_proven(void **state)
{
	const unsigned blind = DENIED | DENIED_WAITS | HIDEPID | ANY_QUEUE;

	(void)state;
	for (unsigned other = 0; other < 2 * NO_USERS; other++)
		for (int last = UNASKED; last <= OUTSIDE; last++) {
			const struct orphan_facts facts = facts_of(other);
			struct ipck_object queue = {
				.kind = IPCK_MSG,
				.known = ALL_OF_SYSV,
				.uid = 400,
				.cuid = 400,
				.msg = { .sender = operator_of(last),
					 .receiver = operator_of(last) },
			};
			struct ipck_object set = {
				.kind = IPCK_SEM,
				.known = ALL_OF_SYSV | IPCK_SEM_WAITERS,
				.uid = 400,
				.cuid = 400,
				.sem = { .nsems = 1, .last_operator = operator_of(last) },
			};

			orphan_judge(&queue, &facts);
			orphan_judge(&set, &facts);
			assert_int_not_equal(queue.orphan, IPCK_ORPHAN_PROVEN);
			assert_int_not_equal(set.orphan, IPCK_ORPHAN_PROVEN);
			CHECK((other & blind) == 0 || queue.orphan == IPCK_ORPHAN_NO,
			      "a queue that could not be seen well: facts %u, operator %d", other,
			      last);
		}
}

/* Who waits is counted for its own queue, and unknown as soon as one thread was out of sight. */
static void test_waiters(void **state)
{
	static const struct {
		uint64_t ns;
		int32_t id;
		unsigned other;
		uint64_t senders, receivers;
		bool known;
	} rows[] = {
		{ 1, 10, ALL_SEEN, 1, 2, true },   { 2, 10, ALL_SEEN, 0, 0, true },
		{ 2, 11, ALL_SEEN, 1, 0, true },   { 1, 12, ALL_SEEN, 0, 0, false },
		{ 0, 10, ALL_SEEN, 0, 0, false },  { 1, 13, ALL_SEEN, 0, 0, true },
		{ 1, 10, DENIED, 1, 2, false },    { 1, 13, DENIED_WAITS, 0, 0, false },
		{ 1, 13, ANY_QUEUE, 0, 0, false }, { 1, 13, HIDEPID, 0, 0, false },
		{ 1, 13, INNER, 0, 0, true },      { 1, 13, DENIED_HOLDINGS, 0, 0, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct orphan_facts facts = facts_of(rows[i].other);
		struct ipck_object queue = { .kind = IPCK_MSG, .ns = rows[i].ns, .id = rows[i].id };

		queue_count_waiters(&queue, &facts);
		CHECK(queue.msg.senders_waiting == rows[i].senders &&
			      queue.msg.receivers_waiting == rows[i].receivers,
		      "row %zu: %llu, %llu", i, (unsigned long long)queue.msg.senders_waiting,
		      (unsigned long long)queue.msg.receivers_waiting);
		CHECK(((queue.known & IPCK_MSG_WAITERS) != 0) == rows[i].known &&
			      ((queue.unknown.denied & IPCK_MSG_WAITERS) != 0) == !rows[i].known,
		      "row %zu: known %x, denied %x", i, queue.known, queue.unknown.denied);
	}
}

/* A verdict from before is not left standing. */
static void test_again(void **state)
{
	const struct orphan_facts facts = facts_of(ALL_SEEN);
	struct ipck_object object = { .kind = IPCK_SHM,
				      .known = ALL_OF_SYSV,
				      .last_used = USED,
				      .shm = { .creator = operator_of(GONE),
					       .last_operator = operator_of(GONE) } };
	const unsigned evidence = IPCK_EVIDENCE_UNATTACHED | IPCK_EVIDENCE_CREATOR_GONE |
				  IPCK_EVIDENCE_OPERATORS_GONE;

	(void)state;
	orphan_judge(&object, &facts);
	assert_int_equal(object.orphan, IPCK_ORPHAN_PROVEN);
	object.shm.nattch = 1;
	orphan_judge(&object, &facts);
	assert_int_equal(object.orphan, IPCK_ORPHAN_NO);
	object.shm.nattch = 0;
	orphan_judge(&object, &facts);
	assert_int_equal(object.orphan, IPCK_ORPHAN_PROVEN);
	assert_int_equal(object.evidence, evidence);
}

static void test_words(void **state)
{
	static const char *const words[] = {
		"unattached",
		"no-holder",
		"creator-dead",
		"operators-dead",
		"no-user-process",
		"no-record",
		"creator-pid-reused",
		"operator-pid-reused",
		"outside-pid-namespace",
		"owner-root-unprovable",
		"not-all-inspected",
		"inner-pid-namespace",
		"creator-runs",
		"operator-runs",
		"user-process",
		"held",
		"waited-on",
		"recently-used",
	};

	(void)state;
	assert_int_equal(COUNT(words), IPCK_EVIDENCE_COUNT);
	for (unsigned i = 0; i < COUNT(words); i++)
		assert_string_equal(ipck_evidence_name(1u << i), words[i]);
	assert_string_equal(ipck_evidence_name(IPCK_EVIDENCE_RECENTLY_USED), "recently-used");
	assert_null(ipck_evidence_name(0));
	assert_null(ipck_evidence_name(1u << IPCK_EVIDENCE_COUNT));
	assert_null(ipck_evidence_name(1u << 31));
	assert_null(ipck_evidence_name(IPCK_EVIDENCE_UNATTACHED | IPCK_EVIDENCE_NO_HOLDER));
	assert_null(ipck_evidence_name(UINT32_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("a segment has its verdict, and the words that it rests on", test_segments),
		TEST("a queue has its verdict, and the words that it rests on", test_queues),
		TEST("who waits on a queue is counted, or unknown", test_waiters),
		TEST("a queue of some namespace has every waiter on its id", test_queue_somewhere),
		TEST("a set has its verdict, and the words that it rests on", test_sets),
		TEST("other kinds have their verdict, and the words that it rests on", test_others),
		TEST("a segment is proven by two dead processes, or one and no use",
		     test_segment_states),
		TEST("nothing proves a queue or a set", test_never_proven),
		TEST("a verdict is made anew each time", test_again),
		TEST("each bit of evidence has its word, and nothing else has", test_words),
	};

	return RUN(tests);
}
