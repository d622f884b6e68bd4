/* SPDX-License-Identifier: MIT */
/* How much the files of one file system occupy.  Looks at folders, opens no file. */
#ifndef SOURCE_FILES_H
#define SOURCE_FILES_H

#include <stdint.h>

struct files {       /* bytes allocated; each file once, however many names it has */
	uint64_t listed; /* of what has a name in the folder itself */
	uint64_t nested; /* of what has none there, but in its folders */
};

/*
 * All that lies below an open folder (O_PATH will do), on the same device.
 * 0, or why some of it could not be seen: IPCK_ERR_DENIED, IPCK_ERR_MEMORY ...
 */
int files_add_up(int folder, struct files *files);

#endif
