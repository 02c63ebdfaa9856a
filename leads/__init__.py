"""Who the agency may write to: leads, imports, lists, scores."""
