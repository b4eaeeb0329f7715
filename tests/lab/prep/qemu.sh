# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The emulator of the lab and the benchmarks' peer: the installed QEMU, or that of backports where it is newer.
# That of Debian 12 now and then lets a busy lab die: its kernel oopses where none could, or resets.

# Sets QEMU_VERSION: the newest that there is, or "installed".
# shellcheck disable=SC2034 # used in prepare
qemu_resolve() {
	QEMU_VERSION=$(newest_version qemu-system-x86)
	! dpkg --compare-versions "$(installed_version qemu-system-x86)" ge "${QEMU_VERSION:-0}" || QEMU_VERSION=installed
}

installed_version() { # PACKAGE
	dpkg-query -W -f '${Version}' "$1" 2>/dev/null || true
}

# Version of a package in backports too, which apt does not take by itself.
newest_version() { # PACKAGE
	apt-cache "${APT_OPTIONS[@]}" madison "$1" | awk -F' *[|] *' '{ print $2 }' | sort -V | tail -n 1
}

# Libraries that QEMU depends on and this machine does not have in the version that it wants.
missing_libraries() {
	local name version
	apt-cache "${APT_OPTIONS[@]}" show "qemu-system-x86=$1" | sed -n 's/^Depends: //p' |
		tr ',' '\n' | grep -E '^ *lib' | sed -E 's/\|.*//; s/^ *//; s/ *$//; s/[()]//g; s/>=//' |
		while read -r name version; do
			dpkg --compare-versions "$(installed_version "$name")" ge "${version:-0}" 2>/dev/null || echo "$name"
		done
}

# A folder laid out like /.
build_qemu() { # VERSION
	local package
	if [ "$1" = installed ]; then
		mkdir -p usr/bin
		ln -s "$(command -v qemu-system-x86_64)" usr/bin/qemu-system-x86_64
		return 0
	fi
	[ -n "${APT_OPTIONS:-}" ] || apt_setup
	for package in qemu-system-x86 qemu-system-common qemu-system-data seabios $(missing_libraries "$1"); do
		echo "with $package"
		deb_unpack "$package" "$(newest_version "$package")" .
	done
	ldconfig -r . 2>/dev/null || true
	! LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu ldd usr/bin/qemu-system-x86_64 | grep 'not found'
	rm -rf usr/share/doc usr/share/man usr/share/locale
	# unpacking dates this folder back, and old folders are thrown away
	touch .
}
