select {{ [1][5] + 1 }} as id
