import { Command, type Option } from 'commander'
import { OmegaError } from '../core/errors.ts'
import { print } from './output.ts'

/** `omega completion SHELL`: a script for the shell, made from the command tree itself. */
export function completionCommand(program: Command): Command {
  return new Command('completion')
    .argument('<SHELL>', 'bash, zsh or fish')
    .summary('print a completion script for your shell')
    .description('Prints a completion script.')
    .addHelpText('after', '\nExample:\n  source <(omega completion bash)')
    .action((shell: string) => {
      const words = wordsOf(program)
      if (shell === 'bash') return print(bash(words))
      if (shell === 'zsh') return print(`autoload -U +X bashcompinit && bashcompinit\n${bash(words)}`)
      if (shell === 'fish') return print(fish(words))
      throw new OmegaError(
        'INVALID_REQUEST',
        `There is no completion for ${JSON.stringify(shell)}. Allowed are bash, zsh, fish.`,
      )
    })
}

/** What may follow each path of commands: its sub-commands and flags. */
function wordsOf(command: Command, path = 'omega', found = new Map<string, string[]>()): Map<string, string[]> {
  const flags = command.options.filter((option: Option) => option.long).map((option: Option) => String(option.long))
  found.set(path, [...command.commands.map((child) => child.name()), ...flags, '--help'])
  for (const child of command.commands) wordsOf(child, `${path} ${child.name()}`, found)
  return found
}

function bash(words: Map<string, string[]>): string {
  const cases = [...words].map(([path, next]) => `    "${path}") words="${next.join(' ')}" ;;`)
  return `_omega() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="omega" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) case " ${[...words.keys()].map((path) => path.replaceAll(' ', '/')).join(' ')} " in *" \${path// //}/$word "*) path="$path $word" ;; esac ;; esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _omega omega`
}

function fish(words: Map<string, string[]>): string {
  return [...words]
    .flatMap(([path, next]) => {
      const seen = path.split(' ').slice(1)
      const condition = seen.length === 0 ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${seen.at(-1)}`
      return next.map((word) =>
        word.startsWith('--')
          ? `complete -c omega -n '${condition}' -l ${word.slice(2)}`
          : `complete -c omega -n '${condition}' -f -a ${word}`,
      )
    })
    .join('\n')
}
