#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# vdpactl profile: files that are made, changed and passed on without loss.
bats_require_minimum_version 1.5.0

setup() {
	load ../asserts
	PATH=$BATS_TEST_DIRNAME/../../build/${CONFIG:-release}/bin:$PATH
	export XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	folder=$XDG_CONFIG_HOME/vdpactl/profiles
}

reference=(--cpus boot=1 --memory size=1G,hugepages=on --disk path=focal.raw --kernel vmlinux
	--cmdline "root=/dev/vda1 console=hvc0" --vdpa path=/dev/vhost-vdpa-0,num_queues=1)

@test "create, show, list, check" {
	run -0 vdpactl profile create demo "${reference[@]}"
	assert_output "$folder/demo.ini"
	run -0 vdpactl profile show demo
	assert_line "size = 1G"
	assert_line "path = /dev/vhost-vdpa-0"
	run -0 --separate-stderr vdpactl profile list --json
	assert_equal "$(gojq -r '.profile.demo.memory' <<<"$output")" 1073741824
	run -0 vdpactl profile check demo
	run -1 vdpactl profile create demo --kernel x
	assert_output --partial "a profile 'demo' exists"
}

@test "the reference line is imported whole, however it is passed" {
	run -0 vdpactl profile import one sudo cloud-hypervisor "${reference[@]}"
	printf 'sudo ./cloud-hypervisor \\\n --cpus boot=1 \\\n --memory size=1G,hugepages=on --disk path=focal.raw \\\n --kernel vmlinux --cmdline "root=/dev/vda1 console=hvc0" \\\n --vdpa path=/dev/vhost-vdpa-0,num_queues=1\n' >"$BATS_TEST_TMPDIR/line"
	run -0 vdpactl profile import two --from "$BATS_TEST_TMPDIR/line"
	run -0 sh -c 'vdpactl profile import three --from - <"$1"' sh "$BATS_TEST_TMPDIR/line"
	run -0 cmp "$folder/one.ini" "$folder/two.ini"
	run -0 cmp "$folder/one.ini" "$folder/three.ini"
	run -0 vdpactl profile create four "${reference[@]}"
	run -0 cmp "$folder/one.ini" "$folder/four.ini"
	run -0 vdpactl profile import five "cloud-hypervisor $(printf '%q ' "${reference[@]}")"
	run -0 cmp "$folder/one.ini" "$folder/five.ini"
}

@test "what a profile has no place for is left out of a line, and said, however it is passed" {
	rest=(--log-file=-l --seccomp false --api-socket /tmp/a.sock -v)
	said="vdpactl: profile import: left out, since a profile has no place for it: --api-socket /tmp/a.sock --log-file=-l --seccomp false -v"
	run -0 --separate-stderr vdpactl profile import one cloud-hypervisor "${reference[@]}" "${rest[@]}"
	assert_equal "$stderr" "$said"
	line="cloud-hypervisor $(printf '%q ' "${reference[@]}" "${rest[@]}")"
	run -0 --separate-stderr vdpactl profile import two "$line"
	assert_equal "$stderr" "$said"
	run -0 --separate-stderr vdpactl profile import three --from - --json <<<"$line"
	assert_equal "$(gojq -r '.left_out | join(" ")' <<<"$output")" "${said##*: }"
	assert_equal "$stderr" ""
	run -0 --separate-stderr vdpactl profile import four cloud-hypervisor "${reference[@]}"
	assert_equal "$stderr" ""
	for name in one two three; do run -0 cmp "$folder/$name.ini" "$folder/four.ini"; done
	run -2 vdpactl profile import five "cloud-hypervisor --restore source_url=file:///tmp"
	assert_output --partial "a snapshot brings its configuration along"
}

