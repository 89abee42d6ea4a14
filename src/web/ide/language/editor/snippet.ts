/** LSP's snippets in CodeMirror's form: placeholders in braces, and only braces escaped. */
export function snippetOf(text: string): string {
  return text.replace(
    /\\([$}\\])|\$(\d+)|\$\{(\d+)\|([^,|}]*)[^}]*\|\}|\$\{(\w+)\}/g,
    (all: string, escaped?: string, bare?: string, choice?: string, first?: string, named?: string) => {
      if (escaped !== undefined) return escaped === '}' ? '\\}' : escaped
      if (bare !== undefined) return `\${${bare}}`
      if (choice !== undefined) return `\${${choice}:${first}}`
      // A variable of VS Code's that is not known here; numbers are placeholders.
      return named !== undefined && !/^\d+$/.test(named) ? '' : all
    },
  )
}
