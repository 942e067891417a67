// Dark or light: the system's choice until the reader makes one, which the browser then keeps.

export type Theme = 'light' | 'dark'

const watchers = new Set<(theme: Theme) => void>()
const system = window.matchMedia('(prefers-color-scheme: dark)')

export function theme(): Theme {
  const chosen = document.documentElement.dataset['theme']
  if (chosen === 'light' || chosen === 'dark') return chosen
  return system.matches ? 'dark' : 'light'
}

export function setTheme(next: Theme): void {
  document.documentElement.dataset['theme'] = next
  try {
    localStorage.setItem('theme', next)
  } catch {
    // A browser that keeps nothing still shows the theme of this page.
  }
  tell()
}

/** onTheme calls watcher whenever the theme changes. */
export function onTheme(watcher: (theme: Theme) => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

/** color gives what a custom property of the style sheet comes to in the current theme, for what is not drawn by it. */
export function color(name: string): string {
  const probe = document.createElement('span')
  probe.hidden = true
  probe.style.color = `var(${name})`
  document.body.append(probe)
  const found = getComputedStyle(probe).color
  probe.remove()
  return found
}

function tell(): void {
  for (const watcher of watchers) watcher(theme())
}

system.addEventListener('change', tell)