@test "create says too what a profile has no place for" {
	rest=(--log-file /x --event-monitor path=/e --seccomp false --no-shutdown)
	said="vdpactl: profile create: left out, since a profile has no place for it: --event-monitor path=/e --log-file /x --no-shutdown --seccomp false"
	run -0 --separate-stderr vdpactl profile create one --kernel x "${rest[@]}"
	assert_output "$folder/one.ini"
	assert_equal "$stderr" "$said"
	run -0 --separate-stderr vdpactl profile create two --kernel x "${rest[@]}" --json
	assert_equal "$(gojq -r '.left_out | join(" ")' <<<"$output")" "${said##*: }"
	assert_equal "$stderr" ""
	run -0 --separate-stderr vdpactl profile create three --kernel x
	assert_equal "$stderr" ""
	for name in one two; do run -0 cmp "$folder/$name.ini" "$folder/three.ini"; done
}

# shellcheck disable=SC2016 # $-words are the script's
@test "a variable that no shell has expanded is taken as it is, and said" {
	printf '%s\n' '#!/bin/bash' 'echo $0 "$HERE"' 'exec cloud-hypervisor --kernel $K \' \
		' --disk "path=${IMG:-a b},readonly=on" path=$K \' " --cmdline 'root=\$ROOT' --rng src=/\\\$R # \$C" \
		>"$BATS_TEST_TMPDIR/script"
	run -0 --separate-stderr vdpactl profile import one --from "$BATS_TEST_TMPDIR/script"
	assert_output "$folder/one.ini"
	assert_equal "$stderr" 'vdpactl: profile import: '"'"'$K'"'"' is taken as it is: no shell has expanded it
vdpactl: profile import: '"'"'${IMG:-a b}'"'"' is taken as it is: no shell has expanded it'
	run -0 vdpactl profile show one
	assert_line 'kernel = $K'
	assert_line 'path = ${IMG:-a b}'
	assert_line 'cmdline = root=$ROOT'
	assert_line 'src = /$R'
	run -0 --separate-stderr vdpactl profile import two --from "$BATS_TEST_TMPDIR/script" --json
	assert_equal "$(gojq -c .unexpanded <<<"$output")" '["$K","${IMG:-a b}"]'
	assert_equal "$stderr" ""
	# These are of the shell that runs vdpactl, or of no shell.
	run -0 --separate-stderr vdpactl profile import three cloud-hypervisor --kernel '$K'
	assert_equal "$stderr" ""
	printf '{"payload":{"kernel":"$K"}}' >"$BATS_TEST_TMPDIR/json"
	run -0 --separate-stderr vdpactl profile import four --from "$BATS_TEST_TMPDIR/json"
	assert_equal "$stderr" ""
}

@test "a line is found in a script, behind other programs, with other line ends" {
	vdpactl profile import one cloud-hypervisor "${reference[@]}"
	rest=$(printf '%q ' "${reference[@]}")
	# shellcheck disable=SC2016 # $-words are the script's
	for text in '#!/bin/bash\n# the VM \\\ncloud-hypervisor %s\n' 'sudo -E -u me cloud-hypervisor-static %s # go\n' \
		'cloud-hypervisor \\\r\n %s\r\n' 'env A=--x unshare --net ./vdpa-vmm %s' 'ch %s' '%s'; do
		rm -f "$folder/two.ini"
		# shellcheck disable=SC2059 # a text with one place
		printf "$text" "$rest" >"$BATS_TEST_TMPDIR/text"
		run vdpactl profile import two --from "$BATS_TEST_TMPDIR/text"
		assert_success
		run -0 cmp "$folder/one.ini" "$folder/two.ini"
	done
	vdpactl profile import three sudo -E cloud-hypervisor "${reference[@]}"
	run -0 cmp "$folder/one.ini" "$folder/three.ini"
	run -2 vdpactl profile import four sudo -E cloud-hypervisor --kernle k
	assert_output --partial "unknown option '--kernle'"
}

@test "what has no VM in it makes no profile" {
	for text in '{}' '{"config":{}}' '{"cpus":{"boot_vcpus":2,"max_vcpus":2}}' 'cloud-hypervisor --version' '#' \
		'--kernel k\0 --cpus boot=2'; do
		printf '%b' "$text" >"$BATS_TEST_TMPDIR/text"
		run -1 vdpactl profile import none --from "$BATS_TEST_TMPDIR/text"
		assert_output --partial "profile import: "
		assert_not_exist "$folder/none.ini"
	done
}

