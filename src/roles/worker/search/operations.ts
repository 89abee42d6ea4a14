import type { SearchResults } from '../../../core/wire/operations/search.ts'
import { changes, type Handlers, reads } from '../wire/handlers.ts'
import type { Page } from '../wire/page.ts'
import { FileListChannel } from './file-list-channel.ts'
import { Replacements } from './replacements.ts'
import { SearchChannel } from './search-channel.ts'
import { TextFiles } from './text-files.ts'

export const searchOperations: Handlers<keyof SearchResults> = {
  'search.files': reads(({ ignored }, { page, services, after }) => {
    const list = page.open((number) => new FileListChannel(number, page))
    after(() => list.begin(services.ripgrep, ignored))
    return { channel: list.number }
  }),
  'search.text': reads((query, { page, services, after }) => {
    // A page shows one search: what it looked for before is of no use any more.
    for (const former of page.channels(SearchChannel)) page.end(former)
    const search = page.open((number) => new SearchChannel(number, page, query))
    after(() => search.begin(services.ripgrep, services.documents.saveAll()))
    return { channel: search.number }
  }),
  'search.stop': reads(({ channel }, { page }) => {
    page.channel(channel, SearchChannel).stop()
    return {}
  }),
  'search.close': reads(({ channel }, { page }) => {
    page.end(searchOrList(page, channel))
    return {}
  }),
  'search.replace': changes(async (params, { page, services }) => {
    const search = page.channel(params.channel, SearchChannel)
    const files = new TextFiles(services.documents, services.files)
    return page.belonging(Replacements).replace(params, search, files)
  }),
  'search.undoReplace': changes(({ replacement }, { page, services }) =>
    page.belonging(Replacements).undo(replacement, new TextFiles(services.documents, services.files)),
  ),
}

function searchOrList(page: Page, number: number): SearchChannel | FileListChannel {
  const list = page.channels(FileListChannel).find((one) => one.number === number)
  return list ?? page.channel(number, SearchChannel)
}
