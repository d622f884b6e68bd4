/* SPDX-License-Identifier: MIT */
/* Threads in read(), write() and their kin: on pipes, sockets, terminals and all else. */
#include "insight/waits.h"

#include <stdlib.h>

int wait_look_read(struct waits_reading *reading, const struct thread *thread,
		   struct waiting *waiting)
{
	return wait_look_other(reading, thread, waiting);
}

int wait_look_write(struct waits_reading *reading, const struct thread *thread,
		    struct waiting *waiting)
{
	return wait_look_other(reading, thread, waiting);
}

int wait_look_open(struct waits_reading *reading, const struct thread *thread,
		   struct waiting *waiting)
{
	return wait_look_other(reading, thread, waiting);
}

int wait_look_connect(struct waits_reading *reading, const struct thread *thread,
		      struct waiting *waiting)
{
	return wait_look_other(reading, thread, waiting);
}

int wait_look_accept(struct waits_reading *reading, const struct thread *thread,
		     struct waiting *waiting)
{
	return wait_look_other(reading, thread, waiting);
}

int wait_settle_files(struct waits_reading *reading, struct waiting *waiting)
{
	(void)reading;
	(void)waiting;
	return IPCK_OK;
}

struct wait_files {
	int nothing;
};

void wait_files_free(struct wait_files *files)
{
	free(files);
}

int waits_describe_fd(struct waits_reading *reading, const struct thread *thread,
		      struct waiting *waiting, int fd)
{
	return waits_fd_text(reading, thread, fd, &waiting->wait.object);
}

int waits_fd_text(struct waits_reading *reading, const struct thread *thread, int fd,
		  const char **text)
{
	(void)thread;
	*text = waits_text(reading, "fd %d", fd);
	return *text != NULL ? IPCK_OK : IPCK_ERR_MEMORY;
}
