import { useMemo, useState } from 'preact/hooks'
import type { Cell, Table } from '../lib/api'
import { downloadCSV } from '../lib/download'
import { percent, short, usd } from '../lib/format'
import { nameOf } from '../lib/series'
import type { Attribution as Data } from './types'

/** Attribution shows what each model credits each channel with, and what can be said about cause. */
export function Attribution({ data }: { data: Data }) {
  return (
    <>
      {data.comparison.rows.length > 0 && <Comparison table={data.comparison} />}
      {data.lift.rows.length > 0 && <Lift table={data.lift} />}
    </>
  )
}

type Row = Record<string, Cell>

function records(table: Table): Row[] {
  return table.rows.map((row) => Object.fromEntries(table.columns.map((c, i) => [c.name, row[i] ?? null])))
}

const models: Record<string, string> = {
  source_reported: 'Source reported',
  first: 'First',
  last: 'Last',
  last_non_direct: 'Last non-direct',
  linear: 'Linear',
  position: 'Position',
  w_shaped: 'W-shaped',
  time_decay: 'Time decay',
}

function Comparison({ table }: { table: Table }) {
  const [share, setShare] = useState(true)
  const { channels, columns, cells } = useMemo(() => pivot(records(table)), [table])
  const strongest = Math.max(...[...cells.values()].map((c) => Number(c['share_percent'])), 1)
  return (
    <section class="card" id="attribution_comparison" aria-labelledby="comparison-title">
      <header class="card-head">
        <div>
          <h3 id="comparison-title">Attribution, channel by model</h3>
          <p class="muted small">The same revenue under every model, all data. Where a row varies little, the model hardly matters.</p>
        </div>
        <div class="chart-tools">
          <span class="segments small" role="group" aria-label="Show">
            <button type="button" aria-pressed={share} onClick={() => setShare(true)}>
              Share
            </button>
            <button type="button" aria-pressed={!share} onClick={() => setShare(false)}>
              US$
            </button>
          </span>
          <button type="button" class="button quiet small" onClick={() => downloadCSV('attribution_comparison', table)}>
            CSV
          </button>
        </div>
      </header>
      <div class="table-box flat" tabIndex={0} role="region" aria-label="Attribution, channel by model">
        <table class="heat">
          <caption class="visually-hidden">Attributed revenue of each channel under each attribution model</caption>
          <thead>
            <tr>
              <th scope="col">Channel</th>
              {columns.map((model) => (
                <th key={model} scope="col" class="number">
                  {models[model] ?? model}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {channels.map((channel) => (
              <tr key={channel}>
                <th scope="row">{nameOf(channel)}</th>
                {columns.map((model) => {
                  const c = cells.get(channel + ' ' + model)
                  const part = Number(c?.['share_percent'] ?? 0)
                  return (
                    <td key={model} class="number" title={c ? `${usd(Number(c['attributed_revenue']), false)}, ${percent(part, 1)}` : ''}>
                      <i style={{ width: `${Math.max(0, (part / strongest) * 100)}%` }} aria-hidden="true" />
                      <span>{c ? (share ? percent(part, 1) : short(Number(c['attributed_revenue']), 'usd')) : '–'}</span>
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function pivot(rows: Row[]): { channels: string[]; columns: string[]; cells: Map<string, Row> } {
  const cells = new Map(rows.map((r) => [`${r['channel']} ${r['model']}`, r]))
  const columns = [...new Set(rows.map((r) => String(r['model'])))]
  const order = Object.keys(models)
  columns.sort((a, b) => order.indexOf(a) - order.indexOf(b))
  return { channels: [...new Set(rows.map((r) => String(r['channel'])))].sort(byRevenue(rows)), columns, cells }
}

/** byRevenue puts the channel with most revenue over all models first, and what is unattributed last. */
function byRevenue(rows: Row[]): (a: string, b: string) => number {
  const sums = new Map<string, number>()
  for (const r of rows) {
    const key = String(r['channel'])
    sums.set(key, (sums.get(key) ?? 0) + (key === 'unattributed' ? 0 : Number(r['attributed_revenue'])))
  }
  return (a, b) => (sums.get(b) ?? 0) - (sums.get(a) ?? 0)
}

const verdicts: Record<string, string> = {
  higher: 'Higher',
  lower: 'Lower',
  no_difference_found: 'No difference found',
  insufficient_control: 'Too little to compare',
}

function Lift({ table }: { table: Table }) {
  const rows = useMemo(
    () => records(table).filter((r) => r['outcome'] === 'other' && r['method'] === 'client_fixed_effects'),
    [table],
  )
  const ends = rows.flatMap((r) => [r['ci_low'], r['ci_high']]).filter((v) => v !== null && v !== undefined).map(Number)
  const low = Math.min(0, ...ends)
  const high = Math.max(0, ...ends)
  return (
    <section class="card" id="lift" aria-labelledby="lift-title">
      <header class="card-head">
        <div>
          <h3 id="lift-title">Lift, with 95 % intervals</h3>
          <p class="muted small">
            US$ that a client earns more through other channels on days with the channel than on its own days without. Not an
            experiment: an interval across 0 says that chance explains it as well.
          </p>
        </div>
        <div class="chart-tools">
          <button type="button" class="button quiet small" onClick={() => downloadCSV('channel_lift', table)}>
            CSV
          </button>
        </div>
      </header>
      <div class="table-box flat" tabIndex={0} role="region" aria-label="Lift">
        <table class="lift">
          <caption class="visually-hidden">Lift of each channel with its 95 % interval</caption>
          <thead>
            <tr>
              <th scope="col">Channel</th>
              <th scope="col" class="number">
                Difference
              </th>
              <th scope="col" class="number">
                95 % interval
              </th>
              <th scope="col" class="picture">
                <span class="visually-hidden">Picture of the interval</span>
              </th>
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((r) => (
              <tr key={String(r['channel'])} title={String(r['caveat'] ?? '')}>
                <th scope="row">{nameOf(String(r['channel']))}</th>
                <td class="number">{money(r['diff'])}</td>
                <td class="number">{r['ci_low'] === null ? '–' : `${money(r['ci_low'])} to ${money(r['ci_high'])}`}</td>
                <td class="picture">{r['ci_low'] !== null && <Interval row={r} low={low} high={high} />}</td>
                <td>{verdicts[String(r['verdict'])] ?? String(r['verdict'])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function money(v: Cell | undefined): string {
  return v === null || v === undefined ? '–' : usd(Number(v), false)
}

/** Interval draws an interval on a scale that the rows share, with a line at 0. */
function Interval({ row, low, high }: { row: Row; low: number; high: number }) {
  const x = (v: Cell | undefined) => ((Number(v) - low) / (high - low || 1)) * 192 + 4
  return (
    <svg class="interval" viewBox="0 0 200 20" aria-hidden="true">
      <line class="zero" x1={x(0)} x2={x(0)} y1="0" y2="20" />
      <line x1={x(row['ci_low'])} x2={x(row['ci_high'])} y1="10" y2="10" />
      <line x1={x(row['ci_low'])} x2={x(row['ci_low'])} y1="6" y2="14" />
      <line x1={x(row['ci_high'])} x2={x(row['ci_high'])} y1="6" y2="14" />
      <circle cx={x(row['diff'])} cy="10" r="4" />
    </svg>
  )
}
