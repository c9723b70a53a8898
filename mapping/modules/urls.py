"""The settings of each module: fields, layout, picklists."""

from django.urls import path

from mapping.modules import fields, indexes, layout, picklists

urlpatterns = [
    path("fields/", fields.module_fields, name="settings-fields"),
    path("fields/new/", fields.new_field, name="field-new"),
    path("fields/<slug:key>/", fields.edit_field, name="field-edit"),
    path("fields/<slug:key>/switch/", fields.switch_field, name="field-switch"),
    path("fields/<slug:key>/retire/", fields.retire_field, name="field-retire"),
    path("fields/<slug:key>/back/", fields.bring_back_field, name="field-back"),
    path("fields/<slug:key>/index/", indexes.index_field, name="field-index"),
    path("layout/", layout.edit_layout, name="settings-layout"),
    path("picklists/", picklists.module_picklists, name="settings-picklists"),
    path("picklists/<slug:key>/", picklists.show_picklist, name="settings-picklist"),
    path("picklists/<slug:key>/order/", picklists.move_option, name="option-order"),
    path("picklists/<slug:key>/<key:pk>/", picklists.edit_option, name="option-edit"),
    path("picklists/<slug:key>/<key:pk>/retire/", picklists.retire_option, name="option-retire"),
    path("picklists/<slug:key>/<key:pk>/back/", picklists.bring_back_option, name="option-back"),
]
