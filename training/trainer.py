"""The trainer of both bundled models: a time budget, bf16, an average of the weights, and a run that can go on.

Examples are made in worker processes and never stored. The learning rate rises, stays, and falls over the last part
of the budget (warm-up, stable, decay), so that a run of any length ends well and a later one can go on from it. A
run's folder holds `state.safetensors` (weights, their moving average, the optimizer's moments), `log.csv` and
`log.png`.
"""

from __future__ import annotations

import csv
import itertools
import json
import math
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

_DECAY_FROM = 0.7  # of the budget
_LOWEST = 0.02  # of the peak learning rate
_POOL = 8  # batches
STATE = "state.safetensors"  # of a run, in its folder
_OPTIMIZERS = ("optimizer", "muon")  # how their states are named in a checkpoint


class Task(Protocol):
    """What is trained. Must be picklable: worker processes get a copy to make examples with."""

    def build(self) -> nn.Module: ...

    def examples(self, seed: int) -> Iterator[Any]:
        """An endless stream that depends on ``seed`` alone."""

    def length(self, example: Any) -> int:
        """What examples should share to stand in one batch without much padding."""

    def collate(self, examples: list[Any]) -> Any:
        """A batch with a method ``to(device)``."""

    def loss(self, model: nn.Module, batch: Any) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss, and what the log shows beside it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train. ``minutes`` is this run's budget, checkpoints and the log are written every ``save_every`` s.

    The weights that a run is worth are their moving average: ``average`` of it stays at each step.
    ``clock`` measures the budget, in seconds: `time.process_time` makes runs comparable on a machine that is shared.
    """

    out: Path
    minutes: float
    batch: int = 32
    rate: float = 1e-3
    warm_up: int = 500
    weight_decay: float = 0.05
    clip: float = 1.0
    workers: int = 1
    seed: int = 1
    device: str = "auto"
    save_every: float = 120.0
    compile: bool = False
    muon: bool = False
    average: float = 0.999
    clock: Callable[[], float] = time.monotonic


class _Batches(IterableDataset[Any]):
    """Batches of examples of similar length, drawn from a pool of several batches' worth."""

    def __init__(self, task: Task, seed: int, size: int) -> None:
        self.task, self.seed, self.size = task, seed, size

    def __iter__(self) -> Iterator[Any]:
        worker = get_worker_info()
        torch.set_num_threads(1)
        seed = self.seed * 1000 + (worker.id if worker else 0)
        rng = random.Random(seed)
        examples = self.task.examples(seed)
        while True:
            pool = sorted(itertools.islice(examples, self.size * _POOL), key=self.task.length)
            starts = list(range(0, len(pool), self.size))
            rng.shuffle(starts)
            for start in starts:
                yield self.task.collate(pool[start : start + self.size])