@test "JSON goes out and comes back the same" {
	vdpactl profile create demo "${reference[@]}"
	vdpactl profile export demo --format json >"$BATS_TEST_TMPDIR/json"
	run -0 vdpactl profile import back --from "$BATS_TEST_TMPDIR/json"
	run -0 cmp "$folder/demo.ini" "$folder/back.ini"
	# vm.info has the configuration in a member.
	gojq '{state: "Running", config: .}' "$BATS_TEST_TMPDIR/json" >"$BATS_TEST_TMPDIR/info"
	run -0 vdpactl profile import info --from "$BATS_TEST_TMPDIR/info"
	run -0 cmp "$folder/demo.ini" "$folder/info.ini"
}

@test "--pretty breaks and indents what is embedded too" {
	vdpactl profile create demo --kernel k --cmdline 'a="{b: [c], d}" \\" e' --disk path=a path=b,iommu=on
	for words in 'show demo' 'export demo --format json'; do
		# shellcheck disable=SC2086 # words of a command; json-c escapes slashes
		run -0 diff <(vdpactl profile $words --json --pretty | sed 's|\\/|/|g') <(vdpactl profile $words --json | jq --indent 4 .)
	done
}

@test "export gives a line that makes the same profile" {
	vdpactl profile create demo "${reference[@]}"
	vdpactl profile export demo >"$BATS_TEST_TMPDIR/line"
	run -0 vdpactl profile import back --from "$BATS_TEST_TMPDIR/line"
	run -0 cmp "$folder/demo.ini" "$folder/back.ini"
	run -0 vdpactl profile export demo --format qemu
	assert_output --partial "qemu-system-x86_64"
	assert_output --partial "vhost-vdpa-device-pci,vhostdev=/dev/vhost-vdpa-0"
	assert_output --partial "memory-backend-memfd,id=ram,size=1G,share=on,hugetlb=on"
	run -0 vdpactl profile create commas --kernel k --disk 'path="/i,snapshot=on.raw",serial="a,b"'
	run -0 vdpactl profile export commas --format qemu
	assert_output --partial "-drive file=/i,,snapshot=on.raw,format=raw"
	assert_output --partial "serial=a,,b"
	run -0 vdpactl profile export demo --format cloud-hypervisor
	assert_output --regexp '^cloud-hypervisor '
	run -2 vdpactl profile export demo --format nonesuch
}

@test "edits keep comments, order and what they do not touch" {
	mkdir -p "$folder"
	printf '; mine\n[memory]\n# why 1G\nsize = 1G\n\n[payload]\nkernel = k ; the good one\n' >"$folder/demo.ini"
	run -0 vdpactl profile set demo memory.size=2G memory.hugepages=on
	run -0 cat "$folder/demo.ini"
	assert_output "$(printf '; mine\n[memory]\n# why 1G\nsize = 2G\nhugepages = on\n\n[payload]\nkernel = k ; the good one')"
	run -0 vdpactl profile unset demo memory.hugepages
	run -0 vdpactl profile add demo vdpa.net device=v1 num_queues=auto
	run -0 vdpactl profile set demo vdpa.net.num_queues=3
	run -0 vdpactl profile show demo --json
	assert_equal "$(gojq -r '.config.vdpa[0].num_queues' <<<"$output")" 3
	run -0 vdpactl profile remove demo vdpa.net
	run -0 cat "$folder/demo.ini"
	assert_line "; mine"
	refute_line --partial vdpa
}

