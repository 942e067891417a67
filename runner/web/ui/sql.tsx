// The SQL console: an editor, its answer, and the queries of before. A query is part of the page's address.

import { useEffect, useRef, useState } from 'preact/hooks'
import { type Column, get, isAbort, post, Problem, send, type Table } from './lib/api'
import { download } from './lib/download'
import { type Editor, makeEditor, type Tables } from './lib/editor'
import { ago, bytes, count, isNumeric } from './lib/format'
import { forgetQueries, keepQuery, type Past, pastQueries } from './lib/history'
import { inlined, mount } from './lib/island'
import { DataTable } from './lib/table'

interface Answer extends Table {
  truncated: boolean
  elapsed_ms: number
}

interface Relation {
  schema: string
  name: string
  /** bare tells that the name alone will do. */
  bare: boolean
  columns: Column[]
}

/** limit is how many rows an answer has at most; the CSV has all of them. */
const limit = 1000

type Outcome =
  | { kind: 'none' }
  | { kind: 'running'; what: string }
  | { kind: 'rows'; answer: Answer; sql: string }
  | { kind: 'plan'; text: string; ms: number }
  | { kind: 'said'; text: string }
  | { kind: 'problem'; problem: Problem }

function Console({ q }: { q?: string }) {
  const place = useRef<HTMLDivElement>(null)
  const editor = useRef<Editor>(undefined)
  const running = useRef<AbortController>(undefined)
  const [outcome, setOutcome] = useState<Outcome>({ kind: 'none' })
  const [past, setPast] = useState<Past[]>(pastQueries)
  const [schema, setSchema] = useState<Relation[]>([])

  /** attempt does one thing at a time, which cancel can end. */
  const attempt = async (what: string, work: (sql: string, signal: AbortSignal) => Promise<Outcome>) => {
    const sql = editor.current?.text().trim().replace(/;\s*$/, '') ?? ''
    if (sql === '' || running.current) return
    const controller = new AbortController()
    running.current = controller
    editor.current?.mark(0, 0)
    setOutcome({ kind: 'running', what })
    try {
      setOutcome(await work(sql, controller.signal))
    } catch (error) {
      if (isAbort(error)) {
        setOutcome({ kind: 'said', text: `${what} cancelled.` })
      } else {
        const problem = error instanceof Problem ? error : new Problem('Something went wrong', String(error), '', 0)
        if (problem.line) editor.current?.mark(problem.line, problem.column ?? 0)
        setOutcome({ kind: 'problem', problem })
      }
    } finally {
      running.current = undefined
    }
  }
  const run = () =>
    attempt('Query', async (sql, signal) => {
      setAddress(editor.current?.text() ?? sql)
      const answer = await post<Answer>('/sql', { sql, limit }, signal)
      setPast(keepQuery(editor.current?.text().trim() ?? sql))
      return { kind: 'rows', answer, sql }
    })
  const explain = () =>
    attempt('EXPLAIN', async (sql, signal) => {
      const answer = await post<Answer>('/sql', { sql: /^explain\b/i.test(sql) ? sql : `explain ${sql}`, limit }, signal)
      return { kind: 'plan', text: answer.rows.map((row) => row[row.length - 1]).join('\n'), ms: answer.elapsed_ms }
    })
  const save = () =>
    attempt('Download', async (sql, signal) => {
      const response = await send('/sql/csv', { sql }, signal)
      const blob = await response.blob().catch((error: unknown) => {
        if (isAbort(error)) throw error
        throw new Problem('The download broke off', 'It ended before the last row, so nothing was saved.', 'Try again, or add a limit.', 0)
      })
      download('query.csv', blob)
      return { kind: 'said', text: `query.csv: ${bytes(blob.size)}, all rows.` }
    })
  const cancel = () => running.current?.abort()

  useEffect(() => {
    if (!place.current) return
    editor.current = makeEditor(place.current, q ?? '', () => void run())
    editor.current.focus()
    if (!document.documentElement.dataset['snapshot']) return // nothing is published: there is nothing to complete
    get<Relation[]>('/sql/schema').then(
      (found) => {
        setSchema(found)
        editor.current?.complete(tablesOf(found))
      },
      () => undefined, // without it the editor only completes less
    )
    if (q) void run()
  }, [])

  const use = (sql: string) => {
    editor.current?.replace(sql)
    editor.current?.focus()
  }
  const busy = outcome.kind === 'running'
  return (
    <div class="console">
      <section class="console-main" aria-label="Query">
        <div class="editor" ref={place} />
        <div class="console-tools">
          <button type="button" class="button primary" disabled={busy} onClick={() => void run()}>
            Run <kbd aria-hidden="true">{mac() ? '⌘' : 'Ctrl'} ↵</kbd>
          </button>
          {busy && <button type="button" class="button danger" onClick={cancel}>Cancel</button>}
          <button type="button" class="button" disabled={busy} onClick={() => void explain()}>Explain</button>
          <button type="button" class="button" disabled={busy} onClick={() => void save()}>Download CSV</button>
          <CopyLink text={() => editor.current?.text() ?? ''} />
          <span class="muted small">At most {count(limit)} rows are shown; the CSV has all of them.</span>
        </div>
        <div class="console-outcome" aria-live="polite">
          <Shown outcome={outcome} />
        </div>
      </section>
      <aside class="console-side">
        <Earlier past={past} use={use} forget={() => (forgetQueries(), setPast([]))} />
        {schema.length > 0 && <Browser schema={schema} insert={(text) => editor.current?.insert(text)} />}
      </aside>
    </div>
  )
}

