"""A page of HTML as the text that a reader sees: a line for each block and each row, pictures by what they show."""

import re
from html import unescape


def text_of(page: str) -> str:
    """Return the text of a page; cells are separated by bars, and a picture is its label and caption in brackets."""
    body = page[page.index("<body>") : page.index("</body>")]
    body = re.sub(
        r'<figure[^>]*aria-label="([^"]*)"[^>]*>.*?</svg>(.*?)</figure>', r"\n[picture: \1]\2\n", body, flags=re.S
    )
    body = re.sub(r"</(th|td)><(th|td)[^>]*>", " | ", body)
    body = re.sub(r"</?(h1|h2|h3|p|ul|li|tr|table|thead|tbody|div|blockquote|body)\b[^>]*>", "\n", body)
    body = unescape(re.sub(r"<[^>]+>", "", body))
    lines = (re.sub(r"\s+", " ", line).strip() for line in body.splitlines())
    return "\n".join(line for line in lines if line) + "\n"
