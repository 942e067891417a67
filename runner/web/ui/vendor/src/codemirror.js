// The SQL editor, in one file: its packages share state, so they must be bundled together.
export { Compartment, EditorState, Prec } from '@codemirror/state'
export { Decoration, EditorView, drawSelection, highlightSpecialChars, keymap, lineNumbers, placeholder } from '@codemirror/view'
export { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
export { HighlightStyle, bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language'
export { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
export { PostgreSQL, sql } from '@codemirror/lang-sql'
export { tags } from '@lezer/highlight'
