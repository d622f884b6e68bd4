/* SPDX-License-Identifier: MIT */
/* What of the system a scan could not see, said once at the end, with who would see it. */
#include "common/coverage.h"
#include "common/program.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool may_trace(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	return syscall(SYS_capget, &header, data) == 0 &&
	       (data[0].effective & CAP_TO_MASK(CAP_SYS_PTRACE)) != 0;
}

const char *coverage_remedy(void)
{
	return geteuid() != 0 ? "run as root, or with CAP_SYS_PTRACE"
	       : may_trace()  ? "not even root may"
			      : "root needs CAP_SYS_PTRACE for that, which containers often lack";
}

void coverage_hidden(void)
{
	complain("/proc hides the processes of other users (hidepid); root would see them, and who "
		 "is in the group of its mount option gid=");
}

void coverage_complain(const struct ipck_coverage *coverage, const struct ipck_selection *selection)
{
	const size_t all = coverage->processes + coverage->denied;
	const bool orphans = (selection->tests & IPCK_SELECT_ORPHANED) != 0;

	if (coverage->denied > 0 && !coverage->early)
		complain("%zu of %zu processes could not be looked into: %s; %s", coverage->denied,
			 all, ipck_strerror(IPCK_ERR_DENIED),
			 geteuid() != 0 ? "root would see them" : coverage_remedy());
	if (coverage->hidden && !coverage->early)
		complain("/proc hides the processes of other users (hidepid); root would see them");
	if (coverage->inner && orphans)
		complain("processes outside of this pid namespace are out of sight: nothing that "
			 "they may hold is proven; run it on the host");
	if (coverage->namespaces_denied > 0)
		complain("the namespaces of %zu process%s could not be entered: %s; root would see "
			 "what is there",
			 coverage->namespaces_denied, coverage->namespaces_denied == 1 ? "" : "es",
			 ipck_strerror(IPCK_ERR_DENIED));
}
