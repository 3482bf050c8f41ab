"""Addresses of tenants: particulars, papers, members, contacts, GI authorisations."""

from django.urls import path

from web.views import authorisations, contacts, members, papers, tenants

urlpatterns = [
    path("tenants/", tenants.Tenants.as_view(), name="tenants"),
    path("tenants.xlsx", tenants.TenantsDownload.as_view(), name="tenants-download"),
    path("tenants/register/", tenants.TenantRegister.as_view(), name="tenant-register"),
    path("tenants/<int:pk>/", tenants.TenantShow.as_view(), name="tenant"),
    path("tenants/<int:pk>/edit/", tenants.TenantEdit.as_view(), name="tenant-edit"),
    path("tenants/<int:pk>/leave/", tenants.TenantPart.as_view(), name="tenant-part"),
    path("tenants/<int:pk>/history/", tenants.TenantHistory.as_view(), name="tenant-history"),
    path("tenants/<int:pk>/papers/", papers.TenantPapers.as_view(), name="tenant-papers"),
    path("tenants/<int:pk>/papers/hand-in/", papers.PaperHandIn.as_view(), name="paper-hand-in"),
    path("papers/", papers.PapersWaiting.as_view(), name="papers-waiting"),
    path("papers/<int:pk>/", papers.PaperShow.as_view(), name="paper"),
    path("papers/<int:pk>/file/", papers.PaperFile.as_view(), name="paper-file"),
    path("papers/<int:pk>/verify/", papers.PaperVerify.as_view(), name="paper-verify"),
    path("papers/<int:pk>/send-back/", papers.PaperSendBack.as_view(), name="paper-send-back"),
    path("papers/<int:pk>/withdraw/", papers.PaperWithdraw.as_view(), name="paper-withdraw"),
    path("tenants/<int:pk>/members/", members.TenantMembers.as_view(), name="tenant-members"),
    path("tenants/<int:pk>/members/invite/", members.MemberInvite.as_view(), name="member-invite"),
    path("invitations/<int:pk>/withdraw/", members.InvitationWithdraw.as_view(), name="invitation-withdraw"),
    path("members/<int:pk>/role/", members.MemberRole.as_view(), name="member-role"),
    path("members/<int:pk>/end/", members.MemberEnd.as_view(), name="member-end"),
    path("tenants/<int:pk>/contacts/add/", contacts.ContactAdd.as_view(), name="contact-add"),
    path("contacts/<int:pk>/", contacts.ContactEdit.as_view(), name="contact-edit"),
    path("contacts/<int:pk>/remove/", contacts.ContactDrop.as_view(), name="contact-drop"),
    path("tenants/<int:pk>/bank-account/", contacts.BankAccountPage.as_view(), name="bank-account"),
    path("tenants/<int:pk>/gi/add/", authorisations.GiAuthorise.as_view(), name="gi-authorise"),
    path("gi-authorisations/<int:pk>/withdraw/", authorisations.GiWithdraw.as_view(), name="gi-withdraw"),
]
