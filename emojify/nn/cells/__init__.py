"""The cells by name. A new cell is one file beside these and one line in ``CELLS``."""

from emojify.nn.cells.base import Cell
from emojify.nn.cells.gru import GRU
from emojify.nn.cells.lstm import LSTM
from emojify.nn.cells.rnn import RNN

CELLS: dict[str, type[Cell]] = {
    "rnn": RNN,
    "lstm": LSTM,
    "gru": GRU,
}


def new_cell(name: str, reset_after: bool = False) -> Cell:
    """Make the cell of that name; ``reset_after`` is for cells that have this choice."""
    return CELLS[name](reset_after=True) if reset_after else CELLS[name]()  # type: ignore[call-arg]


__all__ = ["CELLS", "GRU", "LSTM", "RNN", "Cell", "new_cell"]
