# SPDX-License-Identifier: GPL-3.0-or-later
# bash: asks vdpactl itself what may come next, for vdpa-vmm beside it too.
_vdpactl() {
	local line=${COMP_LINE:0:COMP_POINT} words=() cur='' quote='' c i
	# What readline takes for the word begins behind `before`: a breaking character, an open quote.
	local before='' outside=
	# The words without their quotes; '=' and ':' do not end one here.
	for ((i = 0; i < ${#line}; i++)); do
		c=${line:i:1}
		if [[ $c == "$quote" ]]; then
			quote='' before=$outside
		elif [[ $c == \\ && $quote != \' ]]; then
			cur+=${line:i+1:1}
			((++i))
		elif [[ $quote ]]; then
			cur+=$c
		elif [[ $c == [\'\"] ]]; then
			quote=$c outside=$before before=$cur
		elif [[ $c == [[:space:]] ]]; then
			[[ $cur ]] && words+=("$cur")
			cur='' before=
		else
			cur+=$c
			[[ $COMP_WORDBREAKS == *"$c"* ]] && before=$cur
		fi
	done
	local ask=("${words[0]}" __complete) text key=''
	[[ ${words[0]} == *vdpa-vmm ]] && ask=("${words[0]%vdpa-vmm}vdpactl" __complete_vmm)
	COMPREPLY=()
	while IFS= read -r line; do
		case $line in
		:files)
			compopt -o filenames 2>/dev/null
			# The word may be a name, or "key=" with one.
			compgen -f -- "$cur" >/dev/null || key=${cur%"${cur##*[=,]}"}
			while IFS= read -r text; do
				text=$key$text
				COMPREPLY+=("${text#"$before"}")
			done < <(compgen -f -- "${cur#"$key"}")
			;;
		:nospace) compopt -o nospace 2>/dev/null ;;
		*)
			text=${line%%$'\t'*}
			COMPREPLY+=("${text#"$before"}")
			;;
		esac
	done < <("${ask[@]}" "${words[@]:1}" "$cur" 2>/dev/null)
}
complete -F _vdpactl vdpactl vdpa-vmm
