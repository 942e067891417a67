// The log of a run: it follows while the run goes on, and can be searched.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { get } from './lib/api'
import { followRun, on } from './lib/events'
import { count } from './lib/format'
import { mount } from './lib/island'

interface Line {
  line: number
  at: string
  level: string
  text: string
}

const levels = ['debug', 'info', 'warn', 'error']

function Log({ run }: { run: string }) {
  const [lines, setLines] = useState<Line[]>([])
  const [level, setLevel] = useState('info')
  const [search, setSearch] = useState('')
  const [follow, setFollow] = useState(true)
  const box = useRef<HTMLOListElement>(null)

  useEffect(() => {
    const load = async () => {
      const found = await get<{ lines: Line[] }>(`/runs/${run}/log`, { level: 'debug' })
      setLines((old) => merge(old, found.lines))
    }
    followRun(run)
    const stops = [
      on<Line & { run_id: string }>('log', (e) => {
        if (e.run_id === run) setLines((old) => merge(old, [e]))
      }),
      on<{ id: string }>('run', (e) => {
        if (e.id === run) void load().catch(() => undefined)
      }),
    ]
    void load().catch(() => undefined)
    return () => stops.forEach((stop) => stop())
  }, [run])

  const shown = useMemo(() => {
    const least = levels.indexOf(level)
    const wanted = search.toLowerCase()
    return lines.filter((l) => levels.indexOf(l.level) >= least && l.text.toLowerCase().includes(wanted))
  }, [lines, level, search])

  useLayoutEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [shown, follow])

  const scrolled = () => {
    const b = box.current
    if (b) setFollow(b.scrollHeight - b.scrollTop - b.clientHeight < 24)
  }
  return (
    <section class="section log" aria-labelledby="log-title">
      <h2 id="log-title">Log</h2>
      <div class="toolbar">
        <div class="segments" role="group" aria-label="Least level shown">
          {levels.map((name) => (
            <button key={name} type="button" aria-pressed={level === name} onClick={() => setLevel(name)}>{name}</button>
          ))}
        </div>
        <input type="search" aria-label="Search the log" placeholder="Search the log" value={search} onInput={(e) => setSearch(e.currentTarget.value)} />
        <span class="muted small" role="status">{count(shown.length)} of {count(lines.length)} lines</span>
        {!follow && <button type="button" class="button small" onClick={() => setFollow(true)}>To the end</button>}
      </div>
      {lines.length === 0 ? (
        <p class="muted">No lines yet.</p>
      ) : (
        <ol class="log-lines" ref={box} onScroll={scrolled} tabIndex={0} aria-label="Lines of the log">
          {shown.map((l) => (
            <li key={l.line} class={l.level}>
              <time dateTime={l.at}>{clock(l.at)}</time> <span class="level">{l.level}</span> <span class="message">{marked(l.text, search)}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

/** marked shows where the search was found. */
function marked(text: string, search: string) {
  const at = search === '' ? -1 : text.toLowerCase().indexOf(search.toLowerCase())
  if (at < 0) return text
  return <>{text.slice(0, at)}<mark>{text.slice(at, at + search.length)}</mark>{text.slice(at + search.length)}</>
}

function merge(old: Line[], more: Line[]): Line[] {
  const known = new Map([...old, ...more].map((l) => [l.line, l]))
  return [...known.values()].sort((a, b) => a.line - b.line)
}

function clock(iso: string): string {
  const at = new Date(iso)
  const pad = (n: number, w = 2) => String(n).padStart(w, '0')
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}.${pad(at.getMilliseconds(), 3)}`
}

mount<{ run: string }>('log', Log)
