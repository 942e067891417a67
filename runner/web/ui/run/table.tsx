// The nodes of a run as a table, of which one kind at a time is shown.

import { useState } from 'preact/hooks'
import { count, none, seconds } from '../lib/format'
import { failed, isTest, quiet, type RunNode, say } from './types'

const groups: { key: string; label: string; has: (n: RunNode) => boolean }[] = [
  { key: 'changed', label: 'Built or failed', has: (n) => !quiet(n) },
  { key: 'failed', label: 'Failed', has: (n) => failed(n) || n.status === 'skipped' },
  { key: 'models', label: 'Nodes', has: (n) => !isTest(n) },
  { key: 'tests', label: 'Tests', has: isTest },
  { key: 'all', label: 'All', has: () => true },
]

export function NodeTable({ nodes, selected, select }: { nodes: RunNode[]; selected: string; select: (id: string) => void }) {
  const [group, setGroup] = useState('changed')
  const [search, setSearch] = useState('')
  const inGroup = groups.find((g) => g.key === group)?.has ?? (() => true)
  const shown = nodes.filter((n) => inGroup(n) && n.name.toLowerCase().includes(search.toLowerCase()))
  return (
    <section class="section">
      <h2>Nodes</h2>
      <div class="toolbar">
        <div class="segments" role="group" aria-label="Which nodes">
          {groups.map((g) => (
            <button key={g.key} type="button" aria-pressed={group === g.key} onClick={() => setGroup(g.key)}>
              {g.label} <span class="n">{count(nodes.filter(g.has).length)}</span>
            </button>
          ))}
        </div>
        <input type="search" data-search aria-label="Find a node" placeholder="Find a node" value={search} onInput={(e) => setSearch(e.currentTarget.value)} />
      </div>
      <div class="table-box tall" tabIndex={0} role="region" aria-label="Nodes of the run">
        <table class="nodes">
          <caption class="visually-hidden">Nodes of the run</caption>
          <thead>
            <tr>
              <th scope="col">Status</th>
              <th scope="col">Node</th>
              <th scope="col" class="number">Rows</th>
              <th scope="col" class="number">Took</th>
              <th scope="col">Why or what</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((n) => (
              <tr key={n.id} class={n.id === selected ? 'selected' : undefined}>
                <td><span class={`badge ${n.status}`}>{say(n.status)}</span></td>
                <th scope="row" class="name">
                  <button type="button" class="link" aria-pressed={n.id === selected} onClick={() => select(n.id)}>{n.name}</button>
                  <span class="muted small"> {n.kind.replace('_', ' ')}</span>
                </th>
                <td class="number">{n.rows === null ? none : count(n.rows)}</td>
                <td class="number">{n.seconds === null ? none : seconds(n.seconds)}</td>
                <td class="long">{n.error?.msg ?? [n.reason, n.message].filter(Boolean).join('; ')}</td>
              </tr>
            ))}
            {shown.length === 0 && <tr><td colSpan={5} class="muted">No node fits.</td></tr>}
          </tbody>
        </table>
      </div>
    </section>
  )
}
