# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How each candidate is started: the same guest, described once, as the command line of each VMM.
# QEMU options have commas and dashes in them.
# shellcheck disable=SC2034,SC2054,SC2100,SC2154 # the guest's description is set by the workloads

# Every workload starts from this guest and changes what it is about.
guest_defaults() {
	guest_kernel=/guest/bzImage guest_initrd=/guest/initrd guest_mode=bare guest_memory=256
	guest_cpus=1 guest_console=ttyS0 guest_vdpa="" guest_disk="" guest_direct=1
	guest_huge="" guest_prealloc=0 guest_append="" guest_api="" guest_shared=0 guest_queues=1
}

guest_cmdline() {
	echo "console=$guest_console quiet panic=-1 bench.mode=$guest_mode${guest_append:+ $guest_append}"
}

# Sets the array `cmd` for a candidate and the guest described.
vmm_command() { # CANDIDATE
	case $1 in
	vdpa-vmm) command_vdpa_vmm ;;
	microvm) command_qemu microvm ;;
	q35) command_qemu q35 ;;
	q35-pio) command_qemu q35 ,modern-pio-notify=on ;;
	kvmtool) command_kvmtool ;;
	floor) cmd=(floor_vmm "$guest_kernel" "$guest_memory") ;;
	*) return 1 ;;
	esac
}

# Candidates of a list that exist here.
available() { # CANDIDATE...
	local candidate program
	for candidate in "$@"; do
		case $candidate in
		microvm | q35 | q35-pio) program=qemu-system-x86_64 ;;
		kvmtool) program=lkvm ;;
		floor) program=floor_vmm ;;
		netlink) program=floor_netlink ;;
		vdpa-loop) program=vdpa ;;
		host) program=fio ;;
		*) program=$candidate ;;
		esac
		in_root sh -c "command -v $program" >/dev/null 2>&1 && echo "$candidate"
	done
}

command_vdpa_vmm() {
	local node memory="size=${guest_memory}M"
	[ "$guest_shared" = 0 ] || memory+=,shared=on
	[ -z "$guest_huge" ] || memory+=,hugepages=on
	[ "$guest_prealloc" = 0 ] || memory+=,prefault=on
	cmd=(vdpa-vmm --cpus "boot=$guest_cpus" --memory "$memory" --kernel "$guest_kernel"
		--cmdline "$(guest_cmdline)")
	[ -z "$guest_initrd" ] || cmd+=(--initramfs "$guest_initrd")
	case $guest_console in
	ttyS0) cmd+=(--serial tty --console off) ;;
	hvc0) cmd+=(--serial off --console tty) ;;
	esac
	[ -z "$guest_disk" ] || cmd+=(--disk "path=$guest_disk,direct=$([ "$guest_direct" = 1 ] && echo on || echo off),num_queues=$guest_queues")
	if [ -n "$guest_vdpa" ]; then
		cmd+=(--vdpa)
		for node in $guest_vdpa; do
			cmd+=("path=$node,num_queues=$guest_queues")
		done
	fi
	[ -z "$guest_api" ] || cmd+=(--api-socket "$guest_api")
}

command_qemu() { # MACHINE [OPTIONS-OF-THE-VDPA-DEVICE]
	local node machine="$1,accel=kvm" backend=memory-backend-ram share=off i=0
	# without an RTC Linux polls the missing one for seconds; Debian's virtio-mmio is a module
	[ "$1" = q35 ] || machine+=,rtc=on
	[ "$1$guest_vdpa$guest_disk$guest_console" = microvmttyS0 ] || [ "$1" = q35 ] || machine+=,pcie=on
	cmd=(qemu-system-x86_64 -name "bench,debug-threads=on" -nodefaults -no-user-config -display none
		-no-reboot -cpu host -smp "$guest_cpus" -m "${guest_memory}M" -kernel "$guest_kernel"
		-append "$(guest_cmdline)")
	[ -z "$guest_initrd" ] || cmd+=(-initrd "$guest_initrd")
	if [ -n "$guest_huge" ]; then
		backend=memory-backend-memfd
		share="on,hugetlb=on,hugetlbsize=2M,reserve=on"
	elif [ -n "$guest_vdpa" ] || [ -n "$guest_api" ] || [ "$guest_shared" = 1 ]; then
		backend=memory-backend-memfd
		share=on
	fi
	[ "$guest_prealloc" = 0 ] || share+=",prealloc=on,prealloc-threads=2"
	cmd+=(-object "$backend,id=mem,size=${guest_memory}M,share=$share")
	cmd+=(-machine "$machine,memory-backend=mem")
	case $guest_console in
	ttyS0) cmd+=(-serial stdio) ;;
	hvc0) cmd+=(-chardev stdio,id=con -device virtio-serial-pci -device virtconsole,chardev=con) ;;
	esac
	for node in $guest_vdpa; do
		cmd+=(-device "vhost-vdpa-device-pci,vhostdev=$node${2:-}")
	done
	if [ -n "$guest_disk" ]; then
		cmd+=(-object iothread,id=io -blockdev "driver=file,node-name=file,filename=$guest_disk,aio=$(
			)io_uring,cache.direct=$([ "$guest_direct" = 1 ] && echo on || echo off)")
		cmd+=(-blockdev driver=raw,node-name=disk,file=file
			-device "virtio-blk-pci,drive=disk,iothread=io,num-queues=$guest_queues")
	fi
	[ -z "$guest_api" ] || cmd+=(-qmp "unix:$guest_api,server=on,wait=off"
		-device pcie-root-port,id=port0,chassis=1)
}

command_kvmtool() {
	cmd=(lkvm run --name bench -c "$guest_cpus" -m "$guest_memory" -k "$guest_kernel" --no-pvtime
		-p "$(guest_cmdline)" --console "$([ "$guest_console" = hvc0 ] && echo virtio || echo serial)")
	[ -z "$guest_initrd" ] || cmd+=(-i "$guest_initrd")
	[ -z "$guest_disk" ] || cmd+=(-d "$guest_disk")
}
