"""What every REST resource shares: see `crm.api.views` for how to build one."""
