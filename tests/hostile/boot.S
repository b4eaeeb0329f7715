/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries of the hostile guest: PVH for the first CPU, a start-up IPI for the second; exceptions. */

	.section .note.pvh, "a", @note
	.balign	4
	.long	4, 4, 18	/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz	"Xen"
	.long	entry32

	.text
	.code32
	.globl	entry32
entry32:
	cli
	movl	%ebx, start_info
	/* Identity for the first 4 GiB, in pages of 2 MiB. */
	movl	$directories, %edi
	movl	$0x83, %eax
	movl	$2048, %ecx
1:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	loop	1b
	movl	$pointers, %edi
	movl	$directories + 3, %eax
	movl	$4, %ecx
2:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x1000, %eax
	loop	2b
	movl	$pointers + 3, top
	movl	$stack_0, %esp
	movl	$guest_main, %ebx
	jmp	long_mode

ap_entry32:
	movl	$0x10, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$stack_1, %esp
	movl	$second_cpu, %ebx
long_mode:
	movl	$top, %eax
	movl	%eax, %cr3
	movl	%cr4, %eax
	orl	$0x20, %eax
	movl	%eax, %cr4
	movl	$0xc0000080, %ecx
	rdmsr
	orl	$0x100, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$0x80000001, %eax
	movl	%eax, %cr0
	lgdtl	gdt_pointer
	ljmpl	$0x08, $start64

	.code64
start64:
	movl	$0x10, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	lidt	idt_pointer
	xorl	%ebp, %ebp
	movl	%ebx, %ebx
	call	*%rbx
3:	hlt
	jmp	3b

/* Copied to a page below 1 MiB, where a CPU starts in real mode. */
	.globl	ap_start, ap_end
	.code16
ap_start:
	cli
	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	ap_gdt_pointer - ap_start
	movl	%cr0, %eax
	orl	$1, %eax
	movl	%eax, %cr0
	ljmpl	$0x18, $ap_entry32
	.balign	4
ap_gdt_pointer:
	.word	31
	.long	gdt
ap_end:

/* One entry per exception: error code (or 0), number, then the common part. */
	.code64
	.altmacro
.macro	entry number
	.balign	16
	.if	!((\number == 8) | ((\number >= 10) & (\number <= 14)) | (\number == 17) | (\number == 21))
	pushq	$0
	.endif
	pushq	$\number
	jmp	exception
.endm
	.globl	exceptions
	.balign	16
exceptions:
	.set	i, 0
	.rept	32
	entry	%i
	.set	i, i + 1
	.endr

exception:
	cmpq	$2, (%rsp)
	je	4f
	movq	(%rsp), %rdi
	movq	16(%rsp), %rsi
	movq	%cr2, %rdx
	call	guest_fault
	/* An NMI out of a vector table: nothing to do. */
4:	addq	$16, %rsp
	iretq

	.data
	.balign	16
gdt:	.quad	0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cf9b000000ffff
gdt_pointer:
	.word	31
	.quad	gdt
	.globl	idt_pointer
idt_pointer:
	.word	32 * 16 - 1
	.quad	idt

	.bss
	.balign	4096
top:	.skip	4096
pointers:
	.skip	4096
directories:
	.skip	4 * 4096
	.globl	idt
idt:	.skip	4096
	.skip	16384
stack_0:
	.skip	16384
stack_1:
	.globl	start_info
start_info:
	.skip	8
	.section .note.GNU-stack, "", @progbits
