import type { IncomingMessage } from 'node:http'
import { OmegaError } from '../../../core/errors.ts'
import { checkName } from '../../../core/names.ts'
import {
  ActivityReport,
  Renamed,
  type Rest,
  SleepAnswer,
  SleepRequest,
  SleepWarning,
} from '../../../core/wire/activity.ts'
import { DiskReport } from '../../../core/wire/disk.ts'
import type { WebApp } from '../../../drivers/web-app.ts'
import type { Gate } from '../admission/gate.ts'
import type { Activity } from './activity.ts'
import type { ProgramWork } from './program-work.ts'
import type { Warning } from './warning.ts'

export interface ActivityRoutesOptions {
  gate: Pick<Gate, 'guestOf'>
  activity: Activity
  programs: ProgramWork
  warning: Warning
  /** How many people are connected. */
  people: () => number
  /** Writes all texts to the disk. */
  saveAll: () => Promise<void>
  /** Tells all pages and closes their connections. */
  putToSleep: (rest: Rest) => Promise<void>
  /** Tells the pages how full the disk is. */
  tellDisk: (report: DiskReport) => void
  /** The sandbox is called so from now on. */
  rename: (name: string) => void
}

/** What the manager asks and says about the sandbox's sleep. */
export function addActivityRoutes(app: WebApp, options: ActivityRoutesOptions): void {
  const { activity, programs, warning } = options
  const onlyManager = async (request: { raw: IncomingMessage }) => {
    if (options.gate.guestOf(request.raw).by === 'bearer') return
    throw new OmegaError(
      'FORBIDDEN',
      "This is the manager's to ask. Send the sandbox's token (Authorization: Bearer TOKEN).",
    )
  }
  /** It was put to sleep, and nobody has asked since. */
  let slept = false
  /** Milliseconds; programs are looked at first. */
  const idleNow = async (): Promise<number> => {
    if (await programs.worked()) activity.note('program')
    return activity.idleMs
  }

  app.get(
    '/_omega/activity',
    { onRequest: onlyManager, schema: { response: { 200: ActivityReport } } },
    async (): Promise<ActivityReport> => {
      // Who asks has woken it: the time it slept is not time in which nobody wanted it.
      if (slept) activity.note('start')
      slept = false
      const idleMs = await idleNow()
      const { last, keptAt } = activity
      return { idleMs, last, people: options.people(), ...(keptAt === undefined ? {} : { keptAt }) }
    },
  )

  app.post('/_omega/warn', { onRequest: onlyManager, schema: { body: SleepWarning } }, (request, reply) => {
    warning.give(request.body)
    return reply.code(204).send()
  })

  app.post(
    '/_omega/sleep',
    { onRequest: onlyManager, schema: { body: SleepRequest, response: { 200: SleepAnswer } } },
    async (request) => {
      const { then: rest, unlessActiveWithinMs: limit = 0 } = request.body
      const refuseIfActive = (idleMs: number) => {
        if (idleMs >= limit) return
        const { kind } = activity.last
        throw new OmegaError(
          'CONFLICT',
          `There was activity (${kind}) ${idleMs} ms ago; it must be ${limit} ms. Ask again later.`,
          { idleMs },
        )
      }
      refuseIfActive(await idleNow())
      await options.saveAll()
      // Somebody may have typed while the texts were written.
      refuseIfActive(activity.idleMs)
      warning.end()
      programs.forget()
      await options.putToSleep(rest)
      slept = true
      return { idleMs: activity.idleMs }
    },
  )

  app.post('/_omega/disk', { onRequest: onlyManager, schema: { body: DiskReport } }, (request, reply) => {
    options.tellDisk(request.body)
    return reply.code(204).send()
  })

  app.post('/_omega/renamed', { onRequest: onlyManager, schema: { body: Renamed } }, (request, reply) => {
    options.rename(checkName(request.body.name))
    return reply.code(204).send()
  })
}
