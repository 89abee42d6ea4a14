import { type Logger, pino } from 'pino'

export type { Logger }

/** Keys whose values never reach a log, wherever they stand in the first three levels. */
const secrets = ['token', 'secret', 'authorization', 'cookie', 'hostKey', 'joinToken', 'openUrl', 'env', 'password']

/**
 * A structured log: one JSON object a line. `destination` is a file's path, or 2 for stderr (stdout belongs to the
 * commands' own output). The file is for its owner only: names and addresses of people are in it.
 */
export function createLog(role: string | undefined, level: string, destination: string | 2): Logger {
  return pino(
    {
      level,
      base: role === undefined ? null : { role },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: secrets.flatMap((key) => [key, `*.${key}`, `*.*.${key}`, `req.headers.${key}`]),
        censor: '[redacted]',
      },
    },
    pino.destination({ dest: destination, sync: true, mkdir: true, mode: 0o600 }),
  )
}
