// Requests to /api/v1. What goes wrong arrives as a Problem, in the server's words.

/** Column of a table, as the API gives it. */
export interface Column {
  name: string
  type: string
  description?: string
}

/** What a cell can hold: decimals that a double cannot hold come as text, dates as ISO text. */
export type Cell = string | number | boolean | null

/** Table is what every endpoint with rows gives. */
export interface Table {
  columns: Column[]
  rows: Cell[][]
  total?: number
}

/** Problem is an RFC 9457 answer, or a failure to reach the server at all. */
export class Problem extends Error {
  constructor(
    readonly title: string,
    readonly detail: string,
    readonly hint: string,
    readonly status: number,
    /** line and column are the place in what was sent, from 1; 0 where unknown. */
    readonly line = 0,
    readonly column = 0,
    readonly excerpt = '',
  ) {
    super(detail || title)
  }
}

type Params = Record<string, string | number | readonly string[] | undefined>

/** query makes the search part of an address, with its parameters in the order given and empty ones left out. */
export function query(params: Params): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(params)) {
    if (value === undefined || value === '') continue
    for (const item of Array.isArray(value) ? value : [value]) search.append(key, String(item))
  }
  const text = search.toString()
  return text === '' ? '' : '?' + text
}

export async function get<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  return answer<T>(await reach('/api/v1' + path + query(params), { signal: signal ?? null }))
}

export async function post<T>(path: string, body: unknown = {}, signal?: AbortSignal): Promise<T> {
  return answer<T>(await send(path, body, signal))
}

/** send posts JSON and gives the raw response of a success, for answers that are streamed. */
export async function send(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  return reach('/api/v1' + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal: signal ?? null,
  })
}

/** isAbort tells whether a request ended because we gave it up. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

async function reach(address: string, init: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await fetch(address, init)
  } catch (error) {
    if (isAbort(error)) throw error
    throw new Problem('The server does not answer', 'The server does not answer.', 'Is `elt serve` still running?', 0)
  }
  if (response.ok) return response
  throw await problemOf(response)
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const said = (await response.json()) as {
      title?: string
      detail?: string
      hint?: string
      line?: number
      column?: number
      excerpt?: string
      errors?: { message: string; location?: string }[]
    }
    const more = (said.errors ?? []).map((e) => (e.location ? `${e.location}: ${e.message}` : e.message)).join('; ')
    const detail = [said.detail, more].filter(Boolean).join(': ')
    const { title = response.statusText, hint = '', line, column, excerpt } = said
    return new Problem(title, detail, hint, response.status, line, column, excerpt)
  } catch {
    return new Problem(response.statusText || 'Request failed', `The server answered ${response.status}.`, '', response.status)
  }
}

async function answer<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T
  return (await response.json()) as T
}
