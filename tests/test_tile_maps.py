"""The tile maps are cartograms that a reader of real maps recognises: equal squares, roughly where the places lie."""

import csv
import math
from collections.abc import Mapping
from itertools import combinations
from statistics import correlation

import pytest

from reference.loading import FACTS

Places = Mapping[str, tuple[float, float]]

# Longitude and latitude of the district headquarters, rounded to what a tile can show.
DISTRICTS: Places = {
    "Agar Malwa": (76.0, 23.7), "Alirajpur": (74.4, 22.3), "Anuppur": (81.7, 23.1), "Ashoknagar": (77.7, 24.6),
    "Balaghat": (80.2, 21.8), "Barwani": (74.9, 22.0), "Betul": (77.9, 21.9), "Bhind": (78.8, 26.6),
    "Bhopal": (77.4, 23.3), "Burhanpur": (76.2, 21.3), "Chhatarpur": (79.6, 24.9), "Chhindwara": (78.9, 22.1),
    "Damoh": (79.4, 23.8), "Datia": (78.5, 25.7), "Dewas": (76.1, 23.0), "Dhar": (75.3, 22.6),
    "Dindori": (81.1, 22.9), "Guna": (77.3, 24.6), "Gwalior": (78.2, 26.2), "Harda": (77.1, 22.3),
    "Indore": (75.9, 22.7), "Jabalpur": (79.9, 23.2), "Jhabua": (74.6, 22.8), "Katni": (80.4, 23.8),
    "Khandwa": (76.4, 21.8), "Khargone": (75.6, 21.8), "Maihar": (80.8, 24.3), "Mandla": (80.4, 22.6),
    "Mandsaur": (75.1, 24.1), "Mauganj": (81.9, 24.7), "Morena": (78.0, 26.5), "Narmadapuram": (77.7, 22.8),
    "Narsinghpur": (79.2, 22.9), "Neemuch": (74.9, 24.5), "Niwari": (78.8, 25.4), "Pandhurna": (78.5, 21.6),
    "Panna": (80.2, 24.7), "Raisen": (77.8, 23.3), "Rajgarh": (76.7, 24.0), "Ratlam": (75.0, 23.3),
    "Rewa": (81.3, 24.5), "Sagar": (78.7, 23.8), "Satna": (80.8, 24.6), "Sehore": (77.1, 23.2),
    "Seoni": (79.5, 22.1), "Shahdol": (81.4, 23.3), "Shajapur": (76.3, 23.4), "Sheopur": (76.7, 25.7),
    "Shivpuri": (77.7, 25.4), "Sidhi": (81.9, 24.4), "Singrauli": (82.7, 24.2), "Tikamgarh": (78.8, 24.7),
    "Ujjain": (75.8, 23.2), "Umaria": (80.8, 23.5), "Vidisha": (77.8, 23.5),
}  # fmt: skip

# Longitude and latitude of the middle of each state and union territory.
STATES: Places = {
    "Andaman and Nicobar Islands": (92.7, 11.7), "Andhra Pradesh": (79.7, 15.9), "Arunachal Pradesh": (94.7, 28.0),
    "Assam": (92.8, 26.2), "Bihar": (85.6, 25.7), "Chandigarh": (76.8, 30.7), "Chhattisgarh": (81.8, 21.3),
    "Dadra and Nagar Haveli and Daman and Diu": (73.0, 20.3), "Delhi": (77.1, 28.6), "Goa": (74.0, 15.4),
    "Gujarat": (71.6, 22.7), "Haryana": (76.3, 29.2), "Himachal Pradesh": (77.2, 31.9),
    "Jammu and Kashmir": (74.8, 33.7), "Jharkhand": (85.5, 23.6), "Karnataka": (76.2, 14.7), "Kerala": (76.4, 10.4),
    "Ladakh": (77.6, 34.2), "Lakshadweep": (72.6, 10.6), "Madhya Pradesh": (78.3, 23.5), "Maharashtra": (76.1, 19.5),
    "Manipur": (93.9, 24.8), "Meghalaya": (91.3, 25.5), "Mizoram": (92.8, 23.3), "Nagaland": (94.5, 26.1),
    "Odisha": (84.4, 20.5), "Puducherry": (79.8, 11.9), "Punjab": (75.4, 30.9), "Rajasthan": (73.8, 26.6),
    "Sikkim": (88.5, 27.5), "Tamil Nadu": (78.4, 11.0), "Telangana": (79.0, 17.9), "Tripura": (91.7, 23.7),
    "Uttar Pradesh": (80.6, 27.1), "Uttarakhand": (79.3, 30.1), "West Bengal": (87.9, 23.5),
}  # fmt: skip

