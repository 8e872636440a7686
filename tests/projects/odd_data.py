"""Data sets unlike those that the projects start with, and the settings that describe them.

Each function writes files into a folder and returns what ``config.yaml`` says of them.
"""

import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

Settings = dict[str, Any]
# A data set's name, who writes its files, and which other settings go with it.
Odd = tuple[str, Callable[[Path], Settings], Settings]
ROWS = 1_200
# How much of red and green each class of the photographs has: two of them are what is looked for.
CLASSES = {"Gesund": (0.2, 0.6), "früh": (0.5, 0.4), "spät": (0.8, 0.2)}
PATIENTS = 24  # of each class, with two images each


def odd_table(folder: Path) -> Settings:
    """Columns that clash with Python, pydantic and ONNX names, and values that need care."""
    rng = np.random.default_rng(5)
    table = pd.DataFrame(
        {
            "a b": rng.normal(size=ROWS).round(3),
            "a_b": rng.integers(0, 5, ROWS),
            "class": rng.choice(["x", "y<z", 'é, "q"'], ROWS),
            "model_config": rng.choice([True, False], ROWS),
            "x0": rng.normal(1e6, 1e5, ROWS).round(1),
            "é|~": rng.choice(["1", "2", "3x"], ROWS),
            "a.b": rng.normal(size=ROWS).round(2).astype(str),
            "[0]": rng.choice(["1", "0"], ROWS),
            "seen": pd.date_range("2020-01-01", periods=ROWS).astype(str),
            "constant": 1,
            "surname": [f"N{number}" for number in range(ROWS)],
        }
    )
    table.loc[rng.random(ROWS) < 0.3, "a.b"] = "?"
    log_odds = 1.5 * table["a b"] + table["class"].eq("x") - 1.5
    table["left us?"] = np.where(rng.random(ROWS) < 1 / (1 + np.exp(-log_odds)), "YES", "no")
    table.to_csv(folder / "odd.csv", sep=";", index=False, encoding="latin-1")
    return {
        "path": "odd.csv",
        "separator": ";",
        "encoding": "latin-1",
        "target": "left us?",
        "positive": True,
        "na_values": ["?"],
        "rule": {"name": "those with 3|x, or few", "contact": "`é|~` == '3x' or a_b < 2"},
    }


def likes(folder: Path) -> Settings:
    """200 people's likes of 60 things, of which the table of things describes 40.

    No header, a long separator, days first, people with spaces in their names, no ratings.
    """
    draw, start = random.Random(0), datetime(2024, 1, 1)
    with (folder / "likes.dat").open("w", encoding="latin-1") as file:
        for person in range(200):
            # Two kinds of people, who mostly like the even things or the odd ones.
            mine = [
                thing for thing in range(60) if draw.random() < (0.4, 0.05)[(thing + person) % 2]
            ]
            for thing in mine:
                time = start + timedelta(minutes=draw.randrange(500_000))
                file.write(f"Zoë no. {person}::{thing}::{time:%d/%m/%Y %H:%M}\n")
    rows = [f'{thing}\tThing "{thing}" | <b>' for thing in range(40)]
    (folder / "things.csv").write_text("\n".join(["no.\tGröße", *rows]), encoding="utf-8")
    return {
        "path": "likes.dat",
        "separator": "::",
        "header": False,
        "encoding": "latin-1",
        "user": "column_0",
        "item": "column_1",
        "timestamp": "column_2",
        "date_format": "%d/%m/%Y %H:%M",
        "items": {
            "path": "things.csv",
            "separator": "\t",
            "id": "no.",
            "title": "Größe",
            "unknown": "keep",
        },
    }


def stars(folder: Path) -> Settings:
    """400 reviews in English and German with line breaks, and 20 of them a second time."""
    draw, start, lines = random.Random(0), datetime(2024, 1, 1), []
    words = {True: ("good", "fine", "prima", "gut"), False: ("bad", "poor", "mies", "schlecht")}
    for row in range(400):
        good = draw.random() < 0.6
        thing = draw.choice(["Die Größe", "The size", "The parcel", "Das Paket"])
        said = f"{thing} {row} is/ist\n{draw.choice(words[good])}! 👍"
        given = draw.choice([4, 5] if good == (draw.random() < 0.95) else [1, 2, 3])
        day = f"{start + timedelta(days=row):%d.%m.%Y}"
        line = {"what they said": said, "Sterne": given, "day": day if row % 7 else None}
        lines.append(line | {"item": f"no. {row % 3}", "more": {"tags": ["a"]}})
    lines += [line | {"what they said": line["what they said"] + " ?!"} for line in lines[:20]]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "stars.jsonl").write_text(text, encoding="utf-8")
    return {
        "path": "stars.jsonl",
        "encoding": "utf-8",
        "text": "what they said",
        "label": "Sterne",
        "rating_threshold": 3.5,
        "product": "item",
        "date": "day",
        "date_format": "%d.%m.%Y",
    }


