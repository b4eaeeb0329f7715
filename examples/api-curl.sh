#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A VM's life over the API with curl alone: create, boot, look, add a vDPA device, take it away, pause, resume, shut down. Each request is shown with its answer.
#
#	api-curl.sh KERNEL INITRAMFS VDPA-DEVICE [SECOND-VDPA-DEVICE]   (devices as /dev/vhost-vdpa-N)
set -euo pipefail

kernel=$1 initramfs=$2 first=$3 second=${4:-}
folder=$(mktemp -d)
sock=$folder/api.sock

vdpa-vmm --api-socket "path=$sock" --event-monitor "path=$folder/events" &
vmm=$!
cleanup() {
	kill "$vmm" 2>/dev/null || true
	wait "$vmm" 2>/dev/null || true
	rm -rf "$folder"
}
trap cleanup EXIT

# api METHOD NAME [BODY]: fails unless the answer is a success.
api() {
	local status
	printf '\n> %s /api/v1/%s %s\n' "$1" "$2" "${3:-}"
	status=$(curl --silent --unix-socket "$sock" --request "$1" ${3:+--data "$3"} \
		--output "$folder/answer" --write-out '%{http_code}' "http://localhost/api/v1/$2")
	printf '< %s ' "$status"
	[ ! -s "$folder/answer" ] || cat "$folder/answer"
	: >"$folder/answer"
	[ "${status:0:1}" = 2 ]
}

# event NAME: waits until the VMM reports it.
event() {
	for _ in $(seq 600); do
		if grep -q "\"event\": \"$1\"" "$folder/events" 2>/dev/null; then
			printf '\n! %s' "$1"
			return 0
		fi
		sleep 0.1
	done
	printf '\n! no %s\n' "$1"
	return 1
}

until [ -S "$sock" ]; do
	kill -0 "$vmm"
	sleep 0.1
done

api GET vmm.ping
api PUT vm.create "{\"payload\": {\"kernel\": \"$kernel\", \"initramfs\": \"$initramfs\", \"cmdline\": \"console=hvc0\"},
  \"cpus\": {\"boot_vcpus\": 1, \"max_vcpus\": 1}, \"memory\": {\"size\": 268435456, \"shared\": true},
  \"console\": {\"mode\": \"File\", \"file\": \"$folder/console\"},
  \"vdpa\": [{\"path\": \"$first\", \"id\": \"first\"}]}"
api PUT vm.boot
event activated
api GET vm.info
api GET vm.counters
api GET vm.rings
if [ -n "$second" ]; then
	api PUT vm.add-vdpa "{\"path\": \"$second\", \"id\": \"second\"}"
	api PUT vm.remove-device '{"id": "second"}'
	event device-removed
fi
api PUT vm.pause
api PUT vm.resume
api PUT vm.shutdown
api GET vm.info
api PUT vm.delete
api PUT vmm.shutdown
wait "$vmm"
