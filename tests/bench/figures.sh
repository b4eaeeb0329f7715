# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What is measured, in the order of the report: counts first, times second.
# shellcheck disable=SC2034

# Order in which workloads run.
workloads=(cli entry scale batch boot idle io disk hugepages attach hotplug)

# name | unit | scale (value is divided by it) | better | chart | targets | title
# Targets: [POINT:]CANDIDATE<=RATIO of that candidate's median, or [POINT:]abs<=VALUE in the unit;
# POINT may be a pattern.
figures=(
	"entry|M instructions|1e6|lower|bars|microvm<=0.06 q35<=0.03 abs<=4.2|exec to the guest kernel's entry"
	"boot_userspace|exits|1|lower|bars|ttyS0:abs<=1200 hvc0:abs<=1500|exits to userspace until the guest's init"
	"boot_exits|exits|1|lower|bars||KVM exits until the guest's init"
	"io_userspace|exits|1|lower|bars|abs<=0.01|exits to userspace per I/O on a vDPA disk"
	"io_exits|exits|1|lower|bars|q35<=1.02|KVM exits per I/O on a vDPA disk"
	"idle_memory|MiB|1024|lower|bars|abs<=4|VMM memory beside guest RAM, idle, one vDPA device"
	"idle_threads|threads|1|lower|bars|abs<=2|threads, one vCPU"
	"idle_fds|descriptors|1|lower|bars|abs<=20|open descriptors, idle"
	"idle_cpu|ms/s|1|lower|bars|abs<=0|CPU outside the vCPU thread, idle"
	"attach|system calls|1|lower|bars|abs<=25|system calls to attach one vDPA disk"
	"show_text|M instructions|1e6|lower|lines|1:vdpa<=1.0 100:vdpa<=0.8 1000:vdpa<=0.4|listing vDPA devices as text, by count"
	"show_json|M instructions|1e6|lower|lines|1:vdpa<=1.0 100:vdpa<=0.8 1000:vdpa<=0.4|listing vDPA devices as JSON, by count"
	"add_100|M instructions|1e6|lower|bars|vdpa-loop<=0.1|making 100 devices"
	"del_100|M instructions|1e6|lower|bars|vdpa-loop<=0.1|deleting 100 devices"
	"scale_ram|M instructions|1e6|lower|lines||exec to kernel entry, by MiB of RAM"
	"scale_cpus|M instructions|1e6|lower|lines||exec to kernel entry, by vCPUs"
	"scale_devices|M instructions|1e6|lower|lines||exec to kernel entry, by vDPA devices"
	"scale_queues|M instructions|1e6|lower|lines||exec to kernel entry, by queues of a disk"
	"boot_wall|s|1e9|lower|bars|ttyS0:microvm<=0.97 ttyS0:q35<=0.63|exec to the guest's init"
	"hugepages|ms|1e6|lower|bars|lazy:microvm<=0.1 preallocated:microvm<=0.75|exec to kernel entry, 1 GiB on hugepages"
	"hot_add|ms|1e6|lower|bars|q35<=0.7|hot-add of a vDPA disk until the guest reads from it"
	"hot_remove|ms|1e6|lower|bars|q35<=0.7|removal of a vDPA disk until the host has it back"
	"io_iops|IOPS|1|higher|bars|q35>=1.06 q35-pio>=0.97|4k random reads on a vDPA disk"
	"io_mib|MiB/s|1|higher|bars|q35>=1.10 q35-pio>=0.97|128k sequential reads and writes on a vDPA disk, depth 8"
	"io_cpu|ms|1|lower|bars|abs<=0.5|CPU outside the vCPU thread per 1,000 I/Os at depth 1"
	"disk_iops|IOPS|1|higher|bars|q35>=1.0|4k random reads on a raw image"
	"disk_mib|MiB/s|1|higher|bars|q35>=1.0|128k sequential reads and writes on a raw image, depth 8"
)

# The candidate of a figure that is ours.
ours_of() { # FIGURE FOLDER
	awk -F '\t' -v figure="$1" '$1 == figure && $3 ~ /^vdpa(-vmm|ctl)$/ { print $3; exit }' "$2/statistics.tsv"
}
