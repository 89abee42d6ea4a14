import type { HostView } from '../../core/wire/http.ts'

/** The machines and how full they are. */
export function Hosts({ hosts }: { hosts: readonly HostView[] | undefined }) {
  const used = hosts?.reduce((sum, { containers }) => sum + containers, 0) ?? 0
  const room = hosts?.reduce((sum, { capacity }) => sum + capacity, 0) ?? 0
  return (
    <section aria-labelledby="hosts">
      <header>
        <h2 id="hosts">Hosts</h2>
        {hosts && hosts.length > 0 && (
          <span className="hint">
            {used} of {room} places taken
          </span>
        )}
      </header>
      <div className="list">
        {!hosts && <div className="nothing">Loading</div>}
        {hosts?.length === 0 && (
          <div className="nothing">
            <strong>No hosts</strong>
            Start one with <code>omega serve --role=manager</code>; sandboxes can be made as soon as it has registered.
          </div>
        )}
        {hosts?.map(({ address, state, containers, capacity, runtime }) => (
          <div className="item host" key={address} data-testid="host">
            <span className="who">
              <strong>{address}</strong>
              <small>{runtime === 'docker' ? 'Docker' : 'processes, not isolated'}</small>
            </span>
            <span className="state" data-state={state}>
              <i />
              {state}
            </span>
            <span className="fill">
              <span
                className="bar"
                role="img"
                aria-label={`${containers} of ${capacity} places taken`}
                data-full={containers >= capacity ? '' : undefined}
              >
                <i style={{ width: `${capacity > 0 ? Math.min(100, (100 * containers) / capacity) : 100}%` }} />
              </span>
              <span>
                {containers} / {capacity}
              </span>
            </span>
          </div>
        ))}
      </div>
    </section>
  )
}
