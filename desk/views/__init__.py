"""Pages. Every view parses, calls one deed and answers."""
