# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The lab's kernel: a Debian image with its modules, plus those that Debian does not build.

# Finds the newest release of a series of which image and source have the same version.
# Sets KERNEL_RELEASE (6.12.1+deb12-amd64), KERNEL_IMAGE (its package) and KERNEL_VERSION.
kernel_resolve() { # SERIES
	local series=$1 package version
	KERNEL_VERSION=$(apt_version "linux-source-$series")
	[ -n "$KERNEL_VERSION" ] || die "no package linux-source-$series in this Debian or its backports"
	KERNEL_IMAGE=
	while read -r package; do
		version=$(apt_version "$package")
		if [ "$version" = "$KERNEL_VERSION" ]; then
			KERNEL_IMAGE=$package
			[ "${package%-unsigned}" = "$package" ] && break
		fi
	done < <(apt-cache "${APT_OPTIONS[@]}" pkgnames "linux-image-$series." |
		grep -E '^linux-image-[0-9.]+[^-]*-amd64(-unsigned)?$' | sort -rV)
	[ -n "$KERNEL_IMAGE" ] || die "no linux-image package of version $KERNEL_VERSION"
	KERNEL_RELEASE=${KERNEL_IMAGE#linux-image-}
	KERNEL_RELEASE=${KERNEL_RELEASE%-unsigned}
}

# The kernel of the machine's own Debian, as a guest: sets DISTRO_RELEASE, DISTRO_VERSION.
# shellcheck disable=SC2034 # used in prepare
distro_kernel_resolve() {
	local package
	package=$(apt-cache "${APT_OPTIONS[@]}" depends --important linux-image-amd64 2>/dev/null |
		sed -n 's/^ *Depends: \(linux-image-[0-9].*-amd64\)$/\1/p' | head -n 1)
	DISTRO_RELEASE=${package#linux-image-}
	DISTRO_VERSION=$(apt_version "$package")
	[ -n "$DISTRO_VERSION" ] || die "no linux-image-amd64 in this Debian"
}

# Image, modules and the out-of-tree modules of one kernel, as one folder: bzImage, vmlinux,
# lib/modules/RELEASE/ and guest-modules/.
build_kernel() { # IMAGE-PACKAGE VERSION RELEASE SERIES
	local package=$1 version=$2 release=$3 series=$4
	unpack_kernel "$package" "$version" "$release"
	build_vdpa_modules "$version" "$release" "$series"
	unxz_modules
	depmod -b . "$release"
	collect_guest_modules "$release"
}

# The same of a kernel that only guests run: its modules are not kept but for what they need.
build_distro_kernel() { # VERSION RELEASE
	unpack_kernel "linux-image-$2" "$1" "$2"
	depmod -b . "$2"
	collect_guest_modules "$2"
	rm -rf lib
}

unpack_kernel() { # IMAGE-PACKAGE VERSION RELEASE
	deb_unpack "$1" "$2" image
	mv "image/boot/vmlinuz-$3" bzImage
	"$LAB_DIR/prep/extract-vmlinux" bzImage vmlinux
	mkdir -p lib/modules
	mv "$(find image -type d -path "*lib/modules/$3")" "lib/modules/$3"
	rm -rf image
}

# Drivers that a guest of the tests may need, in load order with what they depend on, for its
# initramfs. The IOMMU driver comes before what is behind it.
collect_guest_modules() { # RELEASE
	local module file name
	mkdir -p guest-modules/"$1"
	for module in virtio_pci virtio_iommu virtio_console virtio_rng virtio_blk virtio_net crc32c_generic ext4; do
		modprobe -d "$PWD" -S "$1" --show-depends "$module" || echo "no module $module" >&2
	done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' | while read -r file; do
		name=$(basename "${file%.xz}")
		case $file in
		*.xz) xz -dc "$file" >guest-modules/"$1/$name" ;;
		*) cp "$file" guest-modules/"$1/$name" ;;
		esac
		echo "$name" >>guest-modules/"$1"/order
	done
}

# Modules that the lab loads on each start, with all that they need, are kept uncompressed:
# under emulation, xz takes longer than the rest of loading.
unxz_modules() {
	find lib/modules -name '*.ko.xz' | grep -E "/($FAST_MODULES)\.ko\.xz$" | xargs -r xz -d
}
FAST_MODULES='netfs|9p.*|overlay|irqbypass|kvm|ccp|kvm-amd|vhost.*|vringh|vdpa|virtio.*|vduse|net_failover|failover'
FAST_MODULES+='|rng-core|tun|tap|bridge|veth|dummy|fuse|nbd|loop|ext4|jbd2|mbcache|crc16|crc32c_generic|libcrc32c'

build_vdpa_modules() { # VERSION RELEASE SERIES
	local version=$1 release=$2 series=$3 abi=${2%-amd64} source objects
	deb_unpack "linux-headers-$release" "$version" headers
	deb_unpack "linux-headers-$abi-common" "$version" headers
	deb_unpack "linux-kbuild-$abi" "$version" headers
	# the one absolute path that the headers packages have between them
	sed -i "s|/usr/src|$PWD/headers/usr/src|" "headers/usr/src/linux-headers-$release/Makefile"
	deb_unpack "linux-source-$series" "$version" source
	source=linux-source-$series
	tar -xf source/usr/src/"$source".tar.xz "$source"/drivers/vdpa "$source"/drivers/vhost
	mkdir oot
	mv "$source"/drivers/vdpa/vdpa_sim/*.[ch] "$source"/drivers/vhost/vringh.c \
		"$source"/drivers/vdpa/virtio_pci/vp_vdpa.c oot/
	objects="vringh.o vdpa_sim.o vdpa_sim_blk.o vdpa_sim_net.o vp_vdpa.o"
	echo "obj-m := $objects" >oot/Kbuild
	# without BTF the build does not want pahole
	make -C "headers/usr/src/linux-headers-$release" M="$PWD/oot" \
		CONFIG_DEBUG_INFO_BTF_MODULES= modules
	mkdir -p "lib/modules/$release/updates"
	mv oot/*.ko "lib/modules/$release/updates/"
	rm -rf headers source "$source" oot
}
