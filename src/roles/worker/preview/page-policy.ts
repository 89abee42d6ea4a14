/** One policy of a Content-Security-Policy header: the directives in their order. */
type Policy = [name: string, sources: string[]][]

/** Several headers, or several policies in one, hold all together. */
export function parsePolicies(headers: readonly string[]): Policy[] {
  return headers
    .flatMap((header) => header.split(','))
    .map((policy) =>
      policy
        .split(';')
        .map((directive) => directive.trim().split(/[\t\n\f\r ]+/))
        .filter(([name]) => name !== '')
        .map(([name = '', ...sources]): Policy[number] => [name.toLowerCase(), sources]),
    )
    .filter((policy) => policy.length > 0)
}

/**
 * How a script element for a script of the page's own origin may be let in: with a nonce, without one (''), or not at
 * all (undefined).
 */
export function scriptAdmission(policies: readonly Policy[], origin: string): string | undefined {
  let nonce = ''
  for (const policy of policies) {
    const get = (name: string) => policy.find(([directive]) => directive === name)?.[1]
    const sandbox = get('sandbox')
    if (sandbox && !sandbox.includes('allow-scripts')) return undefined
    const sources = get('script-src-elem') ?? get('script-src') ?? get('default-src')
    if (!sources) continue
    const own = sources.map((source) => /^'nonce-([A-Za-z0-9+/_-]+={0,2})'$/.exec(source)?.[1]).find(Boolean)
    if (own !== undefined) {
      if (nonce !== '' && nonce !== own) return undefined
      nonce = own
    } else if (sources.includes("'strict-dynamic'") || !sources.some((source) => covers(source, origin))) {
      return undefined
    }
  }
  return nonce
}

function covers(source: string, origin: string): boolean {
  const { protocol, host, hostname } = new URL(origin)
  return ["'self'", '*', protocol, origin, host, hostname, `${protocol}//${hostname}`].includes(source.toLowerCase())
}

/**
 * The headers that say who may show a page in a frame, with the IDE's page added to those who may. `options` is
 * X-Frame-Options, which cannot say that.
 */
export function withFrame(headers: readonly string[], options: string | undefined, ide: string): string[] {
  const policies = parsePolicies(headers)
  let said = false
  const open = policies.map((policy) =>
    policy
      .map(([name, sources]) => {
        if (name !== 'frame-ancestors') return [name, ...sources].join(' ')
        said = true
        return [name, ...sources.filter((source) => source.toLowerCase() !== "'none'"), ide].join(' ')
      })
      .join('; '),
  )
  if (said || options === undefined) return open
  const may = options.trim().toLowerCase() === 'sameorigin' ? "'self' " : ''
  return [...open, `frame-ancestors ${may}${ide}`]
}
