import type { DocumentsResults } from '../../../core/wire/operations/documents.ts'
import { changes, type Handlers, reads } from '../wire/handlers.ts'
import { DocumentChannel } from './document-channel.ts'

export const documentsOperations: Handlers<keyof DocumentsResults> = {
  'document.open': reads(async ({ path, generation, vector }, { page, services, after }) => {
    const { documents } = services
    const known = vector === undefined ? undefined : Buffer.from(vector, 'base64')
    const channel = await documents.open(path, (document) =>
      page.open(
        (number) =>
          new DocumentChannel(number, document, {
            page,
            personOf: (other) => services.people.idOf(other),
            onEdit: () => services.activity.note('edit'),
            onClose: () => documents.released(document),
          }),
      ),
    )
    const { document } = channel
    after(() => begin(channel, generation === document.generation ? known : undefined))
    return {
      channel: channel.number,
      generation: document.generation,
      lineEnding: document.lineEnding,
      ...document.state,
    }
  }),
  'document.close': reads(({ channel }, { page }) => {
    page.end(page.channel(channel, DocumentChannel))
    return {}
  }),
  'document.save': changes(async ({ channel }, { page }) => {
    await page.channel(channel, DocumentChannel).document.save()
    return {}
  }),
  'document.overwrite': changes(async ({ channel }, { page }) => {
    await page.channel(channel, DocumentChannel).document.overwrite()
    return {}
  }),
}

/** A vector that is none costs only that the page is sent everything. */
function begin(channel: DocumentChannel, vector: Uint8Array | undefined): void {
  try {
    channel.begin(vector)
  } catch {
    channel.begin(undefined)
  }
}
