/* SPDX-License-Identifier: MIT */
/* What a selection takes: each test alone, at its limits, together, and by kind. */
#include "selection.h"
#include "unit.h"

#define NOW INT64_C(1000000)

static const struct ipck_object segment = {
	.kind = IPCK_SHM,
	.uid = 1000,
	.cuid = 2000,
	.key = 0x5432,
	.ctime = NOW - 100,
	.last_used = NOW - 50,
	.shm = { .size = 4096,
		 .nattch = 1,
		 .creator = { .pid = 77 },
		 .last_operator = { .pid = 88 } },
};

static const struct ipck_object queue = {
	.kind = IPCK_MSG,
	.uid = 1000,
	.cuid = 2000,
	.key = 0x5432,
	.ctime = NOW - 100,
	.last_used = NOW - 50,
	.msg = { .bytes = 300, .max_bytes = 16384, .messages = 3 },
};

static const struct ipck_object set = {
	.kind = IPCK_SEM,
	.uid = 1000,
	.cuid = 2000,
	.key = 0x5432,
	.ctime = NOW - 100,
	.last_used = NOW - 50,
	.sem = { .nsems = 5 },
};

static const struct ipck_key_range keys[] = { { 1, 5 },
					      { 0x5432, 0x5432 },
					      { 0xfffffff0, UINT32_MAX } };

#define SELECT(...) (&(const struct ipck_selection){ __VA_ARGS__ })

static enum verdict takes(const struct ipck_selection *select, const struct ipck_object *object)
{
	return selection_takes(select, object, NOW);
}

static void test_all(void **state)
{
	(void)state;
	assert_int_equal(takes(SELECT(.tests = 0), &segment), TAKES);
	assert_int_equal(takes(SELECT(.tests = 0), &queue), TAKES);
	assert_int_equal(takes(SELECT(.tests = 0), &set), TAKES);
	/* Values whose test is not asked for do not matter. */
	assert_int_equal(takes(SELECT(.owner = 5, .larger_than = UINT64_MAX), &segment), TAKES);
}

static void test_people(void **state)
{
	(void)state;
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_OWNER, .owner = 1000), &set), TAKES);
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_OWNER, .owner = 2000), &set), LEAVES);
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_OWNER, .owner = 0), &set), LEAVES);
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_CREATOR, .creator = 2000), &queue),
			 TAKES);
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_CREATOR, .creator = 1000), &queue),
			 LEAVES);
}

static void test_created_by(void **state)
{
	struct ipck_object foreign = segment;

	(void)state;
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_CREATED_BY, .created_by = 77), &segment),
			 TAKES);
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_CREATED_BY, .created_by = 88), &segment),
			 LEAVES);
	/* No number for a creator in another pid namespace: it may be anybody. */
	foreign.shm.creator.pid = 0;
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_CREATED_BY, .created_by = 77), &foreign),
			 CANNOT_TELL);
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_CREATED_BY | IPCK_SELECT_OWNER,
				      .created_by = 77, .owner = 1),
			       &foreign),
			 LEAVES);
	assert_int_equal(takes(SELECT(.tests = 0), &foreign), TAKES);
}

static void test_keys(void **state)
{
	static const struct {
		uint32_t key;
		enum verdict verdict;
	} rows[] = {
		{ 0, LEAVES },         { 1, TAKES },          { 3, TAKES },
		{ 5, TAKES },          { 6, LEAVES },         { 0x5431, LEAVES },
		{ 0x5432, TAKES },     { 0x5433, LEAVES },    { 0xffffffef, LEAVES },
		{ 0xfffffff0, TAKES }, { UINT32_MAX, TAKES }, { 0x80000000, LEAVES },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ipck_object object = set;
		enum verdict verdict;

		object.key = rows[i].key;
		verdict = takes(
			SELECT(.tests = IPCK_SELECT_KEY, .keys = keys, .key_count = COUNT(keys)),
			&object);
		CHECK(verdict == rows[i].verdict, "key %#x: %d", rows[i].key, (int)verdict);
	}
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_KEY), &set), LEAVES); /* of no keys */
}

static void test_status(void **state)
{
	struct ipck_object object = segment;

	(void)state;
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_UNATTACHED), &object), LEAVES);
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_DELETED), &object), LEAVES);
	object.shm.nattch = 0;
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_UNATTACHED), &object), TAKES);
	object.shm.dest = true;
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_DELETED), &object), TAKES);
}

