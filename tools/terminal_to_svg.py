#!/usr/bin/python3
"""Draws captured terminals, side by side, as an SVG.

    tmux capture-pane -e -p -t ann >ann.txt
    tools/terminal_to_svg.py ann=ann.txt bob=bob.txt >docs/images/chat.svg

An argument is TITLE=FILE, the output of `tmux capture-pane -e`. Understands colours 0 to 15, bold
and dim; block characters are drawn as boxes, which every font leaves gaps between.
"""

import itertools
import re
import sys
from xml.sax.saxutils import escape

CELL_WIDTH, CELL_HEIGHT, FONT_SIZE = 8.4, 18, 14  # pixels
PADDING, TITLE_HEIGHT, GAP = 12, 30, 14
BACKGROUND, TITLE_BACKGROUND, FOREGROUND, DIM = "#0d1117", "#161b22", "#d1d7e0", "#7d8590"
COLORS = ("#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4",
          "#6e7681", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#ffffff")

_SGR = re.compile(r"\x1b\[([\d;]*)m")


class Style:
    """What a terminal's SGR sequences have set."""

    def __init__(self):
        self.color, self.bold, self.dim = None, False, False

    def apply(self, sequence):
        for code in (int(c or 0) for c in sequence.split(";")):
            if code == 0:
                self.__init__()
            elif code in (1, 2):
                self.bold, self.dim = self.bold or code == 1, self.dim or code == 2
            elif code == 22:
                self.bold = self.dim = False
            elif 30 <= code <= 37 or 90 <= code <= 97:
                self.color = code - (30 if code < 90 else 82)
            elif code == 39:
                self.color = None

    def attributes(self):
        fill = COLORS[self.color] if self.color is not None else DIM if self.dim else FOREGROUND
        return f'fill="{fill}"' + (' font-weight="bold"' if self.bold else "")


def cells(line, style):
    """(character, attributes) of each column; the style goes on to the next line."""
    for i, part in enumerate(_SGR.split(line)):
        if i % 2:
            style.apply(part)
        else:
            yield from ((c, style.attributes()) for c in part)


def box(character):
    """(x, y, width, height) in parts of the cell that a block character fills, or None."""
    eighths = ord(character) - 0x2580
    if 1 <= eighths <= 8:  # from the bottom
        return 0, 1 - eighths / 8, 1, eighths / 8
    if 9 <= eighths <= 15:  # from the left
        return 0, 0, (16 - eighths) / 8, 1
    return None


def draw_line(line, left, top, style):
    columns = list(enumerate(cells(line, style)))
    runs = itertools.groupby(columns, key=lambda c: (c[1][1], box(c[1][0])))
    for (attributes, shape), run in runs:
        run = list(run)
        x, text = left + run[0][0] * CELL_WIDTH, "".join(c for _, (c, _) in run)
        if shape and shape[2] < 1:  # full and low blocks join, narrow ones are one by one
            assert len(run) == 1, "narrow blocks do not follow each other"
        if shape:
            yield (f'<rect x="{x + shape[0]:.1f}" y="{top + shape[1] * CELL_HEIGHT * .8 + 2:.1f}" '
                   f'width="{len(run) * CELL_WIDTH * shape[2]:.1f}" '
                   f'height="{shape[3] * CELL_HEIGHT * .8:.1f}" {attributes}/>')
        elif text.strip():
            yield (f'<text x="{x:.1f}" y="{top + FONT_SIZE}" {attributes} '
                   f'textLength="{len(text) * CELL_WIDTH:.1f}">{escape(text)}</text>')


def draw_terminal(title, lines, left, columns, height):
    width = columns * CELL_WIDTH + 2 * PADDING
    yield f'<rect x="{left}" width="{width:.0f}" height="{height}" rx="8" fill="{BACKGROUND}"/>'
    yield (f'<path d="M{left} {TITLE_HEIGHT}v-22q0-8 8-8h{width - 16:.0f}q8 0 8 8v22z" '
           f'fill="{TITLE_BACKGROUND}"/>')
    yield (f'<text x="{left + width / 2:.0f}" y="20" fill="{DIM}" text-anchor="middle">'
           f'{escape(title)}</text>')
    style = Style()
    for row, line in enumerate(lines):
        top = TITLE_HEIGHT + PADDING / 2 + row * CELL_HEIGHT
        yield from draw_line(line, left + PADDING, top, style)


def main(arguments):
    terminals = []
    for argument in arguments:
        title, _, path = argument.partition("=")
        with open(path, encoding="utf-8") as capture:
            terminals.append((title, capture.read().rstrip("\n").split("\n")))
    rows = max(len(lines) for _, lines in terminals)
    height = TITLE_HEIGHT + PADDING + rows * CELL_HEIGHT
    left, drawn = 0, []
    for title, lines in terminals:
        columns = max(len(_SGR.sub("", line)) for line in lines)
        drawn += draw_terminal(title, lines, left, columns, height)
        left += round(columns * CELL_WIDTH) + 2 * PADDING + GAP
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left - GAP} {height:.0f}" '
          f'width="{left - GAP}" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'
          f'DejaVu Sans Mono,monospace" font-size="{FONT_SIZE}" xml:space="preserve">')
    print("\n".join(drawn) + "\n</svg>")


if __name__ == "__main__":
    main(sys.argv[1:])
