/* SPDX-License-Identifier: MIT */
/* The processes that references name, held by descriptors, to be signalled as one. */
#ifndef ACTION_PROCESS_SET_H
#define ACTION_PROCESS_SET_H

#include "ipckit.h"

#endif
