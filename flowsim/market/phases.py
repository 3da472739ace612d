"""The phases of a day in which subsystems are called, in their order."""

NEWS, BEFORE_BAR, MOVE, AFTER_FILLS, AFTER_CLOSE, AFTER_TRADES, KEEP = 0, 1, 2, 3, 4, 5, 6
"""NEWS: each step, before anybody trades; write what the step moves the price by into `Scratch.shock`.
BEFORE_BAR: each bar, before rules are asked; write into the view.
MOVE: each step, when everybody's contribution is known and before the price moves; add to it.
AFTER_FILLS: each step, when the fills are booked at its price; settle and book.
AFTER_CLOSE: once a day, before rules on the day clock are asked.
AFTER_TRADES: once a day, after all have done AFTER_CLOSE: what was traded there is known.
KEEP: at a close that is recorded, after the market's own tables."""
N_PHASES = 7

TODAY, NEXT_DAY = 0, 1
"""Whose turn it is: of who is in force in the session, or, at its close and when that is kept, from then on."""
