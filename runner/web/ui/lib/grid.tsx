// A table of results, in a box of its own that scrolls.

import type { Cell, Table } from './api'
import { isNumeric, none } from './format'

/** Grid shows values as they are: what is exact stays exact. */
export function Grid({ table, caption }: { table: Table; caption: string }) {
  const numeric = table.columns.map((c) => isNumeric(c.type))
  return (
    <div class="table-box tall" tabIndex={0} role="group" aria-label={caption}>
      <table class="grid">
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {table.columns.map((c, i) => (
              <th key={i} scope="col" class={numeric[i] ? 'number' : undefined} title={c.type}>{c.name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, n) => (
            <tr key={n}>
              {row.map((v, i) => (
                <td key={i} class={v === null ? 'null' : numeric[i] ? 'number' : undefined}>{plain(v)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function plain(v: Cell): string {
  if (v === null) return none
  return typeof v === 'object' ? JSON.stringify(v) : String(v)
}
