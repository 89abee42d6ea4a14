import { useEffect, useRef, useState } from 'react'
import { useWorkspace } from '../workspace-context.ts'
import type { PaletteAnswer, PaletteMode, PaletteSearch } from './palette-mode.ts'
import type { PaletteRequest } from './palette-state.ts'

const nothing: PaletteAnswer = { items: [] }

/** The mode the text means, and what it answers. `left` tells it how the palette was closed. */
export function usePaletteAnswer(
  request: PaletteRequest,
  text: string,
): { mode: PaletteMode | undefined; answer: PaletteAnswer; left: (taken: boolean) => void } {
  const { palette } = useWorkspace()
  const { mode, query } = request.only ? { mode: request.only, query: text } : palette.modeOf(text)
  const [answer, setAnswer] = useState(nothing)
  const search = useRef<PaletteSearch | undefined>(undefined)
  const left = useRef((taken: boolean) => {
    search.current?.end?.(taken)
    search.current = undefined
  })
  useEffect(() => {
    search.current = mode?.begin()
    const leave = left.current
    return () => leave(false)
  }, [mode])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another mode answers the same query differently
  useEffect(() => {
    let current = true
    search.current?.find(query, (next) => {
      if (current) setAnswer(next)
    })
    return () => {
      current = false
    }
  }, [query, mode])
  return { mode, answer, left: left.current }
}
