/* SPDX-License-Identifier: MIT */
/* Rows of /proc/sysvipc, as Linux 6.18 printed them or as its format strings would. */
#include "unit.h"

#include "source/sysv.h"

/* Made by shmget, shmat, IPC_SET, SHM_LOCK and IPC_RMID in a namespace of their own. */
static const char shm_owned[] =
	"     21554          0   640                 70000 17021 18711      1  1000  1001     "
	"0     0 1795255952 1795255951 1795255949                  8192                     0";
static const char shm_dest[] =
	"         0          1  3600                  4096 17021 18711      1     0     0     "
	"0     0 1795255952 1795255952 1795255951                     0                     0";
static const char shm_negative[] =
	"-2147483648          2   666                     1 17021     0      0     0     0     "
	"0     0          0          0 1795255951                     0                     0";
static const char msg_full[] =
	"        -1          0   622         217          2 17021 18711  1002  1003     0     0 "
	"1795255951 1795255952 1795255950";
static const char sem_row[] =
	"2147483647          0   604        250  1004  1005     0     0 1795255953 1795255954";

static void test_shm(void **state)
{
	struct ipck_object object;

	(void)state;
	assert_true(sysv_parse_shm(shm_owned, &object));
	assert_int_equal(object.kind, IPCK_SHM);
	assert_int_equal(object.key, 0x5432);
	assert_int_equal(object.id, 0);
	assert_int_equal(object.mode, 0640);
	assert_int_equal(object.shm.size, 70000);
	assert_int_equal(object.shm.creator.pid, 17021);
	assert_int_equal(object.shm.creator.state, IPCK_OPERATOR_UNASKED);
	assert_int_equal(object.shm.last_operator.pid, 18711);
	assert_int_equal(object.shm.last_operator.state, IPCK_OPERATOR_UNASKED);
	assert_int_equal(object.shm.nattch, 1);
	assert_int_equal(object.uid, 1000);
	assert_int_equal(object.gid, 1001);
	assert_int_equal(object.cuid, 0);
	assert_int_equal(object.cgid, 0);
	assert_int_equal(object.shm.atime, 1795255952);
	assert_int_equal(object.shm.dtime, 1795255951);
	assert_int_equal(object.ctime, 1795255949);
	assert_int_equal(object.last_used, 1795255952);
	assert_int_equal(object.shm.rss, 8192);
	assert_int_equal(object.shm.swap, 0);
	assert_int_equal(object.known, IPCK_SHM_RSS | IPCK_SHM_SWAP);
	/* neither source tells of huge pages and reservation */
	assert_int_equal(object.unknown.unsupported, IPCK_SHM_HUGETLB | IPCK_SHM_NORESERVE);
	assert_false(object.shm.dest);
	assert_false(object.shm.locked);
}

static void test_shm_status(void **state)
{
	struct ipck_object object;

	(void)state;
	assert_true(sysv_parse_shm(shm_dest, &object));
	assert_int_equal(object.key, 0);
	assert_int_equal(object.id, 1);
	assert_int_equal(object.mode, 0600);
	assert_true(object.shm.dest);
	assert_true(object.shm.locked);

	assert_true(sysv_parse_shm("0 1 1644 1 2 3 0 0 0 0 0 0 0 0 0 0", &object));
	assert_true(object.shm.dest);
	assert_false(object.shm.locked);
	assert_int_equal(object.mode, 0644);
	assert_true(sysv_parse_shm("0 1 2644 1 2 3 0 0 0 0 0 0 0 0 0 0", &object));
	assert_false(object.shm.dest);
	assert_true(object.shm.locked);
}

/* Each column a value of its own, so that none can stand for another. */
static void test_shm_columns(void **state)
{
	struct ipck_object object;

	(void)state;
	assert_true(
		sysv_parse_shm("-3 4 777 50 60 70 80 90 100 110 120 130 140 150 160 170", &object));
	assert_int_equal(object.key, 0xfffffffd);
	assert_int_equal(object.id, 4);
	assert_int_equal(object.mode, 0777);
	assert_int_equal(object.shm.size, 50);
	assert_int_equal(object.shm.creator.pid, 60);
	assert_int_equal(object.shm.last_operator.pid, 70);
	assert_int_equal(object.shm.nattch, 80);
	assert_int_equal(object.uid, 90);
	assert_int_equal(object.gid, 100);
	assert_int_equal(object.cuid, 110);
	assert_int_equal(object.cgid, 120);
	assert_int_equal(object.shm.atime, 130);
	assert_int_equal(object.shm.dtime, 140);
	assert_int_equal(object.ctime, 150);
	assert_int_equal(object.last_used, 150);
	assert_int_equal(object.shm.rss, 160);
	assert_int_equal(object.shm.swap, 170);
}

