"""The use cases, in terms of ports. No Docker, no files, no printing."""
