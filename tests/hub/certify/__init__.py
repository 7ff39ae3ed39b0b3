"""The traffic and the harm of a certificate, and the certificate itself."""
