/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What vm.info shows beside what was asked for: segments, slots, terminals. */
#include "fake_machine.h"

/* The configuration in the vm.info of `reply`. */
static void info_config(char *buf, size_t size)
{
	struct json_object *info = json_tokener_parse(reply), *config = NULL;

	assert_true(json_object_object_get_ex(info, "config", &config));
	snprintf(buf, size, "%s", json_object_to_json_string(config));
	json_object_put(info);
}

/* Where devices may come, a segment behind the IOMMU waits for them. */
static void hot_plug_behind_the_iommu(void **state)
{
	static const char on_it[] = "{\"path\":\"/dev/vhost-vdpa-1\",\"iommu\":true,"
				    "\"pci_segment\":1,\"id\":\"b\"}";
	static const char off_it[] = "{\"path\":\"/f\",\"pci_segment\":1}";
	struct world *w = *state;

	w->vmm.setup.has_api = true;
	assert_int_equal(put(w, "vm.create", vm), 204);
	assert_int_equal(ask(w, "GET", "vm.info", NULL), 200);
	assert_null(strstr(reply, "platform"));
	assert_non_null(strstr(reply, "{\"config\":{\"iommu\":false,"));
	assert_int_equal(put(w, "vm.boot", NULL), 204);
	assert_int_equal(put(w, "vm.add-vdpa",
			     "{\"path\":\"/dev/vhost-vdpa-0\",\"iommu\":true,"
			     "\"id\":\"a\"}"),
			 200);
	assert_string_equal(reply, "{\"id\":\"a\",\"bdf\":\"0001:00:00.0\"}");
	assert_int_equal(put(w, "vm.add-vdpa", on_it), 200);
	assert_int_equal(put(w, "vm.add-disk", off_it), 400);
	/* A reboot finds it at the same place, and it says so. */
	assert_int_equal(w->vmm.config.vdpas[0].pci.segment, 1);
	assert_int_equal(ask(w, "GET", "vm.info", NULL), 200);
	assert_non_null(strstr(reply, "\"iommu_segments\":[1]"));
	assert_non_null(strstr(reply, "{\"config\":{\"iommu\":true,"));
}

/* The segment in reserve is shown when a device is on it, and only then; what is shown can be
 * created again. */
static void the_segment_in_reserve(void **state)
{
	static const char two[] = "{\"payload\":{\"kernel\":\"/k\"},"
				  "\"platform\":{\"num_pci_segments\":2}}";
	struct world *w = *state;
	char first[8192], second[8192];

	w->vmm.setup.has_api = true;
	assert_int_equal(put(w, "vm.create", two), 204);
	assert_int_equal(ask(w, "GET", "vm.info", NULL), 200);
	assert_non_null(strstr(reply, "\"num_pci_segments\":2,"));
	assert_null(strstr(reply, "iommu_segments"));
	assert_int_equal(
		put(w, "vm.add-disk", "{\"path\":\"/d\",\"pci_segment\":2,\"iommu\":true}"), 204);
	assert_int_equal(ask(w, "GET", "vm.info", NULL), 200);
	assert_non_null(strstr(reply, "\"num_pci_segments\":3,\"iommu_segments\":[2]"));
	info_config(first, sizeof(first));
	assert_int_equal(put(w, "vm.delete", NULL), 204);
	assert_int_equal(put(w, "vm.create", first), 204);
	assert_int_equal(ask(w, "GET", "vm.info", NULL), 200);
	info_config(second, sizeof(second));
	assert_string_equal(first, second);
}

/* As in cloud-hypervisor, the terminal that was made stands where a file would. */
static void the_pty_of_a_console(void **state)
{
	struct world *w = *state;
	char config[8192];

	assert_int_equal(put(w, "vm.create",
			     "{\"payload\":{\"kernel\":\"/k\"},\"serial\":{\"mode\":\"Pty\"}}"),
			 204);
	assert_int_equal(ask(w, "GET", "vm.info", NULL), 200);
	assert_non_null(strstr(reply, "\"serial\":{\"mode\":\"Pty\"}"));
	assert_int_equal(put(w, "vm.boot", NULL), 204);
	assert_int_equal(ask(w, "GET", "vm.info", NULL), 200);
	assert_non_null(strstr(reply, "\"serial\":{\"mode\":\"Pty\",\"file\":\"\\/dev\\/pts\\/"));
	/* What it shows is taken again, and the terminal is then another. */
	info_config(config, sizeof(config));
	assert_int_equal(put(w, "vm.delete", NULL), 204);
	assert_int_equal(put(w, "vm.create", config), 204);
	assert_int_equal(ask(w, "GET", "vm.info", NULL), 200);
	assert_non_null(strstr(reply, "\"serial\":{\"mode\":\"Pty\"}"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WITH_VMM(hot_plug_behind_the_iommu),
		WITH_VMM(the_segment_in_reserve),
		WITH_VMM(the_pty_of_a_console),
	};

	return cmocka_run_group_tests_name("vm_info", tests, NULL, NULL);
}
