// What every page has: theme, keys, and the stream that tells when something new is published.

import { get } from './lib/api'
import { type Connection, on, onConnection, start } from './lib/events'
import { installKeys, typing } from './lib/keys'
import { setTheme, theme } from './lib/theme'

interface Published {
  run_id: string
  published_at: string
}

const page = document.documentElement
const byID = <T extends HTMLElement>(id: string) => document.getElementById(id) as T | null

function wireTheme(): void {
  const button = byID<HTMLButtonElement>('theme')
  if (!button) return
  button.hidden = false
  const label = () => {
    const other = theme() === 'dark' ? 'light' : 'dark'
    button.setAttribute('aria-label', `Switch to the ${other} theme`)
    button.title = `Switch to the ${other} theme`
  }
  label()
  button.addEventListener('click', () => {
    setTheme(theme() === 'dark' ? 'light' : 'dark')
    label()
  })
}

function wireHelp(): void {
  const dialog = byID<HTMLDialogElement>('keys')
  if (!dialog) return
  const open = () => dialog.showModal()
  const button = byID<HTMLButtonElement>('help')
  if (button) button.hidden = false
  button?.addEventListener('click', open)
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close()
  })
  installKeys(open)
}

const said: Record<Connection, string> = {
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting…',
}

function wireConnection(): void {
  const sign = byID('connection')
  if (!sign) return
  onConnection((state) => {
    sign.hidden = false
    sign.dataset['state'] = state
    sign.textContent = said[state]
  })
}

/** wireNews offers to load the page again when data newer than the page's own is published, or does it by itself. */
function wireNews(): void {
  const banner = byID('news')
  const always = byID<HTMLInputElement>('news-always')
  if (!banner || !always) return
  always.checked = remembered('refresh') === 'always'
  always.addEventListener('change', () => {
    remember('refresh', always.checked ? 'always' : '')
    if (always.checked && !banner.hidden) location.reload()
  })
  byID('news-load')?.addEventListener('click', () => location.reload())
  const hear = (run: string | undefined) => {
    if (!run || run === page.dataset['snapshot']) return
    const text = byID('news-text')
    if (text) text.textContent = `New data: run #${run}`
    banner.hidden = false
    if (always.checked && !atWork()) location.reload()
  }
  on<Published>('published', ({ run_id }) => hear(run_id))
  // What was missed is forgotten: ask how things stand.
  on('reset', () => void get<{ snapshot: Published | null }>('/meta').then((meta) => hear(meta.snapshot?.run_id), () => undefined))
}

/** wireProject keeps up to date why the project does not load; a page that could not be made without it is loaded again. */
function wireProject(): void {
  if (byID('broken')) {
    on('project', () => location.reload())
    on('reset', () => location.reload()) // what was missed may have been that
    return
  }
  const told = byID('unloaded')
  const why = byID('unloaded-why')
  if (!told || !why) return
  const tell = (problem: string | null | undefined) => {
    told.hidden = !problem
    why.textContent = problem ?? ''
  }
  on<{ problem: string | null }>('project', ({ problem }) => tell(problem))
  on('reset', () => void get<{ problem?: string | null }>('/meta').then((meta) => tell(meta.problem), () => undefined))
}

/** atWork tells whether the reader would lose something to a page that loads by itself. */
function atWork(): boolean {
  return page.dataset['area'] === 'sql' || typing(document.activeElement) || document.querySelector('dialog[open]') !== null
}

function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // It holds for this page, then.
  }
}

/** wireSubmits sends a form as soon as one of its fields changes, where the form says so. */
function wireSubmits(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-autosubmit]')) {
    form.addEventListener('change', () => form.requestSubmit())
  }
}

/** wireInstants loads what it takes only where there are times. */
async function wireInstants(): Promise<void> {
  if (!document.querySelector('time[data-relative], time[data-local]')) return
  const { wireTimes } = await import('./lib/times')
  wireTimes(document)
}

wireTheme()
wireHelp()
wireConnection()
wireNews()
wireProject()
wireSubmits()
void wireInstants()
// Islands that this page loads, too, say first what they want to hear.
addEventListener('load', () => start())
