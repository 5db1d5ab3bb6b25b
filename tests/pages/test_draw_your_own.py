"""The view "Draw your own": what the component is told, what a link may hold, and that the browser computes what kl_core computes."""

import asyncio
import csv
import io
import json
import struct

import numpy as np
import pytest
import torch
from starlette.applications import Starlette

from kl_core.data.strokes import picture, strokes_from_text
from kl_core.vaes.glyph_vae import load_glyph_vae
from kl_core.vaes.image_terms import distortion_at, image_terms
from pages.frame.shell import routes
from pages.shared.scripts import modules
from pages.views.answers import TABLES
from pages.views.vae.drawing_export import drawing_code, drawing_csv
from pages.views.vae.drawing_state import Drawing, drawn_after
from pages.views.vae.drawing_table import glyph_table, glyph_table_version
from pages.views.vae.drawing_view import exact_terms, first_text, sample_texts
from tests import node
from tests.pages.conftest import elements

VIEW = "Draw your own"


def told(at) -> dict:
    scenes = [json.loads(one.proto.json) for one in elements(at.main) if one.type == "bidi_component"]
    return next(scene for scene in scenes if "samples" in scene)


def test_a_drawing_is_on_the_paper_when_one_comes(visit):
    scene = told(visit("vae", view=VIEW))
    assert scene["text"] == first_text() == scene["samples"][0]["text"]
    exact = scene["exact"]
    assert exact["rate"] + exact["distortion"] == pytest.approx(exact["cost"], rel=1e-12)
    assert scene["typical"]["low"] < scene["typical"]["middle"] < exact["cost"] < scene["typical"]["high"]


def test_a_link_shows_its_own_drawing_and_its_point(visit):
    text = sample_texts()["A scribble"]
    scene = told(visit("vae", view=VIEW, glyph=text, glyph_z="0.5,-1.2"))
    assert (scene["text"], scene["point"]) == (text, [0.5, -1.2])
    assert scene["exact"]["cost"] > 5 * scene["typical"]["middle"]
    assert told(visit("vae", view=VIEW, glyph=""))["exact"] is None


HOSTILE = [{"glyph": "AAAA"}, {"glyph": "<script>"}, {"glyph": "A" * 5000}, {"glyph_z": "nan,1"}, {"glyph_z": "9,9"}]
NONSENSE = [{}, {"strokes": None}, {"strokes": "AA"}, *({"point": point} for point in ("xy", [1], [10**400, 0], [9, 9]))]


@pytest.mark.parametrize("query", HOSTILE)
def test_a_link_that_holds_no_drawing_is_answered_by_one_sentence(visit, query):
    at = visit("vae", view=VIEW, **query)
    assert told(at)["text"] == first_text() and told(at)["point"] is None
    said = [one.value for one in at.caption if ":material/info:" in one.value]
    assert len(said) == 1 and len(said[0]) < 160


@pytest.mark.parametrize("message", NONSENSE)
def test_a_message_of_nonsense_changes_nothing(message):
    before = Drawing(first_text())
    assert drawn_after(before, message) == before


def test_a_new_drawing_puts_the_point_back():
    before = Drawing(first_text(), (1.0, 1.0))
    assert drawn_after(before, {"strokes": "AAABBB"}) == Drawing("AAABBB")
    assert drawn_after(before, {"strokes": ""}) == Drawing("")
    assert drawn_after(before, {"point": None}).point is None


