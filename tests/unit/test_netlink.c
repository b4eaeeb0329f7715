/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Netlink sessions against canned kernels: honest ones, and hostile ones. */
#include "unit.h"

#include "fake_kernel.h"
#include "vdpa/dev.h"
#include "vdpa/dev_config.h"
#include "vdpa/dev_stats.h"
#include "vdpa/mgmtdev.h"

static struct fake_reply reply; /* too large for a stack; each test starts it empty */

static int setup(void **state)
{
	struct fake_kernel *k = calloc(1, sizeof(*k));

	fake_kernel_start(k);
	reply.len = 0;
	*state = k;
	return 0;
}

static int teardown(void **state)
{
	fake_kernel_stop(*state);
	free(*state);
	return 0;
}

static void put_dev(const char *name, uint32_t id, uint16_t flags, uint32_t seq)
{
	fake_genl(&reply, VDPA_CMD_DEV_NEW, flags, seq);
	fake_str(&reply, VDPA_ATTR_MGMTDEV_DEV_NAME, "vdpasim_net");
	fake_str(&reply, VDPA_ATTR_DEV_NAME, name);
	fake_u32(&reply, VDPA_ATTR_DEV_ID, id);
	fake_u32(&reply, VDPA_ATTR_DEV_VENDOR_ID, 0);
	fake_u32(&reply, VDPA_ATTR_DEV_MAX_VQS, 3);
	fake_u16(&reply, VDPA_ATTR_DEV_MAX_VQ_SIZE, 256);
	fake_u16(&reply, VDPA_ATTR_DEV_MIN_VQ_SIZE, 1);
}

static void dump_of_devices(void **state)
{
	struct fake_kernel *k = *state;
	_vdpa_dev_list_ struct vdpa_dev_list list = { 0 };

	put_dev("n0", 1, NLM_F_MULTI, 1);
	put_dev("n1", 1, NLM_F_MULTI, 1);
	fake_send(k, &reply);
	put_dev("n2", 1, NLM_F_MULTI, 1);
	fake_done(&reply, 0, 0, 1);
	fake_send(k, &reply);
	assert_int_equal(vdpa_dev_list(k->nl, &list, NULL), 0);
	assert_int_equal(list.n, 3);
	assert_string_equal(list.items[2].name, "n2");
	assert_string_equal(list.items[2].mgmtdev, "vdpasim_net");
	assert_int_equal(list.items[0].max_vqs, 3);
	assert_int_equal(list.items[0].max_vq_size, 256);
	assert_true(vdpa_has(list.items[0].present, VDPA_ATTR_DEV_MIN_VQ_SIZE));
	assert_false(vdpa_has(list.items[0].present, VDPA_ATTR_NET_MTU));
}

/* What the request looks like on the wire is what the kernel demands. */
static void request_on_the_wire(void **state)
{
	struct fake_kernel *k = *state;
	_vdpa_dev_ struct vdpa_dev dev = { 0 };
	struct {
		struct nlmsghdr h;
		struct genlmsghdr g;
		struct nlattr a;
		char name[4];
	} sent;

	put_dev("n0", 1, 0, 1);
	fake_send(k, &reply);
	assert_int_equal(vdpa_dev_get(k->nl, "n0", &dev, NULL), 0);
	assert_int_equal(recv(k->fd, &sent, sizeof(sent), 0), sizeof(sent));
	assert_int_equal(sent.h.nlmsg_type, FAKE_FAMILY);
	assert_int_equal(sent.h.nlmsg_flags, NLM_F_REQUEST);
	assert_int_equal(sent.h.nlmsg_seq, 1);
	assert_int_equal(sent.g.cmd, VDPA_CMD_DEV_GET);
	assert_int_equal(sent.g.version, 1);
	assert_int_equal(sent.a.nla_type, VDPA_ATTR_DEV_NAME);
	/* With its NUL, which the kernel does not add. */
	assert_int_equal(sent.a.nla_len, NLA_HDRLEN + 3);
	assert_memory_equal(sent.name, "n0", 3);
}

static void interrupted_dump_starts_again(void **state)
{
	struct fake_kernel *k = *state;
	_vdpa_dev_list_ struct vdpa_dev_list list = { 0 };

	put_dev("old", 1, NLM_F_MULTI | NLM_F_DUMP_INTR, 1);
	fake_done(&reply, 0, 0, 1);
	fake_send(k, &reply);
	put_dev("new", 1, NLM_F_MULTI, 2);
	fake_done(&reply, 0, 0, 2);
	fake_send(k, &reply);
	assert_int_equal(vdpa_dev_list(k->nl, &list, NULL), 0);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.items[0].name, "new");
}

