# SPDX-License-Identifier: GPL-3.0-or-later
# fish: asks vdpactl itself what may come next, for vdpa-vmm beside it too.
function __vdpactl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l ask $words[1] __complete
    if string match -q '*vdpa-vmm' -- $words[1]
        set ask (string replace -r 'vdpa-vmm$' vdpactl -- $words[1]) __complete_vmm
    end
    for line in ($ask $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case :files
                set -l before (string match -r '^.*=' -- $current; or echo '')
                for file in (__fish_complete_path (string replace -r '^.*=' '' -- $current))
                    echo "$before$file"
                end
            case :nospace
            case '*'
                echo $line
        end
    end
end
complete -c vdpactl -f -a '(__vdpactl_complete)'
complete -c vdpa-vmm -f -a '(__vdpactl_complete)'
