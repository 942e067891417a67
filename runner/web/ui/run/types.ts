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

export interface RunNode {
  id: string
  kind: string
  name: string
  action?: string
  status: string
  reason?: string
  upstream?: string[]
  started?: string
  seconds: number
  rows: number
  rejected?: number
  message?: string
  cause?: string
  error?: Trouble | null
  sql?: string
}

export interface Run {
  id: string
  command: string
  args?: string[]
  trigger: string
  status: string
  started: string
  seconds: number
  published: boolean
  stage?: string
  error?: Trouble | null
  changed?: string[]
}

export interface Detail {
  run: Run
  nodes: RunNode[]
  critical_path: string[]
}

export const failed = (n: RunNode) => n.status === 'error' || n.status === 'fail'
export const isTest = (n: RunNode) => n.kind === 'test' || n.kind === 'unit_test'
/** quiet nodes are what a reader seldom asks for: nothing was done, or all is well. */
export const quiet = (n: RunNode) => n.status === 'reused' || n.status === 'pass'

/** placeOf is file:line:col, as far as known. */
export function placeOf(t: Trouble): string {
  return [t.file, t.line, t.col].filter(Boolean).join(':')
}
