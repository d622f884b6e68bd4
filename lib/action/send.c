/* SPDX-License-Identifier: MIT */
/* Sending a signal through a descriptor: it reaches that process, or none. */
#include "action/send.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Is the call refused whatever the process?  Nobody lacks the right to send himself nothing. */
static bool refused_always(void)
{
	const int self = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool refused = self >= 0 && syscall(SYS_pidfd_send_signal, self, 0, NULL, 0) != 0 &&
		       (errno == EPERM || errno == EACCES);

	if (self >= 0)
		close(self);
	return refused;
}

int send_through(int fd, int signo)
{
	int error;

	if (syscall(SYS_pidfd_send_signal, fd, signo, NULL, 0) == 0)
		return 0;
	error = errno;
	return (error == EPERM || error == EACCES) && refused_always() ? ENOSYS : error;
}
