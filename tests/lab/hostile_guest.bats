#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# lab: --one-thread --timeout 3000
# seconds: 2400
# A guest that attacks its VMM (tests/hostile), under a VMM with sanitizers. HOSTILE_SEEDS is how many
# seeds, from HOSTILE_SEED on: 250, and 1,000 where CI runs it.

bats_require_minimum_version 1.5.0
load ../asserts

setup_file() {
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	vdpa dev add name h-blk mgmtdev vdpasim_blk
	vdpa dev add name h-net mgmtdev vdpasim_net mac 52:54:00:00:00:01
	# over 9p every page of a program is a round trip
	cp "$LAB_TOP/build/asan/bin/vdpa-vmm" "$BATS_FILE_TMPDIR/vdpa-vmm"
	cp "$LAB_TOP/build/hostile/hostile.elf" "$BATS_FILE_TMPDIR/"
	# which the sanitizers' library refuses to follow
	unset LD_PRELOAD
	export ASAN_OPTIONS=exitcode=99:detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
}

teardown_file() {
	vdpa dev del h-blk || true
	vdpa dev del h-net || true
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	truncate -s 16M a.img
	truncate -s 8M b.img
}

teardown() {
	[ -z "${VMM:-}" ] || kill -KILL "$VMM" 2>/dev/null || true
}

# hostile CMDLINE: a machine with everything in it, some of it behind the IOMMU. $program and $filter: of
# the VMM; the one with sanitizers makes system calls of its own.
hostile() {
	rm -f serial log errors
	"${program:-$BATS_FILE_TMPDIR/vdpa-vmm}" --kernel "$BATS_FILE_TMPDIR/hostile.elf" --cmdline "$1" --api-socket api \
		--cpus boot=2 --memory size=64M --platform num_pci_segments=2,iommu_segments=1 \
		--disk path=a.img,num_queues=2 path=b.img,pci_segment=1,iommu=on --console null --serial file=serial \
		--vdpa device=h-blk,pci_segment=1,iommu=on,id=blk device=h-net,num_queues=3,id=net,count_interrupts=on \
		--seccomp "${filter:-false}" --log-file log 2>errors 3>&- &
	VMM=$!
}

