"""People, places and other texts. Nothing in them leads to anybody: addresses and numbers are of ranges kept for tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from localenv.core.generate.place import Place, folded, sampled, text_source
from localenv.core.generate.sources import Pick, Source

__all__ = ["TEXTS"]

_DOMAIN: Final = "example.test"
_FAMILY_FIRST: Final = ("ja", "zh", "ko", "hu", "vi")
_NUMBER_FIRST: Final = ("en", "fr")
_LONG: Final = 4 << 20
"""Characters of all the texts that a long text is picked from, at most."""
_HEX: Final = "0123456789abcdef"

_PHONES: Final[dict[str, Sequence[Sequence[str]]]] = {
    "en_GB": (("+44 20 7946 0", "+44 113 496 0", "+44 161 496 0", "+44 131 496 0"), [f"{n:03d}" for n in range(1000)]),
    "de_DE": (("+49 30 23125 ", "+49 69 90009 ", "+49 40 66969 ", "+49 221 4710 "), [f"{n:03d}" for n in range(1000)]),
    "fr_FR": (
        ("+33 1 99 00 ", "+33 2 61 91 ", "+33 3 53 01 ", "+33 6 39 98 "),
        [f"{n // 100:02d} {n % 100:02d}" for n in range(10000)],
    ),
}
"""Numbers that the national regulators keep for films and tests."""
_AREAS: Final = (201, 202, 206, 212, 213, 214, 303, 305, 312, 313, 404, 415, 503, 512, 602, 617, 702, 713, 808, 907)
_NORTH_AMERICA: Final = ([f"+1 {area} 555 01" for area in _AREAS], [f"{n:02d}" for n in range(100)])

_CARDS: Final = (
    "4111111111111111", "4242424242424242", "4012888888881881", "5555555555554444", "5105105105105100",
    "2223003122003222", "378282246310005", "371449635398431", "6011111111111117", "3566002020360505",
)  # fmt: skip
"""Numbers that the card networks publish for tests."""
_FILES: Final = (".pdf", ".csv", ".jpg", ".png", ".docx", ".xlsx", ".txt", ".zip", ".svg", ".mp4")
_MIME: Final = (
    "application/json", "application/pdf", "application/zip", "audio/mpeg", "image/jpeg", "image/png", "image/svg+xml",
    "text/csv", "text/html", "text/plain", "video/mp4",
)  # fmt: skip
_SYSTEMS: Final = (
    "X11; Linux x86_64",
    "Windows NT 10.0; Win64; x64",
    "Macintosh; Intel Mac OS X 10_15_7",
    "Linux; Android 14; Mobile",
)
_ADJECTIVES: Final = (
    "Aged", "Bold", "Bright", "Calm", "Classic", "Compact", "Cosy", "Crisp", "Daily", "Deep", "Eager", "Early", "Fine",
    "Folded", "Fresh", "Gentle", "Golden", "Grand", "Handy", "Light", "Little", "Lucky", "Mellow", "Modern", "Neat", "Noble",
    "Plain", "Polished", "Quiet", "Rapid", "Rustic", "Sleek", "Smooth", "Soft", "Solid", "Sturdy", "Swift", "Tidy", "Warm",
)  # fmt: skip
_MATERIALS: Final = (
    "Bamboo", "Brass", "Ceramic", "Clay", "Copper", "Cork", "Cotton", "Felt", "Glass", "Granite", "Leather", "Linen", "Maple",
    "Marble", "Oak", "Paper", "Pine", "Silk", "Slate", "Steel", "Stone", "Walnut", "Willow", "Wool",
)  # fmt: skip
_THINGS: Final = (
    "Apron", "Backpack", "Basket", "Bench", "Blanket", "Board", "Bottle", "Bowl", "Brush", "Candle", "Chair", "Clock", "Cup",
    "Curtain", "Cushion", "Desk", "Frame", "Gloves", "Hammer", "Hat", "Jar", "Jug", "Kettle", "Knife", "Ladder", "Lamp", "Mirror",
    "Mug", "Notebook", "Pan", "Pen", "Pillow", "Plate", "Pot", "Rack", "Rug", "Scarf", "Shelf", "Spoon", "Stool", "Table",
    "Tray", "Umbrella", "Vase", "Wallet",
)  # fmt: skip


def _of_words(kind: str) -> Callable[[Place], Source]:
    return lambda place: text_source(place, place.pool(kind))


def _full_name(place: Place) -> Source:
    first, last = place.pool("first_name"), place.pool("last_name")
    one, other = (last, first) if place.locale.startswith(_FAMILY_FIRST) else (first, last)
    return text_source(place, [f"{name} " for name in one], other)


def _latin(place: Place, kind: str) -> list[str]:
    """Names in ASCII: of the locale where it writes them so, else English ones."""
    enough = 20
    own = folded(place.pool(kind))
    return own if len(own) >= enough else folded(place.words(kind, "en_US"))


def _user_name(place: Place) -> Source:
    return text_source(place, [f"{name}_" for name in _latin(place, "first_name")], _latin(place, "last_name"))


def _email(place: Place) -> Source:
    domain = str(place.format.options.get("domain", _DOMAIN))
    first = [f"{name}." for name in _latin(place, "first_name")]
    return text_source(place, first, _latin(place, "last_name"), [f"@{domain}"], number_before=2)


def _phone(place: Place) -> Source:
    return text_source(place, *_PHONES.get(place.locale, _NORTH_AMERICA))


def _street_address(place: Place) -> Source:
    streets, numbers = place.pool("street_name"), range(1, 200)
    if place.locale.startswith(_NUMBER_FIRST):
        return text_source(place, [f"{number} " for number in numbers], streets)
    return text_source(place, [f"{street} " for street in streets], [str(number) for number in numbers])


def _sentence_of(words: Sequence[str], number: int) -> str:
    count = 4 + number % 7
    number //= 7
    chosen = []
    for _ in range(count):
        number, at = divmod(number * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1, len(words))
        chosen.append(words[at])
    return f"{' '.join(chosen).capitalize()}."


def _sentence(place: Place) -> Source:
    words = place.pool("word")
    return text_source(place, sampled(place, lambda number: _sentence_of(words, number), 4096))


def _paragraph(place: Place) -> Source:
    return _text(place, 400)


def _any_text(place: Place) -> Source:
    return _text(place, int(place.format.options.get("length", 200)))


def _text(place: Place, length: int) -> Source:
    """Sentences up to a length; between half of it and all of it."""
    words = place.pool("word")
    length = min(length, place.column.length or length)

    def make(number: int) -> str:
        wanted = length // 2 + number % (length // 2 + 1)
        made = ""
        while len(made) < wanted:
            number = number * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
            made += _sentence_of(words, number) + " "
        return made[:length].rstrip()

    count = max(16, min(4096, _LONG // max(length, 1)))
    return text_source(place, sampled(place, make, count))


def _title(place: Place) -> Source:
    words = [word.capitalize() for word in place.pool("word")]
    return text_source(place, [f"{word} " for word in words], words)


def _slug(place: Place) -> Source:
    words = _latin(place, "word")
    return text_source(place, [f"{word}-" for word in words], words)


def _url(place: Place) -> Source:
    words = _latin(place, "word")
    return text_source(place, [f"https://{word}.{_DOMAIN}/" for word in words], words)


def _host(place: Place) -> Source:
    words = _latin(place, "word")
    return text_source(place, [f"{word}-" for word in words], [f"{n:02d}" for n in range(100)], [f".{_DOMAIN}"], number_before=2)


def _ipv4(place: Place) -> Source:
    return text_source(place, ("198.18.", "198.19."), [f"{n}." for n in range(256)], [str(n) for n in range(256)])


def _ipv6(place: Place) -> Source:
    groups = [f"{number:x}:" for number in range(1, 1024)]
    return text_source(place, ("2001:db8:",), groups, groups, groups, ("0:0:",), [f"{number:x}" for number in range(1, 1024)])


def _mac(place: Place) -> Source:
    pairs = [one + other for one in _HEX for other in _HEX]
    return text_source(place, ("02:00:5e:",), [f"{pair}:" for pair in pairs], [f"{pair}:" for pair in pairs], pairs)


def _user_agent(place: Place) -> Source:
    firefox = [f"rv:{version}.0) Gecko/20100101 Firefox/{version}.0" for version in range(115, 140)]
    return text_source(place, [f"Mozilla/5.0 ({system}; " for system in _SYSTEMS], firefox)


def _file_name(place: Place) -> Source:
    words = _latin(place, "word")
    return text_source(place, [f"{word}-" for word in words], words, _FILES, number_before=2)


def _card_number(place: Place) -> Source:
    if place.unique:
        raise place.wrong(
            "there are ten card numbers for tests, so rows cannot have different ones",
            'write: pattern: "4[0-9]{15}" for numbers that no network checks',
        )
    return Pick(place.key, _CARDS, place.shape)


def _iban(place: Place) -> Source:
    def make(number: int) -> str:
        account = f"{number % 10**14:014d}"
        letters = "".join(str(int(char, 36)) for char in f"TEST{account}GB00")
        return f"GB{98 - int(letters) % 97:02d}TEST{account}"

    return text_source(place, sampled(place, make))


def _product_name(place: Place) -> Source:
    return text_source(place, [f"{word} " for word in _ADJECTIVES], [f"{word} " for word in _MATERIALS], _THINGS)


TEXTS: Final[dict[str, Callable[[Place], Source]]] = {
    **{
        kind: _of_words(kind)
        for kind in [
            "first_name",
            "last_name",
            "company",
            "job",
            "city",
            "state",
            "postcode",
            "country",
            "country_code",
            "locale",
            "language",
            "currency",
            "time_zone",
            "word",
            "color",
        ]
    },
    "full_name": _full_name,
    "user_name": _user_name,
    "email": _email,
    "phone": _phone,
    "street_address": _street_address,
    "sentence": _sentence,
    "paragraph": _paragraph,
    "text": _any_text,
    "slug": _slug,
    "title": _title,
    "url": _url,
    "host": _host,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "mac": _mac,
    "user_agent": _user_agent,
    "file_name": _file_name,
    "mime_type": lambda place: text_source(place, _MIME),
    "card_number": _card_number,
    "iban": _iban,
    "product_name": _product_name,
}
"""By the generator's name."""
