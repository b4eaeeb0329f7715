# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The cache of the lab: a stage makes one folder from a recipe, once, and never half.

# Folder of a stage: name and the hash of all it is made from.
stage_dir() { # NAME INPUT...
	local name=$1
	shift
	printf '%s/%s-%s\n' "$LAB_CACHE" "$name" \
		"$(printf '%s\n' "$@" | sha256sum | cut -c1-12)"
}

# Contents of recipe files as one stage input.
recipe() { # FILE...
	(cd "$LAB_DIR" && sha256sum "$@")
}

# One preparation at a time makes something; who finds all there does not wait. The lock is held until cache_unlock.
cache_locked=0
cache_lock() {
	[ $cache_locked = 0 ] || return 0
	exec 8>"$LAB_CACHE/lock"
	if ! flock -w 2 8; then
		say "waiting for another preparation to end ..."
		flock 8
	fi
	cache_locked=1
	# nobody else makes anything now, so these are halves of what was interrupted
	rm -rf "$LAB_CACHE"/*.new "$LAB_CACHE"/debs/new.*
}

cache_unlock() {
	exec 8>&-
	cache_locked=0
}

# Runs FUNCTION in a fresh folder and renames that to DIR, which therefore exists only when whole.
stage() { # DIR TEXT FUNCTION [ARG...]
	local dir=$1 text=$2 new="$1.new" start=$SECONDS status
	shift 2
	if [ ! -d "$dir" ]; then
		cache_lock
		[ -d "$dir" ] || make_stage "$@"
	fi
	touch "$dir"
}

make_stage() { # FUNCTION [ARG...]
	say "$text ..."
	mkdir -p "$new"
	# errexit is off inside a condition, hence a plain call in a subshell
	set +e
	(
		set -e
		cd "$new"
		"$@"
	) >"$new.log" 2>&1 </dev/null 8>&-
	status=$?
	set -e
	if [ "$status" -ne 0 ]; then
		tail -n 30 "$new.log" >&2
		die "$text: failed, the whole log is $new.log"
	fi
	rm -f "$new.log"
	mv "$new" "$dir"
	say "$text: done in $((SECONDS - start)) s"
}

# A stage beside those that follow, of which none needs it: most of them keep one CPU busy.
beside=()
stage_beside() { # DIR TEXT FUNCTION [ARG...]
	if [ -d "$1" ]; then
		touch "$1"
		return
	fi
	cache_lock
	# in a process group of its own, so that it is ended with all that it has started
	set -m
	stage "$@" &
	set +m
	beside+=($!)
}

stages_wait() {
	local pid
	for pid in "${beside[@]}"; do
		wait "$pid" || exit 1
	done
	beside=()
}

stages_end() {
	local pid
	for pid in "${beside[@]}"; do
		kill -- "-$pid" 2>/dev/null || true
	done
}

# Drops what no recent run has used: older kernels and recipes.
prune_stages() {
	find "$LAB_CACHE" -mindepth 1 -maxdepth 1 -type d -name '*-????????????' -mtime +14 \
		-exec rm -rf {} +
	find "$LAB_CACHE/debs" -type f -mtime +60 -delete 2>/dev/null || true
}
