"""A results bundle proves itself without a database, and any change to it is found and named."""

import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from leitai.live.ports import SessionFile
from leitai.office.bundle.container import MANIFEST, SIGNATURE, pack, unpack
from leitai.office.bundle.making import NotFinal, Sealed, make_bundle, manifest
from leitai.office.bundle.members import COMPUTED, GIVEN, computed, read_record
from leitai.office.bundle.ports import AuditHead
from leitai.office.bundle.verifying import SAYINGS, verify
from leitai.office.results import recompute
from leitai.office.signing import Signer, is_signed
from leitai.rules.values import Phase, SessionId
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.stores.postgres.awards_store import PostgresAwards
from leitai.stores.postgres.results_store import PostgresSeals
from leitai.stores.postgres.vault import Vault, WrongServerKey
from leitai.wire.results_bundle import FORMAT, BundleSignature, canonical
from tests.support.finished import finished_contest
from tests.support.office import SERVER_KEY, Stores, stores_at
from tests.support.stores import run_apart, standing_database


@dataclass(frozen=True)
class Made:
    stores: Stores
    file: SessionFile
    bundle: Sealed
    key: bytes
    dsn: str


@pytest.fixture(scope="module")
def contest(postgres: EmbeddedPostgres) -> Iterator[tuple[str, SessionFile, Sealed, bytes]]:
    """A finished contest in a database that this file's tests share, with its bundle and the key."""
    with standing_database(postgres) as dsn:
        made: list[tuple[SessionFile, Sealed, bytes]] = []

        async def make() -> None:
            async with stores_at(dsn) as stores:
                file = await finished_contest(stores)
                seals = PostgresSeals(stores.database, stores.vault)
                signer = Signer(seals)
                bundle = await make_bundle(
                    stores.office, seals, PostgresAwards(stores.database), signer, file.session_id
                )
                made.append((file, bundle, await signer.public_key()))

        run_apart(make())
        yield dsn, *made[0]


@pytest.fixture
async def made(contest: tuple[str, SessionFile, Sealed, bytes]) -> AsyncIterator[Made]:
    dsn, file, bundle, key = contest
    async with stores_at(dsn) as stores:
        yield Made(stores, file, bundle, key, dsn)


def corrected(kind: str) -> dict[str, object]:
    """A correction as a bundle tells it, which nobody could have made."""
    effect = {"kind": kind, "correction_id": 1}
    return {"correction_id": 1, "objection_id": None, "effect": effect, "reason": "", "actor": "chief", "at_us": 1}


def codes(data: bytes, key: bytes | None = None) -> set[str]:
    return {one.code for one in verify(data, key).findings}


def forged(members: dict[str, bytes], key: Ed25519PrivateKey | None = None) -> bytes:
    """The bundle with its manifest made anew, signed by `key` or with the old signature."""
    told = json.loads(members[MANIFEST])
    public = key.public_key().public_bytes_raw() if key else bytes.fromhex(told["key"])
    inside = {name: members[name] for name in members if name not in (MANIFEST, SIGNATURE)}
    head = AuditHead(told["audit"]["no"], bytes.fromhex(told["audit"]["hash"]))
    signed = manifest(SessionId(told["session_id"]), head, public, inside)
    signature = members[SIGNATURE]
    if key:
        raw = key.sign(FORMAT.encode() + b"\n" + signed)
        signature = canonical(BundleSignature("Ed25519", public.hex(), raw.hex()))
    return pack({MANIFEST: signed, **inside, SIGNATURE: signature})


async def test_a_bundle_recomputes_to_the_same_bytes(made: Made) -> None:
    found = verify(made.bundle.content, made.key)
    assert found.findings == ()
    assert (found.contestants, found.title) == (12, "业务技能练兵比武 · 在线比试")
    assert found.answers > 80
    assert found.awards > 10
    members = unpack(made.bundle.content)
    assert set(members) == {MANIFEST, SIGNATURE, *GIVEN, *COMPUTED}
    assert members["standings.json"] == await recompute(made.stores.office, made.file.session_id)
    rulings = json.loads(members["rulings.json"])
    assert [len(one["acts"]) for one in rulings] == [2] * 5
    assert json.loads(members["appeals.json"])[0]["state"] == "upheld"
    assert "请复核" not in made.bundle.content.decode("latin1"), "what contestants wrote stays with the judges"
    assert any(len(one["marks"]) == 2 for one in json.loads(members["marks.json"]))


