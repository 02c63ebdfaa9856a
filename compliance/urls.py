"""URLs of the compliance app inside an agency."""

from django.urls import path

from compliance.views import decisions, logs, people, permissions, suppressions

app_name = "compliance"
urlpatterns = [
    path("suppressions/", suppressions.suppression_list, name="suppressions"),
    path("suppressions/add/", suppressions.suppression_add, name="suppression_add"),
    path("suppressions/import/", suppressions.suppression_import, name="suppression_import"),
    path("suppressions/export/", suppressions.suppression_export, name="suppression_export"),
    path("suppressions/remove/", suppressions.suppression_remove, name="suppression_remove"),
    path("consents/", permissions.consent_list, name="consents"),
    path("consents/add/", permissions.consent_add, name="consent_add"),
    path("consents/<int:pk>/withdraw/", permissions.consent_withdraw, name="consent_withdraw"),
    path("rules/", permissions.rules, name="rules"),
    path("rules/save/", permissions.rules_save, name="rules_save"),
    path("rules/assessment/", permissions.assessment, name="assessment"),
    path("rules/assessment/withdraw/", permissions.assessment_withdraw, name="assessment_withdraw"),
    path("people/", people.people, name="people"),
    path("people/export/", people.person_export, name="person_export"),
    path("people/erase/", people.person_erase, name="person_erase"),
    path("audit/", logs.audit_list, name="audit"),
    path("audit/security/", logs.security_list, name="security"),
    path("decisions/", decisions.decision_list, name="decisions"),
    path("decisions/<int:pk>/", decisions.decision_detail, name="decision"),
]
