import * as search from '@codemirror/search'
import { EditorView, type Panel, runScopeHandlers, type ViewUpdate } from '@codemirror/view'
import { type IconName, iconElement } from '../../shared/icons.tsx'
import { hasScope, isInScope, setScope } from './find-scope.ts'
import { countText, expressionProblem, findMatches, type Matches } from './match-count.ts'

/** After an edit elsewhere, the matches are counted anew. */
const COUNT_AFTER_MS = 120
/** What is longer is not looked for. */
const LONGEST_SELECTION = 500
const none: Matches = { starts: [], ends: [], isCut: false }

type Flag = 'caseSensitive' | 'wholeWord' | 'regexp'

/** Find and replace in the text of one editor, over its upper right corner. */
export class FindPanel implements Panel {
  readonly dom: HTMLElement
  readonly top = true
  readonly #view: EditorView
  readonly #find: HTMLTextAreaElement
  readonly #replace: HTMLTextAreaElement
  readonly #replaceRow: HTMLElement
  readonly #twist: HTMLButtonElement
  readonly #count: HTMLElement
  readonly #problem: HTMLElement
  readonly #flags: Record<Flag, HTMLButtonElement>
  readonly #inSelection: HTMLButtonElement
  #query: search.SearchQuery
  #matches = none
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Where the search began: what is typed is looked for from here. */
  #origin: number

