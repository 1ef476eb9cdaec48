"""Nurture: programmes, who is in them, and (to come) what they are sent."""
