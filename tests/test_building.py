"""The building is what its plan says, and what its plan says can stand."""

from collections import Counter
from decimal import Decimal
from io import StringIO
from itertools import combinations, pairwise
from math import dist
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.template.loader import render_to_string
from django.utils import translation

from core.history import record
from mall.building import BuildingCannotStand, PlaceTaken, PlaceUnknown, build
from mall.drawing import UnitMark, draw
from mall.geometry import Point, RadiusTooLarge, area, contains, level_spans, rounded, shared_area
from mall.management.commands.build_mall import PLAN
from mall.models import Entrance, Floor, Mall, Unit, UnitCategory, Zone
from mall.planning import PlanNotReadable, read_plan
from mall.surveying import faults_of
from mall.upkeep import correct_areas

TEXT = PLAN.read_text(encoding="utf-8")
UJJAIN = read_plan(TEXT)
STATES, DISTRICTS = Decimal("37.16"), Decimal("18.58")


def edited(*changes: tuple[str, str]) -> str:
    """The plan's text with some words replaced, each once."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def of_category(code):
    return [unit for unit in UJJAIN.units if unit.category == code]


# What the plan promises


def test_there_are_132_showrooms_on_three_floors():
    assert [floor.level for floor in UJJAIN.floors] == [0, 1, 2]
    assert len(UJJAIN.units) == 132
    assert Counter(unit.category for unit in UJJAIN.units) == {
        "state": 36, "district": 55, "gi": 8, "shg": 8, "rotational": 8, "commercial": 9, "food": 8,
    }  # fmt: skip


def test_every_state_has_400_square_feet_and_every_district_200():
    assert {unit.carpet_area for unit in of_category("state")} == {STATES}
    assert {unit.carpet_area for unit in of_category("district")} == {DISTRICTS}


def test_commercial_units_come_in_several_sizes():
    assert len({unit.carpet_area for unit in of_category("commercial")}) >= 4


def test_the_chargeable_area_is_the_carpet_area_and_a_quarter():
    assert {unit.chargeable_area for unit in of_category("state")} == {Decimal("46.45")}
    assert all(unit.chargeable_area > unit.carpet_area for unit in UJJAIN.units)


@pytest.mark.django_db
def test_each_state_and_each_district_has_exactly_one_unit():
    from reference.models import District, State

    named = Counter(unit.place for unit in UJJAIN.units if unit.place)
    assert set(named) == {place.name_en for model in (State, District) for place in model.objects.all()}
    assert set(named.values()) == {1}
    assert not State.objects.filter(unit=None).exists()
    assert not District.objects.filter(unit=None).exists()


@pytest.mark.django_db
def test_districts_of_a_division_stand_side_by_side():
    streets = {}
    for unit in Unit.objects.exclude(district=None).select_related("zone", "district__division"):
        streets.setdefault(unit.zone.code, set()).add(unit.district.division.name_en)
    assert all(len(divisions) == 1 for divisions in streets.values())
    assert len(streets) == 10


@pytest.mark.django_db
def test_ujjain_is_the_first_unit_at_the_main_entrance():
    door = Entrance.objects.get(kind="main")
    ujjain = Unit.objects.get(district__name_en="Ujjain")
    others = Unit.objects.filter(district__isnull=False).exclude(district__division__name_en="Indore")
    assert ujjain.number == "G-001"
    assert min(others, key=lambda unit: dist(unit.label_point, (float(door.x), float(door.y)))) == ujjain


# What can stand: measured here by other means than the plan's own survey


def apart(one, other) -> bool:
    """Two convex shapes do not overlap when some side of one has the whole other beyond it (touching allowed)."""
    for shape, against in ((one, other), (other, one)):
        for (x1, y1), (x2, y2) in zip(shape, [*shape[1:], shape[0]], strict=True):
            normal = (y1 - y2, x2 - x1)
            length = dist((x1, y1), (x2, y2))
            across = [((x - x1) * normal[0] + (y - y1) * normal[1]) / length for x, y in shape]
            beyond = [((x - x1) * normal[0] + (y - y1) * normal[1]) / length for x, y in against]
            if max(beyond) <= min(across) + 0.011 or min(beyond) >= max(across) - 0.011:
                return True
    return False


@pytest.mark.parametrize("floor", UJJAIN.floors, ids=lambda floor: floor.names.en)
def test_no_two_units_overlap(floor):
    assert [
        (one.number, other.number)
        for one, other in combinations(floor.units, 2)
        if not apart(one.polygon, other.polygon)
    ] == []


@pytest.mark.parametrize("floor", UJJAIN.floors, ids=lambda floor: floor.names.en)
def test_every_unit_stands_on_its_floor(floor):
    for unit in floor.units:
        middle = (sum(x for x, _ in unit.polygon) / 4, sum(y for _, y in unit.polygon) / 4)
        for x, y in unit.polygon:
            # A hand's breadth inwards: corners lie on the outer wall itself.
            assert contains(floor.outline, (x + (middle[0] - x) * 0.02, y + (middle[1] - y) * 0.02)), unit.number


def test_units_are_drawn_within_a_hundredth_of_their_carpet_area():
    for unit in UJJAIN.units:
        corners = [*unit.polygon, unit.polygon[0]]
        drawn = abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(corners))) / 2
        assert drawn == pytest.approx(float(unit.carpet_area), rel=0.01), unit.number


GRID = 0.5  # metres


def walkable(floor, half_width: float) -> set[tuple[int, int]]:
    """The cells of the floor on which someone who needs `half_width` metres to each side can stand."""
    closed = [unit.polygon for unit in floor.units]
    closed += [zone.polygon for zone in floor.zones if zone.kind == "service"]
    free = set()
    for row in range(int(floor.depth / Decimal(str(GRID)))):
        y = (row + 0.5) * GRID
        blocked = [span for shape in closed for span in level_spans(shape, y)]
        for left, right in level_spans(floor.outline, y):
            for column in range(int(left / GRID), int(right / GRID)):
                x = (column + 0.5) * GRID
                if left < x < right and not any(a < x < b for a, b in blocked):
                    free.add((column, row))
    reach = int(half_width / GRID)
    around = [
        (across, down)
        for across in range(-reach, reach + 1)
        for down in range(-reach, reach + 1)
        if dist((0, 0), (across, down)) * GRID <= half_width
    ]
    return {(x, y) for x, y in free if all((x + across, y + down) in free for across, down in around)}


def reached_from(start: tuple[int, int], cells: set[tuple[int, int]]) -> set[tuple[int, int]]:
    reached, edge = {start}, [start]
    while edge:
        x, y = edge.pop()
        for cell in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
            if cell in cells and cell not in reached:
                reached.add(cell)
                edge.append(cell)
    return reached


def near(point: Point, cells: set[tuple[int, int]], metres: float) -> bool:
    column, row, span = int(point[0] / GRID), int(point[1] / GRID), int(metres / GRID) + 1
    return any(
        (column + across, row + down) in cells
        for across in range(-span, span + 1)
        for down in range(-span, span + 1)
        if dist((0, 0), (across, down)) * GRID <= metres
    )


@pytest.mark.parametrize("floor", UJJAIN.floors, ids=lambda floor: floor.names.en)
def test_streets_three_metres_wide_lead_from_every_door_and_stair_to_every_front(floor):
    cells = walkable(floor, half_width=1.3)  # three metres, less what the cells of the grid swallow
    street = max((reached_from(cell, cells) for cell in [min(cells), *sorted(cells)[::2000]]), key=len)
    for unit in floor.units:
        (x1, y1), (x2, y2) = unit.front
        assert near(((x1 + x2) / 2, (y1 + y2) / 2), street, 2.2), unit.number
    for entrance in floor.entrances:
        assert near(entrance.point, street, 3), entrance.code
    ways = [zone for zone in floor.zones if zone.code.startswith(("lifts", "stairs"))]
    assert len(ways) == 4
    for zone in ways:
        assert any(near(corner, street, 3) for corner in zone.polygon), zone.code


# A plan with faults


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("loading = 1.25", "loading = 0.9", '"loading" is 0.9; expected 1 or more'),
        ("uniform = true\narea = 37.16", "uniform = true", '"area" is missing: a uniform category'),
        ('owed_to = "district"', 'owed_to = "village"', 'category district: "owed_to" is "village"; expected one of'),
        ("level = 2", "level = 1", "The floor with level 1 stands 2 times"),
        ("level = 2", 'level = "top"', 'floor top: "level" is "top"; expected a whole number'),
        ('code = "gi-ring"', 'code = "GI Ring"', '"code" is "GI Ring"; expected small letters, digits and hyphens'),
        ('name_hi = "भूतल"', 'name_hi = "Bhutal"', 'floor 0: "name_hi" is "Bhutal"; expected a name in Devanagari'),
        ('name_hi = "भूतल"\n', "", 'floor 0: "name_hi" is missing'),
        ("at = [48, 66]", "at = [48]", 'entrance main: "at" is [48]; expected [x, y] in metres'),
        ("at = [48, 66]", "att = [48, 66]", 'entrance main: "att" is not known here; known are: at, code'),
        ("circle = [48, 31, 7]", "circle = [48, 31, nan]", '"circle" is [48, 31, NaN]; expected [x, y, radius]'),
        ("circle = [48, 31, 7]", "circle = [48, 31, -7]", '"circle" has the radius -7; expected more than 0'),
        ("[0, 0, 20], [96, 0, 20]", "[0, 0, 70], [96, 0, 20]", "cannot have the radius 70: its shorter side is 54 m"),
        ("depth = 4.4", "depth = true", 'row 1: "depth" is true; expected a number of metres above 0'),
        ('direction = "left"', 'direction = "west"', '"direction" is "west"; expected one of "right", "down"'),
        ('"Ratlam",', '"Ujjain",', "The district Ujjain stands 2 times"),
        ("numbers_from = 8", "numbers_from = 7", "The unit number G-007 stands 2 times"),
        ('{ category = "gi", area = 26, count = 2 }', '{ category = "gi" }', 'group 1: the size is missing'),
        ("area = 26, count", "area = 2600, count", "2600 m² do not fit between the radii 11.5 and 16"),
        ('category = "gi", area', 'category = "jewels", area', '"category" is "jewels"; expected one of "state"'),
        ('"gi", area', '"gi", places = ["Guna"], area', 'units of category "gi" are owed to nobody'),
        ('code = "gi-ring"\nkind = "trade"', 'code = "gi-ring"\nkind = "open"', 'expected "trade": units stand'),
        ("[mall]", "[mall", "The file is not TOML"),
    ],
)  # fmt: skip
def test_a_fault_of_writing_is_named(old, new, fault):
    with pytest.raises(PlanNotReadable) as refused:
        read_plan(edited((old, new)))
    assert fault in str(refused.value)


def test_all_faults_are_named_at_once():
    with pytest.raises(PlanNotReadable) as refused:
        read_plan(edited(("loading = 1.25", "loading = 0"), ('kind = "main"', 'kind = "front"'), ("width = 96", "")))
    assert refused.value.faults == [
        'mall: "loading" is 0; expected a number of times the carpet area above 0.',
        'floor 0: "width" is missing.',
        'floor 0, entrance main: "kind" is "front"; expected one of "main", "side", "parking", "service".',
    ]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("from = [4.4, 32.89]", "from = [4.4, 33.9]", "floor 0: G-012 and G-013 overlap by 4.4"),
        ("from = [4.4, 54]", "from = [2.4, 54]", "floor 0: G-008 stands partly outside the floor"),
        ("from = [69, 33]", "from = [62, 33]", "floor 0: G-066 stands partly outside its zone east-shop"),
        ("rectangle = [9, 33, 10, 10]", "rectangle = [6, 33, 13, 10]",
         "floor 0: the street before G-011 is narrower than 3 m: toilets-ground-west is near"),
        ("at = [48, 66]", "at = [48, 60]", "floor 0: the entrance main is 6.00 m away from the outline"),
        ("rectangle = [56, 68, 36, 9]", "rectangle = [56, 68, 46, 9]",
         "floor 0: the zone parking-two-wheelers leaves the plan of 96 by 78 m"),
        ("corridor = 3.0", "corridor = 5.0", "the street before G-007 is narrower than 5 m: G-065 is near"),
    ],
)  # fmt: skip
def test_a_building_that_cannot_stand_is_refused_with_the_reason(old, new, fault):
    assert any(found.startswith(fault) or fault in found for found in faults_of(read_plan(edited((old, new)))))


def test_the_plan_of_ujjain_can_stand():
    assert faults_of(UJJAIN) == []


# Building it


def history_rows() -> tuple[int, int]:
    return Unit.history.count(), Mall.history.count()


@pytest.mark.django_db
def test_building_a_second_time_changes_nothing():
    before = history_rows()
    built = build(plan=UJJAIN, name=PLAN.name)
    assert [(one.added, one.changed, one.differing, one.not_in_plan) for one in built.reports] == [([], [], [], [])] * 6
    assert [one.unchanged for one in built.reports][-1] == 132
    assert history_rows() == before
    assert (built.unequal, built.without_unit) == ({}, [])


@pytest.mark.django_db
def test_the_history_of_a_unit_begins_with_the_plan():
    first = Unit.objects.get(number="G-001").history.earliest()
    assert (first.history_change_reason, first.history_user) == ("plan ujjain.toml", None)


@pytest.mark.django_db
def test_the_mall_knows_where_it_stands_and_whose_it_is():
    mall = Mall.objects.get()
    assert (mall.owner_en, mall.owner_hi) == ("Ujjain Development Authority", "उज्जैन विकास प्राधिकरण")
    assert mall.address_en.startswith("Harifatak bypass, Ujjain")
    assert mall.operator_en == ""


@pytest.mark.django_db
def test_an_area_that_people_corrected_is_left_and_reported(administrator):
    unit = Unit.objects.get(number="G-001")
    correct_areas(
        unit=unit, carpet_area=Decimal("18.10"), chargeable_area=Decimal("22.60"), by=administrator, why="survey"
    )
    built = build(plan=UJJAIN, name=PLAN.name)
    unit.refresh_from_db()
    assert unit.carpet_area == Decimal("18.10")
    assert built.reports[-1].differing == [
        "G-001: carpet area (m²) is 18.10, planned 18.58; chargeable area (m²) is 22.60, planned 23.23"
    ]
    assert built.reports[-1].changed == []
    assert built.unequal == {"district": [Decimal("18.10"), Decimal("18.58")]}


@pytest.mark.django_db
def test_a_corrected_area_stays_when_the_plan_changes_something_else_of_the_unit(administrator):
    unit = Unit.objects.get(number="G-001")
    correct_areas(
        unit=unit, carpet_area=Decimal("18.10"), chargeable_area=Decimal("22.60"), by=administrator, why="survey"
    )
    moved = read_plan(edited(("from = [37.86, 57.6]", "from = [37.80, 57.6]")))
    for _ in range(2):  # the plan's own entry in the history must not make the area the plan's again
        built = build(plan=moved, name=PLAN.name)
        unit.refresh_from_db()
        assert unit.carpet_area == Decimal("18.10")
        assert unit.polygon[0] == [37.8, 57.6]
    assert len(built.reports[-1].differing) == 1


@pytest.mark.django_db
def test_overwriting_brings_a_corrected_area_back_to_the_plan_and_says_so(administrator):
    unit = Unit.objects.get(number="G-001")
    correct_areas(
        unit=unit, carpet_area=Decimal("18.10"), chargeable_area=Decimal("22.60"), by=administrator, why="survey"
    )
    built = build(plan=UJJAIN, name=PLAN.name, overwrite=True)
    unit.refresh_from_db()
    assert unit.carpet_area == DISTRICTS
    assert built.reports[-1].changed == ["G-001"]
    assert [row.history_change_reason for row in unit.history.all()] == [
        "plan ujjain.toml",
        "survey",
        "plan ujjain.toml",
    ]


@pytest.mark.django_db
def test_an_area_that_only_the_plan_ever_set_follows_the_plan():
    built = build(plan=read_plan(edited(("width = 10 }", "width = 9 }"))), name=PLAN.name)
    assert built.reports[-1].changed == ["G-065"]
    assert Unit.objects.get(number="G-065").carpet_area == Decimal("90.00")


@pytest.mark.django_db
def test_a_dry_run_reports_and_changes_nothing():
    before = history_rows()
    built = build(plan=read_plan(edited(("width = 10 }", "width = 9 }"))), name=PLAN.name, dry_run=True)
    assert built.reports[-1].changed == ["G-065"]
    assert Unit.objects.get(number="G-065").carpet_area == Decimal("100.00")
    assert history_rows() == before


@pytest.mark.django_db
def test_a_unit_that_left_the_plan_is_reported_and_kept():
    row = '[[floor.zone.row]]\nnumbers_from = 65\nfrom = [9, 53]\ndirection = "right"\ndepth = 10\n'
    built = build(
        plan=read_plan(edited((row + 'units = [{ category = "commercial", width = 10 }]', ""))), name="x.toml"
    )
    assert built.reports[-1].not_in_plan == ["G-065"]
    assert Unit.objects.filter(number="G-065").exists()


@pytest.mark.django_db
def test_two_districts_exchange_their_units():
    exchanged = edited(('"Ratlam", "Mandsaur"', '"Mandsaur", "Ratlam"'))
    built = build(plan=read_plan(exchanged), name=PLAN.name)
    assert built.reports[-1].changed == ["G-002", "G-003"]
    assert Unit.objects.get(number="G-002").district.name_en == "Mandsaur"
    assert Unit.objects.get(number="G-003").district.name_en == "Ratlam"
    assert build(plan=read_plan(exchanged), name=PLAN.name).reports[-1].changed == []


@pytest.mark.django_db
def test_a_place_that_has_a_unit_does_not_get_a_second_one():
    before = history_rows()
    with pytest.raises(PlaceTaken) as refused:
        build(plan=read_plan(edited(("numbers_from = 8", "numbers_from = 108"))), name=PLAN.name)
    assert len(refused.value.faults) == 5
    assert refused.value.faults[0].startswith("unit G-108 is planned for Guna, but unit G-008 has it")
    assert history_rows() == before
    assert not Unit.objects.filter(number="G-108").exists()


@pytest.mark.django_db
def test_a_unit_that_people_gave_to_another_district_keeps_it(administrator):
    unit = Unit.objects.get(number="G-001")
    ujjain, unit.district = unit.district, None
    record(unit, by=administrator, why="moved to the anchor shop")
    other = Unit.objects.get(number="G-065")
    other.district = ujjain
    record(other, by=administrator, why="moved to the anchor shop")
    built = build(plan=UJJAIN, name=PLAN.name)
    assert built.reports[-1].differing == ["G-001: owed to the district differs", "G-065: owed to the district differs"]
    assert Unit.objects.get(district=ujjain) == other


@pytest.mark.django_db
def test_a_district_that_the_reference_does_not_have_is_refused_by_name():
    before = history_rows()
    with pytest.raises(PlaceUnknown) as refused:
        build(plan=read_plan(edited(('"Ujjain",', '"Ujjayini",'), ('"Delhi"', "99"))), name=PLAN.name)
    assert refused.value.faults == [
        "unit G-001: the district 'Ujjayini' is not in the reference. "
        "Load it first (manage.py load_reference), or correct its name in the plan.",
        "unit F-016: the state 99 is not in the reference. "
        "Load it first (manage.py load_reference), or correct its name in the plan.",
    ]
    assert history_rows() == before


@pytest.mark.django_db
def test_a_place_may_be_named_by_its_lgd_code():
    assert build(plan=read_plan(edited(('"Ujjain",', "435,"))), name=PLAN.name).reports[-1].changed == []


@pytest.mark.django_db
def test_a_district_without_a_unit_is_warned_of():
    let_to_anyone = edited(('"Dhar", "Indore",\n  ] }', '"Dhar",\n  ] }, { category = "commercial", area = 18.58 }'))
    built = build(plan=read_plan(let_to_anyone), name=PLAN.name)
    assert built.reports[-1].changed == ["G-055"]
    assert built.without_unit == ["Indore"]


@pytest.mark.django_db
def test_a_building_that_cannot_stand_is_not_built():
    with pytest.raises(BuildingCannotStand):
        build(plan=read_plan(edited(("corridor = 3.0", "corridor = 5.0"))), name=PLAN.name)


# The command


@pytest.mark.django_db
def test_the_command_says_what_it_left_alone():
    out, err = StringIO(), StringIO()
    call_command("build_mall", stdout=out, stderr=err)
    assert "  unit                      0 added    0 changed  132 left alone" in out.getvalue()
    assert err.getvalue() == ""


@pytest.mark.django_db
def test_the_command_names_every_fault_and_builds_nothing(tmp_path: Path):
    broken = tmp_path / "broken.toml"
    broken.write_text(edited(("loading = 1.25", "loading = 0"), ("width = 96", "")), encoding="utf-8")
    with pytest.raises(CommandError) as refused:
        call_command("build_mall", plan=broken)
    assert str(refused.value).startswith("nothing was built; 2 faults in ")
    assert 'mall: "loading" is 0' in str(refused.value)
    broken.write_bytes("name_hi = 'उज्जैन'".encode("utf-16"))
    with pytest.raises(CommandError, match="not written in UTF-8"):
        call_command("build_mall", plan=broken)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("build_mall", plan=tmp_path / "absent.toml")


# Drawing it


@pytest.fixture
def ground(db):
    floor = Floor.objects.get(level=0)
    units = list(Unit.objects.filter(floor=floor).select_related("category"))
    zones, entrances = list(Zone.objects.filter(floor=floor)), list(Entrance.objects.filter(floor=floor))
    return SimpleNamespace(floor=floor, units=units, zones=zones, entrances=entrances)


def drawn(stage, **more):
    marks = {unit.pk: UnitMark("vacant", "vacant", url=f"/units/{unit.number}/") for unit in stage.units}
    return draw(stage.floor, stage.units, stage.zones, stage.entrances, marks, **more)


def test_drawing_asks_the_database_nothing(ground, django_assert_num_queries):
    with django_assert_num_queries(0):
        drawing = drawn(ground)
    assert [unit.number for unit in drawing.units] == [f"G-{number:03d}" for number in range(1, 67)]
    assert (drawing.view_box, drawing.orientation) == ("-25 -25 1010 830", "landscape")


def test_numbers_in_the_drawing_have_a_point_and_two_decimals_in_hindi_too(ground):
    drawing = drawn(ground)
    with translation.override("hi"):
        assert drawn(ground).units == drawing.units
        page = render_to_string("_plan.html", {"plan": drawing})
    first = drawing.units[0]
    assert first.points == "378.6,576 336.4,576 336.4,620 378.6,620"
    assert f'points="{first.points}"' in page
    assert f'x="{first.label_x}" y="598"' in page
    assert "style=" not in page


def test_every_unit_number_fits_its_unit(ground):
    for unit, row in zip(drawn(ground).units, ground.units, strict=True):
        [(left, right)] = level_spans(row.polygon, row.label_point[1])
        assert float(unit.label_size) / 10 * 0.6 * len(unit.number) <= right - left


@pytest.mark.parametrize("language", ["en", "hi"])
def test_names_of_zones_are_written_where_nothing_stands(ground, language):
    with translation.override(language):
        drawing = drawn(ground)
    written = [zone for zone in drawing.zones if zone.text]
    assert {zone.code for zone in drawing.zones} - {zone.code for zone in written} == {
        "west-shop", "east-shop", "southwest-shop",  # filled by their unit
    }  # fmt: skip
    for zone in written:
        for _, y in zone.text.lines:
            point = (float(zone.text.x) / 10, float(y) / 10)
            if not zone.text.turn:
                assert not any(contains(unit.polygon, point) for unit in ground.units), zone.name


def test_entrances_point_into_the_building(ground):
    assert {entrance.name: entrance.turn for entrance in drawn(ground).entrances} == {
        "Main entrance": "0", "East entrance": "315", "Entrance from the parking": "45", "Goods entrance": "180",
    }  # fmt: skip


def test_the_unit_in_question_and_the_place_where_one_stands_are_marked(ground):
    assert [unit.number for unit in drawn(ground, here=ground.units[7]).units if unit.is_here] == ["G-008"]
    assert drawn(ground, here=(48.0, 60.5)).here == ("480", "605")


# Shapes


def test_shared_area_is_exact_for_shapes_that_overlap_touch_or_lie_apart():
    square, notched = [(0, 0), (4, 0), (4, 4), (0, 4)], [(0, 0), (6, 0), (6, 6), (4, 6), (4, 2), (2, 2), (2, 6), (0, 6)]
    assert shared_area(square, [(2, 2), (6, 2), (6, 6), (2, 6)]) == 4
    assert shared_area(square, [(4, 0), (8, 0), (8, 4), (4, 4)]) == 0
    assert shared_area(square, [(9, 9), (10, 9), (10, 10)]) == 0
    assert shared_area(notched, [(1, 3), (5, 3), (5, 5), (1, 5)]) == 4  # two arms of one metre by two
    assert shared_area(notched, [(2.5, 3), (3.5, 3), (3.5, 5), (2.5, 5)]) == 0  # in the notch


def test_a_rounded_corner_keeps_the_area_of_its_quarter_circle():
    corner = rounded([(0.0, 0.0, 10.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)])
    assert area(corner) == pytest.approx(100 - (100 - 3.14159 * 25), rel=0.01)
    with pytest.raises(RadiusTooLarge):
        rounded([(0.0, 0.0, 11.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)])


@pytest.mark.django_db
def test_categories_stand_in_the_order_of_the_scheme():
    assert list(UnitCategory.objects.values_list("code", flat=True)) == [
        "state", "district", "gi", "shg", "rotational", "commercial", "food",
    ]  # fmt: skip