static void test_msg(void **state)
{
	struct ipck_object object;

	(void)state;
	assert_true(sysv_parse_msg(msg_full, &object));
	assert_int_equal(object.kind, IPCK_MSG);
	assert_int_equal(object.key, UINT32_MAX);
	assert_int_equal(object.mode, 0622);
	assert_int_equal(object.msg.bytes, 217);
	assert_int_equal(object.msg.messages, 2);
	assert_int_equal(object.msg.sender.pid, 17021);
	assert_int_equal(object.msg.receiver.pid, 18711);
	assert_int_equal(object.msg.stime, 1795255951);
	assert_int_equal(object.msg.rtime, 1795255952);
	assert_int_equal(object.ctime, 1795255950);
	assert_int_equal(object.last_used, 1795255952);
	assert_int_equal(object.known, 0); /* the file does not tell max_bytes */

	assert_true(sysv_parse_msg("1 2 3 4 5 6 7 8 9 10 11 12 13 14", &object));
	assert_int_equal(object.id, 2);
	assert_int_equal(object.msg.sender.pid, 6);
	assert_int_equal(object.msg.receiver.pid, 7);
	assert_int_equal(object.uid, 8);
	assert_int_equal(object.gid, 9);
	assert_int_equal(object.cuid, 10);
	assert_int_equal(object.cgid, 11);
	assert_int_equal(object.last_used, 14);
}

static void test_sem(void **state)
{
	struct ipck_object object;

	(void)state;
	assert_true(sysv_parse_sem(sem_row, &object));
	assert_int_equal(object.kind, IPCK_SEM);
	assert_int_equal(object.key, INT32_MAX);
	assert_int_equal(object.id, 0);
	assert_int_equal(object.mode, 0604);
	assert_int_equal(object.sem.nsems, 250);
	assert_int_equal(object.uid, 1004);
	assert_int_equal(object.gid, 1005);
	assert_int_equal(object.sem.otime, 1795255953);
	assert_int_equal(object.ctime, 1795255954);
	assert_int_equal(object.last_used, 1795255954);

	assert_true(sysv_parse_sem("1 2147483647 3 4 5 6 7 8 10 9", &object));
	assert_int_equal(object.id, INT32_MAX);
	assert_int_equal(object.uid, 5);
	assert_int_equal(object.gid, 6);
	assert_int_equal(object.cuid, 7);
	assert_int_equal(object.cgid, 8);
	assert_int_equal(object.last_used, 10);
}

