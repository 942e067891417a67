// The kinds of charts that the dashboard draws, as ECharts options.

import type { EChartsCoreOption } from 'echarts/core'
import { type Palette, tip } from './chart'
import { day, month, short, type Unit, value } from './format'
import type { Look } from './series'

/** Series is a line or a stack of bars over the same periods. */
export interface Series {
  key: string
  name: string
  look: Look
  values: (number | null)[]
}

export interface Over {
  periods: string[]
  grain: string
  unit: Unit
  series: Series[]
}

/** Named is a bar. */
export interface Named {
  name: string
  look: Look
  value: number | null
}

/** period says a period in words: 1 Dec 2024, week of 2 Dec 2024, Dec 2024. */
export function period(iso: string, grain: string): string {
  if (grain === 'month') return month(iso)
  return grain === 'week' ? `Week of ${day(iso)}` : day(iso)
}

function tick(iso: string, grain: string): string {
  return grain === 'month' ? month(iso) : day(iso, false)
}

interface Hovered {
  dataIndex: number
  seriesName: string
  value: number | null
  color: string
}

function tooltip(p: Palette): object {
  return {
    renderMode: 'html',
    transitionDuration: 0,
    confine: true,
    borderWidth: 0,
    padding: [8, 12],
    backgroundColor: p.surface,
    extraCssText: 'box-shadow: var(--shadow-high); border-radius: 6px',
    textStyle: { color: p.text, fontSize: 12, lineHeight: 18 },
  }
}

function shared(p: Palette, data: Over, width: number, legend: boolean): EChartsCoreOption {
  const wide = data.series.reduce((sum, s) => sum + 48 + s.name.length * 7, 0)
  const rows = legend ? Math.ceil(wide / width) : 0
  return {
    grid: { left: 8, right: 16, top: legend ? 18 + rows * 22 : 12, bottom: 4, containLabel: true },
    legend: {
      show: legend,
      top: 0,
      left: 0,
      padding: [3, 0],
      itemGap: 16,
      itemWidth: 24,
      itemHeight: 9,
      textStyle: { color: p.text },
      inactiveColor: p.line,
    },
    tooltip: {
      ...tooltip(p),
      trigger: 'axis',
      axisPointer: { type: 'line', lineStyle: { color: p.muted, type: 'solid', width: 1 } },
      formatter: (hovered: Hovered[]) =>
        tip(
          period(data.periods[hovered[0]?.dataIndex ?? 0] ?? '', data.grain),
          hovered.map((h) => ({ color: h.color, name: h.seriesName, value: value(h.value, data.unit) })),
        ),
    },
    xAxis: {
      type: 'category',
      data: data.periods,
      axisLine: { lineStyle: { color: p.line } },
      axisTick: { show: false },
      axisLabel: { color: p.muted, formatter: (iso: string) => tick(iso, data.grain), hideOverlap: true, margin: 10 },
    },
    yAxis: {
      type: 'value',
      splitNumber: 4,
      axisLabel: { color: p.muted, formatter: (n: number) => short(n, data.unit) },
      splitLine: { lineStyle: { color: p.line } },
    },
  }
}

/** lines draws series over time. Each has its own dash and, where points are few enough, its own shape. */
export function lines(p: Palette, data: Over, width: number): EChartsCoreOption {
  const marked = data.periods.length <= 16
  return {
    ...shared(p, data, width, data.series.length > 1),
    series: data.series.map((s) => ({
      type: 'line',
      name: s.name,
      data: s.values,
      color: p.of(s.look.color),
      symbol: s.look.symbol,
      symbolSize: 6,
      showSymbol: marked,
      lineStyle: { width: 2, type: s.look.dash },
      emphasis: { focus: 'series' },
    })),
  }
}

/** stacked draws parts of a whole over time, each part with a pattern of its own. */
export function stacked(p: Palette, data: Over, width: number): EChartsCoreOption {
  return {
    ...shared(p, data, width, true),
    aria: { enabled: true, label: { enabled: false }, decal: { show: true } },
    series: data.series.map((s, i) => ({
      type: 'bar',
      name: s.name,
      stack: 'all',
      data: s.values,
      color: p.of(s.look.color),
      barCategoryGap: data.periods.length > 60 ? '10%' : '25%',
      itemStyle: { decal: decals(p)[i % 4] },
      emphasis: { focus: 'series' },
    })),
  }
}

/** decals are faint patterns; the first is none. */
function decals(p: Palette): object[] {
  const color = p.surface.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.45)')
  return [
    { symbol: 'none' },
    { symbol: 'rect', color, dashArrayX: [1, 0], dashArrayY: [1, 4], rotation: Math.PI / 4 },
    { symbol: 'circle', color, dashArrayX: [[5, 5], [0, 5, 5, 0]], dashArrayY: [4, 0], symbolSize: 0.6 },
    { symbol: 'rect', color, dashArrayX: [1, 0], dashArrayY: [1, 5], rotation: -Math.PI / 4 },
  ]
}

/** bars draws one bar a name, with its name at the left and its value at its end. */
export function bars(p: Palette, data: Named[], unit: Unit): EChartsCoreOption {
  const all = [...data].reverse() // the first on top
  return {
    grid: { left: 8, right: 72, top: 8, bottom: 4, containLabel: true },
    tooltip: {
      ...tooltip(p),
      trigger: 'item',
      formatter: (h: Hovered & { name: string }) => tip(h.name, [{ color: h.color, name: '', value: value(h.value, unit) }]),
    },
    xAxis: {
      type: 'value',
      splitNumber: 4,
      axisLabel: { color: p.muted, formatter: (n: number) => short(n, unit), hideOverlap: true },
      splitLine: { lineStyle: { color: p.line } },
    },
    yAxis: {
      type: 'category',
      data: all.map((d) => d.name),
      axisLine: { lineStyle: { color: p.line } },
      axisTick: { show: false },
      axisLabel: { color: p.text, fontSize: 13, margin: 12 },
    },
    series: [
      {
        type: 'bar',
        barMaxWidth: 32,
        data: all.map((d) => ({ value: d.value, itemStyle: { color: p.of(d.look.color), borderRadius: [0, 3, 3, 0] } })),
        label: {
          show: true,
          position: 'right',
          color: p.text,
          formatter: (h: { value: number | null }) => value(h.value, unit),
        },
      },
    ],
  }
}
