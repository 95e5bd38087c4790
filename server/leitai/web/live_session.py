"""The gateway's memory as the HTTP doors see it: `doors.PublicSession`."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence

from leitai.live.gateway import Gateway
from leitai.rules.provinces import area
from leitai.rules.timeline import ends_at, windows
from leitai.rules.values import Counted, DelegationCode, Micros, Pacing, SessionId
from leitai.web.board_pages import board_page, found_in
from leitai.web.doors import BoardPage, Found, NotThere
from leitai.wire.bodies import (
    ContestBody,
    ContestHead,
    DelegationHead,
    DelegationParticipation,
    ParticipationBody,
    Rule,
    SessionHead,
)
from leitai.wire.messages import View

_PARTICIPATION_EVERY_US = 1_000_000


class LiveSession:
    """Answers from the gateway of the session in force; nothing here waits or asks a store."""

    def __init__(
        self, gateway_now: Callable[[], Gateway | None], home: str = "", none_now: Callable[[], bool] = lambda: False
    ) -> None:
        """`home` is where whoever is handed over comes from; `none_now` tells whether no session is in force."""
        self._gateway_now = gateway_now
        self._none_now = none_now
        self._home = home
        self._sealed: tuple[Gateway, str] | None = None
        self._heads: tuple[Gateway, list[DelegationHead], dict[int, int]] | None = None
        self._pages: dict[tuple[View, int, DelegationCode], BoardPage] = {}
        self._pages_of: tuple[Gateway, int, str] | None = None
        self._participation: tuple[Gateway, int, ParticipationBody] | None = None

    def contest(self) -> ContestBody | None:
        """See `PublicSession.contest`."""
        gateway = self._gateway_now()
        if gateway is None:
            return None
        file, view = gateway.file, gateway.ring.view
        start_us = view.start_us or file.start_us
        placed = [window.closes_at_us for window in view.windows]
        end_us = max(placed) if placed else ends_at(windows(file.plan, Micros(start_us)))
        heads, _ = self._delegations(gateway)
        session = SessionHead(
            id=file.session_id,
            title=file.title,
            pacing=file.plan.pacing.value,
            counted=file.plan.counted.value,
            phase=view.phase.value if view.offset else file.phase.value,
            start_us=start_us,
            ends_at_us=end_us,
            items=len(file.plan.items),
            total_centipoints=sum(item.centipoints for item in file.plan.items),
            contestants=sum(1 for member in file.members if not member.struck),
            show_own=file.show_own,
            late_entry_us=file.plan.late_entry_us,
            duration_us=file.plan.duration_us,
            gap_us=file.plan.gap_us,
            rules=_rules(gateway),
            own_us=file.plan.own_us,
            home=self._home,
        )
        contest = ContestHead(file.contest_id, file.contest_title, file.organizer)
        return ContestBody(contest, session, heads, gateway.clock.now_us())

    def none_in_force(self) -> bool:
        """See `PublicSession.none_in_force`."""
        return self._gateway_now() is None and self._none_now()

    def participation(self) -> ParticipationBody | None:
        """See `PublicSession.participation`."""
        gateway = self._gateway_now()
        if gateway is None:
            return None
        now_us = gateway.clock.now_us()
        if self._participation is not None:
            known, made_us, body = self._participation
            if known is gateway and 0 <= now_us - made_us < _PARTICIPATION_EVERY_US:
                return body
        body = ParticipationBody(
            gateway.file.session_id,
            [
                DelegationParticipation(str(one.delegation), one.seats, one.came, one.connected, one.checked_in)
                for one in gateway.turnout.delegations()
            ],
        )
        self._participation = (gateway, now_us, body)
        return body

    def sealed(self, session_id: SessionId) -> tuple[str, bytes] | None:
        """See `PublicSession.sealed`."""
        gateway = self._of(session_id)
        if gateway is None:
            return None
        if self._sealed is None or self._sealed[0] is not gateway:
            self._sealed = (gateway, hashlib.sha256(gateway.sealed).hexdigest()[:24])
        return self._sealed[1], gateway.sealed

    def page(self, session_id: SessionId, view: View, page: int, delegation: DelegationCode) -> BoardPage | None:
        """See `PublicSession.page`."""
        gateway = self._board_of(session_id)
        if gateway is None:
            return None
        # A frozen board says nothing of what came after, not even that the session went on.
        phase = gateway.table.phase or gateway.ring.view.phase.value
        current = (gateway, gateway.table.rows_version, phase)
        if self._pages_of != current:
            self._pages_of = current
            self._pages.clear()
        key = (view, page, delegation)
        if (known := self._pages.get(key)) is not None:
            return known
        found = self._page(gateway, view, page, delegation, phase)
        if found.rows:
            self._pages[key] = found
        return found

    def find(self, session_id: SessionId, text: str, limit: int) -> Sequence[Found] | None:
        """See `PublicSession.find`."""
        gateway = self._board_of(session_id)
        if gateway is None:
            return None
        return found_in(gateway.table, text, limit)

    def _page(self, gateway: Gateway, view: View, page: int, delegation: DelegationCode, phase: str) -> BoardPage:
        _, members = self._delegations(gateway)
        return board_page(gateway.table, members, view, page, delegation, phase)

    def _of(self, session_id: SessionId) -> Gateway | None:
        gateway = self._gateway_now()
        return gateway if gateway is not None and gateway.file.session_id == session_id else None

    def _board_of(self, session_id: SessionId) -> Gateway | None:
        """Return the gateway with a board of the session; None while there is none; raises `NotThere`."""
        gateway = self._gateway_now()
        if gateway is None:
            return None
        if gateway.file.session_id != session_id:
            raise NotThere
        return gateway if gateway.table.version else None

    def _delegations(self, gateway: Gateway) -> tuple[list[DelegationHead], dict[int, int]]:
        """Return the delegations and how many each fields, worked out once per session."""
        if self._heads is None or self._heads[0] is not gateway:
            fielded = Counter(int(member.delegation) for member in gateway.file.members if not member.struck)
            heads = [
                DelegationHead(str(one.code), one.name, one.short, fielded[int(one.code)])
                for one in gateway.file.delegations
            ]
            self._heads = (gateway, heads, dict(fielded))
        return self._heads[1], self._heads[2]


def _rules(gateway: Gateway) -> list[Rule]:
    """Return the rules in force in words: the settings of this session, as contestants must know them."""
    file, plan = gateway.file, gateway.file.plan
    points = sum(item.centipoints for item in plan.items) / 100
    rules = [Rule("试卷", f"共 {len(plan.items)} 题，满分 {points:g} 分。")]
    if plan.pacing is Pacing.STREAMED:
        where = area(one.code for one in file.delegations)
        rules.append(Rule("答题方式", f"逐题开放，{where}同时；两题之间间隔 {plan.gap_us / 1e6:g} 秒。"))
    elif plan.own_us:
        minutes = f"{plan.own_us / 60e6:g}"
        rules.append(
            Rule("答题方式", f"开放期内自行开始，开始后整卷 {minutes} 分钟，可自由前后翻题，答案自动保存，只能考一次。")
        )
    else:
        rules.append(Rule("答题方式", f"整卷作答，共 {plan.duration_us / 60e6:g} 分钟，可自由前后翻题，答案自动保存。"))
    first = plan.counted is Counted.FIRST
    counted = "每题以第一次提交的答案为准。" if first else "每题以规定时间内最后一次提交的答案为准。"
    if first and plan.pacing is Pacing.STREAMED:
        counted += "选择或填写后须确认，截止时仍未确认的不算作答，不计分；简答和案例到时自动提交。"
    rules.append(Rule("作答次数", counted))
    rules.append(Rule("排名", "先比总分，再比用时，再比多选题得分，再比判断题得分；全部相同则名次并列。"))
    rules.append(Rule("用时", "逐题答题时，未作答的题目按该题全部时间计用时。"))
    rules.append(Rule("时钟", "以服务器时钟为准，作答时刻以服务器收到为准。"))
    if plan.own_us:
        rules.append(Rule("成绩", "开放期结束后公布成绩和名次。临近结束才开始的，到开放期结束为止，不另加时间。"))
    else:
        rules.append(Rule("最晚入场", f"开始后 {plan.late_entry_us / 60e6:g} 分钟内可以入场，不另加时间。"))
    rules.append(
        Rule("考场纪律", f"离开答题页面会被记录，以 {file.conduct_limit} 次为限；一份答卷同时只能在一处登录。")
    )
    if plan.own_us:
        return rules
    shown = "题目结束后" if file.board_follows.value == "close" else "收到作答后"
    rules.append(Rule("排行榜", f"{shown}更新，每秒至多四次。"))
    return rules
