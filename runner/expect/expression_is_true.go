package expect

import "fmt"

// expressionIsTrue fails rows for which the expression is false. As in dbt_utils, a row passes for which it is NULL, and
// below a column the expression is the rest of a comparison: "> 0".
func expressionIsTrue(d *draft) form {
	expression, _ := d.text("expression")
	said := expression
	if d.test.Column != "" {
		expression, said = d.column()+" "+expression, d.test.Column+" "+expression
	}
	return d.rowsWhere(fmt.Sprintf("not (%s\n)", expression), func(f found) string {
		return fmt.Sprintf("%s not satisfy: %s", among(f, "does", "do"), oneLine(said))
	})
}
