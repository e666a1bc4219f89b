"""Measures what has been trained, on held-out scenes, and writes `evaluation.json`, a table, and contact sheets."""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from training import encode, looks, loop, metrics, orders, program, sampling, shards, sheets
from training.codec import Codec
from training.config import CELL_PIXELS, GRID, EvaluationConfig
from training.corpus import ATTRIBUTES, Part
from training.judge import Judge
from training.knows import says
from training.painter import Painter
from training.run import Run
from training.train_codec import load_codec
from training.train_judge import IS_OBJECT, ask, decoded, load_judge, small, truth_of
from training.train_painter import likelihoods, load_painter, words_of
from training.words import Words

SEEDS = 4  # pictures per prompt where diversity is measured
DIVERSE_PROMPTS = 8
SHOWN = 12  # pictures on a sheet
HOLE = 14  # cells across the middle that are painted last
LEAST_SEEN = 0.9  # of what real pictures have, that the judge must find for its word to count
CHOSEN_FROM = 8  # times as many pictures, those that are most alike


@dataclass
class Studio:
    """All that was trained, and the pictures that nothing was trained on."""

    run: Run
    plan: EvaluationConfig
    codec: Codec
    painter: Painter
    judge: Judge
    words: Words
    codes: np.ndarray
    held_out: shards.Set

    @classmethod
    def load(cls, run: Run) -> "Studio":
        """From what the stages left."""
        config = run.config
        held_out = shards.read(shards.paths_of(run.out, "held-out"))
        codec, painter, judge = load_codec(run, "decoder", "codec"), load_painter(run), load_judge(run)
        codes, _ = encode.read(run, "held-out")
        return cls(run, config.evaluation, codec, painter, judge, words_of(config), codes, held_out)

    def paint(self, texts: list[str], order: np.ndarray, seed: int, **more: object) -> np.ndarray:
        """Codes [n, 576]; `more` as in `sampling.paint`."""
        ids = torch.from_numpy(np.stack([self.words.ids(it) for it in texts])).to(self.run.device)
        null = torch.from_numpy(self.words.ids(None)).to(self.run.device)
        order = order if order.ndim == 2 else np.tile(order, (len(texts), 1))
        plan = self.plan
        settings = {"guidance": plan.guidance, "temperature": plan.temperature, "group": plan.group, **more}
        with self.run.half_precision():
            codes = sampling.paint(
                self.painter, ids, null, torch.from_numpy(order).to(self.run.device), seed=seed, **settings
            )
        return codes.cpu().numpy()

    def paint_all(self, texts: list[str], seed: int, order: np.ndarray = orders.ROWS) -> np.ndarray:
        """Codes [n, 576], row by row or in another order, in batches."""
        starts = range(0, len(texts), self.plan.batch)
        painted = [self.paint(texts[it : it + self.plan.batch], order, seed + it) for it in starts]
        return np.concatenate(painted)

    def sample(self, texts: list[str], seed: int, order: np.ndarray | None = None) -> np.ndarray:
        """Pictures [n, 576, 576, 3] uint8, row by row or in another order; by the program, if one was named."""
        if self.run.program:
            return program.paint(self.run.program, texts, "rows" if order is None else order, seed)
        return self.show(self.paint_all(texts, seed, orders.ROWS if order is None else order))

    def show(self, codes: np.ndarray) -> np.ndarray:
        """Pictures [n, 576, 576, 3] uint8."""
        return decoded(self.run, self.codec, codes)

    def judged(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Features [n, dim] and attributes found [n, attributes]."""
        side = self.run.config.judge_training.pixels
        features, found = ask(self.run, self.judge, np.stack([small(it, side) for it in pictures]))
        return features, found.numpy()

    def judged_each(self, n: int, show: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """The same of `n` pictures that need not all be in memory: `show` makes those with some numbers."""
        parts = [self.judged(show(it)) for it in np.array_split(np.arange(n), max(1, n // self.plan.batch))]
        return np.concatenate([it[0] for it in parts]), np.concatenate([it[1] for it in parts])

    def judged_codes(self, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same of what codes look like."""
        return self.judged_each(len(codes), lambda some: self.show(codes[some]))


def run(run: Run) -> None:
    """Everything. With 500 captions painted by the program, 36 minutes on two cores beside other work."""
    studio = Studio.load(run)
    n = min(studio.plan.captions, len(studio.held_out))
    captions = [it[0] for it in studio.held_out.captions[:n]]
    real = np.stack([studio.held_out.pixels(idx) for idx in range(n)])
    real_features, real_found = studio.judged(real)
    again_features, again_found = studio.judged_codes(studio.codes[:n])
    samples = studio.sample(captions, run.config.seed)
    sample_features, sample_found = studio.judged(samples)
    truth = truth_of(studio.held_out.attributes[:n]).numpy().astype(bool)
    said = np.array([[says(caption, it) for it in ATTRIBUTES] for caption in captions])
    # What every picture has, the one manner of a small corpus, tells nothing.
    said &= ~truth.all(0)
    # A judge that does not find something in real pictures cannot say whether it is in painted ones.
    seen = sees(truth, real_found)
    asked, found = truth & said, (real_found, again_found, sample_found)

    figures = {
        "reconstruction": reconstruction(studio, real[:64]),
        "nats": likelihoods(run, studio.painter),
        "judge": judged_right(truth, real_found),
        "words": followed(asked & seen, *found),
        "words_it_cannot_judge": followed(asked & ~seen, *found),
        "objects": followed(asked & seen & IS_OBJECT & one_object(truth)[:, None], *found),
        "orders": by_order(studio, captions[: studio.plan.order_captions], asked & seen, again_found, sample_found),
        "looks": looks.distances(samples, real) | looks.detail(samples, real),
        "frechet": distances(studio, real_features, again_features, sample_features),
        "edits": edits(studio),
        "diversity": diversity(studio, captions[:DIVERSE_PROMPTS], real_features),
    }
    (run.out / "evaluation.json").write_text(json.dumps(figures, indent=1))
    print(table(figures))
    sheets.write(run.out / "reconstructions.jpg", [real[:SHOWN], studio.show(studio.codes[:SHOWN])])
    sheets.write(run.out / "samples.jpg", [samples[: 2 * SHOWN]])
    run.report("evaluate", **{key: it for key, it in figures["frechet"].items()})


def distances(studio: Studio, real: np.ndarray, again: np.ndarray, samples: np.ndarray) -> dict[str, float]:
    """Of held-out pictures from their decoded twins, from samples of their captions, and from other pictures of the
    corpus: as many that come first, and those most alike by what is in them. These two tell what can be reached."""
    n_shards = -(-len(real) // studio.run.config.corpus.shard)  # rounded up
    others = shards.read(shards.paths_of(studio.run.out, "pictures")[: CHOSEN_FROM * n_shards])
    choices = {"other_scenes": np.arange(min(len(real), len(others)))}
    choices["alike_scenes"] = most_alike(studio.held_out.attributes[: len(real)], others.attributes)
    clouds = {"reconstructions": again, "samples": samples}
    for name, chosen in choices.items():
        pick = partial(pixels_of, others, chosen)
        clouds[name], _ = studio.judged_each(len(chosen), pick)
    found = {}
    for name, features in clouds.items():
        found[name] = metrics.frechet(real[: len(features)], features)
        found[f"{name}_extrapolated"] = metrics.extrapolated_frechet(real[: len(features)], features)
    return found


def pixels_of(pictures: shards.Set, chosen: np.ndarray, some: np.ndarray) -> np.ndarray:
    """Pictures [n, 576, 576, 3] uint8: those that `some` numbers of `chosen` stand for."""
    return np.stack([pictures.pixels(it) for it in chosen[some]])


def most_alike(wanted: list[list[str]], offered: list[list[str]]) -> np.ndarray:
    """For each list of attributes the number of the one that has most in common with it, none twice: as many as there
    are of both."""
    ours, theirs = (truth_of(it).numpy() for it in (wanted, offered))
    unlike = ours.sum(1)[:, None] + theirs.sum(1) - 2 * ours @ theirs.T
    chosen = []
    for row in unlike[: len(theirs)]:
        row[chosen] = np.inf
        chosen.append(int(row.argmin()))
    return np.array(chosen)


def reconstruction(studio: Studio, real: np.ndarray) -> dict[str, float]:
    """Closeness of decoded pictures, and how many of the codes are of use."""
    shown = studio.show(studio.codes[: len(real)])
    a, b = (torch.from_numpy(it).permute(0, 3, 1, 2).float() / 255 for it in (real, shown))
    use = metrics.code_use(torch.from_numpy(studio.codes.astype(np.int64)), studio.run.config.codec.codes)
    return {"psnr": metrics.psnr(a, b).mean().item(), "ssim": metrics.ssim(a, b).mean().item(), **use}


def judged_right(truth: np.ndarray, found: np.ndarray) -> dict[str, dict[str, float]]:
    """Of each attribute of real pictures: how many have it, how many of these are found, how many others too."""
    rows = {}
    for name, has, says_so in zip(ATTRIBUTES, truth.T, found.T, strict=True):
        if has.any():
            rows[name] = {"n": int(has.sum()), "found": share(says_so[has]), "wrongly": share(says_so[~has])}
    return rows


def sees(truth: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Of which attributes the judge finds LEAST_SEEN in the real pictures that have them, bool [attributes]."""
    has = truth.sum(0)
    return (has > 0) & ((truth & found).sum(0) >= LEAST_SEEN * has)


def one_object(truth: np.ndarray) -> np.ndarray:
    """Which pictures have one kind of object, bool [pictures]."""
    return truth[:, IS_OBJECT].sum(1) == 1


def followed(said: np.ndarray, real: np.ndarray, again: np.ndarray, samples: np.ndarray) -> dict[str, dict]:
    """Of what captions say, the share that the judge finds: in the real pictures, their decoded twins, and samples."""
    rows, groups = {}, defaultdict(list)
    for it, name in enumerate(ATTRIBUTES):
        groups[name.partition(":")[0]].append(it)
        groups["all"].append(it)
        rows[name] = [it]
    found = {}
    for name, columns in [*groups.items(), *rows.items()]:
        asked = said[:, columns]
        if asked.any():
            scores = {"real": real, "decoded": again, "samples": samples}
            hits = {key: share(it[:, columns][asked]) for key, it in scores.items()}
            relative = hits["samples"] / max(hits["decoded"], 1e-9)
            found[name] = {"n": int(asked.sum()), **hits, "relative": relative}
    return found


def by_order(
    studio: Studio, captions: list[str], said: np.ndarray, again: np.ndarray, in_rows: np.ndarray
) -> dict[str, float]:
    """Of what these captions say, the share that the judge finds in pictures painted in one order and another."""
    n = len(captions)
    asked = said[:n]
    middle = (np.abs(orders.Y - GRID / 2 + 0.5) < HOLE / 2) & (np.abs(orders.X - GRID / 2 + 0.5) < HOLE / 2)
    found = {"decoded": again[:n], "rows": in_rows[:n]}
    outline = orders.outline(loop.rng_of(studio.run.config.seed))
    for name, order in {"outline": outline, "inside_last": orders.inside_last(middle)}.items():
        found[name] = studio.judged(studio.sample(captions, studio.run.config.seed, order))[1]
    return {"n": int(asked.sum()), **{name: share(it[asked]) for name, it in found.items()}}


Edited = tuple[list[Part], np.ndarray, np.ndarray, np.ndarray]  # parts; pictures before and after, and as in truth


def edits(studio: Studio) -> dict[str, dict[str, float]]:
    """Changed parts of held-out pairs, painted anew amid the picture before the change, by attribute."""
    parts, before, after, truth = (edits_by_program if studio.run.program else edits_by_torch)(studio)
    there, was_there, truly = (studio.judged(it)[1] for it in (after, before, truth))
    rows = defaultdict(list)
    for idx, part in enumerate(parts):
        column = ATTRIBUTES.index(part.attribute)
        row = {
            "there": there[idx, column],
            "there_before": was_there[idx, column],
            "there_in_truth": truly[idx, column],
            "pixels_kept": pixels_kept(before[idx], after[idx], part.cells),
            "seam": seam(after[idx], part.cells),
            "seam_before": seam(before[idx], part.cells),
            "seam_in_truth": seam(truth[idx], part.cells),
        }
        rows["all"].append(row)
        rows[part.attribute].append(row)
    shown = slice(0, SHOWN)
    sheets.write(studio.run.out / "edits.jpg", [before[shown], after[shown]], [it.captions[0] for it in parts[shown]])
    return {name: {"n": len(it), **mean_of(it)} for name, it in rows.items()}


def edits_by_program(studio: Studio) -> Edited:
    """As an artist gets them: real pictures opened, and a part of each painted anew."""
    pairs = shards.read(shards.paths_of(studio.run.out, "held-out-pairs"))
    parts = pairs.changed[: studio.plan.edits]
    before, truth = (np.stack([pairs.pixels(2 * idx + it) for idx in range(len(parts))]) for it in (0, 1))
    return parts, before, program.edit(studio.run.program, before, parts, studio.run.config.seed), truth


def edits_by_torch(studio: Studio) -> Edited:
    """The same as far as PyTorch goes: parts of decoded pictures, without soft borders."""
    codes, pairs = encode.read(studio.run, "held-out-pairs")
    parts = pairs.changed[: studio.plan.edits]
    before, truth = (codes[it : 2 * len(parts) : 2].astype(np.int64) for it in (0, 1))
    after = np.stack([edit(studio, before[idx], part, seed=idx) for idx, part in enumerate(parts)])
    before, after, truth = (studio.show(it) for it in (before, after, truth))
    inside = np.stack([pixels_of_cells(it.cells) for it in parts])[..., None]
    return parts, before, np.where(inside, after, before), truth


def edit(studio: Studio, before: np.ndarray, part: Part, seed: int) -> np.ndarray:
    """Codes [576] with the part painted anew under its own words."""
    order = orders.inside_last(part.cells.ravel())
    known = torch.from_numpy(before[None]).to(studio.run.device)
    settings = {"known": known, "n_known": int((~part.cells).sum()), "guidance": studio.plan.region_guidance}
    return studio.paint([part.captions[0]], order, seed, **settings)[0]


def pixels_kept(before: np.ndarray, after: np.ndarray, cells: np.ndarray) -> float:
    """Of the pixels outside of the part, the share that is as it was."""
    outside = ~pixels_of_cells(cells)
    return share((before == after).all(-1)[outside]) if outside.any() else 1.0


def pixels_of_cells(cells: np.ndarray) -> np.ndarray:
    """bool [24, 24] → [576, 576]."""
    return np.kron(cells, np.ones((CELL_PIXELS, CELL_PIXELS), bool))


def seam(picture: np.ndarray, cells: np.ndarray) -> float:
    """The steepness of colour at the part's border, as a multiple of that at other borders of cells."""
    steps = {True: [], False: []}
    values = picture.astype(np.float32)
    for axis in (0, 1):
        turned, inside = (np.moveaxis(it, axis, 0) for it in (values, cells))
        for border in range(1, GRID):
            step = np.abs(turned[border * CELL_PIXELS] - turned[border * CELL_PIXELS - 1]).mean(-1)
            step = step.reshape(GRID, CELL_PIXELS).mean(1)
            for cell in range(GRID):
                steps[bool(inside[border, cell] != inside[border - 1, cell])].append(step[cell])
    return float(np.mean(steps[True]) / max(np.mean(steps[False]), 1e-6)) if steps[True] else 1.0


def diversity(studio: Studio, captions: list[str], real_features: np.ndarray) -> dict[str, float]:
    """How far pictures under one prompt are apart, as a share of how far real pictures of all kinds are."""
    texts = [it for it in captions for _ in range(SEEDS)]
    codes = studio.paint_all(texts, seed=studio.run.config.seed + 1)
    features = studio.judged_codes(codes)[0].reshape(len(captions), SEEDS, -1)
    same = np.mean([spread(it) for it in features])
    rng = loop.rng_of(studio.run.config.seed)
    some = real_features[rng.permutation(len(real_features))[:64]]
    grid = codes.reshape(len(captions), SEEDS, -1)
    differ = np.mean([(a != b).mean() for it in grid for i, a in enumerate(it) for b in it[:i]])
    return {"features": float(same / spread(some)), "codes_that_differ": float(differ)}


def spread(features: np.ndarray) -> float:
    """The mean distance of pairs [n, dim]."""
    distances = np.linalg.norm(features[:, None] - features[None], axis=-1)
    return float(distances[np.triu_indices(len(features), 1)].mean())


def share(found: np.ndarray) -> float:
    """The share that is true."""
    return float(found.mean()) if found.size else 0.0


def mean_of(rows: list[dict[str, float]]) -> dict[str, float]:
    """Key by key."""
    return {key: float(np.mean([it[key] for it in rows])) for key in rows[0]}


def table(figures: dict, indent: str = "") -> str:
    """For reading."""
    lines = []
    for key, value in figures.items():
        if isinstance(value, dict) and any(isinstance(it, dict) for it in value.values()):
            lines += [f"{indent}{key}", table(value, indent + "  ")]
        elif isinstance(value, dict):
            cells = "  ".join(f"{name} {it:.4g}" for name, it in value.items())
            lines.append(f"{indent}{key:24} {cells}")
        else:
            lines.append(f"{indent}{key:24} {value:.4g}")
    return "\n".join(lines)
