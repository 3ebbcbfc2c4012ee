"""Data services: which engine an image holds, how its own client is called, what its errors say."""
