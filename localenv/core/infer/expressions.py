"""Expressions of checks as trees: what a generator must know of them, not all that SQL can say.

Casts are dropped, ``BETWEEN``, ``IN`` and ``= ANY (ARRAY[...])`` become plain comparisons and ``in``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from localenv.core.infer.tokens import NotUnderstood, Token, tokens
from localenv.core.infer.tree import Call, Expression, Literal, Name, Operation

__all__ = ["NotUnderstood", "parse"]


_COMPARISONS: Final = {"=", "<>", "!=", "<", "<=", ">", ">=", "<=>"}
_SAME: Final = {"!=": "<>", "~~": "like", "~~*": "ilike", "!~~": "not like", "!~~*": "not ilike", "regexp": "~*", "rlike": "~*"}
_WORDED: Final = frozenset({"in", "between", "like", "ilike", "regexp", "rlike"})
_SUMS: Final = {"+", "-"}
_PRODUCTS: Final = {"*", "/", "%", "^"}
_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_NOW: Final = {"current_date", "current_timestamp", "localtimestamp", "current_time", "current_user"}
_TYPE_TAILS: Final = {
    "character": ("varying",),
    "bit": ("varying",),
    "double": ("precision",),
    "timestamp": ("without", "with", "time", "zone"),
    "time": ("without", "with", "time", "zone"),
}


def parse(text: str, *, backslashes: bool = False) -> Expression:
    """Read an expression. Raises ``NotUnderstood``; ``backslashes`` as MariaDB and MySQL write strings."""
    parser = _Parser(list(tokens(text, backslashes=backslashes)))
    try:
        found = parser.disjunction()
    except (IndexError, RecursionError) as error:
        raise NotUnderstood(text) from error
    if parser.peek.kind != "end":
        raise NotUnderstood(parser.peek.text)
    return found


class _Parser:
    """Precedence climbing over the tokens."""

    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._place = 0

    @property
    def peek(self) -> Token:
        return self._tokens[self._place]

    def disjunction(self) -> Expression:
        parts = [self._conjunction()]
        while self._word("or"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else Operation("or", tuple(parts))

    def _conjunction(self) -> Expression:
        parts = [self._negation()]
        while self._word("and"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else Operation("and", tuple(parts))

    def _negation(self) -> Expression:
        if self._word("not") or self._operator("!"):
            return Operation("not", (self._negation(),))
        return self._comparison()

    def _comparison(self) -> Expression:
        left = self._other()
        while True:
            if self._word("is"):
                left = self._is(left)
            elif self._ahead("not", _WORDED):
                left = Operation("not", (self._worded(left),))
            elif self.peek.kind == "word" and self.peek.text.lower() in _WORDED:
                left = self._worded(left)
            elif self.peek.kind == "operator" and self.peek.text in _COMPARISONS:
                operator = self._next().text
                left = self._compared(_SAME.get(operator, operator), left)
            else:
                return left

    def _is(self, left: Expression) -> Expression:
        negated = self._word("not")
        if self._word("distinct"):
            self._expect_word("from")
            found: Expression = Operation("<>", (left, self._other()))
            return Operation("not", (found,)) if negated else found
        word = self._next().text.lower()
        if word in {"null", "unknown"}:
            found = Operation("is-null", (left,))
        elif word in {"true", "false"}:
            found = left if word == "true" else Operation("not", (left,))
        else:
            raise NotUnderstood(f"is {word}")
        return Operation("not", (found,)) if negated else found

    def _worded(self, left: Expression) -> Expression:
        word = self._next().text.lower()
        if word == "in":
            self._expect("(")
            return Operation("in", (left, *self._list(")")))
        if word == "between":
            low = self._other()
            self._expect_word("and")
            return Operation("and", (Operation(">=", (left, low)), Operation("<=", (left, self._other()))))
        return Operation(_SAME.get(word, word), (left, self._other()))

    def _compared(self, operator: str, left: Expression) -> Expression:
        for quantifier in ("any", "all"):
            if self.peek.kind == "word" and self.peek.text.lower() == quantifier and self._tokens[self._place + 1].text == "(":
                self._next()
                return _quantified(operator, quantifier, left, self._primary())
        return Operation("=" if operator == "<=>" else operator, (left, self._other()))

    def _other(self) -> Expression:
        left = self._sum()
        while self.peek.kind == "operator" and self._is_other(self.peek.text):
            operator = self._next().text
            operator = _SAME.get(operator, operator)
            for quantifier in ("any", "all"):
                if self._word(quantifier):
                    left = _quantified(operator, quantifier, left, self._primary())
                    break
            else:
                left = Operation(operator, (left, self._sum()))
        if self.peek.kind == "word" and self.peek.text.lower() == "operator":
            return self._named_operator(left)
        return left

    def _named_operator(self, left: Expression) -> Expression:
        """``a OPERATOR(public.=) b``, as operators of an extension are printed."""
        self._next()
        self._expect("(")
        while self.peek.kind in {"word", "quoted"} or self.peek.text == ".":
            self._next()
        operator = self._next().text
        self._expect(")")
        return self._compared(_SAME.get(operator, operator), left)

    @staticmethod
    def _is_other(text: str) -> bool:
        known = _COMPARISONS | _SUMS | _PRODUCTS | {"(", ")", ",", "[", "]", ":", "::", ".", "&&", "!"}
        return text not in known

    def _sum(self) -> Expression:
        left = self._product()
        while self.peek.kind == "operator" and self.peek.text in _SUMS:
            left = Operation(self._next().text, (left, self._product()))
        return left

    def _product(self) -> Expression:
        left = self._signed()
        while self.peek.kind == "operator" and self.peek.text in _PRODUCTS:
            left = Operation(self._next().text, (left, self._signed()))
        return left

    def _signed(self) -> Expression:
        if self._operator("-"):
            operand = self._signed()
            if isinstance(operand, Literal) and isinstance(operand.value, Decimal):
                return Literal(-operand.value)
            return Operation("-", (Literal(Decimal(0)), operand))
        return self._primary()

    def _primary(self) -> Expression:
        found = self._atom()
        while True:
            if self._operator("::"):
                self._type()
            elif self._operator("["):
                found = Operation("[]", (found, *self._list("]")))
            elif self._word("collate"):
                self._type()
            else:
                return found

    def _atom(self) -> Expression:
        token = self._next()
        if token.kind == "operator" and token.text == "(":
            parts = self._list(")")
            return parts[0] if len(parts) == 1 else Operation("row", tuple(parts))
        if token.kind == "string":
            return Literal(token.text)
        if token.kind == "number":
            return Literal(Decimal(token.text))
        if token.kind not in {"word", "quoted"}:
            raise NotUnderstood(token.text)
        return self._named(token)

    def _named(self, token: Token) -> Expression:
        word = token.text.lower() if token.kind == "word" else ""
        if word in _CONSTANTS:
            return Literal(_CONSTANTS[word])
        if word == "array" and self._operator("["):
            return Operation("array", tuple(self._list("]")))
        if word == "case":
            return self._case()
        if word in {"exists", "select"}:
            raise NotUnderstood(word)
        if word in _NOW and self.peek.text != "(":
            return Call(word, ())
        name = token.text
        while self._operator("."):
            name = self._next().text
        if self._operator("("):
            return self._call(name.lower())
        return Name(name)

    def _case(self) -> Expression:
        """``case`` with condition, value, condition, value..., else."""
        subject = None if self.peek.text.lower() == "when" else self.disjunction()
        parts: list[Expression] = []
        while self._word("when"):
            condition = self.disjunction()
            parts.append(condition if subject is None else Operation("=", (subject, condition)))
            self._expect_word("then")
            parts.append(self.disjunction())
        parts.append(self.disjunction() if self._word("else") else Literal(None))
        self._expect_word("end")
        return Operation("case", tuple(parts))

    def _call(self, name: str) -> Expression:
        if name in {"cast", "extract"}:
            first = self.disjunction()
            if name == "cast":
                self._expect_word("as")
                self._type(charset=True)
            else:
                self._expect_word("from")
                first = Operation("row", (first, self.disjunction()))
            self._expect(")")
            return first if name == "cast" else Call(name, (first,))
        return Call(name, tuple(self._list(")")))

    def _list(self, closing: str) -> list[Expression]:
        found: list[Expression] = []
        while not self._operator(closing):
            found.append(self.disjunction())
            if not self._operator(","):
                self._expect(closing)
                break
        return found

    def _type(self, *, charset: bool = False) -> None:
        word = self._next().text.lower()
        while self._operator("."):
            word = self._next().text.lower()
        if self._operator("("):
            self._list(")")
        tails = ("charset", "character", "set", "utf8mb4", "utf8", "unsigned", "signed") if charset else _TYPE_TAILS.get(word, ())
        while self.peek.kind == "word" and self.peek.text.lower() in tails:
            self._next()
            if self._operator("("):
                self._list(")")
        while self.peek.text == "[" and self._tokens[self._place + 1].text == "]":
            self._next()
            self._next()

    def _next(self) -> Token:
        token = self._tokens[self._place]
        if token.kind == "end":
            raise NotUnderstood("the end")
        self._place += 1
        return token

    def _word(self, word: str) -> bool:
        if self.peek.kind == "word" and self.peek.text.lower() == word:
            self._place += 1
            return True
        return False

    def _ahead(self, word: str, following: frozenset[str]) -> bool:
        after = self._tokens[self._place + 1] if self.peek.kind != "end" else self.peek
        return after.text.lower() in following and after.kind == "word" and self._word(word)

    def _operator(self, text: str) -> bool:
        if self.peek.kind == "operator" and self.peek.text == text:
            self._place += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._operator(text):
            raise NotUnderstood(self.peek.text)

    def _expect_word(self, word: str) -> None:
        if not self._word(word):
            raise NotUnderstood(self.peek.text)


def _quantified(operator: str, quantifier: str, left: Expression, right: Expression) -> Expression:
    members = _members(right)
    if members is None:
        return Operation(quantifier, (left, right))
    if operator == "=" and quantifier == "any":
        return Operation("in", (left, *members))
    if operator == "<>" and quantifier == "all":
        return Operation("not", (Operation("in", (left, *members)),))
    parts = tuple(Operation(operator, (left, member)) for member in members)
    return Operation("or" if quantifier == "any" else "and", parts)


def _members(array: Expression) -> tuple[Expression, ...] | None:
    if isinstance(array, Operation) and array.operator == "array":
        return array.operands
    if isinstance(array, Literal) and isinstance(array.value, str) and array.value.startswith("{"):
        inner = array.value[1:-1]
        return tuple(Literal(part.strip().strip('"')) for part in inner.split(",")) if inner else ()
    return None
