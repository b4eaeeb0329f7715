/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Host checks: each finds the one thing that is wrong, and says what to do. */
#include "unit.h"

#include "fake_tree.h"
#include "host/boot_image.h"
#include "host/checks.h"
#include "host/hugepages.h"
#include "host/memlock.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>

struct fixture {
	struct fake_tree tree;
	struct vm_config config;
	struct check_options options;
	struct report report;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	fake_tree_make(&f->tree);
	assert_int_equal(vm_config_init(&f->config), 0);
	f->options = (struct check_options){ .roots = &f->tree.roots, .config = &f->config };
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	report_clear(&f->report);
	vm_config_clear(&f->config);
	fake_tree_remove(&f->tree);
	free(f);
	return 0;
}

static const struct finding *run_check(struct fixture *f, const char *id)
{
	f->options.only = id;
	report_clear(&f->report);
	assert_int_equal(host_check_run(&f->options, &f->report, NULL), 0);
	return f->report.items;
}

static struct vdpa_config *add_vdpa(struct fixture *f, const char *device)
{
	struct vdpa_config *v = calloc(1, sizeof(*v));

	assert_non_null(v);
	v->fd = -1;
	v->device = strdup(device);
	f->config.vdpas = v;
	f->config.n_vdpas = 1;
	return v;
}

static void put_device(struct fixture *f, const char *driver)
{
	fake_tree_file(&f->tree, "sys/devices/b0/uevent", "");
	fake_tree_link(&f->tree, "sys/bus/vdpa/devices/b0", "../../../devices/b0");
	if (driver)
		fake_tree_link(&f->tree, "sys/devices/b0/driver", driver);
}

static void unknown_check(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	f->options.only = "nonsense";
	assert_int_equal(host_check_run(&f->options, &f->report, &e), -EINVAL);
	assert_true(e.misuse);
}

static void every_check_is_described(void **state)
{
	(void)state;
	for (size_t i = 0; i < host_checks_n; i++) {
		assert_non_null(host_checks[i]->probe);
		assert_true(strlen(host_checks[i]->summary) > 10);
		assert_string_equal(host_check_ids[i], host_checks[i]->id);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(host_checks[i]->id, host_checks[k]->id);
	}
	assert_null(host_check_ids[host_checks_n]);
}

/* Nothing is advised that cannot help. */
static void netlink_family_missing(void **state)
{
	struct fixture *f = *state;
	const struct finding *found;

	add_vdpa(f, "b0");
	found = run_check(f, "netlink");
	if (found->status == FINDING_OK)
		skip();
	assert_null(found->command);
	assert_non_null(strstr(found->remedy, "CONFIG_VDPA"));
	fake_tree_file(&f->tree, "proc/sys/kernel/osrelease", "6\n");
	fake_tree_file(&f->tree, "modules/6/modules.dep", "kernel/vdpa.ko:\n");
	found = run_check(f, "netlink");
	assert_string_equal(found->command, "vdpactl module load vdpa");
	fake_tree_file(&f->tree, "sys/module/vdpa/initstate", "live\n");
	found = run_check(f, "netlink");
	assert_null(found->command);
	assert_non_null(strstr(found->remedy, "network namespace"));
}

static void modules_missing(void **state)
{
	struct fixture *f = *state;
	_strbuf_ struct strbuf log = { 0 };
	const struct finding *found;

	add_vdpa(f, "b0");
	fake_tree_file(&f->tree, "proc/sys/kernel/osrelease", "6\n");
	fake_tree_file(&f->tree, "modules/6/modules.dep", "kernel/vdpa.ko:\n");
	found = run_check(f, "modules");
	assert_int_equal(f->report.n, 2);
	assert_string_equal(found[0].subject, "vdpa");
	assert_int_equal(found[0].status, FINDING_FAIL);
	assert_true(found[0].fixable);
	assert_string_equal(found[0].command, "vdpactl module load vdpa");
	/* Nothing can be done by program about a module that does not exist. */
	assert_string_equal(found[1].subject, "vhost_vdpa");
	assert_false(found[1].fixable);
	assert_non_null(found[1].remedy);
	assert_int_equal(host_fix_apply(&f->options, &found[0], true, &log, NULL), 0);
	assert_non_null(strstr(strbuf_text(&log), "undo"));
	assert_int_equal(host_fix_apply(&f->options, &found[1], true, &log, NULL), -EOPNOTSUPP);
}

