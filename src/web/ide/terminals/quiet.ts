import type { IFunctionIdentifier, Terminal } from '@xterm/xterm'

/** Device attributes and status, modes, version. */
const questions: IFunctionIdentifier[] = [
  { final: 'c' },
  { prefix: '>', final: 'c' },
  { prefix: '=', final: 'c' },
  { final: 'n' },
  { prefix: '?', final: 'n' },
  { intermediates: '$', final: 'p' },
  { prefix: '?', intermediates: '$', final: 'p' },
  { prefix: '>', final: 'q' },
]

/**
 * The worker answers what programs ask their terminal, whether somebody looks or not; a page that did so too would answer
 * a second time, and several pages once each.
 */
export function keepQuiet({ parser }: Terminal): void {
  for (const question of questions) parser.registerCsiHandler(question, () => true)
  for (const intermediates of ['$', '+']) parser.registerDcsHandler({ intermediates, final: 'q' }, () => true)
  for (const code of [4, 10, 11, 12]) parser.registerOscHandler(code, (data) => /(?:^|;)\?(?:;|$)/.test(data))
}