async def test_it_is_the_same_bytes_whenever_it_is_made(made: Made) -> None:
    await made.stores.office.audit("tests", "later", "subject", {})
    seals = PostgresSeals(made.stores.database, made.stores.vault)
    again = await make_bundle(
        made.stores.office, seals, PostgresAwards(made.stores.database), Signer(seals), made.file.session_id
    )
    assert again == made.bundle
    assert hashlib.sha256(again.content).hexdigest() == made.bundle.sha256


async def test_only_a_final_session_has_one(made: Made) -> None:
    seals = PostgresSeals(made.stores.database, made.stores.vault)
    with pytest.raises(KeyError):
        await make_bundle(
            made.stores.office, seals, PostgresAwards(made.stores.database), Signer(seals), SessionId(404)
        )
    await made.stores.archive.save_phase(made.file.session_id, Phase.UNDER_REVIEW, made.file.start_us)
    with pytest.raises(NotFinal):
        await make_bundle(
            made.stores.office, seals, PostgresAwards(made.stores.database), Signer(seals), made.file.session_id
        )
    await made.stores.archive.save_phase(made.file.session_id, Phase.FINALIZED, made.file.start_us)


async def test_the_key_is_made_once_and_kept_sealed(made: Made) -> None:
    seals = PostgresSeals(made.stores.database, made.stores.vault)
    other = Signer(seals)
    assert await other.public_key() == made.key == await seals.public_key()
    private = await seals.signing_key(b"", b"")
    async with made.stores.database.connection() as connection:
        kept = await connection.fetch("select * from signing_key")
        assert len(kept) == 1
        assert private not in kept[0]["sealed"]
    with pytest.raises(WrongServerKey):
        await PostgresSeals(made.stores.database, Vault(b"x" * 32)).signing_key(b"", b"")


async def test_any_single_byte_that_differs_is_found(made: Made) -> None:
    pick, content = random.Random(1), made.bundle.content
    places = {0, 1, len(content) - 1, *(pick.randrange(len(content)) for _ in range(60))}
    # The fixed times of the container, which nothing else covers.
    places |= {10, 12}
    for place in places:
        changed = bytearray(content)
        changed[place] ^= 1 << pick.randrange(8)
        assert codes(bytes(changed), made.key), place
    assert codes(content + b"\0", made.key)
    assert codes(content[:-1], made.key)
    assert codes(b"", made.key) == {"not-a-bundle"}


@pytest.mark.parametrize("member", [*GIVEN, *COMPUTED])
async def test_a_changed_member_is_named(made: Made, member: str) -> None:
    members = unpack(made.bundle.content)
    digit, other = (b"1", b"2") if b"1" in members[member] else (b"0", b"1")
    members[member] = members[member].replace(digit, other, 1)
    found = verify(pack(members), made.key).findings
    assert ("member-changed", member) in {(one.code, one.member) for one in found}
    for finding in found:
        assert finding.say() != finding.say("en")
    without = {name: content for name, content in members.items() if name != member}
    assert ("member-missing", member) in {(one.code, one.member) for one in verify(pack(without)).findings}


async def test_one_answer_that_was_changed_is_found_in_the_person_it_concerns(made: Made) -> None:
    members = unpack(made.bundle.content)
    lines = members["answers.jsonl"].splitlines()
    place, item = next(
        (place, answer)
        for place, line in enumerate(lines[1:], start=1)
        if (answer := json.loads(line))[8] == "accepted"
        and made.file.plan.items[answer[2] - 1].type.value == "single"
        and answer[2] != 1
        and answer[0] not in (made.file.members[0].sitting_id, made.file.members[1].sitting_id)
    )
    right = sorted(made.file.plan.items[item[2] - 1].key.options)
    item[4] = ["B"] if right != ["B"] and item[4] == right else right if item[4] != right else ["A"]
    lines[place] = json.dumps(item, separators=(",", ":")).encode()
    members["answers.jsonl"] = b"\n".join(lines) + b"\n"
    # Even with a manifest that fits, signed by whoever did it.
    thief = Ed25519PrivateKey.generate()
    found = verify(forged(members, thief), made.key).findings
    name = next(one.name for one in made.file.members if one.sitting_id == item[0])
    assert {one.code for one in found} >= {"other-key", "standing", "score"}
    scores = [one for one in found if one.code == "score"]
    assert [(one.person.startswith(name), one.detail) for one in scores] == [(True, str(item[2]))]
    assert any(name in one.say() for one in found if one.code == "standing")
    assert "signature" in codes(forged(members), made.key)


