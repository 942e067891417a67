package compile

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What dbt keeps of these macros, as its manifest has it.
func TestWithSpace(t *testing.T) {
	text := "{# a #}\n{%- macro a() -%}\n1\n{%- endmacro -%}\n\n{%- macro b() %}2{% endmacro %}\n{% macro c() %}3{%- endmacro %}\n"
	for macro, want := range map[string]string{
		"{%- macro a() -%}\n1\n{%- endmacro -%}": "\n{%- macro a() -%}\n1\n{%- endmacro -%}\n\n",
		"{%- macro b() %}2{% endmacro %}":        "{%- macro b() %}2{% endmacro %}",
		"{% macro c() %}3{%- endmacro %}":        "{% macro c() %}3{%- endmacro %}",
	} {
		require.Equal(t, want, withSpace(text, macro))
	}
}
