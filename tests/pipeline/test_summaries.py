"""Names and summaries by an endpoint, against a server that answers as real ones do, and as they should not."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from voc.config import Config
from voc.errors import VocError
from voc.store import Workspace
from voc.summaries import describe_themes, stored

GOOD = {
    "name": "Cable frays at the plug",
    "sentences": [{"text": "The cable frays near the plug.", "quotes": [1]}],
}


@pytest.fixture
def server():
    """Start an endpoint; what it answers, and what it was asked, are its attributes."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.asked.append((self.path, self.headers.get("Authorization"), asked))
            status, content = self.server.answers.pop(0)
            self.send_response(status)
            self.end_headers()
            body = {"choices": [{"message": {"role": "assistant", "content": content}}]}
            self.wfile.write(json.dumps(body).encode() if content is not None else b"<html>hello</html>")

        def log_message(self, *_):
            pass

    found = HTTPServer(("127.0.0.1", 0), Handler)
    found.asked, found.answers = [], []
    thread = threading.Thread(target=found.serve_forever)
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


@pytest.fixture
def workspace(tmp_path):
    from tests.cli.conftest import build

    build(tmp_path / "ws")
    return Workspace(tmp_path / "ws")


def config(server, **more):
    return Config.model_validate(
        {"llm": {"endpoint": f"http://127.0.0.1:{server.server_port}/v1", "model": "small", **more}}
    )


def test_a_theme_is_summarised_with_its_quotes_and_named(server, workspace, monkeypatch):
    monkeypatch.setenv("VOC_LLM_KEY", "secret")
    server.answers.append((200, f"Here you are:\n```json\n{json.dumps(GOOD)}\n```"))
    done, left = describe_themes(workspace, ["t-cable"], config(server), rename=True)
    assert left == []
    path, key, asked = server.asked[0]
    assert (path, key, asked["model"]) == ("/v1/chat/completions", "Bearer secret", "small")
    assert asked["messages"][1]["content"].startswith("1. The cable frays near the plug")
    (sentence, quotes), *_ = stored(workspace.current(), "t-cable")
    assert sentence == "The cable frays near the plug."
    assert "frays near the plug" in quotes[0].text
    assert done[0].name == "Cable frays at the plug"
    themes = {row["theme_id"]: row["name"] for row in workspace.current().table("themes").to_pylist()}
    assert themes["t-cable"] == "Cable frays at the plug"
    line = workspace.entries.history()[-1]
    assert (line["what"], line["who"]) == ("rename_theme", "small")


def test_people_s_names_stay_and_a_taken_name_is_told(server, workspace):
    workspace.entries.rename_theme("t-cable", "Mine")
    server.answers += [(200, json.dumps(GOOD)), (200, json.dumps({**GOOD, "name": "mine"}))]
    _, left = describe_themes(workspace, ["t-cable", "t-button"], config(server), rename=True)
    assert workspace.entries.theme_names() == {"t-cable": "Mine"}
    assert left == ["Theme 't-cable' is called 'Mine' already; choose another name, or merge the two."]
    assert len(stored(workspace.current(), "t-button")) == 1


@pytest.mark.parametrize(
    ("status", "content", "sentence"),
    [
        (200, "I cannot do that.", "did not answer with a JSON object"),
        (200, "{broken", "did not answer with a JSON object"),
        (200, json.dumps({"name": "x" * 200, "sentences": GOOD["sentences"]}), "what cannot be used (name:"),
        (200, json.dumps({"name": "Cable", "sentences": [{"text": "So.", "quotes": []}]}), "what cannot be used"),
        (200, json.dumps({"name": "Cable", "sentences": [{"text": "So.", "quotes": [99]}]}), "cites quote 99"),
        (200, None, "does not answer as an OpenAI-compatible endpoint does"),
        (401, "", "refused with status 401; check the key in VOC_LLM_KEY"),
        (500, "", "refused with status 500"),
    ],
)
def test_an_answer_that_is_of_no_use_changes_nothing(server, workspace, status, content, sentence):
    before = workspace.current().id
    server.answers.append((status, content))
    with pytest.raises(VocError) as error:
        describe_themes(workspace, ["t-cable"], config(server), rename=True)
    assert sentence in str(error.value)
    assert workspace.current().id == before
    assert workspace.entries.history() == []


def test_what_was_written_before_a_fault_is_kept(server, workspace):
    server.answers += [(200, json.dumps(GOOD)), (500, "")]
    with pytest.raises(VocError):
        describe_themes(workspace, ["t-cable", "t-button"], config(server), rename=False)
    assert len(stored(workspace.current(), "t-cable")) == 1


def test_an_endpoint_that_is_not_there_is_one_sentence(workspace):
    nowhere = Config.model_validate({"llm": {"endpoint": "http://127.0.0.1:9/v1", "model": "small"}})
    with pytest.raises(VocError, match=r"http://127.0.0.1:9/v1/chat/completions cannot be reached \("):
        describe_themes(workspace, ["t-cable"], nowhere, rename=False)
    with pytest.raises(VocError, match=r"No endpoint is configured"):
        describe_themes(workspace, ["t-cable"], Config(), rename=False)


def test_a_forgotten_quote_takes_its_sentence_along(server, workspace):
    server.answers.append((200, json.dumps(GOOD)))
    describe_themes(workspace, ["t-cable"], config(server), rename=False)
    (_, quotes), *_ = stored(workspace.current(), "t-cable")
    workspace.forget(review_id=quotes[0].review_id)
    assert stored(workspace.current(), "t-cable") == []
