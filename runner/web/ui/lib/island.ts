// An island is an element of a server-rendered page that a component takes over:
//   <div data-island="dashboard" data-from="dashboard-data"></div>
//   <script type="application/json" id="dashboard-data">…</script>

import { type ComponentType, h, render } from 'preact'

/** mount renders component into each island of that name, with the data that the page brought along. */
export function mount<T extends object>(name: string, component: ComponentType<T>): void {
  for (const element of document.querySelectorAll<HTMLElement>(`[data-island="${name}"]`)) {
    const source = element.dataset['from']
    const text = source ? document.getElementById(source)?.textContent : undefined
    const props = { ...element.dataset, ...(text ? (JSON.parse(text) as object) : {}) } as T
    element.replaceChildren()
    render(h(component, props), element)
    element.dataset['ready'] = ''
  }
}
