import { pressureText } from '../../core/host-pressure.ts'
import type { FleetView, LaunchView } from '../../core/wire/fleet.ts'
import type { HostView } from '../../core/wire/http.ts'
import { agoText } from './age.ts'

interface HostsProps {
  hosts: readonly HostView[] | undefined
  scaling: FleetView | undefined
}

/** The machines and how full they are, and those that are on their way. */
export function Hosts({ hosts, scaling }: HostsProps) {
  const used = hosts?.reduce((sum, { containers }) => sum + containers, 0) ?? 0
  const room = hosts?.reduce((sum, { capacity }) => sum + capacity, 0) ?? 0
  const { launches = [], waiting = 0, blocked = null, autoscales = false, last = null } = scaling ?? {}
  // One that has joined is among the hosts.
  const moving = launches.filter(({ state }) => state !== 'joined')
  return (
    <section aria-labelledby="hosts">
      <header>
        <h2 id="hosts">Hosts</h2>
        {hosts && hosts.length > 0 && (
          <span className="hint">
            {used} of {room} places taken
          </span>
        )}
        {waiting > 0 && <span className="hint">{waiting === 1 ? '1 create waits' : `${waiting} creates wait`}</span>}
      </header>
      {blocked !== null && (
        <div className="trouble" role="status">
          <span>No host comes: {blocked.replace(/\.$/, '')}.</span>
        </div>
      )}
      {last !== null && (
        <p className="decision">
          {agoText(last.at, Date.now())}: {last.what}
        </p>
      )}
      <div className="list">
        {!hosts && <div className="nothing">Loading</div>}
        {hosts?.length === 0 && moving.length === 0 && <NoHosts autoscales={autoscales} />}
        {hosts?.map((host) => (
          <HostRow key={host.address} host={host} />
        ))}
        {moving.map((launch) => (
          <LaunchRow key={launch.id} launch={launch} />
        ))}
      </div>
    </section>
  )
}

function NoHosts({ autoscales }: { autoscales: boolean }) {
  return (
    <div className="nothing">
      <strong>No hosts</strong>
      {autoscales ? (
        'One is launched when somebody asks for a sandbox.'
      ) : (
        <>
          Start one with <code>omega serve --role=manager</code>; sandboxes can be made as soon as it has registered.
        </>
      )}
    </div>
  )
}

function HostRow({ host: { address, state, containers, capacity, runtime, load } }: { host: HostView }) {
  return (
    <div className="item host" data-testid="host">
      <span className="who">
        <strong>{address}</strong>
        <small>{runtime === 'docker' ? 'Docker' : 'processes, not isolated'}</small>
      </span>
      <span className="state" data-state={state}>
        <i />
        {state === 'pressured' && load?.pressure ? `short of ${pressureText[load.pressure]}` : state}
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
  )
}

/** What people call the states of a machine that is no host yet, or not any more. */
const words = { ordered: 'asked for', booting: 'starting', joined: 'ready', ending: 'ending' } as const

function LaunchRow({ launch: { offering, state, reason, step } }: { launch: LaunchView }) {
  return (
    <div className="item host" data-testid="launch">
      <span className="who">
        <strong>{offering}</strong>
        <small>{reason}</small>
      </span>
      <span className="state" data-state={state === 'ending' ? 'deleting' : 'placing'}>
        <i />
        {words[state]}
      </span>
      <span className="quiet">{step}</span>
    </div>
  )
}
