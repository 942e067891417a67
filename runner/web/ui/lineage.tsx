// The graph of what reads what, around a node. Nodes are links; more of the graph is fetched where there is more.

import { Graph, layout } from '@dagrejs/dagre'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { get } from './lib/api'
import { count } from './lib/format'
import { inlined, mount } from './lib/island'

interface Node {
  id: string
  kind: string
  name: string
  materialized?: string
  description?: string
  status?: string
  rows?: number | null
  upstream: number
  downstream: number
}

interface Edge {
  from: string
  to: string
}

interface Lineage {
  focus?: string
  nodes: Node[]
  edges: Edge[]
}

interface Placed extends Node {
  x: number
  y: number
}

interface Point {
  x: number
  y: number
}

interface Drawing {
  nodes: Placed[]
  lines: { key: string; from: string; to: string; path: string }[]
  width: number
  height: number
}

const box = { width: 216, height: 48 }
const margin = 24

/** draw places the nodes from left to right, or from top to bottom where there is little width. */
function draw(graph: Lineage, down: boolean): Drawing {
  const g = new Graph()
  g.setGraph({ rankdir: down ? 'TB' : 'LR', nodesep: 20, ranksep: down ? 44 : 72, marginx: margin, marginy: margin })
  g.setDefaultEdgeLabel(() => ({}))
  for (const node of graph.nodes) g.setNode(node.id, { ...box })
  for (const edge of graph.edges) g.setEdge(edge.from, edge.to)
  layout(g)
  const nodes = graph.nodes.map((node) => {
    const at = g.node(node.id) as { x: number; y: number }
    return { ...node, x: at.x - box.width / 2, y: at.y - box.height / 2 }
  })
  const lines = graph.edges.map(({ from, to }) => {
    const { points } = g.edge(from, to) as { points: Point[] }
    const between = points.length > 3 ? points.slice(1, -1) : [] // where an edge goes past other nodes
    const path = curve([side(g.node(from) as Point, down, 1), ...between, side(g.node(to) as Point, down, -1)], down)
    return { key: `${from} ${to}`, from, to, path }
  })
  const size = g.graph() as { width?: number; height?: number }
  return { nodes, lines, width: size.width ?? 0, height: size.height ?? 0 }
}

/** side is the middle of the side of a box at which edges leave (1) or arrive (-1). */
function side(at: Point, down: boolean, towards: 1 | -1): Point {
  return down ? { x: at.x, y: at.y + (towards * box.height) / 2 } : { x: at.x + (towards * box.width) / 2, y: at.y }
}

/** curve goes smoothly through points, along the direction of the graph. */
function curve(points: Point[], down: boolean): string {
  let path = ''
  points.forEach((p, i) => {
    const before = points[i - 1]
    if (!before) {
      path = `M${p.x},${p.y}`
      return
    }
    const [mx, my] = [(before.x + p.x) / 2, (before.y + p.y) / 2]
    path += down ? `C${before.x},${my} ${p.x},${my} ${p.x},${p.y}` : `C${mx},${before.y} ${mx},${p.y} ${p.x},${p.y}`
  })
  return path
}

function merge(old: Lineage, more: Lineage): Lineage {
  const nodes = new Map([...old.nodes, ...more.nodes].map((n) => [n.id, n]))
  const edges = new Map([...old.edges, ...more.edges].map((e) => [`${e.from} ${e.to}`, e]))
  return { ...old, nodes: [...nodes.values()], edges: [...edges.values()] }
}

const signs: Record<string, string> = { success: '✓', reused: '✓', warn: '!', error: '✕', fail: '✕', skipped: '–' }

