"""The door for shop modules: `/api/v5` as retailCRM's clients know it."""
