// What the API says of the overview.

import type { Table } from '../lib/api'
import type { Unit } from '../lib/format'

export interface Range {
  from: string
  to: string
}

export interface KPI {
  key: string
  label: string
  unit: Unit
  value: number
  previous: number | null
  delta_percent: number | null
  spark: (number | null)[]
}

export interface Overview {
  run_id: string
  range: Range
  previous: Range | null
  grain: 'day' | 'week' | 'month'
  kpis: KPI[]
  charts: {
    spend_by_platform: Table
    clicks_over_time: Table
    ctr_by_platform: Table
    sessions_pageviews: Table
    revenue_by_channel: Table
    ctr_trends: Table
  }
}

export interface Client {
  id: string
  name: string
}

export interface Choices {
  clients: Client[]
  platforms: string[]
  min_date: string
  max_date: string
}

export interface Attribution {
  run_id: string
  comparison: Table
  lift: Table
}
