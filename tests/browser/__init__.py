"""What only a real browser can say: journeys, console errors, accessibility."""
