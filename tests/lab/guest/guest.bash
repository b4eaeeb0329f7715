# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Guests for the lab's bats tests: start the small guest, run scripts in it, wait for its end.
#
#	guest_boot VMM...     starts a VMM whose guest has its console on standard input and output
#	guest_spawn VMM...    the same without waiting for it: for one that a snapshot goes on with
#	guest_start OPTION... the same with vdpa-vmm, the small guest's kernel and initramfs
#	                      (or GUEST_KERNEL; Debian's want GUEST_INITRD=$LAB_MODULES_INITRD)
#	guest_run SCRIPT      runs a script in the guest, prints its output, returns its status
#	guest_send SCRIPT     the same without waiting: for poweroff -f, reboot -f
#	guest_ready           waits for the guest to come up (again)
#	guest_wait            waits for the VMM to end and returns its status; not under `run`,
#	                      whose subshell has no children
#	guest_kill            ends the VMM, whatever it does; fit for teardown
#
# The VMM is an ordinary user's, who is given /dev/kvm, the nodes and the test's folder; GUEST_USER says another
# one, or root.
#
# GUEST_PID is the VMM, GUEST_LOG what its console said, GUEST_ERR what the VMM itself did. How long
# one step may take is GUEST_TIMEOUT, in seconds.

GUEST_TIMEOUT=${GUEST_TIMEOUT:-240} GUEST_USER=${GUEST_USER:-nobody}

# What an ordinary user needs, and nothing else: memory of any size may be locked.
guest_as_user() { # VMM ARGUMENT...
	[ "$GUEST_USER" != root ] || exec "$@"
	chmod 666 /dev/kvm
	chown -R "$GUEST_USER" "$BATS_TEST_TMPDIR" "$BATS_FILE_TMPDIR"
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/*
	local node
	for node in /dev/vhost-vdpa-* /dev/dm-*; do [ ! -e "$node" ] || chown "$GUEST_USER" "$node"; done
	exec prlimit --memlock=unlimited -- \
		setpriv --reuid "$GUEST_USER" --regid "$(id -g "$GUEST_USER")" --init-groups --no-new-privs -- "$@"
}

guest_boot() { # VMM ARGUMENT...
	guest_spawn "$@"
	guest_ready
}

guest_spawn() { # VMM ARGUMENT...
	GUEST_DIR=$(mktemp -d "${BATS_TEST_TMPDIR:-/tmp}/guest.XXXXXX")
	GUEST_LOG=$GUEST_DIR/console GUEST_ERR=$GUEST_DIR/errors
	mkfifo "$GUEST_DIR/in"
	: >"$GUEST_LOG"
	[ -z "${GUEST_OUT:-}" ] || exec {GUEST_IN}>&- {GUEST_OUT}<&-
	guest_as_user "$@" <"$GUEST_DIR/in" >>"$GUEST_LOG" 2>"$GUEST_ERR" 3>&- &
	GUEST_PID=$!
	exec {GUEST_IN}<>"$GUEST_DIR/in" {GUEST_OUT}<"$GUEST_LOG"
}

# A tenth of a second without a program: each costs the lab as much, and a guest boots meanwhile.
guest_tick() {
	[ -n "${GUEST_TICK:-}" ] || exec {GUEST_TICK}<> <(:)
	read -rt 0.1 -u "$GUEST_TICK" || :
}

guest_start() { # VDPA-VMM-OPTION...
	guest_boot vdpa-vmm --kernel "${GUEST_KERNEL:-$LAB_GUEST_VMLINUX}" --initramfs "${GUEST_INITRD:-$LAB_TINY_INITRD}" \
		--cmdline "console=hvc0 quiet ${GUEST_CMDLINE:-}" --console tty --serial null "$@"
}

# Waits until a line of the console matches, prints what stands before it and leaves it in GUEST_LINE.
# Under bats' `run` this is a subshell: the place in the log is that of the descriptor, and the same for both.
guest_expect() { # PATTERN
	local end=$((SECONDS + GUEST_TIMEOUT)) line part="" alive=1
	while :; do
		kill -0 "$GUEST_PID" 2>/dev/null || alive=0
		if IFS= read -r -u "$GUEST_OUT" line; then
			line=$part$line part=""
			GUEST_LINE=${line//$'\r'/}
			[[ ! $GUEST_LINE =~ $1 ]] || return 0
			printf '%s\n' "$GUEST_LINE"
			continue
		fi
		part+=$line
		[ $alive = 1 ] && [ $SECONDS -lt $end ] || break
		guest_tick
	done
	echo "# no '$1' from the guest; its console ends:" >&2
	tail -n 15 "$GUEST_LOG" | tr -d '\r' | sed 's/^/# /' >&2
	tail -n 10 "$GUEST_ERR" | sed 's/^/# vmm: /' >&2
	return 255
}

guest_ready() {
	guest_expect '^guest: ready$' >/dev/null
}

guest_send() { # SCRIPT [ID]
	printf '%s %s\n' "${2:-0}" "$(base64 -w0 <<<"$1")" >&"$GUEST_IN"
}

guest_run() { # SCRIPT
	local id
	id=${EPOCHREALTIME/[.,]/}
	guest_send "$1" "$id"
	guest_expect "^guest: begin $id\$" >/dev/null || return
	guest_expect "^guest: end $id [0-9]+\$" || return
	return "${GUEST_LINE##* }"
}

guest_wait() {
	local end=$((SECONDS + GUEST_TIMEOUT)) status=0
	while kill -0 "$GUEST_PID" 2>/dev/null; do
		if [ $SECONDS -ge $end ]; then
			echo "# the VMM does not end" >&2
			guest_kill
			return 255
		fi
		guest_tick
	done
	wait "$GUEST_PID" || status=$?
	GUEST_PID=
	return $status
}

guest_kill() {
	[ -n "${GUEST_PID:-}" ] || return 0
	kill -KILL "$GUEST_PID" 2>/dev/null
	wait "$GUEST_PID" 2>/dev/null || true
	GUEST_PID=
	return 0
}
