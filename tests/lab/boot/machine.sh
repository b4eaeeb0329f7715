# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One emulated machine and the folder that it shares with tests/lab/run.
# The options and paths are variables of tests/lab/run; QEMU's options have commas in them.
# shellcheck disable=SC2034,SC2154,SC2054

session_prefix=${TMPDIR:-/tmp}/vdpa-lab

# Folder of this session: configuration and command in, status out, the console's log.
session_create() { # COMMAND...
	local dir
	# one at a time, lest a folder that is not locked yet be taken for one that was left
	exec 7<"${session_prefix%/*}"
	flock 7
	# left by sessions that were killed: nobody holds their lock
	for dir in "$session_prefix".*; do
		[ -d "$dir" ] && flock -n "$dir" rm -rf "$dir"
	done
	session=$(mktemp -d "$session_prefix.XXXXXX") || die "cannot make a folder in ${TMPDIR:-/tmp}"
	exec 6<"$session"
	flock -n 6
	exec 7<&-
	[ "$tty" = 0 ] || saved_tty=$(stty -g)
	write_config >"$session/config"
	write_command "$@" >"$session/command"
	chmod 755 "$session/command"
}

session_destroy() {
	machine_stop
	[ -z "${saved_tty:-}" ] || stty "$saved_tty" 2>/dev/null
	if [ "$keep" = 1 ]; then
		say "kept in $session"
	else
		rm -rf "$session"
	fi
}

write_config() {
	local rows=24 columns=80
	[ "$tty" = 0 ] || read -r rows columns < <(stty size)
	LAB_CWD=$(pwd -P)
	LAB_ROWS=$rows LAB_COLUMNS=$columns LAB_TTY=$tty LAB_PINNED=$pinned LAB_BARE=$bare
	LAB_VP_VDPA=
	[ "$vp" = 0 ] || LAB_VP_VDPA=0000:00:10.0
	local name
	for name in LAB_DIR LAB_TOP LAB_CWD LAB_TTY LAB_ROWS LAB_COLUMNS LAB_PINNED LAB_BARE LAB_VP_VDPA; do
		# quoted for the busybox shell too, which does not know $'...'
		printf "%s='%s'\n" "$name" "${!name//\'/\'\\\'\'}"
	done
	printf '%s\n' "$assignments"
}

# The environment of the caller, without what means another machine or an outer test run.
write_command() { # COMMAND...
	echo '#!/bin/bash'
	export -p | grep -E '^declare -x [A-Za-z_][A-Za-z0-9_]*(=|$)' |
		grep -vE '^declare -x (BATS|XDG_RUNTIME|TMP|SSH_|DISPLAY|DBUS|MAKE|MFLAGS|OLDPWD|LAB=|LAB_OUT=|BASH_ENV)'
	printf '%s\n' "$assignments" | sed 's/^/export /'
	printf 'export %s=%q\n' IN_LAB 1 LAB_OUT /run/lab-out LAB_DIR "$LAB_DIR" LAB_TOP "$LAB_TOP" LAB_VP_VDPA "$LAB_VP_VDPA" \
		LAB_PINNED "$pinned" PATH "$LAB_TOP/build:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	printf 'cd %q || exit 125\nexec' "$LAB_CWD"
	printf ' %q' "$@"
	echo
}

machine_args() {
	local append="console=ttyS0 panic=-1 quiet maxcpus=1 mitigations=off lpj=10000000"
	# A kernel that is broken or stands still ends, rather than fail what runs after that; the emulator is the
	# likely cause (--again). Nothing in the tests waits in the kernel for two minutes; the simulator's worker may
	# take one, on a busy machine, for what a hostile guest says is in its ring.
	append+=" oops=panic watchdog_thresh=60 softlockup_panic=1 rcupdate.rcu_cpu_stall_timeout=120"
	append+=" sysctl.kernel.panic_on_rcu_stall=1 hung_task_panic=1 sysctl.kernel.hung_task_check_interval_secs=10"
	append+=" sysctl.kernel.hung_task_all_cpu_backtrace=1"
	args=(
		-nodefaults -no-user-config -no-reboot -display none -monitor none
		-m "$memory"
		# what each of these takes away or pretends saves time under emulation: string moves
		# a byte at a time, a fifth page-table level, a search for an AGP bridge
		-cpu max,-erms,-fsrm,-fsrs,-la57,family=25,model=1,stepping=1
		-kernel "$LAB_STOCK_VMLINUX" -initrd "$LAB_BOOT/initrd"
		-serial "file:$session/console"
		-virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap
		-virtfs "local,path=$session,mount_tag=lab,security_model=none,multidevs=remap"
		-virtfs "local,path=$out,mount_tag=out,security_model=none,multidevs=remap"
		-device virtio-rng-pci -device virtio-serial-pci
	)
	if [ "$icount" = 1 ]; then
		args+=(-accel tcg,thread=single -icount shift=0,sleep=off -smp 1)
	elif [ "$one_thread" = 1 ]; then
		# What VMRUN injects is noted as an exception and still noted when it has been delivered; where the thread
		# leaves the guest for another CPU before the guest exits, it is delivered once more, whatever IF says. A
		# guest that takes interrupts stands still now and then.
		args+=(-accel tcg,thread=single -smp "$cpus")
	else
		args+=(-accel tcg,thread=multi -smp "$cpus")
	fi
	if [ "$vp" = 1 ]; then
		append+=" intel_iommu=on"
		args=(-machine q35 -device intel-iommu "${args[@]}"
			-netdev user,id=vp,restrict=on
			-device virtio-net-pci,netdev=vp,disable-legacy=on,iommu_platform=on,page-per-vq=on,addr=10.0)
	fi
	if [ "$tty" = 1 ]; then
		args+=(-chardev stdio,id=tty,signal=off -device virtconsole,chardev=tty)
	else
		args+=(-add-fd fd=3,set=1 -chardev file,id=out,path=/dev/fdset/1,append=on
			-device virtserialport,chardev=out,name=lab.out)
		[ "$split" = 0 ] || args+=(-add-fd fd=4,set=2 -chardev file,id=err,path=/dev/fdset/2,append=on
			-device virtserialport,chardev=err,name=lab.err)
	fi
	args+=(-append "$append")
}

