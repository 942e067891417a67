// The SQL editor: CodeMirror with what the published snapshot has for completion, and a mark at the line of an error.

import {
  acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { PostgreSQL, sql } from '@codemirror/lang-sql'
import { Compartment, EditorState, Prec } from '@codemirror/state'
import { Decoration, drawSelection, EditorView, highlightSpecialChars, keymap, lineNumbers, placeholder } from '@codemirror/view'
import { tags } from '@lezer/highlight'

/** Tables are what completion knows: columns of tables by schema and name, and of those that go by their name alone. */
export interface Tables {
  qualified: Record<string, Record<string, string[]>>
  bare: Record<string, string[]>
}

export interface Editor {
  text(): string
  replace(text: string): void
  insert(text: string): void
  mark(line: number, column: number): void
  complete(tables: Tables): void
  focus(): void
}

const style = HighlightStyle.define([
  { tag: tags.keyword, class: 'tok-keyword' },
  { tag: [tags.string, tags.special(tags.string)], class: 'tok-string' },
  { tag: [tags.number, tags.bool, tags.null], class: 'tok-number' },
  { tag: [tags.lineComment, tags.blockComment], class: 'tok-comment' },
  { tag: tags.typeName, class: 'tok-type' },
])

export function makeEditor(parent: HTMLElement, text: string, run: () => void): Editor {
  const language = new Compartment()
  const marks = new Compartment()
  const unmarked = () => marks.reconfigure(EditorView.decorations.of(Decoration.none))
  let marked = false
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        EditorView.cspNonce.of(document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? ''),
        Prec.highest(keymap.of([{ key: 'Mod-Enter', run: () => (run(), true) }])),
        lineNumbers(), highlightSpecialChars(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(),
        autocompletion(), syntaxHighlighting(style), EditorView.lineWrapping, placeholder('select * from …'),
        keymap.of([
          { key: 'Tab', run: acceptCompletion },
          ...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap,
        ]),
        EditorView.contentAttributes.of({ 'aria-label': 'SQL', 'data-search': '' }),
        language.of(sql({ dialect: PostgreSQL })),
        marks.of(EditorView.decorations.of(Decoration.none)),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged || !marked) return
          marked = false
          queueMicrotask(() => view.dispatch({ effects: unmarked() }))
        }),
      ],
    }),
  })
  return {
    text: () => view.state.doc.toString(),
    replace: (next) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }),
    insert: (next) => {
      view.dispatch(view.state.replaceSelection(next))
      view.focus()
    },
    mark: (number, column) => {
      if (number < 1 || number > view.state.doc.lines) {
        view.dispatch({ effects: unmarked() })
        return
      }
      const line = view.state.doc.line(number)
      const at = Math.min(line.from + Math.max(column - 1, 0), line.to)
      const word = /^\w+/.exec(view.state.sliceDoc(at, line.to))?.[0].length ?? 1
      const ranges = [Decoration.line({ class: 'error-line' }).range(line.from)]
      if (at < line.to) ranges.push(Decoration.mark({ class: 'error-word' }).range(at, Math.min(at + word, line.to)))
      marked = true
      view.dispatch({
        effects: [
          marks.reconfigure(EditorView.decorations.of(Decoration.set(ranges))),
          EditorView.scrollIntoView(at, { y: 'nearest' }),
        ],
      })
    },
    complete: ({ qualified, bare }) => {
      view.dispatch({ effects: language.reconfigure(sql({ dialect: PostgreSQL, schema: { ...bare, ...qualified } })) })
    },
    focus: () => view.focus(),
  }
}
