/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits, hugepage pools, modules and lasting settings, in folders that a test has made. */
#include "unit.h"

#include "base/strbuf.h"
#include "fake_kernel.h"
#include "fake_tree.h"
#include "host/hugepages.h"
#include "host/memlock.h"
#include "host/modules.h"
#include "host/persist.h"

#include <errno.h>
#include <sys/wait.h>

static int setup(void **state)
{
	struct fake_tree *t = calloc(1, sizeof(*t));

	fake_tree_make(t);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	fake_tree_remove(*state);
	free(*state);
	return 0;
}

static struct memlock_limit limit_of(const struct fake_tree *t, const char *user, bool found)
{
	struct memlock_limit limit = { 0 };
	bool any = !found;

	assert_int_equal(memlock_limit_of_user(&t->roots, user, &limit, &any, NULL), 0);
	assert_int_equal(any, found);
	return limit;
}

static void limits_without_lines(void **state)
{
	struct memlock_limit l = limit_of(*state, "daemon", false);

	assert_int_equal(l.soft, 8 << 20);
	assert_int_equal(l.hard, 8 << 20);
}

static void limits_by_precedence(void **state)
{
	struct fake_tree *t = *state;
	struct memlock_limit l;

	fake_tree_file(t, "etc/security/limits.conf",
		       "# daemon - memlock 1\n*  soft  memlock 1024\n\n* hard\tmemlock 4096 # all\n"
		       "daemon - nofile 5\n");
	l = limit_of(t, "daemon", true);
	assert_int_equal(l.soft, 1024 << 10);
	assert_int_equal(l.hard, 4096 << 10);
	/* A group beats *, a user beats a group, wherever they stand. */
	fake_tree_file(t, "etc/security/limits.d/20-a.conf", "@daemon - memlock 2048\n");
	fake_tree_file(t, "etc/security/limits.d/30-b.conf", "* - memlock 1\n");
	l = limit_of(t, "daemon", true);
	assert_int_equal(l.soft, 2048 << 10);
	assert_int_equal(l.hard, 2048 << 10);
	fake_tree_file(t, "etc/security/limits.d/10-c.conf", "daemon hard memlock unlimited\n");
	fake_tree_file(t, "etc/security/limits.d/99-c.bak", "daemon - memlock 1\n");
	l = limit_of(t, "daemon", true);
	assert_int_equal(l.soft, 2048 << 10);
	assert_true(l.hard == UINT64_MAX);
	/* Wildcards are not for root. */
	limit_of(t, "root", false);
}

static void limits_malformed(void **state)
{
	struct fake_tree *t = *state;
	struct memlock_limit l;
	bool found;

	fake_tree_file(
		t, "etc/security/limits.conf",
		"daemon - memlock\ndaemon - memlock x\ndaemon - memlock 99999999999999999999\n"
		"daemon - memlock 18446744073709551615\n");
	limit_of(t, "daemon", false);
	assert_int_equal(memlock_limit_of_user(&t->roots, "no-such-user", &l, &found, NULL),
			 -ENOENT);
}

