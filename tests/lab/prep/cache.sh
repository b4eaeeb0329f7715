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

# One preparation at a time makes something; who finds all there does not wait.
cache_lock() {
	exec 8>"$LAB_CACHE/lock"
	flock -w 2 8 && return
	say "waiting for another preparation to end ..."
	flock 8
}

cache_unlock() {
	exec 8>&-
}

# Runs FUNCTION in a fresh folder and renames that to DIR, which therefore exists only when whole.
stage() { # DIR TEXT FUNCTION [ARG...]
	local dir=$1 text=$2 new="$1.new" start=$SECONDS status
	shift 2
	if [ ! -d "$dir" ]; then
		cache_lock
		[ -d "$dir" ] || make_stage "$@"
		cache_unlock
	fi
	touch "$dir"
}

make_stage() { # FUNCTION [ARG...]
	# nobody else makes anything now, so these are halves of what was interrupted
	rm -rf "$LAB_CACHE"/*.new "$LAB_CACHE"/debs/new.*
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

# Drops what no recent run has used: older kernels and recipes.
prune_stages() {
	find "$LAB_CACHE" -mindepth 1 -maxdepth 1 -type d -name '*-????????????' -mtime +14 \
		-exec rm -rf {} +
	find "$LAB_CACHE/debs" -type f -mtime +60 -delete 2>/dev/null || true
}
