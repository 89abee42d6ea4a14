/** How a file that is no text document is shown. */
export type MediaView = 'image' | 'audio' | 'video' | 'pdf'

/** Types that browsers show without running anything in them; what is not here is sent as bytes of no type. */
const media: Record<string, [MediaView, string]> = {
  png: ['image', 'image/png'],
  apng: ['image', 'image/apng'],
  jpg: ['image', 'image/jpeg'],
  jpeg: ['image', 'image/jpeg'],
  gif: ['image', 'image/gif'],
  webp: ['image', 'image/webp'],
  avif: ['image', 'image/avif'],
  bmp: ['image', 'image/bmp'],
  ico: ['image', 'image/x-icon'],
  // Runs nothing in <img>, and nothing under the policy it is sent with.
  svg: ['image', 'image/svg+xml'],
  mp3: ['audio', 'audio/mpeg'],
  wav: ['audio', 'audio/wav'],
  ogg: ['audio', 'audio/ogg'],
  oga: ['audio', 'audio/ogg'],
  opus: ['audio', 'audio/ogg'],
  flac: ['audio', 'audio/flac'],
  m4a: ['audio', 'audio/mp4'],
  aac: ['audio', 'audio/aac'],
  mp4: ['video', 'video/mp4'],
  m4v: ['video', 'video/mp4'],
  webm: ['video', 'video/webm'],
  ogv: ['video', 'video/ogg'],
  mov: ['video', 'video/quicktime'],
  pdf: ['pdf', 'application/pdf'],
}

/** By the name alone: nobody guesses at bytes. */
export function mediaOf(path: string): { view: MediaView; type: string } | undefined {
  const extension = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  const found = Object.hasOwn(media, extension) ? media[extension] : undefined
  return found && { view: found[0], type: found[1] }
}

/** Addresses of files as bytes, on the IDE's own host; PROTOCOL.md tells of them. */
export const FILE_ADDRESS = '/_omega/file'
export const ROWS_ADDRESS = '/_omega/rows'
export const ARCHIVE_ADDRESS = '/_omega/archive'
