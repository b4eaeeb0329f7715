# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What guests boot: a kernel with all built in, a Debian disk.

# From the lab kernel's own source; nothing of a guest's boot is a module in it, so that it needs
# no initramfs.
build_guest_kernel() { # VERSION SERIES
	local version=$1 series=$2 line
	deb_unpack "linux-source-$series" "$version" source
	mkdir src
	tar -xf "source/usr/src/linux-source-$series.tar.xz" -C src --strip-components=1
	export KBUILD_BUILD_USER=lab KBUILD_BUILD_HOST=lab
	make -s -C src tinyconfig
	cat "$LAB_DIR/guest/kernel.config" >>src/.config
	make -s -C src olddefconfig
	grep -E '^(# )?CONFIG_' "$LAB_DIR/guest/kernel.config" | while read -r line; do
		grep -qxF -- "$line" src/.config || {
			echo "this kernel's configuration does not take '$line'"
			return 1
		}
	done
	make -s -C src -j"$(nproc)" bzImage vmlinux
	mv src/arch/x86/boot/bzImage bzImage
	strip --strip-debug -o vmlinux src/vmlinux
	cp src/.config config
	rm -rf source src
}

# A disk as cloud images have it: GPT with a BIOS boot partition (14), an EFI one (15) and the root
# file system (1). Neither mounted nor looped: mke2fs fills the file system from a folder.
build_guest_disk() {
	local root_mib=288 root_start=$((1 + 4 + 106)) total
	total=$((root_start + root_mib + 1))
	# shellcheck disable=SC1091,SC2016 # the hook's own "$1"
	mmdebstrap --variant=minbase --mode=root --quiet \
		--include=systemd-sysv,udev,kmod,login,util-linux,iproute2 \
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
		--dpkgopt='path-exclude=/usr/share/i18n/*' --dpkgopt='path-exclude=/usr/lib/udev/hwdb.d/*' \
		--customize-hook='rm -rf "$1"/usr/lib/x86_64-linux-gnu/gconv "$1"/var/cache/debconf' \
		"$(. /etc/os-release && echo "$VERSION_CODENAME")" root "$LAB_CACHE/apt/sources.list"
	configure_guest_root root
	truncate -s "${total}M" image.raw
	sgdisk --clear \
		--new "14:1M:+4M" --typecode 14:ef02 --new "15:5M:+106M" --typecode 15:ef00 \
		--new "1:${root_start}M:+${root_mib}M" --typecode 1:8304 image.raw
	mke2fs -q -F -t ext4 -L root -d root -E "offset=$((root_start << 20))" image.raw "${root_mib}M"
	du -sh root
	rm -rf root
}

# A root shell without a password on whichever console the kernel has; no waiting for anything.
configure_guest_root() { # FOLDER
	local root=$1 unit
	echo guest >"$root/etc/hostname"
	echo "/dev/vda1 / ext4 defaults 0 0" >"$root/etc/fstab"
	passwd --root "$PWD/$root" --delete root
	mkdir -p "$root/etc/systemd/system/serial-getty@.service.d"
	cat >"$root/etc/systemd/system/serial-getty@.service.d/autologin.conf" <<-'UNIT'
		[Service]
		ExecStart=
		ExecStart=-/sbin/agetty --autologin root --keep-baud 115200,38400,9600 %I $TERM
	UNIT
	mkdir -p "$root/etc/systemd/journald.conf.d" "$root/etc/systemd/system-generators"
	printf '[Journal]\nStorage=volatile\n' >"$root/etc/systemd/journald.conf.d/lab.conf"
	for unit in cryptsetup gpt-auto hibernate-resume integritysetup rc-local run sysv \
		system-update veritysetup bless-boot debug; do
		ln -sf /dev/null "$root/etc/systemd/system-generators/systemd-$unit-generator"
	done
	for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
		e2scrub_reap.service fstrim.timer systemd-pstore.service systemd-update-utmp.service \
		systemd-update-utmp-runlevel.service getty-static.service getty@tty1.service \
		systemd-binfmt.service systemd-firstboot.service systemd-hwdb-update.service \
		systemd-journal-catalog-update.service systemd-repart.service ldconfig.service \
		systemd-boot-system-token.service systemd-machine-id-commit.service \
		systemd-journal-flush.service systemd-update-done.service \
		systemd-ask-password-console.path systemd-ask-password-wall.path \
		sys-fs-fuse-connections.mount sys-kernel-config.mount sys-kernel-debug.mount \
		sys-kernel-tracing.mount dev-hugepages.mount dev-mqueue.mount \
		proc-sys-fs-binfmt_misc.automount; do
		ln -sf /dev/null "$root/etc/systemd/system/$unit"
	done
}
