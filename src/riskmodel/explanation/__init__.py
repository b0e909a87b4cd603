"""Why a case has its risk: contributions, what is missing, and the duration curve."""
