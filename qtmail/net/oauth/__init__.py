"""Signing in at the provider's own page instead of giving a password (OAuth 2: RFC 6749, 7636, 8252, 8628, 9207).

`providers` knows them, `browser` hears what the provider's page sends back, `requests` talks to the token endpoint.
What comes of it, `Tokens`, is kept in the keyring in the place of a password; `engine/signing_in` renews it.
"""
