"""Replaying months of real history under other terms: "what if?".

`contracts` says which terms hold, `history` reads what happened, `engine` walks through it in the order of time with
the rules of the live path, `answers` tells what becomes of a handoff, `chances` what is likely where nobody knows,
`report` counts, `reproduction` compares a replay of what is in force with what really happened. Nothing here writes
or locks anything.
"""
