"""What demos must answer: cases with the answers of the project's own predictor, in its Python."""

import base64
import json

import calling
from installed import Project

CASES = 200

# Cases and answers, as JSON; each runs in the project's environment.
REFERENCES = {
    "tabular": """
from churn.predictor import Predictor
predictor = Predictor.load(Path("models"))
def value(column):
    typical = column["typical"]
    if draw.random() < 0.05:
        return None
    if column["type"] == "number":
        ends = [each * factor for each in column["range"] for factor in (1, 1 + 1e-7, 1 + 1e-3)]
        return draw.choice([round(draw.uniform(min(typical), 1.2 * max(typical)), 2), *ends])
    odd = ["nothing that it knows", "MONTHLY", "STRA\u00dfE", "\u0130\u0131", "\u03a3\u03c2", "1"]
    return draw.choice([*typical, *typical, *typical, *odd])
cases = [{each["name"]: value(each) for each in predictor.columns} for _ in range(CASES)]
warnings = predictor.warnings(cases)
assert 100 < sum(map(len, warnings)) < CASES * len(predictor.columns)
answers = [
    answer | {"warnings": found} for answer, found in zip(predictor.predict(cases), warnings)
]
reasons = predictor.explain(cases)
""",
    "recsys": """
from recommender.predictor import Predictor
predictor = Predictor.load(Path("models"))
items = predictor.catalogue.items
cases = [{"liked": draw.sample(items, draw.randint(0, 12))} for _ in range(CASES)]
answers = predictor.predict(cases)
reasons = predictor.explain(cases)
""",
    "cv": """
import base64, io
import numpy as np
from PIL import Image
from imaging.predictor import Predictor
predictor = Predictor.load(Path("models"))
noise = np.random.default_rng(0)
def picture():
    mode = draw.choice(["L", "RGB", "P", "RGBA", "I;16"])
    width, height = draw.randint(8, 300), draw.randint(8, 300)
    deep = 65_535 if mode == "I;16" else 255
    channels = len(mode) if mode in ("RGB", "RGBA") else 1
    coarse = noise.integers(0, deep, (9, 9, channels))
    fine = np.kron(coarse, np.ones((34, 34, 1)))[:height, :width]
    fine = fine if channels > 1 else fine[..., 0]
    if mode == "RGBA":
        fine[..., 3] = np.where(fine[..., 3] > 127, 255, 0)  # half transparent: browsers round
    image = Image.fromarray(fine.astype(np.uint16 if mode == "I;16" else np.uint8))
    content = io.BytesIO()
    (image.convert("P") if mode == "P" else image).save(content, "PNG")
    return content.getvalue()
files = [picture() for _ in range(CASES)]
cases = [{"file": base64.b64encode(file).decode()} for file in files]
images = [predictor.read(file) for file in files]
found = [predictor.maps(image[np.newaxis]) for image in images]
answers = [
    {"image": image.ravel().tolist(), **predictor.decide(probability)[0]}
    for image, (probability, _) in zip(images, found)
]
reasons = [[{"feature": "map", "values": evidence.ravel().tolist()}] for _, evidence in found]
""",
    "timeseries": """
from demand.predictor import Predictor
predictor = Predictor.load(Path("models"))
def case():
    amounts = {name: round(draw.uniform(0, 9_000), 1) for name in ("on_hand", "on_order")}
    level = draw.choice([None, round(draw.uniform(0.01, 0.999), 3)])
    return {"unique_id": draw.choice(predictor.catalogue.ids), "service_level": level, **amounts}
cases = [case() for _ in range(CASES)]
series = [{"unique_id": case["unique_id"]} for case in cases]
answers = [
    {"forecast": forecast, "order": predictor.order(**case)}
    for forecast, case in zip(predictor.predict(series), cases)
]
reasons = predictor.explain(series)
""",
    "nlp": """
from sentiment.predictor import Predictor
predictor = Predictor.load(Path("models"))
texts = [odd_text() for _ in range(CASES)]
cases = [{"text": units(text)} for text in texts]
answers = predictor.predict([{"text": text} for text in texts])
reasons = predictor.explain([{"text": text} for text in texts])
""",
}
# A thousand odd texts, and the words and features that Python finds in them.
TOKENS = """
from sentiment.features import features, words
texts = [odd_text() for _ in range(1_000)]
cases = [{"text": units(text)} for text in texts]
answers = [[word.token for word in words(text)] for text in texts]
reasons = [
    [{"feature": one.name, "words": list(one.words)} for one in features(found)]
    for found in answers
]
"""
# What both draw from: words, marks between them, and any sign of Unicode that Python knows. As
# numbers of UTF-16, since half of a pair is no text that could be sent.
ODD = r'''
import unicodedata
WORDS = """
    not good great bad! poor works love excellent DON\u2019T isn't &#39;s &rsquo; <b> </p>
    rock'n'roll &quot; &amp; @me a@b.c https://x.org/y?z=1 www.a.b :) ;-( =D :D8 10:30 _ x_y #
    5* \u0663 \u00b2
    \u2167 caf\u00e9 cafe\u0301 \u0130stanbul stra\u00dfe \u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c3
    \u0631\u0627\u0626\u0639 \u05e9\u05dc\u05d5\u05dd \u092c\u0948\u091f\u0930\u0940 \u5f88\u597d
    \u304b\u306a\u30ab\u30ca \u0e14\u0e35\u0e21\u0e32\u0e01 \uff21\uff22\uff01 \u2b50 \u2764\ufe0f
    \U0001f44d\U0001f3fd \U0001f468\u200d\U0001f469 \ud83d \ude00
""".split()
BETWEEN = ["", "", " ", " ", "_", "'", "-", "\n", "\u2019", "\u00a0", "\u2028", "\x1c", "\x85"]
def sign():
    found = chr(draw.randrange(draw.choice([0x3000, 0x20000])))
    return sign() if unicodedata.category(found) == "Cn" else found
def odd_text():
    count = draw.randint(0, 25)
    parts = [draw.choice(WORDS) if draw.random() < 0.8 else sign() for _ in range(count)]
    text = "".join(part + draw.choice(BETWEEN) for part in parts)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
def units(text):
    content = text.encode("utf-16-le", "surrogatepass")
    return [int.from_bytes(content[at : at + 2], "little") for at in range(0, len(content), 2)]
'''

