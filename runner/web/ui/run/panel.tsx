// All that a run tells of one node.

import { count, seconds } from '../lib/format'
import { type Found, isTest, placeOf, type RunNode, say, type Trouble } from './types'

export function Panel({ node, nodes, close }: { node: RunNode; nodes: RunNode[]; close: () => void }) {
  const cause = nodes.find((n) => n.id === node.cause)
  return (
    <section class="card node-panel" aria-labelledby="node-name">
      <header>
        <h2 id="node-name"><span class={`badge ${node.status}`}>{say(node.status)}</span> {node.name}</h2>
        <button type="button" class="button quiet icon" aria-label="Close" onClick={close}>✕</button>
      </header>
      <dl class="facts">
        <dt>Kind</dt>
        <dd>{node.kind.replace('_', ' ')}</dd>
        {node.reason && <><dt>Why</dt><dd>{node.reason}</dd></>}
        {node.message && !node.error && <><dt>Result</dt><dd>{node.message}</dd></>}
        {cause && <><dt>Because of</dt><dd>{cause.name} ({say(cause.status)})</dd></>}
        {node.rows !== null && <><dt>{isTest(node) ? 'Failing rows' : 'Rows'}</dt><dd>{count(node.rows)}</dd></>}
        {!!node.rejected && <><dt>Rows set aside</dt><dd>{count(node.rejected)} (<code>raw._rejects</code> has them)</dd></>}
        {node.seconds !== null && <><dt>Took</dt><dd>{seconds(node.seconds)}</dd></>}
      </dl>
      {node.error && <ErrorBox trouble={node.error} />}
      {node.failure && <FailingRows found={node.failure} />}
      <p>
        <a href={isTest(node) ? `/tests/${encodeURIComponent(node.id)}` : `/models/${encodeURIComponent(node.id)}`}>
          {isTest(node) ? 'The test, with its failing rows and history' : 'The model, with its lineage and history'}
        </a>
      </p>
      {node.sql && (
        <details open={!!node.error}>
          <summary>Compiled SQL</summary>
          <pre class="sql" tabIndex={0}>{node.sql}</pre>
        </details>
      )}
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

function FailingRows({ found }: { found: Found }) {
  return (
    <>
      <div class="table-box" tabIndex={0} role="region" aria-label="Failing rows">
        <table class="grid">
          <caption>{found.sample.length < found.count ? `The first ${found.sample.length} of ${count(found.count)} failing rows` : 'The failing rows'}</caption>
          <thead>
            <tr>{found.columns.map((c) => <th key={c} scope="col">{c}</th>)}</tr>
          </thead>
          <tbody>
            {found.sample.map((row, i) => <tr key={i}>{row.map((v, j) => <td key={j}>{v}</td>)}</tr>)}
          </tbody>
        </table>
      </div>
      <p><a href={`/sql?q=${encodeURIComponent(found.query)}`}>Their query in the SQL console</a></p>
    </>
  )
}
