"""Any image-text-to-text model that transformers can load: GOT-OCR2, Nougat, Donut, PaddleOCR-VL and their like.

What differs from model to model is how it is asked. That is decided by what the checkpoint itself carries (a
chat template, a processor of GOT's kind, an encoder with a decoder) and by a small table of the prompts with
which the OCR models were trained. Generation is the same for all: greedy, batched, watched for repetition,
with the probability of every token.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from PIL import Image as Pillow
from safetensors import SafetensorError
from transformers.generation import (
    LogitsProcessor,
    LogitsProcessorList,
    StoppingCriteria,
    StoppingCriteriaList,
)

from docvlm.decoding.interface import Format, Reading
from docvlm.decoding.repetition import WINDOW, stuck_period, without_repetition
from docvlm.errors import DamagedModel

_Image = NDArray[np.uint8]

# What models that follow instructions are told; what they are not told, they decorate with chatter.
_INSTRUCTIONS: dict[Format, str] = {
    "markdown": "Transcribe this page as Markdown in reading order. Write tables as HTML or Markdown tables and "
    "formulas as LaTeX between dollar signs. Give the transcription only.",
    "latex": "Write the formula in this image as LaTeX. Give the LaTeX only.",
    "text": "Transcribe the text in this image. Give the text only.",
}
# The prompts that OCR models were trained with.
_TRAINED: dict[str, dict[Format, str]] = {
    "paddleocr_vl": {"markdown": "OCR:", "latex": "Formula Recognition:", "text": "OCR:"},
    "glm_ocr": {"markdown": "Text Recognition:", "latex": "Formula Recognition:", "text": "Text Recognition:"},
    "lighton_ocr": {"markdown": "", "latex": "", "text": ""},
    "deepseek_ocr2": {"markdown": "Convert the document to markdown.", "latex": "Free OCR.", "text": "Free OCR."},
    "kosmos-2.5": {"markdown": "<md>", "latex": "<md>", "text": "<ocr>"},
    "florence2": {"markdown": "<OCR>", "latex": "<OCR>", "text": "<OCR>"},
}  # fmt: skip
# Ends of a turn in chat formats, where the checkpoint's own settings forget them.
_TURN_ENDS = ("<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_turn|>")
# Smaller and thinner images are padded with white: encoders that merge patches would be left with none.
_LEAST_SIDE, _LONGEST_PER_SIDE = 32, 24  # pixels, and the ratio of the sides
_LOOK_EVERY = 16  # tokens between two looks for repetition: each makes the accelerator wait


class TransformersModel:
    """An :class:`~docvlm.decoding.interface.ImageTextModel` around a model and its processor."""

    def __init__(self, name: str, model: Any, processor: Any, batch_size: int) -> None:
        self.name = name
        self.batch_size = batch_size
        self._model = model
        self._processor = processor
        self._ask = _asker(model, processor)
        self._tokenizer = processor.tokenizer
        self._text_of = _decoder(processor)
        self._ends = _ends(model, self._tokenizer)

    def read(
        self, images: Sequence[_Image], form: Format = "markdown", max_tokens: int = 4096
    ) -> list[Reading]:
        """Reads RGB images (height, width, 3), ``batch_size`` at a time, half as many where memory ends."""
        readings: list[Reading] = []
        while len(readings) < len(images):
            batch = images[len(readings) : len(readings) + self.batch_size]
            try:
                readings += self._read_batch(batch, form, max_tokens)
            except torch.cuda.OutOfMemoryError:
                if self.batch_size == 1:
                    raise
                self.batch_size = (self.batch_size + 1) // 2
                torch.cuda.empty_cache()
        return readings

    @torch.inference_mode()
    def _read_batch(self, images: Sequence[_Image], form: Format, max_tokens: int) -> list[Reading]:
        asked = self._ask([_pillow(image) for image in images], form)
        inputs = {key: self._placed(value) for key, value in asked.items()}
        prompt = inputs.get("decoder_input_ids" if self._model.config.is_encoder_decoder else "input_ids")
        start = prompt.shape[1] if prompt is not None else 1
        recorder, guard = _Recorder(), _RepetitionGuard(start)
        output = self._model.generate(
            **inputs,
            max_new_tokens=self._room(start, max_tokens),
            do_sample=False,
            num_beams=1,
            eos_token_id=self._ends,
            pad_token_id=_pad(self._model, self._tokenizer, self._ends),
            logits_processor=LogitsProcessorList([recorder]),
            stopping_criteria=StoppingCriteriaList([guard]),
        )
        tokens = output[:, start:].cpu().numpy()
        log_probs = recorder.log_probs()
        return [self._reading(tokens[row], log_probs[row], guard.stopped(row)) for row in range(len(images))]

    def _placed(self, value: torch.Tensor) -> torch.Tensor:
        dtype = self._model.dtype if value.is_floating_point() else value.dtype
        return value.to(self._model.device, dtype)

    def _room(self, start: int, wanted: int) -> int:
        """How many tokens may follow ``start``: learned positions end, and with them sense."""
        text = self._model.config.get_text_config(decoder=True)
        most = getattr(text, "max_position_embeddings", None) or start + wanted
        return max(1, min(wanted, most - start))

    def _reading(
        self, tokens: NDArray[np.int64], log_probs: NDArray[np.float32], stopped: int | None
    ) -> Reading:
        """``tokens`` (n,) as generated, padded; ``stopped`` is their number when the guard ended the row."""
        ends = np.flatnonzero(np.isin(tokens, self._ends))
        count = int(ends[0]) + 1 if len(ends) else len(tokens)
        # A row that had ended looks stuck as well, by its padding.
        period = stuck_period(tokens[:stopped]) if stopped is not None and stopped <= count else None
        if period is not None:
            count = without_repetition(tokens[:stopped], period)
        text = self._text_of(tokens[:count])
        probabilities = tuple(float(value) for value in log_probs[:count])
        return Reading(
            text, probabilities, finished=bool(len(ends)) and period is None, repeated=period is not None
        )


class _Recorder(LogitsProcessor):  # type: ignore[misc]
    """Notes the log-probability of the most probable token at every step; keeping all scores would take gigabytes."""

    def __init__(self) -> None:
        self._steps: list[torch.Tensor] = []

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        scores32 = scores.float()
        self._steps.append(scores32.amax(-1) - scores32.logsumexp(-1))
        return scores

    def log_probs(self) -> NDArray[np.float32]:
        """(rows, steps), natural log."""
        return torch.stack(self._steps, dim=1).cpu().numpy()


class _RepetitionGuard(StoppingCriteria):  # type: ignore[misc]
    """Ends the rows whose last tokens repeat; the others go on. ``start`` is the prompt's length in tokens."""

    def __init__(self, start: int) -> None:
        self._start = start
        self._stopped: dict[int, int] = {}

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        rows, length = input_ids.shape
        written = length - self._start
        if written % _LOOK_EVERY == 0:
            tails = input_ids[:, max(self._start, length - WINDOW) :].cpu().numpy()
            for row, tail in enumerate(tails):
                if row not in self._stopped and stuck_period(tail) is not None:
                    self._stopped[row] = written
        ended = torch.zeros(rows, dtype=torch.bool)
        ended[list(self._stopped)] = True
        return ended.to(input_ids.device)

    def stopped(self, row: int) -> int | None:
        """How many tokens the row had when it was ended."""
        return self._stopped.get(row)


