"""What somebody tries who wants in: each test is one door, on a real installation."""
