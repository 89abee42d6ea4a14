'use server'

/** A server action: Next.js compares its Origin with the host it was asked at. */
export async function greet() {
  return 'answered by the server'
}
