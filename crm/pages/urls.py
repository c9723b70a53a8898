"""The pages of every module, at the module's own slug."""

from django.urls import path
from django.urls.resolvers import URLPattern

from crm.fields import registry
from crm.pages import duplicates, merging, participation, related, saved, search, similar, statuses, views
from crm.pages.changing import views as changing
from crm.records.base import Mergeable


def module_urls(slug: str) -> list[URLPattern]:
    """The addresses of one module's pages; they are named after it: leads-list, leads-detail …"""
    here = {"slug": slug}
    return [
        path(f"{slug}/", views.list_records, here, name=f"{slug}-list"),
        path(f"{slug}/change/", changing.change_records, here, name=f"{slug}-change"),
        path(f"{slug}/columns/", saved.choose_columns, here, name=f"{slug}-columns"),
        path(f"{slug}/views/new/", saved.new_view, here, name=f"{slug}-view-new"),
        path(f"{slug}/views/<key:pk>/", saved.edit_view, here, name=f"{slug}-view-edit"),
        path(f"{slug}/views/<key:pk>/delete/", saved.delete_view, here, name=f"{slug}-view-delete"),
        path(f"{slug}/new/", views.new_record, here, name=f"{slug}-new"),
        path(f"{slug}/<key:pk>/", views.show_record, here, name=f"{slug}-detail"),
        path(f"{slug}/<key:pk>/edit/", views.edit_record, here, name=f"{slug}-edit"),
        path(f"{slug}/<key:pk>/delete/", views.delete_record, here, name=f"{slug}-delete"),
        path(f"{slug}/<key:pk>/status/", statuses.set_status, here, name=f"{slug}-status"),
        path(f"{slug}/<key:pk>/tags/", related.tag_record, here, name=f"{slug}-tags"),
        path(f"{slug}/<key:pk>/follow/", related.follow_record, here, name=f"{slug}-follow"),
        path(f"{slug}/<key:pk>/add/<slug:kind>/", related.add_related, here, name=f"{slug}-add"),
    ]


def similar_urls(slug: str) -> list[URLPattern]:
    """Where a module's records that look the same are found."""
    here = {"slug": slug}
    return [
        path(f"{slug}/similar/", similar.similar_to_typed, here, name=f"{slug}-similar-typed"),
        path(f"{slug}/<key:pk>/similar/", similar.similar_records, here, name=f"{slug}-similar"),
    ]


urlpatterns = [
    *(pattern for module in registry.modules() for pattern in module_urls(module.slug)),
    *(pattern for slug in similar.slugs() for pattern in similar_urls(slug)),
    path("settings/modules/leads/duplicates/", duplicates.duplicate_rules, name="settings-duplicates"),
    *(
        path(
            f"{module.slug}/<key:pk>/merge/", merging.merge_records, {"slug": module.slug}, name=f"{module.slug}-merge"
        )
        for module in registry.modules()
        if issubclass(module.model, Mergeable)
    ),
    *(
        path(f"opportunities/<key:pk>/people/{address}", view, {"slug": "opportunities"}, name=f"opportunities-{name}")
        for address, view, name in (
            ("add/", participation.add_person, "person-add"),
            ("<key:contact>/role/", participation.change_role, "person-role"),
            ("<key:contact>/main/", participation.make_main, "person-main"),
            ("<key:contact>/remove/", participation.remove_person, "person-remove"),
        )
    ),
    path("changes/<key:pk>/", changing.show_change, name="change"),
    path("suggest/<slug:slug>/", views.suggest, name="suggest"),
    path("search/", search.search, name="search"),
    path("activities/", related.my_activities, name="activities-list"),
    path("activities/<key:pk>/done/", related.finish_activity, name="activity-done"),
    path("related/<slug:kind>/<key:pk>/edit/", related.edit_related, name="related-edit"),
    path("related/<slug:kind>/<key:pk>/delete/", related.delete_related, name="related-delete"),
    path("documents/<key:pk>/", related.download, name="document"),
]
