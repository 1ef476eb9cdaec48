"""Which records may be one person or one company: keys, candidates, evidence and rules. Pure, but for its words."""
