# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# vDPA devices, VMs and guests for bats suites. Load it, call vdpa_setup in `setup` and vdpa_teardown in
# `teardown`; what a test made is gone afterwards, even when the test or bats itself was killed.
#
#	vdpa_device NAME MGMTDEV [WORD...]  creates a device (words as of `vdpactl dev add`)
#	vdpa_vm NAME ARGUMENT...            starts a VM detached (arguments as of `vdpactl vm start`)
#	vdpa_guest_ready NAME               waits for a root prompt on the guest's console
#	vdpa_guest_run NAME COMMAND         runs a shell command there: its output, its status
#	vdpa_vm_stopped NAME                waits for the VM to end
#	vdpa_take_back vm|device NAME       one made by other means is gone afterwards too
#	vdpa_wait_until COMMAND...          runs it again and again until it succeeds
#	assert_vdpa_device NAME [KEY VALUE]...  it exists, with these fields (of `dev show --json`)
#	refute_vdpa_device NAME             it does not exist
#	assert_vdpa_check OPTION...         `vdpactl check` finds nothing wanting
#	refute_vdpa_check TEXT OPTION...    it finds something wanting, and says TEXT
#	assert_vdpa_vm NAME STATE           state as of `vdpactl vm list --json`
#
# VDPA_TIMEOUT is how many seconds one step may take (60), VDPACTL the program (vdpactl).
# vdpactl-bats(7) is the manual. Needs bash, jq and base64; the guest needs a root shell on its console, and base64.

VDPA_TIMEOUT=${VDPA_TIMEOUT:-60}
VDPACTL=${VDPACTL:-vdpactl}

_vdpa_fail() {
	printf -- '-- %s --\n' "$1" >&2
	shift
	[ $# -eq 0 ] || printf '%s\n' "$@" >&2
	printf -- '--\n' >&2
	return 1
}

# Takes back what the file names, last first.
_vdpa_clean() { # FILE
	local kind name
	[ -f "$1" ] || return 0
	tac "$1" | while read -r kind name; do
		case $kind in
		vm) "$VDPACTL" vm kill "$name" >/dev/null 2>&1 || true ;;
		device) "$VDPACTL" dev del "$name" if-exists >/dev/null 2>&1 || true ;;
		esac
	done
	rm -f "$1"
}

vdpa_setup() {
	VDPA_MADE=$(mktemp "${TMPDIR:-/tmp}/vdpa-bats.XXXXXX")
	# The guard is of a session of its own: it outlives a suite that is killed, and cleans up in its place.
	VDPACTL=$VDPACTL setsid bash "${BASH_SOURCE[0]}" "$VDPA_MADE" "$BATS_ROOT_PID" 3>&- </dev/null >/dev/null 2>&1 &
	disown
}

vdpa_teardown() {
	[ -n "${VDPA_MADE:-}" ] || return 0
	_vdpa_clean "$VDPA_MADE"
	VDPA_MADE=
}

vdpa_take_back() { # vm|device NAME
	echo "$1 $2" >>"$VDPA_MADE"
}

vdpa_wait_until() { # COMMAND...
	local stop=$((SECONDS + VDPA_TIMEOUT))
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$stop" ] ||
			{ _vdpa_fail "not within $VDPA_TIMEOUT s: $*" "$("$@" 2>&1)"; return; }
		sleep 0.2
	done
}

vdpa_device() { # NAME MGMTDEV [WORD...]
	local name=$1 mgmtdev=$2 out
	shift 2
	vdpa_take_back device "$name"
	out=$("$VDPACTL" dev add name "$name" mgmtdev "$mgmtdev" "$@" 2>&1) ||
		_vdpa_fail "device '$name' could not be created on '$mgmtdev'" "$out"
}

vdpa_vm() { # NAME ARGUMENT...
	local name=$1 out
	shift
	vdpa_take_back vm "$name"
	out=$("$VDPACTL" vm start --name "$name" --detach "$@" 2>&1) ||
		_vdpa_fail "VM '$name' did not start" "$out"
}

