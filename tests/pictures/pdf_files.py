"""PDF files made object by object."""

import hashlib
from collections.abc import Sequence

from tests.pictures.packing import packed

# PDF 32000-1, 7.6.3.3: what passwords are padded with.
_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_PERMISSIONS = -4

# Upper left quarter black, on a page of 200 x 100 points.
QUARTER = b"0 50 100 50 re f"


def page(content: bytes = QUARTER, *, keys: bytes = b"/MediaBox [0 0 200 100]") -> tuple[bytes, bytes]:
    """A page's entries and its content."""
    return keys, content


def pdf(
    *pages: tuple[bytes, bytes],
    objects: Sequence[bytes] = (),
    catalog: bytes = b"",
    password: str | None = None,
    count: int | None = None,
) -> bytes:
    """A PDF.

    Args:
        objects: further objects, numbered from 10.
        catalog: further entries of the catalog.
        password: it is encrypted (RC4 of 40 bits), and opens with this one.
        count: the number of pages that it says it has, instead of the right one.
    """
    first = 10 + len(objects)
    kids = b" ".join(b"%d 0 R" % (first + 2 * number) for number in range(len(pages)))
    numbered = {
        1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        2: b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(pages) if count is None else count),
        **{10 + number: body for number, body in enumerate(objects)},
    }
    key = owner = None
    identifier = b"0123456789abcdef"
    if password is not None:
        key, owner, user = _encryption(password.encode(), identifier)
        numbered[3] = (
            b"<< /Filter /Standard /V 1 /R 2 /Length 40 /P %d /O <%s> /U <%s> >>"
            % (_PERMISSIONS, owner.hex().encode(), user.hex().encode())
        )  # fmt: skip
    for index, (keys, content) in enumerate(pages):
        number = first + 2 * index
        numbered[number] = b"<< /Type /Page /Parent 2 0 R /Contents %d 0 R %s >>" % (number + 1, keys)
        if key is not None:
            salted = hashlib.md5(key + (number + 1).to_bytes(3, "little") + b"\0\0").digest()[: len(key) + 5]
            numbered[number + 1] = stream(_rc4(salted, content))
        else:
            numbered[number + 1] = stream(content)
    return _written(numbered, b"/Encrypt 3 0 R " if password is not None else b"", identifier)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """A stream object."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def blank_image(width: int, height: int) -> bytes:
    """An image object in 8-bit grey, all black, that is small as a file."""
    return stream(
        packed(bytes(width), height),
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8"
        b" /Filter /FlateDecode" % (width, height),
    )


def _written(numbered: dict[int, bytes], trailer: bytes, identifier: bytes) -> bytes:
    content, places = bytearray(b"%PDF-1.7\n"), {}
    for number, body in sorted(numbered.items()):
        places[number] = len(content)
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    size, table_at = max(numbered) + 1, len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        content += b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 00000 f \n"
    named = identifier.hex().encode()
    content += b"trailer\n<< /Size %d /Root 1 0 R %s/ID [<%s> <%s>] >>\n" % (size, trailer, named, named)
    return bytes(content) + b"startxref\n%d\n%%%%EOF\n" % table_at


def _encryption(password: bytes, identifier: bytes) -> tuple[bytes, bytes, bytes]:
    """The key, and the entries O and U, of the standard security handler's revision 2 (algorithms 2 to 4)."""
    padded = (password + _PADDING)[:32]
    owner = _rc4(hashlib.md5((b"owner" + _PADDING)[:32]).digest()[:5], padded)
    key = hashlib.md5(padded + owner + _PERMISSIONS.to_bytes(4, "little", signed=True) + identifier).digest()[:5]
    return key, owner, _rc4(key, _PADDING)


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
