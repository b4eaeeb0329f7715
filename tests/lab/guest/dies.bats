# SPDX-License-Identifier: GPL-3.0-or-later
# A suite that is killed in the middle, for examples.bats.
load "$VDPA_BATS/vdpa"
setup() { vdpa_setup; }
@test "is killed" {
	vdpa_device dies-blk vdpasim_blk
	sleep 60
}
