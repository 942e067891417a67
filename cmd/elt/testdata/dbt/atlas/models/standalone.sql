select 1 as alone
