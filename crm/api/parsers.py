"""JSON as the API takes it: nothing that no database or answer could hold, and not nested beyond reason."""

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class StorableJSONParser(JSONParser):
    """Refuses half of a surrogate pair anywhere in the body: no text of the answer could name it."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            data = super().parse(stream, media_type, parser_context)
            json.dumps(data, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ParseError("The text has characters that can't be stored.") from None
        except RecursionError:
            raise ParseError("The body is nested too deeply.") from None
        return data
