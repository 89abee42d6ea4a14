import { derive, sameSecret } from '../../drivers/credentials.ts'

/** The join token of a launch: derived, so that the same order can be made again after a crash. */
export const joinTokenOf = (secret: string, launchId: string) => `${launchId}.${derive(secret, `launch/${launchId}`)}`

/** Whether it is the token of any launch, gone ones too: known without asking the store, which anybody could keep busy. */
export function isLaunchToken(secret: string, token: string): boolean {
  const [launchId = ''] = token.split('.')
  return /^ln_\w{1,40}$/.test(launchId) && sameSecret(token, joinTokenOf(secret, launchId))
}
