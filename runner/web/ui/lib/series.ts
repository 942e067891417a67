// How platforms and channels look: the same colour, shape and dash everywhere. Colour is never the only difference.

export interface Look {
  color: string
  symbol: 'circle' | 'rect' | 'triangle' | 'diamond'
  dash: 'solid' | number[]
}

const looks: Look[] = [
  { color: '--series-1', symbol: 'circle', dash: 'solid' },
  { color: '--series-2', symbol: 'rect', dash: [8, 3] },
  { color: '--series-3', symbol: 'triangle', dash: [3, 3] },
  { color: '--series-4', symbol: 'diamond', dash: [10, 3, 3, 3] },
]

// A revenue channel looks like the platform that it belongs to.
const places: Record<string, number> = {
  google_ads: 0,
  facebook_ads: 1,
  facebook: 1,
  email_campaigns: 2,
  email: 2,
  web_traffic: 3,
  organic: 3,
}

// Figures that belong to no platform look like none.
const neutral: Look[] = [
  { color: '--series-6', symbol: 'circle', dash: 'solid' },
  { color: '--series-5', symbol: 'rect', dash: [8, 3] },
]

/** lookOf gives the look of a series: its own, or for figures that belong to no platform that of their place. */
export function lookOf(key: string, index: number): Look {
  const own = places[key]
  return (own === undefined ? neutral[index % neutral.length] : looks[own]) as Look
}

const names: Record<string, string> = {
  google_ads: 'Google Ads',
  facebook_ads: 'Facebook Ads',
  facebook: 'Facebook',
  email_campaigns: 'Email',
  email: 'Email',
  web_traffic: 'Web',
  organic: 'Organic',
}

/** nameOf gives what people call a platform or channel. */
export function nameOf(key: string): string {
  return names[key] ?? key.charAt(0).toUpperCase() + key.slice(1).replaceAll('_', ' ')
}