static void limits_of_services(void **state)
{
	struct fake_tree *t = *state;
	struct memlock_limit l;

	assert_int_equal(memlock_limit_of_unit(&t->roots, "vm", &l, NULL), -ENOENT);
	assert_int_equal(memlock_limit_of_unit(&t->roots, "../vm", &l, NULL), -EINVAL);
	assert_int_equal(memlock_limit_of_unit(&t->roots, "vm.socket", &l, NULL), -EINVAL);
	assert_int_equal(memlock_limit_of_unit(&t->roots, "a.b", &l, NULL), -EINVAL);
	fake_tree_file(t, "usr/lib/systemd/system/vm.service", "[Service]\nExecStart=x\n");
	assert_int_equal(memlock_limit_of_unit(&t->roots, "vm", &l, NULL), 0);
	assert_int_equal(l.hard, 8 << 20);
	fake_tree_file(t, "etc/systemd/system.conf", "[Manager]\nDefaultLimitMEMLOCK=1M\n");
	assert_int_equal(memlock_limit_of_unit(&t->roots, "vm", &l, NULL), 0);
	assert_int_equal(l.hard, 1 << 20);
	/* Drop-ins by name over the folders; of one name, that of the administrator. */
	fake_tree_file(t, "usr/lib/systemd/system/vm.service.d/20.conf",
		       "[Service]\nLimitMEMLOCK=2M\n");
	fake_tree_file(t, "etc/systemd/system/vm.service.d/10.conf",
		       "[Service]\nLimitMEMLOCK=3M\n");
	assert_int_equal(memlock_limit_of_unit(&t->roots, "vm.service", &l, NULL), 0);
	assert_int_equal(l.soft, 2 << 20);
	fake_tree_file(t, "etc/systemd/system/vm.service.d/20.conf",
		       "[Service]\n LimitMEMLOCK = 4M:infinity\n");
	assert_int_equal(memlock_limit_of_unit(&t->roots, "vm", &l, NULL), 0);
	assert_int_equal(l.soft, 4 << 20);
	assert_true(l.hard == UINT64_MAX);
	/* Of a template, and of one instance. */
	fake_tree_file(t, "etc/systemd/system/kvm@.service", "[Service]\nLimitMEMLOCK=5M\n");
	fake_tree_file(t, "run/systemd/system/kvm@a.service.d/x.conf",
		       "[Service]\nLimitMEMLOCK=6M\nLimitMEMLOCK=nonsense\n");
	assert_int_equal(memlock_limit_of_unit(&t->roots, "kvm@b", &l, NULL), 0);
	assert_int_equal(l.hard, 5 << 20);
	assert_int_equal(memlock_limit_of_unit(&t->roots, "kvm@a", &l, NULL), 0);
	assert_int_equal(l.hard, 6 << 20);
}

static void need_of_pinning_devices(void **state)
{
	(void)state;
	assert_int_equal(memlock_need_of(UINT64_C(1) << 30, 0), 0);
	assert_true(memlock_need_of(UINT64_C(1) << 30, 2) > UINT64_C(2) << 30);
	assert_true(memlock_need_of(UINT64_MAX, 1) == UINT64_MAX);
	assert_true(memlock_need_of(UINT64_MAX / 2, 3) == UINT64_MAX);
}

static void put_pool(struct fake_tree *t, const char *folder, const char *total, const char *idle,
		     const char *reserved)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/nr_hugepages", folder);
	fake_tree_file(t, path, total);
	snprintf(path, sizeof(path), "%s/free_hugepages", folder);
	fake_tree_file(t, path, idle);
	snprintf(path, sizeof(path), "%s/resv_hugepages", folder);
	fake_tree_file(t, path, reserved);
}

