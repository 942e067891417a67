// The SQL editor, in one file: its packages share state, so they must be bundled together.
export { Compartment, EditorState, Prec } from '@codemirror/state'
export {
  EditorView, drawSelection, dropCursor, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars,
  keymap, lineNumbers, placeholder,
} from '@codemirror/view'
export { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
export { HighlightStyle, bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language'
export { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
export { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
export { PostgreSQL, SQLDialect, StandardSQL, sql } from '@codemirror/lang-sql'
export { tags } from '@lezer/highlight'