@test "what create and import write can be edited" {
	vdpactl profile create demo --kernel k --disk path=a path=b,id=disk0 path=c --vdpa device=v path=/dev/w
	run -0 vdpactl profile show demo
	for head in 'disk "disk1"' 'disk "disk0"' 'disk "disk2"' 'vdpa "vdpa0"' 'vdpa "vdpa1"'; do
		assert_line "[$head]"
	done
	run -0 vdpactl profile set demo disk.disk2.readonly=on vdpa.vdpa1.num_queues=auto
	run -0 vdpactl profile remove demo disk.disk1
	printf '{"payload":{"kernel":"k"},"disks":[{"path":"a"},{"path":"b"}]}' >"$BATS_TEST_TMPDIR/json"
	vdpactl profile import two --from "$BATS_TEST_TMPDIR/json"
	run -0 vdpactl profile set two disk.disk1.readonly=on
	vdpactl profile create one --kernel k --disk path=a --memory size=1G
	assert_file_contains "$folder/one.ini" '^\[disk\]$'
	run -0 vdpactl profile set one disk.readonly=on
	# What is refused is said in words of the profile.
	run -1 vdpactl profile add one disk path=b
	assert_output --partial 'there is a section [disk] already (give the new one a name, as in disk.NAME)'
	run -1 vdpactl profile add one memory size=1G
	assert_output --partial "there is a section [memory] already (change it with 'vdpactl profile set')"
	run -1 vdpactl profile set one disk.root.readonly=on
	assert_output --partial "no section [disk \"root\"] ('vdpactl profile add' adds one)"
	run -0 vdpactl __complete profile set one v
	assert_line --partial vm.
	refute_output --partial vdpa.
	run -0 vdpactl profile add one landlock-rules path=/dev access=r
	run -0 vdpactl profile add one landlock-rules path=/tmp access=rw
	run -1 vdpactl profile set one landlock-rules.access=r
	assert_output --partial "several sections [landlock-rules] (change them with 'vdpactl profile edit')"
	run -0 --separate-stderr vdpactl profile show one --json
	assert_equal "$(gojq -c '[.config.landlock_rules[].path]' <<<"$output")" '["/dev","/tmp"]'
}

@test "an edit that makes no profile is refused and changes nothing" {
	vdpactl profile create demo "${reference[@]}"
	cp "$folder/demo.ini" "$BATS_TEST_TMPDIR/before"
	run -1 vdpactl profile set demo memory.size=1KM
	assert_output --partial "size: '1KM'"
	run -1 vdpactl profile set demo memory.sise=1G
	assert_output --partial "sise"
	run -2 vdpactl profile set demo nonesuch.size=1G
	run -2 vdpactl profile set demo memory.size
	run -2 vdpactl profile set demo memory=1G
	run -1 vdpactl profile unset demo memory.thp
	run -1 vdpactl profile remove demo vdpa.nonesuch
	run -0 cmp "$folder/demo.ini" "$BATS_TEST_TMPDIR/before"
}

@test "what an edit makes wrong is said in words that were typed, not by a line that no file has" {
	vdpactl profile create demo --kernel k --disk path=a
	cp "$folder/demo.ini" "$BATS_TEST_TMPDIR/before"
	refused() { # MESSAGE WORD...
		local message=$1
		shift
		run -1 vdpactl profile "$@"
		assert_output "vdpactl: profile $1: $message"
		run -0 cmp "$folder/demo.ini" "$BATS_TEST_TMPDIR/before"
	}
	same="(the profile is as it was)"
	refused "memory.size: 'abc' is not a size (a number, then K, M, G or nothing) $same" set demo memory.size=abc
	refused "memory: unknown option: sise (the profile is as it was; did you mean 'size'?)" set demo memory.sise=1G
	refused "platform.num_pci_segments: number of PCI segments (0) not in range of 1 to 96 $same" \
		set demo platform.num_pci_segments=0
	refused "console.file: mode is 'tty' $same" set demo console.mode=tty console.file=/x
	refused "disk.b.queue_size: 'x' is not a number $same" add demo disk.b path=b queue_size=x
	refused "disk.b.id: option 'id' is given already $same" add demo disk.b path=b id=c
	refused "vdpa.v: path missing (the profile is as it was; give path=/dev/vhost-vdpa-N, device=NAME or fd=N)" \
		add demo vdpa.v num_queues=1
	refused "pci-segment.3.pci_segment: invalid PCI segment id: 3 (0 to 0) $same" add demo pci-segment.3
	refused "pci-segment: pci_segment: 'x' is not a number $same" add demo pci-segment.x
	refused "disk.path: path missing $same" unset demo disk.path
}

