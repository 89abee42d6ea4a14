/** Milliseconds before each further try. */
const PAUSES = [200, 800, 2_500]

/**
 * A part of the page that did not come is asked for again: a browser drops what it is loading when the network of its
 * machine changes, which also a container that starts there does. Put around each `import()` by the build.
 */
export async function again<T>(load: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES) {
    try {
      return await load()
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
  return load()
}
