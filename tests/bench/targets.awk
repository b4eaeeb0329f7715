# SPDX-License-Identifier: GPL-3.0-or-later
# What both tables share: numbers as text, and whether a target is met.
# Reads median[POINT, CANDIDATE], in the figure's unit, and the variable `ours`.

function number(v) {
	if (v == int(v))
		return sprintf("%d", v)
	if (v >= 100)
		return sprintf("%.0f", v)
	return v >= 10 ? sprintf("%.1f", v) : v >= 0.1 ? sprintf("%.2f", v) : sprintf("%.3f", v)
}

# "[POINT:]CANDIDATE<=NUMBER" as text with the verdict, or nothing where it is about another point or
# was not measured. "abs" is our own value; any other name is our ratio to that candidate.
function judge(target, point, at, op, name, limit, value, colon) {
	op = index(target, "<=") ? "<=" : ">="
	at = index(target, op)
	name = substr(target, 1, at - 1)
	limit = substr(target, at + 2)
	colon = index(name, ":")
	if (colon) {
		if (point !~ "^(" substr(name, 1, colon - 1) ")$")
			return ""
		name = substr(name, colon + 1)
	}
	if (!((point, ours) in median))
		return ""
	if (name == "abs")
		value = median[point, ours]
	else if (!((point, name) in median) || !median[point, name])
		return ""
	else
		value = median[point, ours] / median[point, name]
	return sprintf("%s %s%s: %s", op == "<=" ? "≤" : "≥", limit, name == "abs" ? "" : " of " name,
		(op == "<=" ? value <= limit + 0 : value >= limit + 0) ? "met" : sprintf("**missed** (%s)", number(value)))
}
