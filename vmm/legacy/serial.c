/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A 16550A serial port (National Semiconductor PC16550D); time does not pass on its line. */
#include "legacy/serial.h"

#include "base/cleanup.h"
#include "io_bus.h"
#include "irq.h"
#include "layout.h"

#include <errno.h>
#include <linux/serial_reg.h>
#include <pthread.h>
#include <stdlib.h>

enum {
	PORTS = 8,
	FIFO_SIZE = 64,
	MCR_MASK = UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT1 | UART_MCR_OUT2 | UART_MCR_LOOP,
	IER_MASK = UART_IER_RDI | UART_IER_THRI | UART_IER_RLSI | UART_IER_MSI,
	IIR_FIFO_ON = 0xc0,
};

struct serial {
	struct io_range range;
	struct io_bus *bus;
	struct irq *irq;
	struct console_backend *backend;
	struct console_user user;
	pthread_mutex_t lock; /* all below */
	uint8_t ier, lcr, mcr, scr, fcr, dll, dlm;
	bool thr_pending; /* the transmitter became empty and nobody was told */
	uint8_t fifo[FIFO_SIZE];
	unsigned int first, used;
	bool full; /* the backend was told to wait */
};

static uint8_t pending_interrupt(const struct serial *s)
{
	if ((s->ier & UART_IER_RDI) && s->used)
		return UART_IIR_RDI;
	if ((s->ier & UART_IER_THRI) && s->thr_pending)
		return UART_IIR_THRI;
	return UART_IIR_NO_INT;
}

/* The pin is edge-triggered: each new reason is an edge. */
static void interrupt(struct serial *s)
{
	if (pending_interrupt(s) != UART_IIR_NO_INT)
		irq_pulse(s->irq, LAYOUT_IRQ_COM1);
}

static void receive(struct serial *s, uint8_t byte)
{
	s->fifo[(s->first + s->used++) % FIFO_SIZE] = byte;
}

static uint8_t read_data(struct serial *s)
{
	uint8_t byte = 0;

	if (s->used) {
		byte = s->fifo[s->first];
		s->first = (s->first + 1) % FIFO_SIZE;
		s->used--;
	}
	if (s->full && s->used == 0) {
		s->full = false;
		console_backend_resume(s->backend);
	}
	return byte;
}

static uint8_t read_iir(struct serial *s)
{
	uint8_t iir = pending_interrupt(s);

	/* Reading the reason acknowledges this one. */
	if (iir == UART_IIR_THRI)
		s->thr_pending = false;
	return iir | (s->fcr & UART_FCR_ENABLE_FIFO ? (uint8_t)IIR_FIFO_ON : 0);
}

static uint8_t read_msr(const struct serial *s)
{
	uint8_t msr = UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS;

	if (!(s->mcr & UART_MCR_LOOP))
		return msr;
	/* In loop-back mode the modem's lines are its own outputs (drivers probe that). */
	msr = 0;
	if (s->mcr & UART_MCR_RTS)
		msr |= UART_MSR_CTS;
	if (s->mcr & UART_MCR_DTR)
		msr |= UART_MSR_DSR;
	if (s->mcr & UART_MCR_OUT1)
		msr |= UART_MSR_RI;
	if (s->mcr & UART_MCR_OUT2)
		msr |= UART_MSR_DCD;
	return msr;
}

static uint8_t read_register(struct serial *s, uint64_t port)
{
	bool divisor = s->lcr & UART_LCR_DLAB;

	switch (port) {
	case UART_RX:
		return divisor ? s->dll : read_data(s);
	case UART_IER:
		return divisor ? s->dlm : s->ier;
	case UART_IIR:
		return read_iir(s);
	case UART_LCR:
		return s->lcr;
	case UART_MCR:
		return s->mcr;
	case UART_LSR:
		return UART_LSR_THRE | UART_LSR_TEMT | (s->used ? UART_LSR_DR : 0);
	case UART_MSR:
		return read_msr(s);
	default:
		return s->scr;
	}
}

static void write_data(struct serial *s, uint8_t byte)
{
	if (s->mcr & UART_MCR_LOOP) {
		if (s->used < FIFO_SIZE)
			receive(s, byte);
	} else {
		console_backend_write(s->backend, &byte, 1);
	}
	/* Sent at once. */
	s->thr_pending = true;
	interrupt(s);
}

static void write_ier(struct serial *s, uint8_t value)
{
	uint8_t before = s->ier;

	s->ier = value & IER_MASK;
	/* Turning the interrupt on while the transmitter is empty raises it. */
	if ((s->ier & ~before) & UART_IER_THRI)
		s->thr_pending = true;
	if (s->ier & ~before)
		interrupt(s);
}