static void test_ages(void **state)
{
	struct ipck_object object = segment;

	(void)state;
	/* Changed 100 seconds ago, used 50 ago. */
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_OLDER_THAN, .older_than = 100), &object),
			 TAKES);
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_OLDER_THAN, .older_than = 101), &object),
			 LEAVES);
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_UNUSED_FOR, .unused_for = 50), &object),
			 TAKES);
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_UNUSED_FOR, .unused_for = 51), &object),
			 LEAVES);
	assert_int_equal(
		takes(SELECT(.tests = IPCK_SELECT_OLDER_THAN, .older_than = UINT64_MAX), &object),
		LEAVES);
	object.ctime = object.last_used = NOW;
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_OLDER_THAN, .older_than = 0), &object),
			 TAKES);
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_OLDER_THAN, .older_than = 1), &object),
			 LEAVES);
	/* The clock went back: a time to come has no age. */
	object.ctime = object.last_used = NOW + 10;
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_OLDER_THAN, .older_than = 5), &object),
			 LEAVES);
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_UNUSED_FOR, .unused_for = 5), &object),
			 LEAVES);
}

static void test_sizes(void **state)
{
	(void)state;
	assert_int_equal(
		takes(SELECT(.tests = IPCK_SELECT_LARGER_THAN, .larger_than = 4095), &segment),
		TAKES);
	assert_int_equal(
		takes(SELECT(.tests = IPCK_SELECT_LARGER_THAN, .larger_than = 4096), &segment),
		LEAVES);
	assert_int_equal(
		takes(SELECT(.tests = IPCK_SELECT_LARGER_THAN, .larger_than = 299), &queue), TAKES);
	assert_int_equal(
		takes(SELECT(.tests = IPCK_SELECT_LARGER_THAN, .larger_than = 300), &queue),
		LEAVES);
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_LARGER_THAN, .larger_than = 0), &set),
			 LEAVES);
}

static void test_kinds(void **state)
{
	static const struct {
		unsigned test, kinds;
	} rows[] = {
		{ 0, IPCK_SYSV },
		{ IPCK_SELECT_OWNER, IPCK_SYSV },
		{ IPCK_SELECT_CREATOR, IPCK_SYSV },
		{ IPCK_SELECT_KEY, IPCK_SYSV },
		{ IPCK_SELECT_OLDER_THAN, IPCK_SYSV },
		{ IPCK_SELECT_UNUSED_FOR, IPCK_SYSV },
		{ IPCK_SELECT_CREATED_BY, IPCK_SHM },
		{ IPCK_SELECT_UNATTACHED, IPCK_SHM },
		{ IPCK_SELECT_DELETED, IPCK_SHM },
		{ IPCK_SELECT_LARGER_THAN, IPCK_SHM | IPCK_MSG },
		{ IPCK_SELECT_LARGER_THAN | IPCK_SELECT_DELETED, IPCK_SHM },
		{ IPCK_SELECT_LARGER_THAN | IPCK_SELECT_OWNER, IPCK_SHM | IPCK_MSG },
	};
	static const enum ipck_kind kinds[] = { IPCK_SHM, IPCK_MSG, IPCK_SEM };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t j = 0; j < COUNT(kinds); j++)
			CHECK(ipck_selection_applies(SELECT(.tests = rows[i].test), kinds[j]) ==
				      ((rows[i].kinds & kinds[j]) != 0),
			      "tests %#x, kind %s", rows[i].test, ipck_kind_name(kinds[j]));
	/* A queue's union holds no attach count that could be 0. */
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_UNATTACHED), &queue), LEAVES);
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_UNATTACHED), &set), LEAVES);
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_CREATED_BY), &set), LEAVES);
}

static void test_together(void **state)
{
	(void)state;
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_OWNER | IPCK_SELECT_LARGER_THAN,
				      .owner = 1000, .larger_than = 1),
			       &segment),
			 TAKES);
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_OWNER | IPCK_SELECT_LARGER_THAN,
				      .owner = 1000, .larger_than = 5000),
			       &segment),
			 LEAVES);
	assert_int_equal(takes(SELECT(.tests = IPCK_SELECT_OWNER | IPCK_SELECT_LARGER_THAN,
				      .owner = 1, .larger_than = 1),
			       &segment),
			 LEAVES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("a selection without tests takes all", test_all),
		TEST("owner and creator are told apart", test_people),
		TEST("the creating process decides, where the kernel tells it", test_created_by),
		TEST("key ranges include both ends, and any of them will do", test_keys),
		TEST("unattached and deleted look at the segment's state", test_status),
		TEST("ages count from the exact second, and the future has none", test_ages),
		TEST("larger means larger, by size or by queued bytes", test_sizes),
		TEST("a test that a kind cannot pass leaves all of that kind", test_kinds),
		TEST("all tests of a selection must hold", test_together),
	};

	return RUN(tests);
}
