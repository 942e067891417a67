// Package jinja is a Jinja2 template engine: it reads the language of Jinja2 3.1 with the extensions do and loopcontrols,
// and prints values as Python prints them.
//
// It takes template sources, a Scope in which to find variables, and Go functions. It gives text, a source map that
// knows for each byte of the text which template, line and macro calls made it, and errors with file, line, column, call
// stack and a hint. What stands in a template it also tells without rendering: its macros, its custom blocks and its
// calls.
//
// It must not know SQL, dbt, files or the network: ref, config and the like are functions and block tags of the host.
//
// An Env and a Template are immutable and may be used by many goroutines; a Module, a Call and the values of a render
// belong to one. Every render is bounded by Limits and by its context, so no template can run away.
//
// The engine differs from Jinja2 where that helps: the result of map, select and the like prints and has a length as a
// list does, though as in Jinja2 it can be walked only once; an unclosed block is reported where it opens; an included
// template always sees loop; random and lipsum are refused, because the same input must give the same output. Template
// inheritance (extends, block, super), autoescape, the escaping that + does next to the result of escape or tojson, urlize,
// translations, bytes and complex numbers are left out.
package jinja
