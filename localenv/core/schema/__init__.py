"""What a database says of its tables: values only. Reading them is an action's work, writing rows to them another's."""
