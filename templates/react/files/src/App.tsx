import { useState } from 'react'

export function App() {
  const [count, setCount] = useState(0)

  return (
    <main>
      <img src="/icon.svg" alt="" width="72" height="72" />
      <h1>Hello, React</h1>
      <p>
        Change this text in <code>src/App.tsx</code> and watch it appear here. The number below stays as it is.
      </p>
      <button type="button" onClick={() => setCount(count + 1)}>
        Clicked {count} {count === 1 ? 'time' : 'times'}
      </button>
    </main>
  )
}
