"""Wrong MindSpore sides of optimizers, schedules, initializers, data, training: all found."""
