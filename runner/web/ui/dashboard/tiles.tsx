import { day, delta, headline, value } from '../lib/format'
import type { KPI, Range } from './types'

/** Whether more of a figure is good news. More spend is neither good nor bad. */
const wanted: Record<string, boolean> = { clicks: true, impressions: true, sessions: true, attributed_revenue: true }

export function Tiles({ kpis, previous }: { kpis: KPI[]; previous: Range | null }) {
  return (
    <ul class="tiles" aria-label="Key figures">
      {kpis.map((kpi) => (
        <Tile key={kpi.key} kpi={kpi} previous={previous} />
      ))}
    </ul>
  )
}

function Tile({ kpi, previous }: { kpi: KPI; previous: Range | null }) {
  return (
    <li class="card tile" data-kpi={kpi.key}>
      <span class="tile-label">{kpi.label}</span>
      <strong class="tile-value" title={value(kpi.value, kpi.unit)}>
        {headline(kpi.value, kpi.unit)}
      </strong>
      <span class="tile-foot">
        {previous && <Change kpi={kpi} previous={previous} />}
        <Spark values={kpi.spark} />
      </span>
    </li>
  )
}

function Change({ kpi, previous }: { kpi: KPI; previous: Range }) {
  const change = kpi.delta_percent
  const before = `${value(kpi.previous, kpi.unit)} from ${day(previous.from)} to ${day(previous.to)}`
  if (change === null) {
    return (
      <span class="change" title={before}>
        no data before
      </span>
    )
  }
  const mood = !wanted[kpi.key] || change === 0 ? '' : change > 0 ? 'good' : 'bad'
  return (
    <span class={`change ${mood}`} title={'Before: ' + before}>
      <span aria-hidden="true">{change > 0 ? '▲' : change < 0 ? '▼' : '='}</span> {delta(change)}
    </span>
  )
}

const width = 96
const height = 28

/** Spark is the course of a figure, without scales. */
function Spark({ values }: { values: (number | null)[] }) {
  const known = values.filter((v): v is number => v !== null)
  if (known.length < 2) return null
  const top = Math.max(...known)
  const bottom = Math.min(...known)
  const x = (i: number) => (i / (values.length - 1)) * (width - 4) + 2
  const y = (v: number) => height - 2 - ((v - bottom) / (top - bottom || 1)) * (height - 4)
  let line = ''
  values.forEach((v, i) => {
    if (v === null) return
    const open = i === 0 || values[i - 1] === null
    line += `${open ? 'M' : 'L'}${x(i).toFixed(1)} ${y(v).toFixed(1)}`
  })
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={line} />
    </svg>
  )
}
