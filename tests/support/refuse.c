/* SPDX-License-Identifier: MIT */
/*
 * Runs a command to which the kernel refuses chosen IPC calls, as an old kernel, a container's
 * seccomp profile or a security module would: a real refusal, by a seccomp filter.
 *
 *   refuse ERRNO CALL... -- COMMAND ARG...
 *     CALL: stat_any  SHM_STAT_ANY, MSG_STAT_ANY, SEM_STAT_ANY
 *           info      IPC_INFO, SHM_INFO, MSG_INFO, SEM_INFO
 *           ctl       all of shmctl, msgctl, semctl
 *           get       shmget, msgget, semget
 *           kill      kill
 *           setns     setns
 *           openat2   openat2
 *           msgrcv    msgrcv
 *           sysinfo   sysinfo
 *           readv     process_vm_readv
 *     stat_any=N: only for index N
 *   ERRNO: EPERM, EACCES, ENOSYS, EINVAL
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct sock_filter filter[256];
static unsigned short count;

static void add(unsigned short code, unsigned k, unsigned char yes, unsigned char no)
{
	filter[count++] = (struct sock_filter)BPF_JUMP(code, k, yes, no);
}

static void load(unsigned offset)
{
	add(BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

#define ARGUMENT(n) ((unsigned)offsetof(struct seccomp_data, args[n]))
#define NUMBER ((unsigned)offsetof(struct seccomp_data, nr))

/* Refuse this call; with command >= 0 only when argument number `where` is it (low byte: glibc may
 * add IPC_64), and with index >= 0 only when the first argument is that. */
static void refuse(long call, int where, int command, int index, unsigned verdict)
{
	unsigned char skip = (unsigned char)(1 + (command >= 0 ? 3 : 0) + (index >= 0 ? 2 : 0));

	load(NUMBER);
	add(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, skip);
	if (command >= 0) {
		load(ARGUMENT(where));
		add(BPF_ALU | BPF_AND | BPF_K, 0xff, 0, 0);
		add(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)command, 0,
		    (unsigned char)(1 + (index >= 0 ? 2 : 0)));
	}
	if (index >= 0) {
		load(ARGUMENT(0));
		add(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)index, 0, 1);
	}
	add(BPF_RET | BPF_K, verdict, 0, 0);
}

static void refuse_word(const char *word, unsigned verdict)
{
	const char *equals = strchr(word, '=');
	const int index = equals != NULL ? atoi(equals + 1) : -1;

	if (strncmp(word, "stat_any", 8) == 0) {
		refuse(SYS_shmctl, 1, 15, index, verdict);
		refuse(SYS_msgctl, 1, 13, index, verdict);
		refuse(SYS_semctl, 2, 20, index, verdict);
	} else if (strcmp(word, "info") == 0) {
		refuse(SYS_shmctl, 1, 3, -1, verdict);
		refuse(SYS_msgctl, 1, 3, -1, verdict);
		refuse(SYS_semctl, 2, 3, -1, verdict);
		refuse(SYS_shmctl, 1, 14, -1, verdict);
		refuse(SYS_msgctl, 1, 12, -1, verdict);
		refuse(SYS_semctl, 2, 19, -1, verdict);
	} else if (strcmp(word, "ctl") == 0) {
		refuse(SYS_shmctl, 0, -1, -1, verdict);
		refuse(SYS_msgctl, 0, -1, -1, verdict);
		refuse(SYS_semctl, 0, -1, -1, verdict);
	} else if (strcmp(word, "get") == 0) {
		refuse(SYS_shmget, 0, -1, -1, verdict);
		refuse(SYS_msgget, 0, -1, -1, verdict);
		refuse(SYS_semget, 0, -1, -1, verdict);
	} else if (strcmp(word, "kill") == 0) {
		refuse(SYS_kill, 0, -1, -1, verdict);
	} else if (strcmp(word, "setns") == 0) {
		refuse(SYS_setns, 0, -1, -1, verdict);
	} else if (strcmp(word, "msgrcv") == 0) {
		refuse(SYS_msgrcv, 0, -1, -1, verdict);
	} else if (strcmp(word, "sysinfo") == 0) {
		refuse(SYS_sysinfo, 0, -1, -1, verdict);
	} else if (strcmp(word, "readv") == 0) {
		refuse(SYS_process_vm_readv, 0, -1, -1, verdict);
	} else if (strcmp(word, "openat2") == 0) {
		refuse(SYS_openat2, 0, -1, -1, verdict);
	} else {
		fprintf(stderr, "refuse: %s: unknown call\n", word);
		exit(2);
	}
}

static unsigned verdict_of(const char *name)
{
	static const struct {
		const char *name;
		unsigned number;
	} errors[] = {
		{ "EPERM", EPERM }, { "EACCES", EACCES }, { "ENOSYS", ENOSYS }, { "EINVAL", EINVAL }
	};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strcmp(errors[i].name, name) == 0)
			return SECCOMP_RET_ERRNO | errors[i].number;
	fprintf(stderr, "refuse: %s: unknown errno\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	struct sock_fprog program = { .filter = filter };
	int i = 2;

	if (argc < 4)
		return 2;
	for (; i < argc && strcmp(argv[i], "--") != 0; i++)
		refuse_word(argv[i], verdict_of(argv[1]));
	add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	program.len = count;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
		perror("refuse: seccomp");
		return 2;
	}
	execvp(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 127;
}
