"""Signing in and out, and the user's own pages. Of allauth's pages only these are open: there is no sign-up."""

from allauth.account import views as allauth
from django.urls import path
from django.views.generic import TemplateView

from crm.people import settings_pages
from crm.people.preferences import change_preferences
from crm.people.profile import profile

urlpatterns = [
    path("accounts/login/", allauth.login, name="account_login"),
    path("accounts/logout/", allauth.logout, name="account_logout"),
    path("accounts/inactive/", allauth.account_inactive, name="account_inactive"),
    path("accounts/password/change/", allauth.password_change, name="account_change_password"),
    path("profile/", profile, name="profile"),
    path("profile/preferences/", change_preferences, name="preferences"),
    path("shortcuts/", TemplateView.as_view(template_name="pages/shortcuts.html"), name="shortcuts"),
    path("profile/tokens/", settings_pages.tokens, name="tokens"),
    path("profile/tokens/<key:pk>/revoke/", settings_pages.revoke_token, name="token-revoke"),
    path("settings/people/", settings_pages.people, name="people"),
    path("settings/people/new/", settings_pages.edit_user, name="user-new"),
    path("settings/people/<key:pk>/", settings_pages.edit_user, name="user-edit"),
    path("settings/teams/new/", settings_pages.edit_team, name="team-new"),
    path("settings/teams/<key:pk>/", settings_pages.edit_team, name="team-edit"),
    path("settings/teams/<key:pk>/delete/", settings_pages.remove_team, name="team-delete"),
]
