/** Line icons of 16 units, drawn in the colour of the text around them. */
const paths = {
  close: 'M4 4l8 8M12 4l-8 8',
  plus: 'M8 3v10M3 8h10',
  chevron: 'M6 3.5l4.5 4.5L6 12.5',
  refresh: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3',
  external: 'M9 3h4v4M13 3L7.5 8.5M11.5 9.5v3h-8v-8h3',
  side: 'M2.5 3h11v10h-11zM6 3v10',
  bottom: 'M2.5 3h11v10h-11zM2.5 9.5h11',
  right: 'M2.5 3h11v10h-11zM9.5 3v10',
  file: 'M4 2h5l3 3v9H4zM9 2v3h3',
  folder: 'M2 4h4l1.5 1.5H14V13H2z',
  newFile: 'M9 14H4V2h5l3 3v3M9 2v3h3M11.5 10v4M9.5 12h4',
  newFolder: 'M8 13H2V4h4l1.5 1.5H14V8M11.5 9.5v4M9.5 11.5h4',
  edit: 'M3 13l.6-2.8L10.5 3.3l2.2 2.2-6.9 6.9zM9 5l2 2',
  trash: 'M3 4.5h10M6.5 4V2.5h3V4M4.5 4.5l.6 9h5.8l.6-9M7 7v4M9 7v4',
  collapse: 'M3 8h10M8 2v3.5M6 4l2 2 2-2M8 14v-3.5M6 12l2-2 2 2',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3L14 14',
  case: 'M1.5 12l3-8h1l3 8M2.6 9.300h4.800M14 7v5M14 9.500a2 2 0 1 0-4 0 2 2 0 0 0 4 0z',
  word: 'M2 13h12M6 6v4.500M6 8.300a1.8 1.8 0 1 0-3.6 0 1.8 1.8 0 0 0 3.6 0zM9.5 3.500v7M9.5 8.300a1.8 1.8 0 1 0 3.6 0 1.8 1.8 0 0 0-3.6 0z',
  regex: 'M3.5 12.500h.01M10.5 3v6M7.9 4.500l5.2 3M13.1 4.500l-5.2 3',
  preserveCase: 'M1 12.500l2.6-8h.8l2.6 8M2 9.800h4M9 4.500v8h2.500a2 2 0 0 0 0-4.200H9h2.200a1.9 1.9 0 0 0 0-3.800z',
  ignored: 'M4 2h5l3 3v9H4zM9 2v3h3M2 2.500l12 11.5',
  replace: 'M2.5 3h5v4h-5zM9 9h4.500v4H9zM10 3.500h2.500V7M11.3 5.700L12.5 7l1.2-1.300M5 8.500V11h2',
  replaceAll:
    'M2.5 2.500h4.500v3h-4.500zM8.5 7.500h5v2.500h-5zM8.5 11.500h5v2h-5zM9.5 3.500h2.500v2.700M4.5 7v4.500h2.5',
  stop: 'M4 4h8v8H4z',
  terminal: 'M2 3h12v10H2zM4.5 6l2 2-2 2M8 10.5h3.5',
  code: 'M5.5 4.5L2 8l3.5 3.5M10.5 4.5L14 8l-3.5 3.5',
  eye: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4z',
  copy: 'M6 6h7v7H6zM10 6V3H3v7h3',
  back: 'M10 3L5 8l5 5',
  forward: 'M6 3l5 5-5 5',
  device: 'M4.5 2h7v12h-7zM7 12h2',
  console: 'M2 3h12v10H2zM2 10h12M4.5 5.5l1.5 1.2-1.5 1.2',
  qr: 'M3 3h3.5v3.5H3zM9.5 3H13v3.5H9.5zM3 9.5h3.5V13H3zM9.5 9.5h1M12.5 9.5h.5M9.5 12.5h1M12.5 12.5h.5',
  rotate: 'M12.5 6A5 5 0 1 0 13 9M13 2.5V6H9.5',
  clear: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM3.8 3.8l8.4 8.4',
  plug: 'M6 2v3M10 2v3M4 5h8v3a4 4 0 0 1-8 0zM8 12v2',
  restart: 'M4 3v10l8-5z',
  references: 'M2.5 4h7M2.5 8h11M2.5 12h7M12 3.5l2 2-2 2',
  warning: 'M8 2l6.5 11.5h-13zM8 6.5v3.5M8 11.5v.5',
  info: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 7.2v4M8 4.9v.2',
  error: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM6 6l4 4M10 6l-4 4',
  bell: 'M8 2a4 4 0 0 0-4 4v3l-1.5 2.5h11L12 9V6a4 4 0 0 0-4-4zM6.5 13.5a1.6 1.6 0 0 0 3 0',
  maximise: 'M3 10l5-5 5 5',
  restore: 'M3 6l5 5 5-5',
  gear: 'M8 5.7a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6zM8 1.8v1.9M8 12.3v1.9M1.8 8h1.9M12.3 8h1.9M3.6 3.6L5 5M11 11l1.4 1.4M12.4 3.6L11 5M5 11l-1.4 1.4',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  keyboard: 'M1.5 4h13v8h-13zM4 6.5h.01M6.7 6.5h.01M9.3 6.5h.01M12 6.5h.01M4 9.5h.01M12 9.5h.01M6 9.5h4',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  moon: 'M13 9.5A5.5 5.5 0 1 1 6.5 3 4.5 4.5 0 0 0 13 9.5z',
  signOut: 'M6 3H3v10h3M7 8h7M11.5 5.5L14 8l-2.5 2.5',
  git: 'M5 4.5v7M11 6.5c0 3-6 2-6 5M5 1.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM11 3.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM5 11.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z',
  download: 'M8 2v8M4.500 7L8 10.500 11.500 7M3 13.500h10',
  minus: 'M3 8h10',
  undo: 'M6 3L3 6l3 3M3 6h6a4 4 0 0 1 0 8H7',
  sync: 'M13 6.5A5.3 5.3 0 0 0 3.5 5M3 2.5V5h2.5M3 9.5A5.3 5.3 0 0 0 12.5 11M13 13.5V11h-2.5',
  cloud: 'M4.5 12.5a3 3 0 0 1-.3-6 4 4 0 0 1 7.7.9 2.6 2.6 0 0 1-.4 5.1M8 13.5V8M6 10l2-2 2 2',
  split: 'M2.5 3h11v10h-11zM8 3v10',
  up: 'M8 13V3M4 7l4-4 4 4',
  down: 'M8 3v10M4 9l4 4 4-4',
  people:
    'M6 7.500a2.300 2.300 0 1 0 0-4.600 2.300 2.300 0 0 0 0 4.600zM1.800 13c.2-2.400 1.900-4 4.200-4s4 1.600 4.200 4M10.600 7.300a2 2 0 1 0-.6-3.900M11.700 9.300c1.500.4 2.400 1.800 2.500 3.700',
  link: 'M6.700 9.300a2.600 2.600 0 0 0 3.700 0l2.200-2.200a2.600 2.600 0 0 0-3.700-3.700l-.8.8M9.300 6.700a2.600 2.600 0 0 0-3.700 0L3.400 8.900a2.600 2.600 0 0 0 3.700 3.700l.8-.8',
  lines: 'M2.5 4h4M9.5 4h4M5 8h6M2.5 12h4M9.5 12h4M2.5 6.5v3M13.5 6.5v3',
  history: 'M3 5.5A5.6 5.6 0 1 1 2.4 8M2.5 2.5v3h3M8 5v3.2l2.2 1.3',
  host: 'M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01',
} as const

export type IconName = keyof typeof paths

/** An icon where there is no React. */
export function iconElement(name: IconName, size = 16): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  const look = { width: size, height: size, viewBox: '0 0 16 16', fill: 'none', stroke: 'currentColor' }
  const line = { 'stroke-width': '1.3', 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true' }
  for (const [key, value] of Object.entries({ ...look, ...line })) svg.setAttribute(key, `${value}`)
  path.setAttribute('d', paths[name])
  svg.append(path)
  return svg
}

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.3"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  )
}

/** omega's mark. */
export function Logo({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
      <rect width="20" height="20" rx="5.5" fill="var(--accent)" />
      <path
        d="M5 15h3.2v-1.7A4.7 4.7 0 0 1 5.6 9.1a4.4 4.4 0 0 1 8.8 0 4.7 4.7 0 0 1-2.6 4.2V15H15"
        fill="none"
        stroke="var(--accent-text)"
        strokeWidth="1.9"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
