# SPDX-License-Identifier: GPL-3.0-or-later
# One figure of the statistics as a table: median, spread, ratio of ours to each peer, and targets.
# Used after targets.awk. Variables: figure, ours (the candidate that is ours), scale, targets.

BEGIN {
	FS = "\t"
}

$1 == figure {
	if (!($2 in seen_point)) {
		seen_point[$2] = 1
		points[++n_points] = $2
	}
	median[$2, $3] = $5 / scale
	spread[$2, $3] = $6
	runs[$2, $3] = $4
	if (!($3 in seen)) {
		seen[$3] = 1
		candidates[++n] = $3
	}
}

END {
	if (!n)
		exit 1
	print "| point | candidate | median | spread | runs | ours / this |"
	print "|---|---|--:|--:|--:|--:|"
	for (p = 1; p <= n_points; p++) {
		point = points[p]
		for (c = 1; c <= n; c++) {
			name = candidates[c]
			if (!((point, name) in median))
				continue
			ratio = name != ours && median[point, name] && (point, ours) in median \
				? number(median[point, ours] / median[point, name]) : ""
			printf "| %s | %s | %s | ±%.0f %% | %d | %s |\n", point, name, number(median[point, name]),
				spread[point, name], runs[point, name], ratio
		}
	}
	m = split(targets, wanted, " ")
	for (p = 1; p <= n_points; p++)
		for (t = 1; t <= m; t++) {
			verdict = judge(wanted[t], points[p])
			if (verdict != "")
				verdicts = verdicts sprintf("- %s: %s\n", points[p], verdict)
		}
	if (verdicts != "")
		printf "\nTargets:\n\n%s", verdicts
}
