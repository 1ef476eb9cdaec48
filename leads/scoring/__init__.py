"""What a lead's behaviour and fit are worth: rules in versions, points that decay, and why."""