function Shown({ outcome }: { outcome: Outcome }) {
  switch (outcome.kind) {
    case 'none':
      return <p class="muted">Reads what is published. A running pipeline is not disturbed, and nothing can be changed.</p>
    case 'running':
      return <p class="running-line"><span class="badge running">{outcome.what} is running</span></p>
    case 'said':
      return <p role="status">{outcome.text}</p>
    case 'plan':
      return <pre class="plan" tabIndex={0} aria-label="Query plan">{outcome.text}</pre>
    case 'problem':
      return <Trouble problem={outcome.problem} />
    case 'rows':
      return <Rows answer={outcome.answer} />
  }
}

function Rows({ answer }: { answer: Answer }) {
  const n = answer.rows.length
  const told = answer.truncated
    ? `The first ${count(n)} rows; there are more. Download CSV has all of them.`
    : `${count(n)} ${n === 1 ? 'row' : 'rows'}`
  return (
    <>
      <p class="result-line" role="status">
        <strong>{told}</strong> <span class="muted">{count(answer.elapsed_ms)} ms</span>
      </p>
      {answer.columns.length > 0 && <DataTable table={answer} caption="Result" captionHidden plain tall />}
    </>
  )
}

function Trouble({ problem }: { problem: Problem }) {
  const place = problem.line ? `Line ${problem.line}${problem.column ? `, column ${problem.column}` : ''}: ` : ''
  return (
    <div class="problem" role="alert">
      <h2>{problem.title === 'Unprocessable Entity' ? 'The query was refused' : problem.title}</h2>
      <p>{place}{problem.detail || problem.message}</p>
      {problem.excerpt && <pre>{problem.excerpt}</pre>}
      {problem.hint && <p class="hint">{problem.hint}</p>}
    </div>
  )
}

function Earlier({ past, use, forget }: { past: Past[]; use: (sql: string) => void; forget: () => void }) {
  return (
    <details class="card" open={past.length > 0}>
      <summary><h2>Your queries</h2></summary>
      {past.length === 0 && <p class="muted">What you run is listed here, in this browser only.</p>}
      <ol class="past">
        {past.slice(0, 12).map((p) => (
          <li key={p.at + p.sql}>
            <button type="button" title={p.sql} onClick={() => use(p.sql)}>
              <code>{p.sql.replace(/\s+/g, ' ')}</code>
              <span class="muted small">{ago(p.at)}</span>
            </button>
          </li>
        ))}
      </ol>
      {past.length > 0 && <button type="button" class="button quiet small" onClick={forget}>Forget them</button>}
    </details>
  )
}

function Browser({ schema, insert }: { schema: Relation[]; insert: (text: string) => void }) {
  const [search, setSearch] = useState('')
  const schemas = [...new Set(schema.map((t) => t.schema))]
  const fits = (name: string) => name.toLowerCase().includes(search.toLowerCase())
  return (
    <details class="card" open>
      <summary><h2>Tables</h2></summary>
      <input type="search" aria-label="Find a table" placeholder="Find a table" value={search} onInput={(e) => setSearch(e.currentTarget.value)} />
      {schemas.map((name) => {
        const found = schema.filter((t) => t.schema === name && fits(`${name}.${t.name}`))
        if (found.length === 0) return null
        return (
          <details class="schema" key={name} open={search !== ''}>
            <summary>{name} <span class="muted small">{found.length}</span></summary>
            <ul>
              {found.map((t) => (
                <li key={t.name}>
                  <details>
                    <summary>{t.name}</summary>
                    <ul class="columns">
                      <li><button type="button" onClick={() => insert(`${name}.${t.name}`)}>Insert {name}.{t.name}</button></li>
                      {t.columns.map((c) => (
                        <li key={c.name}>
                          <button type="button" onClick={() => insert(c.name)} title={`Insert ${c.name}`}>{c.name}</button>
                          <span class={`muted small${isNumeric(c.type) ? ' is-number' : ''}`}>{c.type.toLowerCase()}</span>
                        </li>
                      ))}
                    </ul>
                  </details>
                </li>
              ))}
            </ul>
          </details>
        )
      })}
    </details>
  )
}

function CopyLink({ text }: { text: () => string }) {
  const [said, setSaid] = useState('Copy link')
  const copy = async () => {
    setAddress(text())
    try {
      await navigator.clipboard.writeText(location.href)
      setSaid('Copied')
    } catch {
      setSaid('It is in the address bar')
    }
    setTimeout(() => setSaid('Copy link'), 2000)
  }
  return <button type="button" class="button" onClick={() => void copy()}>{said}</button>
}

function tablesOf(schema: Relation[]): Tables {
  const tables: Tables = { qualified: {}, bare: {} }
  for (const t of schema) {
    const columns = t.columns.map((c) => c.name)
    ;(tables.qualified[t.schema] ??= {})[t.name] = columns
    if (t.bare) tables.bare[t.name] = columns
  }
  return tables
}

function setAddress(sql: string): void {
  history.replaceState(null, '', sql.trim() === '' ? '/sql' : `/sql?q=${encodeURIComponent(sql)}`)
}

function mac(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.platform)
}

const begin = inlined<{ q?: string }>('sql-data') ?? {}
mount('sql', () => <Console {...begin} />)
