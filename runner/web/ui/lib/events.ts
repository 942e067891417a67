// The page's one stream of events. It resumes where it broke off (Last-Event-ID), tells when it is not live, and rests while
// the page is hidden: a browser opens only six connections to a server, whatever the number of its tabs.

export type Connection = 'connecting' | 'live' | 'reconnecting'
type Listener = (data: never) => void

const listeners = new Map<string, Set<Listener>>()
const watchers = new Set<(state: Connection) => void>()
const retryDelays = [500, 1000, 2000, 4000, 8000]

// What the page shows was read after this event.
let lastID = document.documentElement.dataset['events'] ?? ''
let run = ''
let state: Connection = 'connecting'
let current: AbortController | undefined
let started = false
let failures = 0
let timer = 0

/** on calls listener with the payload of each event of that name, and gives a function that ends this. */
export function on<T>(event: string, listener: (data: T) => void): () => void {
  const set = listeners.get(event) ?? new Set()
  listeners.set(event, set)
  set.add(listener as Listener)
  return () => set.delete(listener as Listener)
}

/** onConnection calls watcher now and whenever the stream breaks or comes back. */
export function onConnection(watcher: (state: Connection) => void): () => void {
  watchers.add(watcher)
  watcher(state)
  return () => watchers.delete(watcher)
}

/** followRun asks for the log lines of a run, too. */
export function followRun(id: string): void {
  if (run === id) return
  run = id
  if (current) reconnect()
}

/** start opens the stream; more calls do nothing. */
export function start(): void {
  if (started) return
  started = true
  document.addEventListener('visibilitychange', () => (document.hidden ? rest() : reconnect()))
  window.addEventListener('online', reconnect)
  window.addEventListener('pagehide', rest)
  window.addEventListener('pageshow', (event) => event.persisted && reconnect())
  if (!document.hidden) void connect()
}

function rest(): void {
  clearTimeout(timer)
  current?.abort()
  current = undefined
}

function reconnect(): void {
  rest()
  void connect()
}

async function connect(): Promise<void> {
  const controller = new AbortController()
  current = controller
  try {
    const headers: Record<string, string> = { Accept: 'text/event-stream' }
    if (lastID !== '') headers['Last-Event-ID'] = lastID
    const address = '/api/v1/events' + (run === '' ? '' : '?run=' + encodeURIComponent(run))
    const response = await fetch(address, { headers, signal: controller.signal, cache: 'no-store' })
    if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`)
    tell('live')
    failures = 0
    await read(response.body)
  } catch {
    // Whatever broke the stream, the answer is the same: try again.
  }
  if (current !== controller) return
  tell('reconnecting')
  const delay = retryDelays[Math.min(failures, retryDelays.length - 1)] ?? 8000
  failures++
  timer = window.setTimeout(() => void connect(), delay)
}

function tell(next: Connection): void {
  if (state === next) return
  state = next
  for (const watcher of watchers) watcher(next)
}

async function read(body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>).getReader()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    text = (text + value).replaceAll('\r\n', '\n')
    let end = text.indexOf('\n\n')
    while (end >= 0) {
      dispatch(text.slice(0, end))
      text = text.slice(end + 2)
      end = text.indexOf('\n\n')
    }
  }
}

function dispatch(block: string): void {
  let event = 'message'
  const data: string[] = []
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue // a comment: the heartbeat
    const value = line.slice(colon + 1).replace(/^ /, '')
    switch (line.slice(0, colon)) {
      case 'id':
        lastID = value
        break
      case 'event':
        event = value
        break
      case 'data':
        data.push(value)
    }
  }
  if (data.length === 0) return
  const payload = JSON.parse(data.join('\n')) as never
  for (const listener of listeners.get(event) ?? []) listener(payload)
}
