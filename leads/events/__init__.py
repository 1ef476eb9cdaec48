"""Behaviour events of any tool: told once, kept for who is not known yet, taken back."""