function LineageGraph(props: Lineage) {
  const [graph, setGraph] = useState<Lineage>(props)
  const [near, setNear] = useState('')
  const [zoom, setZoom] = useState(1)
  const [said, setSaid] = useState('')
  const frame = useRef<HTMLDivElement>(null)
  const down = useNarrow()
  const drawing = useMemo(() => draw(graph, down), [graph, down])
  const grown = graph.nodes.length > props.nodes.length

  const fit = (least: number) => {
    const { clientWidth = 0, clientHeight = 0 } = frame.current ?? {}
    setZoom(Math.min(1, Math.max(least, Math.min(clientWidth / drawing.width, clientHeight / drawing.height))))
  }
  // A whole project is seen at a glance first, the surroundings of a node so that they can be read.
  useLayoutEffect(() => (props.focus ? center(frame.current, drawing, props.focus, zoom) : fit(0.35)), [down])

  const expand = async (node: Node) => {
    try {
      const more = await get<Lineage>('/lineage', { node: node.id, depth: 1 })
      const next = merge(graph, more)
      setSaid(`${next.nodes.length - graph.nodes.length} more around ${node.name}`)
      setGraph(next)
    } catch (error) {
      setSaid(error instanceof Error ? error.message : String(error))
    }
  }
  const shown = useMemo(() => countShown(graph), [graph])
  const size = { width: `${drawing.width * zoom}px`, height: `${drawing.height * zoom}px` }
  const scaled = { width: `${drawing.width}px`, height: `${drawing.height}px`, transform: `scale(${zoom})` }

  return (
    <figure class="lineage" aria-label="Graph of what reads what">
      <div class="lineage-tools">
        <button type="button" class="button small" aria-label="Smaller" onClick={() => setZoom(Math.max(0.2, zoom / 1.25))}>−</button>
        <button type="button" class="button small" onClick={() => setZoom(1)}>{Math.round(zoom * 100)}%</button>
        <button type="button" class="button small" aria-label="Larger" onClick={() => setZoom(Math.min(2, zoom * 1.25))}>+</button>
        <button type="button" class="button small" onClick={() => fit(0.2)}>Fit</button>
        {grown && <button type="button" class="button small" onClick={() => setGraph(props)}>Show less</button>}
        <span class="muted small" role="status">{said}</span>
      </div>
      <div class="lineage-frame" ref={frame} tabIndex={0} role="group" aria-label="Nodes: arrow keys go along the graph">
        <div class="lineage-size" style={size}>
          <div class="lineage-canvas" style={scaled}>
            <svg width={drawing.width} height={drawing.height} aria-hidden="true">
              <defs>
                <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
                  <path d="M0,0 L8,4 L0,8 z" />
                </marker>
              </defs>
              {drawing.lines.map((line) => (
                <path
                  key={line.key}
                  d={line.path}
                  class={line.from === near || line.to === near ? 'edge near' : 'edge'}
                  marker-end="url(#arrow)"
                />
              ))}
            </svg>
            {drawing.nodes.map((node) => (
              <NodeBox
                key={node.id}
                node={node}
                focus={node.id === props.focus}
                hiddenUp={node.upstream - (shown.up.get(node.id) ?? 0)}
                hiddenDown={node.downstream - (shown.down.get(node.id) ?? 0)}
                expand={expand}
                near={setNear}
                go={(key) => go(frame.current, drawing, graph.edges, node, key, down)}
                down={down}
              />
            ))}
          </div>
        </div>
      </div>
      <Legend />
    </figure>
  )
}

interface BoxProps {
  node: Placed
  focus: boolean
  hiddenUp: number
  hiddenDown: number
  expand: (node: Node) => void
  near: (id: string) => void
  go: (key: string) => boolean
  down: boolean
}

