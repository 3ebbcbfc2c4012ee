"""One module per document or screen: values in, text or JSON out. Nothing here asks the engine."""
