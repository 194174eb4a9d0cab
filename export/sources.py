"""Which graphs the network of a bundle becomes, by the bundle's kind."""

from __future__ import annotations

import torch

from docvlm.bundle import Bundle
from docvlm.errors import UsageError
from docvlm.networks import chart as chart_network
from docvlm.networks import glyph_finder
from docvlm.networks import page as page_network
from docvlm.networks import reader as reader_network

from . import chart, finder, page, reader
from .graphs import GraphSource


def sources_of(bundle: Bundle, dtype: torch.dtype = torch.float32) -> dict[str, GraphSource]:
    """The graphs by name, with random inputs, for computing in ``dtype``.

    Raises UsageError for a kind of model that is not exported.
    """
    if bundle.kind == "chart":
        return chart.sources(chart_network.network_of(bundle).to(dtype))
    if bundle.kind == "reader":
        return reader.sources(reader_network.network_of(bundle).to(dtype))
    if bundle.kind == "glyphs":
        return finder.sources(glyph_finder.network_of(bundle).to(dtype))
    if bundle.kind == "page":
        return page.sources(page_network.network_of(bundle).to(dtype))
    raise UsageError(
        f"{bundle.path} holds a {bundle.kind} model", "name a chart, reading, glyph or page model"
    )
