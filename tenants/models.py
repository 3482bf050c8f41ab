"""Who trades here: tenants, their members, papers, contacts, bank accounts and GI authorisations."""

import uuid
from datetime import date, datetime
from typing import Any, ClassVar

from django.contrib.postgres.fields import DateRangeField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import User
from accounts.roles import Reach, Right, TenantRole
from core.names import Named
from core.periods import covers
from reference.models import District, GiRegistration, GiStatus, Product, State
from tenants import access, identifiers


class TenantKind(models.TextChoices):
    ARTISAN = "artisan", _("Artisan")
    SHG = "shg", _("Self-help group")
    COOPERATIVE = "cooperative", _("Cooperative society")
    FPO = "fpo", _("Producer company (FPO)")
    STATE_EMPORIUM = "state_emporium", _("State emporium or corporation")
    DISTRICT_ADMINISTRATION = "district_administration", _("District administration")
    PRIVATE_FIRM = "private_firm", _("Private firm")


class OfTenant(models.QuerySet[Any]):
    """Rows that belong to a tenant are seen by whoever may see that tenant's."""

    right: ClassVar[Right] = Right.SEE_TENANTS
    tenant_path: ClassVar[str] = "tenant"

    def visible_to(self, actor: Any, right: Right | None = None) -> Any:
        """The rows that `actor` may reach with `right`: all, those of their own tenants, or none."""
        right = right or self.right
        reach = access.reach(actor, right)
        if reach == Reach.MALL:
            return self
        if reach == Reach.OWN:
            return self.filter(**{f"{self.tenant_path}__in": access.tenants_with(actor, right)})
        return self.none()


class Tenants(OfTenant):
    """Questions about tenants."""

    tenant_path = "pk"

    def trading(self) -> "Tenants":
        return self.filter(closed_date=None)

    def with_home(self) -> "Tenants":
        return self.select_related("home_district", "home_state")


class Tenant(Named):
    """The legal person that trades in the mall: an artisan, a group, a society, a corporation, a firm."""

    kind = models.CharField(_("kind"), max_length=24, choices=TenantKind)
    home_district = models.ForeignKey(
        District,
        models.PROTECT,
        related_name="tenants",
        null=True,
        blank=True,
        verbose_name=_("home district"),
    )
    home_state = models.ForeignKey(State, models.PROTECT, related_name="tenants", verbose_name=_("home state"))
    is_women_led = models.BooleanField(_("led by women"), default=False)
    has_shg_members = models.BooleanField(_("made by self-help groups"), default=False)
    products = models.ManyToManyField(
        Product, related_name="tenants", blank=True, verbose_name=_("listed products traded")
    )
    gstin = models.CharField(_("GSTIN"), max_length=15, blank=True, validators=[identifiers.check_gstin])
    pan = models.CharField(_("PAN"), max_length=10, blank=True, validators=[identifiers.check_pan])
    udyam_no = models.CharField(_("Udyam number"), max_length=19, blank=True, validators=[identifiers.check_udyam])
    pehchan_no = models.CharField(
        _("Pehchan card number"), max_length=16, blank=True, validators=[identifiers.check_pehchan]
    )
    fssai_no = models.CharField(_("FSSAI number"), max_length=14, blank=True, validators=[identifiers.check_fssai])
    address = models.CharField(_("address"), max_length=300, blank=True)
    pin_code = models.CharField(_("PIN code"), max_length=6, blank=True, validators=[identifiers.check_pin_code])
    registered_date = models.DateField(_("with the mall since"))
    closed_date = models.DateField(_("left the mall on"), null=True, blank=True)

    objects: ClassVar[Any] = Tenants.as_manager()
    history = HistoricalRecords(m2m_fields=[products])

    class Meta:
        verbose_name = _("tenant")
        verbose_name_plural = _("tenants")
        ordering: ClassVar[Any] = ["name_en", "pk"]
        indexes = [models.Index(fields=["name_en", "id"], name="tenant_by_name")]
        constraints = [
            models.UniqueConstraint(
                fields=["gstin"],
                condition=~Q(gstin=""),
                name="gstin_belongs_to_one_tenant",
                violation_error_message=_("Another tenant already has this GSTIN. Compare with the certificate."),
            ),
            models.CheckConstraint(
                condition=Q(closed_date=None) | Q(closed_date__gte=models.F("registered_date")),
                name="tenant_leaves_after_it_came",
                violation_error_message=_("A tenant leaves on or after the day it came."),
            ),
            models.CheckConstraint(condition=Q(kind__in=TenantKind.values), name="tenant_kind_is_known"),
        ]

    def clean(self) -> None:
        """GSTIN embeds the PAN (characters 3 to 12) and begins with the GST code of the state."""
        if self.gstin and self.pan and self.gstin[2:12] != self.pan:
            raise ValidationError({"gstin": _("This GSTIN holds another PAN than the one given. Check both.")})
        if self.home_district is not None and self.home_district.state_id != self.home_state_id:
            raise ValidationError({"home_district": _("This district does not lie in the home state.")})

    @property
    def is_shg(self) -> bool:
        return self.kind == TenantKind.SHG or self.has_shg_members


