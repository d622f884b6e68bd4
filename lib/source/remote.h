/* SPDX-License-Identifier: MIT */
/* The memory of another process, read without stopping it. */
#ifndef SOURCE_REMOTE_H
#define SOURCE_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Copy size bytes from address in the memory of a thread by process_vm_readv(2).  It can allocate
 * a page that was never touched: only what a sleeping system call points to is read, which was.
 * 0; or -errno: EFAULT when not all of it is there, EPERM, ESRCH, ENOSYS.
 */
int remote_read(pid_t tid, uint64_t address, void *to, size_t size);
/*
 * The same of a string, with its NUL, of at most size bytes: never past the page that it ends in.
 * 0 or -errno: ENAMETOOLONG when it does not end within size.
 */
int remote_string(pid_t tid, uint64_t address, char *to, size_t size);

/*
 * Has the process a page at this address, so that reading it allocates none?  file: "pagemap", or
 * a thread's, relative to the open folder dir.  False also where that is not to be seen.
 */
bool remote_is_touched(int dir, const char *file, uint64_t address);

#endif
