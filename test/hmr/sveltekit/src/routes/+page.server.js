/** A form action: SvelteKit compares its Origin with the host it was asked at. */
export const actions = { default: () => ({ answer: 'answered by the server' }) }