static void dump_that_never_settles(void **state)
{
	struct fake_kernel *k = *state;
	struct vdpa_dev_list list;

	for (uint32_t seq = 1; seq < 20; seq++) {
		fake_done(&reply, 0, NLM_F_DUMP_INTR, seq);
		fake_send(k, &reply);
	}
	assert_int_equal(vdpa_dev_list(k->nl, &list, NULL), -EINTR);
}

static void error_at_the_end_of_a_dump(void **state)
{
	struct fake_kernel *k = *state;
	struct vdpa_dev_list list;
	struct err e = { 0 };

	put_dev("n0", 1, NLM_F_MULTI, 1);
	fake_done(&reply, -EMSGSIZE, 0, 1);
	fake_send(k, &reply);
	assert_int_equal(vdpa_dev_list(k->nl, &list, &e), -EMSGSIZE);
	assert_int_equal(list.n, 0);
	assert_null(list.items);
}

/* INT_MIN, whose negation overflows, among them. */
static void impossible_error_codes(void **state)
{
	static const int codes[] = { -4096, INT32_MIN };
	struct fake_kernel *k = *state;
	struct vdpa_dev_list list;

	for (uint32_t i = 0; i < ARRAY_SIZE(codes); i++) {
		fake_done(&reply, codes[i], 0, 2 * i + 1);
		fake_send(k, &reply);
		assert_int_equal(vdpa_dev_list(k->nl, &list, NULL), -EPROTO);
		fake_ack(&reply, codes[i], NULL, 2 * i + 2);
		fake_send(k, &reply);
		assert_int_equal(vdpa_dev_list(k->nl, &list, NULL), -EPROTO);
	}
}

static void kernel_text_is_kept(void **state)
{
	struct fake_kernel *k = *state;
	struct vdpa_dev dev;
	struct err e = { 0 };

	fake_ack(&reply, -ENODEV, "vdpa: device not found", 1);
	fake_send(k, &reply);
	assert_int_equal(vdpa_dev_get(k->nl, "zz", &dev, &e), -ENODEV);
	assert_string_equal(e.text, "zz: no such vDPA device (kernel: device not found)");
	assert_non_null(strstr(e.hint, "dev show"));
}

static void success_may_carry_a_warning(void **state)
{
	struct fake_kernel *k = *state;
	const struct vdpa_nl_request req = { .cmd = VDPA_CMD_DEV_ATTR_SET };

	fake_ack(&reply, 0, "b0 device not supported", 1);
	fake_send(k, &reply);
	assert_int_equal(vdpa_nl_request(k->nl, &req, NULL), 0);
	assert_string_equal(k->nl->warning, "b0 device not supported");
	fake_ack(&reply, 0, NULL, 2);
	fake_send(k, &reply);
	assert_int_equal(vdpa_nl_request(k->nl, &req, NULL), 0);
	assert_string_equal(k->nl->warning, "");
}

/* A reply to an earlier request is passed over. */
static void foreign_sequence(void **state)
{
	struct fake_kernel *k = *state;
	_vdpa_dev_ struct vdpa_dev dev = { 0 };

	put_dev("old", 1, 0, 77);
	fake_ack(&reply, -EPERM, NULL, 78);
	fake_send(k, &reply);
	put_dev("n0", 1, 0, 1);
	fake_send(k, &reply);
	assert_int_equal(vdpa_dev_get(k->nl, "n0", &dev, NULL), 0);
	assert_string_equal(dev.name, "n0");
}

static void expect_protocol_error(struct fake_kernel *k)
{
	struct vdpa_dev dev;
	struct err e = { 0 };

	fake_send(k, &reply);
	assert_int_equal(vdpa_dev_get(k->nl, "n0", &dev, &e), -EPROTO);
	assert_string_not_equal(e.text, "");
}

static void attribute_of_wrong_size(void **state)
{
	fake_genl(&reply, VDPA_CMD_DEV_NEW, 0, 1);
	fake_str(&reply, VDPA_ATTR_DEV_NAME, "n0");
	fake_u16(&reply, VDPA_ATTR_DEV_ID, 1);
	expect_protocol_error(*state);
}

static void string_without_nul(void **state)
{
	fake_genl(&reply, VDPA_CMD_DEV_NEW, 0, 1);
	fake_attr(&reply, VDPA_ATTR_DEV_NAME, "n000", 4);
	expect_protocol_error(*state);
}

