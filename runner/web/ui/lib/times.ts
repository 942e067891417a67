// Instants of server-rendered HTML, in the reader's own time zone.

import { ago, moment } from './format'

/** wireTimes rewrites the marked times below root. */
export function wireTimes(root: ParentNode): void {
  for (const time of root.querySelectorAll<HTMLTimeElement>('time[data-relative], time[data-local]')) {
    time.title = moment(time.dateTime)
    time.textContent = 'relative' in time.dataset ? ago(time.dateTime) : moment(time.dateTime)
  }
}
