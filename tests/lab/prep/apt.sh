# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Debian packages by download only, from this machine's mirror, checked by apt's own signatures.

# A private apt: own sources, lists and cache, so that the machine's configuration stays as it is.
apt_setup() {
	local apt="$LAB_CACHE/apt" keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	local signed="" codename uri release component

	# shellcheck disable=SC1091
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	[ -r "$keyring" ] && signed="[signed-by=$keyring] "
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$LAB_CACHE/debs"
	: >"$apt/status"
	# shellcheck disable=SC2016 # apt's own variables
	while IFS='|' read -r uri release component; do
		[ "$component" = main ] || continue
		echo "deb $signed$uri $release main"
		[ "$release" = "$codename" ] && echo "deb $signed$uri $codename-backports main"
	done < <(apt-get indextargets --format '$(REPO_URI)|$(RELEASE)|$(COMPONENT)' \
		'Created-By: Packages' | sort -u) | sort -u >"$apt/sources.list.new"
	[ -s "$apt/sources.list.new" ] || die "apt lists no Debian mirror (see 'apt-get indextargets')"
	mv "$apt/sources.list.new" "$apt/sources.list"
	APT_OPTIONS=(
		-o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
		-o "Dir::State::Lists=$apt/lists" -o "Dir::State::status=$apt/status"
		-o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root -o Acquire::Retries=3
		-o Acquire::Languages=none
	)
}

apt_update() {
	say "reading the package lists ..."
	apt-get -qq "${APT_OPTIONS[@]}" update >&2
}

# Version of the package that apt would take; nothing where there is no such package.
apt_version() { # PACKAGE
	apt-cache "${APT_OPTIONS[@]}" show --no-all-versions "$1" 2>/dev/null |
		sed -n 's/^Version: //p'
}

# Path of a package in the cache, where it is downloaded first if need be.
deb_path() { # PACKAGE VERSION
	local name=$1 version=$2 file tmp
	file="$LAB_CACHE/debs/${name}_$version.deb"
	if [ ! -s "$file" ]; then
		[ -n "${APT_OPTIONS:-}" ] || apt_setup
		say "downloading $name $version ..."
		tmp=$(mktemp -d "$LAB_CACHE/debs/new.XXXXXX")
		# apt refuses what does not match the hash in its signed index
		(cd "$tmp" && apt-get -qq "${APT_OPTIONS[@]}" download "$name=$version" >&2) ||
			die "cannot download $name $version"
		mv "$tmp"/*.deb "$file"
		rmdir "$tmp"
	fi
	echo "$file"
}

# Unpacks a package; a file that was damaged in the cache is downloaded once more.
deb_unpack() { # PACKAGE VERSION FOLDER
	local file
	file=$(deb_path "$1" "$2")
	if ! dpkg-deb -x "$file" "$3"; then
		rm -f "$file"
		file=$(deb_path "$1" "$2")
		dpkg-deb -x "$file" "$3"
	fi
}
