/* SPDX-License-Identifier: MIT */
/* Who is in a set of processes, who of it is spared, and that nobody else gets the signal. */
#include "sets.h"

static void test_group(void **state)
{
	const pid_t leader = in_group(0, idle, NULL), second = in_group(leader, idle, NULL);
	const pid_t other = in_group(0, idle, NULL);
	size_t left = 9;

	(void)state;
	assert_int_equal(open_one(IPCK_PGRP, leader), IPCK_OK);
	assert_int_equal(ipck_process_set_count(set), 2);
	assert_non_null(member_of(leader));
	assert_int_equal(member_of(second)->pgid, leader);
	assert_int_equal(member_of(second)->process.start_time, stat_field(second, 22));
	assert_int_equal(count_state(IPCK_MEMBER_PLANNED), 2);
	assert_int_equal(ipck_process_set_signal(ctx, set, SIGTERM), IPCK_OK);
	assert_int_equal(ipck_process_set_wait(ctx, set, 20000, &left), IPCK_OK);
	assert_int_equal(left, 0);
	assert_int_equal(count_state(IPCK_MEMBER_ENDED), 2);
	assert_int_equal(reap(leader), SIGTERM);
	assert_int_equal(reap(second), SIGTERM);
	assert_true(lives(other));
	assert_int_equal(state_of(other), 'S');
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		SET_TEST("a group gets a signal, and nobody else", test_group),
	};

	return RUN(tests);
}

int main(void)
{
	return run_inside(run);
}