static void pools(void **state)
{
	struct fake_tree *t = *state;
	_hugepage_list_ struct hugepage_list list = { 0 };
	const struct hugepage_pool *p;
	_free_ char *written = NULL;
	uint64_t got;

	put_pool(t, "sys/kernel/mm/hugepages/hugepages-1048576kB", "2\n", "1\n", "0\n");
	put_pool(t, "sys/kernel/mm/hugepages/hugepages-2048kB", "512\n", "500\n", "100\n");
	put_pool(t, "sys/devices/system/node/node0/hugepages/hugepages-2048kB", "256", "250", "0");
	put_pool(t, "sys/devices/system/node/node1/hugepages/hugepages-2048kB", "256", "250", "0");
	fake_tree_file(t, "sys/kernel/mm/hugepages/hugepages-xkB/nr_hugepages", "1\n");
	fake_tree_file(t, "proc/meminfo", "MemTotal: 1 kB\nHugepagesize:       2048 kB\n");
	assert_int_equal(hugepage_list_get(&t->roots, &list, NULL), 0);
	assert_int_equal(list.n, 4);
	assert_int_equal(list.default_size, 2 << 20);
	p = hugepage_pool_find(&list, 0, -1);
	assert_ptr_equal(p, &list.items[0]);
	assert_int_equal(p->total, 512);
	assert_int_equal(hugepage_pool_available(p), 400);
	assert_int_equal(hugepage_pool_find(&list, 2 << 20, 1)->total, 256);
	assert_int_equal(hugepage_pool_find(&list, 1 << 30, -1)->free, 1);
	assert_null(hugepage_pool_find(&list, 1 << 30, 0));
	assert_int_equal(hugepage_pool_resize(&t->roots, p, 1024, &got, NULL), 0);
	assert_int_equal(got, 1024);
	written = fake_tree_read(t, "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
	assert_int_equal(strncmp(written, "1024", 4), 0);
}

/* The kernel keeps nine bits of what is written to coredump_filter and prints them in hex: a pool
 * that gets less than was asked for. */
static void pools_that_get_less(void **state)
{
	static const char filter[] = "/proc/self/coredump_filter";
	struct fake_tree *t = *state;
	_hugepage_list_ struct hugepage_list list = { 0 };
	char word[24];
	struct err e = { 0 };
	uint64_t got;

	if (file_write_existing(filter, "0x25", NULL))
		skip();
	fake_tree_link(t, "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", filter);
	fake_tree_file(t, "sys/kernel/mm/hugepages/hugepages-2048kB/surplus_hugepages", "5\n");
	assert_int_equal(hugepage_list_get(&t->roots, &list, NULL), 0);
	assert_int_equal(list.items[0].total, 25);
	assert_int_equal(hugepage_pool_resize(&t->roots, &list.items[0], 1024, &got, &e), -ENOSPC);
	assert_non_null(strstr(e.text, "0 of 1024"));
	/* Twenty and the surplus. */
	assert_int_equal(file_read_line(filter, word, sizeof(word), NULL), 0);
	assert_string_equal(word, "00000014");
	file_write_existing(filter, "0x33", NULL);
}

static void pools_beyond_memory(void **state)
{
	struct fake_tree *t = *state;
	_hugepage_list_ struct hugepage_list list = { 0 };
	_free_ char *total = NULL;
	struct err e = { 0 };
	uint64_t got;

	put_pool(t, "sys/kernel/mm/hugepages/hugepages-2048kB", "10\n", "10\n", "0\n");
	fake_tree_file(t, "proc/meminfo", "MemFree: 1 kB\nMemAvailable:   20480 kB\n");
	assert_int_equal(hugepage_list_get(&t->roots, &list, NULL), 0);
	assert_int_equal(hugepage_pool_check(&t->roots, &list.items[0], 20, &e), 0);
	assert_int_equal(hugepage_pool_check(&t->roots, &list.items[0], 5, &e), 0);
	assert_int_equal(hugepage_pool_resize(&t->roots, &list.items[0], 21, &got, &e), -ENOMEM);
	assert_non_null(strstr(e.text, "need 22 MiB of memory, 20 MiB are available"));
	assert_int_equal(hugepage_pool_resize(&t->roots, &list.items[0], UINT64_MAX, &got, &e),
			 -ENOMEM);
	total = fake_tree_read(t, "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
	assert_string_equal(total, "10\n");
}

static void module_states(void **state)
{
	static const struct {
		const char *name;
		enum module_state state;
	} rows[] = {
		{ "vdpa", MODULE_LOADED },          { "vhost-vdpa", MODULE_AVAILABLE },
		{ "vhost_vdpa", MODULE_AVAILABLE }, { "virtio_pci", MODULE_BUILTIN },
		{ "printk", MODULE_BUILTIN },       { "vdp", MODULE_ABSENT },
		{ "vdpa_sim", MODULE_ABSENT },
	};
	struct fake_tree *t = *state;

	fake_tree_file(t, "proc/sys/kernel/osrelease", "6.12-test\n");
	fake_tree_file(t, "modules/6.12-test/modules.dep",
		       "kernel/drivers/vdpa/vdpa.ko.xz: kernel/drivers/vhost/vdpa_sim.ko\n"
		       "kernel/drivers/vhost/vhost-vdpa.ko.xz: kernel/drivers/vdpa/vdpa.ko.xz\n");
	fake_tree_file(t, "modules/6.12-test/modules.builtin",
		       "kernel/drivers/virtio/virtio_pci.ko\n");
	fake_tree_file(t, "sys/module/vdpa/initstate", "live\n");
	fake_tree_file(t, "sys/module/printk/parameters/time", "Y\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_module_info_ struct module_info info = { 0 };

		assert_int_equal(module_info_get(&t->roots, rows[i].name, &info, NULL), 0);
		assert_int_equal(info.state, rows[i].state);
	}
}

static void module_details(void **state)
{
	struct fake_tree *t = *state;
	_module_info_ struct module_info info = { 0 };
	struct module_info bad;
	const char *const same[] = { "use_va=1", NULL };
	const char *const other[] = { "use_va=0", NULL };
	const char *const unknown[] = { "x=1", NULL };
	const char *const no_value[] = { "use_va", NULL };

	fake_tree_file(t, "sys/module/vdpa_sim/initstate", "live\n");
	fake_tree_file(t, "sys/module/vdpa_sim/refcnt", "2\n");
	fake_tree_file(t, "sys/module/vdpa_sim/parameters/use_va", "Y\n");
	fake_tree_file(t, "sys/module/vdpa_sim/parameters/batch_mapping", "1\n");
	fake_tree_file(t, "sys/module/vdpa_sim/holders/vdpa_sim_blk/x", "");
	assert_int_equal(module_info_get(&t->roots, "vdpa-sim", &info, NULL), 0);
	assert_string_equal(info.name, "vdpa_sim");
	assert_int_equal(info.refcount, 2);
	assert_int_equal(info.n_params, 2);
	assert_string_equal(info.params[0].name, "batch_mapping");
	assert_string_equal(info.params[1].value, "Y");
	assert_string_equal(info.users, "vdpa_sim_blk");
	assert_int_equal(module_load(&t->roots, "vdpa_sim", NULL, NULL), 0);
	assert_int_equal(module_load(&t->roots, "vdpa_sim", same, NULL), 0);
	assert_int_equal(module_load(&t->roots, "vdpa_sim", other, NULL), -EEXIST);
	assert_int_equal(module_load(&t->roots, "vdpa_sim", unknown, NULL), -ENOENT);
	assert_int_equal(module_load(&t->roots, "vdpa_sim", no_value, NULL), -EINVAL);
	/* Others use it: refused before anything is run. */
	assert_int_equal(module_unload(&t->roots, NULL, "vdpa_sim", NULL), -EBUSY);
	assert_int_equal(module_unload(&t->roots, NULL, "not_loaded", NULL), 0);
	assert_int_equal(module_info_get(&t->roots, "../x", &bad, NULL), -EINVAL);
	assert_int_equal(module_info_get(&t->roots, "", &bad, NULL), -EINVAL);
}

static void parameters_of_what_is_built_in(void **state)
{
	struct fake_tree *t = *state;
	const char *const other[] = { "time=0", NULL };
	char path[PATH_MAX];
	struct err e = { 0 };

	fake_tree_file(t, "proc/sys/kernel/osrelease", "6.12-test\n");
	fake_tree_file(t, "modules/6.12-test/modules.builtin", "kernel/printk/printk.ko\n");
	fake_tree_file(t, "sys/module/printk/parameters/time", "Y\n");
	fake_tree_path(t, "sys/module/printk/parameters/time", path);
	assert_int_equal(module_load(&t->roots, "printk", other, &e), -EEXIST);
	assert_non_null(strstr(e.hint, "boot with printk.time=0"));
	assert_non_null(strstr(e.hint, path));
	assert_null(strstr(e.hint, "unload"));
	/* Root may open what nobody can write to. */
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(module_load(&t->roots, "printk", other, &e), -EEXIST);
	assert_string_equal(e.hint, "it is built into the kernel: boot with printk.time=0");
}

/* Devices go with their management device; the kernel need not name that of each. */
static void devices_on_a_module(void **state)
{
	static struct fake_reply reply;
	struct fake_tree *t = *state;
	struct fake_kernel k;
	struct err e = { 0 };

	fake_tree_file(t, "sys/module/vdpa_sim_blk/initstate", "live\n");
	fake_tree_file(t, "sys/module/vdpa_sim_blk/refcnt", "0\n");
	fake_kernel_start(&k);
	fake_genl(&reply, VDPA_CMD_DEV_NEW, NLM_F_MULTI, 1);
	fake_str(&reply, VDPA_ATTR_DEV_NAME, "old");
	fake_genl(&reply, VDPA_CMD_DEV_NEW, NLM_F_MULTI, 1);
	fake_str(&reply, VDPA_ATTR_MGMTDEV_DEV_NAME, "vdpasim_blk");
	fake_str(&reply, VDPA_ATTR_DEV_NAME, "b0");
	fake_done(&reply, 0, 0, 1);
	fake_send(&k, &reply);
	assert_int_equal(module_unload(&t->roots, k.nl, "vdpa_sim_blk", &e), -EBUSY);
	assert_non_null(strstr(e.text, "1 vDPA device is on it: b0"));
	fake_kernel_stop(&k);
}

static void settings_that_last(void **state)
{
	struct fake_tree *t = *state;
	_strbuf_ struct strbuf log = { 0 };
	_free_ char *limits = NULL;
	_free_ char *sysctl = NULL;
	_free_ char *rules = NULL;
	_free_ char *modules = NULL;
	_free_ char *unit = NULL;
	char path[128];

	assert_int_equal(persist_memlock(&t->roots, "amy", 1 << 30, true, &log, NULL), 0);
	snprintf(path, sizeof(path), "%s/security", t->etc);
	assert_int_equal(access(path, F_OK), -1);
	assert_non_null(strstr(strbuf_text(&log), "amy - memlock 1048576"));

	assert_int_equal(persist_memlock(&t->roots, "amy", 1 << 20, false, &log, NULL), 0);
	assert_int_equal(persist_memlock(&t->roots, "bob", 1 << 30, false, &log, NULL), 0);
	assert_int_equal(persist_memlock(&t->roots, "amy", 1 << 30, false, &log, NULL), 0);
	limits = fake_tree_read(t, "etc/security/limits.d/90-vdpactl.conf");
	/* The second setting replaces the first, that of another user stays. */
	assert_non_null(strstr(limits, "\nbob - memlock 1048576\namy - memlock 1048576\n"));
	assert_null(strstr(limits, "memlock 1024\n"));
	assert_non_null(strstr(strbuf_text(&log), "(undo: put back: amy - memlock 1024)"));
	/* What is there already is not written, nor told. */
	strbuf_free(&log);
	assert_int_equal(persist_memlock(&t->roots, "amy", 1 << 30, false, &log, NULL), 0);
	assert_int_equal(log.len, 0);

	assert_int_equal(persist_module(&t->roots, "vdpa_sim", false, &log, NULL), 0);
	assert_int_equal(persist_module(&t->roots, "vdpa", false, &log, NULL), 0);
	modules = fake_tree_read(t, "etc/modules-load.d/vdpactl.conf");
	assert_non_null(strstr(modules, "\nvdpa_sim\nvdpa\n"));

	assert_int_equal(persist_unit_memlock(&t->roots, "vm", 1 << 20, false, &log, NULL), 0);
	assert_int_equal(persist_unit_memlock(&t->roots, "vm", 2 << 20, false, &log, NULL), 0);
	unit = fake_tree_read(t, "etc/systemd/system/vm.service.d/50-vdpactl.conf");
	assert_non_null(strstr(unit, "\n[Service]\nLimitMEMLOCK=2097152\n"));

	assert_int_equal(persist_hugepages(&t->roots, 0, -1, 512, false, &log, NULL), 0);
	sysctl = fake_tree_read(t, "etc/sysctl.d/60-vdpactl.conf");
	assert_non_null(strstr(sysctl, "\nvm.nr_hugepages = 512\n"));

	assert_int_equal(persist_node_owner(&t->roots, "b0", "amy", false, &log, NULL), 0);
	assert_int_equal(persist_node_owner(&t->roots, "b00", "bob", false, &log, NULL), 0);
	assert_int_equal(persist_node_owner(&t->roots, "b0", "bob", false, &log, NULL), 0);
	rules = fake_tree_read(t, "etc/udev/rules.d/80-vdpactl.rules");
	assert_null(strstr(rules, "amy"));
	assert_non_null(strstr(rules, "KERNEL==\"b00\""));
	/* What would break out of the rule, or of its shell. */
	assert_int_equal(persist_node_owner(&t->roots, "b0\"", "amy", false, &log, NULL), -EINVAL);
	assert_int_equal(persist_node_owner(&t->roots, "b0", "a;b", false, &log, NULL), -EINVAL);
	assert_int_equal(persist_memlock(&t->roots, "a\nb", 1, false, &log, NULL), -EINVAL);
}

/* What is written is what is read back, and what the next apply compares with. */
static void limits_that_last(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *line;
	} rows[] = {
		{ 1, "daemon - memlock 1" },
		{ 1 << 20, "daemon - memlock 1024" },
		{ UINT64_MAX - 1024, "daemon - memlock 18014398509481983" },
		{ UINT64_MAX - 1, "daemon - memlock unlimited" },
		{ UINT64_MAX, "daemon - memlock unlimited" },
	};
	struct fake_tree *t = *state;
	_strbuf_ struct strbuf log = { 0 };
	_free_ char *unit = NULL;
	struct memlock_limit l;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_free_ char *limits = NULL;

		assert_int_equal(
			persist_memlock(&t->roots, "daemon", rows[i].bytes, false, &log, NULL), 0);
		limits = fake_tree_read(t, "etc/security/limits.d/90-vdpactl.conf");
		assert_non_null(strstr(limits, rows[i].line));
		l = limit_of(t, "daemon", true);
		assert_true(l.soft == memlock_round_up(rows[i].bytes));
		assert_true(l.hard >= rows[i].bytes);
	}
	fake_tree_file(t, "etc/systemd/system/vm.service", "[Service]\n");
	assert_int_equal(persist_unit_memlock(&t->roots, "vm", UINT64_MAX, false, &log, NULL), 0);
	unit = fake_tree_read(t, "etc/systemd/system/vm.service.d/50-vdpactl.conf");
	assert_non_null(strstr(unit, "\nLimitMEMLOCK=infinity\n"));
	assert_int_equal(memlock_limit_of_unit(&t->roots, "vm", &l, NULL), 0);
	assert_true(l.hard == UINT64_MAX);
}

