import type { Extension } from '@codemirror/state'
import { Vim, vim } from '@replit/codemirror-vim'

/** Vim's modes and keys for the editor; `:w`, `:q` and `:wq` do here what they do there. */
export function vimKeys({ save, close }: { save: () => void; close: () => void }): Extension {
  Vim.defineEx('write', 'w', save)
  Vim.defineEx('quit', 'q', close)
  Vim.defineEx('wq', 'wq', () => {
    save()
    close()
  })
  return vim({ status: true })
}
