"""Clock room: real sessions, bars of a day, scheduled events and earnings blackouts, as arrays."""

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
    "EXECUTION_PROFILES",
    "FIRST_DATE",
    "LAST_DATE",
    "QUIET_DAYS",
    "Calendar",
    "DateLike",
    "Sessions",
    "as_day",
    "bars_in_session",
    "cpi_days",
    "execution_profile",
    "fomc_minutes_days",
    "fomc_statement_days",
    "gdp_days",
    "in_blackout",
    "monthly_expiry_days",
    "payroll_days",
    "require_session",
    "session_calendar",
    "sessions",
    "sessions_after",
    "share_in_blackout",
    "volume_profile",
]
