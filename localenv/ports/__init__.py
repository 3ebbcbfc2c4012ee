"""The small Protocols that actions need. No implementation lives here."""
