#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# From a host with vDPA in its kernel to a guest that uses a vDPA disk, command by command.
# Run as root in a folder that holds `image.raw` (a Debian system) and `vmlinux`.
set -euo pipefail

# Shows a command as at a prompt, then runs it.
run() {
	printf '\n# %s\n' "$*"
	"$@"
}

fail() {
	echo "walk-through: $*" >&2
	exit 1
}

guest_pid=
cleanup() {
	[ -z "$guest_pid" ] || kill "$guest_pid" 2>/dev/null || true
	vdpactl dev del vdpa-blk1 if-exists >/dev/null 2>&1 || true
}
trap cleanup EXIT

run vdpactl module load vdpa_sim_blk vhost_vdpa
run vdpactl mgmtdev show
run vdpactl dev add name vdpa-blk1 mgmtdev vdpasim_blk owner root mode 660
run vdpactl dev show vdpa-blk1
run vdpactl hugepages reserve 1G
run vdpactl check --cpus boot=1 --memory size=1G,hugepages=on --disk path=image.raw \
	--kernel vmlinux --vdpa path=/dev/vhost-vdpa-0,num_queues=1

printf '\n# vdpa-vmm --cpus boot=1 --memory size=1G,hugepages=on --disk path=image.raw --kernel vmlinux \\\n'
printf '    --cmdline "root=/dev/vda1 console=hvc0" --vdpa path=/dev/vhost-vdpa-0,num_queues=1\n'
coproc GUEST {
	exec vdpa-vmm --cpus boot=1 --memory size=1G,hugepages=on --disk path=image.raw \
		--kernel vmlinux --cmdline "root=/dev/vda1 console=hvc0" \
		--vdpa path=/dev/vhost-vdpa-0,num_queues=1 2>&1
}
guest_pid=$GUEST_PID
exec {console}<&"${GUEST[0]}" {keys}>&"${GUEST[1]}"

# Shows what the guest prints until a line or prompt matches: await PATTERN SECONDS
await() {
	local pattern=$1 text='' char deadline=$((SECONDS + $2))
	while [ "$SECONDS" -lt "$deadline" ]; do
		IFS= read -r -d '' -n 1 -t 5 -u "$console" char || { [ $? -gt 128 ] && continue; break; }
		printf '%s' "$char"
		text+=$char
		[[ $text =~ $pattern ]] && return 0
		[ "$char" != $'\n' ] || text=''
	done
	printf '\n'
	fail "the guest did not print '$pattern' within $2 s"
}
# Types one line at the guest's prompt and waits for its mark.
type_line() {
	printf '%s; echo "status"=$?\n' "$1" >&"$keys"
	await 'status=0' 120
	await '# $' 20
}

await '# $' 180
type_line 'lsblk'
type_line 'dd if=/dev/urandom of=/tmp/written bs=1M count=16 status=none'
type_line 'dd if=/tmp/written of=/dev/vdb bs=1M oflag=direct status=none'
type_line 'dd if=/dev/vdb bs=1M count=16 iflag=direct status=none | cmp - /tmp/written'
printf 'poweroff 2>/dev/null\n' >&"$keys"
cat <&"$console" || true
wait "$guest_pid" || fail "vdpa-vmm ended with status $?"
guest_pid=
echo "vdpa-vmm ended with status 0"

run vdpactl dev del vdpa-blk1
