"""Production refuses each unsafe setting with a sentence, and starts on safe ones."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

ROOT = Path(__file__).resolve().parent.parent
SITE = "mall.example.in"
SAFE = {
    "MALL_MODE": "production",
    "SECRET_KEY": "qf7Zl2-" * 10 + "ujjain-simhastha",
    "ALLOWED_HOSTS": SITE,
    "BASE_URL": f"https://{SITE}",
    "CSRF_TRUSTED_ORIGINS": f"https://{SITE}",
    "DATABASE_URL": "postgres://mall:secret@db.example.in/unity_mall",
    "CELERY_BROKER_URL": "redis://127.0.0.1:6379/0",
    "EMAIL_URL": "smtp+tls://mall:secret@mail.example.in:587",
    "CONTACT_EMAIL": "office@mall.example.in",
}
UNSAFE = [
    ("mall.E001", {"MALL_MODE": "prodution"}, "Set it to one of demo, test, production."),
    ("mall.E002", {"SECRET_KEY": ""}, "Set SECRET_KEY to at least 50 random characters."),
    ("mall.E002", {"SECRET_KEY": "x" * 49}, "Set SECRET_KEY to at least 50 random characters."),
    ("mall.E004", {"ALLOWED_HOSTS": ""}, "Set ALLOWED_HOSTS to the names of the site."),
    ("mall.E004", {"ALLOWED_HOSTS": f"{SITE},*"}, "Set ALLOWED_HOSTS to the names of the site."),
    ("mall.E005", {"BASE_URL": f"http://{SITE}"}, "Set BASE_URL to the https address of the site."),
    ("mall.E005", {"BASE_URL": ""}, "Set BASE_URL to the https address of the site."),
    ("mall.E006", {"DATABASE_URL": ""}, "Set DATABASE_URL to a PostgreSQL server (14 or newer)."),
    ("mall.E007", {"CELERY_BROKER_URL": ""}, "Set CELERY_BROKER_URL to Redis or RabbitMQ."),
    ("mall.E008", {"STAFF_SECOND_FACTOR_REQUIRED": "false"}, "Leave STAFF_SECOND_FACTOR_REQUIRED unset or true."),
    ("mall.E009", {"CSRF_TRUSTED_ORIGINS": f"http://{SITE}"}, "Name https addresses only."),
]


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run Python with just these settings: nothing of the tests' own environment shines through."""

    def start(settings: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", "MALL_STATE_DIR": str(tmp_path)}
        return subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=environment | {name: value for name, value in settings.items() if value},
            capture_output=True,
            text=True,
            check=False,
        )

    return start


@pytest.mark.parametrize(
    ("code", "changed", "hint"), UNSAFE, ids=[f"{code}-{'-'.join(changed)}" for code, changed, _hint in UNSAFE]
)
def test_the_web_server_refuses_an_unsafe_setting_and_says_what_to_set(run, code, changed, hint):
    done = run(SAFE | changed, "-c", "import config.wsgi")
    assert done.returncode == 1
    refused = [line for line in done.stderr.splitlines() if line.startswith("mall.E")]
    assert [line.partition(":")[0] for line in refused] == [code]
    assert refused[0].endswith(hint)
    assert "Traceback" not in done.stderr


def test_the_check_before_the_start_names_everything_that_is_unsafe_at_once(run):
    wrong = {name: value for code, changed, _hint in UNSAFE if code != "mall.E001" for name, value in changed.items()}
    done = run(SAFE | wrong, "manage.py", "check", "--deploy", "--fail-level", "ERROR")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert set(re.findall(r"mall\.E\d+", done.stderr)) == {code for code, *_rest in UNSAFE} - {"mall.E001"}


def test_safe_settings_pass_without_a_warning(run):
    done = run(SAFE, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
    assert run(SAFE, "-c", "import config.wsgi").returncode == 0


def test_mail_that_reaches_nobody_is_a_warning_only(run):
    done = run(SAFE | {"EMAIL_URL": ""}, "manage.py", "check", "--deploy", "--fail-level", "ERROR")
    assert done.returncode == 0
    assert "mall.W001" in done.stderr


def test_production_makes_no_secret_key_of_its_own(run, tmp_path):
    run(SAFE | {"SECRET_KEY": ""}, "manage.py", "check", "--deploy")
    assert list(tmp_path.iterdir()) == []


def test_a_role_that_is_a_superuser_is_refused(run, settings):
    where = settings.DATABASES["default"]
    socket = where["OPTIONS"].get("host") or where["HOST"]
    superuser = (settings.STATE_DIR / "database-superuser-password").read_text().strip()
    refused = {}
    for role, password in ((where["USER"], where["PASSWORD"]), ("postgres", superuser)):
        url = f"postgres://{role}:{quote(password, safe='')}@/unity_mall?host={quote(socket, safe='/')}"
        done = run(SAFE | {"DATABASE_URL": url}, "manage.py", "check", "--deploy", "--database", "default")
        refused[role] = (done.returncode, "mall.E010" in done.stderr)
    assert refused == {where["USER"]: (0, False), "postgres": (1, True)}
