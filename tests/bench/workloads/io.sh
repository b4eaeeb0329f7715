# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# fio in a guest on a vDPA block device, and on the host without a VM (virtio_vdpa).
# shellcheck disable=SC2034,SC2154

lab_of[io]=smp
candidates_of[io]="vdpa-vmm q35 q35-pio host"
points_of[io]="vdpa"

io_install() {
	boot_install
	install_guest "$BENCH_GUEST/initrd.fio"
	install_program fio
	install_guest "$BENCH_DIR/guest/io.fio"
	ln -sfn usr/bin/true "$ROOT/mark"
	install_program true
}
io_prepare() { create_disks 1; }
io_finish() { delete_disks; }

# Marks and fio's terse lines (version 3) to figures, without what the marks cost themselves.
io_figures() {
	awk '
		$1 == "begin" { exits = $4; user = $5; other = $7; next }
		$1 == "end" { exits_of[$2] = $4 - exits; user_of[$2] = $5 - user; other_of[$2] = $7 - other; next }
		function beside(cost, nothing) { return cost > nothing ? cost - nothing : 0 }
		$1 == "fio" {
			line = substr($0, index($0, " ") + 1)
			split(line, f, ";")
			name = f[3]
			iops = f[8] + f[49]
			ios = f[8] * f[9] / 1000 + f[49] * f[50] / 1000
			if (name ~ /4k/)
				print "io_iops", name, iops
			else
				print "io_mib", name, (f[7] + f[48]) / 1024
			if (!(name in exits_of) || !ios)
				next
			print "io_userspace", name, beside(user_of[name], user_of["nothing-in-them"]) / ios
			print "io_exits", name, beside(exits_of[name], exits_of["nothing-in-them"]) / ios
			if (name ~ /qd1$/)
				print "io_cpu", name, beside(other_of[name], other_of["nothing-in-them"]) / 1e6 / (ios / 1000)
		}'
}

io_run() { # CANDIDATE POINT
	local cmd
	guest_defaults
	guest_mode=fio guest_vdpa=$nodes guest_initrd=/guest/initrd.fio guest_memory=512
	guest_append="bench.seconds=$io_seconds"
	if [ "$1" = host ]; then
		io_on_host
		return
	fi
	vmm_command "$1"
	in_root vmwatch -e "done" -t 120 -l "/tmp/log.$1" "${cmd[@]}" | io_figures
}

io_on_host() {
	bind_disk disk0 virtio_vdpa
	udevadm settle 2>/dev/null
	SECONDS_EACH=$io_seconds DIRECT=1 in_root fio --output-format=terse /guest/io.fio |
		grep fio-3 | sed 's/^/fio /' | io_figures
	bind_disk disk0 vhost_vdpa
	nodes=$(disk_node disk0)
}
