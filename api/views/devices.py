"""Devices: kiosks and people counters, and the keys they sign in with."""

from datetime import timedelta
from typing import Any, ClassVar

import django_filters
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.directory import device_keys_visible_to, devices_visible_to
from accounts.keys import issue_key, revoke_key, rotate_key
from accounts.people import register_device, retire_device
from accounts.policy import Policy
from accounts.roles import DeviceKind, Right
from api.fields import Entry, Nothing, SaidWhy
from api.filtering import YesNo
from api.shapes import Shape
from api.views.base import Endpoint
from api.views.keys import KeyEntry, KeyShape, NewKeyShape, RotateEntry

MANAGE = Policy({"GET": Right.MANAGE_DEVICES, "POST": Right.MANAGE_DEVICES})
OF_DEVICE = Policy({"GET": Right.MANAGE_DEVICES, "POST": Right.MANAGE_DEVICES}, object_of="device")
ACT_ON_DEVICE = Policy({"POST": Right.MANAGE_DEVICES}, object_of="device")
ACT_ON_KEY = Policy({"POST": Right.MANAGE_DEVICES}, object_of="key")


class DeviceShape(Shape):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(DeviceKind.choices)
    name = serializers.CharField()
    is_active = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class DeviceEntry(Entry):
    kind = serializers.ChoiceField(DeviceKind.choices)
    name = serializers.CharField(max_length=80)


class DeviceFilters(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=DeviceKind.choices, label=_("kind"))
    is_active = YesNo("is_active", label=_("in use"))


class Devices(Endpoint):
    """The machines that sign in by key; POST registers one."""

    policy = MANAGE
    asks: ClassVar[Any] = {"POST": DeviceEntry}
    answers: ClassVar[Any] = {"GET": DeviceShape, "POST": DeviceShape}
    lists = creates = True
    filterset_class = DeviceFilters
    ordering_fields = ("name", "created_at")

    def get(self, request: Request) -> Response:
        return self.page(devices_visible_to(self.actor))

    def post(self, request: Request) -> Response:
        """Register a device."""
        return self.answer(register_device(by=self.actor, **self.entry()))


class OneDevice(Endpoint):
    """A device."""

    policy = Policy({"GET": Right.MANAGE_DEVICES}, object_of="device")
    answers: ClassVar[Any] = {"GET": DeviceShape}

    def get(self, request: Request, pk: int) -> Response:
        return self.answer(self.find(devices_visible_to(self.actor), pk=pk))


class RetireDevice(Endpoint):
    """Take a device out of use: none of its keys opens anything from now on."""

    policy = ACT_ON_DEVICE
    asks: ClassVar[Any] = {"POST": SaidWhy}
    answers: ClassVar[Any] = {"POST": DeviceShape}

    def post(self, request: Request, pk: int) -> Response:
        device = self.find(devices_visible_to(self.actor), pk=pk)
        retire_device(device=device, by=self.actor, **self.entry())
        return self.answer(self.find(devices_visible_to(self.actor), pk=pk))


class DeviceKeys(Endpoint):
    """The keys of a device; POST makes one and shows it this once."""

    policy = OF_DEVICE
    asks: ClassVar[Any] = {"POST": KeyEntry}
    answers: ClassVar[Any] = {"GET": KeyShape, "POST": NewKeyShape}
    lists = creates = True
    secrets = ("text",)

    def get(self, request: Request, pk: int) -> Response:
        return self.page(
            device_keys_visible_to(self.actor).filter(device=self.find(devices_visible_to(self.actor), pk=pk))
        )

    def post(self, request: Request, pk: int) -> Response:
        """Make a key for a device. It is shown this once."""
        device = self.find(devices_visible_to(self.actor), pk=pk)
        return self.answer(issue_key(holder=device, by=self.actor, **self.entry())._asdict())


class RotateDeviceKey(Endpoint):
    """Make a successor of a device's key; the old one goes on while the device is told."""

    policy = ACT_ON_KEY
    asks: ClassVar[Any] = {"POST": RotateEntry}
    answers: ClassVar[Any] = {"POST": NewKeyShape}
    creates = True
    secrets = ("text",)

    def post(self, request: Request, pk: int, key: int) -> Response:
        found = self.find(device_keys_visible_to(self.actor), device=pk, pk=key)
        overlap = timedelta(hours=self.entry()["overlap_hours"])
        return self.answer(rotate_key(key=found, at=self.now, overlap=overlap, by=self.actor)._asdict())


class RevokeDeviceKey(Endpoint):
    """End a device's key now."""

    policy = ACT_ON_KEY
    asks: ClassVar[Any] = {"POST": Nothing}
    answers: ClassVar[Any] = {"POST": None}

    def post(self, request: Request, pk: int, key: int) -> Response:
        found = self.find(device_keys_visible_to(self.actor), device=pk, pk=key)
        self.entry()
        revoke_key(key=found, at=self.now, by=self.actor)
        return Response(status=204)
