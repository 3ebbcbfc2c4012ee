"""What the router is told: its own settings and one route file per environment, as plain mappings.

Pure: values in, mappings out. Nothing here knows where files lie, how YAML looks or whether Traefik runs.
"""
