// A table of the API, on the page: sortable by its heads, in a box that scrolls.

import type { ComponentChildren } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { Cell, Column, Table } from './api'
import { cell, isNumeric, none, words } from './format'

interface Props {
  table: Table
  caption: string
  /** captionHidden keeps the caption for screen readers only. */
  captionHidden?: boolean
  sortable?: boolean
  tall?: boolean
  /** plain shows names and values as they are: what is exact stays exact. */
  plain?: boolean
  /** show draws a cell in its own way; undefined leaves it as usual. */
  show?: (value: Cell, column: Column, row: Cell[]) => ComponentChildren | undefined
}

interface Order {
  column: number
  descending: boolean
}

export function DataTable({ table, caption, captionHidden, sortable = true, tall, plain, show }: Props) {
  const [order, setOrder] = useState<Order>()
  const rows = useMemo(() => (order ? sorted(table, order) : table.rows), [table, order])
  return (
    <div class={tall ? 'table-box tall' : 'table-box'} tabIndex={0} role="region" aria-label={caption}>
      <table class={plain ? 'data grid' : 'data'}>
        <caption class={captionHidden ? 'visually-hidden' : undefined}>{caption}</caption>
        <thead>
          <tr>
            {table.columns.map((column, i) => (
              <Head
                key={i}
                plain={plain}
                column={column}
                sortable={sortable}
                order={order?.column === i ? order : undefined}
                onSort={() => setOrder({ column: i, descending: order?.column === i ? !order.descending : isNumeric(column.type) })}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, r) => (
            <tr key={r}>
              {table.columns.map((column, i) => (
                <td key={i} class={cellClass(row[i] ?? null, column)}>
                  {show?.(row[i] ?? null, column, row) ?? (plain ? exact(row[i] ?? null) : cell(row[i] ?? null, column))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Head(props: { column: Column; plain: boolean | undefined; sortable: boolean; order: Order | undefined; onSort: () => void }) {
  const { column, plain, sortable, order, onSort } = props
  const sort = order ? (order.descending ? 'descending' : 'ascending') : 'none'
  const label = plain ? column.name : words(column.name)
  return (
    <th
      scope="col"
      class={isNumeric(column.type) ? 'number' : undefined}
      aria-sort={sortable ? sort : undefined}
      title={plain ? column.type : column.description}
    >
      {sortable ? (
        <button type="button" class="sort" onClick={onSort}>
          {label}
        </button>
      ) : (
        label
      )}
    </th>
  )
}

function exact(value: Cell): string {
  if (value === null) return none
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function cellClass(value: Cell, column: Column): string | undefined {
  if (isNumeric(column.type)) return 'number'
  if (value === null) return 'null'
  if (/^(date|time)/i.test(column.type)) return 'date'
  return typeof value === 'string' && value.length > 60 ? 'long' : undefined
}

/** sorted orders rows by a column, NULL last; equal rows stay as they were. */
function sorted(table: Table, { column, descending }: Order): Cell[][] {
  const numeric = isNumeric(table.columns[column]?.type ?? '')
  const compare = (a: Cell, b: Cell) => (numeric ? Number(a) - Number(b) : String(a).localeCompare(String(b)))
  return [...table.rows].sort((x, y) => {
    const a = x[column] ?? null
    const b = y[column] ?? null
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
    return descending ? compare(b, a) : compare(a, b)
  })
}