async def test_a_forgery_that_computes_is_found_by_its_key(made: Made) -> None:
    members = unpack(made.bundle.content)
    seats = json.loads(members["roster.json"])
    seats[0]["name"] = "冒名者"
    members["roster.json"] = canonical(seats)
    members.update(computed(read_record(members)).members)
    forgery = forged(members, Ed25519PrivateKey.generate())
    assert codes(forgery) == set(), "it proves no origin by itself"
    assert codes(forgery, made.key) == {"other-key"}


@pytest.mark.parametrize(
    ("member", "change", "code"),
    [
        ("rulings.json", lambda told: told[0]["acts"].pop(0), "ruling-illegal"),
        ("rulings.json", lambda told: told[0]["acts"][1].update(actor="anna"), "ruling-illegal"),
        ("rulings.json", lambda told: told[0]["effect"].update(kind="magic"), "unreadable"),
        ("rulings.json", lambda told: told.pop(0), "standing"),
        ("marks.json", lambda told: told[0]["marks"][0].update(centipoints=[10**6]), "score"),
        ("closings.json", lambda told: told.pop(), "standing"),
        ("closings.json", lambda told: told[0].update(item_no=999), "record"),
        ("paper.json", lambda told: [one["key"].update(options=["D"]) for one in told], "score"),
        ("session.json", lambda told: told["quotas"].update(knowledge=5), "awards"),
        ("session.json", lambda told: told.update(phase="closed"), "not-final"),
        ("session.json", lambda told: told.update(session_id=77), "record"),
        ("session.json", lambda told: told.update(pacing="sideways"), "unreadable"),
        ("roster.json", lambda told: told[2].update(struck=True), "standing"),
        ("awards.json", lambda told: told["persons"].pop(), "awards"),
        ("awarded.json", lambda told: told["persons"].pop(), "awards"),
        (
            "corrections.json",
            lambda told: told["corrections"].append(corrected("withdraw")),
            "correction-illegal",
        ),
        ("corrections.json", lambda told: told["corrections"].append(corrected("pardon")), "unreadable"),
        ("standings.json", lambda told: told["delegations"][0].update(centipoints=1), "delegation"),
        ("standings.json", lambda told: told.update(extra=1), "bytes"),
    ],
)
async def test_what_does_not_follow_is_told(made: Made, member: str, change: Any, code: str) -> None:
    members = unpack(made.bundle.content)
    told = json.loads(members[member])
    change(told)
    members[member] = canonical(told)
    assert code in codes(forged(members, Ed25519PrivateKey.generate()))


async def test_other_bytes_of_the_same_results_are_no_bundle_of_ours(made: Made) -> None:
    members = unpack(made.bundle.content)
    members["README.txt"] = b"hello"
    assert codes(forged(members, None)) >= {"member-extra"}
    broken = {**members, MANIFEST: b"{}"}
    assert "unreadable" in codes(pack(broken))
    broken = {**members, SIGNATURE: b"[]"}
    assert "unreadable" in codes(pack(broken))
    assert SAYINGS.keys() >= codes(pack({"x": b""}))


async def test_a_stranger_can_check_the_signature(made: Made) -> None:
    """As docs/results-bundle.md says it, with nothing of ours."""
    members = unpack(made.bundle.content)
    told = json.loads(members["signature.json"])
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(told["key"]))
    key.verify(bytes.fromhex(told["signature"]), b"leitai-results/1\n" + members["manifest.json"])
    assert not is_signed(made.key, "leitai-audit/1", members["manifest.json"], bytes.fromhex(told["signature"]))
    for name, member in json.loads(members["manifest.json"])["members"].items():
        assert hashlib.sha256(members[name]).hexdigest() == member["sha256"]
        assert len(members[name]) == member["bytes"]


async def test_the_commands(made: Made, tmp_path: Path) -> None:
    environment = os.environ | {
        "LEITAI_DATABASE_URL": made.dsn,
        "LEITAI_VALKEY_URL": "redis://127.0.0.1:1",
        "LEITAI_SECRET_KEY": SERVER_KEY.hex(),
        "COLUMNS": "200",
    }

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "leitai", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
        )

    written = run("results-bundle", str(made.file.session_id))
    assert written.returncode == 0, written.stderr
    file = tmp_path / made.bundle.file_name
    assert file.read_bytes() == made.bundle.content
    del environment["LEITAI_DATABASE_URL"], environment["LEITAI_SECRET_KEY"]
    verified = run("verify-results", file.name, "--key", made.key.hex())
    assert verified.returncode == 0, verified.stderr
    assert "逐字节相同" in verified.stderr
    file.write_bytes(made.bundle.content.replace(b'"centipoints":', b'"centipoints" :', 1))
    refused = run("verify-results", file.name)
    assert refused.returncode == 1
    assert "✗" in refused.stderr
