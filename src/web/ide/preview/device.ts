/** CSS pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** What the page is shown in: the whole pane, or a screen of a certain size. */
export interface Device {
  readonly name: string
  readonly size: Size
}

export const devices: readonly Device[] = [
  { name: 'Small phone', size: { width: 360, height: 640 } },
  { name: 'Phone', size: { width: 390, height: 844 } },
  { name: 'Large phone', size: { width: 430, height: 932 } },
  { name: 'Small tablet', size: { width: 768, height: 1024 } },
  { name: 'Tablet', size: { width: 1024, height: 1366 } },
  { name: 'Laptop', size: { width: 1280, height: 800 } },
  { name: 'Desktop', size: { width: 1920, height: 1080 } },
]

/** As chosen by numbers. */
export const CUSTOM = 'Custom'

export const zooms = [0.25, 0.5, 0.75, 1, 1.5] as const
/** 0: as large as fits, never larger than life. */
export type Zoom = number

export const sizeLimits = { least: 120, most: 4000 } as const

export function rotated({ width, height }: Size): Size {
  return { width: height, height: width }
}

export function clamped({ width, height }: Size): Size {
  const side = (value: number) =>
    Math.round(Math.min(sizeLimits.most, Math.max(sizeLimits.least, Number.isFinite(value) ? value : 0)))
  return { width: side(width), height: side(height) }
}

/** How large a screen is drawn in a pane that has this room. */
export function scaleIn(room: Size, screen: Size, zoom: Zoom): number {
  if (zoom > 0) return zoom
  const fit = Math.min(1, room.width / screen.width, room.height / screen.height)
  return fit > 0 ? Math.round(fit * 1000) / 1000 : 1
}

/** The name of the device of this size, whichever way it is held. */
export function deviceNamed({ width, height }: Size): string {
  const is = ({ size }: Device) =>
    (size.width === width && size.height === height) || (size.width === height && size.height === width)
  return devices.find(is)?.name ?? CUSTOM
}
