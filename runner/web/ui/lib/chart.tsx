// A chart with what belongs to it: title, its numbers as a table, CSV and PNG. Draws with ECharts, which is loaded when the
// first chart is shown, so that the page's figures need not wait for it.

import type { ECharts, EChartsCoreOption } from 'echarts/core'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Table } from './api'
import { downloadCSV, downloadPNG } from './download'
import { DataTable } from './table'
import { color, onTheme } from './theme'

/** Palette is what a chart may draw with, in the current theme. */
export interface Palette {
  text: string
  muted: string
  line: string
  surface: string
  of: (variable: string) => string
}

interface Props {
  id: string
  title: string
  /** note says below the title what exactly is counted. */
  note?: string
  /** summary is what a screen reader says instead of the picture. */
  summary: string
  table: Table
  option: (palette: Palette, width: number) => EChartsCoreOption
  height?: number
}

export function ChartCard({ id, title, note, summary, table, option, height = 264 }: Props) {
  const [asTable, setAsTable] = useState(false)
  const drawing = useRef<HTMLDivElement>(null)
  const empty = table.rows.length === 0
  const png = () => {
    const svg = drawing.current?.querySelector('svg')
    if (svg) void downloadPNG(id, svg, color('--surface'))
  }
  return (
    <section class="card chart" id={id} aria-labelledby={id + '-title'}>
      <header>
        <div>
          <h3 id={id + '-title'}>{title}</h3>
          {note && <p class="muted small">{note}</p>}
        </div>
        <div class="chart-tools" role="group" aria-label={`${title}: ways to take it along`}>
          <button type="button" class="button quiet small" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            Table
          </button>
          <button type="button" class="button quiet small" disabled={empty} onClick={() => downloadCSV(id, table)}>
            CSV
          </button>
          <button type="button" class="button quiet small" disabled={empty || asTable} onClick={png}>
            PNG
          </button>
        </div>
      </header>
      {empty ? (
        <p class="chart-empty muted">Nothing in this range. Choose other dates, clients or platforms.</p>
      ) : asTable ? (
        <div class="chart-table" style={{ height: `${height}px` }}>
          <DataTable table={table} caption={title} captionHidden />
        </div>
      ) : (
        <Drawing box={drawing} option={option} summary={summary} height={height} />
      )}
    </section>
  )
}

interface DrawingProps {
  box: { current: HTMLDivElement | null }
  option: Props['option']
  summary: string
  height: number
}

function Drawing({ box, option, summary, height }: DrawingProps) {
  const chart = useRef<ECharts | null>(null)
  const latest = useRef(option)
  latest.current = option

  const draw = () => {
    if (!chart.current || !box.current) return
    chart.current.setOption({ ...base(), ...latest.current(palette(), box.current.clientWidth) }, { notMerge: true })
  }

  useEffect(() => {
    let gone = false
    let watch: ResizeObserver | undefined
    void import('echarts/core').then(({ init }) => {
      if (gone || !box.current) return
      chart.current = init(box.current, null, { renderer: 'svg' })
      draw()
      watch = new ResizeObserver(() => {
        chart.current?.resize()
        draw()
      })
      watch.observe(box.current)
    })
    const forget = onTheme(draw)
    return () => {
      gone = true
      forget()
      watch?.disconnect()
      chart.current?.dispose()
    }
  }, [])
  useEffect(draw, [option])

  return <div class="drawing" ref={box} role="img" aria-label={summary} style={{ height: `${height}px` }} />
}

function palette(): Palette {
  return { text: color('--text'), muted: color('--muted'), line: color('--line'), surface: color('--surface'), of: color }
}

/** base is what all charts have in common. */
function base(): EChartsCoreOption {
  return {
    animation: false, // figures are there at once
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 },
  }
}

/** TipLine is one line of a tooltip. */
export interface TipLine {
  color?: string
  name: string
  value: string
}

/** tip builds a tooltip from elements: text with styles in it is not allowed here. */
export function tip(title: string, lines: TipLine[]): HTMLElement {
  const box = document.createElement('div')
  box.className = 'tip'
  const head = document.createElement('strong')
  head.textContent = title
  box.append(head)
  for (const line of lines) {
    const row = document.createElement('div')
    const mark = document.createElement('i')
    if (line.color) mark.style.background = line.color
    const name = document.createElement('span')
    name.textContent = line.name
    const value = document.createElement('b')
    value.textContent = line.value
    row.append(mark, name, value)
    box.append(row)
  }
  return box
}
