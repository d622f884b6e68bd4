/* SPDX-License-Identifier: MIT */
/* Containers and units: what the control groups of real runtimes are called, and what is not. */
#include "unit.h"

#include "source/container.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define ID "3f4e1a2b9c0d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9e0f"
#define ID_TOO "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define POD "9b0f2f2b-6a3e-4c11-a5e5-0d6f6d6f6d6f"
#define LONG_63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

static const struct {
	const char *text, *name;
} rows[] = {
	/* docker, by its two drivers, in v1 and v2 */
	{ "0::/system.slice/docker-" ID ".scope\n", "docker:3f4e1a2b9c0d" },
	{ "0::/docker/" ID "\n", "docker:3f4e1a2b9c0d" },
	{ "12:pids:/docker/" ID "\n11:memory:/docker/" ID "\n1:name=systemd:/docker/" ID
	  "\n0::/system.slice/containerd.service\n",
	  "docker:3f4e1a2b9c0d" },
	{ "0::/docker/" ID "/docker/" ID_TOO "\n", "docker:0123456789ab" },
	{ "0::/docker/" ID "/system.slice/nginx.service\n", "docker:3f4e1a2b9c0d" },
	{ "0::/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" ID ".scope\n",
	  "docker:3f4e1a2b9c0d" },
	{ "0::/../docker-" ID ".scope\n", "docker:3f4e1a2b9c0d" },
	{ "0::/system.slice/docker-" ID ".scope (deleted)\n", "docker:3f4e1a2b9c0d" },
	/* podman */
	{ "0::/machine.slice/libpod-" ID ".scope/container\n", "podman:3f4e1a2b9c0d" },
	{ "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope\n",
	  "podman:3f4e1a2b9c0d" },
	{ "0::/libpod_parent/libpod-" ID "\n", "podman:3f4e1a2b9c0d" },
	{ "0::/libpod_parent/" ID "\n", "podman:3f4e1a2b9c0d" },
	{ "0::/machine.slice/machine-libpod_pod_" ID_TOO ".slice/libpod-" ID ".scope\n",
	  "podman:3f4e1a2b9c0d" },
	{ "0::/machine.slice/libpod-conmon-" ID ".scope\n", "systemd:libpod-conmon-" ID ".scope" },
	/* Kubernetes */
	{ "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" POD
	  ".slice/cri-containerd-" ID ".scope\n",
	  "cri:3f4e1a2b9c0d" },
	{ "0::/kubepods.slice/kubepods-pod" POD ".slice/crio-" ID ".scope\n", "cri:3f4e1a2b9c0d" },
	{ "0::/kubepods.slice/kubepods-pod" POD ".slice/crio-conmon-" ID ".scope\n",
	  "systemd:crio-conmon-" ID ".scope" },
	{ "5:cpuset:/kubepods/besteffort/pod" POD "/" ID "\n", "cri:3f4e1a2b9c0d" },
	{ "5:cpuset:/kubepods/pod" POD "/" ID "\n", "cri:3f4e1a2b9c0d" },
	{ "5:cpuset:/kubepods/burstable/pod" POD "/crio-" ID "\n", "cri:3f4e1a2b9c0d" },
	{ "0::/system.slice/containerd.service/kubepods-burstable-pod" POD
	  ".slice:cri-containerd:" ID "\n",
	  "cri:3f4e1a2b9c0d" },
	{ "0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" POD
	  ".slice/cri-containerd-" ID ".scope/init.scope\n",
	  "cri:3f4e1a2b9c0d" },
	/* a node that is itself a container (kind): the inner one */
	{ "0::/docker/" ID "/kubelet.slice/kubelet-kubepods.slice/cri-containerd-" ID_TOO
	  ".scope\n",
	  "cri:0123456789ab" },
	/* LXC */
	{ "1:name=systemd:/lxc/101/ns/init.scope\n", "lxc:101" },
	{ "0::/lxc.payload.web.example\n", "lxc:web.example" },
	{ "0::/lxc.payload.web/system.slice/cron.service\n", "lxc:web" },
	{ "0::/lxc.payload/web/init.scope\n", "lxc:web" },
	{ "0::/lxc.monitor.web\n", "" },
	{ "0::/lxc/lxc/init.scope\n", "lxc:lxc" },
	{ "0::/lxc/outer/lxc/inner/ns\n", "lxc:inner" },
	{ "0::/lxc\n", "" },
	{ "0::/lxc.payload.\n", "" },
	/* machines */
	{ "0::/machine.slice/machine-web.scope/payload/system.slice/cron.service\n",
	  "machine:web" },
	{ "0::/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/emulator\n",
	  "machine:qemu\\x2d1\\x2dvm" },
	{ "0::/machine.slice/systemd-nspawn@web.service/payload/init.scope\n", "machine:web" },
	/* units */
	{ "0::/system.slice/nginx.service\n", "systemd:nginx.service" },
	{ "0::/system.slice/system-postgresql.slice/postgresql@15-main.service\n",
	  "systemd:postgresql@15-main.service" },
	{ "0::/user.slice/user-1000.slice/session-3.scope\n", "systemd:session-3.scope" },
	{ "0::/user.slice/user-1000.slice/user@1000.service/init.scope\n",
	  "systemd:user@1000.service" },
	{ "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox-42.scope\n",
	  "systemd:app-firefox-42.scope" },
	{ "0::/init.scope\n", "systemd:init.scope" },
	{ "0::/system.slice/dev-sda1.swap\n", "" },
	{ "9:pids:/user.slice/user-0.slice/session-1.scope\n8:memory:/user.slice\n0::/user.slice\n",
	  "systemd:session-1.scope" },
	{ "9:cpu:/user.slice/user-7.slice/user@7.service\n"
	  "0::/user.slice/user-7.slice/user@7.service/app.slice/foo.service\n",
	  "systemd:foo.service" },
	/* a unit in one hierarchy, a container in another */
	{ "0::/system.slice/system-docker.slice/deep/docker.service\n2:cpu:/docker/" ID "\n",
	  "docker:3f4e1a2b9c0d" },
	/* nothing */
	{ "", "" },
	{ "\n", "" },
	{ "0::/\n", "" },
	{ "9:name=systemd:/\n8:pids:/\n0::/\n", "" },
	{ "0::/user.slice\n", "" },
	{ "4:memory:/process_api/b1dd7a6be76071681fdd11cb14f80ff8\n", "" },
	/* cut and hostile */
	{ "0::/docker/" ID, "" },
	{ "0::/system.slice/nginx.service", "" },
	{ "0::/docker/3f4e1a2b9c0d\n", "" },
	{ "0::/docker/" ID "0\n", "" },
	{ "0::/docker/3F4E1A2B9C0D5E6F7A8B9C0D1E2F3A4B5C6D7E8F9A0B1C2D3E4F5A6B7C8D9E0F\n", "" },
	{ "0::/" ID "\n", "" },
	{ "0::/podium/" ID "\n", "" },
	{ "0::/system.slice/docker-.scope\n", "systemd:docker-.scope" },
	{ "0::/machine-.scope\n", "systemd:machine-.scope" },
	{ "0::/.service\n", "" },
	{ "0::/.scope/.service/\n", "" },
	{ "0::////docker////" ID "////\n", "docker:3f4e1a2b9c0d" },
	{ "0::docker/" ID "\n", "" },
	{ "0:/docker/" ID "\n", "" },
	{ "0:\n::\n:::\n::/\n", "" },
	{ "::/docker/" ID "\n", "docker:3f4e1a2b9c0d" },
	{ "0::/lxc.payload.\x1b[31m\xff\xe2\x80\xae\n", "lxc:\x1b[31m\xff\xe2\x80\xae" },
	{ "0::/lxc.payload." LONG_63 LONG_63 LONG_63 LONG_63 LONG_63 "\n", "" },
	{ "0::/a:docker:" ID ":b\n", "" },
};

