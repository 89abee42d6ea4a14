import { parseViewTab } from '../tabs/tab-view.ts'
import type { Workspace } from '../workspace.ts'
import { cursorFollow } from './cursor-follow.ts'
import { cursorLayers } from './cursor-layers.ts'
import { cursorPublisher } from './cursor-publisher.ts'
import { shownContent } from './cursors.ts'
import { explainLooking, readOnlyWhileLooking } from './looking.ts'
import { PeopleBar } from './people-bar.tsx'

/** Who is here, what they look at and where their cursors are; links that let others in. */
export function addPeople(workspace: Workspace): void {
  const { access, commands, editors, follow, notices, people, previews, sharing, titleItems } = workspace
  titleItems.add({ id: 'people', Component: PeopleBar })
  editors.add((document) => {
    const content = document.content.get()
    const find = (id: string) => people.of(id)
    return [
      content ? shownContent.of(content) : [],
      readOnlyWhileLooking(access),
      cursorPublisher,
      cursorLayers(people.here, find),
      cursorFollow(follow.target),
    ]
  })
  const mayShare = () => workspace.mayChange
  commands.add(
    { id: 'people.share', title: 'Share this sandbox', when: mayShare, run: () => sharing.set({ access: 'edit' }) },
    {
      id: 'people.sharePreview',
      title: 'Share the preview of a port',
      when: mayShare,
      run: () => sharing.set({ access: 'preview' }),
    },
    { id: 'people.list', title: 'Who is here', run: () => people.listing.update((count) => count + 1) },
    {
      id: 'people.unfollow',
      title: 'Stop following',
      when: () => follow.target.get() !== undefined,
      run: () => follow.stop(),
    },
  )
  previews.actions.add({
    id: 'share',
    title: 'Share this preview',
    icon: 'link',
    run: (port, path) => {
      if (mayShare()) sharing.set({ access: 'preview', port, path })
      else notices.say('You may look at this sandbox; its links are for those who may edit it.')
    },
  })
  const showAccess = () => {
    document.documentElement.dataset.access = access.get()
  }
  access.subscribe(showAccess)
  showAccess()
  explainLooking(workspace)
  tellWhereWeAre(workspace)
  endFollowingByOwnInput(workspace)
}

function tellWhereWeAre({ tabs, terminals, people }: Workspace): void {
  const look = () => {
    const { active } = tabs.state.get()
    const path = active === undefined || parseViewTab(active) ? undefined : active
    const terminal = document.activeElement?.closest('.panel') ? terminals.state.get().active : undefined
    people.looksAt({ ...(path === undefined ? {} : { path }), ...(terminal === undefined ? {} : { terminal }) })
  }
  tabs.state.subscribe(look)
  terminals.state.subscribe(look)
  document.addEventListener('focusin', look)
  look()
  const stir = () => people.stirs()
  for (const type of ['keydown', 'pointerdown', 'wheel', 'pointermove']) {
    window.addEventListener(type, stir, { capture: true, passive: true })
  }
  const hide = () => people.hides(document.visibilityState === 'hidden')
  document.addEventListener('visibilitychange', hide)
  hide()
}

const modifiers = ['Shift', 'Control', 'Alt', 'Meta', 'CapsLock']

/** Who scrolls, clicks or types in the editor goes their own way; also who opens another file. */
function endFollowingByOwnInput({ follow, tabs }: Workspace): void {
  const end = (event: Event) => {
    if (follow.target.get() === undefined || !(event.target instanceof Element)) return
    if (event instanceof KeyboardEvent && modifiers.includes(event.key)) return
    if (event.target.closest('.work')) follow.stop()
  }
  for (const type of ['keydown', 'pointerdown', 'wheel', 'touchmove']) {
    window.addEventListener(type, end, { capture: true, passive: true })
  }
  tabs.state.subscribe(() => follow.shownChanged())
}