class Contact(models.Model):
    """A person to call about a tenant."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="contacts", verbose_name=_("tenant"))
    name = models.CharField(_("name"), max_length=150)
    position = models.CharField(_("position"), max_length=80, blank=True)
    mobile = models.CharField(_("mobile number"), max_length=10, blank=True, validators=[identifiers.check_mobile])
    email = models.EmailField(_("e-mail"), blank=True)
    is_first = models.BooleanField(_("call first"), default=False)

    objects: ClassVar[Any] = OfTenant.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering: ClassVar[Any] = ["-is_first", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(mobile="") | ~Q(email=""),
                name="contact_can_be_reached",
                violation_error_message=_("Give a mobile number or an e-mail address."),
            ),
            models.UniqueConstraint(fields=["tenant"], condition=Q(is_first=True), name="one_contact_is_called_first"),
        ]

    def __str__(self) -> str:
        return self.name


class BankAccounts(OfTenant):
    """Bank details are seen by fewer people than the tenant is."""

    right = Right.SEE_BANK_ACCOUNTS


class BankAccount(models.Model):
    """Where a tenant is paid."""

    tenant = models.OneToOneField(Tenant, models.CASCADE, related_name="bank_account", verbose_name=_("tenant"))
    holder = models.CharField(_("account holder"), max_length=150)
    number = models.CharField(_("account number"), max_length=18, validators=[identifiers.check_account])
    ifsc = models.CharField(_("IFSC"), max_length=11, validators=[identifiers.check_ifsc])
    bank = models.CharField(_("bank and branch"), max_length=150, blank=True)

    objects: ClassVar[Any] = BankAccounts.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("bank account")

    def __str__(self) -> str:
        return self.masked_number

    @property
    def masked_number(self) -> str:
        return f"{'•' * max(len(self.number) - 4, 0)}{self.number[-4:]}"


class PaperKind(models.TextChoices):
    PAN = "pan", _("PAN card")
    GST = "gst", _("GST registration certificate")
    UDYAM = "udyam", _("Udyam certificate")
    PEHCHAN = "pehchan", _("Pehchan (artisan) card")
    SHG_REGISTRATION = "shg_registration", _("SHG registration or bank linkage letter")
    REGISTRATION = "registration", _("Certificate of registration or incorporation")
    FSSAI = "fssai", _("FSSAI licence")
    BANK = "bank", _("Cancelled cheque or passbook page")
    IDENTITY = "identity", _("Proof of identity")
    AUTHORITY = "authority", _("Authority letter or government order")
    GI_CERTIFICATE = "gi_certificate", _("GI authorised-user certificate")
    OTHER = "other", _("Other paper")


class PaperStatus(models.TextChoices):
    """Derived from the paper's own fields and a day; never stored."""

    WAITING = "waiting", _("waiting to be checked")
    RETURNED = "returned", _("sent back")
    VALID = "valid", _("valid")
    EXPIRING = "expiring", _("expires soon")
    EXPIRED = "expired", _("expired")
    NOT_YET_VALID = "not_yet_valid", _("not yet valid")