# Waits for the machine's end; where nothing moves any more, says what its threads do.
hostile_end() {
	local size last=-1 still=0 status=0 task
	while kill -0 "$VMM" 2>/dev/null; do
		sleep 1
		size=$(stat -c %s serial 2>/dev/null || echo 0)
		[ "$size" = "$last" ] && still=$((still + 1)) || still=0
		last=$size
		[ "$still" -lt 150 ] && continue
		for task in /proc/"$VMM"/task/*; do
			echo "# $(cat "$task/comm") $(cat "$task/wchan") $(awk '{ print $3, $14, $15 }' "$task/stat")"
		done
		tail -n 3 serial
		# what the lab's own kernel has to say of it
		dmesg | tail -n 40
		kill -KILL "$VMM"
		return 1
	done
	wait "$VMM" || status=$?
	VMM=
	cat errors
	grep -a 'hostile:' serial | tail -n 3
	[ "$status" -eq 0 ]
}

# Waits until the guest has said it so many times; says what its VMM said where that never comes.
hostile_says() { # TIMES PATTERN
	local end=$((SECONDS + 120))
	until [ "$(grep -as "$2" serial | wc -l)" -ge "$1" ]; do
		if ! kill -0 "$VMM" 2>/dev/null || [ $SECONDS -ge $end ]; then
			echo "# '$2' was not said $1 times; the last words:"
			tail -qn 5 serial errors
			return 1
		fi
		sleep 0.2
	done
}

vmm_fds() { ls "/proc/$VMM/fd" | wc -l; }
vmm_kib() { awk '/^VmRSS/ { print $2 }' "/proc/$VMM/status"; }

@test "a hostile guest leaves the VMM whole, its memory and descriptors flat" {
	local seed=${HOSTILE_SEED:-1} left=${HOSTILE_SEEDS:-250} n fds kib end
	while [ "$left" -gt 0 ]; do
		n=$((left < 250 ? left : 250))
		hostile "seed=$seed rounds=$n steps=${HOSTILE_STEPS:-6}"
		# once every device was in use: what a device needs for its life is there now
		hostile_says 1 'seed='
		fds=$(vmm_fds) kib=$(vmm_kib)
		echo "$fds $kib" >flat
		end=$((SECONDS + 600))
		until [ "$(grep -ca 'seed=' serial)" -ge $((n / 25 - 1)) ] || ! kill -0 "$VMM" 2>/dev/null; do
			[ $SECONDS -lt $end ] || break
			echo "$(vmm_fds) $(vmm_kib)" >>flat 2>/dev/null
			sleep 0.5
		done
		hostile_end
		run -0 grep -a "seed=$((seed + n - 1)) .* done" serial
		echo "# seeds $seed to $((seed + n - 1)): $fds descriptors, $kib KiB; then at most" \
			"$(awk '$1 > m { m = $1 } END { print m }' flat)," "$(awk '$2 > m { m = $2 } END { print m }' flat) KiB" >&3
		assert [ "$(awk '$1 > m { m = $1 } END { print m }' flat)" -le $((fds + 16)) ]
		assert [ "$(awk '$2 > m { m = $2 } END { print m }' flat)" -le $((kib + 131072)) ]
		rm -f flat
		seed=$((seed + n)) left=$((left - n))
	done
}

@test "a guest ejects everything in the middle of requests" {
	for seed in 1 2; do
		hostile "seed=$seed rounds=4 mode=eject"
		hostile_end
	done
}

@test "devices are removed while the guest attacks them" {
	hostile "seed=7 rounds=60 steps=4 mode=unplug"
	hostile_says 1 'two CPUs'
	for id in net blk; do
		vdpa_remove "$id"
	done
	hostile_end
}

vdpa_remove() {
	curl -sS --unix-socket api -X PUT -H 'Content-Type: application/json' -d "{\"id\":\"$1\"}" \
		http://localhost/api/v1/vm.remove-device
}

@test "the filters, on kill, stop nothing that such a guest makes the VMM do" {
	program=vdpa-vmm filter=true hostile "seed=2001 rounds=100 steps=6"
	hostile_end
	run -0 grep -a "seed=2100 .* done" serial
	program=vdpa-vmm filter=true hostile "seed=5 rounds=4 mode=eject"
	hostile_end
}

@test "a guest that resets the machine again and again leaks nothing" {
	local before=0 after now
	hostile "seed=3 rounds=1 steps=2 mode=reset"
	hostile_says 3 'two CPUs'
	# In the middle of a reset there are few: what counts is the most of one whole round.
	for _ in $(seq 20); do
		now=$(vmm_fds)
		[ "$now" -le "$before" ] || before=$now
		sleep 0.2
	done
	hostile_says 12 'two CPUs'
	after=$(vmm_fds)
	kill -TERM "$VMM"
	hostile_end
	assert [ "$after" -le $((before + 8)) ]
}

@test "the log of all that stays small" {
	hostile "seed=9 rounds=20 steps=6"
	hostile_end
	assert [ "$(stat -c %s log)" -le 400000 ]
}

# Of the VMM's disk and the vDPA disk, each before it is attached, mapped, unmapped and without its rings. The same devices
# as before: that they still work is part of it. (No Linux here: see --one-thread.)
@test "a device behind the IOMMU reaches what the guest mapped for it, and nothing else" {
	hostile "mode=dma"
	hostile_end
	run -0 grep -ac 'keeps to its mappings' serial
	assert_output 2
}

@test "the devices are free afterwards" {
	run -0 vdpa dev del h-blk
	run -0 vdpa dev add name h-blk mgmtdev vdpasim_blk
	run -0 vdpa dev del h-net
	run -0 vdpa dev add name h-net mgmtdev vdpasim_net mac 52:54:00:00:00:01
}
