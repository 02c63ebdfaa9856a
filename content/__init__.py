"""Articles written to carry a backlink, reviewed in batches."""
