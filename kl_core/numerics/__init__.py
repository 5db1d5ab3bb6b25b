"""What keeps the digits: exact forms near equality, error-free transformations, special functions, panels."""
