"""The server: who is let in, what is taken, what is kept, and that edits are those of a sidecar."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from intervaldetect.batch.one_file import analyses
from intervaldetect.cli.running import tasks_of
from intervaldetect.corrections.find import sidecar_path
from intervaldetect.corrections.parse import parse_corrections
from intervaldetect.corrections.template import template
from intervaldetect.job import Settings
from intervaldetect.records import Analysis
from intervaldetect.serve import recordings
from intervaldetect.serve.edits import Draft, Drafts, EditError, Rep
from intervaldetect.store import Store
from tests.serve.conftest import ORIGIN, PLACE, Client


def read(file: Path) -> Analysis:
    """Analyse a file as `edit` does."""
    (task,) = tasks_of([str(file)], "me")
    assert not isinstance(task, str)
    (found,) = analyses(task, Settings())
    assert isinstance(found, Analysis)
    return found


def folder_of(client: Client) -> Path:
    assert client.desk.keeper is not None
    return client.desk.keeper.folder


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", {}),
        ("/another-token/", {}),
        (f"/{PLACE.token}/", {"host": "evil.example"}),
        (f"/{PLACE.token}/", {"host": f"evil.example:{PLACE.port}"}),
        (f"/{PLACE.token}/", {"origin": "http://evil.example"}),
        (f"/{PLACE.token}/", {"origin": "null"}),
        (f"/{PLACE.token}/", {"sec-fetch-site": "cross-site"}),
        (f"/{PLACE.token}/assets/theme.js", {"sec-fetch-site": "same-site"}),
    ],
)
def test_only_its_own_pages_are_answered(
    client: Client, path: str, headers: dict[str, str]
) -> None:
    answer = TestClient(client.http.app, base_url=ORIGIN).get(path, headers=headers)
    assert answer.status_code == 403
    assert answer.text.count("\n") == 1  # a sentence
    own = client.http.get("", headers={"origin": ORIGIN, "sec-fetch-site": "same-origin"})
    assert own.status_code == 200
    assert "default-src 'none'; script-src 'self'" in own.headers["content-security-policy"]


def test_what_changes_something_says_where_it_comes_from(client: Client) -> None:
    assert client.http.put("files?name=a.fit", content=b"x").status_code == 403


def test_six_reps_are_seen_and_forgotten(
    client: Client, session_file: Path, received: Path
) -> None:
    (told,) = client.drop(session_file.read_bytes(), "run.fit.gz")
    page = client.http.get(f"sessions/{told['keys'][0]}").text
    assert "6 x 800 m" in page
    assert page.count('<tr class="rep"') == 12  # of the reps, and of all segments
    assert "Nothing is kept" in client.http.get("").text
    assert "without a store" in client.post(f"sessions/{told['keys'][0]}/save")["error"]
    assert not list(received.iterdir())


def test_what_is_too_large_or_no_recording_is_named(
    client: Client, keeping: Client, received: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (told,) = client.drop(b"not a recording", "notes.txt")
    assert told["refused"][0].startswith("notes.txt: ")
    (told,) = keeping.drop(b"not a recording", "../../notes.txt")
    assert told["refused"][0].startswith("notes.txt: ")
    assert not (folder_of(keeping) / "recordings").exists()
    monkeypatch.setattr(recordings, "MAX_FILE_BYTES", 1000)
    (told,) = client.drop(bytes(1001), "huge.fit")
    assert told == {
        "status": 413, "error": "huge.fit: is larger than 0 MiB, the largest that is taken (open)",
    }  # fmt: skip
    assert not list(received.iterdir())


def test_an_archive_is_read_one_by_one(client: Client, session_file: Path, season: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("activities/1.fit.gz", session_file.read_bytes())
        archive.writestr("activities/2.fit", b"broken")
        archive.writestr("photo.jpg", b"\xff\xd8")
    first, second = client.drop(packed.getvalue(), "export.zip")
    assert (first["of"], len(first["keys"]), second["keys"]) == (2, 1, [])
    assert second["refused"][0].startswith("export.zip!/activities/2.fit: ")


def test_the_file_is_what_edit_writes(client: Client, session_file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "run.fit.gz"
    copy.write_bytes(session_file.read_bytes())
    (told,) = client.drop(copy.read_bytes(), copy.name)
    key = told["keys"][0]
    answer = client.http.get(f"sessions/{key}/corrections")
    assert answer.text == template(read(copy))
    assert 'filename="run.fit.gz.intervals.toml"' in answer.headers["content-disposition"]

    client.edit(key, op="split", rep=2)
    client.edit(key, op="move", rep=2, edge="end", at=1000.0)
    client.edit(key, op="say", field="lactate", rep=1, value=2.4)
    client.edit(key, op="say", field="kind", value="tempo")
    told = client.edit(key, op="say", field="note", value='windy "back"\n straight \x7f')
    sidecar_path(str(copy)).write_text(client.http.get(f"sessions/{key}/corrections").text, "utf-8")
    found = read(copy)
    assert not [p for p in found.problems if p.code == "corrections_refused"]
    assert found.label.kind == "tempo"
    assert "Lactate after rep 1: 2.4 mmol/l." in found.label.evidence
    reps = [s for s in found.workout.segments if s.role == "rep"]
    edges = [(round(s.start_s, 1), round(s.end_s, 1)) for s in reps]
    assert edges == [(rep["start"], rep["end"]) for rep in told["state"]["reps"]]
    assert told["html"].count("by hand") >= 2  # the page says what the file says
    assert told["state"]["found"] != [list(edge) for edge in edges]


def test_saved_beside_what_is_kept_and_in_the_store(keeping: Client, session_file: Path) -> None:
    (told,) = keeping.drop(session_file.read_bytes(), "folder/run.fit.gz")
    key = told["keys"][0]
    assert keeping.drop(session_file.read_bytes(), "again.fit.gz")[0]["keys"] == [key]
    folder = folder_of(keeping)
    kept = folder / "recordings" / "run.fit.gz"
    assert [file.name for file in kept.parent.iterdir()] == ["run.fit.gz"]
    keeping.edit(key, op="drop", rep=6)
    said = keeping.post(f"sessions/{key}/save")
    assert said["file"] == str(sidecar_path(str(kept)))
    asked = parse_corrections(Path(said["file"]).read_text("utf-8"), "x")
    assert asked.reps is not None
    assert len(asked.reps) == 5
    keeping.http.get(f"sessions/{key}")
    keeping.desk.settle()
    with Store.open(folder) as store:
        ((workout,),) = store.query("SELECT workout FROM recordings")
    assert workout.startswith("5 x 800 m")
    assert "5 x 800 m" in keeping.http.get("?find=5+x").text
    # Another server, another day: what was saved is what is shown, and can still be taken back.
    again = Client(type(keeping.desk)(Settings(), "me", folder))
    assert len(again.edit(key, op="say", field="feeling", value=7)["state"]["reps"]) == 5


def test_a_table_of_the_store_is_replaced_alone(keeping: Client, session_file: Path) -> None:
    (told,) = keeping.drop(session_file.read_bytes(), "run.fit.gz")
    key, folder = told["keys"][0], folder_of(keeping)
    sha256 = read(folder / "recordings" / "run.fit.gz").activity.sha256
    other = f'["{"0" * 64}"]\nlabel = "easy"  # of another run\n'
    (folder / "overrides.toml").write_text(f'["{sha256}"]\nfeeling = 3\n\n{other}', "utf-8")
    keeping.edit(key, op="say", field="label", value="vo2")
    said = keeping.post(f"sessions/{key}/save")
    text = (folder / "overrides.toml").read_text("utf-8")
    assert said["file"] == str(folder / "overrides.toml")
    assert text.startswith(other)
    assert 'label = "vo2"' in text
    assert "feeling = 3" in text.partition(sha256)[2]


KILLED = """
import os, sys
from pathlib import Path
from intervaldetect.corrections.parse import Corrections
from intervaldetect.serve.saving import save_beside
os.fsync = lambda handle: os._exit(9)
save_beside(Path(sys.argv[1]), Corrections("", sha256="a" * 64), [(1.0, 9.0, None)], usual_label="")
"""


def test_killed_while_saving_the_old_file_stays(tmp_path: Path) -> None:
    target = tmp_path / "run.fit.intervals.toml"
    target.write_text(before := f'sha256 = "{"a" * 64}"\nfeeling = 3\n', "utf-8")
    died = subprocess.run([sys.executable, "-c", KILLED, str(target)], check=False)
    assert died.returncode == 9
    assert target.read_text("utf-8") == before


def test_edits_keep_reps_in_order_and_are_undone() -> None:
    first = Draft((Rep(10.0, 20.0, lactate_mmol=2.0), Rep(30.0, 40.0, lactate_mmol=3.0)))
    drafts = Drafts(first, first, 100.0)

    def edges() -> list[tuple[float, float]]:
        return [(rep.start_s, rep.end_s) for rep in drafts.now.reps]

    drafts.edit({"op": "move", "rep": 2, "edge": "start", "at": 5})
    assert edges() == [(10.0, 20.0), (20.0, 40.0)]
    drafts.edit({"op": "join", "rep": 1})
    assert drafts.now.reps == (Rep(10.0, 40.0, lactate_mmol=3.0),)
    drafts.edit({"op": "split", "rep": 1})
    assert [rep.lactate_mmol for rep in drafts.now.reps] == [None, 3.0]
    drafts.edit({"op": "add"})
    assert edges() == [(10.0, 25.0), (25.0, 40.0), (40.0, 100.0)]
    for _ in range(4):
        drafts.edit({"op": "undo"})
    assert drafts.now == first
    for _ in range(9):  # nudges of one edge are one step
        at = drafts.now.reps[0].start_s + 1.0
        drafts.edit({"op": "move", "rep": 1, "edge": "start", "at": at, "again": True})
    assert edges()[0] == (18.0, 20.0)
    drafts.edit({"op": "undo"})
    assert drafts.now == first
    for asked in (
        {"op": "drop", "rep": 3}, {"op": "join", "rep": 2}, {"op": "undo"}, {"op": "rm"},
        {"op": "move", "rep": 1, "edge": "start", "at": float("nan")},
        {"op": "say", "field": "label", "value": "hard"},
        {"op": "say", "field": "reps", "value": []},
    ):  # fmt: skip
        with pytest.raises(EditError):
            drafts.edit(asked)
    assert drafts.now == first
