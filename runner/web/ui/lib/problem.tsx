import { Problem } from './api'

/** ProblemBox shows what went wrong and what helps. */
export function ProblemBox({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const problem = error instanceof Problem ? error : new Problem('Something went wrong', String(error), '', 0)
  return (
    <div class="problem" role="alert">
      <h2>{problem.title}</h2>
      {problem.detail !== problem.title && <p>{sentence(problem.detail)}</p>}
      {problem.hint && <p>{sentence(problem.hint)}</p>}
      {onRetry && (
        <button type="button" class="button small" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  )
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
