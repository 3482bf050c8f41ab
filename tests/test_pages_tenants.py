"""The pages of tenants, as the office and the tenants themselves use them."""

import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from kombu.exceptions import OperationalError
from openpyxl import load_workbook
from PIL import Image

from accounts.roles import TenantRole
from leases.letting import let_unit
from reference.models import GiRegistration, GiStatus, State
from tenants.authorising import authorise
from tenants.members import invite, token_of
from tenants.models import (
    BankAccount,
    Contact,
    GiAuthorisation,
    Invitation,
    Membership,
    Paper,
    PaperKind,
    Tenant,
)
from tenants.paperwork import hand_in, verify
from tenants.registering import keep_bank_account, keep_contact, part_with
from web.doorbell import ring
from web.finding import spelled_like


@pytest.fixture
def office(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def home(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def paper(chanderi, owner, scan, today, now):
    """Chanderi's PAN card, waiting to be checked."""
    return hand_in(
        tenant=chanderi,
        kind=PaperKind.PAN,
        number="AAACC1234D",
        first=today - timedelta(days=30),
        last=None,
        upload=scan(),
        by=owner,
        at=now,
    )


def photo(name="pehchan.png"):
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "#7a1f2b").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/png")


def text(response):
    return response.content.decode()


# The list


@pytest.mark.parametrize("typed", ["चंदेरी", "चँदेरी", "CHANDERI weavers", "समिति chanderi"])
def test_a_tenant_is_found_in_either_script_and_spelling(office, chanderi, batik, typed):
    page = office.get(reverse("tenants"), {"q": typed})
    assert [line.tenant for line in page.context["lines"]] == [chanderi]


def test_a_tenant_is_found_by_its_unit(office, chanderi, batik, vacant_unit, administrator, today):
    let_unit(unit=vacant_unit, tenant=batik, first=today, last=None, by=administrator)
    page = office.get(reverse("tenants"), {"q": vacant_unit.number})
    assert [line.tenant for line in page.context["lines"]] == [batik]


@pytest.mark.parametrize("typed", ["(", "a+b", "[", "\\", "100%", "़"])
def test_signs_of_any_kind_may_be_searched_for(office, chanderi, typed):
    assert office.get(reverse("tenants"), {"q": typed}).status_code == 200


def test_nukta_and_chandrabindu_do_not_stand_in_the_way():
    assert spelled_like("ज़री") == spelled_like("जरी")
    assert spelled_like("चँदेरी") == spelled_like("चंदेरी")


def test_the_list_is_narrowed_by_kind_women_and_papers(office, chanderi, batik):
    def found(**wanted):
        return [line.tenant for line in office.get(reverse("tenants"), wanted).context["lines"]]

    assert found(kind="artisan") == [batik]
    assert found(women_led="on") == [chanderi]
    assert found(papers="missing") == [batik, chanderi]
    assert found(papers="complete") == []
    assert found(kind="no such kind") == [batik, chanderi]


def test_a_tenant_that_has_left_is_listed_only_when_asked_for(office, chanderi, batik, administrator, today):
    part_with(tenant=batik, on=today, by=administrator, why="दुकान बंद")
    listed = office.get(reverse("tenants")).context["lines"]
    left = office.get(reverse("tenants"), {"here": "left"}).context["lines"]
    assert [line.tenant for line in listed] == [chanderi]
    assert [line.tenant for line in left] == [batik]


def test_a_member_finds_only_the_own_tenant_in_the_list(home, chanderi, batik):
    assert [line.tenant for line in home.get(reverse("tenants")).context["lines"]] == [chanderi]


def test_the_list_asks_the_same_number_of_questions_for_two_tenants_and_for_twenty(
    office, chanderi, batik, django_assert_num_queries
):
    def questions():
        with django_assert_num_queries(11, exact=False) as asked:
            office.get(reverse("tenants"))
        return len(asked)

    for_two = questions()
    for number in range(18):
        Tenant.objects.create(
            name_en=f"Firm {number}",
            name_hi=f"फ़र्म {number}",
            kind="private_firm",
            home_state=State.objects.get(lgd_code=23),
            registered_date=chanderi.registered_date,
        )
    assert questions() == for_two


def test_the_list_downloads_as_a_spreadsheet(office, chanderi, batik):
    answer = office.get(reverse("tenants-download"), {"q": "चंदेरी"})
    sheet = load_workbook(io.BytesIO(b"".join(answer))).active
    cells = {cell for row in sheet.iter_rows(values_only=True) for cell in row}
    assert {"चंदेरी बुनकर समिति", "Ashoknagar", "papers missing"} <= cells


# Registering and changing


def test_a_tenant_is_registered_and_opens_on_its_page(office, db):
    answer = office.post(
        reverse("tenant-register"),
        {
            "name_hi": "नर्मदा समूह",
            "name_en": "Narmada SHG",
            "kind": "shg",
            "home_state": State.objects.get(lgd_code=23).pk,
        },
    )
    tenant = Tenant.objects.get(name_en="Narmada SHG")
    assert answer.url == reverse("tenant", args=[tenant.pk])


def test_a_wrong_gstin_is_said_beside_its_field_and_what_was_typed_stays(office, db):
    page = office.post(
        reverse("tenant-register"),
        {
            "name_hi": "नर्मदा समूह",
            "name_en": "Narmada SHG",
            "kind": "shg",
            "home_state": State.objects.get(lgd_code=23).pk,
            "gstin": "23AAACC1234D1Z0",
        },
    )
    assert page.status_code == 422
    assert "GSTIN" in page.context["form"].errors["gstin"][0]
    assert 'value="Narmada SHG"' in text(page)
    assert not Tenant.objects.filter(name_en="Narmada SHG").exists()


def test_an_owner_changes_the_address(home, chanderi):
    form = home.get(reverse("tenant-edit", args=[chanderi.pk])).context["form"]
    typed = {name: value for name, value in form.initial.items() if value not in (None, False, "")}
    typed |= {"home_state": chanderi.home_state_id, "home_district": chanderi.home_district_id}
    typed |= {"products": [product.pk for product in chanderi.products.all()], "address": "प्राणपुर"}
    assert home.post(reverse("tenant-edit", args=[chanderi.pk]), typed).status_code == 302
    chanderi.refresh_from_db()
    assert chanderi.address == "प्राणपुर"
    assert chanderi.is_women_led


def test_a_tenant_cannot_leave_while_it_has_a_unit(office, chanderi, vacant_unit, administrator, today):
    let_unit(unit=vacant_unit, tenant=chanderi, first=today, last=None, by=administrator)
    page = office.post(reverse("tenant-part", args=[chanderi.pk]), {"on": today.isoformat(), "why": "बंद"})
    assert page.status_code == 422
    chanderi.refresh_from_db()
    assert chanderi.closed_date is None


def test_a_tenant_leaves_with_a_reason(office, chanderi, today):
    office.post(reverse("tenant-part", args=[chanderi.pk]), {"on": today.isoformat(), "why": "बंद"})
    chanderi.refresh_from_db()
    assert chanderi.closed_date == today
    assert chanderi.history.first().history_change_reason == "बंद"
    assert reverse("tenant-edit", args=[chanderi.pk]) not in text(office.get(reverse("tenant", args=[chanderi.pk])))


# The tenant's own page


def test_the_gi_badge_shows_only_while_registration_and_authorisation_are_valid(home, chanderi, administrator, today):
    registration = GiRegistration.objects.valid_on(today)[0]
    authorise(
        tenant=chanderi,
        registration=registration,
        authorised_user_no="AU/1",
        holder="चंदेरी बुनकर समिति",
        first=today,
        last=today + timedelta(days=1),
        by=administrator,
    )
    address = reverse("tenant", args=[chanderi.pk])
    assert [badge.registration for badge in home.get(address).context["badges"]] == [registration]
    GiRegistration.objects.filter(pk=registration.pk).update(status=GiStatus.EXPIRED)
    assert home.get(address).context["badges"] == []


def test_the_bank_account_is_masked_on_the_page_and_full_on_its_own(home, chanderi, administrator):
    keep_bank_account(
        tenant=chanderi, holder="समिति", number="12345678901", ifsc="SBIN0001234", bank="", by=administrator
    )
    page = text(home.get(reverse("tenant", args=[chanderi.pk])))
    assert "•••••••8901" in page
    assert "12345678901" not in page
    assert "12345678901" in text(home.get(reverse("bank-account", args=[chanderi.pk])))


def test_shop_staff_see_no_bank_account(client, staff_member, chanderi, administrator):
    keep_bank_account(
        tenant=chanderi, holder="समिति", number="12345678901", ifsc="SBIN0001234", bank="", by=administrator
    )
    client.force_login(staff_member)
    assert "8901" not in text(client.get(reverse("tenant", args=[chanderi.pk])))


def test_an_auditor_reads_the_bank_account_and_finds_no_form(client, auditor, chanderi, administrator):
    keep_bank_account(
        tenant=chanderi, holder="समिति", number="12345678901", ifsc="SBIN0001234", bank="", by=administrator
    )
    client.force_login(auditor)
    page = text(client.get(reverse("bank-account", args=[chanderi.pk])))
    assert "12345678901" in page
    assert 'name="ifsc"' not in page


def test_a_contact_needs_a_number_or_an_address(home, chanderi):
    page = home.post(reverse("contact-add", args=[chanderi.pk]), {"name": "राधा"})
    assert list(page.context["form"].errors) == ["mobile"]
    home.post(reverse("contact-add", args=[chanderi.pk]), {"name": "राधा", "mobile": "९८२६० ९९९९९"})
    contact = Contact.objects.get(tenant=chanderi)
    assert (contact.mobile, contact.is_first) == ("9826099999", True)


def test_the_first_contact_stays_while_there_are_others(home, chanderi, owner):
    first = keep_contact(tenant=chanderi, contact=None, by=owner, name="राधा", mobile="9826099999")
    keep_contact(tenant=chanderi, contact=None, by=owner, name="मीरा", mobile="9826088888")
    home.post(reverse("contact-drop", args=[first.pk]))
    assert Contact.objects.filter(pk=first.pk).exists()


# Papers


def test_a_paper_is_handed_in_and_waits(home, chanderi, scan, today):
    answer = home.post(
        reverse("paper-hand-in", args=[chanderi.pk]),
        {"kind": "pan", "number": "AAACC1234D", "first": today.isoformat(), "last": "", "file": scan()},
    )
    assert answer.url == reverse("tenant-papers", args=[chanderi.pk])
    assert Paper.objects.waiting().get(tenant=chanderi).kind == PaperKind.PAN


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("scan.pdf", b"<html><script>alert(1)</script>"),
        ("scan.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("empty.pdf", b""),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_beside_its_field(home, chanderi, today, name, content):
    page = home.post(
        reverse("paper-hand-in", args=[chanderi.pk]),
        {"kind": "pan", "first": today.isoformat(), "file": SimpleUploadedFile(name, content)},
    )
    assert list(page.context["form"].errors) == ["file"]
    assert not Paper.objects.exists()


def test_days_that_run_backwards_are_refused(home, chanderi, scan, today):
    yesterday = today - timedelta(days=1)
    page = home.post(
        reverse("paper-hand-in", args=[chanderi.pk]),
        {"kind": "pan", "first": today.isoformat(), "last": yesterday.isoformat(), "file": scan()},
    )
    assert list(page.context["form"].errors) == ["last"]


def test_the_form_names_what_is_needed_and_what_is_there(home, chanderi, paper, administrator, now):
    verify(paper=paper, by=administrator, at=now)
    choices = dict(home.get(reverse("paper-hand-in", args=[chanderi.pk])).context["form"].fields["kind"].choices)
    assert choices["registration"].endswith("needed")
    assert choices["pan"].endswith("valid")
    assert choices["other"] == PaperKind.OTHER.label


def test_a_pdf_is_only_ever_a_download(home, paper):
    answer = home.get(reverse("paper-file", args=[paper.pk]), {"inline": "1"})
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cache-Control"] == "private, no-store"
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")


def test_a_picture_may_stand_in_the_page_and_is_named_by_what_it_is(home, chanderi, owner, today, now):
    paper = hand_in(
        tenant=chanderi,
        kind=PaperKind.IDENTITY,
        number="",
        first=today,
        last=None,
        upload=photo("card.html"),
        by=owner,
        at=now,
    )
    answer = home.get(reverse("paper-file", args=[paper.pk]), {"inline": "1"})
    assert answer["Content-Disposition"] == 'inline; filename="card.png"'
    assert home.get(reverse("paper-file", args=[paper.pk]))["Content-Disposition"].startswith("attachment")


def test_a_file_that_is_lost_is_not_found(home, paper):
    paper.file.storage.delete(paper.file.name)
    assert home.get(reverse("paper-file", args=[paper.pk])).status_code == 404


def test_another_tenants_paper_is_not_found(client, outsider, paper):
    client.force_login(outsider)
    for name in ("paper", "paper-file", "paper-withdraw"):
        assert client.get(reverse(name, args=[paper.pk])).status_code == 404


def test_the_office_confirms_a_paper_from_the_queue(office, paper):
    assert [line.paper for line in office.get(reverse("papers-waiting")).context["lines"]] == [paper]
    office.post(reverse("paper-verify", args=[paper.pk]))
    assert Paper.objects.get(pk=paper.pk).verified_at
    assert office.get(reverse("papers-waiting")).context["lines"] == []


def test_nobody_confirms_a_paper_of_their_own(office, chanderi, administrator, scan, today, now):
    own = hand_in(
        tenant=chanderi,
        kind=PaperKind.BANK,
        number="",
        first=today,
        last=None,
        upload=scan("own"),
        by=administrator,
        at=now,
    )
    assert reverse("paper-verify", args=[own.pk]) not in text(office.get(reverse("paper", args=[own.pk])))
    office.post(reverse("paper-verify", args=[own.pk]))
    assert Paper.objects.get(pk=own.pk).verified_at is None


def test_a_paper_sent_back_says_why_to_the_tenant(office, client, owner, chanderi, paper):
    page = office.post(reverse("paper-send-back", args=[paper.pk]), {"reason": ""})
    assert list(page.context["form"].errors) == ["reason"]
    office.post(reverse("paper-send-back", args=[paper.pk]), {"reason": "धुँधला है, फिर से दें"})
    client.force_login(owner)
    assert "धुँधला है, फिर से दें" in text(client.get(reverse("tenant", args=[chanderi.pk])))


def test_a_paper_renewed_in_time_is_not_listed_as_expiring(office, chanderi, owner, administrator, scan, today, now):
    def confirmed(words, last):
        paper = hand_in(
            tenant=chanderi,
            kind=PaperKind.PAN,
            number="",
            first=today - timedelta(days=30),
            last=last,
            upload=scan(words),
            by=owner,
            at=now,
        )
        return verify(paper=paper, by=administrator, at=now)

    ending = confirmed("old", today + timedelta(days=10))
    queue = reverse("papers-waiting") + "?tab=expiring"
    assert [line.paper for line in office.get(queue).context["lines"]] == [ending]
    confirmed("new", today + timedelta(days=400))
    assert office.get(queue).context["lines"] == []


def test_a_paper_is_withdrawn_with_a_reason(home, chanderi, paper):
    home.post(reverse("paper-withdraw", args=[paper.pk]), {"why": "ग़लत फ़ाइल"})
    assert Paper.objects.get(pk=paper.pk).withdrawn_at
    assert home.get(reverse("tenant-papers", args=[chanderi.pk])).context["lines"] == []


# GI authorisations


def test_a_gi_authorisation_is_put_on_record_and_withdrawn(office, chanderi, batik, owner, scan, today, now):
    foreign = hand_in(
        tenant=batik,
        kind=PaperKind.GI_CERTIFICATE,
        number="",
        first=today,
        last=None,
        upload=scan("gi"),
        by=owner,
        at=now,
    )
    typed = {
        "registration": GiRegistration.objects.valid_on(today)[0].pk,
        "authorised_user_no": "AU/2231/GI/153/45",
        "holder": "समिति",
        "first": today.isoformat(),
    }
    page = office.post(reverse("gi-authorise", args=[chanderi.pk]), typed | {"paper": foreign.pk})
    assert list(page.context["form"].errors) == ["paper"]
    office.post(reverse("gi-authorise", args=[chanderi.pk]), typed)
    authorisation = GiAuthorisation.objects.get(tenant=chanderi)
    office.post(reverse("gi-withdraw", args=[authorisation.pk]), {"why": "रद्द"})
    authorisation.refresh_from_db()
    assert authorisation.withdrawn_at


# Members


def test_an_owner_invites_shop_staff_and_gets_the_link_to_share(home, chanderi):
    answer = home.post(
        reverse("member-invite", args=[chanderi.pk]),
        {"full_name": "राधा बाई", "role": "staff", "mobile": "98260 99999", "language": "hi"},
        follow=True,
    )
    invitation = Invitation.objects.get(tenant=chanderi)
    link = answer.context["link"]
    assert link["url"] == "http://testserver" + reverse("accept-invitation", args=[token_of(invitation)])
    assert link["whatsapp"].startswith("https://wa.me/919826099999?text=")
    assert link["url"] in text(answer)


def test_the_link_of_an_invitation_shows_to_nobody_who_may_not_invite(
    client, staff_member, auditor, chanderi, administrator, now
):
    invitation = invite(tenant=chanderi, role="owner", full_name="राधा", by=administrator, at=now, mobile="9826099999")
    for person in (staff_member, auditor):
        client.force_login(person)
        page = client.get(reverse("tenant-members", args=[chanderi.pk]), {"link": invitation.pk})
        assert page.context["link"] is None
        assert invitation.uid.hex not in text(page)


def test_a_second_invitation_of_the_same_person_is_refused_beside_the_number(home, chanderi):
    typed = {"full_name": "राधा बाई", "role": "staff", "mobile": "9826099999", "language": "hi"}
    home.post(reverse("member-invite", args=[chanderi.pk]), typed)
    page = home.post(reverse("member-invite", args=[chanderi.pk]), typed)
    assert list(page.context["form"].errors) == ["mobile"]


def test_the_only_owner_cannot_end_the_own_membership(home, chanderi, owner):
    membership = Membership.objects.get(user=owner)
    page = home.post(reverse("member-end", args=[membership.pk]), {"why": "बस"})
    assert page.status_code == 422
    assert Membership.objects.current().filter(pk=membership.pk).exists()


def test_shop_staff_become_owners_and_leave(home, chanderi, staff_member):
    membership = Membership.objects.get(user=staff_member)
    home.post(reverse("member-role", args=[membership.pk]), {"role": "owner"})
    membership.refresh_from_db()
    assert membership.role == TenantRole.OWNER
    home.post(reverse("member-end", args=[membership.pk]), {"why": "गाँव लौटीं"})
    membership.refresh_from_db()
    assert membership.ended_at


def test_a_broker_that_is_down_does_not_break_the_page():
    def down():
        raise OperationalError

    ring(SimpleNamespace(name="tenants.tasks.send_invitations", delay_on_commit=down))


# History


def test_the_history_names_contacts_that_are_gone_and_states_in_words(office, chanderi, owner, administrator):
    contact = keep_contact(tenant=chanderi, contact=None, by=owner, name="राधा", mobile="9826099999")
    office.post(reverse("contact-drop", args=[contact.pk]))
    chanderi.home_district, chanderi.home_state = None, State.objects.get(name_en="Gujarat")
    chanderi._history_user = administrator
    chanderi.save()
    entries = office.get(reverse("tenant-history", args=[chanderi.pk])).context["entries"]
    assert ("Home state", "Madhya Pradesh", "Gujarat") in entries[0].fields
    assert (entries[1].kind, entries[1].of) == ("-", "contact – राधा")
    assert entries[1].who == administrator
    assert f"member – {owner}" in [entry.of for entry in entries]


def test_the_history_keeps_the_bank_account_from_those_who_may_not_see_it(client, accounts_officer, chanderi, owner):
    keep_bank_account(tenant=chanderi, holder="समिति", number="12345678901", ifsc="SBIN0001234", bank="", by=owner)
    keep_bank_account(tenant=chanderi, holder="समिति", number="99999999999", ifsc="SBIN0001234", bank="", by=owner)
    client.force_login(accounts_officer)
    assert "99999999999" in text(client.get(reverse("tenant-history", args=[chanderi.pk])))
    assert BankAccount.history.count() == 2