  constructor(view: EditorView) {
    this.#view = view
    this.#query = search.getSearchQuery(view.state)
    this.#origin = view.state.selection.main.from
    this.#find = this.#field('Find', () => this.#typed())
    this.#find.setAttribute('main-field', 'true')
    this.#replace = this.#field('Replace by', () => this.#commit())
    this.#count = element('span', { className: 'count', role: 'status' })
    this.#problem = element('div', { className: 'find-problem', role: 'status' })
    this.#flags = {
      caseSensitive: this.#toggle('case', 'Match case', 'Alt+C', () => this.#flip('caseSensitive')),
      wholeWord: this.#toggle('word', 'Whole words', 'Alt+W', () => this.#flip('wholeWord')),
      regexp: this.#toggle('regex', 'Regular expression', 'Alt+R', () => this.#flip('regexp')),
    }
    this.#inSelection = this.#toggle('lines', 'Find in the selection', 'Alt+L', () => this.#scope())
    this.#twist = this.#button('chevron', 'Replace', 'Ctrl+H', () => this.showReplace(this.#replaceRow.hidden === true))
    this.#twist.classList.add('twist')
    this.#replaceRow = element('div', { className: 'find-row' }, [
      element('div', { className: 'find-field' }, [this.#replace]),
      this.#button('replace', 'Replace', 'Enter', () => search.replaceNext(view)),
      this.#button('replaceAll', 'Replace all', 'Ctrl+Alt+Enter', () => this.#replaceAll()),
    ])
    const findRow = element('div', { className: 'find-row' }, [
      element('div', { className: 'find-field' }, [this.#find, ...Object.values(this.#flags)]),
      this.#count,
      this.#button('up', 'Previous match', 'Shift+Enter', () => this.#step(search.findPrevious)),
      this.#button('down', 'Next match', 'Enter', () => this.#step(search.findNext)),
      this.#inSelection,
      this.#button('close', 'Close', 'Escape', () => void search.closeSearchPanel(view)),
    ])
    const rows = element('div', { className: 'find-rows' }, [findRow, this.#problem, this.#replaceRow])
    const parts = view.state.readOnly ? [rows] : [this.#twist, rows]
    this.dom = element('div', { className: 'find-panel', role: 'search' }, parts)
    this.dom.setAttribute('aria-label', 'Find in the file')
    this.dom.dataset.ownKeys =
      'Alt+C Alt+W Alt+R Alt+L Alt+Enter Ctrl+F Ctrl+H F3 Shift+F3 Ctrl+Shift+1 Ctrl+Alt+Enter Ctrl+Enter Escape'
    this.dom.addEventListener('keydown', (event) => this.#press(event))
    this.showReplace(false)
    this.#show(this.#query)
    this.#recount()
  }

  mount(): void {
    this.#fit(this.#find)
    this.#fit(this.#replace)
  }

  /** The search begins where the cursor is; a selection within a line is what is looked for. */
  begin(): void {
    const { state } = this.#view
    const { from, to } = state.selection.main
    const text = state.sliceDoc(from, Math.min(to, from + LONGEST_SELECTION + 1))
    if (text !== '' && text.length <= LONGEST_SELECTION && !text.includes('\n')) {
      this.#find.value = this.#query.regexp ? text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : text
    }
    this.#origin = from
    this.#commit()
    this.#recount()
    this.focus()
  }

  destroy(): void {
    clearTimeout(this.#timer)
  }

  update(update: ViewUpdate): void {
    for (const { effects } of update.transactions) {
      for (const effect of effects) {
        if (effect.is(search.setSearchQuery) && !effect.value.eq(this.#query)) this.#show(effect.value)
      }
    }
    const scopeChanged = hasScope(update.startState) !== hasScope(update.state)
    if (update.docChanged || scopeChanged) {
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => this.#recount(), COUNT_AFTER_MS)
    } else if (update.selectionSet) this.#say()
    if (scopeChanged) this.#inSelection.setAttribute('aria-pressed', `${hasScope(update.state)}`)
    if (update.selectionSet && !update.transactions.some((one) => one.isUserEvent('select.search'))) {
      this.#origin = update.state.selection.main.from
    }
  }

  /** Shows or hides the field for the replacement. */
  showReplace(shown: boolean): void {
    this.#replaceRow.hidden = !shown || this.#view.state.readOnly
    this.#twist.setAttribute('aria-expanded', `${shown}`)
  }

  /** The field in which typing begins. */
  focus(field: 'find' | 'replace' = 'find'): void {
    const area = field === 'find' ? this.#find : this.#replace
    area.focus()
    area.select()
  }

  #show(query: search.SearchQuery): void {
    this.#query = query
    if (this.#find.value !== query.search) this.#find.value = query.search
    if (this.#replace.value !== query.replace) this.#replace.value = query.replace
    for (const [flag, button] of Object.entries(this.#flags)) {
      button.setAttribute('aria-pressed', `${query[flag as Flag]}`)
    }
    this.#fit(this.#find)
    this.#fit(this.#replace)
    this.#recount()
  }

  /** Makes what the fields say the editor's query. */
  #commit(change: Partial<Record<Flag, boolean>> = {}): void {
    const { caseSensitive, wholeWord, regexp } = { ...this.#query, ...change }
    const query = new search.SearchQuery({
      search: this.#find.value,
      replace: this.#replace.value,
      caseSensitive,
      wholeWord,
      regexp,
      // A backslash that is no expression's is a backslash.
      literal: !regexp,
      test: isInScope,
    })
    if (query.eq(this.#query)) return
    const { search: before } = this.#query
    this.#view.dispatch({ effects: search.setSearchQuery.of(query) })
    if (before !== query.search || Object.keys(change).length > 0) this.#recount()
  }

  /** Goes to the first match from where the search began. */
  #typed(): void {
    this.#commit()
    const { starts, ends } = this.#matches
    const found = starts.findIndex((start) => start >= this.#origin)
    const [anchor, head] = [starts[Math.max(0, found)], ends[Math.max(0, found)]]
    if (anchor === undefined || head === undefined) {
      if (!this.#view.state.selection.main.empty) this.#select(this.#origin, this.#origin)
    } else this.#select(anchor, head)
  }

  #select(anchor: number, head: number): void {
    const seen = this.#view.visibleRanges.some(({ from, to }) => from <= anchor && head <= to)
    const effects = EditorView.scrollIntoView(head, { y: seen ? 'nearest' : 'center', yMargin: 40 })
    this.#view.dispatch({ selection: { anchor, head }, effects, userEvent: 'select.search' })
  }

  #flip(flag: Flag): void {
    this.#commit({ [flag]: !this.#query[flag] })
    this.#typed()
  }

  #scope(): void {
    const { state } = this.#view
    const { from, to } = state.selection.main
    const lines = { from: state.doc.lineAt(from).from, to: state.doc.lineAt(to).to }
    const isPart = state.doc.lineAt(from).number === state.doc.lineAt(to).number
    const scope = hasScope(state) || from === to ? null : isPart ? { from, to } : lines
    this.#view.dispatch({ effects: setScope.of(scope), ...(scope ? { selection: { anchor: scope.from } } : {}) })
    this.#recount()
  }

  #step(move: (view: EditorView) => boolean): void {
    this.#commit()
    if (this.#query.valid) move(this.#view)
  }

  #replaceAll(): void {
    this.#commit()
    const { length } = this.#matches.starts
    search.replaceAll(this.#view)
    this.#recount()
    if (length > 0) this.#count.textContent = `${length.toLocaleString('en')} replaced`
  }

  #recount(): void {
    clearTimeout(this.#timer)
    const query = search.getSearchQuery(this.#view.state)
    this.#matches = query.valid ? findMatches(query, this.#view.state, () => performance.now()) : none
    this.#say()
  }

  #say(): void {
    const { search: text, regexp } = this.#query
    const problem = regexp && text !== '' ? expressionProblem(text) : undefined
    const isEmpty = text === ''
    const isSilent = isEmpty || problem !== undefined
    const said = isSilent ? '' : countText(this.#matches, this.#view.state.selection.main)
    if (this.#count.textContent !== said) this.#count.textContent = said
    this.#count.classList.toggle('bad', !isEmpty && this.#matches.starts.length === 0)
    this.#problem.textContent = problem ?? ''
    this.#find.setAttribute('aria-invalid', `${problem !== undefined}`)
  }

  #press(event: KeyboardEvent): void {
    if (event.isComposing) return
    const view = this.#view
    const inFind = event.target === this.#find
    const inReplace = event.target === this.#replace
    const command = event.ctrlKey || event.metaKey
    const keys: Record<string, (() => void) | undefined> = {
      'Alt+KeyC': () => this.#flip('caseSensitive'),
      'Alt+KeyW': () => this.#flip('wholeWord'),
      'Alt+KeyR': () => this.#flip('regexp'),
      'Alt+KeyL': () => this.#scope(),
      F3: () => this.#step(search.findNext),
      'Shift+F3': () => this.#step(search.findPrevious),
      'Ctrl+KeyH': () => {
        this.showReplace(true)
        this.focus('replace')
      },
      'Ctrl+KeyF': () => this.focus(),
      'Ctrl+Shift+Digit1': () => search.replaceNext(view),
      'Ctrl+Alt+Enter': () => this.#replaceAll(),
      Enter: inFind ? () => this.#step(search.findNext) : inReplace ? () => search.replaceNext(view) : undefined,
      'Shift+Enter': inFind ? () => this.#step(search.findPrevious) : undefined,
      'Ctrl+Enter': inFind || inReplace ? () => this.#newLine(event.target as HTMLTextAreaElement) : undefined,
    }
    const name = [command && 'Ctrl', event.shiftKey && 'Shift', event.altKey && 'Alt', event.code].filter(Boolean)
    const action = keys[name.join('+').replace('NumpadEnter', 'Enter')]
    if (action) {
      event.preventDefault()
      event.stopPropagation()
      action()
    } else if (runScopeHandlers(view, event, 'search-panel')) event.preventDefault()
  }

  #newLine(area: HTMLTextAreaElement): void {
    area.setRangeText('\n', area.selectionStart, area.selectionEnd, 'end')
    area.dispatchEvent(new Event('input'))
  }

  #field(label: string, onInput: () => void): HTMLTextAreaElement {
    const area = element('textarea', { rows: 1, placeholder: label, spellcheck: false, autocapitalize: 'off' })
    area.setAttribute('aria-label', label)
    area.addEventListener('input', () => {
      this.#fit(area)
      onInput()
    })
    return area
  }

  /** As high as what is typed. */
  #fit(area: HTMLTextAreaElement): void {
    area.style.height = 'auto'
    if (area.value.includes('\n')) area.style.height = `${Math.min(area.scrollHeight, 120)}px`
  }

  #toggle(icon: IconName, label: string, keys: string, onPress: () => void): HTMLButtonElement {
    const button = this.#button(icon, label, keys, onPress)
    button.className = 'toggle'
    button.setAttribute('aria-pressed', 'false')
    return button
  }

  #button(icon: IconName, label: string, keys: string, onPress: () => void): HTMLButtonElement {
    const button = element('button', { type: 'button', className: 'tool', title: `${label} (${keys})` }, [
      iconElement(icon, 15),
    ])
    button.setAttribute('aria-label', label)
    button.addEventListener('click', onPress)
    return button
  }
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]>,
  children: Node[] = [],
): HTMLElementTagNameMap[Name] {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...children)
  return made
}
