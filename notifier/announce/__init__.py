"""What the window's public records say: the status page's incident."""
