"""Reports for people: self-contained pages that open in a browser without a network.

May import what lies below it.
"""

from flowsim.report.claims import as_page as claims_page
from flowsim.report.claims import as_text as claims_text
from flowsim.report.claims import write as write_claims
from flowsim.report.outlook import outlook_page, write_outlook

__all__ = ["claims_page", "claims_text", "outlook_page", "write_claims", "write_outlook"]