static void empty_string(void **state)
{
	fake_genl(&reply, VDPA_CMD_DEV_NEW, 0, 1);
	fake_attr(&reply, VDPA_ATTR_DEV_NAME, "", 0);
	expect_protocol_error(*state);
}

static void missing_name(void **state)
{
	fake_genl(&reply, VDPA_CMD_DEV_NEW, 0, 1);
	fake_u32(&reply, VDPA_ATTR_DEV_ID, 1);
	expect_protocol_error(*state);
}

static void attribute_longer_than_message(void **state)
{
	const struct nlattr a = { .nla_len = 200, .nla_type = VDPA_ATTR_DEV_NAME };

	put_dev("n0", 1, 0, 1);
	fake_bytes(&reply, &a, sizeof(a));
	expect_protocol_error(*state);
}

static void message_longer_than_datagram(void **state)
{
	put_dev("n0", 1, 0, 1);
	reply.message->nlmsg_len += 64;
	expect_protocol_error(*state);
}

static void message_without_header(void **state)
{
	fake_message(&reply, FAKE_FAMILY, 0, 1);
	expect_protocol_error(*state);
}

static void cut_acknowledgement(void **state)
{
	fake_message(&reply, NLMSG_ERROR, 0, 1);
	fake_bytes(&reply, "\1\1", 2);
	expect_protocol_error(*state);
}

static void positive_error_code(void **state)
{
	fake_ack(&reply, 5, NULL, 1);
	expect_protocol_error(*state);
}

static void other_family(void **state)
{
	put_dev("n0", 1, 0, 1);
	reply.message->nlmsg_type = FAKE_FAMILY + 1;
	expect_protocol_error(*state);
}

static void datagram_larger_than_buffer(void **state)
{
	put_dev("n0", 1, 0, 1);
	reply.len = 70000;
	expect_protocol_error(*state);
}

static void kernel_that_hangs_up(void **state)
{
	struct fake_kernel *k = *state;
	struct vdpa_dev dev;

	assert_int_equal(shutdown(k->fd, SHUT_WR), 0);
	assert_int_equal(vdpa_dev_get(k->nl, "n0", &dev, NULL), -EPROTO);
}

/* Newer kernels send attributes that we do not know. */
static void unknown_attribute(void **state)
{
	struct fake_kernel *k = *state;
	_vdpa_dev_ struct vdpa_dev dev = { 0 };

	put_dev("n0", 1, 0, 1);
	fake_attr(&reply, 99, "abc", 3);
	fake_attr(&reply, VDPA_ATTR_PAD, "", 0);
	fake_send(k, &reply);
	assert_int_equal(vdpa_dev_get(k->nl, "n0", &dev, NULL), 0);
	assert_string_equal(dev.name, "n0");
}

static void management_device_with_bus(void **state)
{
	struct fake_kernel *k = *state;
	_vdpa_mgmtdev_ struct vdpa_mgmtdev m = { 0 };

	fake_genl(&reply, VDPA_CMD_MGMTDEV_NEW, 0, 1);
	fake_str(&reply, VDPA_ATTR_MGMTDEV_BUS_NAME, "pci");
	fake_str(&reply, VDPA_ATTR_MGMTDEV_DEV_NAME, "0000:00:03.0");
	fake_u64(&reply, VDPA_ATTR_MGMTDEV_SUPPORTED_CLASSES, 2);
	fake_u32(&reply, VDPA_ATTR_MGMTDEV_MAX_VQS, 3);
	fake_u64(&reply, VDPA_ATTR_MGMTDEV_FEATURES, 0x308830028);
	fake_send(k, &reply);
	assert_int_equal(vdpa_mgmtdev_get(k->nl, "pci/0000:00:03.0", &m, NULL), 0);
	assert_string_equal(m.handle, "pci/0000:00:03.0");
	assert_string_equal(m.bus, "pci");
	assert_true(m.features == 0x308830028);
}

static void bad_handles(void **state)
{
	static const char *const handles[] = { "", "/", "pci/", "/x" };
	struct fake_kernel *k = *state;
	struct vdpa_mgmtdev m;

	for (size_t i = 0; i < ARRAY_SIZE(handles); i++)
		assert_int_equal(vdpa_mgmtdev_get(k->nl, handles[i], &m, NULL), -EINVAL);
}

