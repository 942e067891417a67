// The overview: filters, key figures, charts, attribution and a look at the rows, all of what the address says.

import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Attribution } from './dashboard/attribution'
import { ChartGrid } from './dashboard/charts'
import { address, type Filter, params, read } from './dashboard/filter'
import { Filters, RangeLine } from './dashboard/filters'
import { Tiles } from './dashboard/tiles'
import type { Attribution as AttributionData, Choices, Overview } from './dashboard/types'
import { get, isAbort, query, type Table } from './lib/api'
import { inlined, mount } from './lib/island'
import { ProblemBox } from './lib/problem'
import { DataTable } from './lib/table'

interface View {
  overview: Overview | null
  error: unknown
  busy: boolean
}

const nothing: Choices = { clients: [], platforms: [], min_date: '', max_date: '' }

function Dashboard() {
  const [filter, setFilter] = useState<Filter>(() => read(location.search))
  const [view, setView] = useState<View>(() => ({ overview: inlined<Overview>('overview') ?? null, error: null, busy: false }))
  const choices = useMemo(() => inlined<Choices>('meta') ?? nothing, [])
  const asked = useRef<AbortController | null>(null)

  const load = useCallback(async (next: Filter) => {
    asked.current?.abort()
    const control = new AbortController()
    asked.current = control
    setView((v) => ({ ...v, busy: true }))
    try {
      const found = await get<Overview>('/dashboard', params(next), control.signal)
      setView({ overview: found, error: null, busy: false })
    } catch (error) {
      if (!isAbort(error)) setView((v) => ({ ...v, error, busy: false }))
    }
  }, [])

  const show = useCallback(
    (next: Filter) => {
      setFilter(next)
      void load(next)
    },
    [load],
  )

  useEffect(() => {
    const back = () => show(read(location.search))
    addEventListener('popstate', back)
    return () => removeEventListener('popstate', back)
  }, [show])

  const change = (part: Partial<Filter>) => {
    const next = { ...filter, ...part }
    history.pushState(null, '', address(next))
    show(next)
  }

  const shown = view.overview
  const range = shown?.range ?? { from: choices.min_date, to: choices.max_date }
  return (
    <div class="dashboard" data-run={shown?.run_id} aria-busy={view.busy}>
      <Filters filter={filter} choices={choices} range={range} onChange={change} />
      <RangeLine
        filter={filter}
        range={range}
        previous={shown?.previous ?? null}
        onChange={change}
        onReset={() => change(read(''))}
      />
      {view.error ? <ProblemBox error={view.error} onRetry={() => void load(filter)} /> : null}
      {shown && (
        <div class={view.busy ? 'busy' : undefined}>
          <Tiles kpis={shown.kpis} previous={shown.previous} />
          <ChartGrid overview={shown} />
        </div>
      )}
      <Lower filter={filter} />
    </div>
  )
}

/** Lower is what comes below the charts, asked for after them. */
function Lower({ filter }: { filter: Filter }) {
  const attribution = useMemo(() => inlined<AttributionData>('attribution'), [])
  const [rows, setRows] = useState<Table | undefined>(() => inlined<Table>('preview'))
  const [error, setError] = useState<unknown>()
  const first = useRef(filter)
  useEffect(() => {
    if (filter === first.current) return // the page brought its rows along
    const control = new AbortController()
    get<Table>('/dashboard/preview', params(filter), control.signal).then(setRows, (e: unknown) => {
      if (!isAbort(e)) setError(e)
    })
    return () => control.abort()
  }, [filter])
  return (
    <>
      {attribution && (
        <section class="section" aria-labelledby="attribution-title">
          <h2 id="attribution-title">Attribution</h2>
          <div class="stack">
            <Attribution data={attribution} />
          </div>
        </section>
      )}
      {rows && (
        <section class="section" id="preview" aria-labelledby="preview-title">
          <div class="card-head">
            <h2 id="preview-title">Touchpoints</h2>
            <a href={'/sql' + query({ q: 'select * from marketing_analytics limit 100' })}>Query all of them</a>
          </div>
          <DataTable table={rows} caption={`The latest ${rows.rows.length} touchpoints of this selection`} tall />
        </section>
      )}
      {error ? <ProblemBox error={error} /> : null}
    </>
  )
}

mount('dashboard', Dashboard)
