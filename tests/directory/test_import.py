"""Directories in and out: what is read, what is named, and what comes back unchanged."""

import json

import pytest
from django.core.management import call_command

from benchmarks import directories
from directory.importing.cells import CellError, guarded, read_steps, unguarded
from directory.importing.planning import Plan, UnreadableTableError
from directory.models import Directory, DirectoryStep
from directory.selectors.directories import exported_rows
from directory.services.directories import add_missing, apply_plan, plan_import
from tests.directory.files import COLUMNS, STEPS, WRONG, good_row, table
from tests.factories.directory import DirectoryFactory, DirectoryStepFactory

pytestmark = pytest.mark.django_db


def plan_of(*rows: dict[str, str]) -> Plan:
    columns = list(rows[0])
    return plan_import(columns, [[row.get(name, "") for name in columns] for row in rows])


@pytest.mark.parametrize(("column", "cell"), WRONG)
def test_bad_cell_is_named_with_what_to_do(column: str, cell: str) -> None:
    plan = plan_of({**good_row(1), column: cell})

    (problem,) = plan.rows[0].problems
    assert problem.column == column
    assert problem.message.endswith(".")


def test_new_row_is_stored_whole() -> None:
    apply_plan(plan_of(good_row(5)))

    directory = Directory.objects.get()
    assert (directory.domain, directory.paid_price, directory.regions) == (
        "listing5.example",
        5,
        ["US", "GB"],
    )
    assert list(directory.steps.values_list("order", "title")) == [
        (1, "Make an account"),
        (2, "Send the form"),
    ]


def test_import_of_an_export_changes_nothing() -> None:
    apply_plan(plan_of(*(good_row(number) for number in range(30))))

    plan = plan_import(COLUMNS, exported_rows())

    assert plan.counts == {"new": 0, "changed": 0, "unchanged": 30, "rejected": 0}


def test_row_without_key_is_found_by_its_url() -> None:
    there = DirectoryFactory.create(name="Old name")

    plan = plan_of({"url": there.url, "name": "New name"})

    assert [(c.column, c.before, c.after) for c in plan.rows[0].changes] == [
        ("name", "Old name", "New name")
    ]


def test_missing_columns_leave_a_directory_as_it_is() -> None:
    there = DirectoryFactory.create(domain_rating=55)
    DirectoryStepFactory.create(directory=there)

    apply_plan(plan_of({"key": there.key, "subcategory": "Legal"}))

    there.refresh_from_db()
    assert (there.subcategory, there.domain_rating, there.steps.count()) == ("Legal", 55, 1)


def test_changed_steps_are_replaced_in_order() -> None:
    there = DirectoryFactory.create()
    DirectoryStepFactory.create_batch(3, directory=there)

    apply_plan(plan_of({"key": there.key, "steps": STEPS}))

    assert list(there.steps.values_list("title", flat=True)) == ["Make an account", "Send the form"]


def test_new_row_gets_a_key_of_its_own() -> None:
    first, second = good_row(1), good_row(2)
    first |= {"key": "", "name": "Same"}
    second |= {"key": "", "name": "Same"}

    apply_plan(plan_of(first, second))

    assert sorted(Directory.objects.values_list("key", flat=True)) == ["same", "same-2"]


def test_row_given_twice_is_rejected_once() -> None:
    plan = plan_of(good_row(1), good_row(1))

    assert plan.counts["new"] == 1
    assert str(plan.of("rejected")[0].problems[0]) == (
        "key: is the same as in row 2. Keep one of the two rows."
    )


def test_url_of_another_directory_is_rejected() -> None:
    there = DirectoryFactory.create(key="taken")

    plan = plan_of({**good_row(1), "url": there.url})

    assert "belongs to the directory taken" in plan.rows[0].problems[0].message


def test_price_without_a_paid_listing_is_rejected() -> None:
    plan = plan_of({**good_row(1), "paid_price": "99"})

    assert plan.rows[0].problems[0].column == "paid_price"


def test_table_without_key_or_url_is_refused() -> None:
    with pytest.raises(UnreadableTableError, match="key or url"):
        plan_import(["name", "category"], [["A", "forum"]])


def test_steps_may_be_written_as_lines() -> None:
    steps = read_steps("Sign up | With a work address | https://a.example/\nSend")

    assert [step["title"] for step in steps] == ["Sign up", "Send"]


def test_too_many_steps_are_refused() -> None:
    with pytest.raises(CellError, match="Use 20 at most"):
        read_steps("\n".join(f"Step {number}" for number in range(21)))


@pytest.mark.parametrize("text", ["=1+1", "'=1", "''=1", "plain", "'quoted", "+49 directory", "@x"])
def test_guarded_cell_comes_back_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["=1+1", "+49 directory", "@x"])
def test_exported_cell_is_no_formula(text: str) -> None:
    assert guarded(text).startswith("'")


def test_queries_do_not_grow_with_rows(django_assert_num_queries) -> None:
    for count in (1, 3):
        rows = [good_row(number * 2 + 1 + count * 100) for number in range(count)]
        with django_assert_num_queries(6):
            apply_plan(plan_of(*rows))


def test_missing_starters_are_added_and_edits_kept() -> None:
    rows = [good_row(1), good_row(2)]
    add_missing(rows)
    Directory.objects.filter(key="listing-1").update(name="Edited")

    added = add_missing([*rows, good_row(3)])

    assert added == 1
    assert Directory.objects.get(key="listing-1").name == "Edited"


def test_command_takes_good_rows_and_names_bad_ones(tmp_path, capsys) -> None:
    text, wrong = table(good=20, bad=5)
    file = tmp_path / "directories.csv"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(SystemExit):
        call_command("import_directories", str(file), "--json")

    report = json.loads(capsys.readouterr().out)
    assert {row["row"]: row["column"] for row in report["problems"]} == wrong
    assert (report["new"], Directory.objects.count()) == (20, 20)


def test_rehearsal_writes_nothing(tmp_path, capsys) -> None:
    file = tmp_path / "directories.csv"
    file.write_text(table(good=3, bad=0)[0], encoding="utf-8")

    call_command("import_directories", str(file), "--dry-run")

    assert (capsys.readouterr().out.strip(), Directory.objects.count()) == (
        "3 new, 0 changed, 0 unchanged, 0 rejected",
        0,
    )


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_exported_file_is_read_back_unchanged(ending: str, tmp_path, capsys) -> None:
    apply_plan(plan_of(*(good_row(number) for number in range(12))))
    DirectoryFactory.create(name="=SUM(A1)")
    file = tmp_path / f"out.{ending}"
    call_command("export_directories", str(file))

    call_command("import_directories", str(file), "--dry-run")

    assert "0 new, 0 changed, 13 unchanged, 0 rejected" in capsys.readouterr().out


def test_steps_belong_to_their_directory() -> None:
    apply_plan(plan_of(good_row(1), good_row(3)))

    assert DirectoryStep.objects.filter(directory__key="listing-3").count() == 2


def test_benchmark_holds_at_a_smaller_size(capsys) -> None:
    assert directories.measure(190, 10)
