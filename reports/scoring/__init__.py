"""How well scoring tells who will be accepted and who will buy, and better points proposed from it."""