static void configuration_of_a_disk(void **state)
{
	struct fake_kernel *k = *state;
	_vdpa_dev_config_ struct vdpa_dev_config c = { 0 };
	const uint8_t one = 1;

	fake_genl(&reply, VDPA_CMD_DEV_CONFIG_GET, 0, 1);
	fake_str(&reply, VDPA_ATTR_DEV_NAME, "b0");
	fake_u32(&reply, VDPA_ATTR_DEV_ID, 2);
	fake_u64(&reply, VDPA_ATTR_BLK_CAPACITY, 262144);
	fake_u32(&reply, VDPA_ATTR_BLK_SEG_MAX, 32);
	fake_attr(&reply, VDPA_ATTR_BLK_FLUSH, &one, 1);
	fake_send(k, &reply);
	assert_int_equal(vdpa_dev_config_get(k->nl, "b0", &c, NULL), 0);
	assert_true(c.blk.capacity == 262144);
	assert_int_equal(c.blk.seg_max, 32);
	assert_true(c.blk.flush);
	assert_false(vdpa_has(c.present, VDPA_ATTR_NEGOTIATED_FEATURES));
}

static void configuration_of_a_network(void **state)
{
	struct fake_kernel *k = *state;
	_vdpa_dev_config_ struct vdpa_dev_config c = { 0 };
	const uint8_t mac[6] = { 0x52, 0x54, 0, 1, 2, 3 };

	fake_genl(&reply, VDPA_CMD_DEV_CONFIG_GET, 0, 1);
	fake_str(&reply, VDPA_ATTR_DEV_NAME, "n0");
	fake_u32(&reply, VDPA_ATTR_DEV_ID, 1);
	fake_attr(&reply, VDPA_ATTR_NET_MACADDR, mac, 6);
	fake_u16(&reply, VDPA_ATTR_NET_STATUS, 1);
	fake_u16(&reply, VDPA_ATTR_NET_MTU, 1500);
	fake_u64(&reply, VDPA_ATTR_NEGOTIATED_FEATURES, 0x300000000);
	fake_send(k, &reply);
	assert_int_equal(vdpa_dev_config_get(k->nl, "n0", &c, NULL), 0);
	assert_memory_equal(c.net.mac, mac, 6);
	assert_int_equal(c.net.status, 1);
	assert_int_equal(c.net.mtu, 1500);
	assert_true(c.negotiated == 0x300000000);
}

static void statistics_in_pairs(void **state)
{
	struct fake_kernel *k = *state;
	_vdpa_queue_stats_ struct vdpa_queue_stats s = { 0 };

	fake_genl(&reply, VDPA_CMD_DEV_VSTATS_GET, 0, 1);
	fake_str(&reply, VDPA_ATTR_DEV_NAME, "n0");
	fake_u32(&reply, VDPA_ATTR_DEV_ID, 1);
	fake_u32(&reply, VDPA_ATTR_QUEUE_INDEX, 0);
	fake_str(&reply, VDPA_ATTR_VENDOR_NAME, "rx packets");
	fake_u64(&reply, VDPA_ATTR_VENDOR_VALUE, 7);
	fake_str(&reply, VDPA_ATTR_VENDOR_NAME, "rx %n bytes");
	fake_u64(&reply, VDPA_ATTR_VENDOR_VALUE, 700);
	fake_send(k, &reply);
	assert_int_equal(vdpa_queue_stats_get(k->nl, "n0", 0, &s, NULL), 0);
	assert_int_equal(s.n, 2);
	assert_string_equal(s.items[1].name, "rx %n bytes");
	assert_true(s.items[1].value == 700);
}

/* Every one of a repeated attribute is checked. */
static void later_statistic_malformed(void **state)
{
	struct fake_kernel *k = *state;
	struct vdpa_queue_stats s;

	fake_genl(&reply, VDPA_CMD_DEV_VSTATS_GET, 0, 1);
	fake_str(&reply, VDPA_ATTR_DEV_NAME, "n0");
	fake_str(&reply, VDPA_ATTR_VENDOR_NAME, "rx");
	fake_u64(&reply, VDPA_ATTR_VENDOR_VALUE, 7);
	fake_str(&reply, VDPA_ATTR_VENDOR_NAME, "tx");
	fake_u16(&reply, VDPA_ATTR_VENDOR_VALUE, 7);
	fake_send(k, &reply);
	assert_int_equal(vdpa_queue_stats_get(k->nl, "n0", 0, &s, NULL), -EPROTO);
}

