"""The coverage board: each space that the scheme owes to a state or a district, and how it stands today."""

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Policy
from accounts.roles import Right
from api.shapes import NamedShape, PlaceShape, Shape, TenantNameShape, UnitNameShape
from api.views.base import Endpoint
from api.views.tenants import StandingShape
from insights.coverage import Cover, of_districts, of_states

SEE = Policy({"GET": Right.SEE_COVERAGE})


class CountsShape(Shape):
    """How many places are owed a space, how many trade in theirs, and the count of each kind of cover."""

    total = serializers.IntegerField()
    trading = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField())


class CoverageShape(Shape):
    states = CountsShape()
    districts = CountsShape()


class SpaceShape(Shape):
    place = PlaceShape()
    cover = serializers.ChoiceField(Cover.choices)
    unit = UnitNameShape(allow_null=True)
    tenant = TenantNameShape(allow_null=True)
    papers = StandingShape(allow_null=True)
    products = NamedShape(many=True)


class BoardShape(CountsShape):
    spaces = SpaceShape(many=True)


class Coverage(Endpoint):
    """How far the mall meets what the scheme owes, in numbers."""

    policy = SEE
    answers: ClassVar[Any] = {"GET": CoverageShape}

    def get(self, request: Request) -> Response:
        return self.answer({"states": of_states(self.today), "districts": of_districts(self.today)})


class StateBoard(Endpoint):
    """The board of the 36 states and union territories."""

    policy = SEE
    answers: ClassVar[Any] = {"GET": BoardShape}

    def get(self, request: Request) -> Response:
        return self.answer(of_states(self.today))


class DistrictBoard(Endpoint):
    """The board of the districts of Madhya Pradesh."""

    policy = SEE
    answers: ClassVar[Any] = {"GET": BoardShape}

    def get(self, request: Request) -> Response:
        return self.answer(of_districts(self.today))
