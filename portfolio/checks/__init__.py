"""What `portfolio check` looks at, a module a subject. Nothing here writes a file."""
