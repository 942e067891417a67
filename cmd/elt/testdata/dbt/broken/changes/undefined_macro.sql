select {{ nosuch_macro(1) }}
