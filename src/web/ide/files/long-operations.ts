import type { Notices } from '../notices/notices.ts'
import type { Connection } from '../wire/connection.ts'

/** Work of the worker's that may take long: how far it is is shown, and it may be cancelled. */
export class LongOperations {
  readonly #connection: Connection
  readonly #notices: Notices
  #next = 1

  constructor(connection: Connection, notices: Notices) {
    this.#connection = connection
    this.#notices = notices
  }

  /** True when it was done; false when it failed, which is shown, or was cancelled. */
  async run(title: string, work: (task: string) => Promise<unknown>): Promise<boolean> {
    const task = `${this.#next++}`
    const done = await this.#notices.progress(
      title,
      async ({ report, signal }) => {
        const stop = this.#connection.on('files.progress', ({ task: name, files, total }) => {
          if (name !== task) return
          report(
            total === undefined ? undefined : files / total,
            total === undefined ? undefined : `${files} of ${total}`,
          )
        })
        signal.addEventListener('abort', () => this.#connection.request('files.cancel', { task }).catch(() => {}))
        try {
          await work(task)
          return true
        } finally {
          stop()
        }
      },
      { cancellable: true },
    )
    return done === true
  }
}
