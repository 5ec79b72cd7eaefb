"""Wrong MindSpore sides of optimizers, schedules, initializers, data and training: each is found."""
