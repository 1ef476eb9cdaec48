"""How Django's own pages write dates: as Baton's do. What may be typed stays as Django has it."""
