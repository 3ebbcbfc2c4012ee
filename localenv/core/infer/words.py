"""What a column's name says of its text: the words in it, and the generator that they stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["TextGuess", "text_by_name", "words_of"]

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class TextGuess:
    """A generator with the characters that its longest values need."""

    generator: str
    longest: int


_BY_WORDS: Final[tuple[tuple[str, str, int], ...]] = (
    (r"e ?mails?( address)?|(e )?mail to", "email", 40),
    (r"(first|given|fore) ?names?", "first_name", 20),
    (r"(last|family|sur) ?names?", "last_name", 20),
    (r"(full|display|real|contact|customer|author|owner|person|recipient|sender|holder) ?name", "full_name", 40),
    (r"(user|login|account|screen|nick) ?names?|login|handle|nick", "user_name", 30),
    (r"(phone|mobile|tele?phone|fax|cell)( number| no)?", "phone", 20),
    (r"compan(y|ies)( name)?|organi[sz]ation( name)?|vendor( name)?|manufacturer|employer", "company", 40),
    (r"job( title)?|occupation|profession|position title", "job", 60),
    (r"street( address| name)?|address( line)?( ?\d)?|addr( ?\d)?", "street_address", 50),
    (r"city|town|locality", "city", 30),
    (r"state|province|region|county", "state", 30),
    (r"post(al)? ?code|zip( ?code)?|zip", "postcode", 12),
    (r"country( iso)? code|iso2|alpha2|country iso", "country_code", 2),
    (r"country( name)?", "country", 50),
    (r"locale|culture", "locale", 6),
    (r"lang(uage)?( code)?", "language", 30),
    (r"currency( code)?", "currency", 3),
    (r"time ?zone|tz", "time_zone", 40),
    (r"(card|credit card|cc) number|pan", "card_number", 19),
    (r"iban", "iban", 34),
    (r"(file|image|attachment|original|document) ?(file )?name", "file_name", 40),
    (r"(mime|content|media) ?type", "mime_type", 40),
    (r"user ?agent|agent string", "user_agent", 200),
    (r"(ip|ipv4|remote|client|source)( ?v4)?( ?addr(ess)?)?", "ipv4", 15),
    (r"ipv6( addr(ess)?)?", "ipv6", 39),
    (r"mac( addr(ess)?)?", "mac", 17),
    (r"host( ?name)?|domain( ?name)?|fqdn|server( name)?", "host", 40),
    (
        r"(ur[il]|href|link|website|web ?site|homepage|avatar|webhook|endpoint|callback|redirect ?ur[il]|logo|permalink)",
        "url",
        80,
    ),
    (r"slug|permalink|path segment|url key|stub", "slug", 40),
    (r"colou?r( code| hex)?", "color", 7),
    (r"(product|item|model|article|sku) ?(name|title)", "product_name", 40),
    (r"title|subject|headline|heading|caption|topic|label", "title", 60),
    (r"(short )?(description|descr|summary|excerpt|abstract|tagline|reason|remark)s?|message|notice|hint", "sentence", 120),
    (
        r"body|content|contents|text|bio|biography|comments?|notes?|about|details|markdown|html|article|long description|raw",
        "paragraph",
        600,
    ),
    (r"(key|meta|option|property|attribute) ?(key|name)|tag|category|keyword|group|kind|type|role|status|level", "word", 20),
    (r"name|names", "title", 60),
)
_LAST_WORDS: Final = {
    "email": "email", "url": "url", "uri": "url", "phone": "phone", "city": "city", "country": "country",
    "description": "sentence", "title": "title", "body": "paragraph", "html": "paragraph", "message": "sentence",
    "summary": "sentence", "slug": "slug", "address": "street_address", "host": "host", "hostname": "host",
    "domain": "host", "ip": "ipv4", "locale": "locale", "currency": "currency", "timezone": "time_zone",
    "color": "color", "colour": "color", "filename": "file_name", "link": "url", "comment": "sentence", "note": "sentence",
    "notes": "sentence", "text": "sentence", "reason": "sentence", "label": "title", "subject": "title",
    "username": "user_name", "company": "company", "name": "title", "word": "word", "language": "language",
}  # fmt: skip
_LENGTHS: Final = {generator: longest for _, generator, longest in reversed(_BY_WORDS)}
_COMPILED: Final = tuple((re.compile(pattern), TextGuess(generator, longest)) for pattern, generator, longest in _BY_WORDS)
_PEOPLE: Final = re.compile(
    r"(user|customer|person|people|author|contact|employee|member|client|patient|student|actor|staff|profile|owner|admin|driver|"
    r"teacher|guest|subscriber|candidate)s?$"
)
_PLACES: Final = {"city": "city", "cities": "city", "country": "country", "countries": "country", "company": "company",
                  "companies": "company", "product": "product_name", "products": "product_name", "language": "language",
                  "organization": "company", "organizations": "company", "organisation": "company", "supplier": "company",
                  "suppliers": "company", "vendors": "company", "brands": "company", "states": "state"}  # fmt: skip


def words_of(name: str) -> list[str]:
    """The words of a name, whether written_like_this or likeThis."""
    return [word.lower() for word in _WORD.findall(name)]


def text_by_name(column: str, table: str, *, postal: bool = True) -> TextGuess | None:
    """The generator that a text column's name stands for; ``None`` when it says nothing.

    ``postal``: the table has an address, so that ``state`` is a part of a country and not of a process.
    """
    words = words_of(column)
    if words[-1:] == ["state"] and not postal:
        return TextGuess("word", _LENGTHS["word"])
    if words == ["name"]:
        return _named_like_its_table(words_of(table))
    for start in range(len(words)):
        phrase = " ".join(words[start:])
        for pattern, guess in _COMPILED:
            if pattern.fullmatch(phrase) and (start == 0 or _specific(guess.generator)):
                return guess
    generator = _LAST_WORDS.get(words[-1]) if words else None
    return TextGuess(generator, _LENGTHS.get(generator, 60)) if generator else None


def _specific(generator: str) -> bool:
    return generator not in {"word", "state", "title"}


def _named_like_its_table(table: list[str]) -> TextGuess:
    last = table[-1] if table else ""
    if _PEOPLE.fullmatch(last):
        return TextGuess("full_name", 40)
    if last in _PLACES:
        return TextGuess(_PLACES[last], 50)
    return TextGuess("title", 60)
