/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The serial port as Linux' 8250 driver uses it. */
#include "unit.h"

#include "base/cleanup.h"
#include "console_backend.h"
#include "io_bus.h"
#include "irq.h"
#include "layout.h"
#include "legacy/serial.h"

#include <linux/serial_reg.h>

/* In place of a real backend and interrupts. */
struct console_backend {
	const struct console_user *user;
	char out[64];
	size_t len;
	unsigned int resumed;
};
static unsigned int pulses;

void console_backend_attach(struct console_backend *b, const struct console_user *user)
{
	b->user = user;
}

void console_backend_resume(struct console_backend *b)
{
	b->resumed++;
}

void console_backend_write(struct console_backend *b, const void *buf, size_t len)
{
	memcpy(b->out + b->len, buf, len);
	b->len += len;
}

void irq_pulse(struct irq *irq _unused_, unsigned int pin)
{
	assert_int_equal(pin, LAYOUT_IRQ_COM1);
	pulses++;
}

struct fixture {
	struct io_bus bus;
	struct console_backend backend;
	struct serial *serial;
};

static int set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){ 0 };
	pulses = 0;
	*state = &f;
	io_bus_init(&f.bus, NULL);
	return serial_create(&f.bus, NULL, &f.backend, &f.serial, NULL);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	serial_destroy(f->serial);
	assert_null(f->backend.user);
	io_bus_destroy(&f->bus);
	return 0;
}

static uint8_t get(struct fixture *f, unsigned int reg)
{
	uint64_t value;

	assert_true(io_bus_read(&f->bus, LAYOUT_PORT_COM1 + reg, 1, &value));
	return (uint8_t)value;
}

static void put(struct fixture *f, unsigned int reg, uint8_t value)
{
	assert_true(io_bus_write(&f->bus, LAYOUT_PORT_COM1 + reg, 1, value));
}

static void transmits_and_tells_when_empty(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(get(f, UART_LSR), UART_LSR_THRE | UART_LSR_TEMT);
	put(f, UART_TX, 'a');
	assert_int_equal(pulses, 0);
	put(f, UART_IER, UART_IER_THRI);
	assert_int_equal(pulses, 1);
	assert_int_equal(get(f, UART_IIR) & 0xf, UART_IIR_THRI);
	/* Reading the reason acknowledged it. */
	assert_int_equal(get(f, UART_IIR) & 0xf, UART_IIR_NO_INT);
	put(f, UART_TX, 'b');
	assert_int_equal(pulses, 2);
	assert_memory_equal(f->backend.out, "ab", 2);
}

static void divisor_hides_data_registers(void **state)
{
	struct fixture *f = *state;

	put(f, UART_LCR, UART_LCR_DLAB);
	put(f, UART_DLL, 12);
	put(f, UART_DLM, 34);
	assert_int_equal(get(f, UART_DLL), 12);
	assert_int_equal(get(f, UART_DLM), 34);
	put(f, UART_LCR, UART_LCR_WLEN8);
	assert_int_equal(get(f, UART_IER), 0);
	assert_int_equal(f->backend.len, 0);
}

static void receives_within_its_fifo(void **state)
{
	struct fixture *f = *state;
	uint8_t many[100];

	for (size_t i = 0; i < sizeof(many); i++)
		many[i] = (uint8_t)i;
	put(f, UART_IER, UART_IER_RDI);
	size_t taken = f->backend.user->input(f->backend.user->data, many, sizeof(many));

	assert_true(taken > 0 && taken < sizeof(many));
	assert_int_equal(pulses, 1);
	assert_int_equal(get(f, UART_IIR) & 0xf, UART_IIR_RDI);
	for (size_t i = 0; i < taken; i++) {
		assert_true(get(f, UART_LSR) & UART_LSR_DR);
		assert_int_equal(f->backend.resumed, 0);
		assert_int_equal(get(f, UART_RX), i);
	}
	assert_int_equal(f->backend.resumed, 1);
	assert_false(get(f, UART_LSR) & UART_LSR_DR);
	assert_int_equal(get(f, UART_RX), 0);
}

static void loops_back_for_the_probe(void **state)
{
	struct fixture *f = *state;

	put(f, UART_MCR, UART_MCR_LOOP | UART_MCR_OUT2 | UART_MCR_RTS);
	assert_int_equal(get(f, UART_MSR) & 0xf0, UART_MSR_DCD | UART_MSR_CTS);
	put(f, UART_TX, 'x');
	assert_int_equal(f->backend.len, 0);
	assert_int_equal(get(f, UART_RX), 'x');
	put(f, UART_SCR, 0x5a);
	assert_int_equal(get(f, UART_SCR), 0x5a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(transmits_and_tells_when_empty, set_up, tear_down),
		cmocka_unit_test_setup_teardown(divisor_hides_data_registers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(receives_within_its_fifo, set_up, tear_down),
		cmocka_unit_test_setup_teardown(loops_back_for_the_probe, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("serial", tests, NULL, NULL);
}
