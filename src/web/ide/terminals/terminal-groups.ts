/** Terminals that are shown side by side, by their ids, in the order of their tabs. Values: every function gives new ones. */
export type Groups = readonly (readonly string[])[]

/** The groups for these terminals: those that are gone go, those that are new are each alone at the end. */
export function groupsFor(groups: Groups, terminals: readonly string[]): Groups {
  const seen = new Set<string>()
  const kept = groups.map((group) =>
    group.filter((terminal) => {
      const isKept = terminals.includes(terminal) && !seen.has(terminal)
      seen.add(terminal)
      return isKept
    }),
  )
  const added = terminals.filter((terminal) => !seen.has(terminal)).map((terminal) => [terminal])
  return [...kept.filter((group) => group.length > 0), ...added]
}

/** `terminal` stands to the right of `beside`, in its group. */
export function splitGroup(groups: Groups, beside: string, terminal: string): Groups {
  const without = removed(groups, terminal)
  return without.map((group) => {
    const at = group.indexOf(beside)
    return at < 0 ? group : group.toSpliced(at + 1, 0, terminal)
  })
}

/** `terminal` is in a group of its own, behind the one it was in. */
export function unsplit(groups: Groups, terminal: string): Groups {
  return groups.flatMap((group) =>
    group.includes(terminal) && group.length > 1 ? [group.filter((one) => one !== terminal), [terminal]] : [group],
  )
}

/** The tab of `terminal` goes where that of `target` is; it leaves its group for that of the target. */
export function moveTo(groups: Groups, terminal: string, target: string): Groups {
  if (terminal === target) return groups
  const order = groups.flat()
  const isLater = order.indexOf(terminal) < order.indexOf(target)
  const group = groups.find((one) => one.includes(target)) ?? []
  if (group.length === 1) {
    const alone = removed(groups, terminal)
    const at = alone.findIndex((one) => one.includes(target))
    return alone.toSpliced(at + Number(isLater), 0, [terminal])
  }
  return removed(groups, terminal).map((one) => {
    const at = one.indexOf(target)
    return at < 0 ? one : one.toSpliced(at + Number(isLater), 0, terminal)
  })
}

/** What is shown after `terminal` has gone: what was beside it, else what was next to its group. */
export function successor(groups: Groups, terminal: string): string | undefined {
  const index = groups.findIndex((group) => group.includes(terminal))
  const group = groups[index]
  if (!group) return groups[0]?.[0]
  const at = group.indexOf(terminal)
  const beside = group[at + 1] ?? group[at - 1]
  return beside ?? groups[index + 1]?.[0] ?? groups[index - 1]?.at(-1)
}

/** The terminal `step` tabs further, around the ends. */
export function neighbour(groups: Groups, terminal: string | undefined, step: 1 | -1): string | undefined {
  const order = groups.flat()
  const at = terminal === undefined ? -1 : order.indexOf(terminal)
  return order[(at + step + order.length) % Math.max(1, order.length)]
}

function removed(groups: Groups, terminal: string): Groups {
  return groups.map((group) => group.filter((one) => one !== terminal)).filter((group) => group.length > 0)
}
