// Keys of the whole page: g and a letter goes somewhere, / goes to the search, ? lists the keys.

const places: Record<string, string> = {
  o: '/',
  r: '/reports',
  u: '/runs',
  l: '/lineage',
  t: '/tests',
  s: '/sql',
  c: '/schedules',
}

/** typing tells whether a key pressed there is meant as text. */
export function typing(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !/^(checkbox|radio|button|submit)$/.test(target.type)
  return target instanceof HTMLElement && (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName))
}

/** installKeys listens on the document; help opens the list of keys. */
export function installKeys(help: () => void): void {
  let going = 0
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (typing(event.target) || document.querySelector('dialog[open]')) return
    const gone = Date.now() - going < 1500
    going = 0
    if (gone && places[event.key]) {
      event.preventDefault()
      location.assign(places[event.key] as string)
      return
    }
    switch (event.key) {
      case 'g':
        going = Date.now()
        break
      case '/':
        if (focusSearch()) event.preventDefault()
        break
      case '?':
        event.preventDefault()
        help()
    }
  })
}

/** focusSearch goes to what the page marks with data-search. */
function focusSearch(): boolean {
  for (const element of document.querySelectorAll<HTMLElement>('[data-search]')) {
    if (element.offsetParent === null) continue
    element.focus()
    if (element instanceof HTMLInputElement) element.select()
    return true
  }
  return false
}