@test "what was wrong in the file before an edit is told with its line, and can be mended" {
	mkdir -p "$folder"
	printf '[payload]\nkernel = k\n[memory]\nsise = 1G\n[cpus]\nbot = 2\n' >"$folder/bad.ini"
	run -1 vdpactl profile set bad payload.cmdline=x
	assert_output --partial "profile set: $folder/bad.ini:4: unknown option: sise (did you mean 'size'?)"
	run -1 vdpactl profile unset bad memory.sise
	assert_output --partial "profile unset: cpus: unknown option: bot ("
	run -0 vdpactl profile unset bad memory.sise cpus.bot
	printf '[payload]\nkernel = k\n[memory]\nsize = 1\n' >"$folder/bad.ini"
	run -1 vdpactl profile copy bad two
	assert_output --partial "profile copy: $folder/bad.ini:4: memory size '1' is not"
	assert_not_exist "$folder/two.ini"
}

@test "an edit that leaves nothing to boot says so" {
	said="no VM can be started from 'demo' now: payload.kernel: payload configuration is not bootable: no bootitem provided: neither firmware nor kernel"
	for command in 'unset demo payload.kernel' 'remove demo payload' 'set demo payload.kernel='; do
		rm -f "$folder/demo.ini"
		vdpactl profile create demo --kernel k --cpus boot=1
		# shellcheck disable=SC2086 # words of a command
		run -0 --separate-stderr vdpactl profile $command
		assert_output ""
		assert_equal "$stderr" "vdpactl: profile ${command%% *}: $said (give the kernel to boot, an ELF vmlinux or a bzImage)"
		run -1 vdpactl profile check demo
	done
	# What was so before is no news.
	run -0 --separate-stderr vdpactl profile set demo memory.size=1G
	assert_equal "$stderr" ""
	run -0 --separate-stderr vdpactl profile set demo payload.kernel=k
	assert_equal "$stderr" ""
	run -0 --separate-stderr vdpactl profile unset demo payload.kernel --json
	assert_equal "$(gojq -r .note <<<"$output")" "$said"
	assert_equal "$stderr" ""
}

@test "edit refuses what the editor left behind and keeps the text" {
	vdpactl profile create demo "${reference[@]}"
	EDITOR='sed -i s/1G/3G/' run -0 vdpactl profile edit demo
	run -0 grep -c 'size = 3G' "$folder/demo.ini"
	EDITOR='sed -i s/3G/3KG/' run -1 vdpactl profile edit demo
	assert_output --partial "your text is kept in"
	kept=$(sed -n "s/.*kept in '\([^']*\)'.*/\1/p" <<<"$output")
	assert_file_contains "$kept" 3KG
	rm "$kept"
	run -0 grep -c 'size = 3G' "$folder/demo.ini"
	EDITOR=false run -1 vdpactl profile edit demo
	assert_output --partial "the editor ended with status 1"
}

@test "an editor that ends badly loses no text" {
	vdpactl profile create demo "${reference[@]}"
	cp "$folder/demo.ini" "$BATS_TEST_TMPDIR/before"
	# What it left would be a profile, or would not.
	for size in 3G 3KG; do
		EDITOR="f() { sed -i s/1G/$size/ \"\$1\"; return 3; }; f" run -1 vdpactl profile edit demo
		assert_output --partial "the editor ended with status 3 (your text is kept in '"
		assert_output --partial "; the profile is as it was)"
		kept=$(sed -n "s/.*kept in '\([^']*\)'.*/\1/p" <<<"$output")
		assert_file_contains "$kept" "size = $size"
		rm "$kept"
		run -0 cmp "$folder/demo.ini" "$BATS_TEST_TMPDIR/before"
	done
	# Nothing is kept of a text that is there anyway.
	for end in 'return 3' 'rm "$1"; return 3'; do
		EDITOR="f() { echo \"\$1\" >'$BATS_TEST_TMPDIR/name'; $end; }; f" run -1 vdpactl profile edit demo
		refute_output --partial "kept"
		assert_not_exist "$(cat "$BATS_TEST_TMPDIR/name")"
	done
	printf '[memory]\nsise = 1G\n' >"$folder/bad.ini"
	EDITOR=true run -1 vdpactl profile edit bad
	assert_output --partial "profile edit: $folder/bad.ini:2: unknown option: sise"
	refute_output --partial "kept"
}

