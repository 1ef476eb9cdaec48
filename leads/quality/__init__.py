"""The quality of what is known about leads: a catalogue of rules, the figures by them, and how a gap is mended."""
