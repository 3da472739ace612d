"""Real sessions, bars of a day, scheduled events, earnings blackouts and expiries, as arrays.

May import `files` and `errors`.
"""

from flowsim.clock.bars import (
    BAR_COUNTS,
    EXECUTION_PROFILES,
    bars_in_session,
    execution_profile,
    volume_profile,
)
from flowsim.clock.blackout import QUIET_DAYS, in_blackout, share_in_blackout
from flowsim.clock.calendar import Calendar, session_calendar
from flowsim.clock.events import (
    cpi_days,
    fomc_minutes_days,
    fomc_statement_days,
    gdp_days,
    monthly_expiry_days,
    payroll_days,
)
from flowsim.clock.expiries import Expiries, listed_expiries, minutes_to_expiry, trading_days_to
from flowsim.clock.rolls import (
    EVENT_ROLLS,
    EXPIRY_RULES,
    ROLL_RULES,
    Rolls,
    may_settle_at_next_close,
    roll_calendar,
    roll_fault,
)
from flowsim.clock.sessions import (
    FIRST_DATE,
    LAST_DATE,
    DateLike,
    Sessions,
    as_day,
    require_session,
    sessions,
    sessions_after,
)

__all__ = [
    "BAR_COUNTS",
    "EVENT_ROLLS",
    "EXECUTION_PROFILES",
    "EXPIRY_RULES",
    "FIRST_DATE",
    "LAST_DATE",
    "QUIET_DAYS",
    "ROLL_RULES",
    "Calendar",
    "DateLike",
    "Expiries",
    "Rolls",
    "Sessions",
    "as_day",
    "bars_in_session",
    "cpi_days",
    "execution_profile",
    "fomc_minutes_days",
    "fomc_statement_days",
    "gdp_days",
    "in_blackout",
    "listed_expiries",
    "may_settle_at_next_close",
    "minutes_to_expiry",
    "monthly_expiry_days",
    "payroll_days",
    "require_session",
    "roll_calendar",
    "roll_fault",
    "session_calendar",
    "sessions",
    "sessions_after",
    "share_in_blackout",
    "trading_days_to",
    "volume_profile",
]
