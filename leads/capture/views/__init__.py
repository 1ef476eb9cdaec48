"""What anybody may open without logging in: forms, what stands behind them, and the beacon of our web sites."""
