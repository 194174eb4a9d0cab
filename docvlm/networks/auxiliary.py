"""The auxiliary token's head (OneChart): from one hidden state to all the numbers of a chart."""

from __future__ import annotations

from torch import nn

# OneChart trains 256 outputs and reads the first 100.
OUTPUTS = 256
USED = 100


class AuxiliaryHead(nn.Sequential):
    """(batch, width) hidden states at the auxiliary token -> (batch, outputs).

    Output k estimates the chart's k-th number, in the order of the answer, min-max normalized over the
    chart. Its parameters are named 0, 2 and 4, as in OneChart's ``num_decoder``.
    """

    def __init__(self, width: int, outputs: int = OUTPUTS) -> None:
        super().__init__(
            nn.Linear(width, width // 2),
            nn.ReLU(),
            nn.Linear(width // 2, width // 2),
            nn.ReLU(),
            nn.Linear(width // 2, outputs),
        )
