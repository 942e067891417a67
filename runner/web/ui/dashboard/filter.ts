// What the overview shows is what its address says, and nothing else: the same address is the same view.

import { query } from '../lib/api'

export interface Filter {
  clients: string[]
  platforms: string[]
  /** from and to are ISO dates, both included; both empty: the last 30 days with data. */
  from: string
  to: string
  grain: 'day' | 'week' | 'month'
  compare: 'previous' | 'none'
}

export function read(search: string): Filter {
  const params = new URLSearchParams(search)
  const one = <T extends string>(key: string, known: readonly T[], otherwise: T): T => {
    const found = params.get(key) as T | null
    return found !== null && known.includes(found) ? found : otherwise
  }
  return {
    clients: params.getAll('client'),
    platforms: params.getAll('platform'),
    from: params.get('from') ?? '',
    to: params.get('to') ?? '',
    grain: one('grain', ['day', 'week', 'month'], 'day'),
    compare: one('compare', ['previous', 'none'], 'previous'),
  }
}

/** params are what address and API are asked with; what is usual is left out. */
export function params(f: Filter) {
  return {
    client: f.clients,
    platform: f.platforms,
    from: f.from,
    to: f.to,
    grain: f.grain === 'day' ? '' : f.grain,
    compare: f.compare === 'previous' ? '' : f.compare,
  }
}

export function address(f: Filter): string {
  return '/' + query(params(f))
}

/** isUsual tells whether nothing is filtered. */
export function isUsual(f: Filter): boolean {
  return address(f) === '/'
}

/** addDays moves an ISO date. */
export function addDays(iso: string, days: number): string {
  const at = new Date(iso + 'T00:00:00Z')
  at.setUTCDate(at.getUTCDate() + days)
  return at.toISOString().slice(0, 10)
}

export interface Preset {
  label: string
  from: string
  to: string
}

/** presets are the ranges to pick from, counted back from the last day with data. */
export function presets(min: string, max: string): Preset[] {
  if (!min || !max) return []
  const back = (label: string, days: number): Preset => ({ label, from: addDays(max, 1 - days), to: max })
  return [
    back('Last 7 days', 7),
    { label: 'Last 30 days', from: '', to: '' },
    back('Last 90 days', 90),
    { label: 'Month to date', from: max.slice(0, 8) + '01', to: max },
    { label: 'All', from: min, to: max },
  ]
}