static void test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char name[CONTAINER_MAX];

		container_parse(rows[i].text, name, sizeof(name));
		CHECK(strcmp(name, rows[i].name) == 0, "\"%s\": \"%s\", not \"%s\"", rows[i].text,
		      name, rows[i].name);
	}
}

/* A buffer that is too small gets nothing: half a name would be another one's. */
static void test_small_buffers(void **state)
{
	static const char text[] = "0::/lxc/web\n", name[] = "lxc:web";

	(void)state;
	for (size_t size = 0; size < 16; size++) {
		char buf[16];

		memset(buf, '#', sizeof(buf));
		container_parse(text, buf, size);
		if (size >= sizeof(name))
			assert_string_equal(buf, name);
		else if (size > 0)
			assert_string_equal(buf, "");
		for (size_t i = size; i < sizeof(buf); i++)
			assert_int_equal(buf[i], '#');
	}
}

/* What the text of our own control groups gives, read here by other means. */
static void test_own(void **state)
{
	struct pool pool = { 0 };
	struct containers containers = { .pool = &pool };
	char text[65536], name[CONTAINER_MAX];
	FILE *file = fopen("/proc/self/cgroup", "r");
	const char *found;
	bool memory = true;

	(void)state;
	if (file == NULL)
		skip();
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	container_parse(text, name, sizeof(name));
	found = container_of(&containers, getpid(), &memory);
	assert_non_null(found);
	assert_true(memory);
	assert_string_equal(found, name);
	assert_ptr_equal(container_of(&containers, getpid(), &memory), found); /* read once */
	containers_free(&containers);
	pool_free(&pool);
}

