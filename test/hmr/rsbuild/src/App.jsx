import { useState } from 'react'

export function App() {
  const [count, setCount] = useState(0)
  return (
    <main>
      <h1 id="text">before the edit</h1>
      <button id="count" type="button" onClick={() => setCount(count + 1)}>
        {count}
      </button>
    </main>
  )
}