MAPS = pytest.mark.parametrize(
    ("file", "places"), [("districts.csv", DISTRICTS), ("states.csv", STATES)], ids=["districts", "states"]
)


def tiles(file: str) -> dict[str, tuple[int, int]]:
    """Where each place stands: column from the left, row from the top."""
    with (FACTS / file).open(encoding="utf-8-sig", newline="") as lines:
        return {row["name_en"]: (int(row["tile_column"]), int(row["tile_row"])) for row in csv.DictReader(lines)}


@MAPS
def test_every_place_has_a_tile_of_its_own(file, places):
    assert set(tiles(file)) == set(places)
    assert len(set(tiles(file).values())) == len(places)


@MAPS
def test_columns_follow_longitude_and_rows_follow_latitude(file, places):
    stand = tiles(file)
    columns, rows = zip(*(stand[name] for name in places), strict=True)
    longitudes, latitudes = zip(*places.values(), strict=True)
    assert correlation(columns, longitudes) >= 0.9
    assert correlation(rows, latitudes) <= -0.9


@MAPS
def test_the_map_is_compact_enough_for_a_phone_and_begins_in_its_corner(file, places):
    columns, rows = zip(*tiles(file).values(), strict=True)
    assert (min(columns), min(rows)) == (1, 1)
    assert max(columns) <= 10
    assert max(rows) <= 9


@MAPS
def test_who_lies_far_to_one_side_in_the_world_does_so_on_the_map(file, places):
    stand = tiles(file)
    far_east, far_south = (1.6, 1.3) if file == "districts.csv" else (6.5, 6.0)  # degrees
    wrong = []
    for one, other in combinations(places, 2):
        (west, west_name), (east, east_name) = sorted([(places[one][0], one), (places[other][0], other)])
        if east - west > far_east and stand[west_name][0] >= stand[east_name][0]:
            wrong.append(f"{east_name} should stand right of {west_name}")
        (south, south_name), (north, north_name) = sorted([(places[one][1], one), (places[other][1], other)])
        if north - south > far_south and stand[north_name][1] >= stand[south_name][1]:
            wrong.append(f"{north_name} should stand above {south_name}")
    assert wrong == []


@MAPS
def test_next_door_in_the_world_is_near_on_the_map(file, places):
    stand = tiles(file)
    for name, here in places.items():
        nearest = min((other for other in places if other != name), key=lambda other: math.dist(here, places[other]))
        steps = max(abs(a - b) for a, b in zip(stand[name], stand[nearest], strict=True))
        assert steps <= 2, f"{name} stands {steps} tiles from {nearest}"


def test_the_corners_of_madhya_pradesh_are_where_one_looks_for_them():
    stand = tiles("districts.csv")
    assert {name for name, (_column, row) in stand.items() if row == 1} == {"Morena", "Gwalior", "Bhind"}
    assert {"Jhabua", "Alirajpur", "Barwani"} <= {name for name, (column, _row) in stand.items() if column == 1}
    assert stand["Singrauli"][0] == max(column for column, _row in stand.values()) > stand["Sidhi"][0]
    assert stand["Burhanpur"][1] == max(row for _column, row in stand.values())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ujjain", "Indore"), ("Ujjain", "Ratlam"), ("Indore", "Dewas"), ("Dhar", "Jhabua"), ("Bhopal", "Sehore"),
        ("Bhopal", "Raisen"), ("Rewa", "Mauganj"), ("Satna", "Maihar"), ("Chhindwara", "Pandhurna"),
        ("Mandla", "Dindori"), ("Shahdol", "Anuppur"), ("Datia", "Gwalior"), ("Tikamgarh", "Niwari"),
    ],
)  # fmt: skip
def test_well_known_neighbours_touch(one, other):
    stand = tiles("districts.csv")
    assert max(abs(a - b) for a, b in zip(stand[one], stand[other], strict=True)) == 1
