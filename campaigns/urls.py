"""URLs of the campaigns app inside an agency."""

from django.urls import URLPattern, path

from campaigns.views import (
    approvals,
    campaigns,
    enrol,
    exports,
    gap,
    moves,
    overview,
    people,
    sequence,
    sequence_approval,
    settings,
    sources,
    templates,
)

app_name = "campaigns"

_PLANNING: list[URLPattern] = [
    path("campaigns/", campaigns.campaign_list, name="list"),
    path("campaigns/new/", campaigns.campaign_new, name="new"),
    path("campaigns/<slug:slug>/rename/", campaigns.campaign_rename, name="rename"),
    path("campaigns/<slug:slug>/duplicate/", campaigns.campaign_duplicate, name="duplicate"),
    path("campaigns/<slug:slug>/delete/", campaigns.campaign_delete, name="delete"),
]
_SEQUENCE: list[URLPattern] = [
    path("campaigns/<slug:slug>/settings/", settings.campaign_settings, name="settings"),
    path("campaigns/<slug:slug>/move/<slug:verb>/", moves.campaign_move, name="move"),
    path("campaigns/<slug:slug>/sequence/", sequence.sequence, name="sequence"),
    path(
        "campaigns/<slug:slug>/sequence/preview/",
        sequence.sequence_preview,
        name="sequence_preview",
    ),
    path("campaigns/<slug:slug>/sequence/source/", sources.sequence_source, name="sequence_source"),
    path("campaigns/<slug:slug>/sequence/steps/", sequence.step_add, name="step_add"),
    path(
        "campaigns/<slug:slug>/sequence/steps/<int:pk>/move/<slug:way>/",
        sequence.step_move,
        name="step_move",
    ),
    path(
        "campaigns/<slug:slug>/sequence/steps/<int:pk>/remove/",
        sequence.step_remove,
        name="step_remove",
    ),
    path(
        "campaigns/<slug:slug>/sequence/steps/<int:pk>/variants/",
        sequence.variant_add,
        name="variant_add",
    ),
    path(
        "campaigns/<slug:slug>/sequence/variants/<int:pk>/remove/",
        sequence.variant_remove,
        name="variant_remove",
    ),
]
_LIBRARY: list[URLPattern] = [
    path("templates/", templates.template_list, name="templates"),
    path("templates/new/", templates.template_new, name="template_new"),
    path("templates/preview/", templates.template_preview, name="template_preview"),
    path("templates/leads/", templates.preview_leads, name="preview_leads"),
    path("templates/starters/", templates.template_starters, name="template_starters"),
    path("templates/<int:pk>/", templates.template_edit, name="template_edit"),
    path("templates/<int:pk>/duplicate/", templates.template_duplicate, name="template_duplicate"),
    path("templates/<int:pk>/delete/", templates.template_delete, name="template_delete"),
]

_RUNNING: list[URLPattern] = [
    path("campaigns/<slug:slug>/", overview.detail, name="detail"),
    path("campaigns/<slug:slug>/replies/", overview.replies, name="replies"),
    path("campaigns/<slug:slug>/forecast/", overview.forecast, name="forecast"),
    path("campaigns/<slug:slug>/leads/", people.leads, name="leads"),
    path("campaigns/<slug:slug>/leads/bulk/", people.leads_bulk, name="leads_bulk"),
    path("campaigns/<slug:slug>/enrol/", enrol.enrol_into, name="enrol_into"),
    path("campaigns/<slug:slug>/enrol/file/", enrol.enrol_file, name="enrol_file"),
    path("campaigns/<slug:slug>/enrol/<int:pk>/", enrol.run, name="run"),
    path("campaigns/<slug:slug>/enrol/<int:pk>/override/", enrol.override, name="run_override"),
    path("campaigns/<slug:slug>/enrol/<int:pk>/left-out/", enrol.skipped_csv, name="run_skipped"),
    path("campaigns/<slug:slug>/export/<slug:what>/", exports.export, name="export"),
    path("enrol/", enrol.enrol, name="enrol"),
    path("gaps/<int:pk>/enrol/", gap.gap_enrol, name="gap_enrol"),
    path("people/<path:address>/act/", people.person_act, name="person_act"),
    path("people/<path:address>/", people.person, name="person"),
]
_APPROVALS: list[URLPattern] = [
    path("approvals/", approvals.queue, name="approvals"),
    path("approvals/approve-clean/", approvals.approve_clean, name="approve_clean"),
    path("approvals/<int:pk>/", approvals.email, name="approval"),
    path("approvals/<int:pk>/preview/", approvals.preview, name="approval_preview"),
    path("approvals/<int:pk>/approve/", approvals.approve, name="approval_approve"),
    path("approvals/<int:pk>/skip/", approvals.skip, name="approval_skip"),
    path("approvals/<int:pk>/reopen/", approvals.reopen, name="approval_reopen"),
    path("approvals/<int:pk>/edit/", approvals.edit, name="approval_edit"),
    path("approvals/sequences/<slug:slug>/", sequence_approval.sequence, name="approval_sequence"),
    path(
        "approvals/sequences/<slug:slug>/<int:order>/<int:pk>/",
        sequence_approval.sequence_preview,
        name="approval_sequence_preview",
    ),
    path(
        "approvals/sequences/<slug:slug>/approve/",
        sequence_approval.sequence_approve,
        name="approval_sequence_approve",
    ),
    path(
        "approvals/sequences/<slug:slug>/return/",
        sequence_approval.sequence_return,
        name="approval_sequence_return",
    ),
]

urlpatterns = [*_PLANNING, *_SEQUENCE, *_LIBRARY, *_RUNNING, *_APPROVALS]
