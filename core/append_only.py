"""Tables in which rows are only ever added: the database itself refuses to change or empty them."""

from typing import Any

from django.db.migrations.operations.base import Operation

REFUSE = """
CREATE OR REPLACE FUNCTION refuse_change_of_kept_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are kept: they may be added, never changed or removed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""


class AppendOnly(Operation):
    """Migration operation: from here on rows of `table` may be inserted but not updated, deleted or truncated."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Nothing of the models' state changes."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = schema_editor.quote_name(self.table)
        schema_editor.execute(REFUSE, params=None)
        schema_editor.execute(
            f"CREATE TRIGGER rows_are_kept BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_kept_rows()"
        )
        schema_editor.execute(
            f"CREATE TRIGGER table_is_kept BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_kept_rows()"
        )

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = schema_editor.quote_name(self.table)
        schema_editor.execute(f"DROP TRIGGER rows_are_kept ON {table}")
        schema_editor.execute(f"DROP TRIGGER table_is_kept ON {table}")

    def describe(self) -> str:
        return f"Keep every row of {self.table}"

    @property
    def migration_name_fragment(self) -> str:
        return f"keep_{self.table}"
