"""The only door to other people's web pages: public, polite and bounded."""
