"""Facts the accounts app announces to the apps above it."""

from django.dispatch import Signal

# Someone followed an invitation link that was never issued, or was replaced: request.
invitation_forged = Signal()
