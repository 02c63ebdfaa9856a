"""The plan: sequences, enrolments, approvals, forecast, analytics."""
