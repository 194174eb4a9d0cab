"""Every error a user can meet: one class each, with its exit code and the way out."""

from __future__ import annotations

import re
from enum import IntEnum

_NO_MEMORY = re.compile(
    r"bad_?\s?alloc|Insufficient memory|(?:[mc]|re)alloc \(.*\) failed|Failed to allocate memory"
)


class ExitCode(IntEnum):
    """The exit codes of the ``docvlm`` command."""

    OK = 0
    SOME_FAILED = 1
    USAGE = 2
    NOTHING_DONE = 3
    INTERRUPTED = 130


class DocvlmError(Exception):
    """Base of all errors meant for a user.

    ``str(error)`` is one line that names the input and what is wrong; ``remedy`` says what to do.
    """

    exit_code = ExitCode.NOTHING_DONE
    category = "error"
    remedy = ""

    def __init__(self, message: str, remedy: str | None = None) -> None:
        super().__init__(message)
        if remedy is not None:
            self.remedy = remedy

    def line(self) -> str:
        """Message and remedy on one line."""
        text = " ".join(str(self).split())
        return f"{text} ({self.remedy})" if self.remedy else text


class UsageError(DocvlmError):
    """The call's own words are wrong."""

    exit_code = ExitCode.USAGE
    category = "usage"


class InputError(DocvlmError):
    """An input cannot be read."""

    category = "input"


class MissingInput(InputError):
    """An input is not there, or may not be read."""

    category = "missing"
    remedy = "check the path"


class UnsupportedInput(InputError):
    """An input is of a kind that docvlm does not read."""

    category = "unsupported"
    remedy = "give a PDF, PNG, JPEG, TIFF or WebP file"


class DamagedInput(InputError):
    """An input is broken, so that nothing of it can be read."""

    category = "damaged"
    remedy = "fetch the file again, or repair it with 'qpdf' or 'mutool clean'"


class PasswordNeeded(InputError):
    """An encrypted PDF was given without its password, or with a wrong one."""

    category = "password"
    remedy = "give the right password with --password"


class ChangedInput(InputError):
    category = "changed"
    remedy = "run again when nothing writes to it"


class LimitExceeded(InputError):
    """An input is larger than a limit that protects the machine."""

    category = "limit"
    remedy = "raise the limit with DOCVLM_MAX_PIXELS, or scale the image down"


class MemoryExceeded(InputError):
    """Reading takes more memory than a process may have."""

    category = "limit"
    remedy = "give more with --memory-limit"


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an allocation failed, as Python, OpenCV, MuPDF or ONNX Runtime says it."""
    return isinstance(error, MemoryError) or (
        not isinstance(error, DocvlmError) and _NO_MEMORY.search(str(error)) is not None
    )


# How MuPDF's own errors read. It raises them for what is in a file; what lacks memory is told apart before.
_MUPDF = re.compile(r"code=\d+: ")
# What PyMuPDF says of pages and objects that were there: MuPDF repairs a damaged file while it reads it, and may find fewer.
_GONE = {"bad page number(s)", "bad xref", "page not in document"}


def is_of_mupdf(error: BaseException) -> bool:
    """Whether MuPDF itself gave up on what it met in a file."""
    return str(error) in _GONE or _MUPDF.match(str(error)) is not None


def reason(error: BaseException) -> str:
    """What an exception says, in one line."""
    return " ".join(_MUPDF.sub("", str(error)).split())


class OutputError(DocvlmError):
    """The result cannot be written."""

    category = "output"
    remedy = "choose a folder you may write to, with free space, by -o"


class FolderTaken(OutputError):
    """Another run writes to the folder of results."""

    remedy = "wait until it has ended, or name another folder with -o"


class ModelMissing(DocvlmError):
    """A reader's model or library is not installed."""

    category = "model"


# By what is imported: the extra of docvlm that brings it. What is in none comes with docvlm itself.
_EXTRAS = {
    "torch": "torch",
    "transformers": "torch",
    "huggingface_hub": "torch",
    "onnx": "export",
    "onnx_ir": "export",
    "onnxscript": "export",
    "tensorrt": "tensorrt",
    "tensorrt_rtx": "rtx",
}


def missing_package(module: str) -> ModelMissing:
    """What a user is told where ``module`` cannot be imported: what to install."""
    name = module.partition(".")[0]
    extra = _EXTRAS.get(name)
    what = f"'docvlm[{extra}]'" if extra else "--force-reinstall docvlm"
    return ModelMissing(f"the package {name} is not installed", f"pip install {what}")


class DamagedModel(DocvlmError):
    """A model is there but cannot be used: weights that do not fit, pickles, an architecture unknown here."""

    category = "model"
    remedy = "see 'docvlm models show' for what was found, or choose another model"


def error_of(category: str, line: str) -> DocvlmError:
    """The error that :meth:`DocvlmError.line` gave in another process, by its category."""
    kinds = [DocvlmError]
    for kind in kinds:
        if kind.category == category:
            return kind(line, "")
        kinds += kind.__subclasses__()
    error = DocvlmError(line, "")
    error.category = category
    return error
