// When each node was built: a row a node, in the order they began, with the critical path marked.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { seconds } from '../lib/format'
import { type Detail, failed, isTest, quiet, type RunNode, say } from './types'

interface Props {
  run: Detail
  critical: Set<string>
  selected: string
  select: (id: string) => void
}

export function Gantt({ run, critical, selected, select }: Props) {
  const rows = useRef<HTMLOListElement>(null)
  const now = useNow(run.status === 'running', run.now)
  const began = Date.parse(run.started)
  const from = (n: RunNode) => Math.max(0, (Date.parse(n.started ?? run.started) - began) / 1000)
  const long = (n: RunNode) => (n.status === 'running' ? Math.max(0, (now - began) / 1000 - from(n)) : (n.seconds ?? 0))
  const shown = run.nodes
    .filter((n) => n.started && (critical.has(n.id) || !(isTest(n) ? !failed(n) && n.status !== 'warn' && n.status !== 'running' : quiet(n) || n.status === 'skipped')))
    .sort((a, b) => from(a) - from(b))
  const end = Math.max(run.status === 'running' ? (now - began) / 1000 : 0, ...shown.map((n) => from(n) + long(n)), 0.1)
  useLayoutEffect(() => reveal(rows.current), [selected])
  if (shown.length === 0) {
    return <p class="muted">{run.status === 'running' ? `${run.stage || 'beginning'}…` : run.status === 'queued' ? 'Waits for the run before it to end.' : run.status === 'success' ? 'Nothing had to be built: all was up to date.' : 'Nothing was built.'}</p>
  }
  return (
    <figure class="gantt card">
      <div class="gantt-scale" aria-hidden="true">
        {ticks(end).map((t) => (
          <span key={t} style={{ left: `${(t / end) * 100}%` }}>{tick(t)}</span>
        ))}
      </div>
      <ol class="gantt-rows" ref={rows} tabIndex={0} aria-label="Nodes in the order they began">
        {shown.map((n) => (
          <li key={n.id}>
            <button
              type="button"
              class={`gantt-row ${n.status}${critical.has(n.id) ? ' critical' : ''}`}
              aria-pressed={n.id === selected}
              onClick={() => select(n.id)}
            >
              <span class="gantt-name">{critical.has(n.id) && <span class="mark" aria-hidden="true">◆</span>}{isTest(n) && <span class="muted">test </span>}{n.name}</span>
              <span class="gantt-track" aria-hidden="true">
                <span class="gantt-bar" style={{ left: `${(from(n) / end) * 100}%`, width: `${Math.max((long(n) / end) * 100, 0.3)}%` }} />
              </span>
              <span class="gantt-took">{failed(n) && <span class="sign error" aria-hidden="true">✕</span>}{n.status === 'warn' && <span class="sign warn" aria-hidden="true">!</span>}{seconds(long(n))}</span>
              <span class="visually-hidden">{say(n.status)}, began after {seconds(from(n))}{critical.has(n.id) ? ', on the critical path' : ''}</span>
            </button>
          </li>
        ))}
      </ol>
      {critical.size > 0 && (
        <figcaption class="muted small">
          <span class="mark">◆</span> critical path: what the whole run waited for, {seconds(run.critical_seconds)} of it
        </figcaption>
      )}
    </figure>
  )
}

/** reveal scrolls the list, and nothing around it, to the row that is selected. */
function reveal(list: HTMLElement | null): void {
  const row = list?.querySelector<HTMLElement>('[aria-pressed="true"]')
  if (!list || !row) return
  const above = row.getBoundingClientRect().top - list.getBoundingClientRect().top
  if (above < 0 || above > list.clientHeight - row.clientHeight) list.scrollTop += above - list.clientHeight / 2
}

/** useNow is the server's time, which goes on while something is running. */
function useNow(running: boolean, server: string): number {
  const [now, setNow] = useState(() => Date.parse(server))
  useEffect(() => {
    const ahead = Date.parse(server) - Date.now()
    setNow(Date.parse(server))
    if (!running) return
    const timer = setInterval(() => setNow(Date.now() + ahead), 500)
    return () => clearInterval(timer)
  }, [running, server])
  return now
}

/** ticks are three to six round moments up to end. */
function ticks(end: number): number[] {
  const rough = end / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((f) => f * power).find((s) => s >= rough) ?? rough
  const out = []
  for (let t = 0; t < end * 0.97; t += step) out.push(Number(t.toPrecision(6)))
  return out
}

function tick(t: number): string {
  return t < 120 ? `${t} s` : `${Math.round(t / 6) / 10} min`
}
