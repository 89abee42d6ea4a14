import type { CSSProperties, ReactNode } from 'react'

const react = (
  <svg
    width="24"
    height="24"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.4"
    aria-hidden="true"
  >
    <circle cx="12" cy="12" r="1.9" fill="currentColor" stroke="none" />
    <ellipse cx="12" cy="12" rx="10" ry="3.9" />
    <ellipse cx="12" cy="12" rx="10" ry="3.9" transform="rotate(60 12 12)" />
    <ellipse cx="12" cy="12" rx="10" ry="3.9" transform="rotate(120 12 12)" />
  </svg>
)
const node = (
  <svg
    width="24"
    height="24"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.8"
    aria-hidden="true"
  >
    <path d="M12 2.5l8.2 4.75v9.5L12 21.500l-8.2-4.750v-9.500z" strokeLinejoin="round" />
    <path d="M9 15V9.500l6 5.500V9.5" strokeLinejoin="round" strokeLinecap="round" />
  </svg>
)
const vue = (
  <svg width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" aria-hidden="true">
    <path d="M2.5 4L12 20.5 21.5 4M7.5 4L12 12l4.5-8" strokeLinejoin="round" strokeLinecap="round" />
  </svg>
)

/** Drawn marks and their colours; anything else an icon can be is text: an emoji. */
const marks: Record<string, { mark: ReactNode; colour: string }> = {
  react: { mark: react, colour: 'var(--code-type)' },
  node: { mark: node, colour: 'var(--good)' },
  vue: { mark: vue, colour: 'var(--good)' },
  python: { mark: 'Py', colour: 'var(--code-function)' },
  html: { mark: '</>', colour: 'var(--code-number)' },
  nextjs: { mark: 'N', colour: 'var(--text)' },
}

export function TemplateMark({ icon }: { icon: string }) {
  const known = marks[icon]
  const style = known && {
    '--mark': known.colour,
    '--mark-soft': `color-mix(in srgb, ${known.colour} 14%, transparent)`,
  }
  return (
    <span className="mark" style={style as CSSProperties} aria-hidden="true">
      {known?.mark ?? (/^[a-z0-9-]+$/.test(icon) ? icon.slice(0, 2) : icon)}
    </span>
  )
}
