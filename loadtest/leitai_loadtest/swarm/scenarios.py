"""What a crowd does, by name. A new scenario is a new line of `SCENARIOS`."""

from dataclasses import dataclass

from leitai_loadtest.answering import Plan, plan_at_once, plan_last_moment, plan_streamed, plan_unfinished


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way to play a contest; the defaults are those of the national one."""

    about: str
    pacing: str = "streamed"
    plan: Plan = plan_streamed
    """When a contestant answers."""
    arrive_at_once: bool = False
    """Everyone signs in at the same moment; else as Locust's spawn rate has it."""
    start_at_share: float = 1.0
    """The contest may start as soon as this share of the contestants has checked in."""
    storms: bool = False
    """Everyone's connection is lost within a second of the opening of every fourth item, from the second on."""
    one_address: bool = False
    """Everyone comes from the same address."""
    viewers_each: float = 0.0
    """Viewers of boards for each contestant; there are always `FEWEST_VIEWERS`, to see how far boards lag."""

    desks: int = 0
    """Judges at their desks, at the staff's door."""
    overlays: int = 0
    """Overlays on air, at the same door."""

    def viewers(self, contestants: int) -> int:
        """Return how many viewers come with so many contestants."""
        return max(FEWEST_VIEWERS, round(self.viewers_each * contestants))


FEWEST_VIEWERS = 3
SCENARIOS: dict[str, Scenario] = {
    "national": Scenario("a streamed contest from the lobby to everyone's result"),
    "paper": Scenario(
        "the whole paper in one window: answers at one's own pace, changed later, many in the last seconds",
        pacing="paper",
        plan=plan_unfinished,
    ),
    "start-burst": Scenario(
        "everyone signs in at the same moment while the contest starts, and answers as soon as an item shows",
        plan=plan_at_once,
        arrive_at_once=True,
        start_at_share=0.5,
    ),
    "closing-burst": Scenario("everyone answers in the last moments of every item", plan=plan_last_moment),
    "reconnect-storm": Scenario("everyone loses the connection within one second, and resumes", storms=True),
    "one-nat": Scenario("everyone comes from one address, as a whole province behind one NAT", one_address=True),
    "judges": Scenario("a contest with 20 judges at their desks and 40 overlays on air", desks=20, overlays=40),
    "viewers": Scenario("a contest with one viewer of boards to every four contestants", viewers_each=0.25),
}