static void write_fcr(struct serial *s, uint8_t value)
{
	s->fcr = value & UART_FCR_ENABLE_FIFO;
	if (value & UART_FCR_CLEAR_RCVR) {
		s->first = s->used = 0;
		if (s->full)
			console_backend_resume(s->backend);
		s->full = false;
	}
}

static void write_register(struct serial *s, uint64_t port, uint8_t value)
{
	bool divisor = s->lcr & UART_LCR_DLAB;

	switch (port) {
	case UART_TX:
		if (divisor)
			s->dll = value;
		else
			write_data(s, value);
		break;
	case UART_IER:
		if (divisor)
			s->dlm = value;
		else
			write_ier(s, value);
		break;
	case UART_FCR:
		write_fcr(s, value);
		break;
	case UART_LCR:
		s->lcr = value;
		break;
	case UART_MCR:
		s->mcr = value & MCR_MASK;
		break;
	case UART_SCR:
		s->scr = value;
		break;
	default:
		break;
	}
}

static struct serial *serial_of(struct io_range *range)
{
	return container_of(range, struct serial, range);
}

static uint64_t serial_read(struct io_range *range, uint64_t offset, unsigned int size)
{
	struct serial *s = serial_of(range);

	if (size != 1)
		return ~0ull;
	pthread_mutex_lock(&s->lock);
	uint8_t value = read_register(s, offset);

	pthread_mutex_unlock(&s->lock);
	return value;
}

static void serial_write(struct io_range *range, uint64_t offset, unsigned int size, uint64_t value)
{
	struct serial *s = serial_of(range);

	if (size != 1)
		return;
	pthread_mutex_lock(&s->lock);
	write_register(s, offset, (uint8_t)value);
	pthread_mutex_unlock(&s->lock);
}

static const struct io_ops serial_io = { .read = serial_read, .write = serial_write };

/* Main thread: bytes from the operator. */
static size_t take_input(void *data, const uint8_t *buf, size_t len)
{
	struct serial *s = data;
	size_t n = 0;

	pthread_mutex_lock(&s->lock);
	while (n < len && s->used < FIFO_SIZE)
		receive(s, buf[n++]);
	s->full = n < len;
	interrupt(s);
	pthread_mutex_unlock(&s->lock);
	return n;
}

int serial_create(struct io_bus *pio, struct irq *irq, struct console_backend *backend,
		  struct serial **out, struct err *e)
{
	_free_ struct serial *s = calloc(1, sizeof(*s));

	if (!s)
		return err_nomem(e);
	s->bus = pio;
	s->irq = irq;
	s->backend = backend;
	s->mcr = UART_MCR_OUT2;
	s->user = (struct console_user){ .input = take_input, .data = s };
	s->range = (struct io_range){ .base = LAYOUT_PORT_COM1, .size = PORTS, .ops = &serial_io };
	pthread_mutex_init(&s->lock, NULL);
	int ret = io_bus_add(pio, &s->range, e);

	if (ret < 0)
		return ret;
	console_backend_attach(backend, &s->user);
	*out = steal_ptr(&s);
	return 0;
}

void serial_state(struct serial *s, const struct state *state)
{
	pthread_mutex_lock(&s->lock);
	STATE_NUMBER(state, "ier", s->ier);
	STATE_NUMBER(state, "lcr", s->lcr);
	STATE_NUMBER(state, "mcr", s->mcr);
	STATE_NUMBER(state, "scr", s->scr);
	STATE_NUMBER(state, "fcr", s->fcr);
	STATE_NUMBER(state, "dll", s->dll);
	STATE_NUMBER(state, "dlm", s->dlm);
	STATE_NUMBER(state, "thr_pending", s->thr_pending);
	state_bytes(state, "fifo", s->fifo, sizeof(s->fifo));
	STATE_NUMBER(state, "first", s->first);
	STATE_NUMBER(state, "used", s->used);
	if (s->first >= FIFO_SIZE || s->used > FIFO_SIZE) {
		s->first = s->used = 0;
		state_fail(state, -EINVAL, "'first' or 'used' is beyond the FIFO");
	}
	s->ier &= IER_MASK;
	s->mcr &= MCR_MASK;
	pthread_mutex_unlock(&s->lock);
}

void serial_destroy(struct serial *s)
{
	if (!s)
		return;
	console_backend_attach(s->backend, NULL);
	io_bus_remove(s->bus, &s->range);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
