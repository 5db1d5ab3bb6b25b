"""`make bench`: ratios measured in one run, and what the machine was doing meanwhile."""
