"""The staff's second factor against a real PostgreSQL: which codes are taken, how often, and what is kept of them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from pyotp.totp import TOTP

from leitai.cli.staff import reset_second_factor
from leitai.office.second_factor import STEP_S, SecondFactor
from leitai.office.staff import StaffRefused
from leitai.office.staff_ports import StaffRecord
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.stores.postgres.factor_store import PostgresFactors
from leitai.stores.postgres.vault import Vault, WrongServerKey
from tests.support.office import SERVER_KEY, Stores, stores_at

NOW_S = 1_700_000_010.0


@dataclass
class Enrolled:
    """Somebody with a second factor, and a clock that stands until it is set."""

    stores: Stores
    factor: SecondFactor
    member: StaffRecord
    now_s: float = NOW_S
    secret: str = ""

    def code(self, steps: int = 0) -> str:
        """The code of the present step, or of one so many steps away."""
        return TOTP(self.secret).at(int(self.now_s) + steps * STEP_S)

    async def turn_on(self) -> list[str]:
        self.secret = (await self.factor.begin(self.member)).secret
        return await self.factor.confirm(self.member, self.code())

    async def passes(self, code: str) -> bool:
        return await self.factor.passes(self.member, code, "password")

    async def audited(self) -> list[str]:
        async with self.stores.database.connection() as connection:
            found = await connection.fetch("select action, detail::text as detail from audit order by id")
        return [f"{row['action']} {row['detail']}" for row in found]


@pytest.fixture
async def wang(database: str) -> AsyncIterator[Enrolled]:
    async with stores_at(database) as stores:
        office = stores.office
        staff_id = await office.add_staff("wang", "王芳", frozenset({Role.JUDGE}), NO_DELEGATION, "tests")
        store = PostgresFactors(stores.database, stores.vault)
        factor = SecondFactor(store, office.audit, SERVER_KEY, lambda: made.now_s)
        made = Enrolled(stores, factor, await office.staff_member(staff_id))
        yield made


async def test_a_factor_counts_once_its_first_code_confirmed_it(wang: Enrolled) -> None:
    with pytest.raises(StaffRefused, match="second-factor-off"):
        await wang.factor.confirm(wang.member, "123456")
    first = await wang.factor.begin(wang.member)
    assert first.uri.startswith("otpauth://totp/Leitai:wang?secret=" + first.secret)
    assert await wang.factor.of(wang.member) is None
    assert not (await wang.stores.office.staff_member(wang.member.staff_id)).second_factor
    # Who begins anew voids what was begun before.
    wang.secret = (await wang.factor.begin(wang.member)).secret
    with pytest.raises(StaffRefused, match="code-refused"):
        await wang.factor.confirm(wang.member, TOTP(first.secret).at(int(wang.now_s)))
    codes = await wang.factor.confirm(wang.member, wang.code())
    assert len(set(codes)) == 10
    assert (await wang.stores.office.staff_member(wang.member.staff_id)).second_factor
    for again in (wang.factor.begin(wang.member), wang.factor.confirm(wang.member, wang.code(1))):
        with pytest.raises(StaffRefused, match="second-factor-on"):
            await again


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_code_is_taken_within_one_step_of_its_own(wang: Enrolled, steps: int, taken: bool) -> None:
    await wang.turn_on()
    wang.now_s += 10 * STEP_S
    assert await wang.passes(wang.code(steps)) is taken


async def test_a_code_is_taken_at_the_very_ends_of_its_time(wang: Enrolled) -> None:
    await wang.turn_on()
    begins = (int(NOW_S) // STEP_S + 10) * STEP_S
    code = TOTP(wang.secret).at(begins)
    for now_s, taken in (
        (begins - STEP_S - 1e-3, False),
        (begins + 2 * STEP_S, False),
        (begins + 2 * STEP_S - 1e-3, True),
    ):
        wang.now_s = now_s
        assert await wang.passes(code) is taken, now_s


async def test_a_code_is_taken_once_and_none_before_it_afterwards(wang: Enrolled) -> None:
    await wang.turn_on()
    # The code that turned it on is used up.
    assert not await wang.passes(wang.code())
    wang.now_s += 10 * STEP_S
    assert await wang.passes(wang.code())
    assert not await wang.passes(wang.code())
    assert not await wang.passes(wang.code(-1))
    assert await wang.passes(f" {wang.code(1)[:3]} {wang.code(1)[3:]} ")
    # Nor at another process of the office, which knows only what the database does.
    elsewhere = SecondFactor(
        PostgresFactors(wang.stores.database, wang.stores.vault),
        wang.stores.office.audit,
        SERVER_KEY,
        lambda: wang.now_s,
    )
    assert not await elsewhere.passes(wang.member, wang.code(1), "password")
    wang.now_s += 2 * STEP_S
    assert await elsewhere.passes(wang.member, wang.code(), "password")


async def test_a_recovery_code_works_once(wang: Enrolled) -> None:
    codes = await wang.turn_on()
    assert await wang.passes(codes[3].lower().replace("-", " "))
    assert not await wang.passes(codes[3])
    found = await wang.factor.of(wang.member)
    assert found is not None
    assert found.recovery_left == 9
    assert await wang.passes(codes[4])
    for wrong in ("", "000000", "12345", "１２３４５６７", "0000-0000-00000", "é" * 6, wang.secret):
        assert not await wang.passes(wrong), wrong


async def test_it_is_turned_off_by_a_code_and_anew_with_other_secrets(wang: Enrolled) -> None:
    codes = await wang.turn_on()
    with pytest.raises(StaffRefused, match="code-refused"):
        await wang.factor.turn_off(wang.member, "000000")
    await wang.factor.turn_off(wang.member, codes[0])
    with pytest.raises(StaffRefused, match="second-factor-off"):
        await wang.factor.turn_off(wang.member, codes[1])
    before = wang.secret
    wang.now_s += STEP_S
    again = await wang.turn_on()
    assert wang.secret != before
    assert not set(again) & set(codes)
    assert not await wang.passes(codes[1])


async def test_another_administrator_may_take_it_away(wang: Enrolled) -> None:
    with pytest.raises(StaffRefused, match="second-factor-off"):
        await wang.factor.reset("root", wang.member)
    codes = await wang.turn_on()
    with pytest.raises(StaffRefused, match="second-factor-own"):
        await wang.factor.reset("wang", wang.member)
    await wang.factor.reset("root", wang.member)
    assert await wang.factor.of(wang.member) is None
    assert not await wang.passes(codes[0])
    assert 'staff-second-factor-reset {"login": "wang"}' in await wang.audited()


async def test_whoever_has_the_machine_may_take_it_away(
    wang: Enrolled, database: str, valkey_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("DATABASE_URL", database), ("VALKEY_URL", valkey_url), ("SECRET_KEY", SERVER_KEY.hex())):
        monkeypatch.setenv(f"LEITAI_{name}", value)
    with pytest.raises(SystemExit, match="second factor is not on"):
        await reset_second_factor("wang")
    await wang.turn_on()
    await reset_second_factor(" Wang")
    assert await wang.factor.of(wang.member) is None
    assert "wang" in capsys.readouterr().out


async def test_nothing_is_kept_or_told_as_it_is(wang: Enrolled) -> None:
    codes = await wang.turn_on()
    wang.now_s += STEP_S * 5
    assert await wang.passes(wang.code())
    assert not await wang.passes("000000")
    async with wang.stores.database.connection() as connection:
        stored = await connection.fetch("select secret from staff_factor")
        digests = await connection.fetch("select digest from staff_recovery")
    raw = b"".join(row[0] for row in (*stored, *digests)) + "".join(await wang.audited()).encode()
    for told in (wang.secret, wang.code(), *codes, *(one.replace("-", "") for one in codes)):
        assert told.encode() not in raw
    assert [one.split(" ")[0] for one in await wang.audited()][-2:] == ["staff-sign-in", "staff-code-refused"]
    # Bound to its account, and to the server's key.
    with pytest.raises(WrongServerKey):
        wang.stores.vault.open_text(f"second factor of staff {wang.member.staff_id + 1}", stored[0][0])
    with pytest.raises(WrongServerKey):
        await PostgresFactors(wang.stores.database, Vault(bytes(32))).factor(wang.member.staff_id)