static void test_ended(void **state)
{
	struct pool pool = { 0 };
	struct containers containers = { .pool = &pool };
	bool memory = true;
	pid_t child = fork();

	(void)state;
	if (child == 0)
		_exit(0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_null(container_of(&containers, child, &memory));
	assert_null(container_of(&containers, child, &memory));
	assert_true(memory);
	containers_free(&containers);
	pool_free(&pool);
}

/* The path as a service manager has it, of either version or both. */
static void test_control_groups(void **state)
{
	static const struct {
		const char *text, *path;
	} groups[] = {
		{ "0::/system.slice/a.service\n", "/system.slice/a.service" },
		{ "0::/\n", "/" },
		{ "0::/a b:c\n", "/a b:c" },
		{ "0::/gone.scope (deleted)\n", "/gone.scope" },
		{ "4:memory:/m\n1:name=systemd:/s\n", "/s" },
		{ "4:memory:/m\n1:name=systemd:/s\n0::/\n", "/s" },
		{ "1:name=systemd:/\n0::/u\n", "/u" },
		{ "1:name=systemd:/s\n0::/u\n", "/u" },
		{ "0::/u\n1:name=systemd:/s\n", "/u" },
		{ "0::/\n1:name=systemd:/s\n", "/s" },
		{ "9:name=systemd:/\n8:pids:/p\n0::/\n", "/" },
		{ "4:memory:/m\n", NULL },
		{ "2:name=other:/o\n", NULL },
		{ "0::/cut", NULL },
		{ "0::relative\n", NULL },
		{ "0::\n0:\n\nx\n", NULL },
		{ "", NULL },
	};
	char path[64];

	(void)state;
	for (size_t i = 0; i < COUNT(groups); i++) {
		const bool found = control_group_parse(groups[i].text, path, sizeof(path));

		CHECK(found == (groups[i].path != NULL), "%s: %d", groups[i].text, found);
		if (found)
			assert_string_equal(path, groups[i].path);
	}
	assert_true(control_group_parse("0::/abc\n", path, 5));
	assert_false(control_group_parse("0::/abc\n", path, 4));
	assert_false(control_group_parse("0::/abc\n", path, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("control groups tell the container, else the unit", test_paths),
		TEST("a name is given whole or not at all", test_small_buffers),
		TEST("a process's container is that of its control groups, read once", test_own),
		TEST("the path of a control group, of version 2 or of systemd's own",
		     test_control_groups),
		TEST("of a process that ended it cannot be seen", test_ended),
	};

	return RUN(tests);
}
