"""Compare the replacement policies on traces of calls, and draw what each saves: writes policies.svg beside this file.

python docs/policies.py
"""

from __future__ import annotations

import heapq
import os
import random

from everfresh.model import Entry, Key
from everfresh.storage.policy import POLICIES, policy_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CALLS = 20_000
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7)

Question = tuple[int, int, float]  # what is asked, the bytes of its answer, the seconds to compute it


def zipf(chance: random.Random, count: int) -> Iterator[int]:
    """A few are asked for often, many seldom."""
    weights = [1 / (rank + 1) for rank in range(count)]
    return iter(chance.choices(range(count), weights, k=CALLS))


def alike(chance: random.Random) -> list[Question]:
    """Popularity differs, size and cost do not."""
    return [(number, 10_000, 1.0) for number in zipf(chance, 2000)]


def mixed(chance: random.Random) -> list[Question]:
    """Sizes from 1 kB to 10 MB and costs from a millisecond to minutes, one independent of the other."""
    size = [int(10 ** chance.uniform(3, 7)) for _ in range(2000)]
    cost = [10 ** chance.uniform(-3, 2) for _ in range(2000)]
    return [(number, size[number], cost[number]) for number in zipf(chance, 2000)]


def scanned(chance: random.Random) -> list[Question]:
    """Daily work on some hundred answers, and from time to time a long run over what is asked only once."""
    asked: list[Question] = []
    once = 10_000
    while len(asked) < CALLS:
        asked += [(number, 10_000, 1.0) for number in chance.choices(range(300), k=1000)]
        asked += [(once + number, 10_000, 0.2) for number in range(1000)]
        once += 1000
    return asked


def looped(chance: random.Random) -> list[Question]:
    """The same pipeline again and again, in the same order, its steps of different cost and size."""
    size = [int(10 ** chance.uniform(3, 6)) for _ in range(1000)]
    cost = [10 ** chance.uniform(-2, 2) for _ in range(1000)]
    return [(number % 1000, size[number % 1000], cost[number % 1000]) for number in range(CALLS)]


def saved(policy_name: str, asked: Sequence[Question], bound: int) -> float:
    """The share of the computing time that a cache of this size saves."""
    policy, clock, taken, won = policy_named(policy_name), 0.0, 0, 0.0
    kept: dict[int, Entry] = {}
    heap: list[tuple[float, float, int]] = []
    for now, (number, size, cost) in enumerate(asked):
        known = kept.get(number)
        won += cost if known else 0.0
        taken += 0 if known else size
        entry = kept[number] = _entry(number, size, cost, float(now), known)
        heapq.heappush(heap, (policy.worth(entry, clock), entry.used, number))
        while taken > bound:
            worth, used, least = heapq.heappop(heap)
            if least in kept and kept[least].used == used:  # else it was used since, and stands further back
                clock = max(clock, worth)
                taken -= kept.pop(least).size
    return won / sum(cost for *_, cost in asked)


def _entry(number: int, size: int, cost: float, now: float, known: Entry | None) -> Entry:
    hits = known.hits + 1 if known else 0
    return Entry(Key("f", b"%d" % number), b"", b"", size, cost, known.created if known else now, now, hits)


# ---- The picture.

TRACES = {
    "popularity alone differs": alike,
    "mixed costs and sizes": mixed,
    "daily work and long scans": scanned,
    "a pipeline in a loop": looped,
}
COLORS = {"gdsf": "#0072b2", "lru": "#d55e00", "lfu": "#5f7f3f"}
WIDTH, HEIGHT, LEFT, TOP = 300, 190, 50, 34
STEP_X, STEP_Y = WIDTH + 70, HEIGHT + 80


def drawn(results: dict[str, dict[str, list[float]]]) -> str:
    """One panel for each trace, one line for each policy."""
    panels = [_panel(title, lines, *divmod(at, 2)) for at, (title, lines) in enumerate(results.items())]
    width, height = 2 * STEP_X + 10, 2 * STEP_Y + 36
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">'
    return "\n".join([head, f'<rect width="{width}" height="{height}" fill="white"/>', *panels, _legend(), "</svg>\n"])


def _panel(title: str, lines: dict[str, list[float]], row: int, column: int) -> str:
    parts = [f'<g transform="translate({LEFT + column * STEP_X},{TOP + row * STEP_Y})">', _text(0, -10, title, 14)]
    for percent in range(0, 101, 25):
        y = HEIGHT * (1 - percent / 100)
        parts += [f'<path d="M0 {y}H{WIDTH}" stroke="#ddd"/>', _text(-6, y + 4, f"{percent} %", 11, "end")]
    parts += [_text(_x(at), HEIGHT + 16, f"{100 * share:.0f} %", 11, "middle") for at, share in enumerate(SHARES)]
    parts.append(_text(WIDTH / 2, HEIGHT + 34, "size of the cache, as a share of all answers", 11, "middle"))
    parts += [_line(points, COLORS[name]) for name, points in lines.items()]
    return "\n".join([*parts, "</g>"])


def _x(at: int) -> float:
    return 14 + at * (WIDTH - 28) / (len(SHARES) - 1)


def _line(points: list[float], color: str) -> str:
    places = [(round(_x(at), 1), round(HEIGHT * (1 - point), 1)) for at, point in enumerate(points)]
    path = "L".join(f"{x} {y}" for x, y in places)
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="3" fill="{color}"/>' for x, y in places)
    return f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="2"/>{dots}'


def _legend() -> str:
    y = 2 * STEP_Y + 14
    keys = [
        f'<rect x="{LEFT + at * 90}" y="{y - 9}" width="18" height="5" fill="{COLORS[name]}"/>'
        + _text(LEFT + 24 + at * 90, y - 2, name, 13)
        for at, name in enumerate(COLORS)
    ]
    return "".join([*keys, _text(LEFT + 290, y - 2, "upwards: share of the computing time that is saved", 12)])


def _text(x: float, y: float, text: str, size: int, anchor: str = "start") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="{anchor}">{text}</text>'


def simulated() -> dict[str, dict[str, list[float]]]:
    """Of each trace, for each policy, the shares saved at each size."""
    results: dict[str, dict[str, list[float]]] = {}
    for title, trace in TRACES.items():
        asked = trace(random.Random(11))
        everything = sum({number: size for number, size, _ in asked}.values())
        bounds = [int(share * everything) for share in SHARES]
        results[title] = {name: [saved(name, asked, bound) for bound in bounds] for name in POLICIES}
    return results


if __name__ == "__main__":
    with open(f"{os.path.splitext(__file__)[0]}.svg", "w", encoding="utf-8") as picture:
        picture.write(drawn(simulated()))
