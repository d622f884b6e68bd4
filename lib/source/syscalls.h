/* SPDX-License-Identifier: MIT */
/* System calls by number, and the text of /proc/PID/syscall.  Pure: nothing is read here. */
#ifndef SOURCE_SYSCALLS_H
#define SOURCE_SYSCALLS_H

#include <stdbool.h>
#include <stdint.h>

/* Calls that are decoded alike. */
enum call_family {
	CALL_OTHER,
	CALL_SEMOP, /* semop, semtimedop */
	CALL_MSGSND,
	CALL_MSGRCV,
	CALL_MQ_SEND,
	CALL_MQ_RECEIVE,
	CALL_READ,
	CALL_WRITE,
	CALL_OPEN,
	CALL_CONNECT,
	CALL_FLOCK,
	CALL_FCNTL,
	CALL_FUTEX,
	CALL_FUTEX_WAIT,
	CALL_FUTEX_WAITV,
	CALL_WAIT4,
	CALL_WAITID,
	CALL_VFORK,
	CALL_CLONE,  /* waits with CLONE_VFORK only */
	CALL_CLONE3, /* the same */
	CALL_POLL,   /* poll, ppoll */
	CALL_SELECT, /* select, pselect6 */
	CALL_EPOLL,
	CALL_ACCEPT,
	CALL_SLEEP, /* nanosleep, clock_nanosleep */
	CALL_PAUSE,
	CALL_SIGSUSPEND,
	CALL_SIGWAIT,
	CALL_RESTART, /* restart_syscall: goes on with an earlier call, with its arguments */
	CALL_FAMILIES
};

enum machine { MACHINE_X86_64, MACHINE_AARCH64, MACHINE_OTHER };
#if defined(__x86_64__) && defined(__LP64__)
#define MACHINE_OWN MACHINE_X86_64
#elif defined(__aarch64__) && defined(__LP64__)
#define MACHINE_OWN MACHINE_AARCH64
#else
#define MACHINE_OWN MACHINE_OTHER
#endif

struct syscall_row {
	const char *name;
	int16_t number[2]; /* by enum machine; -1: it has none */
	uint8_t family;    /* enum call_family */
	bool takes_fd;     /* its first argument is a descriptor */
};

/* NULL: no call that this version knows. */
const struct syscall_row *syscall_look(enum machine machine, uint64_t number);
/* The number of a call by name; -1: none. */
int syscall_number(enum machine machine, const char *name);

struct syscall_state {
	enum {
		SYSCALL_RUNNING, /* on a processor, or ready for one */
		SYSCALL_OUTSIDE, /* it sleeps, but in no call: a page fault, an exit, a stop */
		SYSCALL_INSIDE
	} where;
	uint64_t number, args[6]; /* SYSCALL_INSIDE */
	uint64_t sp, pc;          /* but for SYSCALL_RUNNING */
};

/* "running", "-1 0xSP 0xPC", or "NUMBER 0xARGUMENT... 0xSP 0xPC"; false when it is none of them. */
bool syscall_parse(const char *text, struct syscall_state *state);
/* Are both the very same call, from the same place, with the same arguments? */
bool syscall_is_same(const struct syscall_state *a, const struct syscall_state *b);

#endif
