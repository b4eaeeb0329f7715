#!/usr/bin/env zsh
# SPDX-License-Identifier: GPL-3.0-or-later
# Types $1 and a tab into an interactive zsh with our completion, and prints what stands on the line then.
zmodload zsh/zpty
export OUT=$2
rm -f $OUT $OUT.ready
zpty z zsh -f -i
zpty -w z 'autoload -Uz compinit; compinit -u -d $OUT.dump; source completions/_vdpactl
show() { print -r -- "<$BUFFER>" >$OUT; BUFFER= }; zle -N show; bindkey "^X" show; touch $OUT.ready'
repeat 100; do
	[[ -e $OUT.ready ]] && break
	sleep 0.05
done
sleep 0.1
zpty -w -n z "$1"$'\t'
sleep 0.8
zpty -w -n z $'\x18'
repeat 60; do
	[[ -s $OUT ]] && break
	sleep 0.05
done
zpty -d z
cat $OUT