def get(path: str) -> tuple[int, dict[bytes, bytes], bytes]:
    """What the app's own routes answer, without a server."""
    sent = []

    async def receive() -> dict:
        return {"type": "http.request", "body": b""}

    async def send(message: dict) -> None:
        sent.append(message)

    made = lambda name, version: TABLES[name][1]() if name in TABLES and version == TABLES[name][0]() else None
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [(b"host", b"kl.org")], "scheme": "https"}
    asyncio.run(Starlette(routes=routes(table=made))(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent[1:])


def test_the_table_is_served_under_its_own_version_alone():
    status, headers, body = get(f"/tables/{glyph_table_version()}/glyphs")
    assert (status, body) == (200, glyph_table()) and b"immutable" in headers[b"cache-control"]
    assert len(body) < 400_000
    for path in ("/tables/0123456789abcdef/glyphs", f"/tables/{glyph_table_version()}/none"):
        status, headers, _ = get(path)
        assert status == 404 and headers[b"cache-control"] == b"no-store"


def test_the_table_holds_the_weights_as_safetensors():
    data = glyph_table()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    begin, end = header["decoder_layers.4.weight"]["data_offsets"]
    weights = np.frombuffer(data[8 + length + begin : 8 + length + end], np.float16).reshape(header["decoder_layers.4.weight"]["shape"])
    assert np.array_equal(weights.astype(float), load_glyph_vae().state_dict()["decoder_layers.4.weight"].numpy())
    assert max(entry["data_offsets"][1] for entry in header.values()) == len(data) - 8 - length


SCRIPT = """
import {{ readFileSync }} from "node:fs";
import {{ decoded, distortionAt, modelOf, tensorsOf, terms }} from {model};
import {{ pieces, rendered, strokesOf }} from {strokes};
const file = readFileSync({path});
const model = modelOf(tensorsOf(file.buffer.slice(file.byteOffset, file.byteOffset + file.length)));
const texts = {texts};
console.log(JSON.stringify(texts.map((text) => {{
  const ink = rendered(pieces(strokesOf(text)));
  return {{ ink: [...ink], ...terms(model, ink), back: [...decoded(model, [0.3, -0.7])], there: distortionAt(model, ink, [0.3, -0.7]) }};
}})));
"""


def test_the_browser_renders_encodes_and_decodes_as_kl_core_does(tmp_path):
    """Ink, posterior and decoded pixels to rounding; the distortion to the error of its 25 nodes against 144."""
    (tmp_path / "table").write_bytes(glyph_table())
    for name in ("model", "strokes"):
        (tmp_path / f"{name}.mjs").write_text(modules()[f"views/vae/drawing/{name}.js"], encoding="utf-8")
    address = lambda name: json.dumps((tmp_path / f"{name}.mjs").as_uri())
    texts = [*sample_texts().values(), "AAA", "AAA___.gAg"]
    table = json.dumps(str(tmp_path / "table"))
    said = node.run(SCRIPT.format(model=address("model"), strokes=address("strokes"), path=table, texts=json.dumps(texts)))
    model, z = load_glyph_vae(), torch.tensor([0.3, -0.7], dtype=torch.float64)
    for text, live in zip(texts, json.loads(said), strict=True):
        ink = picture(strokes_from_text(text))
        terms = image_terms(model, ink)
        assert live["ink"] == pytest.approx(ink.tolist(), abs=1e-12)
        assert live["mu"] == pytest.approx(terms.mu.tolist(), abs=1e-9) and live["sd"] == pytest.approx(terms.sd.tolist(), rel=1e-9)
        assert live["rate"] == pytest.approx(float(terms.rate), abs=1e-9)
        assert live["distortion"] == pytest.approx(float(terms.distortion), abs=0.01)
        assert live["back"] == pytest.approx(model.decode(z).tolist(), abs=1e-9)
        assert live["there"] == pytest.approx(float(distortion_at(model, ink, z)), rel=1e-9)


def test_the_program_prints_the_numbers_on_screen(printed):
    drawn = Drawing(first_text())
    said = printed(drawing_code(drawn))
    assert f"−ELBO {exact_terms(drawn)['cost']:.6g} nats" in said
    assert len(said.splitlines()) == 30


def test_the_table_to_take_along_has_every_pixel_and_the_terms():
    drawn = Drawing(first_text())
    rows = list(csv.reader(io.StringIO(drawing_csv(drawn))))
    assert len(rows) == 1 + 784 + 2
    assert float(rows[-1][-1]) == pytest.approx(exact_terms(drawn)["cost"], rel=1e-12)
    assert drawing_csv(Drawing("")).strip() == "row,column,x,decoded"
