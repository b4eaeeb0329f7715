# SPDX-License-Identifier: GPL-3.0-or-later
# Results (figure, point, candidate, repeat, value) to one line a figure, point and candidate:
# figure point candidate runs median spread, the spread being half the range over the median, in percent.

BEGIN {
	FS = OFS = "\t"
}

{
	key = $1 OFS $2 OFS $3
	if (!(key in count))
		order[++keys] = key
	values[key, ++count[key]] = $5 + 0
}

function median_of(key, n, i, j, v, sorted) {
	for (i = 1; i <= n; i++) {
		v = values[key, i]
		for (j = i - 1; j > 0 && sorted[j] > v; j--)
			sorted[j + 1] = sorted[j]
		sorted[j + 1] = v
	}
	low = sorted[1]
	high = sorted[n]
	return n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
}

END {
	for (k = 1; k <= keys; k++) {
		key = order[k]
		middle = median_of(key, count[key])
		print key, count[key], middle, middle ? 50 * (high - low) / middle : 0
	}
}
