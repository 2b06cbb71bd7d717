"""What rules read better than a model: time in use, hazards, wishes, targets, how specific an opinion is."""
