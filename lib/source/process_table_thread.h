/* SPDX-License-Identifier: MIT */
/*
 * The threads that call libproc2.  Of each thread that ever opened a handle it keeps 256 KiB for
 * good, so that threads of a caller, which come and go, must not: one does it for all of them, that
 * lives as long as the program.  So does the program's first one, which does it by itself.
 */
#ifndef SOURCE_PROCESS_TABLE_THREAD_H
#define SOURCE_PROCESS_TABLE_THREAD_H

/*
 * Do the work in such a thread, and wait for it: its result.  The thread is made when it is needed
 * first, and again in a child of fork().  Any number of threads may call; their work is done in
 * turn.  Where no thread can be made, it is done in the caller's.  The work must not call this.
 */
int process_table_thread_run(int (*work)(void *data), void *data);

#endif
