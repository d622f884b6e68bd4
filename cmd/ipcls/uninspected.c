/* SPDX-License-Identifier: MIT */
/* Which threads could not be inspected, said once at the end, with who may. */
#include "common/program.h"
#include "ipcls.h"

void complain_uninspected(size_t threads_denied, const struct ipck_coverage *coverage)
{
	if (threads_denied > 0)
		complain("%zu thread%s could not be inspected: %s; run as root, or with "
			 "CAP_SYS_PTRACE",
			 threads_denied, threads_denied == 1 ? "" : "s",
			 ipck_strerror(IPCK_ERR_DENIED));
	if (coverage->hidden)
		complain("/proc hides the processes of other users (hidepid); root would see them");
}