@test "copy, rename, delete" {
	vdpactl profile create demo "${reference[@]}"
	run -0 vdpactl profile copy demo second
	run -1 vdpactl profile copy demo second
	run -0 vdpactl profile rename second third
	assert_not_exist "$folder/second.ini"
	run -0 cmp "$folder/demo.ini" "$folder/third.ini"
	run -0 vdpactl profile delete demo third
	assert_not_exist "$folder/demo.ini"
	run -1 vdpactl profile delete demo
	assert_output --partial "no profile 'demo'"
}

@test "delete: where one cannot go, all stay" {
	local as_any=()
	for name in a b; do vdpactl profile create "$name" --kernel k; done
	run -1 vdpactl profile delete a nonesuch b
	assert_output --partial "no profile 'nonesuch'"
	run -2 vdpactl profile delete a b a
	assert_output --partial "profile 'a' is given twice"
	mkdir "$BATS_TEST_TMPDIR/own"
	vdpactl profile create "$BATS_TEST_TMPDIR/own/c.ini" --kernel k
	chmod 555 "$BATS_TEST_TMPDIR/own"
	[ "$(id -u)" != 0 ] || as_any=(setpriv --bounding-set=-all)
	run -1 "${as_any[@]}" vdpactl profile delete a "$BATS_TEST_TMPDIR/own/c.ini"
	chmod 755 "$BATS_TEST_TMPDIR/own"
	assert_output --partial "cannot remove '$BATS_TEST_TMPDIR/own/c.ini': Permission denied"
	for path in "$folder"/{a,b}.ini "$BATS_TEST_TMPDIR/own/c.ini"; do assert_exist "$path"; done
	run -0 vdpactl profile delete a b
	run -0 ls "$folder"
	assert_output ""
}

@test "delete takes no file that is no profile" {
	cd "$BATS_TEST_TMPDIR"
	vdpactl profile create a --kernel k
	printf 'an image\n' >disk.raw
	truncate -s 4M large.raw
	: >empty
	printf '# notes\n' >notes
	mkfifo fifo
	mkdir folder.ini
	for path in ./disk.raw ./large.raw ./empty ./notes ./fifo ./folder.ini "$PWD/disk.raw"; do
		run -1 timeout 20 vdpactl profile delete a "$path"
		assert_output "vdpactl: profile delete: '$path' is no profile (nothing was deleted)"
		assert_exist "$path"
		assert_exist "$folder/a.ini"
	done
	printf '[memory\n' >broken.ini
	cp "$folder/a.ini" plain
	ln -s plain link
	run -0 vdpactl profile delete ./broken.ini ./link ./plain
	for path in broken.ini link plain; do assert_not_exist "$path"; done
}

@test "check tells what is wrong with each of several" {
	for name in a b c; do vdpactl profile create "$name" --kernel k; done
	printf '[cpus]\nbot = 2\n' >>"$folder/b.ini"
	run -1 vdpactl profile check a b nonesuch c
	assert_line --regexp '^a +ok'
	assert_line --regexp "^b +wrong +$folder/b.ini:[0-9]+: unknown option: bot +did you mean 'boot'"
	assert_line --regexp "^nonesuch +wrong +no profile 'nonesuch'"
	assert_line --regexp '^c +ok'
	run -1 vdpactl profile check a b --json
	assert_equal "$(gojq -r '[.profile[].state] | join(" ")' <<<"$output")" "ok wrong"
	run -1 --separate-stderr vdpactl profile check b
	assert_output ""
	assert_regex "$stderr" "did you mean 'boot'"
	run -0 vdpactl profile check a c
}