# Types LINE at the guest's console and copies what it prints until a line matches END, which is left in
# VDPA_LINE: _vdpa_console NAME LINE END
_vdpa_console() {
	local name=$1 typed=$2 end=$3 line='' part stop=$((SECONDS + VDPA_TIMEOUT)) status=1
	local from to pid
	coproc VDPA_CONSOLE { exec "$VDPACTL" vm console "$name" 2>&1; }
	pid=$VDPA_CONSOLE_PID
	exec {from}<&"${VDPA_CONSOLE[0]}" {to}>&"${VDPA_CONSOLE[1]}"
	printf '%s\n' "$typed" >&"$to"
	while [ "$SECONDS" -lt "$stop" ]; do
		part=
		if IFS= read -r -t 1 -u "$from" part; then
			line+=${part%$'\r'}
			[[ ! $line =~ $end ]] || { VDPA_LINE=$line status=0 && break; }
			printf '%s\n' "$line"
			line=
		elif [ $? -gt 128 ]; then
			line+=$part
			[[ ! $line =~ $end ]] || { VDPA_LINE=$line status=0 && break; }
			[ -n "$line" ] || [ $((SECONDS % 5)) -ne 0 ] || printf '\n' >&"$to"
		else
			break
		fi
	done
	exec {from}<&- {to}>&-
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	return $status
}

vdpa_guest_ready() { # NAME
	local said
	said=$(_vdpa_console "$1" '' '[#] $') ||
		_vdpa_fail "no prompt on the console of '$1' within $VDPA_TIMEOUT s" "$(tail -n 15 <<<"$said")"
}

vdpa_guest_run() { # NAME COMMAND
	local mark=$$$RANDOM typed said status
	# The marks are typed in pieces, so that the echo of what was typed is none.
	typed="echo vdpa-\"\"begin-$mark; eval \"\$(echo $(base64 -w0 <<<"$2") | base64 -d)\"; echo vdpa-\"\"end-$mark \$?"
	said=$(_vdpa_console "$1" "$typed" "vdpa-end-$mark [0-9]+" && echo "$VDPA_LINE")
	status=$(sed -n "s/.*vdpa-end-$mark \([0-9]*\).*/\1/p" <<<"$said" | tail -n 1)
	if [ -z "$status" ]; then
		_vdpa_fail "'$2' did not end in guest '$1' within $VDPA_TIMEOUT s" "$(tail -n 15 <<<"$said")"
		return 255
	fi
	sed -n "/vdpa-begin-$mark/,/vdpa-end-$mark/p" <<<"$said" | sed -e '1d' -e '$d'
	return "$status"
}

vdpa_vm_stopped() { # NAME
	timeout "$VDPA_TIMEOUT" "$VDPACTL" vm wait "$1" >/dev/null ||
		_vdpa_fail "VM '$1' still runs after $VDPA_TIMEOUT s" "$("$VDPACTL" vm list)"
}

assert_vdpa_device() { # NAME [KEY VALUE]...
	local name=$1 shown value
	shift
	shown=$("$VDPACTL" dev show "$name" --json) ||
		{ _vdpa_fail "device '$name' does not exist" "$("$VDPACTL" dev show)"; return; }
	while [ $# -gt 0 ]; do
		value=$(jq -r --arg n "$name" --arg k "$1" '.dev[$n][$k]' <<<"$shown")
		[ "$value" = "$2" ] ||
			{ _vdpa_fail "device '$name' differs" "field    : $1" "expected : $2" "actual   : $value"; return; }
		shift 2
	done
}

refute_vdpa_device() { # NAME
	! "$VDPACTL" dev show "$1" >/dev/null 2>&1 ||
		_vdpa_fail "device '$1' exists" "$("$VDPACTL" dev show "$1")"
}

assert_vdpa_check() { # OPTION...
	local said
	said=$("$VDPACTL" check "$@" 2>&1) || _vdpa_fail "the check found something wanting" "$said"
}

refute_vdpa_check() { # TEXT OPTION...
	local text=$1 said status=0
	shift
	said=$("$VDPACTL" check "$@" 2>&1) || status=$?
	[ $status -eq 3 ] || { _vdpa_fail "the check ended with status $status, not 3" "$said"; return; }
	[[ $said == *"$text"* ]] || _vdpa_fail "the check does not say '$text'" "$said"
}

assert_vdpa_vm() { # NAME STATE
	local state
	state=$("$VDPACTL" vm list --json | jq -r --arg n "$1" '.vm[$n].state // "gone"')
	[ "$state" = "$2" ] || _vdpa_fail "VM '$1' differs" "expected : $2" "actual   : $state"
}

# Run rather than loaded, this file is the guard of one test: FILE PID-OF-BATS.
if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	while kill -0 "$2" 2>/dev/null && [ -e "$1" ]; do
		sleep 1
	done
	_vdpa_clean "$1"
fi
