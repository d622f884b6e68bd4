/* SPDX-License-Identifier: MIT */
/* The containers of one reading: pool, table, and the names kept in them. */
#include "unit.h"

#include "base/names.h"

#include <grp.h>
#include <pwd.h>
#include <stdalign.h>

static void test_pool_blocks(void **state)
{
	enum { BLOCKS = 3000 };
	static unsigned char *blocks[BLOCKS];
	struct pool pool = { 0 };

	(void)state;
	for (size_t i = 0; i < BLOCKS; i++) {
		blocks[i] = pool_alloc(&pool, i % 200);
		assert_non_null(blocks[i]);
		CHECK((uintptr_t)blocks[i] % alignof(max_align_t) == 0, "block %zu: not aligned",
		      i);
		memset(blocks[i], (int)(i & 0xff), i % 200);
	}
	for (size_t i = 0; i < BLOCKS; i++)
		for (size_t j = 0; j < i % 200; j++)
			CHECK(blocks[i][j] == (i & 0xff), "block %zu: overwritten", i);
	pool_free(&pool);
	assert_null(pool.last);
	pool_free(&pool); /* harmless */
}

static void test_pool_large(void **state)
{
	struct pool pool = { 0 };
	char *small = pool_string(&pool, "small"), *large = pool_alloc(&pool, 1 << 20);
	char *after = pool_string(&pool, "after");

	(void)state;
	assert_non_null(large);
	memset(large, 'x', 1 << 20);
	assert_string_equal(small, "small");
	assert_string_equal(after, "after");
	pool_free(&pool);
}

static void test_pool_refuses(void **state)
{
	struct pool pool = { 0 };

	(void)state;
	assert_null(pool_alloc(&pool, SIZE_MAX));
	assert_null(pool_alloc(&pool, SIZE_MAX - 8));
	assert_null(pool_alloc(&pool, SIZE_MAX / 2 + 1));
	assert_non_null(pool_alloc(&pool, 0));
	pool_free(&pool);
}

static void test_pool_string(void **state)
{
	struct pool pool = { 0 };
	char text[] = "text";
	char *copy = pool_string(&pool, text), *empty = pool_string(&pool, "");

	(void)state;
	text[0] = 'n';
	assert_string_equal(copy, "text");
	assert_string_equal(empty, "");
	pool_free(&pool);
}

static void test_table(void **state)
{
	/* Close together, far apart, and both ends of the range; no two alike. */
	enum { NUMBERS = 20000 };
	static uint32_t numbers[NUMBERS];
	struct table table = { 0 };

	(void)state;
	for (uint32_t i = 0; i < NUMBERS; i++)
		numbers[i] = i % 2 == 0 ? i / 2 : UINT32_MAX - i * 65536;
	numbers[1] = UINT32_MAX;
	for (size_t i = 0; i < NUMBERS; i++) {
		struct table_slot *slot = table_slot(&table, numbers[i]);

		assert_non_null(slot);
		CHECK(slot->value == NULL, "%u: has a value already", numbers[i]);
		assert_int_equal(slot->number, numbers[i]);
		slot->value = &numbers[i];
	}
	for (size_t i = 0; i < NUMBERS; i++)
		CHECK(table_slot(&table, numbers[i])->value == &numbers[i], "%u: lost", numbers[i]);
	table_free(&table);
	assert_null(table.slots);
	assert_int_equal(table.size, 0);
	table_free(&table); /* harmless */
}

/* A caller may take a slot and leave it: it must stay free, and the table must not fill up. */
static void test_table_unused(void **state)
{
	struct table table = { 0 };
	int value;

	(void)state;
	table_slot(&table, 5)->value = &value;
	for (int i = 0; i < 1000; i++)
		assert_null(table_slot(&table, 6)->value);
	table_free(&table);
	table_slot(&table, 5)->value = &value;
	for (int i = 0; i < 1000; i++)
		assert_ptr_equal(table_slot(&table, 5)->value, &value);
	assert_int_equal(table.used, 1); /* looking up takes no room */
	table_free(&table);
}

static void test_names(void **state)
{
	struct pool pool = { 0 };
	struct names names = { .pool = &pool };
	const struct passwd *user;
	const struct group *group;
	const char *name;

	(void)state;
	user = getpwuid(0);
	name = names_user(&names, 0);
	assert_string_equal(name, user != NULL ? user->pw_name : "0");
	assert_ptr_equal(names_user(&names, 0), name); /* looked up once */
	group = getgrgid(0);
	assert_string_equal(names_group(&names, 0), group != NULL ? group->gr_name : "0");
	names_free(&names);
	pool_free(&pool);
}

static void test_names_unknown(void **state)
{
	struct pool pool = { 0 };
	struct names names = { .pool = &pool };
	unsigned id = 4294967290u;
	char expected[16];

	(void)state;
	while (getpwuid(id) != NULL || getgrgid(id) != NULL || getgrgid(id - 1) != NULL)
		id--;
	snprintf(expected, sizeof(expected), "%u", id - 1);
	assert_string_equal(names_group(&names, id - 1), expected);
	snprintf(expected, sizeof(expected), "%u", id);
	assert_string_equal(names_user(&names, id), expected);
	/* Users and groups do not share their numbers. */
	assert_string_equal(names_group(&names, 0),
			    getgrgid(0) != NULL ? getgrgid(0)->gr_name : "0");
	assert_string_equal(names_group(&names, id), expected);
	names_free(&names);
	pool_free(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("blocks of a pool are aligned and never overlap", test_pool_blocks),
		TEST("a block larger than all others does not disturb them", test_pool_large),
		TEST("a pool refuses sizes that would wrap", test_pool_refuses),
		TEST("a pool copies strings", test_pool_string),
		TEST("a table finds every number again, however it grew", test_table),
		TEST("a slot that is taken and left stays free", test_table_unused),
		TEST("users and groups have the names that the C library gives", test_names),
		TEST("who has no name is shown by number", test_names_unknown),
	};

	return RUN(tests);
}
