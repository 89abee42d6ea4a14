/** Checks an IPv4 address in its only form, four decimal numbers (RFC 1123, 2.1); undefined otherwise. */
export function parseIpv4(text: string): string | undefined {
  const numbers = text.split('.')
  const proper =
    numbers.length === 4 && numbers.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)
  return proper ? text : undefined
}

/** Checks an IPv6 address (RFC 4291, 2.2) and gives it as RFC 5952 wants it written; undefined if it is none. */
export function parseIpv6(text: string): string | undefined {
  const groups = groupsOf(text)
  return groups && shortest(groups)
}

function groupsOf(text: string): number[] | undefined {
  const halves = text.toLowerCase().split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half, index) => parseGroups(half, index === halves.length - 1))
  if (!head || (halves.length === 2 && !tail)) return undefined
  if (!tail) return head.length === 8 ? head : undefined
  const missing = 8 - head.length - tail.length
  return missing >= 1 ? [...head, ...Array<number>(missing).fill(0), ...tail] : undefined
}

function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    if (last && index === parts.length - 1 && part.includes('.')) {
      const [a = 0, b = 0, c = 0, d = 0] = parseIpv4(part)?.split('.').map(Number) ?? []
      if (!parseIpv4(part)) return undefined
      groups.push(a * 256 + b, c * 256 + d)
    } else if (/^[0-9a-f]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}

/** The longest run of two or more zero groups becomes `::`, the first one of equals. */
function shortest(groups: readonly number[]): string {
  let start = 0
  let length = 0
  for (let index = 0; index < groups.length; index++) {
    let end = index
    while (groups[end] === 0) end++
    if (end - index > length) [start, length] = [index, end - index]
  }
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':')
  if (length < 2) return text(groups)
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`
}
