# bash completion for pcmk-kpatch
# shellcheck shell=bash

_pcmk_kpatch()
{
    local word=${COMP_WORDS[COMP_CWORD]} words=
    case $COMP_CWORD:${COMP_WORDS[1]} in
        1:*) words='status report plan check rehearse hold resume abort release quarantine inspect collect metrics run proved --version --help' ;;
        2:status) words='--json --watch' ;;
        2:check) words='--json' ;;
        2:metrics) words='--textfile' ;;
        [2-5]:report) words='--last --since --html --json' ;;
        [24]:plan) words='--node --json' ;;
        3:plan) words='--node' ;;
        2:rehearse) words='--node --json --follow --cancel' ;;
        [34]:rehearse) words='--node --json' ;;
        [2-9]:hold) words='--until --reason --clear --list' ;;
        2:inspect) words='--json' ;;
        2:collect) words='--output' ;;
        2:release) words='--confirm' ;;
        2:quarantine) words='--clear' ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word"; [[ $COMP_CWORD:${COMP_WORDS[1]} != @([23]:inspect|3:collect|3:metrics) && ${COMP_WORDS[COMP_CWORD-1]} != --html ]] || compgen -f -- "$word")
}
complete -F _pcmk_kpatch pcmk-kpatch
