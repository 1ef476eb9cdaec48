"""How leads come in: public forms, REST, files and the beacon, all through one door."""
