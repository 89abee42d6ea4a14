import { Icon } from '../../shared/icons.tsx'
import { extensionOf } from './paths.ts'

const marks: Record<string, [string, string]> = {
  ts: ['TS', 'var(--code-function)'],
  tsx: ['TSX', 'var(--code-type)'],
  js: ['JS', 'var(--code-number)'],
  mjs: ['JS', 'var(--code-number)'],
  cjs: ['JS', 'var(--code-number)'],
  jsx: ['JSX', 'var(--code-number)'],
  json: ['{}', 'var(--code-number)'],
  html: ['<>', 'var(--bad)'],
  svg: ['<>', 'var(--code-keyword)'],
  css: ['#', 'var(--code-keyword)'],
  scss: ['#', 'var(--code-keyword)'],
  md: ['M', 'var(--muted)'],
  py: ['PY', 'var(--code-function)'],
  vue: ['V', 'var(--good)'],
  sh: ['$', 'var(--good)'],
  yml: ['Y', 'var(--code-property)'],
  yaml: ['Y', 'var(--code-property)'],
}

/** What kind of file it is, at a glance. */
export function FileMark({ path, folder = false }: { path: string; folder?: boolean }) {
  const mark = folder ? undefined : marks[extensionOf(path)]
  return (
    // The letters come from the style sheet: they are no part of the file's name.
    <span className="filemark" style={{ color: mark?.[1] ?? 'var(--faint)' }} data-mark={mark?.[0]} aria-hidden="true">
      {!mark && <Icon name={folder ? 'folder' : 'file'} size={14} />}
    </span>
  )
}
