select {{ nosuch.macro(1) }}
