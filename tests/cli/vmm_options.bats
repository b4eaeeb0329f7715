#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The command line of vdpa-vmm: help, exit statuses, and refusals before anything is opened.
bats_require_minimum_version 1.5.0

setup() {
	load ../asserts
	vmm=${VMM:-$BATS_TEST_DIRNAME/../../build/vdpa-vmm}
	[ -x "$vmm" ] || skip "vdpa-vmm is not built"
}

# The command must fail with this status and text: refused STATUS TEXT OPTION...
refused() {
	local status_wanted=$1 text=$2
	shift 2
	run --separate-stderr timeout 10 "$vmm" "$@"
	assert_equal "$status" "$status_wanted"
	assert_equal "$output" ""
	# shellcheck disable=SC2154 # set by run
	[[ $stderr == *"$text"* ]] || fail "no '$text' in: $stderr"
}

@test "without arguments the help is printed and the status is 2" {
	run "$vmm"
	assert_failure 2
	assert_output --partial '--vdpa <vdpa>...'
}

@test "--help names every option and its keys" {
	run --separate-stderr "$vmm" --help
	assert_success
	assert_equal "$stderr" ""
	assert_output --partial 'boot=<number>,max=<number>,topology=<t:c:d:p>'
	assert_output --partial '[default: size=512M,thp=on]'
	refute_output --partial '--net'
	run "$vmm" -h
	assert_success
}

@test "--version" {
	run "$vmm" --version
	assert_success
	assert_line --index 0 --regexp '^vdpa-vmm [0-9]'
	assert_line --index 1 --partial 'Migration Protocol Versions:'
	run "$vmm" -vV
	assert_line --index 2 --partial 'Enabled features:'
}

@test "misuse has status 2" {
	refused 2 "unknown option '--vpda'" --vpda path=x
	refused 2 "unexpected argument 'word'" word
	refused 2 "a value is required for '--disk'" --kernel k --disk
	refused 2 "'--cpus' cannot be given more than once" --cpus boot=1 --cpus boot=1
	refused 2 "'--version' takes no value" --version=1
	refused 2 "'--help' takes no value" --help=x
	refused 2 "'--memory' needs a kernel to boot" --memory size=1G
}

@test "options of cloud-hypervisor out of scope are refused by name, status 1" {
	local name
	for name in balloon debug-console device firmware fs generic-vhost-user log-format memory-zone \
		net numa pmem pvpanic rate-limit-group rtc tpm user-device vsock watchdog; do
		refused 1 "--$name is not supported by this VMM" "--$name" x
	done
	refused 1 '--cpus: affinity is not supported by this VMM' --kernel k --cpus 'affinity=[0@[1]]'
}

@test "wrong values have status 1 and name option and key" {
	refused 1 "--memory: size: '1KM' is not a size" --kernel k --memory size=1KM
	refused 1 '--vdpa: unknown option:  iommu' --kernel k --vdpa 'path=a, iommu=on'
	refused 1 '--cpus: max CPUs (1) lower than boot CPUs (2)' --kernel k --cpus boot=2,max=1
	refused 1 '--vdpa: path missing' --kernel k --vdpa num_queues=1
}

@test "the configuration is refused before the kernel or KVM is opened" {
	refused 1 '--disk: queue count (2) must not exceed boot vCPUs (1)' \
		--kernel /nonexistent --disk path=/nonexistent,num_queues=2
}

@test "several causes are numbered, one is not, and the hint comes last" {
	refused 1 'Error: vdpa-vmm exited with the following chain of errors:
  0: error validating the configuration
  1: ' --kernel k --cpus boot=2,max=1
	refused 1 'Error: vdpa-vmm exited with the following error:
  ' --net tap=x
	[[ $stderr != *'  0: '* ]] || fail "$stderr"
	refused 2 'Error: vdpa-vmm exited with the following error:
  there is nothing to run
  hint: give a VM its --kernel' -v
}
