/* SPDX-License-Identifier: MIT */
/* The members of a set that are not signalled: the caller, those it descends from, init, ... */
#include "action/process_set.h"

#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of the kernel's linux/pidfd.h, since 6.13; the headers may be older. */
struct pidfd_info {
	uint64_t mask, cgroupid;
	uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
	int32_t exit_code;
};
#define PIDFD_GET_INFO _IOWR(0xff, 11, struct pidfd_info)

/* The parent of a process that /proc hides.  -1: the kernel cannot tell. */
static pid_t hidden_parent(pid_t pid)
{
	struct pidfd_info info = { .mask = 1 };
	const int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	const bool told = fd >= 0 && ioctl(fd, PIDFD_GET_INFO, &info) == 0 && info.mask & 1;

	if (fd >= 0)
		close(fd);
	return told ? (pid_t)info.ppid : -1;
}

int set_find_ancestors(struct ipck_process_set *set, const struct sessions *sessions)
{
	const struct process_node *node = sessions_find(sessions, getpid());
	pid_t pid = getppid();

	if (node != NULL && set->oldest == 0)
		set->oldest = node->row.id.start_time;
	/* a circle is none of parents: one of the numbers was given again */
	for (size_t steps = 0; pid > 0 && steps <= sessions->count + 64; steps++) {
		struct table_slot *slot = table_slot(&set->ancestors, (uint32_t)pid);

		if (slot == NULL)
			return IPCK_ERR_MEMORY;
		slot->value = set;
		node = sessions_find(sessions, pid);
		if (node != NULL && node->row.id.start_time < set->oldest)
			set->oldest = node->row.id.start_time;
		pid = node != NULL ? node->row.ppid : hidden_parent(pid);
	}
	set->chain_broken |= pid != 0;
	return IPCK_OK;
}

/*
 * Could it be above the one that broke the chain?  Then it is older than all that were found, and
 * it leads a session, as a shell or a terminal multiplexer does, or is of our own.
 */
static bool may_be_ancestor(const struct ipck_process_set *set, const struct ipck_process *row)
{
	return set->chain_broken && row->id.start_time <= set->oldest &&
	       (row->sid == row->id.pid || row->sid == getsid(0));
}

enum ipck_spared set_spares(const struct ipck_process_set *set, const struct ipck_process *row,
			    bool by_session)
{
	const pid_t pid = row->id.pid;

	if (pid == getpid())
		return IPCK_SPARED_SELF;
	if (pid <= 1)
		return IPCK_SPARED_INIT;
	if (row->kernel)
		return IPCK_SPARED_KERNEL;
	if (table_find(&set->ancestors, (uint32_t)pid) != NULL || may_be_ancestor(set, row))
		return IPCK_SPARED_ANCESTOR;
	if (row->state == 'Z' && row->threads <= 1)
		return IPCK_SPARED_ZOMBIE;
	return by_session && !set->force ? IPCK_SPARED_SESSION : IPCK_SPARED_NOT;
}
