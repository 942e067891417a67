import { useMemo } from 'preact/hooks'
import type { Cell, Table } from '../lib/api'
import { ChartCard, type Palette } from '../lib/chart'
import { type Unit, value, words } from '../lib/format'
import { bars, lines, type Named, type Over, period, type Series, stacked } from '../lib/plots'
import { lookOf, nameOf } from '../lib/series'
import type { Overview } from './types'

type Charts = Overview['charts']

/** ChartGrid is the six charts of the overview. */
export function ChartGrid({ overview }: { overview: Overview }) {
  const { charts, grain } = overview
  return (
    <div class="charts">
      <BarChart id="spend_by_platform" title="Spend by platform" table={charts.spend_by_platform} figure="spend_usd" unit="usd" />
      <TimeChart
        id="clicks_over_time"
        title="Clicks over time"
        table={charts.clicks_over_time}
        by="platform"
        figures={['clicks']}
        unit="count"
        grain={grain}
      />
      <BarChart
        id="ctr_by_platform"
        title="Click-through rate by platform"
        note="Clicks per 100 impressions"
        table={charts.ctr_by_platform}
        figure="ctr"
        unit="percent"
      />
      <TimeChart
        id="sessions_pageviews"
        title="Sessions and pageviews"
        table={charts.sessions_pageviews}
        figures={['sessions', 'pageviews']}
        unit="count"
        grain={grain}
      />
      <TimeChart
        id="revenue_by_channel"
        title="Attributed revenue by channel"
        note="As each source reports it, split over that day’s touchpoints"
        table={charts.revenue_by_channel}
        by="channel"
        figures={['attributed_revenue_usd']}
        unit="usd"
        grain={grain}
        stack
      />
      <TimeChart
        id="ctr_trends"
        title="CTR trend"
        note="Google and Facebook together, percent"
        table={charts.ctr_trends}
        figures={['ctr']}
        unit="percent"
        grain={grain}
      />
    </div>
  )
}

interface BarProps {
  id: keyof Charts
  title: string
  note?: string
  table: Table
  figure: string
  unit: Unit
}

function BarChart({ id, title, note, table, figure, unit }: BarProps) {
  const data = useMemo(() => named(table, figure), [table, figure])
  const option = useMemo(() => (p: Palette) => bars(p, data, unit), [data, unit])
  const summary = `${title}: ${data.map((d) => `${d.name} ${value(d.value, unit)}`).join(', ')}`
  return <ChartCard id={id} title={title} {...(note ? { note } : {})} summary={summary} table={table} option={option} />
}

interface TimeProps {
  id: keyof Charts
  title: string
  note?: string
  table: Table
  /** by is the column that tells series apart; without it each figure is a series. */
  by?: string
  figures: string[]
  unit: Unit
  grain: string
  stack?: boolean
}

function TimeChart({ id, title, note, table, by, figures, unit, grain, stack }: TimeProps) {
  const data = useMemo(() => over(table, by, figures, unit, grain), [table, grain])
  const option = useMemo(() => (p: Palette, width: number) => (stack ? stacked : lines)(p, data, width), [data, stack])
  return <ChartCard id={id} title={title} {...(note ? { note } : {})} summary={said(title, data)} table={table} option={option} />
}

function at(table: Table, name: string): number {
  return table.columns.findIndex((c) => c.name === name)
}

function number(v: Cell | undefined): number | null {
  return v === null || v === undefined ? null : Number(v)
}

/** named gives the bars with something to show. */
function named(table: Table, figure: string): Named[] {
  const f = at(table, figure)
  return table.rows
    .map((row, i) => ({ name: nameOf(String(row[0])), look: lookOf(String(row[0]), i), value: number(row[f]) }))
    .filter((d) => d.value !== null)
}

/** over turns long rows (date, platform, clicks) into a series each. A series that is 0 throughout is left out. */
function over(table: Table, by: string | undefined, figures: string[], unit: Unit, grain: string): Over {
  const dates = [...new Set(table.rows.map((row) => String(row[0])))]
  const place = new Map(dates.map((d, i) => [d, i]))
  const series = new Map<string, Series>()
  const grow = (key: string, name: string) => {
    const found = series.get(key) ?? { key, name, look: lookOf(key, series.size), values: dates.map(() => null) }
    series.set(key, found)
    return found
  }
  const split = by === undefined ? -1 : at(table, by)
  for (const row of table.rows) {
    for (const figure of figures) {
      const key = split < 0 ? figure : String(row[split])
      const s = grow(key, split < 0 ? words(figure) : nameOf(key))
      s.values[place.get(String(row[0])) ?? 0] = number(row[at(table, figure)])
    }
  }
  const all = [...series.values()]
  const alive = all.filter((s) => s.values.some((v) => v !== null && v !== 0))
  return { periods: dates, grain, unit, series: alive.length > 0 ? alive : all.slice(0, 1) }
}

/** said is what a screen reader says instead of a picture of series: extent and sum or mean. */
function said(title: string, data: Over): string {
  const first = data.periods[0]
  const last = data.periods.at(-1)
  if (!first || !last) return `${title}: nothing`
  const parts = data.series.map((s) => {
    const known = s.values.filter((v): v is number => v !== null)
    const sum = known.reduce((a, b) => a + b, 0)
    return data.unit === 'percent'
      ? `${s.name} between ${value(Math.min(...known), data.unit)} and ${value(Math.max(...known), data.unit)}`
      : `${s.name} ${value(sum, data.unit)} in all`
  })
  return `${title}, ${period(first, data.grain)} to ${period(last, data.grain)}: ${parts.join(', ')}`
}
