import { PathLists } from './path-lists.ts'
import type { ToPathWorker } from './path-worker-message.ts'

/** Runs in a Web Worker, so that 50,000 paths hold nobody up who types. */
const lists = new PathLists()

self.onmessage = ({ data }: MessageEvent<ToPathWorker>) => {
  const answer = lists.take(data)
  if (answer) self.postMessage(answer)
}