static void modules_of_a_device_to_create(void **state)
{
	struct fixture *f = *state;
	struct vdpa_config *v = add_vdpa(f, "b0");

	v->create = true;
	v->mgmtdev = strdup("vdpasim_blk");
	fake_tree_file(&f->tree, "sys/module/vdpa/initstate", "live\n");
	fake_tree_file(&f->tree, "sys/module/vhost_vdpa/initstate", "live\n");
	run_check(f, "modules");
	assert_int_equal(f->report.n, 3);
	assert_string_equal(f->report.items[2].subject, "vdpa_sim_blk");
	assert_int_equal(report_worst(&f->report), FINDING_FAIL);
}

static void no_vdpa_device_wanted(void **state)
{
	struct fixture *f = *state;

	run_check(f, "modules");
	assert_int_equal(f->report.n, 0);
	run_check(f, "netlink");
	assert_int_equal(f->report.n, 0);
	run_check(f, "devices");
	assert_int_equal(f->report.n, 0);
}

static void device_missing(void **state)
{
	struct fixture *f = *state;
	struct vdpa_config *v = add_vdpa(f, "b0");
	const struct finding *found = run_check(f, "devices");

	assert_int_equal(found->status, FINDING_FAIL);
	assert_non_null(strstr(found->command, "dev add name b0"));
	v->create = true;
	found = run_check(f, "devices");
	assert_int_equal(found->status, FINDING_OK);
}

static void device_bound_elsewhere(void **state)
{
	struct fixture *f = *state;
	const struct finding *found;

	add_vdpa(f, "b0");
	put_device(f, "../../bus/vdpa/drivers/virtio_vdpa");
	found = run_check(f, "devices");
	assert_int_equal(found->status, FINDING_FAIL);
	assert_non_null(strstr(found->text, "virtio_vdpa"));
	assert_true(found->fixable);
	/* Of the host in general it may be meant so. */
	f->options.config = NULL;
	found = run_check(f, "devices");
	assert_int_equal(found->status, FINDING_WARN);
	assert_false(found->fixable);
}

static void memory_of_pinning_device(void **state)
{
	struct fixture *f = *state;
	_strbuf_ struct strbuf log = { 0 };
	const struct finding *found;
	bool can;

	add_vdpa(f, "b0");
	put_device(f, NULL);
	/* More than any limit but none. */
	f->config.memory.size = UINT64_C(1) << 60;
	fake_tree_file(&f->tree, "sys/module/vdpa_sim/parameters/use_va", "N\n");
	found = run_check(f, "memlock");
	assert_int_equal(f->report.n, 1);
	if (geteuid() == 0 && found->status == FINDING_OK)
		skip();
	/* Who may raise any limit is only told to. */
	can = memlock_can_raise(UINT64_C(2) << 60);
	assert_int_equal(found->status, can ? FINDING_WARN : FINDING_FAIL);
	assert_non_null(strstr(found->command, can ? "ulimit -l " : "limits.d"));
	/* A VMM that becomes another user keeps the limits of who starts it. */
	f->options.user = "nobody";
	f->options.own_limits = true;
	found = run_check(f, "memlock");
	assert_int_equal(found->status, can ? FINDING_WARN : FINDING_FAIL);
	f->options.user = NULL;
	f->options.own_limits = false;
	/* A service has only what systemd gives it. */
	f->config.memory.size = UINT64_C(1) << 30;
	f->options.unit = "vm@1";
	fake_tree_file(&f->tree, "usr/lib/systemd/system/vm@.service", "[Service]\n");
	found = run_check(f, "memlock");
	assert_int_equal(found->status, FINDING_FAIL);
	assert_string_equal(found->subject, "vm@1");
	assert_int_equal(host_fix_apply(&f->options, found, false, &log, NULL), 0);
	assert_non_null(strstr(strbuf_text(&log), "vm@1.service.d/50-vdpactl.conf"));
	found = run_check(f, "memlock");
	assert_int_equal(found->status, FINDING_OK);
	f->options.unit = NULL;
	fake_tree_file(&f->tree, "sys/module/vdpa_sim/parameters/use_va", "Y\n");
	found = run_check(f, "memlock");
	assert_int_equal(found->status, FINDING_OK);
}

