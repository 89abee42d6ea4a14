/** What a copy is called: `app copy.ts`, `app copy 2.ts`; the name itself for number 0. */
export function copyName(name: string, number: number, mark: string): string {
  if (number === 0) return name
  const dot = name.lastIndexOf('.')
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
  return `${stem}${mark}${number === 1 ? '' : ` ${number}`}${extension}`
}

/** A name has at most 255 bytes; the beginning gives way. */
export function sized(name: string): string {
  const bytes = new TextEncoder().encode(name)
  if (bytes.length <= 255) return name
  return new TextDecoder().decode(bytes.slice(bytes.length - 250)).replace(/^\ufffd+/, '')
}