# Asking.

_Ask = Callable[[list[Pillow.Image], Format], dict[str, Any]]


def _asker(model: Any, processor: Any) -> _Ask:
    """How this model is asked, by what its checkpoint carries."""
    if model.config.model_type == "vision-encoder-decoder":
        return _ask_decoder(model, processor)
    if type(processor).__name__ == "GotOcr2Processor":
        return _ask_got(model, processor)
    prompts = _TRAINED.get(model.config.model_type, _INSTRUCTIONS)
    if getattr(processor, "chat_template", None):
        return _ask_chat(processor, prompts)
    return _ask_plainly(processor, prompts if model.config.model_type in _TRAINED else None)


def _ask_decoder(model: Any, processor: Any) -> _Ask:
    """Donut and Nougat: the picture alone, and the decoder's first token or task prompt."""
    start = _decoder_start(model, processor.tokenizer)

    def ask(images: list[Pillow.Image], form: Format) -> dict[str, Any]:
        pixels = processor.image_processor(images, return_tensors="pt")["pixel_values"]
        return {"pixel_values": pixels, "decoder_input_ids": torch.full((len(images), 1), start)}

    return ask


def _decoder_start(model: Any, tokenizer: Any) -> int:
    """The decoder's first token: a Donut's task (``<s_cord-v2>``, the one such token that has no end), or the start.

    Fields of a Donut's forms are pairs, ``<s_total>`` and ``</s_total>``.
    """
    added = tokenizer.get_added_vocab()
    tasks = [name for name in added if name.startswith("<s_") and f"</{name[1:]}" not in added]
    if len(tasks) == 1:
        return int(added[tasks[0]])
    settings = (model.generation_config, model.config, model.config.decoder)
    names = ("decoder_start_token_id", "bos_token_id")
    known = [getattr(part, name, None) for name in names for part in settings]
    found = next((token for token in known if token is not None), tokenizer.bos_token_id)
    if found is None:
        raise DamagedModel("the checkpoint does not say with which token its decoder starts")
    return int(found)


