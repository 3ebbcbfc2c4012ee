"""What localenv.yaml and the tier profiles may say, as strict types, and how they make one effective configuration."""
