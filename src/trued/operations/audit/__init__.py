"""``trued audit``: what is audited, against which advisories, and what is to be done about the findings."""