def _ask_got(model: Any, processor: Any) -> _Ask:
    """GOT-OCR2: its processor writes the prompt, with ``format`` for anything but plain text."""
    vision = model.config.vision_config
    # The encoder's neck and the projector shorten the grid of patches fourfold on each side.
    count = (vision.image_size // vision.patch_size // 4) ** 2

    def ask(images: list[Pillow.Image], form: Format) -> dict[str, Any]:
        return dict(
            processor(
                images, format=form != "text", num_image_tokens=count, padding=True, return_tensors="pt"
            )
        )

    return ask


def _ask_chat(processor: Any, prompts: dict[Format, str]) -> _Ask:
    """Models with a chat template: one turn of the user with the picture and, where there is one, a prompt."""
    processor.tokenizer.padding_side = "left"

    def ask(images: list[Pillow.Image], form: Format) -> dict[str, Any]:
        words = [{"type": "text", "text": prompts[form]}] if prompts[form] else []
        turns = [
            [{"role": "user", "content": [{"type": "image", "image": image}, *words]}] for image in images
        ]
        return dict(
            processor.apply_chat_template(
                turns,
                add_generation_prompt=True,
                tokenize=True,
                return_dict=True,
                return_tensors="pt",
                processor_kwargs={"padding": True},
            )
        )

    return ask


def _ask_plainly(processor: Any, prompts: dict[Format, str] | None) -> _Ask:
    """Models without a template: picture and trained prompt, or only the picture's placeholder."""
    processor.tokenizer.padding_side = "left"

    def ask(images: list[Pillow.Image], form: Format) -> dict[str, Any]:
        text = prompts[form] if prompts else getattr(processor, "image_token", None)
        words = {"text": [text] * len(images), "padding": True} if text else {}
        return dict(processor(images=images, return_tensors="pt", **words))

    return ask


# Answers.


def _decoder(processor: Any) -> Callable[[NDArray[np.int64]], str]:
    """Tokens to text. A Donut that fills in forms writes fields as special tokens, which become a list."""
    tokenizer = processor.tokenizer
    if not any(name.startswith("</s_") for name in tokenizer.get_added_vocab()):
        return partial(tokenizer.decode, skip_special_tokens=True)

    def decode(tokens: NDArray[np.int64]) -> str:
        text = tokenizer.decode(tokens, skip_special_tokens=False)
        for name in (tokenizer.pad_token, tokenizer.bos_token, tokenizer.eos_token):
            text = text.replace(name, "") if name else text
        return "\n".join(_listed(processor.token2json(text), 0))

    return decode


def _listed(fields: Any, depth: int) -> Iterator[str]:
    """A form's fields as lines of a nested Markdown list."""
    if isinstance(fields, list):
        for entry in fields:
            yield from _listed(entry, depth)
    elif isinstance(fields, dict):
        for name, value in fields.items():
            nested = isinstance(value, (dict, list))
            yield f"{'  ' * depth}- **{name}**" + ("" if nested else f": {value}")
            if nested:
                yield from _listed(value, depth + 1)
    elif str(fields).strip():
        yield f"{'  ' * depth}- {fields}"


def _pillow(image: _Image) -> Pillow.Image:
    least = max(_LEAST_SIDE, -(-max(image.shape[:2]) // _LONGEST_PER_SIDE))
    missing = [(0, max(0, least - side)) for side in image.shape[:2]]
    return Pillow.fromarray(np.pad(image, [*missing, (0, 0)], constant_values=255))


def _ends(model: Any, tokenizer: Any) -> list[int]:
    """Ids of the tokens that end an answer."""
    known = getattr(model.generation_config, "eos_token_id", None)
    ends = set(known if isinstance(known, list) else [] if known is None else [known])
    ends |= {tokenizer.eos_token_id} - {None}
    vocabulary = tokenizer.get_added_vocab()
    return sorted(ends | {vocabulary[end] for end in _TURN_ENDS if end in vocabulary})


def _pad(model: Any, tokenizer: Any, ends: list[int]) -> int | None:
    for token in (tokenizer.pad_token_id, getattr(model.generation_config, "pad_token_id", None), *ends):
        if token is not None:
            return int(token)
    return None


# Loading.

# What transformers and safetensors raise on files that are damaged, missing or of a kind unknown to them.
_LOADING_FAULTS = (
    OSError, ValueError, KeyError, TypeError, AttributeError, ImportError, RuntimeError, SafetensorError
)  # fmt: skip


def load(folder: Path, name: str, device: str) -> TransformersModel:
    """Loads the checkpoint in ``folder`` onto ``device`` ("cpu" or "cuda"), in bfloat16 on an accelerator.

    Code that comes with a checkpoint is never run. Raises :class:`~docvlm.errors.DamagedModel` where
    transformers cannot load it.
    """
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    logging.getLogger("transformers").setLevel(logging.ERROR)
    dtype = torch.bfloat16 if device == "cuda" else torch.float32
    try:
        config = transformers.AutoConfig.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
        model = transformers.AutoModelForImageTextToText.from_pretrained(
            folder,
            config=config,
            dtype=dtype,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
        )
        processor = _processor(folder, config)
        return TransformersModel(name, model.to(device).eval(), processor, 8 if device == "cuda" else 4)
    except _LOADING_FAULTS as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise DamagedModel(f"{name}: transformers cannot load it: {reason[0]}") from error


def _processor(folder: Path, config: Any) -> Any:
    """The checkpoint's processor; without torchvision one that reads videos too is made for images alone."""
    kind = _processor_class(folder, config)
    if kind is None or "video_processor" not in kind.get_attributes() or _has_torchvision():
        return transformers.AutoProcessor.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )

    class ImageOnly(kind):  # type: ignore[misc, valid-type]
        def check_argument_for_proper_class(self, argument_name: str, argument: Any) -> Any:
            if argument_name == "video_processor":
                return None
            return super().check_argument_for_proper_class(argument_name, argument)

    parts = {
        "image_processor": transformers.AutoImageProcessor,
        "tokenizer": transformers.AutoTokenizer,
    }
    loaded = [
        parts[part].from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        if part in parts
        else None
        for part in kind.get_attributes()
    ]
    settings, _ = ImageOnly.get_processor_dict(folder, local_files_only=True)
    return ImageOnly.from_args_and_dict(loaded, settings)


def _processor_class(folder: Path, config: Any) -> Any:
    for file in ("processor_config.json", "preprocessor_config.json", "tokenizer_config.json"):
        path = folder / file
        named = json.loads(path.read_text()).get("processor_class") if path.is_file() else None
        if named:
            return getattr(transformers, named, None)
    from transformers.models.auto.processing_auto import PROCESSOR_MAPPING

    return PROCESSOR_MAPPING.get(type(config), None)


def _has_torchvision() -> bool:
    from transformers.utils import is_torchvision_available

    return bool(is_torchvision_available())
