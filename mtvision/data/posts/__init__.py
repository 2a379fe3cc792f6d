"""Posts of made-up people, whose age, income and gender are known."""