class Papers(OfTenant):
    """Questions about papers."""

    def valid_on(self, day: date) -> "Papers":
        """Verified and in force on `day`."""
        return self.filter(verified_at__isnull=False, validity__contains=day, withdrawn_at=None)

    def kept(self) -> "Papers":
        return self.filter(withdrawn_at=None)

    def waiting(self) -> "Papers":
        return self.filter(verified_at=None, returned_at=None, withdrawn_at=None)


def paper_path(paper: "Paper", _filename: str) -> str:
    """A random name; the uploaded one is kept only as a label."""
    return f"papers/{uuid.uuid4().hex}"


class Paper(models.Model):
    """A document of a tenant, with the days it is valid and who has checked it."""

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="papers", verbose_name=_("tenant"))
    kind = models.CharField(_("kind"), max_length=20, choices=PaperKind)
    number = models.CharField(_("number on the paper"), max_length=40, blank=True)
    validity = DateRangeField(_("valid"))
    file = models.FileField(_("file"), upload_to=paper_path)
    file_name = models.CharField(_("file name"), max_length=150)
    content_type = models.CharField(_("file type"), max_length=40)
    size = models.PositiveIntegerField(_("size in bytes"))
    digest = models.CharField(_("SHA-256 of the file"), max_length=64)
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("submitted by"))
    submitted_at = models.DateTimeField(_("submitted at"))
    verified_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("checked by")
    )
    verified_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    returned_at = models.DateTimeField(_("sent back at"), null=True, blank=True)
    return_reason = models.CharField(_("why it was sent back"), max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects: ClassVar[Any] = Papers.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("paper")
        verbose_name_plural = _("papers")
        ordering: ClassVar[Any] = ["kind", "-submitted_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(validity__isempty=False) & Q(validity__startswith__isnull=False),
                name="paper_is_valid_from_a_day",
            ),
            models.CheckConstraint(
                condition=Q(verified_at=None, verified_by=None)
                | Q(verified_at__isnull=False, verified_by__isnull=False),
                name="paper_names_who_checked_it",
            ),
            models.CheckConstraint(
                condition=Q(verified_at=None) | Q(returned_at=None),
                name="paper_is_accepted_or_sent_back_not_both",
            ),
            models.CheckConstraint(
                condition=Q(returned_at=None) | ~Q(return_reason=""),
                name="paper_sent_back_says_why",
                violation_error_message=_("Say why the paper is sent back, so that the tenant can mend it."),
            ),
            models.UniqueConstraint(
                fields=["tenant", "kind", "digest"],
                condition=Q(withdrawn_at=None),
                name="paper_is_handed_in_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}".strip()

    def status_on(self, day: date, warn_days: int = 30) -> PaperStatus:
        """What the paper is worth on `day`; it expires soon when no more than `warn_days` are left."""
        if self.returned_at:
            return PaperStatus.RETURNED
        if self.verified_at is None:
            return PaperStatus.WAITING
        if covers(self.validity, day):
            ends = self.validity.upper
            return PaperStatus.EXPIRING if ends and (ends - day).days <= warn_days else PaperStatus.VALID
        return PaperStatus.NOT_YET_VALID if day < self.validity.lower else PaperStatus.EXPIRED


class GiAuthorisations(OfTenant):
    """Questions about GI authorised users."""

    def badge_on(self, day: date) -> "GiAuthorisations":
        """Those that may show the GI badge on `day`: authorisation and registration both valid then."""
        return self.filter(
            Q(registration__validity=None) | Q(registration__validity__contains=day),
            registration__status=GiStatus.REGISTERED,
            validity__contains=day,
            withdrawn_at=None,
        )

    def with_registration(self) -> "GiAuthorisations":
        return self.select_related("registration", "tenant")


class GiAuthorisation(models.Model):
    """A tenant is an authorised user of a geographical indication (GI Act, 1999, s. 17), for ten years at a time."""

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="gi_authorisations", verbose_name=_("tenant"))
    registration = models.ForeignKey(
        GiRegistration, models.PROTECT, related_name="authorisations", verbose_name=_("GI registration")
    )
    authorised_user_no = models.CharField(_("authorised-user number"), max_length=30)
    holder = models.CharField(_("holder"), max_length=150)
    validity = DateRangeField(_("valid"))
    paper = models.ForeignKey(
        Paper,
        models.PROTECT,
        related_name="gi_authorisations",
        null=True,
        blank=True,
        verbose_name=_("certificate"),
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects: ClassVar[Any] = GiAuthorisations.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("GI authorisation")
        verbose_name_plural = _("GI authorisations")
        ordering: ClassVar[Any] = ["registration__name_en", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(validity__isempty=False) & Q(validity__startswith__isnull=False),
                name="gi_authorisation_begins_on_a_day",
            ),
            models.UniqueConstraint(
                fields=["registration", "authorised_user_no"],
                condition=Q(withdrawn_at=None),
                name="gi_authorised_user_number_is_used_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration} {self.authorised_user_no}"

    def shows_badge_on(self, day: date) -> bool:
        """Whether the GI badge may be shown on `day`. Reads `registration`: select it with the row."""
        return self.withdrawn_at is None and covers(self.validity, day) and self.registration.is_valid_on(day)


class Memberships(OfTenant):
    """Questions about members."""

    def current(self) -> "Memberships":
        return self.filter(ended_at=None)


class Membership(models.Model):
    """A person works for a tenant, as owner or shop staff."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name=_("person"))
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="memberships", verbose_name=_("tenant"))
    role = models.CharField(_("role"), max_length=10, choices=TenantRole)
    began_at = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)

    objects: ClassVar[Any] = Memberships.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering: ClassVar[Any] = ["role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "tenant"],
                condition=Q(ended_at=None),
                name="person_is_a_member_once_at_a_time",
            ),
            models.CheckConstraint(condition=Q(role__in=TenantRole.values), name="membership_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class Invitations(OfTenant):
    """Questions about invitations."""

    right = Right.MANAGE_MEMBERS

    def open_at(self, at: datetime) -> "Invitations":
        return self.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=at)

    def unsent(self, at: datetime) -> "Invitations":
        """Open, by e-mail, and the mail has not gone out."""
        return self.open_at(at).filter(sent_at=None).exclude(email="")


class Invitation(models.Model):
    """An offer to become a member of a tenant. Its link is signed, works once and for a week."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="invitations", verbose_name=_("tenant"))
    role = models.CharField(_("role"), max_length=10, choices=TenantRole)
    full_name = models.CharField(_("full name"), max_length=150)
    email = models.EmailField(_("e-mail"), blank=True)
    mobile = models.CharField(_("mobile number"), max_length=10, blank=True, validators=[identifiers.check_mobile])
    language = models.CharField(_("language"), max_length=2, choices=[("hi", "हिन्दी"), ("en", "English")], default="hi")
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("invited by"))
    invited_at = models.DateTimeField(_("invited at"))
    expires_at = models.DateTimeField(_("ends"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("accepted by")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects: ClassVar[Any] = Invitations.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering: ClassVar[Any] = ["-invited_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(mobile="") | ~Q(email=""),
                name="invitation_can_reach_someone",
                violation_error_message=_("Give a mobile number or an e-mail address."),
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(withdrawn_at=None),
                name="invitation_is_accepted_or_withdrawn_not_both",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.full_name} ({self.tenant})"
