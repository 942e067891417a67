// Files that the page itself makes.

import type { Table } from './api'

export function download(name: string, content: Blob): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}

/** csv writes a table as RFC 4180 text. */
export function csv(table: Table): string {
  const quote = (v: unknown) => {
    const text = v === null || v === undefined ? '' : String(v)
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  const lines = [table.columns.map((c) => c.name), ...table.rows]
  return lines.map((line) => line.map(quote).join(',')).join('\r\n') + '\r\n'
}

export function downloadCSV(name: string, table: Table): void {
  download(name + '.csv', new Blob([csv(table)], { type: 'text/csv;charset=utf-8' }))
}

/** downloadPNG paints an SVG at twice its size. */
export async function downloadPNG(name: string, svg: SVGSVGElement, background: string): Promise<void> {
  const { width, height } = svg.getBoundingClientRect()
  const copy = svg.cloneNode(true) as SVGSVGElement
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  copy.setAttribute('width', String(width))
  copy.setAttribute('height', String(height))
  const image = new Image()
  image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(new XMLSerializer().serializeToString(copy))
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = width * 2
  canvas.height = height * 2
  const paint = canvas.getContext('2d')
  if (!paint) return
  paint.fillStyle = background
  paint.fillRect(0, 0, canvas.width, canvas.height)
  paint.drawImage(image, 0, 0, canvas.width, canvas.height)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  if (blob) download(name + '.png', blob)
}