@test "a copied or renamed profile does not start under the old name" {
	mkdir -p "$folder"
	printf '# mine\n[vm]\n# who\nname = prod\n\n[payload]\nkernel = k\n' >"$folder/prod.ini"
	vdpactl profile copy prod staging
	run -0 cat "$folder/staging.ini"
	assert_output "$(printf '# mine\n[vm]\n# who\nname = staging\n\n[payload]\nkernel = k')"
	vdpactl profile rename prod "$BATS_TEST_TMPDIR/live.ini"
	assert_file_contains "$BATS_TEST_TMPDIR/live.ini" 'name = live'
	# A name of its own stays, and so does one that no VM can have in its place.
	vdpactl profile set staging vm.name=shop
	vdpactl profile rename staging test
	assert_file_contains "$folder/test.ini" 'name = shop'
	vdpactl profile copy "$BATS_TEST_TMPDIR/live.ini" "$BATS_TEST_TMPDIR/of today.ini"
	assert_file_contains "$BATS_TEST_TMPDIR/of today.ini" 'name = live'
}

@test "errors of a file name the line" {
	mkdir -p "$folder"
	printf '[memory]\nsize = 1G\nsise = 2G\n' >"$folder/bad.ini"
	run -1 vdpactl profile check bad
	assert_output --partial "$folder/bad.ini:3: "
	printf '[memory\nsize = 1G\n' >"$folder/bad.ini"
	run -1 vdpactl profile check bad
	assert_output --partial "$folder/bad.ini:1: "
	run -0 vdpactl profile list
	assert_output --partial "bad.ini:1"
}

@test "a name is no path, a path is one" {
	vdpactl profile create demo "${reference[@]}"
	for name in ../demo .hidden 'a b' ''; do
		case $name in */*) continue ;; esac
		run vdpactl profile create "$name" --kernel x
		assert_failure
	done
	run -0 vdpactl profile check "$folder/demo.ini"
	run -0 vdpactl profile create "$BATS_TEST_TMPDIR/own.ini" --kernel x
	assert_exist "$BATS_TEST_TMPDIR/own.ini"
}

@test "a folder that cannot be read is not one without the profile" {
	local as_any=()
	[ "$(id -u)" != 0 ] || as_any=(setpriv --bounding-set=-all)
	vdpactl profile create demo --kernel k
	chmod 0 "$folder"
	for command in show check 'set memory.size=1G' delete; do
		# shellcheck disable=SC2086 # words of a command
		set -- $command
		run -1 "${as_any[@]}" vdpactl profile "$1" demo "${@:2}"
		assert_output "vdpactl: profile $1: profile '$folder/demo.ini': Permission denied"
	done
	chmod 755 "$folder"
	assert_exist "$folder/demo.ini"
}

@test "a file given by its name alone is offered as a path" {
	cd "$BATS_TEST_TMPDIR"
	run -1 vdpactl profile show own.ini
	assert_output --partial "no profile 'own.ini' in"
	assert_output --partial "('vdpactl profile list' shows the profiles there are)"
	printf '[payload]\nkernel = k\n' >own.ini
	run -1 vdpactl profile show own.ini
	assert_output --partial "no profile 'own.ini' in"
	assert_output --partial "(did you mean './own.ini'?)"
	run -0 vdpactl profile show ./own.ini
}

@test "what stands behind a NUL byte is not lost: no command takes such a file" {
	mkdir -p "$folder"
	printf '[memory]\nsize = 1G\n# \0\n[payload]\nkernel = k\n' >"$folder/nul.ini"
	cp "$folder/nul.ini" "$BATS_TEST_TMPDIR/before"
	for command in 'set nul memory.size=2G' 'unset nul memory.size' 'add nul disk.a path=a' 'remove nul memory' \
		'copy nul two' 'rename nul two' 'edit nul' 'show nul' 'check nul' 'export nul'; do
		# shellcheck disable=SC2086 # words of a command
		EDITOR='sed -i s/1G/3G/' run -1 vdpactl profile $command
		assert_output --partial "$folder/nul.ini:3: control character 0x00"
	done
	run -0 cmp "$folder/nul.ini" "$BATS_TEST_TMPDIR/before"
	assert_not_exist "$folder/two.ini"
	vdpactl profile create demo --kernel k
	EDITOR='printf "#\\0\n" >>' run -1 vdpactl profile edit demo
	assert_output --partial "control character 0x00 (your text is kept in"
	rm "$(sed -n "s/.*kept in '\([^']*\)'.*/\1/p" <<<"$output")"
}

