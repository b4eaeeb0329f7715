# SPDX-License-Identifier: GPL-3.0-or-later
# One figure of the statistics as rows of the summary, one a point: ours, each peer with our ratio to
# it, targets. Used after targets.awk. Variables: figure, ours, unit, scale, title, targets.

BEGIN {
	FS = "\t"
}

$1 == figure {
	if (!($2 in seen)) {
		seen[$2] = 1
		points[++n] = $2
	}
	median[$2, $3] = $5 / scale
	if ($3 != ours && !($3 in known)) {
		known[$3] = 1
		peers[++m] = $3
	}
}

function peers_of(point, text, c, value) {
	for (c = 1; c <= m; c++) {
		if (!((point, peers[c]) in median))
			continue
		value = median[point, peers[c]]
		text = text (text ? "; " : "") peers[c] " " number(value) \
			(value ? sprintf(" (%s)", number(median[point, ours] / value)) : "")
	}
	return text
}

function verdicts_of(point, text, t, verdict) {
	for (t = 1; t <= n_wanted; t++) {
		verdict = judge(wanted[t], point)
		if (verdict != "")
			text = text (text ? "; " : "") verdict
	}
	return text
}

END {
	n_wanted = split(targets, wanted, " ")
	for (p = 1; p <= n; p++)
		if ((points[p], ours) in median)
			printf "| %s, %s | %s %s | %s | %s |\n", title, points[p], number(median[points[p], ours]), unit,
				peers_of(points[p]), verdicts_of(points[p])
}
