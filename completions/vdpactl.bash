# SPDX-License-Identifier: GPL-3.0-or-later
# bash: asks vdpactl itself what may come next, for vdpa-vmm beside it too.
_vdpactl() {
	local line text cur words cword
	# '=' and ':' and ',' do not end a word here: the words are taken from the line as it is.
	if declare -F _get_comp_words_by_ref >/dev/null; then
		_get_comp_words_by_ref -n =: cur words cword
	else
		local IFS=$' \t\n'
		read -r -a words <<<"${COMP_LINE:0:COMP_POINT}"
		[[ ${COMP_LINE:0:COMP_POINT} == *[[:space:]] ]] && words+=("")
		cword=$((${#words[@]} - 1))
		cur=${words[cword]}
	fi
	local ask=("${words[0]}" __complete)
	[[ ${words[0]} == *vdpa-vmm ]] && ask=("${words[0]%vdpa-vmm}vdpactl" __complete_vmm)
	COMPREPLY=()
	# What readline takes for the word may begin behind an '=' or ':' of ours.
	local typed=${COMP_WORDS[COMP_CWORD]} before
	case $typed in [=:]) typed= ;; esac
	before=${cur%"$typed"}
	while IFS= read -r line; do
		case $line in
		:files) while IFS= read -r text; do COMPREPLY+=("$text"); done < <(compgen -f -- "${cur##*=}") ;;
		:nospace) compopt -o nospace 2>/dev/null ;;
		*)
			text=${line%%$'\t'*}
			COMPREPLY+=("${text#"$before"}")
			;;
		esac
	done < <("${ask[@]}" "${words[@]:1:cword-1}" "$cur" 2>/dev/null)
}
complete -F _vdpactl vdpactl vdpa-vmm
