import { type ComponentType, useLayoutEffect, useState } from 'react'
import { Skeleton } from '../../shared/skeleton.tsx'

interface LoadedProps<P extends object> {
  /** The same function gives the same component. */
  load: () => ComponentType<P> | Promise<ComponentType<P>>
  props: P
}

/** Code that has come once is there at once the next time. */
const arrived = new WeakMap<object, ComponentType<never>>()

/** Draws a component whose code comes when it is first needed. */
export function Loaded<P extends object>({ load, props }: LoadedProps<P>) {
  const [attempt, setAttempt] = useState(0)
  const [failed, setFailed] = useState(false)
  const [, draw] = useState(0)
  const Component = arrived.get(load) as ComponentType<P> | undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is why it runs again
  useLayoutEffect(() => {
    if (Component) return
    let left = false
    const come = (component: ComponentType<P>) => {
      arrived.set(load, component as ComponentType<never>)
      if (!left) draw((count) => count + 1)
    }
    const loading = load()
    if (!(loading instanceof Promise)) come(loading)
    else loading.then(come, () => !left && setFailed(true))
    return () => {
      left = true
    }
  }, [load, Component, attempt])
  if (Component) return <Component {...props} />
  if (failed) {
    const retry = () => {
      setFailed(false)
      setAttempt(attempt + 1)
    }
    return (
      <div className="empty" role="alert">
        <strong>This part of the page did not arrive</strong>
        <p>The sandbox could not be reached. Once the connection is back, try again.</p>
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
      </div>
    )
  }
  return <Skeleton />
}
