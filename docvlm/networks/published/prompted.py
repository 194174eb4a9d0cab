"""A decoder of transformers behind image tokens: the prompt is written, the images put in, the answer read.

What OneChart and the Vary models share. Every image of a batch meets the same prompt with the same number
of image tokens, so all rows have one length and nothing is padded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from docvlm.decoding.interface import Reading
from docvlm.decoding.repetition import WINDOW, stuck_period, without_repetition
from docvlm.networks.published.tokenizer import token_id

Images = Sequence[NDArray[np.uint8]]

_LOOK_EVERY = 16  # tokens between two looks at what was written: each makes an accelerator wait
_VICUNA = (
    "A chat between a curious user and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the user's questions. "
    "USER: {asked} ASSISTANT:"
)
_CHATML = (
    "<|im_start|>system\nYou should follow the instructions carefully and explain your answers in detail.<|im_end|>"
    "<|im_start|>user\n{asked}<|im_end|><|im_start|>assistant\n"
)


def vicuna(asked: str) -> str:
    """One turn in the conversation style "v1"."""
    return _VICUNA.format(asked=asked)


def chatml(asked: str) -> str:
    """One turn in the conversation style "mpt", which sets no line break after a turn's end."""
    return _CHATML.format(asked=asked)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a decoder wrote for one row.

    ``tokens`` includes the end token where there is one; ``log_probs`` has one natural logarithm for each.
    ``hidden`` (width,) is the last layer's normalized state where the watched token, when it first was
    written, stood as input; ``None`` where it was not written.
    """

    tokens: tuple[int, ...]
    log_probs: tuple[float, ...]
    finished: bool
    repeated: bool
    hidden: Tensor | None


class PromptedDecoder:
    """Asks a decoder of transformers about images and decodes greedily, all images of a batch together.

    ``encode`` gives (batch, ``image_tokens``, width) for RGB images; ``ends`` are the tokens after which an
    answer is over.
    """

    def __init__(
        self,
        decoder: Any,
        tokenizer: Tokenizer,
        folder: Path,
        encode: Callable[[Images], Tensor],
        image_tokens: int,
        ends: Sequence[str],
        start: str | None,
        most: int,
    ) -> None:
        self._decoder = decoder
        self._layers = decoder.get_decoder()
        self._embed = decoder.get_input_embeddings()
        self._head = decoder.get_output_embeddings()
        self.tokenizer = tokenizer
        self._encode = encode
        self._pads = "<imgpad>" * image_tokens
        self._image = token_id(tokenizer, "<imgpad>", folder)
        self._ends = [token_id(tokenizer, end, folder) for end in ends]
        self._start = [token_id(tokenizer, start, folder)] if start else []
        self._most = most

    @torch.inference_mode()
    def answer(
        self,
        images: Images,
        prompt: Callable[[str], str],
        max_tokens: int,
        watched: int | None = None,
    ) -> list[Answer]:
        """One answer for each image; ``prompt`` sets the image's placeholder into the words."""
        words = self.tokenizer.encode(prompt(f"<img>{self._pads}</img>"), add_special_tokens=False).ids
        ids = torch.tensor(self._start + words, device=self._decoder.device)
        features = self._encode(images)
        embedded = self._embed(ids).expand(len(images), -1, -1).clone()
        embedded[:, ids == self._image] = features.to(embedded.dtype)
        room = max(1, min(max_tokens, self._most - len(ids)))
        return self._decoded(embedded, room, watched)

    def _decoded(self, embedded: Tensor, room: int, watched: int | None) -> list[Answer]:
        """Greedy answers of at most ``room`` tokens behind ``embedded`` (rows, positions, width)."""
        device = embedded.device
        paper = _Paper(embedded, room, -1 if watched is None else watched)
        ends = torch.tensor(self._ends, device=device)
        cache = transformers.DynamicCache()
        rows = torch.arange(len(embedded), device=device)
        every = _looks(device)
        for step in range(room):
            hidden = self._layers(inputs_embeds=embedded, past_key_values=cache, use_cache=True)
            last = hidden.last_hidden_state[:, -1]
            if step:
                paper.note(rows, step - 1, last)
            logits = self._head(last).float()
            best = logits.max(dim=-1)
            paper.write(rows, step, best.indices, best.values - logits.logsumexp(dim=-1))
            if (step + 1) % every == 0:
                going = ~(paper.over(rows, step + 1, every, ends) | paper.stuck(rows, step + 1))
                if not bool(going.all()):
                    if not bool(going.any()):
                        break
                    rows = rows[going]
                    cache.batch_select_indices(going.nonzero()[:, 0])
                    best = torch.return_types.max((best.values[going], best.indices[going]))
            embedded = self._embed(best.indices)[:, None]
        return paper.answers(self._ends)


