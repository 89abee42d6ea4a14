import { printable } from '../../../core/printable.ts'
import { Sheet } from '../../shared/sheet.tsx'
import { useStore } from '../../shared/use-store.ts'
import type { Questions } from './questions.ts'

/** What the person is asked at the moment. */
export function QuestionSheet({ questions }: { questions: Questions }) {
  const question = useStore(questions.now)
  if (!question) return null
  const { title, detail, choices, answer } = question
  return (
    <Sheet key={title + detail} title={printable(title)} onClose={() => answer(undefined)}>
      <p>{printable(detail)}</p>
      <div className="choices">
        <button type="button" className="button" onClick={() => answer(undefined)}>
          Cancel
        </button>
        {choices.map(({ id, title: label, kind }) => (
          <button key={id} type="button" className={`button ${kind ?? ''}`} onClick={() => answer(id)}>
            {label}
          </button>
        ))}
      </div>
    </Sheet>
  )
}
