"""The raw scan: what Compose will read, found before it reads it, and where each thing stands. Pure; no file is opened here."""
