"""The components: what they show, in both languages, and that nothing slips through unescaped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from crm.components import charts, formats, happenings, names, tables
from crm.components.clocks import Reading, clock_face
from crm.components.faces import KINDS, face

NOW = datetime(2026, 11, 24, 6, 20, tzinfo=UTC)
NASTY = '<script>alert("x")</script>'


@pytest.fixture(autouse=True)
def tokyo() -> Iterator[None]:
    with timezone.override("Asia/Tokyo"), translation.override("en"):
        yield


def shown(source: str, query: str = "", **values: Any) -> str:
    request = RequestFactory().get(f"/leads/?{query}")
    return Template("{% load baton %}" + source).render(Context({"now": NOW, "request": request, **values}))


# Formats ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "currency", "words"),
    [
        (1234567, "JPY", "¥1,234,567"),
        (1234567.5, "JPY", "¥1,234,568"),
        (-1200, "JPY", "−¥1,200"),
        (1234.5, "USD", "$1,234.50"),
        (1234, "USD", "$1,234"),
        (10, "CHF", "CHF 10"),
        (0, "JPY", "¥0"),
        (None, "JPY", "–"),
    ],
)
def test_money_is_written_by_its_currency(value: float | None, currency: str, words: str) -> None:
    assert formats.amount(value, currency) == words


@pytest.mark.parametrize(
    ("value", "english", "japanese"),
    [
        (9_999, "¥9,999", "¥9,999"),
        (12_500_000, "¥12.5M", "¥1,250万"),
        (999_999_999, "¥1B", "¥10億"),
        (58_000_000, "¥58M", "¥5,800万"),
        (99_999_999, "¥100M", "¥1億"),
        (-58_000, "−¥58k", "−¥5.8万"),
    ],
)
def test_short_money_uses_the_units_of_the_language(value: int, english: str, japanese: str) -> None:
    assert formats.amount(value, short=True) == english
    with translation.override("ja"):
        assert formats.amount(value, short=True) == japanese


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0m 00s"),
        (59, "0m 59s"),
        (599, "9m 59s"),
        (600, "10m"),
        (3600, "1h 00m"),
        (-7560, "2h 06m"),
        (360_000, "100h 00m"),
    ],
)
def test_a_duration_shows_seconds_only_when_they_matter(seconds: int, words: str) -> None:
    assert formats.duration(seconds) == words


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (timedelta(seconds=-20), "just now"),
        (timedelta(minutes=-5), "5 min ago"),
        (timedelta(hours=-3), "3 h ago"),
        (timedelta(hours=-27), "yesterday 12:20"),
        (timedelta(days=-3), "3 days ago"),
        (timedelta(days=-9), "15 Nov 2026"),
        (timedelta(seconds=30), "in 1 min"),
        (timedelta(hours=2), "in 2 h"),
        (timedelta(hours=20), "tomorrow 11:20"),
        (timedelta(days=4), "in 4 days"),
        (timedelta(days=40), "3 Jan 2027"),
    ],
)
def test_times_are_relative_up_to_a_week(gap: timedelta, words: str) -> None:
    assert formats.relative(NOW + gap, NOW) == words


def test_dates_are_in_the_order_of_the_language() -> None:
    with translation.override("ja"):
        assert formats.exact(NOW) == "2026/11/24 15:20 JST"
        assert formats.day(date(2026, 1, 5)) == "2026/01/05"
    assert formats.exact(NOW) == "24 Nov 2026 15:20 JST"


def test_when_is_exact_on_hover_and_without_a_now() -> None:
    html = shown("{% when at %}", at=NOW - timedelta(hours=3))
    assert 'title="24 Nov 2026 12:20 JST"' in html
    assert ">3 h ago</time>" in html
    assert ">24 Nov 2026 15:20 JST</time>" in shown("{% when at %}", at=NOW, now=None)


def test_a_plain_date_has_no_clock_time() -> None:
    assert ">tomorrow</time>" in shown("{% when at %}", at=date(2026, 11, 25))
    assert shown("{% when at %}", at=None) == "–"


# Names --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "head", "tail"),
    [
        (
            "株式会社アルファテクノロジーソリューションズ東日本",
            "アルファテクノロジーソリューションズ",
            "東日本",
        ),
        ("Alpha Technology Solutions East Japan K.K.", "Alpha Technology Solutions", " East Japan K.K."),
        ("Meridian Freight Forwarding", "Meridian Freight", " Forwarding"),
        ("Harrow & Sons", "", "Harrow & Sons"),
        ("森電機株式会社", "", "森電機株式会社"),
    ],
)
def test_the_end_that_tells_companies_apart_is_never_cut(name: str, head: str, tail: str) -> None:
    found = names.company_name(name)
    assert (found.head, found.tail) == (head, tail)
    assert found.form + found.head + found.tail == name


def test_sister_companies_differ_in_the_part_that_stays() -> None:
    stem = "株式会社アルファテクノロジーソリューションズ"
    assert names.company_name(f"{stem}東日本").tail != names.company_name(f"{stem}西日本").tail


@pytest.mark.parametrize(
    ("name", "letters"), [("小野寺 健太郎", "小"), ("Priya Raghunathan", "PR"), ("Lee", "L"), ("", "?")]
)
def test_initials(name: str, letters: str) -> None:
    assert names.initials(name) == letters


def test_a_person_is_escaped_and_linked() -> None:
    html = shown("{% person who url='/leads/1/' role=who row=True %}", who=NASTY)
    assert "<script>" not in html
    assert 'href="/leads/1/"' in html
    assert "data-row-link" in html


def test_anything_with_a_name_is_a_person() -> None:
    assert "三浦 さくら" in shown("{% person who %}", who=SimpleNamespace(full_name="三浦 さくら"))
    assert "nobody" in shown("{% person who %}", who=None)


# States, scores -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "state"), [(kind, state) for kind, table in KINDS.items() for state in table]
)
def test_every_state_has_a_word_and_an_icon_beside_its_colour(kind: str, state: str) -> None:
    html = shown("{% status state kind %}", state=state, kind=kind)
    assert str(face(state, kind).label) in html
    assert f"#{face(state, kind).icon}" in html


def test_an_unknown_state_is_shown_plain_and_escaped() -> None:
    html = shown("{% status state %}", state=NASTY)
    assert "tone-plain" in html
    assert "<script>" not in html


def test_a_score_links_to_its_explanation() -> None:
    html = shown("{% score 86.4 grade='A' trend=12 url='/leads/1/score/' line=past %}", past=[1, 5, 3])
    assert 'href="/leads/1/score/"' in html
    assert "grade-a" in html
    assert "+12" in html
    assert "<polyline" in html


def test_a_fall_is_good_where_less_is_better() -> None:
    assert "tone-ok" in shown("{% delta -3 good='down' %}")
    assert "tone-late" in shown("{% delta -3 %}")
    assert "tone-plain" in shown("{% delta 0 %}")


# The clock ----------------------------------------------------------------------------------------------


def reading(state: str, hours: float, **more: Any) -> Reading:
    return Reading(state=state, remaining=timedelta(hours=hours), due=NOW + timedelta(hours=hours), **more)


def test_the_clock_carries_what_its_script_needs() -> None:
    html = shown(
        "{% clock one total=total warn=warn %}",
        one=reading("on_track", 5.5),
        total=timedelta(hours=24),
        warn=7200,
    )
    wanted = {"remaining": 19800, "window": 86400, "warn": 7200, "running": 1, "at": 1795501200}
    for name, value in wanted.items():
        assert f'data-{name}="{value}"' in html
    assert "5h 30m" in html
    assert 'title="due 24 Nov 2026 20:50 JST"' in html


def test_an_overdue_clock_says_by_how_much() -> None:
    html = shown("{% clock one total=86400 %}", one=reading("breached", -2.1))
    assert "2h 06m over" in html
    assert "was due" in html
    assert "tone-late" in html


def test_outside_working_hours_the_clock_says_when_it_goes_on() -> None:
    closed = reading("on_track", 9, running_now=False, next_change=NOW + timedelta(hours=17, minutes=40))
    assert clock_face(closed, at=NOW).rest == "resumes tomorrow 09:00"
    assert clock_face(reading("paused", 9, running_now=False), at=NOW).rest == "stands still"


def test_the_baton_shortens_and_never_vanishes() -> None:
    lengths = [clock_face(reading("on_track", hours), total=86400).left for hours in (24, 12, 0.01)]
    assert lengths == [100, 50, 3]
    assert clock_face(reading("breached", -1), total=86400).left == 100


# Lists --------------------------------------------------------------------------------------------------

COLUMNS = [
    tables.Column("name", "Person", "name"),
    tables.Column("score", "Score", "score", numeric=True, falls_first=True, optional=True),
    tables.Column("owner", "Owner", optional=True),
]
FILTERS = [
    tables.Filter(
        "stage", "Stage", [tables.Option("mql", "MQL", 50), tables.Option("sal", "SAL")], many=True
    ),
    tables.Filter("source", "Source", [tables.Option("web", "Web")]),
]


def test_a_sort_link_keeps_the_filters_and_drops_the_cursor() -> None:
    html = shown("{% table_head columns %}", "stage=mql&cursor=abc", columns=COLUMNS)
    assert "?stage=mql&amp;sort=name" in html
    assert "?stage=mql&amp;sort=-score" in html
    assert "cursor" not in html


def test_the_sorted_column_says_so_and_turns_round() -> None:
    html = shown("{% table_head columns default='-score' %}", columns=COLUMNS)
    assert 'aria-sort="descending"' in html
    assert 'href="?sort=score"' in html


def test_a_filter_with_several_answers_adds_and_takes_away() -> None:
    stage, source = tables.chips(FILTERS, RequestFactory().get("/?stage=mql&source=web").GET)
    assert stage.values == ["MQL"]
    assert [choice.url for choice in stage.choices] == ["?source=web", "?source=web&stage=mql&stage=sal"]
    assert source.choices[0].url == "?stage=mql"


def test_the_filter_bar_offers_to_clear_only_what_is_set() -> None:
    assert "Clear all" not in shown("{% filter_bar filters search='q' %}", filters=FILTERS)
    html = shown(
        "{% filter_bar filters search='q' words='Find' %}", "q=%3Cb%3E&stage=sal&sort=name", filters=FILTERS
    )
    assert 'href="?sort=name"' in html
    assert "&lt;b&gt;" in html


CHOICES = [tables.Option("week", "Week"), tables.Option("month", "Month")]
PERIOD = tables.Filter("period", "Period", CHOICES, default="month", dates=("from", "to"))


def period_chip(query: str) -> tables.Chip:
    [chip] = tables.chips([PERIOD], RequestFactory().get(f"/?{query}").GET)
    return chip


def test_a_filter_with_a_default_says_it_without_being_asked() -> None:
    assert (period_chip("").values, period_chip("").is_on) == (["Month"], False)
    assert (period_chip("period=week").values, period_chip("period=week").is_on) == (["Week"], True)
    assert "Clear all" not in shown("{% filter_bar filters %}", filters=[PERIOD])


def test_two_days_stand_instead_of_a_choice_and_a_choice_instead_of_them() -> None:
    chip = period_chip("from=2026-01-05&to=2026-01-07&source=web&cursor=x")
    assert (chip.values, chip.kept) == (["2026-01-05 – 2026-01-07"], [("source", "web")])
    assert chip.choices[0].url == "?source=web&period=week"
    assert chip.clear == "?source=web"


def test_the_days_of_a_filter_are_a_plain_form_that_keeps_the_rest() -> None:
    html = shown("{% filter_bar filters %}", "source=%3Cb%3E&period=week&from=2026-01-05", filters=[PERIOD])
    assert html.count('type="date"') == 2
    assert 'name="source" value="&lt;b&gt;"' in html
    assert 'name="period"' not in html
    assert "Clear all" in html


def test_chosen_columns_keep_those_that_are_not_optional() -> None:
    query = RequestFactory().get("/?columns=&columns=owner").GET
    assert [column.key for column in tables.shown(COLUMNS, query)] == ["name", "owner"]


def test_the_pager_is_silent_when_there_is_one_page() -> None:
    assert shown("{% pager %}").strip().startswith("<nav") is False
    assert 'rel="next"' in shown("{% pager '?cursor=a' shown=50 total='5,000+' %}")


def test_a_timeline_is_grouped_by_day_and_escapes_what_people_wrote() -> None:
    entries = [
        happenings.Happening(at=NOW, text=NASTY, body=NASTY, url="/a/"),
        happenings.Happening(at=NOW - timedelta(days=1), text="Called"),
    ]
    html = shown("{% timeline entries %}", entries=entries)
    assert html.index("Today") < html.index("Yesterday")
    assert "<script>" not in html
    assert "just now" in html
    assert f">{formats.clock_time(NOW)}</time>" in html


# Forms and overlays -------------------------------------------------------------------------------------


class Refusal(forms.Form):
    reason = forms.ChoiceField(
        choices=[("timing", "Bad timing"), ("budget", "No budget")], widget=forms.RadioSelect
    )
    email = forms.EmailField(help_text="Where the summary goes.")
    note = forms.CharField(required=False)


def test_a_field_keeps_what_was_typed_and_ties_the_error_to_it() -> None:
    form = Refusal({"email": NASTY})
    html = shown("{% field form.email %}", form=form)
    assert "&lt;script&gt;" in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_email_hint id_email_error"' in html
    assert 'id="id_email_error"' in html


def test_only_what_may_be_left_out_is_marked() -> None:
    assert "(optional)" in shown("{% field form.note %}", form=Refusal())
    assert "(optional)" not in shown("{% field form.email %}", form=Refusal())


def test_each_option_spells_out_what_follows() -> None:
    html = shown(
        "{% options form.reason notes=notes %}", form=Refusal(), notes={"timing": "Returns after 90 days."}
    )
    assert html.count('type="radio"') == 2
    assert "Returns after 90 days." in html


def test_a_dialog_renders_its_content_in_the_page_s_context() -> None:
    html = shown("{% dialog id='d' title=title %}<p>{{ text }}</p>{% enddialog %}", title=NASTY, text=NASTY)
    assert '<dialog class="dialog ' in html
    assert "<script>" not in html
    assert "<p>&lt;script&gt;" in html


def test_an_undo_is_a_form_with_its_token() -> None:
    html = shown("{% toast 'Accepted.' undo_url='/undo/' %}", csrf_token="secret")
    assert 'action="/undo/"' in html
    assert 'value="secret"' in html


# Pictures -----------------------------------------------------------------------------------------------


def test_bars_share_one_scale_with_their_goals() -> None:
    drawn = charts.bar_chart(
        "T", [charts.Bar(label="a", value=50, goal=100), charts.Bar(label="b", value=0)], heads=("A", "B")
    )
    assert [(bar.width, bar.goal_at) for bar in drawn.bars] == [(50.0, 100.0), (0.0, None)]


def test_a_step_below_its_band_is_named() -> None:
    steps = [charts.Step(label="Interest", count=100), charts.Step(label="Deal", count=20, band=(0.6, 0.8))]
    picture = charts.funnel_chart("Funnel", steps)
    assert [step.is_below for step in picture.steps] == [False, True]
    assert "Below the usual" in shown("{% picture p %}", p=picture)


def test_a_share_that_is_not_count_by_count_is_taken_as_told() -> None:
    steps = [
        charts.Step(label="MQL", count=100),
        charts.Step(label="Deal", count=20, band=(0.6, 0.8), kept=0.7),
    ]
    drawn = charts.funnel_chart("Funnel", steps).steps[1]
    assert (drawn.kept, drawn.is_below) == ("70%", False)


def test_a_warm_cell_leads_to_its_rows_and_says_how_many() -> None:
    warm = charts.Warm(3.25, "×2", "/rows/?a=1&b=2")
    html = shown("{% picture p %}", p=charts.heat_map("T", ["9"], [("Mon", [warm])], places=1))
    assert '<a href="/rows/?a=1&amp;b=2">3.3<small>×2</small></a>' in html


def test_a_missing_month_breaks_the_line() -> None:
    drawn = charts.line_chart("T", ["1", "2", "3"], [charts.Series("S", [1, None, 3])])
    assert len(drawn.lines[0].runs) == 2
    assert drawn.table.rows[1] == ["2", "–"]


@pytest.mark.parametrize(("largest", "top"), [(0, 1), (0.93, 1), (7, 8), (503, 600), (12_000, 15_000)])
def test_an_axis_ends_on_a_round_number(largest: float, top: float) -> None:
    from crm.components.charts.lines import scale

    assert scale(largest)[1] == pytest.approx(top)


def every_picture() -> list[charts.Picture]:
    return [
        charts.bar_chart(NASTY, [charts.Bar(label=NASTY, value=1)], heads=("a", "b"), words=NASTY),
        charts.bar_chart("none", [], heads=("a", "b")),
        charts.funnel_chart(NASTY, [charts.Step(label=NASTY, count=0), charts.Step(label="b", count=0)]),
        charts.line_chart(NASTY, [NASTY], [charts.Series(NASTY, [1])], goal=2, goal_words=NASTY),
        charts.line_chart("none", [], [charts.Series("S", [])]),
        charts.heat_map(NASTY, [NASTY], [(NASTY, [None, 0, 3, charts.Warm(2, NASTY, NASTY)])]),
    ]


@pytest.mark.parametrize("picture", every_picture(), ids=lambda picture: picture.kind)
def test_pictures_stand_under_a_strict_policy_with_a_table(picture: charts.Picture) -> None:
    html = shown("{% picture p %}", p=picture)
    assert "<table" in html
    assert "<script>" not in html
    assert "style=" not in html
