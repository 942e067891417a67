import { day } from '../lib/format'
import { nameOf } from '../lib/series'
import { ClientPicker } from './clients'
import { type Filter, isUsual, presets } from './filter'
import type { Choices, Range } from './types'

interface Props {
  filter: Filter
  choices: Choices
  range: Range
  onChange: (change: Partial<Filter>) => void
}

/** Filters is the bar above the figures. Whatever is set there is in the address at once. */
export function Filters({ filter, choices, range, onChange }: Props) {
  return (
    <form class="filters card" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <ClientPicker clients={choices.clients} chosen={filter.clients} onChange={(clients) => onChange({ clients })} />
      <Platforms all={choices.platforms} chosen={filter.platforms} onChange={(platforms) => onChange({ platforms })} />
      <Dates filter={filter} choices={choices} range={range} onChange={onChange} />
      <fieldset class="labelled">
        <legend>By</legend>
        <span class="segments">
          {(['day', 'week', 'month'] as const).map((grain) => (
            <label key={grain}>
              <input type="radio" name="grain" value={grain} checked={filter.grain === grain} onChange={() => onChange({ grain })} />
              {grain.charAt(0).toUpperCase() + grain.slice(1)}
            </label>
          ))}
        </span>
      </fieldset>
    </form>
  )
}

interface RangeLineProps {
  filter: Filter
  range: Range
  previous: Range | null
  onChange: (change: Partial<Filter>) => void
  onReset: () => void
}

/** RangeLine says what is shown, and with what it is compared. */
export function RangeLine({ filter, range, previous, onChange, onReset }: RangeLineProps) {
  return (
    <div class="range">
      <p class="muted" role="status">
        {day(range.from)} – {day(range.to)}
        {previous && `, compared with ${day(previous.from)} – ${day(previous.to)}`}
      </p>
      <div class="range-tools">
        <label class="check">
          <input
            type="checkbox"
            name="compare"
            checked={filter.compare === 'previous'}
            onChange={(event) => onChange({ compare: event.currentTarget.checked ? 'previous' : 'none' })}
          />
          Compare with the period before
        </label>
        <button type="button" class="button quiet" id="reset" disabled={isUsual(filter)} onClick={onReset}>
          Reset
        </button>
      </div>
    </div>
  )
}

function Platforms({ all, chosen, onChange }: { all: string[]; chosen: string[]; onChange: (chosen: string[]) => void }) {
  const on = (platform: string) => chosen.length === 0 || chosen.includes(platform)
  const toggle = (platform: string) => {
    const next = all.filter((p) => (p === platform ? !chosen.includes(p) : chosen.includes(p)))
    onChange(next.length === all.length ? [] : next)
  }
  return (
    <fieldset class="labelled">
      <legend>Platforms</legend>
      <span class="chips">
        {all.map((platform) => (
          <label key={platform} class="chip">
            <input
              type="checkbox"
              name="platform"
              value={platform}
              checked={chosen.length > 0 && on(platform)}
              onChange={() => toggle(platform)}
            />
            {nameOf(platform)}
          </label>
        ))}
      </span>
    </fieldset>
  )
}

function Dates({ filter, choices, range, onChange }: Props) {
  const known = presets(choices.min_date, choices.max_date)
  const current = known.findIndex((p) => p.from === filter.from && p.to === filter.to)
  const { min_date: min, max_date: max } = choices
  return (
    <fieldset class="labelled">
      <legend>Dates</legend>
      <span class="dates">
      <select
        aria-label="Range"
        value={current < 0 ? 'custom' : String(current)}
        onChange={(event) => {
          const preset = known[Number(event.currentTarget.value)]
          if (preset) onChange({ from: preset.from, to: preset.to })
        }}
      >
        {known.map((p, i) => (
          <option key={p.label} value={String(i)}>
            {p.label}
          </option>
        ))}
        <option value="custom" disabled>
          Custom
        </option>
      </select>
      <input
        type="date"
        aria-label={`From, ${day(range.from)}`}
        name="from"
        value={range.from}
        min={min}
        max={range.to}
        onChange={(event) => {
          const from = event.currentTarget.value
          if (from && from <= range.to) onChange({ from, to: range.to })
        }}
      />
      <span class="muted" aria-hidden="true">
        –
      </span>
      <input
        type="date"
        aria-label={`To, ${day(range.to)}`}
        name="to"
        value={range.to}
        min={range.from}
        max={max}
        onChange={(event) => {
          const to = event.currentTarget.value
          if (to && to >= range.from) onChange({ from: range.from, to })
        }}
      />
      </span>
    </fieldset>
  )
}
