package expect

// notNull fails rows without a value.
func notNull(d *draft) form {
	return d.rowsWhere(d.column()+" is null", func(f found) string { return rowsOf(f, "no "+d.test.Column) })
}