# The same cases in the browser, from the page's own data and modules.
BROWSER = {
    "tabular": """
        const customers = cases.map((one) => data.columns.map(({ name }) => one[name]));
        const predicted = await predictor.predict(customers, data.prices);
        const answers = customers.map((customer, place) => ({
            ...predicted[place], warnings: predictor.warnings(customer),
        }));
        const reasons = [];
        for (const customer of customers) reasons.push(await predictor.explain(customer));
        return { answers, reasons };
    """,
    "recsys": """
        const answers = cases.map(({ liked }) => predictor.recommend(liked));
        const reasons = cases.map(({ liked }, place) =>
            answers[place].items.flatMap(({ item }) => predictor.because(item, liked)));
        return { answers, reasons };
    """,
    "cv": """
        const [answers, reasons] = [[], []];
        for (const { file } of cases) {
            const blob = new Blob([Uint8Array.from(atob(file), (one) => one.charCodeAt(0))]);
            const image = await predictor.read(blob);
            const { probability, evidence } = await predictor.maps(image);
            answers.push({ image: [...image.data], ...predictor.decide(probability) });
            reasons.push([{ feature: "map", values: [...evidence.values] }]);
        }
        return { answers, reasons };
    """,
    "timeseries": """
        const answers = cases.map(({ unique_id: id, service_level: level, ...stock }) => ({
            forecast: { unique_id: id, forecasts: predictor.forecast(id) },
            order: predictor.order(id, level, stock.on_hand, stock.on_order),
        }));
        const reasons = cases.map(({ unique_id: id }) => predictor.explain(id));
        return { answers, reasons };
    """,
    "nlp": """
        const [answers, reasons] = [[], []];
        for (const { text } of cases) {
            const written = String.fromCharCode(...text);
            answers.push(await predictor.predict(written, data.prices));
            reasons.push(module.reasons(await predictor.contributions(written)));
        }
        return { answers, reasons };
    """,
}
TOKENS_IN_BROWSER = """
    const texts = cases.map(({ text }) => String.fromCharCode(...text));
    const answers = texts.map((text) => module.words(text).map(({ token }) => token));
    const reasons = answers.map((found) =>
        module.features(found).map(({ name, words }) => ({ feature: name, words })));
    return { answers, reasons };
"""

