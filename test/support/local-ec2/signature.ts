import { createHash, createHmac } from 'node:crypto'

/** A request as it arrived; header names in lower case. */
export interface SignedRequest {
  method: string
  /** Path and query. */
  url: string
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: string
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/**
 * Whether a request was signed with this secret, by AWS Signature Version 4, computed from its description and nothing of
 * the SDK's. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function isSigned({ method, url, headers, body }: SignedRequest, secret: string): boolean {
  const authorization =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/
  const [, date = '', region = '', service = '', names = '', signature] =
    authorization.exec(String(headers.authorization ?? '')) ?? []
  if (signature === undefined) return false
  const [path = '/', query = ''] = url.split('?')
  const canonical = [
    method,
    path,
    query.split('&').sort().join('&'),
    ...names.split(';').map(
      (name) =>
        `${name}:${String(headers[name] ?? '')
          .trim()
          .replace(/ +/g, ' ')}`,
    ),
    '',
    names,
    sha256(body),
  ].join('\n')
  const time = String(headers['x-amz-date'] ?? '')
  const scope = `${date}/${region}/${service}/aws4_request`
  const key = ['aws4_request', service, region, date].reduceRight(
    (former, part) => hmac(former, part),
    `AWS4${secret}` as string | Buffer,
  )
  const expected = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')).toString('hex')
  return time.startsWith(date) && expected === signature
}
