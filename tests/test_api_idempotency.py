"""A write that is sent twice with one key happens once: one after the other, at once, and with other words."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from accounts.models import Device
from core.models import GivenAnswer
from tests.asking import problem_in
from tests.cloning import copy_of_the_stage

ROOT = Path(__file__).resolve().parent.parent
DEVICES = "/api/v1/devices/"
ENTRY = {"kind": "kiosk", "name": "Kiosk at the fountain"}


def send(client, key="a-key-of-one-write", entry=ENTRY, address=DEVICES):
    return client.post(address, entry, headers={"Idempotency-Key": key})


class TestOneAfterTheOther:
    def test_the_second_gets_the_first_answer_again(self, api, administrator):
        first, second = send(api(administrator)), send(api(administrator))
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json() == second.json()
        assert ("Idempotent-Replay" in first.headers, second.headers["Idempotent-Replay"]) == (False, "true")
        assert Device.objects.count() == 1

    def test_without_a_key_each_request_is_a_write_of_its_own(self, api, administrator):
        client = api(administrator)
        assert client.post(DEVICES, ENTRY).status_code == 201
        problem_in(client.post(DEVICES, ENTRY), 409, "device_name_taken")
        assert GivenAnswer.objects.count() == 0

    def test_the_same_key_with_other_words_is_refused(self, api, administrator):
        send(api(administrator))
        problem_in(send(api(administrator), entry=ENTRY | {"name": "Another"}), 422, "key_reused")
        elsewhere = api(administrator).post(
            "/api/v1/me/keys/", {"label": "x"}, headers={"Idempotency-Key": "a-key-of-one-write"}
        )
        problem_in(elsewhere, 422, "key_reused")
        assert Device.objects.count() == 1

    def test_the_order_of_members_is_not_another_word(self, api, administrator):
        send(api(administrator))
        assert send(api(administrator), entry=dict(reversed(ENTRY.items()))).headers["Idempotent-Replay"] == "true"

    def test_a_refused_write_leaves_the_key_free(self, api, administrator, kiosk):
        problem_in(send(api(administrator), entry=ENTRY | {"name": kiosk.name}), 409, "device_name_taken")
        assert GivenAnswer.objects.count() == 0
        assert send(api(administrator)).status_code == 201

    def test_a_key_belongs_to_whoever_sent_it(self, api, owner, outsider, chanderi, batik):
        for actor, tenant in ((owner, chanderi), (outsider, batik)):
            answer = send(
                api(actor),
                entry={"name": "गीता", "mobile": "9826012345"},
                address=f"/api/v1/tenants/{tenant.pk}/contacts/",
            )
            assert (answer.status_code, "Idempotent-Replay" in answer.headers) == (201, False)

    def test_a_form_is_known_by_its_parts_not_by_its_boundary(self, api, owner, chanderi, scan):
        def hand_in(text):
            return api(owner).post(
                f"/api/v1/tenants/{chanderi.pk}/papers/",
                {"kind": "pan", "first": "2026-01-01", "file": scan(text)},
                format="multipart",
                headers={"Idempotency-Key": "scan-1"},
            )

        first, second = hand_in("PAN"), hand_in("PAN")
        assert (first.status_code, second.headers["Idempotent-Replay"]) == (201, "true")
        assert first.json() == second.json()
        problem_in(hand_in("another scan"), 422, "key_reused")
        assert chanderi.papers.count() == 1

    def test_a_removal_is_answered_again(self, api, owner, chanderi):
        client, address = api(owner), f"/api/v1/tenants/{chanderi.pk}/contacts/"
        contact = client.post(address, {"name": "गीता", "mobile": "9826012345"}).json()["id"]
        for _ in range(2):
            answer = client.delete(f"{address}{contact}/", headers={"Idempotency-Key": "gone"})
            assert (answer.status_code, answer.content) == (204, b"")

    def test_a_secret_is_shown_once_and_remembered_nowhere(self, api, owner):
        entry, address = {"label": "till"}, "/api/v1/me/keys/"
        first, second = send(api(owner), entry=entry, address=address), send(api(owner), entry=entry, address=address)
        assert first.json()["text"].startswith(first.json()["key"]["prefix"])
        assert second.json() == first.json() | {"text": None}
        assert first.json()["text"].partition(".")[2] not in json.dumps(GivenAnswer.objects.get().body)

    def test_nobody_is_answered_what_they_may_no_longer_ask(self, api, administrator, auditor):
        send(api(administrator))
        problem_in(send(api(auditor)), 403, "permission_denied")
        problem_in(send(api()), 401, "not_authenticated")


RIVAL = """
import json, os, sys, time
import django
django.setup()
from django.test import Client
start = float(sys.argv[1])
client = Client()
client.get("/api/v1/states/23/")
time.sleep(max(0.0, start - time.time()))
answer = client.post(
    "/api/v1/devices/", json.dumps({"kind": "kiosk", "name": "Kiosk at the fountain"}), content_type="application/json",
    headers={"Idempotency-Key": sys.argv[2], "Authorization": "Bearer " + os.environ["KEY"]},
)
body = answer.json()
print(json.dumps([answer.status_code, body.get("id"), answer.headers.get("Idempotent-Replay"), body.get("code")]))
"""
ADMINISTRATOR = """
import django
django.setup()
from accounts.keys import issue_key
from accounts.people import grant_role, register_person
user = register_person(username="rival", full_name="Rival", by=None)
grant_role(user=user, role="administrator", by=None)
print(issue_key(holder=user, label="rivals").text)
"""


class TestAtOnce:
    """Real processes on committed rows."""

    @pytest.fixture(scope="class")
    @classmethod
    def copy(cls, django_db_setup, django_db_blocker):
        with copy_of_the_stage("idempotency", django_db_blocker) as url:
            environment = os.environ | {"DATABASE_URL": url}
            environment.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
            key = subprocess.run(
                [sys.executable, "-c", ADMINISTRATOR],
                cwd=ROOT,
                env=environment,
                check=True,
                capture_output=True,
                text=True,
            ).stdout.strip()
            yield url, environment | {"KEY": key}

    def rivals(self, copy, number, key):
        start = str(time.time() + 5)
        command = [sys.executable, "-c", RIVAL, start, key]
        return [
            subprocess.Popen(command, cwd=ROOT, env=copy[1], stdout=subprocess.PIPE, text=True) for _ in range(number)
        ]

    def answers(self, rivals):
        return [json.loads(rival.communicate(timeout=90)[0].strip().splitlines()[-1]) for rival in rivals]

    def hold(self, copy, key):
        """The first is still at work: its key stands in a transaction that has not ended."""
        link = psycopg2.connect(copy[0])
        with link.cursor() as cursor:
            cursor.execute(
                "INSERT INTO core_givenanswer (actor, key, request_digest, given_at) "
                "SELECT 'person:' || id, %s, '', now() FROM accounts_user WHERE username = 'rival'",
                [key],
            )
        return link

    def count(self, copy):
        with psycopg2.connect(copy[0]) as link, link.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM accounts_device WHERE name = 'Kiosk at the fountain'")
            return cursor.fetchone()[0]

    def test_of_five_at_once_one_writes_and_all_get_its_answer(self, copy):
        answers = self.answers(self.rivals(copy, 5, "the-same-key"))
        assert [status for status, *_rest in answers] == [201] * 5
        assert len({device for _status, device, *_rest in answers}) == 1
        assert sorted(str(replay) for _status, _device, replay, _code in answers) == ["None"] + ["true"] * 4
        assert self.count(copy) == 1

    def test_the_second_waits_for_the_first_and_does_the_work_when_that_one_fails(self, copy):
        before, link = self.count(copy), self.hold(copy, "failing")
        second = self.rivals(copy, 1, "failing")
        watch = psycopg2.connect(copy[0])
        watch.autocommit = True  # within one transaction the activity would look the same each time
        with watch.cursor() as cursor:
            waiting, until = 0, time.time() + 60
            while not waiting and time.time() < until:
                time.sleep(0.1)
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity "
                    "WHERE wait_event_type = 'Lock' AND datname = current_database()"
                )
                waiting = cursor.fetchone()[0]
        for each in (link, watch):
            each.rollback()
            each.close()
        assert waiting == 1
        # The name is taken since the test before, or the device is new: either way it was this one that tried.
        assert self.answers(second)[0][::3] == ([409, "device_name_taken"] if before else [201, None])

    def test_who_would_wait_too_long_is_told_to_ask_again(self, copy):
        before, link = self.count(copy), self.hold(copy, "slow")
        assert self.answers(self.rivals(copy, 1, "slow")) == [[409, None, None, "still_at_work"]]
        link.rollback()
        link.close()
        assert self.count(copy) == before
