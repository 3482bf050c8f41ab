"""Whether migrations can run while the old code still serves: nothing it needs is dropped, renamed or made strict.

A first migration makes its tables and cannot disturb anyone; it is left out.

    python -m config.migration_lint
"""

import os
import sys

import django


def main() -> int:
    """Print what would disturb; 1 when anything would."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.apps import apps
    from django.conf import settings
    from django_migration_linter import MigrationLinter

    ours = [app.label for app in apps.get_app_configs() if str(settings.BASE_DIR) == os.path.dirname(app.path)]
    linter = MigrationLinter(
        path=str(settings.BASE_DIR), include_apps=ours, no_cache=True, ignore_initial_migrations=True
    )
    linter.lint_all_migrations()
    linter.print_summary()
    return 1 if linter.has_errors else 0


if __name__ == "__main__":
    sys.exit(main())
