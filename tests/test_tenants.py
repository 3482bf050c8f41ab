"""Tenants, their papers, members and the GI badge."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from PIL import Image

from accounts.roles import TenantRole
from core.history import changes
from core.periods import period
from core.wording import NotAcceptable
from demo.filling import fill
from leases.letting import let_unit
from reference.models import GiRegistration, GiStatus, State
from tenants.authorising import AuthorisationTaken, authorise, withdraw_authorisation
from tenants.members import (
    AlreadyAMember,
    AlreadyInvited,
    InvitationEnded,
    LastOwner,
    accept,
    change_role,
    end_membership,
    invitation_of,
    invite,
    token_of,
    withdraw_invitation,
)
from tenants.models import GiAuthorisation, Membership, Paper, PaperKind, PaperStatus, Tenant, TenantKind
from tenants.paperwork import (
    FileRefused,
    OwnPaper,
    PaperAlreadyHandedIn,
    PaperNotWaiting,
    check_file,
    hand_in,
    send_back,
    standing,
    verify,
    withdraw,
)
from tenants.registering import (
    OnlyFirstContact,
    TenantHasLeft,
    change_particulars,
    drop_contact,
    keep_bank_account,
    keep_contact,
    part_with,
    register_tenant,
)
from tenants.tasks import send_invitations


def particulars(**more):
    return {
        "name_en": "Maa Narmada SHG",
        "name_hi": "माँ नर्मदा स्वयं सहायता समूह",
        "kind": TenantKind.SHG,
        "home_state": State.objects.get(lgd_code=23),
        **more,
    }


class TestIdentifiers:
    def test_a_small_artisan_needs_no_number_at_all(self, administrator, today):
        tenant = register_tenant(particulars=particulars(kind=TenantKind.ARTISAN), on=today, by=administrator)
        assert (tenant.gstin, tenant.pan, tenant.udyam_no, tenant.fssai_no) == ("", "", "", "")

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("gstin", "27AAPFU0939F1ZW"),  # last character is 1ZV by the mod-36 check digit
            ("gstin", "27AAPFU0939F1Z"),
            ("pan", "AAPF0939F"),
            ("udyam_no", "UDYAM-MP-43-123"),
            ("pehchan_no", "MP-1"),
            ("fssai_no", "0123456789012"),
            ("fssai_no", "92345678901234"),
            ("pin_code", "056001"),
        ],
    )
    def test_a_wrong_number_is_named_with_what_was_found(self, administrator, today, field, wrong):
        with pytest.raises(NotAcceptable) as refusal:
            register_tenant(particulars=particulars(**{field: wrong}), on=today, by=administrator)
        assert list(refusal.value.errors) == [field]
        assert wrong in refusal.value.errors[field][0]
        assert not Tenant.objects.exists()

    def test_numbers_are_kept_in_one_spelling_whatever_digits_were_typed(self, administrator, today):
        tenant = register_tenant(
            particulars=particulars(gstin=" 27aapfu0939f1zv ", fssai_no="१२३४५ ६७८९०१२३४"),
            on=today,
            by=administrator,
        )
        assert (tenant.gstin, tenant.fssai_no) == ("27AAPFU0939F1ZV", "12345678901234")

    def test_a_gstin_must_hold_the_pan_that_is_given(self, administrator, today):
        with pytest.raises(NotAcceptable) as refusal:
            register_tenant(
                particulars=particulars(gstin="27AAPFU0939F1ZV", pan="AAACC1234D"), on=today, by=administrator
            )
        assert list(refusal.value.errors) == ["gstin"]

    def test_two_tenants_cannot_share_a_gstin(self, administrator, today):
        register_tenant(particulars=particulars(gstin="27AAPFU0939F1ZV"), on=today, by=administrator)
        with pytest.raises(NotAcceptable):
            register_tenant(particulars=particulars(gstin="27AAPFU0939F1ZV"), on=today, by=administrator)


class TestParticulars:
    def test_a_change_is_kept_with_who_what_and_why(self, chanderi, owner):
        change_particulars(tenant=chanderi, particulars={"address": "Pranpur"}, by=owner, why="moved")
        newest = changes(Tenant.objects.get(pk=chanderi.pk))[0]
        assert (newest.who, newest.why) == (owner, "moved")
        assert newest.fields == (("address", "–", "Pranpur"),)

    def test_a_tenant_that_left_is_not_changed_any_more(self, chanderi, administrator, today):
        part_with(tenant=chanderi, on=today, by=administrator, why="closed")
        with pytest.raises(TenantHasLeft):
            change_particulars(tenant=chanderi, particulars={"address": "Pranpur"}, by=administrator)
        with pytest.raises(TenantHasLeft):
            part_with(tenant=chanderi, on=today, by=administrator, why="again")

    def test_an_unknown_particular_is_a_programming_error_not_a_silent_change(self, chanderi, administrator):
        with pytest.raises(TypeError):
            change_particulars(tenant=chanderi, particulars={"registered_date": None}, by=administrator)

    def test_exactly_one_contact_is_called_first(self, chanderi, owner):
        first = keep_contact(tenant=chanderi, contact=None, by=owner, name="सुनीता", mobile="98260 12345")
        second = keep_contact(tenant=chanderi, contact=None, by=owner, name="रमेश", mobile="9826012346", is_first=True)
        assert [c.name for c in chanderi.contacts.filter(is_first=True)] == ["रमेश"]
        with pytest.raises(OnlyFirstContact):
            drop_contact(contact=second, by=owner)
        drop_contact(contact=first, by=owner)
        assert chanderi.contacts.count() == 1

    def test_a_contact_must_be_reachable_and_a_bank_account_well_formed(self, chanderi, owner):
        with pytest.raises(NotAcceptable):
            keep_contact(tenant=chanderi, contact=None, by=owner, name="सुनीता")
        with pytest.raises(NotAcceptable) as refusal:
            keep_bank_account(tenant=chanderi, holder="Sunita", number="12", ifsc="SBIN1", bank="", by=owner)
        assert set(refusal.value.errors) == {"number", "ifsc"}
        account = keep_bank_account(
            tenant=chanderi, holder="Sunita", number="1234 5678 901", ifsc="sbin0001234", bank="SBI", by=owner
        )
        assert account.masked_number == "•••••••8901"


class TestPapers:
    @pytest.fixture
    def paper(self, chanderi, owner, scan, today, now):
        return hand_in(
            tenant=chanderi, kind=PaperKind.PAN, number="AAACC1234D", first=today, last=today + timedelta(days=40),
            upload=scan(), by=owner, at=now,
        )  # fmt: skip

    def test_a_paper_waits_is_verified_expires_soon_and_expires(self, paper, administrator, today, now):
        assert paper.status_on(today) == PaperStatus.WAITING
        paper = verify(paper=paper, by=administrator, at=now)
        assert paper.status_on(today - timedelta(days=1)) == PaperStatus.NOT_YET_VALID
        assert paper.status_on(today) == PaperStatus.VALID
        assert paper.status_on(today + timedelta(days=11)) == PaperStatus.EXPIRING
        assert paper.status_on(today + timedelta(days=40)) == PaperStatus.EXPIRING
        assert paper.status_on(today + timedelta(days=41)) == PaperStatus.EXPIRED

    def test_nobody_verifies_their_own_paper_and_nobody_twice(self, paper, owner, administrator, now):
        with pytest.raises(OwnPaper):
            verify(paper=paper, by=owner, at=now)
        verify(paper=paper, by=administrator, at=now)
        with pytest.raises(PaperNotWaiting):
            send_back(paper=paper, reason="blurred", by=administrator, at=now)

    def test_a_paper_sent_back_says_why(self, paper, administrator, now, today):
        with pytest.raises((NotAcceptable, IntegrityError)), transaction.atomic():
            send_back(paper=paper, reason="  ", by=administrator, at=now)
        paper = send_back(paper=paper, reason="धुँधला है", by=administrator, at=now)
        assert paper.status_on(today) == PaperStatus.RETURNED

    def test_the_same_file_is_taken_once_until_it_is_withdrawn(self, paper, chanderi, owner, scan, today, now):
        again = {
            "tenant": chanderi, "kind": PaperKind.PAN, "number": "", "first": today, "last": None, "by": owner,
            "at": now,
        }  # fmt: skip
        with pytest.raises(PaperAlreadyHandedIn):
            hand_in(upload=scan(), **again)
        withdraw(paper=paper, by=owner, at=now)
        assert hand_in(upload=scan(), **again).pk != paper.pk

    def test_what_is_missing_waiting_or_expiring_is_named(self, paper, chanderi, administrator, today, now):
        papers = list(chanderi.papers.all())
        assert standing(chanderi, papers, today).missing == (PaperKind.BANK, PaperKind.REGISTRATION)
        assert standing(chanderi, papers, today).waiting == (PaperKind.PAN,)
        verify(paper=paper, by=administrator, at=now)
        papers = list(chanderi.papers.all())
        assert standing(chanderi, papers, today + timedelta(days=20)).expiring == (PaperKind.PAN,)
        assert PaperKind.PAN in standing(chanderi, papers, today + timedelta(days=41)).missing

    def test_the_file_has_a_random_name_and_the_uploaded_one_is_only_a_label(self, paper):
        assert paper.file_name == "scan.pdf"
        assert paper.file.name.startswith("papers/")
        assert "scan" not in paper.file.name

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("paper.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
            ("paper.pdf", b"<html><script>alert(1)</script></html>"),
            ("paper.png", b"MZ\x90\x00 this program cannot be run in DOS mode"),
            ("paper.pdf", b"%PDF-1.7 cut off"),
            ("paper.jpg", b"\xff\xd8\xff\xe0 not really"),
            ("empty.pdf", b""),
            ("paper.gif", b"GIF89a" + b"\x00" * 40),
        ],
    )
    def test_a_file_that_is_not_what_we_take_is_refused_by_its_content(self, name, content):
        with pytest.raises(FileRefused):
            check_file(SimpleUploadedFile(name, content))

    def test_a_large_file_and_a_picture_bomb_are_refused(self, settings):
        with pytest.raises(FileRefused):
            check_file(SimpleUploadedFile("a.pdf", b"%PDF-" + b"0" * settings.PAPER_MAX_BYTES + b"%%EOF"))
        bomb = io.BytesIO()
        Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
        with pytest.raises(FileRefused):
            check_file(SimpleUploadedFile("a.png", bomb.getvalue()))

    def test_a_picture_is_redrawn_so_that_nothing_hides_behind_its_pixels(self):
        picture = io.BytesIO()
        exif = Image.Exif()
        exif[0x010E] = "secret place"
        Image.new("RGB", (40, 40), "red").save(picture, "JPEG", exif=exif)
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as z:
            z.writestr("evil.html", "<script>")
        kept = check_file(SimpleUploadedFile("a.jpg", picture.getvalue() + archive.getvalue()))
        assert kept.content_type == "image/jpeg"
        assert b"secret place" not in kept.content
        assert b"evil.html" not in kept.content


class TestTheGiBadge:
    @pytest.fixture
    def batik_print(self):
        return GiRegistration.objects.get(name_en="Ujjain Batik Print")

    @pytest.fixture
    def authorisation(self, batik, batik_print, administrator, today):
        return authorise(
            tenant=batik, registration=batik_print, authorised_user_no="AU/12/2023", holder="Bherugarh Batik Works",
            first=today, last=today + timedelta(days=10), by=administrator,
        )  # fmt: skip

    def badge(self, authorisation, day):
        """The row and the QuerySet must agree."""
        asked = GiAuthorisation.objects.badge_on(day).filter(pk=authorisation.pk).exists()
        row = GiAuthorisation.objects.with_registration().get(pk=authorisation.pk)
        assert row.shows_badge_on(day) == asked
        return asked

    def test_it_shows_from_the_first_to_the_last_day_of_the_authorisation(self, authorisation, today):
        days = [-1, 0, 10, 11]
        assert [self.badge(authorisation, today + timedelta(days=n)) for n in days] == [
            False,
            True,
            True,
            False,
        ]

    def test_it_does_not_show_when_the_registration_has_run_out(self, authorisation, batik_print, today):
        batik_print.validity = period(today - timedelta(days=3650), today + timedelta(days=4))
        batik_print.save()
        assert self.badge(authorisation, today + timedelta(days=4))
        assert not self.badge(authorisation, today + timedelta(days=5))

    @pytest.mark.parametrize("status", [GiStatus.APPLIED, GiStatus.EXPIRED, GiStatus.UNVERIFIED])
    def test_it_never_shows_for_what_is_not_registered(self, authorisation, batik_print, today, status):
        batik_print.status = status
        batik_print.save()
        assert not self.badge(authorisation, today)

    def test_it_ends_at_once_when_the_authorisation_is_withdrawn(self, authorisation, administrator, today, now):
        withdraw_authorisation(authorisation=authorisation, by=administrator, at=now, why="cancelled by the registry")
        assert not self.badge(authorisation, today)

    def test_an_authorised_user_number_belongs_to_one_tenant(
        self, authorisation, chanderi, batik_print, administrator, today
    ):
        with pytest.raises(AuthorisationTaken):
            authorise(
                tenant=chanderi, registration=batik_print, authorised_user_no="AU/12/2023", holder="x",
                first=today, last=None, by=administrator,
            )  # fmt: skip


class TestMembers:
    @pytest.fixture
    def invitation(self, chanderi, owner, now):
        return invite(
            tenant=chanderi,
            role=TenantRole.STAFF,
            full_name="मीना कोली",
            email="Meena@Example.in",
            by=owner,
            at=now,
        )

    def test_an_invited_person_joins_with_the_link_and_signs_in_by_the_address(self, invitation, chanderi, now, client):
        found = invitation_of(token=token_of(invitation), at=now)
        membership = accept(invitation=found, at=now, password="Neel-rangai-77")
        assert (membership.tenant, membership.role) == (chanderi, TenantRole.STAFF)
        assert membership.user.username == "meena@example.in"
        assert membership.user.check_password("Neel-rangai-77")

    def test_the_link_works_once_for_a_week_and_not_when_forged_or_withdrawn(self, invitation, owner, now):
        token = token_of(invitation)
        with pytest.raises(InvitationEnded):
            invitation_of(token=token[:-2] + "xx", at=now)
        with pytest.raises(InvitationEnded):
            invitation_of(token=token, at=now + timedelta(days=7))
        withdraw_invitation(invitation=invitation, by=owner, at=now)
        with pytest.raises(InvitationEnded):
            invitation_of(token=token, at=now)
        with pytest.raises(InvitationEnded):
            accept(invitation=invitation, at=now, password="Neel-rangai-77")

    def test_nobody_is_invited_or_made_a_member_twice(self, invitation, chanderi, owner, now):
        with pytest.raises(AlreadyInvited):
            invite(
                tenant=chanderi,
                role=TenantRole.OWNER,
                full_name="Meena",
                email="meena@example.in",
                by=owner,
                at=now,
            )
        with pytest.raises(AlreadyAMember):
            accept(invitation=invitation, at=now, user=owner)

    def test_the_mail_goes_out_once_by_the_sweep(self, invitation, mailoutbox):
        assert send_invitations() == 1
        assert send_invitations() == 0
        (mail,) = mailoutbox
        assert mail.to == ["meena@example.in"]
        assert token_of(invitation) in mail.body
        assert "चंदेरी" in mail.subject

    def test_one_mail_that_cannot_be_sent_does_not_hold_up_the_others(
        self, invitation, chanderi, owner, now, mailoutbox, monkeypatch
    ):
        invite(tenant=chanderi, role=TenantRole.STAFF, full_name="राधा", email="radha@example.in", by=owner, at=now)

        def refuse_meena(subject, body, sender, to):
            if "meena" in to[0]:
                raise OSError("550 no such mailbox")
            EmailMessage(subject, body, sender, to).send()

        monkeypatch.setattr("tenants.tasks.send_mail", refuse_meena)
        assert send_invitations() == 1
        assert [mail.to for mail in mailoutbox] == [["radha@example.in"]]

    def test_a_tenant_keeps_an_owner(self, chanderi, owner, staff_member, now):
        ownership = Membership.objects.get(user=owner)
        with pytest.raises(LastOwner):
            end_membership(membership=ownership, by=owner, at=now)
        with pytest.raises(LastOwner):
            change_role(membership=ownership, role=TenantRole.STAFF, by=owner)
        change_role(membership=Membership.objects.get(user=staff_member), role=TenantRole.OWNER, by=owner)
        end_membership(membership=ownership, by=owner, at=now)
        assert [m.user for m in Membership.objects.current().filter(tenant=chanderi)] == [staff_member]


class TestHistoryIsKept:
    @pytest.fixture
    def rows(self, chanderi, vacant_unit, administrator, today):
        """Something stands in each table, and nothing is left to be checked at commit."""
        let_unit(unit=vacant_unit, tenant=chanderi, first=today, last=None, by=administrator)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    @pytest.mark.parametrize(
        "statement", ["UPDATE {} SET history_date = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
    )
    @pytest.mark.parametrize(
        "table",
        [
            "tenants_historicaltenant",
            "mall_historicalunit",
            "leases_historicallease",
            "accounts_historicalrolegrant",
        ],
    )
    def test_the_database_refuses_to_change_or_remove_history(self, rows, statement, table):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")
            before = cursor.fetchone()[0]
            assert before > 0
            with pytest.raises(IntegrityError, match="are kept"), transaction.atomic():
                cursor.execute(statement.format(table))
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone()[0] == before

    def test_every_table_of_history_is_kept_so(self, db):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname LIKE '%\\_historical%' AND 2 > "
                "(SELECT count(*) FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal)"
            )
            assert cursor.fetchall() == []

    def test_bulk_changes_are_kept_too(self, administrator, today):
        fill(size=1, seed=7, today=today)
        for model in (Tenant, Paper, Membership, GiAuthorisation):
            assert model.history.count() >= model.objects.count() > 0
        assert Tenant.history.filter(history_change_reason="demo mall").exists()


class TestTheDemoMall:
    def fingerprint(self):
        return [
            list(Tenant.objects.order_by("pk").values_list("name_hi", "kind", "gstin", "pan", "registered_date")),
            list(Paper.objects.order_by("pk").values_list("kind", "number", "validity", "digest", "verified_at")),
            list(Tenant.objects.order_by("pk").values_list("leases__unit__number", "leases__period")),
            list(Membership.objects.order_by("pk").values_list("user__username", "role")),
        ]

    def test_the_same_seed_makes_the_same_mall_and_another_seed_another(self, db, today):
        prints = []
        for seed in (5, 5, 6):
            with transaction.atomic():
                fill(size=1, seed=seed, today=today)
                prints.append(self.fingerprint())
                transaction.set_rollback(True)
        assert prints[0] == prints[1]
        assert prints[0] != prints[2]

    def test_it_has_tenants_of_all_kinds_and_papers_in_all_states(self, db, today):
        fill(size=1, seed=2028, today=today)
        assert set(Tenant.objects.values_list("kind", flat=True)) == set(TenantKind.values)
        states = {paper.status_on(today) for paper in Paper.objects.all()}
        assert states == set(PaperStatus) - {PaperStatus.NOT_YET_VALID}
        for tenant in Tenant.objects.all():
            tenant.full_clean()

    def test_it_fills_only_an_empty_mall(self, chanderi, today):
        with pytest.raises(RuntimeError):
            fill(size=1, seed=1, today=today)
        call_command("demo_mall", if_empty=True, verbosity=0)
        assert Tenant.objects.count() == 1
