/* SPDX-License-Identifier: MIT */
/*
 * What a mapped area shows.  Its name is looked at first: segments, memory files and shared
 * anonymous memory lie on one device.
 */
#include "source/area_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008u
#endif

/* ---- Names ---- */

/* "/SYSV" and the key, eight digits of base 16. */
static bool is_segment(const char *name)
{
	return strncmp(name, "/SYSV", 5) == 0 && strlen(name) == 13 &&
	       strspn(name + 5, "0123456789abcdef") == 8;
}

/* On a /dev/shm that was not asked for, of another mount namespace say. */
static bool in_dev_shm(const struct area *area)
{
	return area->major == 0 && strncmp(area->name, "/dev/shm/", 9) == 0;
}

/* Not "socket:[1]" nor "anon_inode:[...]".  A name that is too long to be told is a path. */
static bool is_path(const char *name)
{
	return name[0] == '/' || name[0] == '\0';
}

enum ipck_kind area_kind(const struct memory_devices *memory, const struct area *area, bool posix)
{
	const bool in_memory = memory_devices_have(memory, area->major, area->minor);

	if (in_memory && is_segment(area->name))
		return IPCK_SHM;
	if (in_memory && strncmp(area->name, "/memfd:", 7) == 0)
		return IPCK_MEMFD;
	if (posix || in_dev_shm(area))
		return IPCK_POSIX_SHM;
	/* on a memory device: anonymous, whatever its name */
	if (area->shared && (in_memory || is_path(area->name)))
		return IPCK_MMAP;
	return 0;
}

/* ---- Devices ---- */

bool memory_devices_have(const struct memory_devices *devices, uint32_t major, uint32_t minor)
{
	for (size_t i = 0; i < devices->count; i++)
		if (devices->rows[i].minor == minor && devices->rows[i].major == major)
			return true;
	return false;
}

static void add_device(struct memory_devices *devices, uint32_t major, uint32_t minor)
{
	if (memory_devices_have(devices, major, minor) ||
	    devices->count == sizeof(devices->rows) / sizeof(devices->rows[0]))
		return;
	devices->rows[devices->count].major = major;
	devices->rows[devices->count++].minor = minor;
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
	struct memory_devices *devices = data;

	if (area->start <= devices->page && devices->page < area->end)
		add_device(devices, area->major, area->minor);
	return 0;
}

static void find_by_map(struct memory_devices *devices)
{
	const size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, size, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return;
	devices->page = (uint64_t)(uintptr_t)page;
	maps_each(AT_FDCWD, "/proc/self/maps", false, MAPS_AUTO, on_own_area, devices);
	munmap(page, size);
}

/* Segments and memory files lie on devices that the kernel shows nowhere: ours are on them too. */
void memory_devices_find(struct memory_devices *devices)
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
			add_device(devices, major(status.st_dev), minor(status.st_dev));
		close(fd);
	}
	if (devices->count == 0)
		find_by_map(devices);
}