# Starts the machine and waits for its end; the exit status is the command's, or 124, or 125.
machine_run() {
	local -a args pumps=()
	local split=0 timer="" ended
	rm -f "$session/status" "$session/started" "$session/error" "$session/console"
	[ /dev/stdout -ef /dev/stderr ] || split=1
	machine_args
	exec 5<&0
	if [ "$tty" = 0 ]; then
		# QEMU wants descriptors opened for writing only, whatever ours are
		rm -f "$session/out" "$session/err"
		mkfifo "$session/out" "$session/err"
		cat <"$session/out" 6<&- &
		pumps+=($!)
		exec 3>"$session/out"
		if [ "$split" = 1 ]; then
			cat <"$session/err" >&2 6<&- &
			pumps+=($!)
			exec 4>"$session/err"
		fi
	fi
	# killed with us, even where we are killed without a word
	setpriv --pdeathsig KILL env "LD_LIBRARY_PATH=$LAB_QEMU/usr/lib/x86_64-linux-gnu" \
		"$LAB_QEMU/usr/bin/qemu-system-x86_64" "${args[@]}" <&5 6<&- 2>"$session/qemu.log" &
	qemu=$!
	exec 3>&- 4>&- 5<&-
	[ "$limit" = 0 ] || {
		setpriv --pdeathsig KILL sleep "$limit" 6<&- >/dev/null 2>&1 &
		timer=$!
	}
	[ "$tty" = 0 ] || trap 'stty size >"$session/size.new" && mv "$session/size.new" "$session/size"' WINCH
	while wait -n -p ended "$qemu" $timer "${pumps[@]:0:1}"; [ -z "${ended:-}" ]; do
		[ "$interrupted" = 0 ] || break
	done
	# status is there once the command has ended; with the reader of its output gone, end it
	[ "${ended:-}" = "${pumps[0]:-}" ] && [ -n "${ended:-}" ] && [ ! -s "$session/status" ] &&
		machine_stays && echo 141 >"$session/status"
	machine_stop
	[ "$tty" = 1 ] || wait "${pumps[@]}" 2>/dev/null
	if [ -n "$timer" ]; then
		[ "${ended:-}" = "$timer" ] && say "ended after $limit s" && return 124
		kill "$timer" 2>/dev/null
		wait "$timer" 2>/dev/null
	fi
	machine_status
}

# Whether the emulator goes on: where it is ending itself, its output ends a moment before it does.
machine_stays() {
	local i
	for ((i = 0; i < 20; i++)); do
		grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$qemu/status" || return 1
		sleep 0.05
	done
}

machine_stop() {
	[ -n "${qemu:-}" ] || return 0
	kill -KILL "$qemu" 2>/dev/null
	wait "$qemu" 2>/dev/null
	qemu=
}

# Where the kernel panicked or stood still, from where it began to: registers and stacks are long.
last_words() {
	local begin
	begin=$(grep -anE -m 1 'Oops|BUG:|general protection|INFO: task|rcu: INFO|Kernel panic' "$session/console" 2>/dev/null)
	if [ -n "$begin" ]; then
		# without what only may be on the stack
		tail -n "+${begin%%:*}" "$session/console" | grep -av '\]  ? ' | head -n 60
	else
		tail -n 25 "$session/console"
	fi
	tail -n 5 "$session/qemu.log"
}

machine_status() {
	if [ -s "$session/error" ]; then
		say "$(cat "$session/error")"
	elif [ -s "$session/status" ]; then
		return "$(cat "$session/status")"
	elif [ "$interrupted" = 0 ] && ! machine_died_of_int3; then
		say "the lab ended without a word; its console said last:"
		last_words >&2
		return 125
	fi
	return 125
}

# Dead before the command started, of just this oops.
machine_died_of_int3() {
	[ ! -e "$session/started" ] && [ ! -s "$session/status" ] &&
		grep -aq 'Oops: int3' "$session/console" 2>/dev/null
}

# Died under the command, by a panic or without a word: a reset ends the emulator.
machine_died() { # STATUS
	[ "$1" = 125 ] && [ -e "$session/started" ] && [ ! -s "$session/status" ] && [ ! -s "$session/error" ]
}
