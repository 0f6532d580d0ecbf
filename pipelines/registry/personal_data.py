"""Personal data in what was sent: which kinds there are, and a text, a key or a number's cell without them.

A text is looked at as a reader sees it: digits of any script, look-alike signs and letters that nobody sees
make no difference. A text without personal data is given back as it is, letter by letter.

Source: UU 27/2022 (personal data). Rules ``PII-001`` and ``PII-002`` tell the region.

Put here: what personal data looks like, and what stands in its place. Keep out: in which rows it is looked
for (``warehouse.personal_rows``).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

from pipelines.registry.personal_numbers import is_figure, kind_of_figure, numbers_of_persons
from pipelines.registry.seen_text import as_seen

KINDS = (
    "telepon",
    "NIK",
    "KK",
    "NPWP",
    "BPJS",
    "NIP",
    "paspor",
    "rekening",
    "surel",
    "tanggal lahir",
    "nama",
)
"""What is looked for, as it is named in a text in the place of the value: telephone (mobiles and land lines),
identity number, family card, tax number (of 15 and 16 digits), health insurance, number of civil servants,
passport, bank account, e-mail, date of birth, name beside one of these."""

_TOKEN_LETTERS = 12
_CELL = re.compile(r"[A-Z]{1,3}[0-9]{1,7}(?:\+[A-Z0-9+]{1,200})?")


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without personal data, and the ``kinds`` that it held, in the order of ``KINDS``."""

    text: str
    kinds: tuple[str, ...] = ()

    @property
    def found(self) -> str | None:
        """The kinds as a rule quotes them, ``telepon, NIK``; none where there are none."""
        return ", ".join(self.kinds) or None


def masked(text: str) -> Masked:
    """A text with the kind of each personal datum in brackets in its place; masking twice changes nothing."""
    return _masked(text, "[{}]".format)


def masked_key(text: str) -> Masked:
    """The same for a key: behind the kind stand letters that are the same for the same key alone.

    A place on a sheet keeps its cell, so that places on one sheet stay on one.
    """
    head, mark, cell = text.rpartition("!")
    if not (mark and _CELL.fullmatch(cell)):
        head, mark, cell = text, "", ""
    found = _masked(head, lambda kind: f"[{kind}-{token(head)}]")
    return Masked(found.text + mark + cell, found.kinds) if found.kinds else Masked(text)


def masked_item(text: str) -> Masked:
    """The same for the name of an item, by which rows differ: blanks in it make no other item."""
    found = masked_key(" ".join(text.split()))
    return found if found.kinds else Masked(text)


def masked_figure(text: str) -> Masked:
    """The same for a cell of a number: a figure stays, however long; an identity number is none.

    Of numbers by themselves only what no figure can be is masked: the identity number of a region that there
    is with a day that there is, the number of a civil servant, a telephone with its leading 0.
    """
    if not is_figure(text):
        return masked(text)
    kind = kind_of_figure(text)
    return Masked(f"[{kind}]", (kind,)) if kind else Masked(text)


