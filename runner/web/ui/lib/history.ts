// The reader's own queries, kept by the browser and by nobody else.

export interface Past {
  sql: string
  at: string
}

const key = 'sql-history'
const most = 50

export function pastQueries(): Past[] {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? '[]') as unknown
    return Array.isArray(kept) ? (kept as Past[]).filter((p) => typeof p.sql === 'string') : []
  } catch {
    return []
  }
}

/** keepQuery puts a query first; an equal one from before goes. */
export function keepQuery(sql: string): Past[] {
  const kept = [{ sql, at: new Date().toISOString() }, ...pastQueries().filter((p) => p.sql !== sql)].slice(0, most)
  store(kept)
  return kept
}

export function forgetQueries(): void {
  store([])
}

function store(kept: Past[]): void {
  try {
    localStorage.setItem(key, JSON.stringify(kept))
  } catch {
    // A browser that keeps nothing has no history.
  }
}
