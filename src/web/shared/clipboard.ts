/**
 * Puts a text into the clipboard; rejects with what to do when the browser does not allow it. On plain http away from
 * localhost browsers have no clipboard for pages, but still copy what is selected.
 */
export async function copyText(text: string): Promise<void> {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text)
    else copySelected(text)
  } catch {
    throw new Error(`The browser did not allow to copy. Select it by hand: ${text}`)
  }
}

function copySelected(text: string): void {
  const before = document.activeElement
  const field = document.createElement('textarea')
  field.value = text
  field.style.position = 'fixed'
  field.style.opacity = '0'
  // Inside an open dialog everything outside it is inert.
  const dialogs = document.querySelectorAll('dialog[open]')
  ;(dialogs[dialogs.length - 1] ?? document.body).append(field)
  field.select()
  const copied = document.execCommand('copy')
  field.remove()
  if (before instanceof HTMLElement) before.focus()
  if (!copied) throw new Error('not copied')
}