static void put_pool(struct fixture *f, const char *idle)
{
	fake_tree_file(&f->tree, "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "20");
	fake_tree_file(&f->tree, "sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", idle);
	fake_tree_file(&f->tree, "proc/meminfo", "Hugepagesize: 2048 kB\n");
}

static void hugepages_short(void **state)
{
	struct fixture *f = *state;
	_strbuf_ struct strbuf log = { 0 };
	_free_ char *pages = NULL;
	_free_ char *lasting = NULL;
	const struct finding *found;

	f->config.memory.hugepages = true;
	f->config.memory.size = 32 << 20;
	put_pool(f, "10");
	found = run_check(f, "hugepages");
	assert_int_equal(found->status, FINDING_FAIL);
	assert_int_equal(found->target.amount, 26);
	assert_int_equal(host_fix_apply(&f->options, found, false, &log, NULL), 0);
	pages = fake_tree_read(&f->tree, "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
	assert_int_equal(strncmp(pages, "26", 2), 0);
	lasting = fake_tree_read(&f->tree, "etc/sysctl.d/60-vdpactl.conf");
	assert_non_null(strstr(lasting, "vm.nr_hugepages = 26"));
}

static void hugepages_enough(void **state)
{
	struct fixture *f = *state;

	f->config.memory.hugepages = true;
	f->config.memory.size = 20 << 20;
	put_pool(f, "10");
	assert_int_equal(run_check(f, "hugepages")->status, FINDING_OK);
	f->options.vms = 2;
	assert_int_equal(run_check(f, "hugepages")->status, FINDING_FAIL);
	f->options.vms = 1;
	f->config.memory.size = 21 << 20;
	assert_int_equal(run_check(f, "hugepages")->status, FINDING_FAIL);
	f->config.memory.hugepage_size = 1 << 30;
	assert_non_null(strstr(run_check(f, "hugepages")->text, "no hugepages of that size"));
}

/* What the host has no memory for is not offered. */
static void hugepages_beyond_memory(void **state)
{
	struct fixture *f = *state;
	const struct finding *found;

	f->config.memory.hugepages = true;
	f->config.memory.size = 32 << 20;
	put_pool(f, "10");
	fake_tree_file(&f->tree, "proc/meminfo", "Hugepagesize: 2048 kB\nMemAvailable: 10000 kB\n");
	found = run_check(f, "hugepages");
	assert_int_equal(found->status, FINDING_FAIL);
	assert_false(found->fixable);
	assert_null(found->command);
	assert_non_null(strstr(found->remedy, "6 more pages need 12 MiB"));
	assert_non_null(strstr(found->remedy, "3 MiB more than"));
	f->config.memory.size = UINT64_C(1) << 62;
	f->options.vms = 100000;
	found = run_check(f, "hugepages");
	assert_false(found->fixable);
}

/* A pool that cannot be read is no pool that is not there. */
static void hugepages_unreadable(void **state)
{
	struct fixture *f = *state;
	_hugepage_list_ struct hugepage_list list = { 0 };
	struct err e = { 0 };

	put_pool(f, "ten");
	assert_int_equal(hugepage_list_get(&f->tree.roots, &list, &e), -EINVAL);
	assert_non_null(strstr(e.text, "hugepages-2048kB/free_hugepages"));
	put_pool(f, "10");
	fake_tree_file(&f->tree, "sys/devices/system/node/node0/hugepages", "no folder");
	assert_int_equal(hugepage_list_get(&f->tree.roots, &list, &e), -ENOTDIR);
	assert_non_null(strstr(e.text, "node0/hugepages"));
}

/* Enough in all, too few on any one node. */
static void hugepages_spread(void **state)
{
	static const char *const nodes[][2] = { { "node0", "4" }, { "node1", "6" } };
	struct fixture *f = *state;
	_strbuf_ struct strbuf log = { 0 };
	_free_ char *pages = NULL;
	_free_ char *lasting = NULL;
	const struct finding *found;
	char path[128];

	f->config.memory.hugepages = true;
	f->config.memory.size = 20 << 20;
	put_pool(f, "10");
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		const char *const *n = nodes[i];

		snprintf(path, sizeof(path),
			 "sys/devices/system/node/%s/hugepages/hugepages-2048kB/free_hugepages",
			 n[0]);
		fake_tree_file(&f->tree, path, n[1]);
		snprintf(path, sizeof(path),
			 "sys/devices/system/node/%s/hugepages/hugepages-2048kB/nr_hugepages",
			 n[0]);
		fake_tree_file(&f->tree, path, "10");
	}
	run_check(f, "hugepages");
	assert_int_equal(f->report.n, 2);
	found = &f->report.items[1];
	assert_int_equal(found->status, FINDING_WARN);
	assert_string_equal(found->command, "vdpactl hugepages reserve 8M page 2M node 1");
	assert_int_equal(host_fix_apply(&f->options, found, false, &log, NULL), 0);
	pages = fake_tree_read(
		&f->tree, "sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages");
	assert_int_equal(strncmp(pages, "14", 2), 0);
	lasting = fake_tree_read(&f->tree, "etc/tmpfiles.d/vdpactl.conf");
	assert_non_null(
		strstr(lasting, "node1/hugepages/hugepages-2048kB/nr_hugepages - - - - 14"));
	assert_non_null(strstr(strbuf_text(&log), "(undo: vdpactl hugepages release 8M page 2M "
						  "node 1)"));
	/* What another command has reserved since is not taken from it. */
	fake_tree_file(&f->tree,
		       "sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages",
		       "20");
	strbuf_free(&log);
	assert_int_equal(host_fix_apply(&f->options, found, false, &log, NULL), 0);
	assert_int_equal(log.len, 0);
}

static void iotlb_limit(void **state)
{
	struct fixture *f = *state;

	add_vdpa(f, "b0");
	put_device(f, NULL);
	fake_tree_file(&f->tree, "sys/module/vdpa_sim/parameters/use_va", "N\n");
	f->config.memory.size = UINT64_C(1) << 30;
	run_check(f, "iotlb");
	assert_int_equal(f->report.n, 0);
	fake_tree_file(&f->tree, "sys/module/vhost_vdpa/parameters/max_iotlb_entries", "256\n");
	assert_int_equal(run_check(f, "iotlb")->status, FINDING_WARN);
	f->config.memory.hugepages = true;
	f->config.memory.hugepage_size = 2 << 20;
	assert_non_null(strstr(run_check(f, "iotlb")->text, "512"));
	f->config.memory.hugepage_size = 1 << 30;
	assert_int_equal(run_check(f, "iotlb")->status, FINDING_OK);
}

static void kvm_that_is_none(void **state)
{
	struct fixture *f = *state;
	const struct finding *found = run_check(f, "kvm");

	assert_int_equal(found->status, FINDING_FAIL);
	assert_non_null(found->remedy);
	fake_tree_link(&f->tree, "dev/kvm", "/dev/null");
	found = run_check(f, "kvm");
	assert_int_equal(found->status, FINDING_FAIL);
	assert_non_null(strstr(found->text, "not KVM"));
}

static char *path_of(struct fixture *f, const char *name)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/%s", f->tree.top, name);
	return strdup(full);
}

