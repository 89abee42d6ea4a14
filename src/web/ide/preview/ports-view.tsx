import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { titleOf } from '../terminals/terminal-title.ts'
import { useWorkspace } from '../workspace-context.ts'
import { addressOf, copyAddress, openHere, openInTab, showTerminalOf } from './open-port.ts'

/** All ports on which something listens. */
export function PortsView() {
  const workspace = useWorkspace()
  const { previews, terminals } = workspace
  const { ports } = useStore(previews.state)
  const { list } = useStore(terminals.state)
  useStore(workspace.hello)
  if (ports.length === 0) {
    return (
      <div className="empty">
        <strong>Nothing listens</strong>
        <p>A server that you start in a terminal appears here by itself, with an address of its own.</p>
      </div>
    )
  }
  return (
    <div className="ports">
      <table aria-label="Ports that listen">
        <thead>
          <tr>
            <th scope="col">Port</th>
            <th scope="col">Program</th>
            <th scope="col">Address</th>
            <th scope="col" className="hidden-text">
              What can be done
            </th>
          </tr>
        </thead>
        <tbody>
          {ports.map(({ port, program, terminal, ephemeral }) => {
            const its = list.find((one) => one.terminal === terminal)
            return (
              <tr key={port} data-testid="port">
                <th scope="row">{port}</th>
                <td>
                  {program ?? 'unknown'}
                  {ephemeral && (
                    <span className="faint" title="The number was given by the system">
                      {' '}
                      temporary
                    </span>
                  )}
                </td>
                <td className="address-of">{addressOf(workspace, port, '/')}</td>
                <td className="row-of-tools">
                  <button type="button" className="button" onClick={() => openHere(workspace, port)}>
                    Open
                  </button>
                  <button
                    type="button"
                    className="tool"
                    aria-label={`Open port ${port} in a new tab`}
                    title="New tab"
                    onClick={() => openInTab(workspace, port)}
                  >
                    <Icon name="external" size={14} />
                  </button>
                  <button
                    type="button"
                    className="tool"
                    aria-label={`Copy the address of port ${port}`}
                    title="Copy the address"
                    onClick={() => copyAddress(workspace, port)}
                  >
                    <Icon name="copy" size={14} />
                  </button>
                  <button
                    type="button"
                    className="tool"
                    aria-label={`Show the terminal of port ${port}`}
                    title={its ? `Terminal: ${titleOf(its)}` : 'It was not started in a terminal'}
                    disabled={!its}
                    onClick={() => showTerminalOf(workspace, port, terminal)}
                  >
                    <Icon name="terminal" size={14} />
                  </button>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
