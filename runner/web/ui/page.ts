// What server-rendered pages need beyond HTML: buttons that ask the API, parts that keep up to date, lists that are searched.

import { post, Problem } from './lib/api'
import { on } from './lib/events'
import { wireTimes } from './lib/times'

/** acting are the forms and buttons whose answers are awaited. */
const acting = new Set<HTMLElement>()

/** act sends what a form or button says to the API, then goes on or loads the page's parts again. */
async function act(element: HTMLElement, body: unknown): Promise<void> {
  if (acting.has(element)) return
  acting.add(element) // not disabled: that would take the focus away
  say(element, '')
  try {
    const answer = await post<{ id?: string } | undefined>(element.dataset['post'] ?? '', body)
    if (answer?.id && element.dataset['then'] === 'run') {
      location.assign(`/runs/${answer.id}`)
      return
    }
    element.closest('dialog')?.close()
    say(element, element.dataset['done'] ?? '')
    await refresh()
  } catch (error) {
    say(element, error instanceof Problem ? [error.message, error.hint].filter(Boolean).join(' ') : String(error))
  }
  acting.delete(element)
}

function say(element: HTMLElement, text: string): void {
  const place = element.querySelector('[role=status]') ?? element.parentElement?.querySelector('[role=status]') ?? document.getElementById('said')
  if (place) place.textContent = text
}

/** fields gives a form as the API takes it: words as lists where the field says so, check marks as true. */
function fields(form: HTMLFormElement): Record<string, unknown> {
  const body: Record<string, unknown> = {}
  for (const element of form.elements) {
    if (!(element instanceof HTMLInputElement || element instanceof HTMLSelectElement) || element.name === '') continue
    if (element instanceof HTMLInputElement && element.type === 'checkbox') {
      if (element.checked) body[element.name] = true
    } else if (element.value.trim() !== '') {
      body[element.name] = 'words' in element.dataset ? element.value.trim().split(/\s+/) : element.value
    }
  }
  return body
}

let fetching: AbortController | undefined

/** refresh takes the marked parts of the page from the server again; where the reader is in one, it stays. */
async function refresh(): Promise<void> {
  const parts = document.querySelectorAll<HTMLElement>('[data-live][id]')
  if (parts.length === 0) return
  fetching?.abort()
  fetching = new AbortController()
  const response = await fetch(location.href, { signal: fetching.signal, headers: { Accept: 'text/html' } })
  if (!response.ok) return
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html')
  for (const part of parts) {
    const next = fresh.getElementById(part.id)
    if (!next) continue
    wireTimes(next)
    if (next.innerHTML === part.innerHTML) continue
    const focused = part.contains(document.activeElement) ? document.activeElement?.getAttribute('data-key') : null
    part.replaceChildren(...next.childNodes)
    if (focused) part.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus()
  }
  document.dispatchEvent(new Event('refreshed'))
}

/** keepUpToDate replaces the marked parts when something happens: the whole page may hold what is typed. */
function keepUpToDate(): void {
  if (!document.querySelector('[data-live]')) return
  let waiting = 0
  const soon = () => {
    clearTimeout(waiting)
    waiting = window.setTimeout(() => void refresh().catch(() => undefined), 200)
  }
  const parts = [...document.querySelectorAll<HTMLElement>('[data-live]')]
  for (const event of new Set(['reset', ...parts.flatMap((e) => (e.dataset['live'] ?? '').split(' '))])) on(event, soon)
}

/** wireFilters hides the rows of a table that do not have what is typed. */
function wireFilters(): void {
  for (const input of document.querySelectorAll<HTMLInputElement>('input[data-filter]')) {
    const apply = () => {
      const table = document.getElementById(input.dataset['filter'] ?? '') // another one after each refresh
      const none = document.getElementById(`${input.dataset['filter']}-none`)
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean)
      let shown = 0
      for (const row of table?.querySelectorAll<HTMLTableRowElement>('tbody tr') ?? []) {
        const text = row.textContent.toLowerCase()
        row.hidden = !words.every((w) => text.includes(w))
        if (!row.hidden) shown++
      }
      if (none) none.hidden = shown > 0
    }
    input.addEventListener('input', apply)
    document.addEventListener('refreshed', apply)
    if (input.value) apply()
  }
}

document.addEventListener('submit', (event) => {
  const form = event.target
  if (!(form instanceof HTMLFormElement) || !form.dataset['post']) return
  event.preventDefault()
  void act(form, fields(form))
})
document.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>('button[data-post], button[data-open]') : null
  if (!button) return
  if (button.dataset['open']) {
    const dialog = document.getElementById(button.dataset['open'])
    if (dialog instanceof HTMLDialogElement) dialog.showModal()
    return
  }
  void act(button, JSON.parse(button.dataset['body'] ?? '{}'))
})
wireFilters()
keepUpToDate()
