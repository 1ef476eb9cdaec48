"""Pages of the SLA: agreements, their editor, and routing."""
