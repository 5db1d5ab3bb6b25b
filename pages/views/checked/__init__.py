"""Published numbers computed anew, and common wrong code beside right code."""
