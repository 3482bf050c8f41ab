"""The country is loaded from files: complete, twice is once, and a broken file is named cell by cell."""

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from core.periods import last_day, period
from reference.loading import FACTS, BrokenFacts, load
from reference.models import District, GiRegistration, OdopListing, Product, State, TaxCode, TaxRate

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the project's facts that a test may spoil."""
    return Path(shutil.copytree(FACTS, tmp_path / "facts"))


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")


def faults_of(folder: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(BrokenFacts) as broken:
        load(folder=folder)
    return [(fault.file, fault.row, fault.column) for fault in broken.value.faults]


class TestTheFacts:
    def test_all_36_states_and_union_territories_and_all_55_districts_are_there(self):
        assert State.objects.filter(kind="state").count() == 28
        assert State.objects.filter(kind="union_territory").count() == 8
        assert District.objects.count() == 55
        assert {"Mauganj", "Maihar", "Pandhurna"} <= set(District.objects.values_list("name_en", flat=True))

    def test_three_states_have_a_gst_code_other_than_their_lgd_code(self):
        differ = {
            state.name_en: state.gst_code
            for state in State.objects.all()
            if int(state.gst_code) != state.lgd_code
        }
        assert differ == {
            "Andhra Pradesh": "37",
            "Ladakh": "38",
            "Dadra and Nagar Haveli and Daman and Diu": "26",
        }

    def test_a_product_may_belong_to_many_districts_and_a_district_to_no_listing(self):
        kodo = Product.objects.get(code="kodo-kutki")
        districts = {listing.district.name_en for listing in kodo.odop_listings.select_related("district")}
        assert districts == {"Anuppur", "Dindori", "Mandla", "Singrauli"}
        without = set(District.objects.filter(odop_listings=None).values_list("name_en", flat=True))
        assert without == {"Mauganj", "Maihar", "Pandhurna"}

    def test_every_listing_names_its_list_and_a_service_is_not_goods(self):
        assert set(OdopListing.objects.values_list("odop_list__code", flat=True)) == {"mp-state"}
        assert OdopListing.objects.get(district__name_en="Narmadapuram").product.is_physical is False

    def test_gi_is_not_odop_and_only_registered_ones_are_valid(self):
        kadaknath = GiRegistration.objects.get(code="jhabua-kadaknath-black-chicken-meat")
        assert last_day(kadaknath.validity) == date(2032, 2, 7)
        assert GiRegistration.objects.valid_on(date(2032, 2, 7)).filter(pk=kadaknath.pk).exists()
        assert not GiRegistration.objects.valid_on(date(2032, 2, 8)).filter(pk=kadaknath.pk).exists()
        zari = GiRegistration.objects.get(code="bhopal-zari-zardozi")
        assert zari.status == "unverified"
        assert not zari.is_valid_on(date(2026, 11, 22))

    def test_one_code_may_be_taxed_in_two_ways_each_with_its_dates(self):
        rates = {
            rate.tax_code.variant: rate.percent
            for rate in TaxRate.objects.filter(tax_code__code="1006", period__contains=date(2026, 1, 1))
        }
        assert rates == {"loose": Decimal("0.00"), "packed": Decimal("5.00")}
        assert not TaxRate.objects.filter(tax_code__code="1006", period__contains=date(2025, 9, 21)).exists()

    def test_a_rate_cannot_begin_while_another_is_in_force(self):
        code = TaxCode.objects.get(code="997212")
        with pytest.raises(IntegrityError, match="gst_rate_is_one_at_a_time"), transaction.atomic():
            TaxRate.objects.create(tax_code=code, percent=12, period=period(date(2027, 4, 1)))


class TestTheTileMaps:
    """Equal tiles, roughly where the places lie."""

    def place(self, name: str) -> tuple[int, int]:
        district = District.objects.get(name_en=name)
        return district.tile_column, district.tile_row

    def test_the_north_is_above_and_the_west_is_left(self):
        for northern, southern in [
            ("Morena", "Shivpuri"), ("Bhind", "Tikamgarh"), ("Guna", "Bhopal"), ("Neemuch", "Ratlam"),
            ("Ujjain", "Indore"), ("Sagar", "Narsinghpur"), ("Betul", "Pandhurna"), ("Katni", "Seoni"),
        ]:  # fmt: skip
            assert self.place(northern)[1] < self.place(southern)[1], (northern, southern)
        for western, eastern in [
            ("Jhabua", "Indore"), ("Neemuch", "Agar Malwa"), ("Ratlam", "Ujjain"), ("Bhopal", "Sagar"),
            ("Sehore", "Raisen"), ("Chhatarpur", "Satna"), ("Rewa", "Mauganj"), ("Sidhi", "Singrauli"),
            ("Jabalpur", "Anuppur"), ("Khargone", "Burhanpur"),
        ]:  # fmt: skip
            assert self.place(western)[0] < self.place(eastern)[0], (western, eastern)

    def test_the_states_lie_as_on_the_map(self):
        tile = {state.name_en: (state.tile_column, state.tile_row) for state in State.objects.all()}
        assert tile["Ladakh"][1] < tile["Madhya Pradesh"][1] < tile["Kerala"][1]
        assert (
            tile["Gujarat"][0]
            < tile["Madhya Pradesh"][0]
            < tile["West Bengal"][0]
            < tile["Arunachal Pradesh"][0]
        )

    def test_the_maps_fit_a_phone(self):
        assert max(District.objects.values_list("tile_column", flat=True)) <= 10
        assert max(State.objects.values_list("tile_column", flat=True)) <= 10


class TestLoadingAgain:
    def test_the_same_files_twice_change_nothing(self):
        assert all(not report.added and not report.changed for report in load())

    def test_it_says_what_it_added_changed_and_left_alone(self, folder):
        edit(folder / "districts.csv", "आगर मालवा", "आगर-मालवा")
        with (folder / "divisions.csv").open("a", encoding="utf-8") as file:
            file.write("malwa,Malwa,मालवा\n")
        reports = {report.table: report for report in load(folder=folder)}
        assert (reports["districts.csv"].changed, reports["districts.csv"].unchanged) == (["667"], 54)
        assert reports["divisions.csv"].added == ["malwa"]

    def test_what_the_files_no_longer_have_is_named_and_kept(self, folder):
        lines = (folder / "flagships.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / "flagships.csv").write_text("".join(lines[:-1]), encoding="utf-8")
        report = next(report for report in load(folder=folder) if report.table == "flagships.csv")
        assert len(report.not_in_files) == 1
        assert State.objects.filter(flagships=None).count() == 0

    def test_two_places_may_swap_their_tiles(self, folder):
        ujjain, dewas = District.objects.get(name_en="Ujjain"), District.objects.get(name_en="Dewas")
        path = folder / "districts.csv"
        text = path.read_text(encoding="utf-8")
        one, other = f",{ujjain.tile_column},{ujjain.tile_row},", f",{dewas.tile_column},{dewas.tile_row},"
        text = text.replace(one, ",@,").replace(other, one).replace(",@,", other)
        path.write_text(text, encoding="utf-8")
        load(folder=folder)
        ujjain.refresh_from_db()
        assert (ujjain.tile_column, ujjain.tile_row) == (dewas.tile_column, dewas.tile_row)

    def test_a_dry_run_says_the_same_and_changes_nothing(self, folder):
        edit(folder / "districts.csv", "आगर मालवा", "आगर-मालवा")
        reports = {report.table: report for report in load(folder=folder, dry_run=True)}
        assert reports["districts.csv"].changed == ["667"]
        assert not District.objects.filter(name_hi="आगर-मालवा").exists()

    def test_a_byte_order_mark_is_no_fault(self, folder):
        path = folder / "states.csv"
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
        load(folder=folder)


class TestABrokenFile:
    @pytest.mark.parametrize(
        ("file", "before", "after", "column"),
        [
            ("districts.csv", "667,23", "667,99", "state"),
            ("districts.csv", "आगर मालवा", "Agar", "name_hi"),
            ("districts.csv", "667,23,ujjain,Agar Malwa", "667,23,ujjain,", "name_en"),
            ("districts.csv", "667,23", "66x,23", "lgd_code"),
            ("states.csv", "35,IN-AN,35", "28,IN-AN,35", "lgd_code"),
            (
                "products.csv",
                "amla,Amla,आंवला,agri-fruit,,yes",
                "amla,Amla,आंवला,agri-fruit,,ja",
                "is_physical",
            ),
            ("odop_listings.csv", "mp-state,667,orange", "mp-state,667,mandarin", "product"),
            ("gi_registrations.csv", "handicraft,unverified", "handicraft,doubtful", "status"),
            ("gi_registrations.csv", "2012-02-08,2032-02-07", "2012-02-08,2032-02-30", "valid_to"),
            ("gi_registrations.csv", "2012-02-08,2032-02-07", "2032-02-08,2012-02-07", "valid_to"),
            ("tax_rates.csv", "sac,997212,,18", "sac,997212,,180", "percent"),
            ("tax_rates.csv", "sac,997212,,18", "sac,997212,,18%", "percent"),
        ],
    )
    def test_a_wrong_cell_is_named_and_nothing_is_loaded(self, folder, file, before, after, column):
        edit(folder / "divisions.csv", "उज्जैन", "अवंतिका")
        edit(folder / file, before, after)
        found = faults_of(folder)
        row = (folder / file).read_text(encoding="utf-8").splitlines().index(
            next(line for line in (folder / file).read_text(encoding="utf-8").splitlines() if after in line)
        ) + 1  # fmt: skip
        assert (file, row, column) in found
        assert not District.objects.filter(division__name_hi="अवंतिका").exists()

    def test_all_faults_are_named_at_once(self, folder):
        edit(folder / "districts.csv", "आगर मालवा", "Agar")
        edit(folder / "tax_rates.csv", "sac,997212,,18", "sac,997212,,180")
        assert {file for file, _row, _column in faults_of(folder)} == {"districts.csv", "tax_rates.csv"}

    def test_a_missing_or_unknown_column_or_file_is_named(self, folder):
        edit(folder / "divisions.csv", "code,name_en,name_hi", "code,name_en,nome_hi")
        (folder / "odop_lists.csv").unlink()
        found = faults_of(folder)
        assert ("divisions.csv", 1, "name_hi") in found
        assert ("divisions.csv", 1, "nome_hi") in found
        assert ("odop_lists.csv", 0, "–") in found

    def test_text_must_be_utf8_and_composed(self, folder):
        path = folder / "divisions.csv"
        path.write_bytes(path.read_bytes().replace("भोपाल".encode(), b"\xff\xfe"))
        edit(folder / "products.csv", "Gram (Chickpea)", "Gra\u0308m")
        found = faults_of(folder)
        assert ("divisions.csv", 3, "–") in found
        assert ("products.csv", 19, "name_en") in found

    def test_overlapping_rates_and_shared_tiles_are_faults_not_crashes(self, folder):
        with (folder / "tax_rates.csv").open("a", encoding="utf-8") as file:
            file.write("sac,997212,,12,2020-01-01,,test,low\n")
        lines = (folder / "states.csv").read_text(encoding="utf-8").splitlines()
        first, second = lines[1].split(","), lines[2].split(",")
        second[6:8] = first[6:8]
        lines[2] = ",".join(second)
        (folder / "states.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        assert {(file, column) for file, _row, column in faults_of(folder)} == {
            ("tax_rates.csv", "valid_from"),
            ("states.csv", "tile_column"),
        }

    def test_the_command_fails_with_the_sentences(self, folder):
        edit(folder / "districts.csv", "आगर मालवा", "Agar")
        with pytest.raises(
            CommandError, match="districts.csv, row .*, column name_hi: found 'Agar', expected a text in"
        ):
            call_command("load_reference", folder=folder)
