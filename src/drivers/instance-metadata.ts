/** What a machine is told by its provider, as far as a host needs to know: EC2's IMDSv2. */
export class InstanceMetadata {
  readonly #base: string
  #token = ''
  #tokenUntil = 0

  /** `base`: `http://169.254.169.254`. */
  constructor(base: string) {
    this.#base = base.replace(/\/+$/, '')
  }

  /**
   * When the provider takes the machine back, milliseconds since the epoch; undefined while it does not say so. Rejects when
   * nobody answers. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
   */
  async takenBackAt(): Promise<number | undefined> {
    const answer = await fetch(`${this.#base}/latest/meta-data/spot/instance-action`, {
      headers: { 'x-aws-ec2-metadata-token': await this.#session() },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const text = await answer.text()
    if (answer.status === 404) return undefined
    if (!answer.ok) {
      this.#tokenUntil = 0
      throw new Error(`The metadata service answered ${answer.status}.`)
    }
    const { time } = JSON.parse(text) as { time?: string }
    const at = Date.parse(time ?? '')
    if (Number.isNaN(at)) throw new Error(`The metadata service says that the machine goes, and not when: ${text}`)
    return at
  }

  async #session(): Promise<string> {
    if (Date.now() < this.#tokenUntil) return this.#token
    const answer = await fetch(`${this.#base}/latest/api/token`, {
      method: 'PUT',
      headers: { 'x-aws-ec2-metadata-token-ttl-seconds': String(TOKEN_SECONDS) },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (!answer.ok) throw new Error(`The metadata service gave no token (${answer.status}).`)
    this.#token = await answer.text()
    this.#tokenUntil = Date.now() + (TOKEN_SECONDS - 30) * 1000
    return this.#token
  }
}

const TIMEOUT_MS = 2_000
const TOKEN_SECONDS = 600
