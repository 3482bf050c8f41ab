"""Addresses of the building: units, the plan, letting, the coverage board."""

from django.urls import path

import core.addresses  # noqa: F401 registers <level:...>
from web.views import building, coverage, letting, plan, upkeep

urlpatterns = [
    path("units/", building.Units.as_view(), name="units"),
    path("units.xlsx", building.UnitsDownload.as_view(), name="units-download"),
    path("units/<str:number>/", building.UnitShow.as_view(), name="unit"),
    path("units/<str:number>/areas/", upkeep.UnitAreas.as_view(), name="unit-areas"),
    path("units/<str:number>/block/", upkeep.UnitBlocking.as_view(), name="unit-block"),
    path("blocks/<int:pk>/free/", upkeep.UnitFreeing.as_view(), name="unit-free"),
    path("units/<str:number>/let/", letting.UnitLet.as_view(), name="unit-let"),
    path("leases/<int:pk>/end/", letting.LeaseEnd.as_view(), name="lease-end"),
    path("plan/", plan.PlanShow.as_view(), name="plan"),
    path("plan/<level:level>/", plan.PlanShow.as_view(), name="plan-floor"),
    path("coverage/", coverage.Coverage.as_view(), name="coverage"),
    path("coverage.xlsx", coverage.CoverageDownload.as_view(), name="coverage-download"),
]
