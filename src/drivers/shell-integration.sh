# What bash runs first in omega's terminals: the person's own ~/.bashrc, then marks that only the terminal sees: where a
# prompt begins and ends, when a command runs and how it ended (OSC 133), and the folder the shell is in (OSC 7).
[ -f ~/.bashrc ] && . ~/.bashrc

if [[ ${BASH_VERSINFO[0]} -gt 4 || (${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4) ]] && shopt -q promptvars; then
  # A path as in a URL, without another process.
  __omega_folder() {
    local LC_ALL=C path=$PWD url='' char code index
    if [[ $path == *[!A-Za-z0-9/._~-]* ]]; then
      for ((index = 0; index < ${#path}; index++)); do
        char=${path:index:1}
        if [[ $char == [!A-Za-z0-9/._~-] ]]; then
          printf -v code '%d' "'$char"
          printf -v char '%%%02X' $((code & 255))
        fi
        url+=$char
      done
      path=$url
    fi
    printf '\e]7;file://%s%s\a' "${HOSTNAME-}" "$path"
  }

  # Before what the person does at each prompt, which may look at $?.
  __omega_ended() {
    local status=$?
    printf '\e]133;D;%s\a' "$status"
    __omega_folder
    return "$status"
  }

  # After it, since it may make the prompt anew.
  __omega_prompt() {
    local status=$?
    if [[ $PS1 != *'133;A'* ]]; then PS1='\[\e]133;A\a\]'"$PS1"'\[\e]133;B\a\]'; fi
    if [[ ${PS0-} != *'133;C'* ]]; then PS0="${PS0-}"'\e]133;C\a'; fi
    return "$status"
  }

  if ((BASH_VERSINFO[0] > 5 || (BASH_VERSINFO[0] == 5 && BASH_VERSINFO[1] >= 1))); then
    PROMPT_COMMAND=(__omega_ended ${PROMPT_COMMAND[@]+"${PROMPT_COMMAND[@]}"} __omega_prompt)
  else
    PROMPT_COMMAND="__omega_ended"$'\n'"${PROMPT_COMMAND-}"$'\n'"__omega_prompt"
  fi
fi
