/** Of omega, npm, the worker's own runtime, or of a terminal multiplexer it was started from: not for children. */
const ours =
  /^(?:OMEGA_|npm_(?!config_registry$)|NODE_OPTIONS$|NODE_ENV$|NODE_CHANNEL|INIT_CWD$|TMUX|STY$|WINDOW|TERMCAP$|COLUMNS$|LINES$|PORT$|HOST$|_$|OLDPWD$|SHLVL$|VITEST|VITE_|FORCE_COLOR$|NO_COLOR$|CI$)/

/** All that a child gets of an environment that is not the sandbox's own. */
const harmless =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_[A-Z]+|TZ|TMPDIR|XDG_[A-Z_]+|(?:https?|no|all)_proxy|(?:HTTPS?|NO|ALL)_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR)|npm_config_registry)$/

/**
 * The environment of terminals and commands: this process's own without omega's and npm's variables, then `extra`. Not
 * `isolated`, it is a person's own machine, whose keys and passwords are none of the sandbox's business: then only
 * what a shell needs is passed on.
 */
export function childEnvironment(isolated: boolean, extra: Record<string, string>): Record<string, string> {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && (isolated ? !ours.test(name) : harmless.test(name))) env[name] = value
  }
  env.LANG ??= 'C.UTF-8'
  return { ...env, TERM: 'xterm-256color', COLORTERM: 'truecolor', BROWSER: 'none', ...extra }
}
