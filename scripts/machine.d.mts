export function forgetEnded(pidFile: string, program: string): void
