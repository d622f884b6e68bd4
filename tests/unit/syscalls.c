/* SPDX-License-Identifier: MIT */
/*
 * System calls by number, against the headers of the C library and the kernel, and the text of
 * /proc/PID/syscall.  syscall_numbers.h is made of what the compiler finds in those headers.
 */
#include "unit.h"

#include "source/syscalls.h"

struct number {
	const char *name;
	int number;
};
#define OWN(name, number) { name, number },
#define GENERIC(name, number)
static const struct number own[] = {
#include "syscall_numbers.h"
};
#undef OWN
#undef GENERIC
#define OWN(name, number)
#define GENERIC(name, number) { name, number },
static const struct number generic[] = {
#include "syscall_numbers.h"
};

/* ---- The table ---- */

/* Headers may be newer than the table: what is above all that it has is another kernel's. */
static bool is_newer(enum machine machine, int number)
{
	while (number < 1024)
		if (syscall_look(machine, (uint64_t)number++) != NULL)
			return false;
	return true;
}

static void check_numbers(enum machine machine, const struct number *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct syscall_row *row = syscall_look(machine, (uint64_t)rows[i].number);

		if (row == NULL && is_newer(machine, rows[i].number))
			continue;
		CHECK(row != NULL && strcmp(row->name, rows[i].name) == 0, "%d is %s, not %s",
		      rows[i].number, rows[i].name, row != NULL ? row->name : "unknown");
		CHECK(syscall_number(machine, rows[i].name) == rows[i].number, "%s", rows[i].name);
	}
}

static void test_own(void **state)
{
	(void)state;
	if (MACHINE_OWN == MACHINE_OTHER)
		skip();
	assert_true(COUNT(own) > 250);
	check_numbers(MACHINE_OWN, own, COUNT(own));
}

static void test_generic(void **state)
{
	(void)state;
	assert_true(COUNT(generic) > 200);
	check_numbers(MACHINE_AARCH64, generic, COUNT(generic));
}

/* What one number means the other must not: names and numbers are each other's inverse. */
static void test_unique(void **state)
{
	static const enum machine machines[] = { MACHINE_X86_64, MACHINE_AARCH64 };

	(void)state;
	for (size_t m = 0; m < COUNT(machines); m++) {
		size_t known = 0;

		for (int number = 0; number < 1024; number++) {
			const struct syscall_row *row = syscall_look(machines[m], (uint64_t)number);

			if (row == NULL)
				continue;
			known++;
			CHECK(row->number[machines[m]] == number &&
				      syscall_number(machines[m], row->name) == number,
			      "%d: %s", number, row->name);
		}
		assert_true(known > 300);
	}
}

/* Each name once, so that all rows are reached; and a few that are decoded. */
static void test_rows(void **state)
{
	static const struct number names[] = {
#define CALL(name, x86_64, aarch64, family, descriptor) { name, x86_64 },
#include "source/syscall_table.h"
#undef CALL
	};
	static const struct number others[] = {
#define CALL(name, x86_64, aarch64, family, descriptor) { name, aarch64 },
#include "source/syscall_table.h"
#undef CALL
	};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		CHECK(syscall_number(MACHINE_X86_64, names[i].name) == names[i].number, "%s twice",
		      names[i].name);
		CHECK(syscall_number(MACHINE_AARCH64, others[i].name) == others[i].number,
		      "%s twice", others[i].name);
		for (size_t k = i + 1; k < COUNT(names); k++)
			CHECK((names[i].number < 0 || names[i].number != names[k].number) &&
				      (others[i].number < 0 ||
				       others[i].number != others[k].number),
			      "%s and %s", names[i].name, names[k].name);
	}
	assert_int_equal(syscall_look(MACHINE_X86_64, 220)->family, CALL_SEMOP);
	assert_int_equal(syscall_look(MACHINE_AARCH64, 192)->family, CALL_SEMOP);
	assert_int_equal(syscall_look(MACHINE_X86_64, 202)->family, CALL_FUTEX);
	assert_int_equal(syscall_look(MACHINE_AARCH64, 98)->family, CALL_FUTEX);
	assert_int_equal(syscall_look(MACHINE_X86_64, 219)->family, CALL_RESTART);
	assert_true(syscall_look(MACHINE_X86_64, 0)->takes_fd);
	assert_false(syscall_look(MACHINE_X86_64, 2)->takes_fd);
}

static void test_none(void **state)
{
	static const uint64_t numbers[] = {
		511, 512, 65535, UINT64_C(0x40000000), UINT64_C(1) << 32, UINT64_MAX
	};

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		assert_null(syscall_look(MACHINE_X86_64, numbers[i]));
		assert_null(syscall_look(MACHINE_AARCH64, numbers[i]));
	}
	assert_null(syscall_look(MACHINE_OTHER, 0));
	assert_int_equal(syscall_number(MACHINE_OTHER, "read"), -1);
	assert_int_equal(syscall_number(MACHINE_X86_64, "no_such_call"), -1);
	assert_int_equal(syscall_number(MACHINE_AARCH64, "pause"), -1);
}

/* ---- The text ---- */

static void test_parse(void **state)
{
	struct syscall_state call;

	(void)state;
	assert_true(syscall_parse("running\n", &call));
	assert_int_equal(call.where, SYSCALL_RUNNING);
	assert_true(syscall_parse("-1 0x7ffd10 0x7f3c00\n", &call));
	assert_int_equal(call.where, SYSCALL_OUTSIDE);
	assert_true(call.sp == 0x7ffd10 && call.pc == 0x7f3c00);
	assert_true(syscall_parse("220 0x10 0x7ffe 0x1 0x0 0xffffffffffffffff 0x5 0x7ffd 0x7f3c\n",
				  &call));
	assert_int_equal(call.where, SYSCALL_INSIDE);
	assert_true(call.number == 220 && call.args[0] == 0x10 && call.args[1] == 0x7ffe &&
		    call.args[2] == 1 && call.args[3] == 0 && call.args[4] == UINT64_MAX &&
		    call.args[5] == 5 && call.sp == 0x7ffd && call.pc == 0x7f3c);
}

static void test_hostile(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"running",
		"running ",
		"running\nx",
		"-1\n",
		"-1 0x1\n",
		"-1 0x1 0x2",
		"-1 0x1 0x2 0x3\n",
		"-2 0x1 0x2\n",
		"+1 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n",
		" 1 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n",
		"1 0x1 0x2 0x3 0x4 0x5 0x6 0x7\n",
		"1 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8 0x9\n",
		"1 0x1 0x2 0x3 0x4 0x5 0x6 0x7 8\n",
		"1  0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n",
		"1 0x10000000000000000 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n",
		"99999999999999999999 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n",
		"1 0x 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n",
		"1 0x-1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n",
	};
	struct syscall_state call;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		CHECK(!syscall_parse(texts[i], &call), "row %zu", i);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST("This machine's numbers are those of its headers", test_own),
		TEST("Those of aarch64 are the kernel's generic ones", test_generic),
		TEST("A number and its name lead to each other", test_unique),
		TEST("No name and no number stands there twice", test_rows),
		TEST("What is no number of a call has no row", test_none),
		TEST("Running, in no call, in a call", test_parse),
		TEST("All else is refused", test_hostile),
	};

	return RUN(tests);
}
