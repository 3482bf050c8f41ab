"""The country is loaded from files: complete, twice is once, and a broken file is named cell by cell."""

import shutil
import unicodedata
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from core.periods import last_day, period
from reference.loading import FACTS, load
from reference.models import (
    District,
    Division,
    Flagship,
    GiRegistration,
    OdopListing,
    Product,
    State,
    TaxCode,
    TaxRate,
)
from reference.reading_facts import BrokenFacts
from reference.tables import TABLES

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the project's facts that a test may spoil."""
    return Path(shutil.copytree(FACTS, tmp_path / "facts"))


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")


def append(path: Path, *lines: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def faults_of(folder: Path) -> list[tuple[str, int | None, str]]:
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
            state.name_en: state.gst_code for state in State.objects.all() if int(state.gst_code) != state.lgd_code
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

    def test_renting_a_unit_is_taxed_at_18_percent_and_costly_apparel_more_than_cheap(self):
        def rate(code: str, variant: str = "") -> Decimal:
            on = {"period__contains": date(2026, 11, 22)}
            return TaxRate.objects.get(tax_code__code=code, tax_code__variant=variant, **on).percent

        assert rate("997212") == 18
        assert (rate("62", "upto-2500"), rate("62", "above-2500")) == (5, 18)

    def test_every_fact_is_spelt_in_one_form_and_names_a_publication_not_an_address(self):
        for path in FACTS.glob("*.csv"):
            text = path.read_text(encoding="utf-8")
            assert text == unicodedata.normalize("NFC", text)
            assert "http" not in text
            assert "github" not in text.lower()

    def test_the_readme_of_the_facts_names_every_file_and_column(self):
        readme = (FACTS / "README.md").read_text(encoding="utf-8")
        for table in TABLES:
            assert f"`{table.file}`" in readme
            assert [name for name in table.columns if name not in readme] == []


class TestLoadingAgain:
    def test_the_same_files_twice_change_nothing(self):
        assert all(not report.added and not report.changed for report in load())

    def test_it_says_what_it_added_changed_and_left_alone(self, folder):
        edit(folder / "districts.csv", "आगर मालवा", "आगर-मालवा")
        append(folder / "divisions.csv", "malwa,Malwa,मालवा")
        reports = {report.table: report for report in load(folder=folder)}
        assert (reports["districts.csv"].changed, reports["districts.csv"].unchanged) == (["667 Agar Malwa"], 54)
        assert reports["divisions.csv"].added == ["malwa Malwa"]

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
        assert reports["districts.csv"].changed == ["667 Agar Malwa"]
        assert not District.objects.filter(name_hi="आगर-मालवा").exists()

    def test_a_byte_order_mark_is_no_fault(self, folder):
        path = folder / "states.csv"
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
        load(folder=folder)

    def test_a_new_list_replaces_the_old_one_which_stays_on_record(self, folder):
        edit(folder / "odop_lists.csv", "राज्य सूची,yes", "राज्य सूची,no")
        append(folder / "odop_lists.csv", "mp-2027,List of 2027,2027 की सूची,yes,State gazette,high")
        append(folder / "odop_listings.csv", "mp-2027,435,bagh-print,State gazette,high")
        load(folder=folder)
        ujjain = OdopListing.objects.filter(district__name_en="Ujjain")
        assert [row.product.code for row in ujjain.filter(odop_list__is_current=True)] == ["bagh-print"]
        assert [row.product.code for row in ujjain.filter(odop_list__is_current=False)] == ["batik-print"]

    def test_a_rate_ends_and_the_next_begins_in_whatever_order_the_file_has_them(self, folder):
        path = folder / "tax_rates.csv"
        edit(
            path,
            "sac,997212,,18,2017-07-01,,",
            "sac,997212,,12,2027-04-01,,test,low\nsac,997212,,18,2017-07-01,2027-03-31,",
        )
        report = next(report for report in load(folder=folder) if report.table == "tax_rates.csv")
        assert (len(report.added), len(report.changed)) == (1, 1)
        rates = TaxRate.objects.filter(tax_code__code="997212")
        assert rates.get(period__contains=date(2027, 3, 31)).percent == 18
        assert rates.get(period__contains=date(2027, 4, 1)).percent == 12

    def test_the_districts_of_a_gi_registration_may_change(self, folder):
        edit(folder / "gi_registrations.csv", ",427;437,", ",427,")
        report = next(report for report in load(folder=folder) if report.table == "gi_registrations.csv")
        assert report.changed == ["sharbati-gehu Sharbati Gehu"]
        gehu = GiRegistration.objects.get(code="sharbati-gehu")
        assert [district.name_en for district in gehu.districts.all()] == ["Sehore"]

    def test_a_joiner_of_devanagari_is_kept(self, folder):
        edit(folder / "divisions.csv", "चंबल", "चम्\u200dबल")
        load(folder=folder)
        assert Division.objects.get(code="chambal").name_hi == "चम्\u200dबल"

    def test_the_command_says_what_it_did_and_warns_of_rows_that_left(self, folder, capsys):
        lines = (folder / "flagships.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / "flagships.csv").write_text("".join(lines[:-1]), encoding="utf-8")
        edit(folder / "districts.csv", "आगर मालवा", "आगर-मालवा")
        call_command("load_reference", folder=folder, verbose=True, dry_run=True)
        said = capsys.readouterr()
        assert "districts.csv             0 added    1 changed   54 left alone" in said.out
        assert "changed: 667 Agar Malwa" in said.out
        assert "dry run: nothing was changed" in said.out
        assert "flagships.csv: no longer in the files, kept: Warli Painting" in said.err
        assert Flagship.objects.filter(name_en="Warli Painting").exists()


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
                "amla,Amla,आँवला,agri-fruit,,yes",
                "amla,Amla,आँवला,agri-fruit,,ja",
                "is_physical",
            ),
            ("odop_listings.csv", "mp-state,667,orange", "mp-state,667,mandarin", "product"),
            ("gi_registrations.csv", "handicraft,unverified", "handicraft,doubtful", "status"),
            ("gi_registrations.csv", "2012-02-08,2032-02-07", "2012-02-08,2032-02-30", "valid_to"),
            ("gi_registrations.csv", "2012-02-08,2032-02-07", "2032-02-08,2012-02-07", "valid_to"),
            ("tax_rates.csv", "sac,997212,,18", "sac,997212,,180", "percent"),
            ("tax_rates.csv", "sac,997212,,18", "sac,997212,,18%", "percent"),
            ("tax_rates.csv", "sac,997212,,18", "sac,997212,,NaN", "percent"),
            ("tax_rates.csv", "sac,997212,,18", "sac,997212,,18.125", "percent"),
            ("tax_rates.csv", "sac,997212,,18", "sac,997212,,१८", "percent"),
            ("tax_rates.csv", "sac,997212,,18", "sac,997213,,18", "scheme + code + variant"),
            ("tax_rates.csv", "18,2017-07-01", "18,20170701", "valid_from"),
            ("tax_rates.csv", "18,2017-07-01", "18,", "valid_from"),
            ("tax_codes.csv", "hsn,57,", "hsn,५७,", "code"),
            ("states.csv", "35,IN-AN,35", "35,IN-MP,35", "iso_code"),
            ("states.csv", "35,IN-AN,35", "35,IN-AN,23", "gst_code"),
            ("states.csv", "35,IN-AN,35", "99999999999,IN-AN,35", "lgd_code"),
            ("districts.csv", "Agar Malwa,आगर मालवा,3,4", "Agar Malwa,आगर मालवा,21,4", "tile_column"),
            ("districts.csv", "Agar Malwa", "Agar\u00a0Malwa", "name_en"),
            ("districts.csv", "Agar Malwa", "Agar\x00Malwa", "name_en"),
            ("districts.csv", "Agar Malwa", "Agar\u200bMalwa", "name_en"),
            ("districts.csv", "Agar Malwa", "A" * 201, "name_en"),
            ("districts.csv", "Agar Malwa,", "Agar,Malwa,", ""),
            ("districts.csv", "Agar Malwa,", '"Agar Malwa,', ""),
            ("gi_registrations.csv", ",427;437,", ",427;999,", "districts"),
            ("gi_registrations.csv", ",427;437,", ",427;,", "districts"),
            ("gi_registrations.csv", ",427;437,", ",,", "districts"),
        ],
    )
    def test_a_wrong_cell_is_named_and_nothing_is_loaded(self, folder, file, before, after, column):
        edit(folder / "divisions.csv", "उज्जैन", "अवंतिका")
        lines = (folder / file).read_text(encoding="utf-8").splitlines()
        row = next(number for number, line in enumerate(lines, 1) if before in line)
        edit(folder / file, before, after)
        found = faults_of(folder)
        assert (file, row, column) in found
        assert not District.objects.filter(division__name_hi="अवंतिका").exists()

    def test_all_faults_of_all_kinds_are_named_at_once_and_no_others(self, folder):
        edit(folder / "districts.csv", "आगर मालवा,3,4", "Agar,2,5")  # no Devanagari, and the tile of Ujjain
        edit(folder / "odop_listings.csv", "mp-state,667,orange", "mp-state,667,mandarin")
        edit(folder / "tax_rates.csv", "sac,997212,,18", "sac,997212,,180")
        append(folder / "tax_rates.csv", "sac,997212,,12,2020-01-01,,test,low")
        assert [(file, column) for file, _row, column in faults_of(folder)] == [
            ("districts.csv", "name_hi"),
            ("districts.csv", "state + tile_column + tile_row"),
            ("odop_listings.csv", "product"),
            ("tax_rates.csv", "percent"),
            ("tax_rates.csv", "valid_from"),
        ]

    def test_a_stored_row_that_left_the_files_may_stand_against_a_new_one(self, folder):
        edit(folder / "districts.csv", "667,23", "999,23")  # the tile of Agar Malwa is still taken
        edit(folder / "odop_listings.csv", "mp-state,667,", "mp-state,999,")
        with pytest.raises(BrokenFacts, match="district tiles do not overlap") as broken:
            load(folder=folder)
        assert [(fault.file, fault.column) for fault in broken.value.faults] == [("districts.csv", "lgd_code")]
        assert set(District.objects.filter(name_en="Agar Malwa").values_list("lgd_code", flat=True)) == {667}

    def test_a_rate_cannot_move_its_beginning_over_its_own_past(self, folder):
        edit(folder / "tax_rates.csv", "18,2017-07-01", "18,2018-07-01")
        with pytest.raises(BrokenFacts, match="gst rate is one at a time"):
            load(folder=folder)

    def test_a_missing_or_unknown_column_or_file_is_named(self, folder):
        edit(folder / "divisions.csv", "code,name_en,name_hi", "code,name_en,nome_hi")
        (folder / "odop_lists.csv").unlink()
        found = faults_of(folder)
        assert ("divisions.csv", 1, "name_hi") in found
        assert ("divisions.csv", 1, "nome_hi") in found
        assert ("odop_lists.csv", None, "") in found

    def test_text_must_be_utf8_and_composed(self, folder):
        path = folder / "divisions.csv"
        path.write_bytes(path.read_bytes().replace("भोपाल".encode(), b"\xff\xfe"))
        edit(folder / "products.csv", "Gram (Chickpea)", "Gra\u0308m")
        found = faults_of(folder)
        assert ("divisions.csv", 2, "") in found
        assert ("products.csv", 19, "name_en") in found

    def test_overlapping_rates_and_shared_tiles_are_faults_not_crashes(self, folder):
        append(folder / "tax_rates.csv", "sac,997212,,12,2020-01-01,,test,low")
        lines = (folder / "states.csv").read_text(encoding="utf-8").splitlines()
        first, second = lines[1].split(","), lines[2].split(",")
        second[6:8] = first[6:8]
        lines[2] = ",".join(second)
        (folder / "states.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        assert {(file, column) for file, _row, column in faults_of(folder)} == {
            ("tax_rates.csv", "valid_from"),
            ("states.csv", "tile_column + tile_row"),
        }

    def test_the_command_fails_with_the_sentences(self, folder):
        edit(folder / "districts.csv", "आगर मालवा", "Agar")
        with pytest.raises(
            CommandError, match=r"districts\.csv, row 52, column name_hi: found 'Agar', expected a text in"
        ) as refused:
            call_command("load_reference", folder=folder)
        assert refused.value.returncode == 1
        assert str(refused.value).startswith("nothing was loaded; 1 fault:")
