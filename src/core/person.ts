/** Colours a person may have; the page's style sheet says what they look like in dark and light. */
export const PERSON_COLOURS = 10

export const MAX_NAME_CHARS = 40

/** Letters that are seen by nobody, or turn the line round: nobody's name needs them. */
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]+/gu

/** A name as it is shown to others: one line, seen by everybody as it was typed; '' when nothing is left. */
export function cleanName(name: string): string {
  const line = name.replace(unseen, ' ').replace(/\s+/g, ' ').trim()
  // Marks that are piled on one letter would cover the lines around it.
  const tidy = line.replace(/(\p{M}{2})\p{M}+/gu, '$1')
  return [...tidy].slice(0, MAX_NAME_CHARS).join('').trim()
}