static void labels_of_queues(void **state)
{
	const uint64_t ctrl = 1 << 17, multi = 1 << 22;

	(void)state;
	assert_string_equal(vdpa_queue_label(1, 0, 0, 0), "rx");
	assert_string_equal(vdpa_queue_label(1, 0, 0, 1), "tx");
	assert_string_equal(vdpa_queue_label(1, ctrl, 0, 2), "ctrl");
	/* Without MQ the number of pairs is not in effect. */
	assert_string_equal(vdpa_queue_label(1, ctrl, 8, 2), "ctrl");
	assert_string_equal(vdpa_queue_label(1, ctrl | multi, 8, 2), "rx");
	assert_string_equal(vdpa_queue_label(1, ctrl | multi, 8, 16), "ctrl");
	assert_string_equal(vdpa_queue_label(2, 0, 0, 0), "request");
}

static void mac_is_for_networks(void **state)
{
	struct fake_kernel *k = *state;
	const uint8_t mac[6] = { 0x52, 0x54, 0, 1, 2, 3 };
	const uint8_t group[6] = { 0x01, 0, 0x5e, 1, 2, 3 };
	const uint8_t zero[6] = { 0 };

	put_dev("b0", 2, 0, 1);
	fake_send(k, &reply);
	assert_int_equal(vdpa_dev_set_mac(k->nl, "b0", mac, NULL), -EOPNOTSUPP);
	assert_int_equal(vdpa_dev_set_mac(k->nl, "n0", group, NULL), -EINVAL);
	assert_int_equal(vdpa_dev_set_mac(k->nl, "n0", zero, NULL), -EINVAL);
}

static void names(void **state)
{
	static const struct {
		const char *name;
		int r;
	} rows[] = {
		{ "vdpa-blk1", 0 },      { "0", 0 },         { "a.b_c-d", 0 },    { "", -EINVAL },
		{ ".", -EINVAL },        { "..", -EINVAL },  { "-a", -EINVAL },   { "_a", -EINVAL },
		{ "a b", -EINVAL },      { "a/b", -EINVAL }, { "a\nb", -EINVAL }, { "%d", -EINVAL },
		{ "\xc3\xa9", -EINVAL },
	};
	char longest[65];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(vdpa_dev_check_name(rows[i].name, NULL), rows[i].r);
	memset(longest, 'a', sizeof(longest));
	longest[63] = '\0';
	assert_int_equal(vdpa_dev_check_name(longest, NULL), 0);
	longest[63] = 'a';
	longest[64] = '\0';
	assert_int_equal(vdpa_dev_check_name(longest, NULL), -EINVAL);
}

/* What was asked for is not there: no success. */
static void success_without_an_answer(void **state)
{
	struct fake_kernel *k = *state;
	_vdpa_dev_ struct vdpa_dev dev = { 0 };
	struct err e = { 0 };

	fake_ack(&reply, 0, NULL, 1);
	fake_send(k, &reply);
	assert_int_equal(vdpa_dev_get(k->nl, "n0", &dev, &e), -EPROTO);
	fake_done(&reply, 0, 0, 2);
	fake_send(k, &reply);
	assert_int_equal(vdpa_dev_get(k->nl, "n0", &dev, &e), -EPROTO);
	assert_null(dev.name);
}

#define NETLINK_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NETLINK_TEST(dump_of_devices),
		NETLINK_TEST(request_on_the_wire),
		NETLINK_TEST(interrupted_dump_starts_again),
		NETLINK_TEST(dump_that_never_settles),
		NETLINK_TEST(error_at_the_end_of_a_dump),
		NETLINK_TEST(impossible_error_codes),
		NETLINK_TEST(kernel_text_is_kept),
		NETLINK_TEST(success_may_carry_a_warning),
		NETLINK_TEST(foreign_sequence),
		NETLINK_TEST(attribute_of_wrong_size),
		NETLINK_TEST(string_without_nul),
		NETLINK_TEST(empty_string),
		NETLINK_TEST(missing_name),
		NETLINK_TEST(attribute_longer_than_message),
		NETLINK_TEST(message_longer_than_datagram),
		NETLINK_TEST(message_without_header),
		NETLINK_TEST(cut_acknowledgement),
		NETLINK_TEST(positive_error_code),
		NETLINK_TEST(other_family),
		NETLINK_TEST(datagram_larger_than_buffer),
		NETLINK_TEST(kernel_that_hangs_up),
		NETLINK_TEST(unknown_attribute),
		NETLINK_TEST(management_device_with_bus),
		NETLINK_TEST(bad_handles),
		NETLINK_TEST(configuration_of_a_disk),
		NETLINK_TEST(configuration_of_a_network),
		NETLINK_TEST(statistics_in_pairs),
		NETLINK_TEST(later_statistic_malformed),
		NETLINK_TEST(labels_of_queues),
		NETLINK_TEST(mac_is_for_networks),
		NETLINK_TEST(success_without_an_answer),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
