"""URLs of the accounts app outside any agency."""

from django.urls import path

from accounts.views import agencies, invitations

urlpatterns = [
    path("agencies/", agencies.agency_list, name="agencies"),
    path("agencies/new/", agencies.agency_new, name="agency_new"),
    path("invitations/<int:pk>/take/", invitations.invitation_take, name="invitation_take"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
]