@test "two writers at once lose nothing" {
	vdpactl profile create demo "${reference[@]}"
	for i in $(seq 12); do
		vdpactl profile add demo "disk.d$i" "path=$i.raw" &
	done
	wait
	run -0 vdpactl profile show demo --json
	assert_equal "$(gojq -r '.config.disks | length' <<<"$output")" 13
}

@test "who edits keeps no other writer waiting, and overwrites none" {
	vdpactl profile create demo "${reference[@]}"
	EDITOR='timeout 20 vdpactl profile create other --kernel k && sed -i s/1G/3G/' run -0 vdpactl profile edit demo
	assert_file_contains "$folder/demo.ini" 'size = 3G'
	EDITOR='timeout 20 vdpactl profile set demo cpus.boot=2; sed -i s/3G/4G/' run -1 vdpactl profile edit demo
	assert_output --partial "'$folder/demo.ini' was changed meanwhile (your text is kept in"
	kept=$(sed -n "s/.*kept in '\([^']*\)'.*/\1/p" <<<"$output")
	assert_file_contains "$kept" 'size = 4G'
	rm "$kept"
	assert_file_contains "$folder/demo.ini" 'size = 3G'
	assert_file_contains "$folder/demo.ini" 'boot = 2'
	EDITOR='timeout 20 vdpactl profile set demo cpus.boot=3; true' run -0 vdpactl profile edit demo
	assert_file_contains "$folder/demo.ini" 'boot = 3'
}

@test "what a writer holds is not removed" {
	vdpactl profile create demo "${reference[@]}"
	vdpactl profile create second --kernel k
	exec 7<"$folder"
	flock 7
	vdpactl profile delete demo 3>&- 7>&- &
	vdpactl profile rename second "$BATS_TEST_TMPDIR/moved.ini" 3>&- 7>&- &
	timeout 30 sh -c 'until [ -e "$1" ]; do sleep 0.1; done' sh "$BATS_TEST_TMPDIR/moved.ini"
	sleep 0.5
	assert_exist "$folder/demo.ini"
	assert_exist "$folder/second.ini"
	printf '# mine\n' >>"$folder/second.ini"
	flock -u 7
	wait %1
	assert_not_exist "$folder/demo.ini"
	# not under `run`, whose shell has no such child
	status=0
	wait %2 || status=$?
	assert_equal "$status" 1
	assert_file_contains "$folder/second.ini" '# mine'
	assert_not_exist "$BATS_TEST_TMPDIR/moved.ini"
}

@test "without a terminal nothing is asked" {
	run -2 sh -c 'vdpactl profile create demo </dev/null'
	assert_output --partial "options of vdpa-vmm are missing"
	run -2 vdpactl profile import demo
	run -1 vdpactl profile import demo --from /dev/null
}

@test "completion of an indented section and key" {
	printf '[payload]\nkernel = k\n  [memory]\n\tsize = 1G\n' >"$BATS_TEST_TMPDIR/in.ini"
	run -0 vdpactl __complete profile unset "$BATS_TEST_TMPDIR/in.ini" mem
	assert_output "memory.size	1G"
}

@test "a folder that another process holds is not waited for without end" {
	vdpactl profile create one --kernel k
	flock -F "$folder" sleep 60 3>&- &
	holder=$!
	for _ in {1..100}; do
		flock -n "$folder" true || break
		sleep 0.05
	done
	run -1 timeout 40 vdpactl profile set one cpus.boot=2
	kill "$holder"
	assert_output --partial "folder '$folder' is locked by another process ('fuser $folder' names it)"
	run -0 vdpactl profile show one
	refute_output --partial "boot = 2"
}
