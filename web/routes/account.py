"""Addresses of the door, of one's own account, and of pages that are only words."""

from django.urls import path

from web.views.account import (
    Account,
    KeyAdd,
    Keys,
    OwnKeyRevoke,
    OwnKeyRotate,
    PasswordChange,
    PasswordForgotten,
    PasswordSent,
    PasswordSet,
)
from web.views.home import Home
from web.views.joining import Join
from web.views.language import SetLanguage
from web.views.second_factor import (
    RecoveryCodes,
    SecondFactor,
    SecondFactorRemove,
    SecondFactorReplace,
    SecondFactorSetUp,
)
from web.views.sign_in import SignIn, SignOut
from web.views.static_pages import StaticPage

urlpatterns = [
    path("", Home.as_view(), name="home"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-in/code/", SecondFactor.as_view(), name="second-factor"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("language/", SetLanguage.as_view(), name="set-language"),
    path("join/<str:token>/", Join.as_view(), name="accept-invitation"),
    path("password-reset/", PasswordForgotten.as_view(), name="password-reset"),
    path("password-reset/sent/", PasswordSent.as_view(), name="password-sent"),
    path("password-reset/<str:token>/", PasswordSet.as_view(), name="password-set"),
    path("account/", Account.as_view(), name="account"),
    path("account/password/", PasswordChange.as_view(), name="password-change"),
    path("account/second-factor/", SecondFactorSetUp.as_view(), name="second-factor-setup"),
    path("account/second-factor/replace/", SecondFactorReplace.as_view(), name="second-factor-replace"),
    path("account/second-factor/codes/", RecoveryCodes.as_view(), name="recovery-codes"),
    path("account/second-factor/remove/", SecondFactorRemove.as_view(), name="second-factor-remove"),
    path("account/keys/", Keys.as_view(), name="keys"),
    path("account/keys/add/", KeyAdd.as_view(), name="key-add"),
    path("account/keys/<int:pk>/rotate/", OwnKeyRotate.as_view(), name="own-key-rotate"),
    path("account/keys/<int:pk>/revoke/", OwnKeyRevoke.as_view(), name="own-key-revoke"),
    *(
        path(f"{name}/", StaticPage.as_view(template=f"pages/{name}.html"), name=name)
        for name in ("accessibility", "privacy", "terms", "contact", "sitemap")
    ),
]