static void disks(void **state)
{
	struct fixture *f = *state;
	struct disk_config *d = calloc(2, sizeof(*d));
	char sectors[1025];

	memset(sectors, 'x', 1024);
	sectors[1024] = '\0';
	fake_tree_file(&f->tree, "good.raw", sectors);
	fake_tree_file(&f->tree, "odd.raw", sectors + 1);
	fake_tree_file(&f->tree, "image.qcow2", "QFI\xfb");
	f->config.disks = d;
	f->config.n_disks = 1;
	d->path = path_of(f, "good.raw");
	assert_int_equal(run_check(f, "images")->status, FINDING_OK);
	free(d->path);
	d->path = path_of(f, "odd.raw");
	assert_non_null(strstr(run_check(f, "images")->text, "sectors"));
	free(d->path);
	d->path = path_of(f, "image.qcow2");
	assert_non_null(strstr(run_check(f, "images")->command, "qemu-img convert"));
	d->image_type = DISK_IMAGE_RAW;
	assert_non_null(strstr(run_check(f, "images")->text, "sectors"));
	free(d->path);
	d->path = path_of(f, "nothing");
	assert_non_null(strstr(run_check(f, "images")->text, "No such file"));
	free(d->path);
	d->path = path_of(f, "dev");
	assert_int_equal(run_check(f, "images")->status, FINDING_FAIL);
}

/* A vmlinux of one segment of notes. */
struct tiny_elf {
	Elf64_Ehdr h;
	Elf64_Phdr p;
	Elf64_Nhdr n;
	char name[4];
	uint32_t entry;
};

static struct tiny_elf make_elf(void)
{
	struct tiny_elf t = {
		.h = {
			.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB},
			.e_machine = EM_X86_64,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 1,
		},
		.p = {
			.p_type = PT_NOTE,
			.p_offset = offsetof(struct tiny_elf, n),
			.p_filesz = sizeof(Elf64_Nhdr) + 8,
		},
		.n = {.n_namesz = 4, .n_descsz = 4, .n_type = 18},
		.name = "Xen",
	};

	return t;
}

static int probe_bytes(struct fixture *f, const void *bytes, size_t len)
{
	_free_ char *path = path_of(f, "kernel");
	enum boot_image_kind kind;
	FILE *file = fopen(path, "we");
	int r;

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	fclose(file);
	r = boot_image_probe(path, &kind, NULL);
	return r ? r : (int)kind;
}

