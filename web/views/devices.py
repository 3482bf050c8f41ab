"""Machines of the mall: registered, given keys, taken out of use."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.directory import device_keys_visible_to, devices_visible_to
from accounts.keys import issue_key, revoke_key
from accounts.models import AccessKey, Device
from accounts.people import register_device, retire_device
from accounts.policy import Policy
from accounts.roles import DEVICE_RIGHTS, DeviceKind, Right
from core.devanagari import clean
from core.history import changes
from web.forms.account import KeyForm, RotateForm
from web.forms.office import DeviceFilter, DeviceForm
from web.forms.tenancy import WhyForm
from web.views.account import (
    key_line,
    key_terms,
    revocation_words,
    rotated,
    rotation_words,
    show_key,
)
from web.views.asking import ConfirmPage, FormPage
from web.views.base import Page, SignedIn, attempt, fetch, page_of

ONE_DEVICE = Policy({"GET": Right.MANAGE_DEVICES, "POST": Right.MANAGE_DEVICES}, object_of="device")
ONE_KEY = Policy({"GET": Right.MANAGE_DEVICES, "POST": Right.MANAGE_DEVICES}, object_of="key")
KEY_LASTS = timedelta(days=365)


class Devices(Page):
    """The list of kiosks and people counters."""

    policy = Policy({"GET": Right.MANAGE_DEVICES})
    template = "office/devices.html"

    def get(self, request: SignedIn) -> HttpResponse:
        form = DeviceFilter(request.GET)
        form.is_valid()
        wish = form.cleaned_data
        devices = devices_visible_to(request.user)
        for word in clean(wish.get("q") or "").split():
            devices = devices.filter(name__icontains=word)
        if wish.get("kind"):
            devices = devices.filter(kind=wish["kind"])
        if wish.get("use"):
            devices = devices.filter(is_active=wish["use"] == "yes")
        now = timezone.now()
        usable = Q(access_keys__revoked_at=None) & (
            Q(access_keys__expires_at=None) | Q(access_keys__expires_at__gt=now)
        )
        devices = devices.annotate(
            keys=Count("access_keys", filter=usable), last_used_at=Max("access_keys__last_used_at")
        )
        return self.show(request, form=form, page_obj=page_of(request, devices))


class DeviceAdd(FormPage):
    """A machine is registered."""

    policy = Policy({"GET": Right.MANAGE_DEVICES, "POST": Right.MANAGE_DEVICES})

    def get(self, request: SignedIn) -> HttpResponse:
        return self.draw(request, DeviceForm())

    def post(self, request: SignedIn) -> HttpResponse:
        form = DeviceForm(request.POST)
        if form.is_valid():
            kind, name = DeviceKind(form.cleaned_data["kind"]), form.cleaned_data["name"]
            done = _("%(device)s is registered. Now make a key for it.") % {"device": name}
            device = attempt(request, form, lambda: register_device(kind=kind, name=name, by=request.user), done)
            if device:
                return redirect("device", device.pk)
        return self.draw(request, form)

    def draw(self, request: SignedIn, form: DeviceForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            heading=_("Register a device"),
            submit=_("Register"),
            crumbs=device_crumbs(),
            back=reverse("devices"),
        )


class DevicePage(Page):
    """One machine with its keys and its history."""

    policy = Policy({"GET": Right.MANAGE_DEVICES}, object_of="device")
    template = "office/device.html"

    def get(self, request: SignedIn, pk: int) -> HttpResponse:
        device = fetch(devices_visible_to(request.user), pk=pk)
        now = timezone.now()
        return self.show(
            request,
            device=device,
            keys=[key_line(key, now) for key in device_keys_visible_to(request.user).filter(device=device)],
            entries=changes(device),
            crumbs=device_crumbs(),
        )


class DeviceKeyAdd(FormPage):
    """A key for a machine, shown once."""

    policy = ONE_DEVICE

    def get(self, request: SignedIn, pk: int) -> HttpResponse:
        device = fetch(devices_visible_to(request.user), pk=pk, is_active=True)
        today = timezone.localdate()
        initial = {"label": device.name, "last": today + KEY_LASTS}
        return self.draw(request, device, self.form(device, initial=initial))

    def post(self, request: SignedIn, pk: int) -> HttpResponse:
        device = fetch(devices_visible_to(request.user), pk=pk, is_active=True)
        form = self.form(device, request.POST)
        if form.is_valid():
            made = attempt(request, form, lambda: issue_key(holder=device, by=request.user, **key_terms(form)))
            if made:
                return show_key(request, made, **about(device))
        return self.draw(request, device, form)

    def form(self, device: Device, *args: Any, **kwargs: Any) -> KeyForm:
        rights = sorted(DEVICE_RIGHTS[device.kind])
        return KeyForm(*args, rights=rights, today=timezone.localdate(), **kwargs)

    def draw(self, request: SignedIn, device: Device, form: KeyForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            heading=_("Make a key for %(device)s") % {"device": device},
            lead=_("The key is shown once. Have the machine's settings open beside this page."),
            submit=_("Make the key"),
            **about(device),
        )


class DeviceRetire(ConfirmPage):
    """A machine is taken out of use."""

    policy = ONE_DEVICE

    def get(self, request: SignedIn, pk: int) -> HttpResponse:
        return self.draw(request, fetch(devices_visible_to(request.user), pk=pk, is_active=True), WhyForm())

    def post(self, request: SignedIn, pk: int) -> HttpResponse:
        device = fetch(devices_visible_to(request.user), pk=pk, is_active=True)
        form = WhyForm(request.POST)
        if form.is_valid():
            done, why = _("%(device)s is out of use.") % {"device": device}, form.cleaned_data["why"]
            if attempt(request, form, lambda: retire_device(device=device, by=request.user, why=why), done):
                return redirect("device", device.pk)
        return self.draw(request, device, form)

    def draw(self, request: SignedIn, device: Device, form: WhyForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            heading=_("Take out of use"),
            question=_("Take %(device)s out of use?") % {"device": device},
            consequence=_("None of its keys opens anything from now on. Its history stays."),
            submit=_("Take out of use"),
            **about(device),
        )


class DeviceKeyRotate(FormPage):
    """A machine's key gets a successor; both work for a while."""

    policy = ONE_KEY

    def get(self, request: SignedIn, pk: int) -> HttpResponse:
        return self.draw(request, fetch(device_keys_visible_to(request.user), pk=pk), RotateForm())

    def post(self, request: SignedIn, pk: int) -> HttpResponse:
        key = fetch(device_keys_visible_to(request.user), pk=pk)
        form = RotateForm(request.POST)
        if made := rotated(request, form, key):
            return show_key(request, made, **about(made.key.device))
        return self.draw(request, key, form)

    def draw(self, request: SignedIn, key: AccessKey, form: RotateForm) -> HttpResponse:
        return self.ask(request, form, **rotation_words(key), **about(key.device))


class DeviceKeyRevoke(ConfirmPage):
    """A machine's key ends now."""

    policy = ONE_KEY

    def get(self, request: SignedIn, pk: int) -> HttpResponse:
        key = fetch(device_keys_visible_to(request.user), pk=pk)
        return self.ask(request, **revocation_words(key), **about(key.device))

    def post(self, request: SignedIn, pk: int) -> HttpResponse:
        key = fetch(device_keys_visible_to(request.user), pk=pk)
        revoke_key(key=key, at=timezone.now(), by=request.user)
        messages.success(request, _("The key is revoked. It opens nothing any more."))
        return redirect("device", key.device_id)


def device_crumbs() -> list[tuple[str, str]]:
    return [(_("Devices"), reverse("devices"))]


def about(device: Any) -> dict[str, Any]:
    """Where a page about a device stands, and the way back."""
    address = reverse("device", args=[device.pk])
    return {"crumbs": [*device_crumbs(), (str(device), address)], "back": address}
