package expect

// notNegative fails rows with a value below 0. NULL passes.
func notNegative(d *draft) form {
	return d.rowsWhere(d.column()+" < 0", func(f found) string { return rowsOf(f, "a negative "+d.test.Column) })
}
