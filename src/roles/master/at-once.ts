/**
 * Does the work for each item, so many at once. After a failure nothing more is begun; what is under way is waited for,
 * and the first failure is thrown.
 */
export async function atOnce<T>(most: number, items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const waiting = [...items].reverse()
  const failures: unknown[] = []
  const take = async () => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
      try {
        await work(item)
      } catch (error) {
        failures.push(error)
        waiting.length = 0
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, take))
  if (failures.length > 0) throw failures[0]
}
