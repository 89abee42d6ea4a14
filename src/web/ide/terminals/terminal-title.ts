import type { TerminalInfo } from '../../../core/wire/operations/terminals.ts'

/** What a terminal's tab says: the name a person gave it, else what runs in it. */
export function titleOf({ name, kind, program, exitCode }: TerminalInfo): string {
  if (name !== undefined) return name
  if (kind === 'app') return 'app'
  return program || (exitCode === undefined ? 'shell' : 'ended')
}

/** All there is to know about it, a line each. `home` stands at the beginning of many paths. */
export function detailsOf(info: TerminalInfo, home?: string): string {
  const { name, program, title, folder, cols, rows, exitCode } = info
  const shown = home !== undefined && `${folder}/`.startsWith(`${home}/`) ? `~${folder.slice(home.length)}` : folder
  const lines = [
    name === undefined || program === '' ? '' : `${name}: ${program}`,
    title ?? '',
    shown,
    `${cols} × ${rows}`,
    exitCode === undefined ? '' : `Ended with exit code ${exitCode}`,
  ]
  return lines.filter(Boolean).join('\n')
}
