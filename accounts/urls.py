"""URLs of the accounts app inside an agency."""

from django.urls import path

from accounts.views import agencies, clients, preferences, targets, team

app_name = "accounts"
urlpatterns = [
    path("", agencies.agency_settings, name="agency"),
    path("leave/", agencies.agency_leave, name="leave"),
    path("close/", agencies.agency_close, name="close"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("team/", team.team_list, name="team"),
    path("team/invite/", team.invitation_create, name="invite"),
    path("team/invitations/<int:pk>/resend/", team.invitation_resend, name="invitation_resend"),
    path("team/invitations/<int:pk>/revoke/", team.invitation_revoke, name="invitation_revoke"),
    path("team/<int:pk>/role/", team.member_role, name="member_role"),
    path("team/<int:pk>/remove/", team.member_remove, name="member_remove"),
    path("clients/", clients.client_list, name="clients"),
    path("clients/new/", clients.client_new, name="client_new"),
    path("clients/choose/", clients.client_choose, name="client_choose"),
    path("clients/<int:pk>/", clients.client_detail, name="client"),
    path("clients/<int:pk>/edit/", clients.client_edit, name="client_edit"),
    path("clients/<int:pk>/archive/", clients.client_archive, name="client_archive"),
    path("clients/<int:pk>/unarchive/", clients.client_unarchive, name="client_unarchive"),
    path("clients/<int:pk>/competitors/", targets.competitors_add, name="competitors_add"),
    path(
        "clients/<int:pk>/competitors/<int:row>/", targets.competitor_edit, name="competitor_edit"
    ),
    path(
        "clients/<int:pk>/competitors/<int:row>/delete/",
        targets.competitor_delete,
        name="competitor_delete",
    ),
    path("clients/<int:pk>/pages/new/", targets.page_new, name="page_new"),
    path("clients/<int:pk>/pages/<int:row>/", targets.page_edit, name="page_edit"),
    path("clients/<int:pk>/pages/<int:row>/delete/", targets.page_delete, name="page_delete"),
]
