import { useState } from 'react'
import { Form } from 'react-router'

export function action() {
  return { answer: 'answered by the server' }
}

export default function Home({ actionData }) {
  const [count, setCount] = useState(0)
  return (
    <main>
      <h1 id="text">before the edit</h1>
      <button id="count" type="button" onClick={() => setCount(count + 1)}>
        {count}
      </button>
      <Form method="post">
        <button id="ask" type="submit">
          Ask the server
        </button>
        <output id="answer">{actionData?.answer}</output>
      </Form>
    </main>
  )
}
