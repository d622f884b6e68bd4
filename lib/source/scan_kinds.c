/* SPDX-License-Identifier: MIT */
/* What a scan is asked for, and what tells the kinds apart: devices, namespaces, identities. */
#include "source/maps.h"
#include "source/scanner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008u
#endif

bool scanner_is_memory(const struct scanner *scanner, uint32_t major, uint32_t minor)
{
	for (size_t i = 0; i < scanner->memory_count; i++)
		if (scanner->memory[i].minor == minor && scanner->memory[i].major == major)
			return true;
	return false;
}

bool scanner_is_posix(const struct scanner *scanner, uint32_t major, uint32_t minor)
{
	for (size_t i = 0; i < scanner->query->device_count; i++)
		if (scanner->query->devices[i].major == major &&
		    scanner->query->devices[i].minor == minor)
			return true;
	return false;
}

static int by_identity(const void *a, const void *b)
{
	return identity_compare(a, b);
}

bool scanner_wants(const struct scanner *scanner, const struct identity *object)
{
	const struct scan_query *query = scanner->query;

	return query->wanted == NULL || bsearch(object, query->wanted, query->wanted_count,
						sizeof(*query->wanted), by_identity) != NULL;
}

uint64_t scanner_ipc(struct scanner *scanner)
{
	char path[48] = "ns/ipc";
	struct stat status;

	/* that of a thread that has ended leads nowhere */
	if (scanner->alive != 0)
		snprintf(path, sizeof(path), "task/%d/ns/ipc", (int)scanner->alive);
	if (!scanner->ipc_known)
		scanner->ipc = fstatat(scanner->dir, path, &status, 0) == 0 ? status.st_ino : 0;
	scanner->ipc_known = true;
	return scanner->ipc;
}

/* ---- Devices of memory files ---- */

static void add_memory(struct scanner *scanner, uint32_t major, uint32_t minor)
{
	if (!scanner_is_memory(scanner, major, minor) && scanner->memory_count < SCAN_MEMORIES)
		scanner->memory[scanner->memory_count++] =
			(struct scan_device){ .major = major, .minor = minor };
}

/* Executable memory files may be forbidden, and older kernels do not know the word for the others.
 */
static int make_memory(unsigned flags)
{
	int fd = memfd_create("", MFD_CLOEXEC | MFD_NOEXEC_SEAL | flags);

	return fd < 0 && errno == EINVAL ? memfd_create("", MFD_CLOEXEC | flags) : fd;
}

/* A page of ours that is not of a file descriptor: where no memory file may be made. */
static int on_own_area(struct area *area, void *data)
{
	struct scanner *scanner = data;

	if (area->start <= scanner->page && scanner->page < area->end)
		add_memory(scanner, area->major, area->minor);
	return 0;
}

static void find_memory_by_map(struct scanner *scanner)
{
	const size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, size, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return;
	scanner->page = (uint64_t)(uintptr_t)page;
	maps_each(AT_FDCWD, "/proc/self/maps", false, MAPS_AUTO, on_own_area, scanner);
	munmap(page, size);
}

/* Segments and memory files lie on devices that the kernel shows nowhere: ours are on them too. */
void scanner_find_memory(struct scanner *scanner)
{
	/* the powers of two that architectures have huge pages of; 0 = the default */
	static const unsigned char sizes[] = { 0, 16, 19, 20, 21, 23, 24, 25, 28, 29, 30, 31, 34 };

	for (size_t i = 0; i <= sizeof(sizes); i++) {
		const int fd = make_memory(
			i == sizeof(sizes) ? 0
					   : MFD_HUGETLB | (unsigned)sizes[i] << MAP_HUGE_SHIFT);
		struct stat status;

		if (fd < 0)
			continue;
		if (fstat(fd, &status) == 0)
			add_memory(scanner, major(status.st_dev), minor(status.st_dev));
		close(fd);
	}
	if (scanner->memory_count == 0)
		find_memory_by_map(scanner);
}
