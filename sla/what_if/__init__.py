"""What a what-if run came to, in words, pictures and tables."""