static void elf_kernels(void **state)
{
	struct fixture *f = *state;
	struct tiny_elf t = make_elf();

	assert_int_equal(probe_bytes(f, &t, sizeof(t)), BOOT_IMAGE_ELF);
	/* Cut anywhere it is refused. */
	for (size_t len = 0; len < offsetof(struct tiny_elf, entry); len++)
		assert_int_equal(probe_bytes(f, &t, len), -ENOEXEC);
	t.n.n_type = 17;
	assert_int_equal(probe_bytes(f, &t, sizeof(t)), -ENOEXEC);
	t = make_elf();
	t.n.n_namesz = UINT32_MAX;
	assert_int_equal(probe_bytes(f, &t, sizeof(t)), -ENOEXEC);
	t = make_elf();
	t.h.e_phoff = UINT64_MAX;
	assert_int_equal(probe_bytes(f, &t, sizeof(t)), -ENOEXEC);
	t = make_elf();
	t.p.p_offset = INT64_MAX;
	assert_int_equal(probe_bytes(f, &t, sizeof(t)), -ENOEXEC);
	t = make_elf();
	t.h.e_phnum = UINT16_MAX;
	assert_int_equal(probe_bytes(f, &t, sizeof(t)), -ENOEXEC);
	t = make_elf();
	t.h.e_machine = EM_AARCH64;
	assert_int_equal(probe_bytes(f, &t, sizeof(t)), -ENOEXEC);
	t = make_elf();
	t.h.e_ident[EI_DATA] = ELFDATA2MSB;
	assert_int_equal(probe_bytes(f, &t, sizeof(t)), -ENOEXEC);
	t = make_elf();
	t.n.n_descsz = 5;
	assert_int_equal(probe_bytes(f, &t, sizeof(t)), -ENOEXEC);
	t = make_elf();
	t.p.p_filesz = BOOT_IMAGE_MAX_NOTES + 1;
	assert_int_equal(probe_bytes(f, &t, sizeof(t)), -ENOEXEC);
}

static void bzimages(void **state)
{
	struct fixture *f = *state;
	uint8_t image[1024] = { 0 };

	memcpy(image + 0x1fe, "\x55\xaaxxHdrS", 8);
	image[0x211] = 1;
	image[0x206] = 0x0f;
	image[0x207] = 0x02;
	image[0x236] = 1;
	assert_int_equal(probe_bytes(f, image, sizeof(image)), BOOT_IMAGE_BZIMAGE);
	image[0x236] = 0;
	assert_int_equal(probe_bytes(f, image, sizeof(image)), -ENOEXEC);
	image[0x236] = 1;
	image[0x211] = 0;
	assert_int_equal(probe_bytes(f, image, sizeof(image)), -ENOEXEC);
	image[0x211] = 1;
	image[0x1ff] = 0;
	assert_int_equal(probe_bytes(f, image, sizeof(image)), -ENOEXEC);
	image[0x1ff] = 0xaa;
	image[0x206] = 0x0b;
	assert_int_equal(probe_bytes(f, image, sizeof(image)), -ENOEXEC);
	assert_int_equal(probe_bytes(f, image, 0x203), -ENOEXEC);
}

static void findings_without_memory(void **state)
{
	(void)state;
	/* What report_add gives when memory ran out is accepted everywhere. */
	finding_remedy(NULL, "x");
	finding_command(NULL, "x");
	finding_fix(NULL, "x", 0, -1);
}

#define CHECK_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHECK_TEST(unknown_check),
		CHECK_TEST(every_check_is_described),
		CHECK_TEST(netlink_family_missing),
		CHECK_TEST(modules_missing),
		CHECK_TEST(modules_of_a_device_to_create),
		CHECK_TEST(no_vdpa_device_wanted),
		CHECK_TEST(device_missing),
		CHECK_TEST(device_bound_elsewhere),
		CHECK_TEST(memory_of_pinning_device),
		CHECK_TEST(hugepages_short),
		CHECK_TEST(hugepages_enough),
		CHECK_TEST(hugepages_unreadable),
		CHECK_TEST(hugepages_beyond_memory),
		CHECK_TEST(hugepages_spread),
		CHECK_TEST(iotlb_limit),
		CHECK_TEST(kvm_that_is_none),
		CHECK_TEST(disks),
		CHECK_TEST(elf_kernels),
		CHECK_TEST(bzimages),
		CHECK_TEST(findings_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
