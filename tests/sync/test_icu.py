"""Pulling from a service that fails in all the ways services do; nothing leaves this machine."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from intervaldetect.cli import app
from intervaldetect.errors import ParameterError
from intervaldetect.sync import client as clients
from intervaldetect.sync import icu
from intervaldetect.sync.client import Client, SyncError
from intervaldetect.sync.content import is_whole
from tests.sync.service import Service, serving

SEASON = Path(__file__).resolve().parents[2] / "fixtures" / "season"
INTERVALS = SEASON / "2025-09-02-0705-morning-run.fit.gz"
FILES = {"i1": INTERVALS, "i2": SEASON / "2025-09-08-0715-morning-run.fit"}
FILES |= {"i3": SEASON / "2025-09-24-0700-morning-run.tcx"}
OF_FIRST = "/api/v1/activity/i1/file"


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as made:
        made.list(
            *({"id": name, "start_date_local": f"2025-09-0{name[1]}T07:05:00", "source": "GARMIN"}
              for name in reversed(FILES)),
        )  # fmt: skip
        for name, path in FILES.items():
            made.bodies[f"/api/v1/activity/{name}/file"] = path.read_bytes()
        yield made


class Waits(list[float]):
    """In place of `time.sleep`; pauses between requests are not noted."""

    def __call__(self, seconds: float) -> None:
        if seconds != clients.PAUSE_S:
            self.append(seconds)


def client_of(service: Service, waits: Waits | None = None) -> Client:
    return Client(service.address, icu.USER, "secret", sleep=Waits() if waits is None else waits)


def contents(folder: Path) -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in sorted(folder.glob("[!.]*"))]


WHOLE = [
    ("2025-09-01-0705-i1.fit.gz", FILES["i1"].read_bytes()),
    ("2025-09-02-0705-i2.fit", FILES["i2"].read_bytes()),
    ("2025-09-03-0705-i3.tcx", FILES["i3"].read_bytes()),
]


def test_each_file_comes_once_under_a_name_by_its_content(service: Service, tmp_path: Path) -> None:
    done = icu.pull(client_of(service), tmp_path)
    assert contents(tmp_path) == WHOLE
    assert [path.name for path in done.new] == [name for name, _ in WHOLE]
    asked = len(service.asked)
    again = icu.pull(client_of(service), tmp_path)
    assert (again.new, again.known, again.remarks) == ((), 3, ())
    assert len(service.asked) == asked + 1  # the list alone
    assert all(method == "GET" for method, _ in service.asked)
    assert service.tokens == {"Basic " + base64.b64encode(b"API_KEY:secret").decode()}


@pytest.mark.parametrize("fault", [500, 503, "cut", "half", "silent", (429, "7"), (429, "soon")])
def test_what_passes_is_asked_again(service: Service, tmp_path: Path, fault: object) -> None:
    service.faults[OF_FIRST] += [fault, fault] if fault != "half" else [fault]
    waits = Waits()
    icu.pull(client_of(service, waits), tmp_path)
    assert contents(tmp_path) == WHOLE
    expected = [7.0, 7.0] if fault == (429, "7") else [1.0, 2.0]
    assert waits == (expected if fault != "half" else [1.0])


def test_a_date_to_wait_for_is_read(service: Service, tmp_path: Path) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    service.faults[OF_FIRST].append((429, later))
    waits = Waits()
    icu.pull(client_of(service, waits), tmp_path)
    (waited,) = waits
    assert 30.0 < waited <= 60.0


def test_a_long_wait_ends_the_run_and_the_next_goes_on(service: Service, tmp_path: Path) -> None:
    service.faults["/api/v1/activity/i2/file"].append((429, "3600"))
    with pytest.raises(SyncError, match="answers 429 and asks to wait 3600 s"):
        icu.pull(client_of(service), tmp_path)
    assert contents(tmp_path) == WHOLE[:1]
    done = icu.pull(client_of(service), tmp_path)
    assert (len(done.new), done.known) == (2, 1)
    assert service.count(OF_FIRST) == 1


def test_a_service_that_is_down_is_left_alone_after_six_tries(
    service: Service, tmp_path: Path
) -> None:
    service.faults[OF_FIRST] += [500] * 9
    waits = Waits()
    with pytest.raises(SyncError, match=r"answers 500, 6 times \(sync\)"):
        icu.pull(client_of(service, waits), tmp_path)
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert service.count(OF_FIRST) == 6
    assert contents(tmp_path) == []


def test_a_file_that_is_cut_at_the_service_is_kept_and_said(
    service: Service, tmp_path: Path
) -> None:
    part = FILES["i1"].read_bytes()[:9000]
    service.bodies[OF_FIRST] = part
    done = icu.pull(client_of(service), tmp_path)
    assert (tmp_path / WHOLE[0][0]).read_bytes() == part
    assert done.remarks == ("activity i1: the service has only a part of it",)


def test_what_the_service_cannot_give_is_said(service: Service, tmp_path: Path) -> None:
    service.list({"id": "i1", "start_date_local": None, "source": "STRAVA"}, {"id": "i9"})
    service.bodies["/api/v1/activity/i9/file"] = b"a page"
    done = icu.pull(client_of(service), tmp_path)
    assert done.new == ()
    assert done.remarks == (
        "activity i1: from Strava, which lets no one pass it on",
        "activity i9: no FIT, GPX or TCX file there",
    )
    assert service.count(OF_FIRST) == 0


@pytest.mark.parametrize("name", ["../../x", "a/b", "", "x" * 50])
def test_no_name_leads_out_of_the_folder(service: Service, tmp_path: Path, name: str) -> None:
    service.list({"id": name, "start_date_local": "2025-09-01T07:05:00"})
    with pytest.raises(SyncError, match="an activity named"):
        icu.pull(client_of(service), tmp_path)


def test_a_refused_key_is_not_tried_again(service: Service, tmp_path: Path) -> None:
    service.faults["/api/v1/athlete/0/activities"].append(401)
    with pytest.raises(SyncError, match=r"the key is refused \(401\)"):
        icu.pull(client_of(service), tmp_path)
    assert len(service.asked) == 1


def test_a_ledger_that_a_kill_has_torn_costs_one_file(service: Service, tmp_path: Path) -> None:
    icu.pull(client_of(service), tmp_path)
    ledger = tmp_path / icu.LEDGER
    ledger.write_text(ledger.read_text().rstrip()[:-9])
    done = icu.pull(client_of(service), tmp_path)
    assert ([path.name for path in done.new], done.known) == ([WHOLE[2][0]], 2)
    assert icu.pull(client_of(service), tmp_path).known == 3


def test_a_file_that_is_gone_comes_again(service: Service, tmp_path: Path) -> None:
    icu.pull(client_of(service), tmp_path)
    (tmp_path / WHOLE[1][0]).unlink()
    assert [path.name for path in icu.pull(client_of(service), tmp_path).new] == [WHOLE[1][0]]


def test_the_key_goes_nowhere_in_the_clear() -> None:
    for address in ("http://example.org", "ftp://127.0.0.2", "intervals.icu"):
        with pytest.raises(ParameterError, match="https://HOST"):
            Client(address, "API_KEY", "secret")
    with pytest.raises(ParameterError, match="not shown") as found:
        Client("https://example.org", "API_KEY", "sec\nret")
    assert "ret" not in str(found.value)


def test_corrected_reps_are_sent_once_and_only_where_asked(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(icu, "ADDRESS", service.address)
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setenv("INTERVALS_ICU_API_KEY", "secret")
    ask = ["sync", "intervals.icu", "-o", str(tmp_path)]
    assert CliRunner().invoke(app, ask).output == f"3 files new in {tmp_path}, 0 known\n"
    (tmp_path / f"{WHOLE[0][0]}.intervals.toml").write_text(
        'reps = ["15:00-21:00", "22:00-28:00", "29:00-35:00"]\n'
    )
    assert CliRunner().invoke(app, ask).output == f"0 files new in {tmp_path}, 3 known\n"
    assert service.sent == {}
    told = CliRunner().invoke(app, [*ask, "--write-back"]).output
    assert f"1 file with corrected reps sent in {tmp_path}, 0 sent before" in told
    ((path, intervals),) = service.sent.items()
    assert path == "/api/v1/activity/i1/intervals?all=true"
    labels = [each["label"] for each in intervals if each["label"].startswith("rep")]
    assert labels == ["rep 1.1", "rep 1.2", "rep 1.3"]
    assert all(set(each) == {"type", "label", "group_id", "start_index", "end_index"}
               for each in intervals)  # fmt: skip
    told = CliRunner().invoke(app, [*ask, "--write-back"]).output
    assert "0 files with corrected reps sent" in told
    assert "1 sent before" in told


def test_without_a_key_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INTERVALS_ICU_API_KEY", raising=False)
    monkeypatch.setattr("intervaldetect.cli.sync._of_keyring", lambda: None)
    done = CliRunner().invoke(app, ["sync", "intervals.icu", "-o", str(tmp_path)])
    assert done.exit_code == 2
    assert "INTERVALS_ICU_API_KEY" in done.output
    assert list(tmp_path.iterdir()) == []


def test_a_packed_file_that_ends_early_is_no_whole_one() -> None:
    data = FILES["i2"].read_bytes()
    packed = gzip.compress(data)
    assert is_whole(data)
    assert is_whole(packed)
    assert not is_whole(data[:-300])
    assert not is_whole(packed[:-300])
    assert not is_whole(json.dumps({}).encode())
