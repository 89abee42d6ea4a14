'use client'

import { useState } from 'react'
import { greet } from './actions'

export default function Page() {
  const [count, setCount] = useState(0)
  const [answer, setAnswer] = useState('')
  return (
    <main>
      <h1 id="text">before the edit</h1>
      <button id="count" type="button" onClick={() => setCount(count + 1)}>
        {count}
      </button>
      <form action={async () => setAnswer(await greet())}>
        <button id="ask" type="submit">
          Ask the server
        </button>
        <output id="answer">{answer}</output>
      </form>
    </main>
  )
}
