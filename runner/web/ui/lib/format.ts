// Numbers, money, dates and times as people read them, everywhere the same.

import type { Cell } from './api'

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const upTo2 = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 })
const fixed2 = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })
const three = new Intl.NumberFormat('en-US', { notation: 'compact', minimumSignificantDigits: 3, maximumSignificantDigits: 3 })
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

export type Unit = 'usd' | 'count' | 'percent' | 'ratio' | 'text'

/** none stands where there is no value. */
export const none = '–'

export function count(n: number): string {
  return Math.abs(n) < 100 && !Number.isInteger(n) ? upTo2.format(n) : whole.format(n)
}

export function usd(n: number, cents = Math.abs(n) < 1000): string {
  const text = cents && !Number.isInteger(n) ? fixed2.format(Math.abs(n)) : whole.format(Math.abs(n))
  return (n < 0 ? '−$' : '$') + text
}

export function percent(n: number, digits = 2): string {
  return `${n.toFixed(digits).replace('-', '−')}%`
}

/** value formats a number in its unit. */
export function value(n: number | null | undefined, unit: Unit): string {
  if (n === null || n === undefined || Number.isNaN(n)) return none
  switch (unit) {
    case 'usd':
      return usd(n)
    case 'percent':
      return percent(n)
    case 'ratio':
      return upTo2.format(n)
    default:
      return count(n)
  }
}

/** headline is for tiles: three digits that count, 1.20M, $340K. */
export function headline(n: number, unit: Unit): string {
  if (unit === 'percent') return percent(n)
  const text = Math.abs(n) < 1000 ? count(Math.abs(n)) : three.format(Math.abs(n))
  return (n < 0 ? '−' : '') + (unit === 'usd' ? '$' : '') + text
}

/** short is for axes: 1.2M, $340K. */
export function short(n: number, unit: Unit): string {
  switch (unit) {
    case 'usd':
      return (n < 0 ? '−$' : '$') + (Math.abs(n) < 1000 ? upTo2.format(Math.abs(n)) : compact.format(Math.abs(n)))
    case 'percent':
      return `${upTo2.format(n)}%`
    default:
      return Math.abs(n) < 1000 ? upTo2.format(n) : compact.format(n)
  }
}

/** delta is a change in percent, with its sign. */
export function delta(n: number): string {
  const digits = Math.abs(n) < 10 ? 1 : 0
  return `${n > 0 ? '+' : n < 0 ? '−' : ''}${Math.abs(n).toFixed(digits)}%`
}

/** day formats an ISO date: 1 Dec 2024, or 1 Dec without its year. */
export function day(iso: string, year = true): string {
  const [y, m, d] = iso.slice(0, 10).split('-').map(Number)
  if (!y || !m || !d) return iso
  return `${d} ${months[m - 1]}${year ? ` ${y}` : ''}`
}

/** month formats an ISO date as its month: Dec 2024. */
export function month(iso: string): string {
  const [y, m] = iso.split('-').map(Number)
  return y && m ? `${months[m - 1]} ${y}` : iso
}

/** moment formats an instant in the reader's own time zone: 1 Dec 2024, 14:05. */
export function moment(iso: string): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return iso
  const pad = (n: number) => String(n).padStart(2, '0')
  return `${at.getDate()} ${months[at.getMonth()]} ${at.getFullYear()}, ${pad(at.getHours())}:${pad(at.getMinutes())}`
}

/** ago says how long ago an instant was: 5 min ago. */
export function ago(iso: string, now = Date.now()): string {
  const seconds = Math.round((now - new Date(iso).getTime()) / 1000)
  if (Number.isNaN(seconds)) return iso
  if (seconds < 45) return 'just now'
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`
  if (seconds < 86400 * 14) return `${Math.round(seconds / 86400)} d ago`
  return moment(iso)
}

/** seconds formats a duration: 0.34 s, 12.3 s, 2 min 5 s, 1 h 4 min. */
export function seconds(n: number): string {
  if (n < 10) return `${n.toFixed(2)} s`
  if (n < 60) return `${n.toFixed(1)} s`
  if (n < 3600) return `${Math.floor(n / 60)} min ${Math.floor(n % 60)} s`
  return `${Math.floor(n / 3600)} h ${Math.floor((n % 3600) / 60)} min`
}

export function bytes(n: number): string {
  for (const unit of ['B', 'kB', 'MB']) {
    if (n < 1000) return `${unit === 'B' ? n : n.toFixed(1)} ${unit}`
    n /= 1000
  }
  return `${n.toFixed(1)} GB`
}

/** cell formats a value of a table by its column: money by its name, numbers by their type. */
export function cell(v: Cell, column: { name: string; type: string }): string {
  if (v === null) return none
  if (typeof v === 'boolean') return v ? 'yes' : 'no'
  if (!isNumeric(column.type)) return String(v)
  const n = typeof v === 'number' ? v : Number(v)
  if (Number.isNaN(n)) return String(v)
  switch (unitOf(column.name)) {
    case 'usd':
      return usd(n, true)
    case 'percent':
      return percent(n)
    default:
      return Number.isInteger(n) ? whole.format(n) : fixed2.format(n)
  }
}

/** isNumeric tells whether values of an SQL type are numbers, which stand at the right. */
export function isNumeric(type: string): boolean {
  return /^(u?(tiny|small|big|huge)?int(eger)?|decimal|numeric|double|float|real|number)\b/i.test(type)
}

/** unitOf guesses from a column's name what its numbers count. */
export function unitOf(name: string): Unit {
  if (/(^|_)(usd|spend|revenue|cost|cpc|cpm)(_|$)/.test(name) && !/roi|roas|share|ratio|days|percent/.test(name)) return 'usd'
  if (/(^|_)(ctr|roi|percent|pct)(_|$)/.test(name)) return 'percent'
  return 'count'
}

/** words turns an identifier into words: google_ads → Google Ads, ctr → CTR. */
export function words(name: string): string {
  return name
    .split('_')
    .map((w) => (/^(ctr|cpc|cpm|roi|roas|usd|id|sql)$/.test(w) ? w.toUpperCase() : w.charAt(0).toUpperCase() + w.slice(1)))
    .join(' ')
}
