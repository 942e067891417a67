// All that a run tells of one node.

import { useEffect, useState } from 'preact/hooks'
import { get } from '../lib/api'
import { count, seconds } from '../lib/format'
import { isTest, placeOf, type Run, type RunNode, type Trouble } from './types'

export function Panel({ run, node, nodes, close }: { run: Run; node: RunNode; nodes: RunNode[]; close: () => void }) {
  const cause = nodes.find((n) => n.id === node.cause)
  return (
    <section class="card node-panel" aria-labelledby="node-name">
      <header>
        <h2 id="node-name"><span class={`badge ${node.status}`}>{node.status}</span> {node.name}</h2>
        <button type="button" class="button quiet icon" aria-label="Close" onClick={close}>✕</button>
      </header>
      <dl class="facts">
        <dt>Kind</dt>
        <dd>{node.kind.replace('_', ' ')}</dd>
        {node.reason && <><dt>Why</dt><dd>{node.reason}</dd></>}
        {node.message && !node.error && <><dt>Result</dt><dd>{node.message}</dd></>}
        {cause && <><dt>Because of</dt><dd>{cause.name} ({cause.status})</dd></>}
        {node.rows >= 0 && node.status !== 'running' && <><dt>{isTest(node) ? 'Failing rows' : 'Rows'}</dt><dd>{count(node.rows)}</dd></>}
        {!!node.rejected && <><dt>Rows set aside</dt><dd>{count(node.rejected)} (<code>raw._rejects</code> has them)</dd></>}
        {node.status !== 'running' && <><dt>Took</dt><dd>{seconds(node.seconds)}</dd></>}
      </dl>
      {node.error && <ErrorBox trouble={node.error} />}
      <p>
        <a href={isTest(node) ? `/tests/${encodeURIComponent(node.id)}` : `/models/${encodeURIComponent(node.id)}`}>
          {isTest(node) ? 'The test, with its failing rows and history' : 'The model, with its lineage and history'}
        </a>
      </p>
      <CompiledSQL run={run} node={node} />
    </section>
  )
}

export function ErrorBox({ trouble }: { trouble: Trouble }) {
  const place = placeOf(trouble)
  return (
    <div class="problem">
      {place && <p class="mono">{place}</p>}
      <p class="what">{trouble.msg}</p>
      {trouble.excerpt && <pre tabIndex={0}>{trouble.excerpt}</pre>}
      {trouble.hint && <p class="hint">{trouble.hint}</p>}
    </div>
  )
}

/** CompiledSQL shows what the run sent, if the run kept it. */
function CompiledSQL({ run, node }: { run: Run; node: RunNode }) {
  const [sql, setSQL] = useState(node.sql ?? '')
  useEffect(() => {
    setSQL(node.sql ?? '')
    if (node.sql || node.status === 'reused') return
    const controller = new AbortController()
    get<{ sql: string }>(`/runs/${run.id}/sql`, { node: node.id }, controller.signal).then((found) => setSQL(found.sql), () => undefined)
    return () => controller.abort()
  }, [node.id, node.status])
  if (!sql) return null
  return (
    <details open={!!node.error}>
      <summary>Compiled SQL</summary>
      <pre class="sql" tabIndex={0}>{sql}</pre>
    </details>
  )
}
