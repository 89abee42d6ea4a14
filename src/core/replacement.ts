/** What a match is replaced by, as people know it from VS Code. */

/** How letters of what a group matched are changed: one, or all that follow. */
type CaseChange = 'u' | 'l' | 'U' | 'L'

type Part = string | { group: number; changes: readonly CaseChange[] }

export interface ReplacementTemplate {
  readonly parts: readonly Part[]
  /** It needs to know what groups matched. */
  readonly usesGroups: boolean
}

/**
 * In a regular expression's replacement `$1` to `$99` stand for groups, `$&` and `$0` for the whole match, `$$` for a
 * dollar, `\n` and `\t` for a newline and a tab, `\\` for a backslash; `\u`, `\l`, `\U` and `\L` before a group change
 * its case. Otherwise it is taken letter by letter.
 */
export function parseReplacement(text: string, isRegex: boolean): ReplacementTemplate {
  if (!isRegex) return { parts: [text], usesGroups: false }
  const parts: Part[] = []
  const add = (literal: string) => {
    if (typeof parts.at(-1) === 'string') parts[parts.length - 1] += literal
    else parts.push(literal)
  }
  const token = /\\([nt\\])|((?:\\[uUlL])*)\$(\$|&|\d{1,2})|[\s\S]/gy
  for (const [whole, escaped, changes = '', reference] of text.matchAll(token)) {
    if (escaped !== undefined) add({ n: '\n', t: '\t', '\\': '\\' }[escaped] ?? escaped)
    else if (reference === undefined) add(whole)
    else if (reference === '$') add(`${changes}$`)
    else {
      const letters = changes.replaceAll('\\', '').split('') as CaseChange[]
      parts.push({ group: reference === '&' ? 0 : Number(reference), changes: letters })
    }
  }
  return { parts, usesGroups: parts.some((part) => typeof part !== 'string' && part.group > 0) }
}

/** Undefined when the template needs groups and they are not known. */
export function expandReplacement(
  template: ReplacementTemplate,
  match: string,
  groups: readonly (string | null)[] | undefined,
  preserveCase: boolean,
): string | undefined {
  if (template.usesGroups && groups === undefined) return undefined
  const text = template.parts
    .map((part) => {
      if (typeof part === 'string') return part
      return changeCase(groupText(part.group, match, groups ?? []), part.changes)
    })
    .join('')
  return preserveCase ? withCaseOf(match, text) : text
}

/** `$12` is group 1 and a 2 where there are fewer than twelve groups. */
function groupText(group: number, match: string, groups: readonly (string | null)[]): string {
  if (group === 0) return match
  if (group <= groups.length) return groups[group - 1] ?? ''
  const [first, second] = [Math.floor(group / 10), group % 10]
  if (group >= 10 && first <= groups.length) return (groups[first - 1] ?? '') + second
  return `$${group}`
}

function changeCase(text: string, changes: readonly CaseChange[]): string {
  if (changes.length === 0) return text
  let changed = ''
  let at = 0
  for (const [index, change] of changes.entries()) {
    if (change === 'U' || change === 'L') {
      const rest = text.slice(at)
      return changed + (change === 'U' ? rest.toUpperCase() : rest.toLowerCase())
    }
    const char = text.charAt(index)
    changed += change === 'u' ? char.toUpperCase() : char.toLowerCase()
    at = index + 1
  }
  return changed + text.slice(at)
}

/** The replacement written as the match is: all in capitals, in small letters, with a capital first; part by part. */
export function withCaseOf(match: string, replacement: string): string {
  for (const separator of ['-', '_']) {
    const other = separator === '-' ? '_' : '-'
    if (!match.includes(separator) || match.includes(other)) continue
    const [theirs, ours] = [match.split(separator), replacement.split(separator)]
    if (theirs.length !== ours.length) continue
    return ours.map((part, index) => wordWithCaseOf(theirs[index] ?? '', part)).join(separator)
  }
  return wordWithCaseOf(match, replacement)
}

function wordWithCaseOf(match: string, word: string): string {
  const [upper, lower] = [match.toUpperCase(), match.toLowerCase()]
  if (upper === lower) return word
  if (match === upper) return word.toUpperCase()
  if (match === lower) return word.toLowerCase()
  const first = match.charAt(0)
  if (first !== first.toLowerCase()) return word.charAt(0).toUpperCase() + word.slice(1)
  return word.charAt(0).toLowerCase() + word.slice(1)
}
