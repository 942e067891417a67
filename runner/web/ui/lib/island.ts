// An island is an element of a server-rendered page that a component takes over: <div data-island="dashboard"></div>.
// What it shows first lies beside it: <script type="application/json" id="overview">…</script>.

import { type ComponentType, h, render } from 'preact'

/** mount renders component into each island of that name, with its data-… attributes as props. */
export function mount<T extends object>(name: string, component: ComponentType<T>): void {
  for (const element of document.querySelectorAll<HTMLElement>(`[data-island="${name}"]`)) {
    const props = { ...element.dataset } as T
    element.replaceChildren()
    render(h(component, props), element)
    element.dataset['ready'] = ''
    performance.mark(name)
  }
}

/** inlined gives the JSON that the page brought along under that id. */
export function inlined<T>(id: string): T | undefined {
  const text = document.getElementById(id)?.textContent
  return text ? (JSON.parse(text) as T) : undefined
}
