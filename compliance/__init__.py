"""May we contact them: policy, suppression, consent, counters, audit."""
