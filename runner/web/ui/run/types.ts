// What the API tells of a run.

export interface Trouble {
  code?: string
  file?: string
  line?: number
  col?: number
  msg: string
  excerpt?: string
  hint?: string
}

export interface Found {
  count: number
  columns: string[]
  sample: string[][]
  query: string
}

/** RunNode is a node or test; started and what follows from it are null for what was not begun. */
export interface RunNode {
  id: string
  kind: string
  name: string
  action?: string
  status: string
  reason?: string
  upstream?: string[]
  started: string | null
  seconds: number | null
  rows: number | null
  rejected?: number
  message?: string
  cause?: string
  error?: Trouble | null
  failure?: Found | null
  sql?: string
}

export interface Detail {
  id: string
  status: string
  command: string
  trigger: string
  started: string
  seconds: number | null
  published: boolean
  stage?: string
  error?: Trouble | null
  nodes: RunNode[]
  critical_path: string[]
  critical_seconds: number
  first_failure?: string
  has_journal: boolean
  can_retry: boolean
  now: string
}

export const failed = (n: RunNode) => n.status === 'error' || n.status === 'fail'
export const isTest = (n: RunNode) => n.kind === 'test' || n.kind === 'unit_test'
/** quiet nodes are what a reader seldom asks for: nothing was done, or all is well. */
export const quiet = (n: RunNode) => n.status === 'reused' || n.status === 'pass'
export const going = (d: Detail) => d.status === 'running' || d.status === 'queued'

/** say is a status in words. */
export const say = (status: string) => status.replace('_', ' ')

/** placeOf is file:line:col, as far as known. */
export function placeOf(t: Trouble): string {
  return [t.file, t.line, t.col].filter(Boolean).join(':')
}
