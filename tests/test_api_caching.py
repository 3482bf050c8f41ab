"""What has not changed is not sent again; who asks too often waits."""

import time

import pytest

from tests.asking import problem_in


class TestEtags:
    def test_facts_are_public_and_kept_for_an_hour(self, client, db):
        answer = client.get("/api/v1/states/23/")
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        again = client.get("/api/v1/states/23/", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", answer.headers["ETag"])
        other = client.get("/api/v1/states/24/", headers={"If-None-Match": answer.headers["ETag"]})
        assert other.status_code == 200

    def test_rows_are_private_and_asked_for_anew_each_time(self, api, owner, chanderi):
        address = f"/api/v1/tenants/{chanderi.pk}/"
        answer = api(owner).get(address)
        assert answer.headers["Cache-Control"] == "private, no-cache"
        etag = answer.headers["ETag"]
        assert api(owner).get(address, headers={"If-None-Match": f'W/{etag}, "other"'}).status_code == 304
        api(owner).patch(address, {"address": "Bahadurpur"})
        changed = api(owner).get(address, headers={"If-None-Match": etag})
        assert (changed.status_code, changed.headers["ETag"] == etag) == (200, False)

    def test_a_problem_is_never_kept(self, api, owner):
        assert api(owner).get("/api/v1/tenants/2000000000/").headers["Cache-Control"] == "private, no-store"

    def test_head_answers_as_get_without_the_body(self, client, db):
        head, get = client.head("/api/v1/states/23/"), client.get("/api/v1/states/23/")
        assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", get.headers["ETag"])


class TestThrottle:
    @pytest.fixture
    def slow(self, monkeypatch):
        """Three a minute for nobody in particular, five for a person; the window does not turn meanwhile."""
        if time.time() % 60 > 55:
            time.sleep(6)
        rates = {"anonymous": "3/min", "person": "5/min", "device": "6/min"}
        monkeypatch.setattr("rest_framework.settings.api_settings.DEFAULT_THROTTLE_RATES", rates)

    def statuses(self, client, times, **more):
        return [client.get("/api/v1/states/23/", **more).status_code for _ in range(times)]

    def test_who_asks_too_often_is_told_how_long_to_wait(self, slow, client, db):
        assert self.statuses(client, 4) == [200, 200, 200, 429]
        answer = client.get("/api/v1/states/23/")
        problem_in(answer, 429, "throttled")
        assert 1 <= int(answer.headers["Retry-After"]) <= 60

    def test_each_actor_is_counted_alone(self, slow, api, owner, outsider, kiosk, client):
        assert self.statuses(api(owner), 6) == [200] * 5 + [429]
        assert self.statuses(api(owner), 1) == [429]  # another key, the same person
        assert self.statuses(api(outsider), 1) == [200]
        assert self.statuses(api(kiosk), 7) == [200] * 6 + [429]
        assert self.statuses(client, 3) == [200] * 3

    def test_wrong_keys_count_for_the_address_they_come_from(self, slow, client, db):
        wrong = {"Authorization": "Bearer " + "0" * 12 + "." + "a" * 43}
        assert self.statuses(client, 4, headers=wrong) == [401, 401, 401, 429]

    def test_an_address_cannot_be_made_up_where_there_is_no_proxy(self, slow, client, db):
        made_up = [client.get("/api/v1/states/23/", headers={"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(4)]
        assert [answer.status_code for answer in made_up] == [200, 200, 200, 429]

    def test_a_cache_that_is_down_does_not_close_the_mall(self, client, db, settings):
        settings.CACHES = {"default": {"BACKEND": "no.such.Cache"}}
        assert client.get("/api/v1/states/23/").status_code == 200