def token(text: str) -> str:
    """Letters (no digit, so that no number is found in them) that stand for a text, the same everywhere."""
    digest = hmac.new(b"spm:personal", text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
    return "".join(chr(ord("a") + int(digit, 16)) for digit in digest[:_TOKEN_LETTERS])


_OPEN, _CLOSE = r"[\[({<]\s?", r"\s?[\])}>]"
_AT_SIGN = rf"(?:\s{{0,2}}(?:@|{_OPEN}(?:at|a|et|@|pada){_CLOSE})\s{{0,2}}|\s+at\s+|_at_)"
_DOT_SIGN = rf"(?:\s?\.\s?|\s?{_OPEN}(?:dot|titik|d|\.){_CLOSE}\s?|\s+(?:dot|titik)\s+|_dot_)"
_TOP = (
    r"(?:id|com|net|org|info|biz|edu|gov|io|me|co|my|sg|xyz|asia|example|test|invalid|local"
    r"|gmail|yahoo|ymail|outlook|hotmail)"
)
_LOCAL = r"(?<![\w.%+'-])[\w.%+'-]{1,64}"
_MAIL = re.compile(
    # as it is written; then with signs that are said in words or set apart, in a domain that there is
    rf"{_LOCAL}@(?:[\w-]{{1,63}}\.){{1,6}}[^\W\d_]{{2,24}}(?![\w-])"
    rf"|{_LOCAL}{_AT_SIGN}(?:[\w-]{{1,63}}{_DOT_SIGN}){{0,6}}{_TOP}(?![\w-])"
    rf"|{_LOCAL}@\[?[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}\]?",
    re.IGNORECASE,
)
_MAY_BE_MAIL = re.compile(rf"@|{_OPEN}(?:at|a|et|pada){_CLOSE}|\s+at\s+|_at_", re.IGNORECASE)
_MONTHS = r"(?:jan|feb|peb|mar|apr|mei|may|jun|jul|agu|ags|aug|sep|okt|oct|nop|nov|des|dec)[a-z]{0,6}"
_DATE = (
    rf"(?:[0-3]?[0-9][\s./-]{{1,2}}(?:[01]?[0-9]|{_MONTHS})[\s./-]{{1,2}}(?:[0-9]{{4}}|[0-9]{{2}})"
    rf"|(?:19|20)[0-9]{{2}}[\s./-]{{0,2}}[01][0-9][\s./-]{{0,2}}[0-3][0-9]|[0-3][0-9][01][0-9](?:19|20)[0-9]{{2}})(?![0-9])"
)
_BIRTH = re.compile(
    rf"((?<![A-Za-z])(?:t\.?\s?t\.?\s?l\.?|(?:tgl\.?|tanggal|tempat)[^0-9A-Za-z]{{0,3}}lahir"
    rf"|(?<!baru )(?<!bayi )lahir|born|d\.?o\.?b\.?|(?:date of )?birth(?:day|date)?)"
    rf"(?![a-z])[^0-9\n]{{0,32}}?)({_DATE})",
    re.IGNORECASE,
)
_PASSPORT = re.compile(
    r"((?<![A-Za-z])(?:paspor|pasport|passport)(?![a-z])[^0-9\n]{0,16}?)"
    r"([A-Za-z]{1,2}\s?-?\s?[0-9]{6,7})(?![0-9])",
    re.IGNORECASE,
)
_NO_NAME = (
    r"(?!(?:NIK|KTP|KK|NPWP|BPJS|JKN|KIS|NIP|HP|WA|No|Nomor|Telp|Telepon|Tel|Rek|Rekening|Bank|BRI|BNI|BCA|BTN|BSI|BPD"
    r"|Mandiri|Email|Surel|TTL|Tgl|Tanggal|Tempat|Lahir|Paspor|Dinas|Badan|Kantor|Puskesmas|Rumah|RSUD|RS|Kota|Kabupaten"
    r"|Kab|Provinsi|Kecamatan|Kec|Desa|Kelurahan|Kel|Pelayanan|Laporan|Data|Warga|Pasien|Keluhan|Hubungi|Kontak|Kepala"
    r"|Nama|Atas|Bapak|Ibu|Sdr|Sdri|Milik|Alamat|Target|Realisasi|Belum|Sudah|Tidak|Yang|Untuk|Dengan|Jl|Jalan|SPM"
    r"|Triwulan|TW|Tahun|Sheet|Lembar|SMP|SMA|SD|Sekolah|Peserta|Penerima|Fax|Faks|Call|Center|Pegawai|Contact"
    r")\b)"
)
_A_NAME = rf"{_NO_NAME}[A-Z][A-Za-z'’.]{{1,24}}(?:[ ]{_NO_NAME}(?:[A-Z][A-Za-z'’.]{{0,24}}|bin|binti)){{0,4}}"
_SIGN = r"[\s,:;()\[=/_-]{0,4}"
_MARK_OF_ALL = r"\[(?:NIK|KK|NPWP|BPJS|NIP|paspor|rekening|telepon|surel|tanggal lahir)(?:-[a-p]{12})?\]"
_MARK_OF_PERSON = r"\[(?:NIK|KK|NPWP|BPJS|NIP|paspor|rekening|tanggal lahir)(?:-[a-p]{12})?\]"
_LABEL = (
    r"(?:(?:[Nn]o\.?|[Nn]omor)?\s?(?:NIK|KTP|KK|NPWP|BPJS|JKN|NIP|TTL|[Pp]aspor|[Rr]ek(?:ening)?\.?|[Ll]ahir)"
    r"\b\.?)?"
)
_TITLED = re.compile(
    rf"((?<![A-Za-z])(?:[Nn]ama(?: [Ll]engkap)?|NAMA|[Aa]tas [Nn]ama|[Aa]\.\s?[Nn]\.?|[Aa]n\.|[Ss]dri?\.?"
    rf"|[Ss]audar[ai]|[Bb]pk\.?|[Bb]apak|[Ii]bu|[Tt]n\.|[Nn]y\.|[Pp]ak|[Bb]u)\s{{0,2}}[:=.]?\s{{0,2}})({_A_NAME})"
)
_NAMED_BEFORE = re.compile(rf"((?<![A-Za-z]))({_A_NAME})(?={_SIGN}{_LABEL}{_SIGN}{_MARK_OF_PERSON})")
_NAMED_BEHIND = re.compile(rf"({_MARK_OF_PERSON}{_SIGN}(?:a\.?n\.?|atas nama)?\s?)({_A_NAME})")
_IN_BRACKETS = re.compile(rf"({_MARK_OF_ALL}\s?\()({_A_NAME})(?=\))")
_MARKED = re.compile(_MARK_OF_ALL)
# 9 digits whatever is between, a sign of mail, or a word that something follows
_MAY_HOLD = re.compile(
    r"[0-9](?:[\s.,_/()\[\]~'\":;|*+=#-]{0,8}[0-9]){7}|@"
    r"|lahir|birth|born|dob|d\.o\.b|t\.?\s?t\.?\s?l|pas{1,2}por"
    rf"|{_MAY_BE_MAIL.pattern}",
    re.IGNORECASE,
)


def _masked(text: str, mark: Callable[[str], str]) -> Masked:
    plain = as_seen(text)
    if not _MAY_HOLD.search(plain):
        return Masked(text)
    found: set[str] = set()

    def put(kind: str) -> str:
        found.add(kind)
        return mark(kind)

    shown = plain
    if _MAY_BE_MAIL.search(shown):
        shown = _MAIL.sub(lambda _: put("surel"), shown)
    shown = _PASSPORT.sub(lambda at: at[1] + put("paspor"), shown)
    shown = _BIRTH.sub(lambda at: at[1] + put("tanggal lahir"), shown)
    parts, end = [], 0
    for start, stop, kind in numbers_of_persons(shown):
        parts += [shown[end:start], put(kind)]
        end = stop
    shown = "".join([*parts, shown[end:]])
    if not found:
        return Masked(text)
    # a name is personal beside what tells the person
    for name in (_TITLED, _IN_BRACKETS, _NAMED_BEFORE, _NAMED_BEHIND):
        shown = name.sub(lambda at: at[1] + put("nama"), shown)
    return Masked(shown, tuple(kind for kind in KINDS if kind in found))
