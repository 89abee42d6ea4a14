import type { LanguageResults } from '../../../core/wire/operations/language.ts'
import { changes, type Handlers, reads } from '../wire/handlers.ts'
import { LanguageChannel } from './language-channel.ts'

export const languageOperations: Handlers<keyof LanguageResults> = {
  'language.open': reads(({ server }, { page, services, after }) => {
    const { languages } = services
    const host = languages.host(server)
    const onPlaces = (uris: string[]) => languages.named(uris)
    const channel = page.open((number) => new LanguageChannel({ number, page, host, onPlaces }))
    after(() => channel.begin())
    return { ...host.status, channel: channel.number, root: languages.uris.root }
  }),
  'language.close': reads(({ channel }, { page }) => {
    page.end(page.channel(channel, LanguageChannel))
    return {}
  }),
  'language.restart': changes(({ server }, { services }) => {
    services.languages.host(server).restart()
    return {}
  }),
  'language.source': reads(async ({ uri }, { services }) => ({ text: await services.languages.source(uri) })),
  'language.edit': changes(async ({ files }, { services }) => {
    await services.languages.edit(files)
    return { files: files.length }
  }),
  'language.format': changes((request, { services }) => services.languages.format(request)),
}
