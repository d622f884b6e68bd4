/* SPDX-License-Identifier: MIT */
/* What --blocked and --deadlocks could not see, said once at the end. */
#include "common/coverage.h"
#include "common/program.h"
#include "ipcls.h"

void complain_uninspected(size_t threads_denied, const struct ipck_coverage *coverage)
{
	if (threads_denied > 0)
		complain("%zu thread%s could not be inspected: %s; %s", threads_denied,
			 threads_denied == 1 ? "" : "s", ipck_strerror(IPCK_ERR_DENIED),
			 coverage_remedy());
	else if (coverage->denied > 0)
		complain("%zu process%s could not be looked into: %s; %s", coverage->denied,
			 coverage->denied == 1 ? "" : "es", ipck_strerror(IPCK_ERR_DENIED),
			 coverage_remedy());
	if (coverage->hidden)
		complain("/proc hides the processes of other users (hidepid): their threads are "
			 "not inspected; run as root to see them");
}