/* Of calls at the same time none undoes what another has written. */
static void settings_at_once(void **state)
{
	enum {
		WRITERS = 4,
		EACH = 10
	};
	struct fake_tree *t = *state;
	_free_ char *limits = NULL;
	struct stat st;
	char word[128];

	for (int i = 0; i < WRITERS; i++) {
		int r = 0;

		if (fork())
			continue;
		for (int k = 0; !r && k < EACH; k++) {
			_strbuf_ struct strbuf log = { 0 };

			snprintf(word, sizeof(word), "u%d-%d", i, k);
			r = persist_memlock(&t->roots, word, 1 << 20, false, &log, NULL);
		}
		_exit(r ? 1 : 0);
	}
	for (int i = 0, status; i < WRITERS; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	limits = fake_tree_read(t, "etc/security/limits.d/90-vdpactl.conf");
	for (int i = 0; i < WRITERS * EACH; i++) {
		snprintf(word, sizeof(word), "\nu%d-%d - memlock 1024\n", i / EACH, i % EACH);
		assert_non_null(strstr(limits, word));
	}
	/* Who can open it can lock it. */
	snprintf(word, sizeof(word), "%s/vdpactl.lock", t->run);
	assert_int_equal(stat(word, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

#define HOST_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(limits_without_lines),
		HOST_TEST(limits_by_precedence),
		HOST_TEST(limits_malformed),
		HOST_TEST(limits_of_services),
		HOST_TEST(need_of_pinning_devices),
		HOST_TEST(pools),
		HOST_TEST(pools_that_get_less),
		HOST_TEST(pools_beyond_memory),
		HOST_TEST(module_states),
		HOST_TEST(module_details),
		HOST_TEST(parameters_of_what_is_built_in),
		HOST_TEST(settings_that_last),
		HOST_TEST(limits_that_last),
		HOST_TEST(devices_on_a_module),
		HOST_TEST(settings_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
