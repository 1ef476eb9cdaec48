"""The demo company: a believable year, made by the same deeds that people use."""
