# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Initramfs of the lab and of its small guest.

# Busybox, the few modules that reach the host tree, and boot/init.
build_lab_boot() { # KERNEL-FOLDER
	local kernel=$1 root=root module file
	mkdir -p $root/{bin,proc,sys,dev,host,share,rw,new,modules}
	cp "$(command -v busybox)" $root/bin/busybox
	install -m 755 "$LAB_DIR/boot/init" $root/init
	for module in netfs 9pnet 9pnet_virtio 9p overlay; do
		file=$(find "$kernel/lib/modules" -name "$module.ko" | head -n 1)
		[ -n "$file" ] || {
			echo "no module $module in this kernel"
			return 1
		}
		cp "$file" $root/modules/
	done
	pack_initramfs $root initrd
	gcc -O2 -Wall -Werror -static -o hold-vms "$LAB_DIR/boot/hold-vms.c"
	rm -rf $root
}

# `initrd` for a kernel that has all built in, which every test unpacks, and `initrd.modules` for the others.
build_guest_initrd() { # KERNEL-FOLDER...
	local root=root kernel tool
	mkdir -p $root/{bin,proc,sys,dev,new,modules}
	cp "$(command -v busybox)" $root/bin/busybox
	install -m 755 "$LAB_DIR/guest/init" $root/init
	for tool in blkio kexec netio; do
		gcc -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -static -s \
			-o "$root/bin/$tool" "$LAB_DIR/guest/$tool.c"
	done
	pack_initramfs $root initrd
	for kernel in "$@"; do
		cp -r "$kernel"/guest-modules/* $root/modules/
	done
	pack_initramfs $root initrd.modules
	rm -rf $root
}

# Stored, not compressed: unpacking under emulation takes longer than reading.
pack_initramfs() { # FOLDER FILE
	(cd "$1" && find . -print0 | sort -z |
		cpio --null --create --format=newc --owner=+0:+0 --reproducible --quiet) >"$2"
}
