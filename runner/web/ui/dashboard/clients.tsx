import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { count } from '../lib/format'
import type { Client } from './types'

interface Props {
  clients: Client[]
  chosen: string[]
  onChange: (chosen: string[]) => void
}

/** shownAtOnce is how many clients the list shows; the search finds the others. */
const shownAtOnce = 100

/** ClientPicker chooses among clients, of which there may be thousands. */
export function ClientPicker({ clients, chosen, onChange }: Props) {
  const [open, setOpen] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const id = useId()
  const close = () => {
    setOpen(false)
    button.current?.focus()
  }
  useEffect(() => {
    if (!open) return
    const outside = (event: Event) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false)
    }
    document.addEventListener('pointerdown', outside)
    document.addEventListener('focusin', outside)
    return () => {
      document.removeEventListener('pointerdown', outside)
      document.removeEventListener('focusin', outside)
    }
  }, [open])
  return (
    <div
      class="labelled picker"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return
        event.stopPropagation()
        close()
      }}
    >
      <span class="legend" id={id + 'label'}>
        Clients
      </span>
      <button
        type="button"
        class="button"
        id={id}
        ref={button}
        aria-labelledby={`${id}label ${id}`}
        aria-expanded={open}
        aria-haspopup="dialog"
        data-search
        onClick={() => setOpen(!open)}
      >
        <span class="picked">{label(clients, chosen)}</span>
        <span aria-hidden="true">▾</span>
      </button>
      {open && <List clients={clients} chosen={chosen} onChange={onChange} onClose={close} />}
    </div>
  )
}

function label(clients: Client[], chosen: string[]): string {
  if (chosen.length === 0) return `All ${count(clients.length)}`
  if (chosen.length === 1) return clients.find((c) => c.id === chosen[0])?.name ?? String(chosen[0])
  return `${chosen.length} of ${count(clients.length)}`
}

function List({ clients, chosen, onChange, onClose }: Props & { onClose: () => void }) {
  const [search, setSearch] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => field.current?.focus(), [])
  const wanted = search.trim().toLowerCase()
  const found = clients.filter((c) => wanted === '' || `${c.name} ${c.id}`.toLowerCase().includes(wanted))
  const toggle = (id: string) => onChange(chosen.includes(id) ? chosen.filter((c) => c !== id) : [...chosen, id])
  return (
    <div class="popover" role="dialog" aria-label="Choose clients" onKeyDown={(event) => move(event, field.current, list.current)}>
      <input
        type="search"
        ref={field}
        value={search}
        placeholder="Search by name or ID"
        aria-label="Search clients"
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      <ul ref={list} class="options">
        {found.slice(0, shownAtOnce).map((c) => (
          <li key={c.id}>
            <label>
              <input type="checkbox" name="client" value={c.id} checked={chosen.includes(c.id)} onChange={() => toggle(c.id)} />
              <span class="option-name">{c.name}</span>
              <span class="muted small">{c.id}</span>
            </label>
          </li>
        ))}
      </ul>
      <p class="muted small" role="status">
        {found.length === 0
          ? 'No client is called so.'
          : found.length > shownAtOnce
            ? `${count(found.length - shownAtOnce)} more: search for them.`
            : `${count(found.length)} of ${count(clients.length)} clients`}
      </p>
      <div class="actions">
        <button type="button" class="button small" disabled={chosen.length === 0} onClick={() => onChange([])}>
          All clients
        </button>
        <button type="button" class="button small primary" onClick={onClose}>
          Done
        </button>
      </div>
    </div>
  )
}

/** move lets the arrow keys walk through the search field and the options. */
function move(event: KeyboardEvent, field: HTMLInputElement | null, list: HTMLUListElement | null): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const stops = [field, ...(list?.querySelectorAll('input') ?? [])].filter((e) => e !== null)
  const at = stops.indexOf(document.activeElement as HTMLInputElement)
  const next = stops[at + (event.key === 'ArrowDown' ? 1 : -1)]
  if (!next) return
  event.preventDefault()
  next.focus()
}
