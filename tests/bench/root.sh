# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Inside the lab: the tmpfs in which everything that is timed lives, so that no figure measures 9p.
# shellcheck disable=SC2154 # BENCH_* and LAB_* are set by tests/bench/prepare

ROOT=/run/bench

in_root() { chroot "$ROOT" "$@"; }

# A program of this machine with its libraries, at the same path; nothing where there is none.
install_program() { # NAME-OR-PATH [NAME-IN-ROOT]
	local path library
	path=$(type -P "$1") || return 0
	install -D "$path" "$ROOT/usr/bin/${2:-$(basename "$path")}"
	ldd "$path" 2>/dev/null | grep -oE '/[^ )]+' | sort -u | while read -r library; do
		[ -e "$ROOT$library" ] || install -D "$library" "$ROOT$library"
	done
}

install_qemu() {
	local library name
	if [ -L "$LAB_QEMU/usr/bin/qemu-system-x86_64" ]; then
		install_program qemu-system-x86_64
		mkdir -p "$ROOT/usr/share"
		cp -r /usr/share/qemu /usr/share/seabios "$ROOT/usr/share/"
		return
	fi
	cp -r "$LAB_QEMU/usr/lib" "$ROOT/usr/"
	install -D "$LAB_QEMU/usr/bin/qemu-system-x86_64" "$ROOT/usr/bin/qemu-system-x86_64"
	mkdir -p "$ROOT/usr/share/qemu"
	for name in qemu/kvmvapic.bin qemu/linuxboot_dma.bin qemu/pvh.bin qemu/qboot.rom qemu/bios-microvm.bin \
		seabios/bios-256k.bin seabios/bios-microvm.bin; do
		cp -L "$LAB_QEMU/usr/share/$name" "$ROOT/usr/share/qemu/" 2>/dev/null
	done
	LD_LIBRARY_PATH=$LAB_QEMU/usr/lib/x86_64-linux-gnu ldd "$LAB_QEMU/usr/bin/qemu-system-x86_64" |
		grep -oE '/[^ )]+' | sort -u | while read -r library; do
		case $library in
		"$LAB_QEMU"/*) ;;
		*) [ -e "$ROOT$library" ] || install -D "$library" "$ROOT$library" ;;
		esac
	done
}

root_create() {
	local name
	mkdir -p "$ROOT"
	mount -t tmpfs -o mode=755 tmpfs "$ROOT"
	mkdir -p "$ROOT"/{dev,proc,sys,tmp,run,etc,guest,usr/bin,usr/lib,usr/lib64}
	for name in bin lib lib64; do
		ln -s "usr/$name" "$ROOT/$name"
	done
	for name in dev proc sys; do
		mount --rbind "/$name" "$ROOT/$name"
	done
	install_program busybox
	ln -s busybox "$ROOT/usr/bin/sh"
	for name in vmwatch stopwatch unix_ask floor_netlink floor_vmm; do
		install_program "$BENCH_PROGRAMS/$name"
	done
	for name in vdpactl vdpa-vmm vdpa lkvm strace; do
		install_program "$name"
	done
}

# The dynamic loader's cache, once everything is there.
root_seal() {
	ldconfig -r "$ROOT"
}

# A guest's file, at /guest in the root.
install_guest() { # FILE [NAME]
	[ -e "$ROOT/guest/${2:-$(basename "$1")}" ] || cp "$1" "$ROOT/guest/${2:-$(basename "$1")}"
}