static void test_keys(void **state)
{
	static const struct {
		const char *text;
		bool taken;
		uint32_t key;
	} rows[] = {
		{ "0", true, 0 },
		{ "2147483647", true, 0x7fffffff },
		{ "-2147483648", true, 0x80000000 },
		{ "-559038737", true, 0xdeadbeef },
		{ "-1", true, 0xffffffff },
		{ "4294967295", true, 0xffffffff }, /* printed unsigned: some other kernel */
		{ "4294967296", false, 0 },
		{ "-2147483649", false, 0 },
		{ "-4294967296", false, 0 },
		{ "18446744073709551615", false, 0 },
		{ "-18446744073709551615", false, 0 },
		{ "18446744073709551616", false, 0 },
		{ "-", false, 0 },
		{ "--1", false, 0 },
		{ "+1", false, 0 },
		{ "0x1", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ipck_object object = { 0 };
		char line[128];
		bool taken;

		snprintf(line, sizeof(line), "%10s          7   600 1 0 0 0 0 0 1", rows[i].text);
		taken = sysv_parse_sem(line, &object);
		CHECK(taken == rows[i].taken, "key %s: %s", rows[i].text,
		      taken ? "taken" : "refused");
		CHECK(!taken || object.key == rows[i].key, "key %s: %x", rows[i].text, object.key);
	}
	assert_true(sysv_parse_shm(shm_negative, &(struct ipck_object){ 0 }));
}

/* A number that does not fit its field must not come out as another one. */
static void test_out_of_range(void **state)
{
	static const char *const rows[] = {
		"1 2147483648 600 1 0 0 0 0 0 1", /* id */
		"1 4294967296 600 1 0 0 0 0 0 1", /* an id that would wrap to 0 */
		"1 -1 600 1 0 0 0 0 0 1",         /* id */
		"1 2 -600 1 0 0 0 0 0 1",         /* mode */
		"1 2 608 1 0 0 0 0 0 1",          /* mode: no octal digit */
		"1 2 600 -1 0 0 0 0 0 1",         /* nsems */
		"1 2 600 1 4294967296 0 0 0 0 1", /* uid: would wrap to root */
		"1 2 600 1 0 4294967296 0 0 0 1", /* gid */
		"1 2 600 1 0 0 4294967296 0 0 1", /* cuid */
		"1 2 600 1 0 0 0 4294967296 0 1", /* cgid */
		"1 2 600 1 -1 0 0 0 0 1",         /* uid */
		"1 2 600 1 0 0 0 0 -1 1",         /* otime */
		"1 2 600 1 0 0 0 0 0 -1",         /* ctime */
		"1 2 600 1 0 0 0 0 0 9223372036854775808",
		"1 2 600 1 0 0 0 0 0 18446744073709551616",
		"1 2 600 18446744073709551616 0 0 0 0 0 1",
	};
	struct ipck_object object;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK(!sysv_parse_sem(rows[i], &object), "taken: %s", rows[i]);
	assert_false(sysv_parse_shm("1 2 600 1 2147483648 0 0 0 0 0 0 0 0 0 0 0", &object));
	assert_false(sysv_parse_shm("1 2 600 1 0 4294967297 0 0 0 0 0 0 0 0 0 0", &object));
	assert_false(sysv_parse_shm("1 2 600 -1 0 0 0 0 0 0 0 0 0 0 0 0", &object));
	assert_false(sysv_parse_msg("1 2 600 0 0 2147483648 0 0 0 0 0 0 0 0", &object));
	assert_true(sysv_parse_shm("1 2 600 18446744073709551615 2147483647 0 0 4294967295 0 0 0 "
				   "9223372036854775807 0 0 18446744073709551615 0",
				   &object));
	assert_true(object.shm.size == UINT64_MAX && object.shm.rss == UINT64_MAX);
	assert_true(object.shm.creator.pid == INT32_MAX && object.uid == UINT32_MAX);
	assert_true(object.shm.atime == INT64_MAX && object.last_used == INT64_MAX);
}

static void test_fourteen_columns(void **state)
{
	char line[sizeof(shm_owned)];
	struct ipck_object object;

	(void)state;
	strcpy(line, shm_owned);
	*(strstr(line, "1795255949") + 10) = '\0';
	assert_true(sysv_parse_shm(line, &object));
	assert_int_equal(object.ctime, 1795255949);
	assert_int_equal(object.known & (IPCK_SHM_RSS | IPCK_SHM_SWAP), 0);
	assert_int_equal(object.unknown.unsupported,
			 IPCK_SHM_RSS | IPCK_SHM_SWAP | IPCK_SHM_HUGETLB | IPCK_SHM_NORESERVE);
	assert_int_equal(object.shm.rss, 0);
	assert_int_equal(ipck_object_why(&object, IPCK_SHM_RSS), IPCK_ERR_UNSUPPORTED);
}

typedef bool parser(const char *line, struct ipck_object *object);

/* Cut before its last needed column, a row says nothing. */
static void check_cut(parser *parse, const char *row, const char *last)
{
	const size_t needed = (size_t)(strstr(row, last) - row);
	char line[256];
	struct ipck_object object;

	snprintf(line, sizeof(line), "%s", row);
	for (size_t length = needed; length-- > 0;) {
		line[length] = '\0';
		CHECK(!parse(line, &object), "taken: %s", line);
	}
}

static void test_truncated(void **state)
{
	(void)state;
	check_cut(sysv_parse_shm, shm_owned, "1795255949");
	check_cut(sysv_parse_msg, msg_full, "1795255950");
	check_cut(sysv_parse_sem, sem_row, "1795255954");
}

static void test_extra_columns(void **state)
{
	struct ipck_object object;
	char line[256];

	(void)state;
	snprintf(line, sizeof(line), "%s          4711 -5 text", shm_owned);
	assert_true(sysv_parse_shm(line, &object));
	assert_int_equal(object.shm.rss, 8192);
	snprintf(line, sizeof(line), "%s          4711 -5 text", msg_full);
	assert_true(sysv_parse_msg(line, &object));
	assert_int_equal(object.ctime, 1795255950);
	snprintf(line, sizeof(line), "%s          4711 -5 text", sem_row);
	assert_true(sysv_parse_sem(line, &object));
	assert_int_equal(object.ctime, 1795255954);
}

static void test_not_rows(void **state)
{
	static const char *const rows[] = {
		"",
		" ",
		"       key      semid perms      nsems   uid   gid  cuid  cgid      otime      "
		"ctime",
		"1,2,600,1,0,0,0,0,0,1",
		"1\t2\t600\t1\t0\t0\t0\t0\t0\t1",
		"1 2 600 1 0 0 0 0 0x 1",
		"1 2 600 1 0 0 0 0 0 1x",
		"1 2 rw- 1 0 0 0 0 0 1",
		"\xff\xfe",
	};
	struct ipck_object object;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		CHECK(!sysv_parse_shm(rows[i], &object), "shm: %s", rows[i]);
		CHECK(!sysv_parse_msg(rows[i], &object), "msg: %s", rows[i]);
		CHECK(!sysv_parse_sem(rows[i], &object), "sem: %s", rows[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("a row of /proc/sysvipc/shm is read", test_shm),
		TEST("dest and locked are bits of a segment's mode, each by itself",
		     test_shm_status),
		TEST("each column of a segment goes to its own field", test_shm_columns),
		TEST("a row of /proc/sysvipc/msg is read", test_msg),
		TEST("a row of /proc/sysvipc/sem is read", test_sem),
		TEST("keys are read signed, and refused past 32 bits", test_keys),
		TEST("numbers that do not fit their field are refused, never wrapped",
		     test_out_of_range),
		TEST("a segment's row without rss and swap leaves these unknown",
		     test_fourteen_columns),
		TEST("a row cut at any byte before its last column is refused", test_truncated),
		TEST("columns that a later kernel adds are passed over", test_extra_columns),
		TEST("headings and other lines are no rows", test_not_rows),
	};

	return RUN(tests);
}
