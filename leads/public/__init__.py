"""Public forms and web sites as marketing keeps them up in the admin."""
