/* SPDX-License-Identifier: MIT */
/*
 * The one thread that calls libproc2.  Of each thread that ever opened a handle, libproc2 keeps
 * 256 KiB for good, so that threads of a caller, which come and go, must not.
 */
#ifndef SOURCE_PROCESS_TABLE_THREAD_H
#define SOURCE_PROCESS_TABLE_THREAD_H

/*
 * Let the thread do the work, and wait for it: its result.  The thread is made at the first call,
 * and again in a child of fork().  Any number of threads may call; their work is done in turn.
 * Where no thread can be made, the work is done in the caller's.  The work must not call this.
 */
int process_table_thread_run(int (*work)(void *data), void *data);

#endif
