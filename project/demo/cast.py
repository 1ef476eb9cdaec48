"""Who works at the demo company: two teams, their calendars, ten people."""

from __future__ import annotations

from dataclasses import dataclass

from crm.models import Calendar, Language, Role, Team, User

PASSWORD = "baton-demo"  # noqa: S105  # printed on every start: this company is for show
# Those whose log-ins are printed read English first; any of them can change to Japanese.
REPS = [
    ("sato", "美咲", "佐藤", "tokyo", Language.ENGLISH, 12),
    ("tanaka", "健太", "田中", "tokyo", Language.JAPANESE, 7),
    ("suzuki", "大輔", "鈴木", "tokyo", Language.JAPANESE, 7),
    ("emma", "Emma", "Clarke", "london", Language.ENGLISH, 7),
    ("liam", "Liam", "Walsh", "london", Language.ENGLISH, 7),
]
OTHERS = [
    ("kobayashi", "直子", "小林", Role.MANAGER, "tokyo", Language.ENGLISH),
    ("grace", "Grace", "Miller", Role.MANAGER, "london", Language.ENGLISH),
    ("mori", "あかり", "森", Role.MARKETER, "", Language.ENGLISH),
    ("nina", "Nina", "Patel", Role.MARKETER, "", Language.ENGLISH),
    ("admin", "Alex", "Stone", Role.ADMIN, "", Language.ENGLISH),
]
LOGINS = [(Role.REP, "sato"), (Role.MANAGER, "kobayashi"), (Role.MARKETER, "mori"), (Role.ADMIN, "admin")]


@dataclass(frozen=True, slots=True)
class Cast:
    reps: list[User]
    managers: list[User]
    marketers: list[User]

    @property
    def star(self) -> User:
        """The rep whose log-in is printed; the last days are played for this inbox."""
        return self.reps[0]


def hire() -> Cast:
    teams = _teams()
    reps = [
        _person(username, first, last, Role.REP, teams[team], language, capacity=capacity)
        for username, first, last, team, language, capacity in REPS
    ]
    others = [
        _person(username, first, last, role, teams.get(team), language)
        for username, first, last, role, team, language in OTHERS
    ]
    return Cast(
        reps=reps,
        managers=[person for person in others if person.role == Role.MANAGER],
        marketers=[person for person in others if person.role == Role.MARKETER],
    )


def _teams() -> dict[str, Team]:
    tokyo, _made = Calendar.objects.get_or_create(
        name="Tokyo office", defaults={"time_zone": "Asia/Tokyo", "holiday_country": "JP"}
    )
    london, _made = Calendar.objects.get_or_create(
        name="London office", defaults={"time_zone": "Europe/London", "holiday_country": "GB"}
    )
    return {
        "tokyo": Team.objects.create(name="東京営業部", calendar=tokyo),
        "london": Team.objects.create(name="London sales", calendar=london),
    }


def _person(
    username: str, first: str, last: str, role: str, team: Team | None, language: str, **more: int
) -> User:
    zone = team.calendar.time_zone if team and team.calendar else "Asia/Tokyo"
    person: User = User.objects.create_user(
        username,
        f"{username}@baton.example",
        PASSWORD,
        first_name=first,
        last_name=last,
        role=role,
        team=team,
        time_zone=zone,
        language=language,
        **more,
    )
    return person


def login_lines() -> list[str]:
    """One line per role: role, user name, password."""
    width = max(len(str(role.label)) for role, _username in LOGINS)
    known = set(
        User.objects.filter(username__in=[name for _role, name in LOGINS]).values_list("username", flat=True)
    )
    return [f"  {role.label!s:<{width}}  {name:<10}  {PASSWORD}" for role, name in LOGINS if name in known]
