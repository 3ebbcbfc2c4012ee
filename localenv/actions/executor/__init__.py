"""Carrying out plans. What is to be done stands in the plan; here is how, in which order, and what happens when it fails."""