def device_of(name: str) -> torch.device:
    """``auto`` is CUDA where there is one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def train(task: Task, settings: Settings, weights: Mapping[str, Tensor] | None = None) -> nn.Module:
    """Trains until the budget is spent, going on from ``settings.out`` where it holds a run; returns the averaged model.

    A run that begins anew begins with ``weights`` where they are given. Raises ``ValueError`` where the run there is
    of another shape, RuntimeError where the weights are.
    """
    started = settings.clock()
    device = device_of(settings.device)
    torch.manual_seed(settings.seed)
    settings.out.mkdir(parents=True, exist_ok=True)
    model = task.build()
    if weights is not None:
        model.load_state_dict(weights)
    model = model.to(device)
    if device.type == "cpu":
        model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    else:
        torch.backends.cuda.matmul.allow_tf32 = True
    average = {name: value.detach().clone() for name, value in model.state_dict().items()}
    optimizers = _optimizers(model, settings)
    run = _resumed(settings.out, model, average, optimizers)
    loader = DataLoader(
        _Batches(task, settings.seed + run["step"] + 1, settings.batch),
        batch_size=None,
        num_workers=settings.workers,
        persistent_workers=settings.workers > 0,
        # Two pools' worth: while a pool is drawn nothing comes, and the network must not wait for it.
        prefetch_factor=2 * _POOL if settings.workers else None,
        pin_memory=device.type == "cuda",
    )
    log = _Log(settings.out, run, settings.batch)
    forward: Callable[[nn.Module, Any], tuple[Tensor, dict[str, Tensor]]] = task.loss
    network = torch.compile(model, dynamic=True) if settings.compile else model
    budget = settings.minutes * 60
    halves = device.type == "cuda" or torch.cpu._is_avx512_bf16_supported()
    before, saved = run["seconds"], time.monotonic()
    model.train()
    for batch in loader:
        spent = (settings.clock() - started) / budget
        if spent >= 1:
            break
        rate = _rate(settings, run["step"], spent)
        for group in [group for optimizer in optimizers for group in optimizer.param_groups]:
            group["lr"] = rate
        with torch.autocast(device.type, torch.bfloat16, enabled=halves):
            loss, shown = forward(network, batch.to(device))  # type: ignore[arg-type]
        model.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(model.parameters(), settings.clip)
        if device.type == "cuda" or math.isfinite(float(norm)):
            for optimizer in optimizers:
                optimizer.step()
        run["step"] += 1
        run["examples"] += settings.batch
        _follow(average, model, min(settings.average, (1 + run["step"]) / (10 + run["step"])))
        log.note({"loss": loss.detach(), **shown}, rate, spent)
        if time.monotonic() - saved > settings.save_every:
            run["seconds"] = before + settings.clock() - started
            saved = time.monotonic()
            log.write()
            _save(settings.out, model, average, optimizers, run)
    run["seconds"] = before + settings.clock() - started
    log.write()
    _save(settings.out, model, average, optimizers, run)
    model.load_state_dict(average)
    return model.eval()


def _optimizers(model: nn.Module, settings: Settings) -> list[torch.optim.Optimizer]:
    """AdamW, and with ``settings.muon`` Muon (Jordan et al. 2024) for the matrices that rows are multiplied with.

    Muon's step is scaled to AdamW's size (Liu et al. 2025), so that one rate serves both. Gains, biases and position
    tables are not decayed.
    """
    inner = {id(module.weight) for module in model.modules() if isinstance(module, nn.Linear)}
    trained = [p for p in model.parameters() if p.requires_grad]
    turned = [p for p in trained if settings.muon and id(p) in inner]
    rest = [p for p in trained if not (settings.muon and id(p) in inner)]
    groups = [
        {"params": [p for p in rest if p.ndim >= 2], "weight_decay": settings.weight_decay},
        {"params": [p for p in rest if p.ndim < 2], "weight_decay": 0.0},
    ]
    adam = torch.optim.AdamW(groups, lr=settings.rate, betas=(0.9, 0.98), fused=True)
    if not turned:
        return [adam]
    muon = torch.optim.Muon(
        turned, lr=settings.rate, weight_decay=settings.weight_decay, adjust_lr_fn="match_rms_adamw"
    )
    return [adam, muon]


def _rate(settings: Settings, step: int, spent: float) -> float:
    warm = min(1.0, (step + 1) / settings.warm_up)
    left = (1 - spent) / (1 - _DECAY_FROM)
    return settings.rate * warm * max(_LOWEST, min(1.0, left))


@torch.no_grad()
def _follow(average: Mapping[str, Tensor], model: nn.Module, keep: float) -> None:
    now = model.state_dict()
    floats = [name for name, value in average.items() if value.is_floating_point()]
    torch._foreach_lerp_([average[n] for n in floats], [now[n] for n in floats], 1 - keep)
    for name in average.keys() - set(floats):
        average[name].copy_(now[name])


# --- a run on disk --------------------------------------------------------------------------------


def _save(
    out: Path,
    model: nn.Module,
    average: Mapping[str, Tensor],
    optimizers: Sequence[torch.optim.Optimizer],
    run: Mapping[str, Any],
) -> None:
    tensors = {f"model.{name}": value for name, value in model.state_dict().items()}
    tensors |= {f"average.{name}": value for name, value in average.items()}
    for name, optimizer in zip(_OPTIMIZERS, optimizers):
        for number, state in optimizer.state_dict()["state"].items():
            tensors |= {f"{name}.{number}.{leaf}": value for leaf, value in state.items()}
    target = out / STATE
    save_file(
        {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()},
        target.with_suffix(".part"),
        metadata={"run": json.dumps(run)},
    )
    os.replace(target.with_suffix(".part"), target)


def _resumed(
    out: Path, model: nn.Module, average: dict[str, Tensor], optimizers: Sequence[torch.optim.Optimizer]
) -> dict[str, Any]:
    path = out / STATE
    if not path.is_file():
        return {"step": 0, "examples": 0, "seconds": 0.0}
    tensors = load_file(path)
    with safe_open(path, "pt") as file:
        run: dict[str, Any] = json.loads(file.metadata()["run"])
    try:
        model.load_state_dict({n[6:]: t for n, t in tensors.items() if n.startswith("model.")})
    except RuntimeError as error:
        raise ValueError(f"{path} is a run of another network: {error}") from None
    for name, value in average.items():
        value.copy_(tensors[f"average.{name}"])
    for kind, optimizer in zip(_OPTIMIZERS, optimizers):
        state: dict[int, dict[str, Tensor]] = {}
        for name, value in tensors.items():
            if name.startswith(f"{kind}."):
                _, number, leaf = name.split(".")
                state.setdefault(int(number), {})[leaf] = value
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    return run


def averaged_weights(out: Path) -> dict[str, Tensor]:
    """The averaged weights of the run in ``out``."""
    tensors = load_file(out / STATE)
    return {name[8:]: value for name, value in tensors.items() if name.startswith("average.")}


class _Log:
    """Means of what was noted since the last line, one line a save; a fetch from the device only then."""

    def __init__(self, out: Path, run: dict[str, Any], batch: int) -> None:
        self.path, self.run, self.batch = out / "log.csv", run, batch
        self.noted: list[dict[str, Tensor]] = []
        self.since = time.monotonic()
        self.rate = self.spent = 0.0

    def note(self, values: dict[str, Tensor], rate: float, spent: float) -> None:
        self.noted.append(values)
        self.rate, self.spent = rate, spent

    def write(self) -> None:
        if not self.noted:
            return
        names = list(self.noted[0])
        means = {
            name: float(torch.stack([each[name].float() for each in self.noted]).nanmean()) for name in names
        }
        speed = len(self.noted) * self.batch / (time.monotonic() - self.since)
        row = {
            "step": self.run["step"],
            "examples": self.run["examples"],
            "rate": self.rate,
            "per_second": speed,
        }
        row |= means
        fresh = not self.path.is_file()
        with self.path.open("a", newline="") as file:
            writer = csv.DictWriter(file, row)
            if fresh:
                writer.writeheader()
            writer.writerow({name: f"{value:.6g}" for name, value in row.items()})
        print(
            " ".join(f"{name} {value:.4g}" for name, value in row.items()), f"({self.spent:.0%})", flush=True
        )
        self.noted.clear()
        self.since = time.monotonic()


def plot(out: Path) -> None:
    """Draws `log.csv` as `log.png`: one curve for each of its columns. Needs matplotlib."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with (out / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    shown = [name for name in rows[0] if name not in ("step", "examples", "rate", "per_second")]
    columns = min(3, len(shown))
    figure, axes = pyplot.subplots(
        -(-len(shown) // columns),
        columns,
        figsize=(4 * columns, 2.6 * -(-len(shown) // columns)),
        squeeze=False,
    )
    examples = [float(row["examples"]) for row in rows]
    for axis, name in zip(axes.flat, shown):
        axis.plot(examples, [float(row[name]) for row in rows])
        axis.set_title(name, fontsize=9)
        axis.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(out / "log.png", dpi=80)