function NodeBox({ node, focus, hiddenUp, hiddenDown, expand, near, go, down }: BoxProps) {
  const place = { left: `${node.x}px`, top: `${node.y}px`, width: `${box.width}px`, height: `${box.height}px` }
  const facts = [node.materialized ?? node.kind]
  if (typeof node.rows === 'number') facts.push(`${count(node.rows)} rows`)
  const bad = node.status === 'error' || node.status === 'fail'
  return (
    <div
      class={`lineage-node ${node.kind}${focus ? ' focus' : ''}${bad ? ' bad' : ''}${down ? ' down' : ''}`}
      style={place}
      onMouseEnter={() => near(node.id)}
      onMouseLeave={() => near('')}
    >
      {hiddenUp > 0 && (
        <button type="button" class="more before" aria-label={`Show ${hiddenUp} more that ${node.name} reads`} onClick={() => expand(node)}>
          +{hiddenUp}
        </button>
      )}
      <a
        href={`/models/${encodeURIComponent(node.name)}`}
        data-node={node.id}
        aria-current={focus ? 'true' : undefined}
        title={node.description}
        onFocus={() => near(node.id)}
        onBlur={() => near('')}
        onKeyDown={(event) => {
          if (go(event.key)) event.preventDefault()
        }}
      >
        <span class="name">{node.name}</span>
        <span class="facts-line">
          {node.status && <span class={`sign ${node.status}`} aria-label={node.status}>{signs[node.status] ?? '○'}</span>}
          {facts.join(' · ')}
        </span>
      </a>
      {hiddenDown > 0 && (
        <button type="button" class="more after" aria-label={`Show ${hiddenDown} more that read ${node.name}`} onClick={() => expand(node)}>
          +{hiddenDown}
        </button>
      )}
    </div>
  )
}

function Legend() {
  return (
    <figcaption class="lineage-legend">
      {['source', 'seed', 'model', 'snapshot', 'exposure'].map((kind) => (
        <span key={kind} class={`legend-item ${kind}`}>{kind}</span>
      ))}
      <span>Arrows go from what is read to what reads it. +n shows n more.</span>
    </figcaption>
  )
}

function countShown(graph: Lineage) {
  const up = new Map<string, number>()
  const down = new Map<string, number>()
  for (const { from, to } of graph.edges) {
    up.set(to, (up.get(to) ?? 0) + 1)
    down.set(from, (down.get(from) ?? 0) + 1)
  }
  return { up, down }
}

/** go moves the focus along the graph; it tells whether the key was one of its own. */
function go(frame: HTMLElement | null, drawing: Drawing, edges: Edge[], from: Placed, key: string, down: boolean): boolean {
  const [back, forth, before, after] = down
    ? ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight']
    : ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']
  const along = (n: Placed) => (down ? n.x : n.y)
  const rank = (n: Placed) => Math.round(down ? n.y : n.x)
  let candidates: Placed[]
  switch (key) {
    case back:
      candidates = drawing.nodes.filter((n) => edges.some((e) => e.to === from.id && e.from === n.id))
      break
    case forth:
      candidates = drawing.nodes.filter((n) => edges.some((e) => e.from === from.id && e.to === n.id))
      break
    case before:
      candidates = drawing.nodes.filter((n) => rank(n) === rank(from) && along(n) < along(from))
      break
    case after:
      candidates = drawing.nodes.filter((n) => rank(n) === rank(from) && along(n) > along(from))
      break
    default:
      return false
  }
  candidates.sort((a, b) => Math.abs(along(a) - along(from)) - Math.abs(along(b) - along(from)))
  const next = candidates[0]
  if (next) frame?.querySelector<HTMLElement>(`[data-node="${CSS.escape(next.id)}"]`)?.focus()
  return true
}

/** center brings the node in question to the middle of the frame. */
function center(frame: HTMLElement | null, drawing: Drawing, focus: string | undefined, zoom: number): void {
  const node = drawing.nodes.find((n) => n.id === focus)
  if (!frame || !node) return
  frame.scrollLeft = (node.x + box.width / 2) * zoom - frame.clientWidth / 2
  frame.scrollTop = (node.y + box.height / 2) * zoom - frame.clientHeight / 2
}

function useNarrow(): boolean {
  const media = useMemo(() => window.matchMedia('(max-width: 640px)'), [])
  const [narrow, setNarrow] = useState(media.matches)
  useEffect(() => {
    const listen = () => setNarrow(media.matches)
    media.addEventListener('change', listen)
    return () => media.removeEventListener('change', listen)
  }, [media])
  return narrow
}

const graph = inlined<Lineage>('lineage-data')
if (graph) mount('lineage', () => <LineageGraph {...graph} />)
