"""Random damage: what the reader accepts, expat accepts too, and both see the same tree."""

from __future__ import annotations

import random
import unittest
from xml.parsers import expat

from quickpay import xml
from quickpay.xml import Node
from tests.test_reader import GET_ORDER, REFUSED

ROUNDS = 5_000
PIECES = ["<", ">", "/", "&", ";", "&amp;", "&#65;", "]]>", "<!--", "-->", "<A>", "</A>", "<A/>", " ", "\n", "\t", "\r\n", "'",
          '"', "=", "xmlns", "\x00", "\x0b", "\ufeff", "\ufffe", "é", "😀", "a", ":", "?", "<?", "?>", xml.DECLARATION]


def expat_tree(data: bytes) -> Node | None:
    """What expat makes of a document, or None."""
    stack: list[tuple[str, list[str], list[Node]]] = [("", [], [])]
    parser = expat.ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: stack.append((name, [], []))
    parser.CharacterDataHandler = lambda text: stack[-1][1].append(text)

    def end(_: str) -> None:
        name, texts, children = stack.pop()
        node = Node(name, "", tuple(children)) if children else Node(name, "".join(texts))
        stack[-1][2].append(node)
    parser.EndElementHandler = end
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        return None
    return stack[0][2][0]


def damaged(source: random.Random) -> bytes:
    text = source.choice((GET_ORDER, REFUSED, xml.DECLARATION + "\n" + GET_ORDER))
    for _ in range(source.randint(0, 3)):
        start = source.randrange(len(text))
        end = start + source.choice((0, 0, 1, 2, 5))
        text = text[:start] + source.choice((source.choice(PIECES), "", text[start:end] * 2)) + text[end:]
    return text.encode("utf-8", "surrogatepass")


class Mutations(unittest.TestCase):
    def test_expat_agrees(self) -> None:
        source = random.Random(7)
        accepted = 0
        for _ in range(ROUNDS):
            data = damaged(source)
            try:
                mine = xml.read(data)
            except xml.XmlError:
                continue
            accepted += 1
            if b"\r" not in data:
                self.assertEqual(mine, expat_tree(data), data)
        self.assertGreater(accepted, ROUNDS // 10)


if __name__ == "__main__":
    unittest.main()
