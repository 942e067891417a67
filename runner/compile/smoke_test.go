package compile_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner/compile"
	"elt/runner/expect"
	"elt/runner/project"
)

func TestSmoke(t *testing.T) {
	p, err := project.Load(t.Context(), project.Options{Dir: "../..", TestArgs: expect.Kinds(), Render: compile.YAMLRenderer(nil)})
	require.NoError(t, err)
	c, err := compile.New(t.Context(), p, compile.Options{})
	if err != nil {
		t.Fatalf("%v", err)
	}
	order, err := c.Graph().Order()
	require.NoError(t, err)
	fmt.Println(order)
	sql, err := c.Logical(t.Context(), "model.marketing.marketing_analytics")
	require.NoError(t, err)
	fmt.Println(sql.Text)
}
