/* SPDX-License-Identifier: MIT */
/* Which namespaces a process lives in. */
#ifndef SOURCE_NAMESPACE_H
#define SOURCE_NAMESPACE_H

#include <stdint.h>

uint64_t namespace_own_ipc(void); /* the inode that names it; 0 where /proc does not tell */

#endif
