import type { UploadItem } from './uploads.ts'

/** More than this is no project, but a disk dropped by mistake. */
const MOST_ITEMS = 50_000

/**
 * The files and folders of a drop or a paste. The list must be read before anything is awaited, since the browser empties
 * it; what is in folders comes later. Folders are given by themselves only when they are empty.
 */
export function droppedItems(transfer: DataTransfer): Promise<UploadItem[]> {
  const entries = [...transfer.items].filter(({ kind }) => kind === 'file').map((item) => item.webkitGetAsEntry())
  if (entries.some((entry) => entry !== null)) return collect(entries.filter((entry) => entry !== null))
  return Promise.resolve(chosenItems(transfer.files))
}

/** What was chosen in a file dialog: files, or a folder with all in it. */
export function chosenItems(files: FileList): UploadItem[] {
  return [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }))
}

async function collect(entries: readonly FileSystemEntry[]): Promise<UploadItem[]> {
  const items: UploadItem[] = []
  const visit = async (entry: FileSystemEntry): Promise<void> => {
    if (items.length >= MOST_ITEMS) {
      throw new Error(
        `More than ${MOST_ITEMS} files at once are too many. Upload an archive, and unpack it in the terminal.`,
      )
    }
    const path = entry.fullPath.replace(/^\/+/, '')
    if (entry.isFile) {
      items.push({ path, file: await fileOf(entry as FileSystemFileEntry) })
      return
    }
    const inside = await readAll(entry as FileSystemDirectoryEntry)
    if (inside.length === 0) items.push({ path })
    for (const one of inside) await visit(one)
  }
  for (const entry of entries) await visit(entry)
  return items
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject))
}

/** A browser gives a folder's entries in portions of a hundred. */
async function readAll(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return all
    all.push(...some)
  }
}
