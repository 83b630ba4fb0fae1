"""What both HTTP doors share: sign-in, error table, headers, TLS."""
