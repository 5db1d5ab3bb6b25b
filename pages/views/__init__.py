"""A folder per page, under the page's own name; arrows go to frame, shared and kl_core."""