def _looks(device: torch.device) -> int:
    """Tokens between two looks for rows that are over; on a CPU looking costs nothing."""
    return 1 if device.type == "cpu" else _LOOK_EVERY


class _Paper:
    """What all rows have written so far, on the device; rows that are over simply get no more."""

    def __init__(self, embedded: Tensor, room: int, watched: int) -> None:
        count, _, width = embedded.shape
        device = embedded.device
        self._tokens = torch.zeros(count, room, dtype=torch.long, device=device)
        self._log_probs = torch.zeros(count, room, device=device)
        self._lengths = torch.zeros(count, dtype=torch.long, device=device)
        self._repeated = torch.zeros(count, dtype=torch.bool, device=device)
        self._watched = watched
        self._noted = torch.zeros(count, width, dtype=embedded.dtype, device=device)
        self._noted_at = torch.full((count,), -1, device=device)

    def write(self, rows: Tensor, step: int, tokens: Tensor, log_probs: Tensor) -> None:
        self._tokens[rows, step] = tokens
        self._log_probs[rows, step] = log_probs
        self._lengths[rows] = step + 1

    def note(self, rows: Tensor, step: int, hidden: Tensor) -> None:
        """``hidden`` (rows, width) is the state at the token that was written in ``step``."""
        first = (self._tokens[rows, step] == self._watched) & (self._noted_at[rows] < 0)
        self._noted[rows] = torch.where(first[:, None], hidden, self._noted[rows])
        self._noted_at[rows] = torch.where(first, step, self._noted_at[rows])

    def over(self, rows: Tensor, length: int, last: int, ends: Tensor) -> Tensor:
        """Which of ``rows`` have an end among their ``last`` tokens."""
        return torch.isin(self._tokens[rows, length - last : length], ends).any(dim=1)

    def stuck(self, rows: Tensor, length: int) -> Tensor:
        """Which of ``rows`` repeat themselves; looks every so many tokens."""
        if length % _LOOK_EVERY == 0:
            tails = self._tokens[rows, max(0, length - WINDOW) : length].cpu().numpy()
            found = [stuck_period(tail) is not None for tail in tails]
            self._repeated[rows] = torch.tensor(found, device=rows.device)
        return self._repeated[rows]

    def answers(self, ends: list[int]) -> list[Answer]:
        tokens, log_probs = self._tokens.cpu().numpy(), self._log_probs.cpu().numpy()
        lengths, noted_at = self._lengths.tolist(), self._noted_at.tolist()
        return [
            _answer(
                tokens[row, : lengths[row]],
                log_probs[row, : lengths[row]],
                ends,
                (noted_at[row], self._noted[row]) if noted_at[row] >= 0 else None,
            )
            for row in range(len(tokens))
        ]


def _answer(
    tokens: NDArray[np.int64],
    log_probs: NDArray[np.float32],
    ends: list[int],
    noted: tuple[int, Tensor] | None,
) -> Answer:
    # Between two looks a row may have gone on behind its end.
    found = np.flatnonzero(np.isin(tokens, ends))
    count = int(found[0]) + 1 if len(found) else len(tokens)
    period = None if len(found) else stuck_period(tokens)
    if period is not None:
        count = without_repetition(tokens, period)
    return Answer(
        tokens=tuple(tokens[:count].tolist()),
        log_probs=tuple(log_probs[:count].tolist()),
        finished=bool(len(found)),
        repeated=period is not None,
        hidden=noted[1] if noted is not None and noted[0] < count else None,
    )


def reading(answer: Answer, tokenizer: Tokenizer) -> Reading:
    """An answer as every model gives it: its text without special tokens."""
    text = str(tokenizer.decode(list(answer.tokens), skip_special_tokens=True)).strip()
    return Reading(text, answer.log_probs, answer.finished, answer.repeated)


def batched(read: Callable[[Images], list[Any]], images: Images, size: int) -> tuple[list[Any], int]:
    """``read`` over ``images`` ``size`` at a time, half as many where an accelerator's memory ends.

    Returns the results and the size that fitted.
    """
    results: list[Any] = []
    while len(results) < len(images):
        try:
            results += read(images[len(results) : len(results) + size])
        except torch.cuda.OutOfMemoryError:
            if size == 1:
                raise
            size = (size + 1) // 2
            torch.cuda.empty_cache()
    return results, size


def assembled(model: Any, config: Any, state: dict[str, Tensor], dtype: torch.dtype) -> Any:
    """A transformers model of class ``model`` with exactly the tensors of ``state``."""
    # Nothing here is a progress to show, and what is missing was checked before.
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    return model.from_pretrained(None, config=config, state_dict=state, dtype=dtype).eval()
