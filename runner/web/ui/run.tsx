// A run, live while it goes on: what is being built, what went wrong, and what can be done about it.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { get, post, Problem } from './lib/api'
import { on } from './lib/events'
import { seconds } from './lib/format'
import { inlined, mount } from './lib/island'
import { Gantt } from './run/gantt'
import { ErrorBox, Panel } from './run/panel'
import { NodeTable } from './run/table'
import { type Detail, failed, going, isTest, quiet, type RunNode, say } from './run/types'

function RunPage(props: Detail) {
  const [detail, setDetail] = useState<Detail>(props)
  const [selected, setSelected] = useState(props.first_failure ?? '')
  const chosen = useRef(false)
  const id = props.id

  const reload = async () => {
    const next = await get<Detail>(`/runs/${id}`)
    setDetail(next)
    if (!chosen.current) setSelected(next.first_failure ?? '')
  }
  useEffect(() => {
    let waiting = 0
    const soon = () => {
      clearTimeout(waiting)
      waiting = window.setTimeout(() => void reload().catch(() => undefined), 150)
    }
    const stops = [
      on<RunNode & { run_id: string }>('node', ({ run_id, ...node }) => {
        if (run_id === id) setDetail((old) => ({ ...old, nodes: withNode(old.nodes, node) }))
      }),
      on<Partial<Detail>>('run', (e) => {
        if (e.id === id) soon()
      }),
      on('reset', soon),
    ]
    if (going(props)) soon() // what happened since the page was made
    return () => stops.forEach((stop) => stop())
  }, [])

  const select = (next: string) => {
    chosen.current = true
    setSelected((old) => (old === next ? '' : next))
  }
  const critical = useMemo(() => new Set(detail.critical_path), [detail.critical_path])
  const node = detail.nodes.find((n) => n.id === selected)
  return (
    <>
      <Head run={detail} />
      {detail.error && <ErrorBox trouble={detail.error} />}
      <div class={node ? 'run-split open' : 'run-split'}>
        <Gantt run={detail} critical={critical} selected={selected} select={select} />
        {node && <Panel node={node} nodes={detail.nodes} close={() => select(node.id)} />}
      </div>
      <NodeTable nodes={detail.nodes} selected={selected} select={select} />
    </>
  )
}

function Head({ run }: { run: Detail }) {
  const [said, setSaid] = useState('')
  const [busy, setBusy] = useState(false)
  const running = going(run)
  const act = async (work: () => Promise<void>) => {
    setBusy(true)
    setSaid('')
    try {
      await work()
    } catch (error) {
      setSaid(error instanceof Problem ? [error.message, error.hint].filter(Boolean).join(' ') : String(error))
    }
    setBusy(false)
  }
  const cancel = () =>
    act(async () => {
      await post(`/runs/${run.id}/cancel`)
      setSaid('Asked to stop.')
    })
  const retry = (what: 'failed' | 'all') =>
    act(async () => {
      const { id } = await post<{ id: string }>(`/runs/${run.id}/retry`, { what })
      location.assign(`/runs/${id}`)
    })
  return (
    <div class="run-head">
      <p class="run-state" role="status">
        <span class={`badge ${run.status}`}>{say(run.status)}</span>{' '}
        <span>{summary(run)}</span>
      </p>
      <div class="actions">
        {running && <button type="button" class="button danger" disabled={busy} onClick={() => void cancel()}>Cancel</button>}
        {!running && run.can_retry && (
          <button type="button" class="button primary" disabled={busy} onClick={() => void retry('failed')}>Retry failed and downstream</button>
        )}
        {!running && <button type="button" class="button" disabled={busy} onClick={() => void retry('all')}>Run again</button>}
        <span class="muted" role="status">{said}</span>
      </div>
    </div>
  )
}

function summary(run: Detail): string {
  const { nodes } = run
  const n = (what: string, has: (n: RunNode) => boolean) => {
    const found = nodes.filter(has).length
    return found > 0 ? `${found} ${what}` : ''
  }
  const running = going(run)
  const parts = [
    running && run.stage ? run.stage : '',
    run.seconds === null ? '' : seconds(run.seconds),
    n('running', (x) => x.status === 'running'),
    n('built', (x) => x.status === 'success'),
    n('failed', failed),
    n('skipped', (x) => x.status === 'skipped'),
    n('with a warning', (x) => x.status === 'warn'),
    n('unchanged', (x) => x.status === 'reused'),
    n('tests passed', (x) => isTest(x) && quiet(x)),
    running ? '' : run.published ? 'published' : 'nothing published',
  ]
  return parts.filter(Boolean).join(' · ')
}

function withNode(nodes: RunNode[], node: RunNode): RunNode[] {
  const at = nodes.findIndex((n) => n.id === node.id)
  if (at < 0) return [...nodes, node]
  return nodes.map((n, i) => (i === at ? { ...node, sql: n.sql ?? node.sql } : n))
}

const detail = inlined<Detail>('run-data')
if (detail) mount('run', () => <RunPage {...detail} />)