def weeks(folder: Path) -> Settings:
    """Four years of weeks of twelve series, in no order, one of them without a week."""
    draw, start = random.Random(0), datetime(2020, 1, 6)
    rows = []
    for place in range(12):
        for week in range(4 * 52):
            price = 2 if draw.random() < 0.2 else 3
            usual = (10 + place) * (1 + 0.4 * (week % 52 < 20)) * (1 + 0.5 * (price == 2))
            sold = usual + draw.gauss(0, 1)
            day = f"{start + timedelta(weeks=week):%d.%m.%Y}"
            if (place, week) != (3, 100):
                rows.append(f"Köln {place % 4};Äpfel {place // 4};{day};{price};{sold:.2f}")
    draw.shuffle(rows)
    lines = ["Ort;what?;week of;price;sold, kg", *rows]
    (folder / "weeks.csv").write_text("\n".join(lines), encoding="utf-8")
    return {
        "path": "weeks.csv",
        "separator": ";",
        "unique_id": ["Ort", "what?"],
        "together": "Ort",
        "ds": "week of",
        "date_format": "%d.%m.%Y",
        "y": "sold, kg",
        "freq": "W",
        "horizon": 6,
        "windows": 3,
        "known_future": ["price"],
        "fill": "forward",
        "rule": {"name": "last year's week | and a tenth", "extra": 0.1},
    }


def photographs(folder: Path) -> Settings:
    """Colour photographs in folders, three classes of which two are looked for, PNG and JPEG.

    Half as many patients for the test as for training; upright and not.
    """
    rng = np.random.default_rng(0)
    for name, (red, green) in CLASSES.items():
        for patient in range(PATIENTS):
            part = folder / "photographs" / ("test" if patient % 3 == 0 else "train") / name
            part.mkdir(parents=True, exist_ok=True)
            for number in range(2):
                shape = (40, 30 + 10 * number, 3)
                pixels = rng.normal([255 * red, 255 * green, 100], 60, shape).clip(0, 255)
                kind = "png" if number else "jpg"
                file = part / f"Akte {name}-{patient:03} ({number}).{kind}"
                Image.fromarray(pixels.astype(np.uint8)).save(file)
    return {
        "path": "photographs",
        "layout": "folder",
        "size": 32,
        "channels": 3,
        "positive": ["früh", "spät"],
        "patient": r"Akte (.+) \(",
    }


def sheets(folder: Path) -> Settings:
    """Parquet with a nullable column and one of lists, numbers written three ways, a second table.

    Dates are German, a class is rare, and a group has a bar and a backtick in its names.
    """
    rng = np.random.default_rng(2)
    place = rng.choice(["A|1", "B`2", "C"], 400)
    earned = rng.gamma(4, 250, 400) + 300 * (place == "C")
    table = pd.DataFrame(
        {
            "Nr.": [f"r{number}" for number in range(400)],
            "Ort|place": place,
            "Umsatz": [
                (f"{value:.2f}", f"EUR {value:,.2f}", f"{value:.0f}")[row % 3]
                for row, value in enumerate(earned)
            ],
            "seit": pd.date_range("2021-03-01", periods=400).strftime("%d.%m.%Y"),
            "how many": pd.array([None if n % 9 == 0 else n % 5 for n in range(400)], "Int64"),
            "notes": [["a", "b"]] * 400,
            "back?": rng.choice(["yes", "no"], 400, p=[0.1, 0.9]),
            "shop": [str(number % 7) for number in range(400)],
        }
    )
    pd.concat([table, table.head(3)]).to_parquet(folder / "sheets.parquet")
    shops = pd.DataFrame({"shop": [str(n) for n in range(6)], "m²": [40, 55, 60, 75, 90, 120]})
    shops.to_csv(folder / "shops.csv", index=False, sep="\t")
    return {
        "path": "sheets.parquet",
        "rows_are": "bills",
        "id": "Nr.",
        "regression_target": "Umsatz",
        "classification_target": "back?",
        "date": "seit",
        "group": ["Ort|place"],
        "join": {"path": "shops.csv", "separator": "\t", "on": "shop"},
    }


ODD: dict[str, Odd] = {
    "tabular": ("odd", odd_table, {}),
    "recsys": ("likes", likes, {}),
    "nlp": (
        "stars",
        stars,
        {"aspects": {"Größe": ["größe", "size"], "parcel": ["parcel", "Paket"]}},
    ),
    "timeseries": ("weeks", weeks, {}),
    "cv": ("photographs", photographs, {}),
    "foundations": ("sheets", sheets, {}),
}


def pages(folder: Path) -> None:
    """Twelve pages of ten reviews each, in schema.org's markup, each with the next one."""
    folder.mkdir()
    for page in range(12):
        reviews = [
            {
                "@type": "Review",
                "reviewBody": f"No. {page} {row} is {'great' if row % 2 else 'awful'}, they say.",
                "reviewRating": {"@type": "Rating", "ratingValue": 5 if row % 2 else 1},
            }
            for row in range(10)
        ]
        kind = {"@context": "https://schema.org", "@type": "Product", "name": "Lamp"}
        content = json.dumps(kind | {"review": reviews})
        following = f'<link rel="next" href="page-{page + 2}.html">' if page < 11 else ""
        html = f'<html><head>{following}<script type="application/ld+json">{content}</script>'
        (folder / f"page-{page + 1}.html").write_text(html + "</head></html>", encoding="utf-8")
