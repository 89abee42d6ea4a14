import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { useTyped } from '../../shared/use-typed.ts'
import { useWorkspace } from '../workspace-context.ts'
import { CUSTOM, deviceNamed, devices, rotated, type Size, sizeLimits, zooms } from './device.ts'

/** Chooses the screen that pages are shown on. */
export function DeviceBar({ screen }: { screen: Size }) {
  const { previews } = useWorkspace()
  const { zoom } = useStore(previews.look)
  const name = deviceNamed(screen)
  const choose = (wanted: string) => {
    const device = devices.find((other) => other.name === wanted)
    if (device) previews.resize(device.size)
  }
  return (
    <div className="devicebar" role="toolbar" aria-label="Screen of the preview">
      <select aria-label="Device" value={name} onChange={(event) => choose(event.target.value)}>
        {devices.map((device) => (
          <option key={device.name} value={device.name}>
            {device.name}
          </option>
        ))}
        {name === CUSTOM && <option value={CUSTOM}>{CUSTOM}</option>}
      </select>
      <SizeField label="Width" value={screen.width} onChange={(width) => previews.resize({ ...screen, width })} />
      <span aria-hidden="true">×</span>
      <SizeField label="Height" value={screen.height} onChange={(height) => previews.resize({ ...screen, height })} />
      <button
        type="button"
        className="tool"
        aria-label="Turn the screen"
        title="Turn"
        onClick={() => previews.resize(rotated(screen))}
      >
        <Icon name="rotate" size={14} />
      </button>
      <select
        aria-label="Zoom"
        value={String(zoom)}
        onChange={(event) => previews.change({ zoom: Number(event.target.value) })}
      >
        <option value="0">Fit</option>
        {zooms.map((one) => (
          <option key={one} value={String(one)}>
            {one * 100}%
          </option>
        ))}
      </select>
      <span className="grow" />
      <button
        type="button"
        className="tool"
        aria-label="Use the whole pane"
        title="Use the whole pane"
        onClick={() => previews.resize(undefined)}
      >
        <Icon name="close" size={14} />
      </button>
    </div>
  )
}

/** Takes effect with Enter or when it is left: half a number is no size. */
function SizeField({ label, value, onChange }: { label: string; value: number; onChange: (value: number) => void }) {
  const [typed, setTyped] = useTyped(String(value))
  const take = () => {
    const number = Number(typed)
    if (Number.isFinite(number) && number > 0) onChange(number)
    setTyped(String(value))
  }
  return (
    <input
      type="number"
      aria-label={label}
      title={`${label} in CSS pixels`}
      min={sizeLimits.least}
      max={sizeLimits.most}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => event.key === 'Enter' && take()}
    />
  )
}