# What to press from the demo's first field on, so that the answer changes.
KEYS = {
    "tabular": ["Tab", "ArrowUp", "ArrowUp"],
    "recsys": ["Tab", "e", "Enter"],
    "cv": ["Tab", "End"],
    "timeseries": ["Shift+Tab", *["Tab"] * 5, "1", "5"],
    "nlp": ["Tab", "Control+a", "b", "a", "d"],
}


def by_keyboard(page, domain: str) -> None:
    """Change something, as somebody without a mouse does."""
    for key in KEYS[domain]:
        page.keyboard.press(key)


def reference(project: Project, code: str) -> dict:
    """`cases`, and what the project's own code says of them: `answers` and `reasons`."""
    code = (
        "import json, random\nfrom pathlib import Path\ndraw = random.Random(0)\n"
        f"CASES = {CASES}\n{ODD}\n{code}"
        "\nprint(json.dumps({'cases': cases, 'answers': answers, 'reasons': reasons}))"
    )
    return json.loads(project.run("python", "-c", code).stdout.splitlines()[-1])


def in_browser(code: str) -> str:
    """A function of the cases that gives what the demo's module says of them."""
    return f"""async (cases) => {{
        const answer = await fetch(document.querySelector("[data-demo]").dataset.demo);
        const data = await answer.json();
        const start = document.querySelector("script[type=module]").src;
        const module = await import(new URL(`${{data.kind}}.js`, start));
        const predictor = await module.loaded(data);
        {code}
    }}"""


def keeping(code: str) -> str:
    """A function that loads the demo's module once and leaves `answer(cases)`, in milliseconds."""
    once = in_browser(
        f"""
        window.answer = async (cases) => {{
            const began = performance.now();
            await (async () => {{ {code} }})();
            return performance.now() - began;
        }};
        """
    )
    return f"() => ({once})([])"


def request(domain: str, case: dict, path: str) -> tuple[bytes, str]:
    """A case as the project's API takes it, and what kind of body that is."""
    if domain == "cv":
        field = "files" if path == "predict" else "file"
        content = base64.b64decode(case["file"])
        return calling.form(field).replace(calling.IMAGE, content), calling.multipart()
    if domain == "nlp":
        text = b"".join(one.to_bytes(2, "little") for one in case["text"])
        case = {"text": text.decode("utf-16-le", "replace")}
    if domain == "timeseries":
        case = {"unique_id": case["unique_id"]}
    return json.dumps({"instances": [case]}).encode(), "application/json"


def furthest(one: object, two: object) -> float:
    """The largest difference between numbers of two answers, which must say the same otherwise.

    Of numbers above 1 it is a share, as both have six digits.
    """
    if isinstance(one, dict) and isinstance(two, dict) and one.keys() == two.keys():
        return max((furthest(one[key], two[key]) for key in one), default=0.0)
    if isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        return max((furthest(*pair) for pair in zip(one, two, strict=True)), default=0.0)
    if isinstance(one, int | float) and isinstance(two, int | float):
        return abs(one - two) / max(1, abs(one))
    assert one == two
    return 0.0


def padded(model: bytes, size: int) -> bytes:
    """An ONNX model that answers the same and says so much more of itself (`metadata_props`)."""

    def message(*parts: tuple[int, bytes]) -> bytes:
        """Fields of Protocol Buffers that have a length, by their numbers."""
        return b"".join(bytes([8 * name + 2]) + whole(len(part)) + part for name, part in parts)

    def whole(number: int) -> bytes:
        low, rest = number % 128, number // 128
        return bytes([low + 128]) + whole(rest) if rest else bytes([low])

    return model + message((14, message((1, b"padding"), (2, b"0" * size))))


def by_name(reasons: list[dict]) -> dict[str, dict]:
    """Reasons by what they are about: those that are as strong may come in another order."""
    where = ("item", "ds", "feature")
    return {" ".join(str(one.get(name)) for name in where): one for one in reasons}
