"""What the template tags show: pure functions from plain values to words, links and shapes. Nothing here asks
the database or the clock."""
