"""Texts with personal data in 12 kinds, each in the notations that people and attackers use, and clean texts.

All persons are made up: numbers of regions that there are, with serials and names that nobody has.

Put here: the texts. Keep out: what is asked of them (``test_personal_data``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import product

from pipelines.registry.periods import all_periods
from pipelines.registry.regions import all_states
from pipelines.registry.rules import rules
from pipelines.registry.seeds import read_seed

Notation = tuple[str, str]
"""A text, and what no reader may find in it, as digits or letters alone."""


def _grouped(digits: str, sizes: tuple[int, ...], sign: str) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(digits[at : at + size])
        at += size
    return sign.join(parts)


def _in_script(digits: str, zero: str) -> str:
    return "".join(chr(ord(zero) + int(one)) if one.isdigit() else one for one in digits)


_ZEROS = {
    "full width": "０",
    "arabic": "٠",
    "persian": "۰",
    "devanagari": "०",
    "bengali": "০",
    "thai": "๐",
    "khmer": "០",
    "javanese": "꧐",
    "balinese": "᭐",
    "bold": "𝟎",
    "monospace": "𝟶",
}
_UNSEEN = ("\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u3164", "\ufe0f")
_SIGNS = (
    " ",
    "-",
    ".",
    "\u00a0",
    "\u2009",
    "\u2013",
    "\u2011",
    "\u2212",
    "_",
    "/",
    "\n",
    "\t",
    " - ",
    "·",
    ":",
    "|",
    " * ",
    "      ",
    "  ",
)


def _number_notations(digits: str, groupings: tuple[tuple[int, ...], ...]) -> Iterator[str]:
    yield digits
    for sizes, sign in product(groupings, _SIGNS):
        yield _grouped(digits, sizes, sign)
    for zero in _ZEROS.values():
        yield _in_script(digits, zero)
    for unseen in _UNSEEN:
        yield unseen.join(digits)
    yield "".join(f"{one}\ufe0f\u20e3" for one in digits)
    yield digits.replace("0", "O")
    yield _grouped(digits, (1,) * len(digits), " ")
    yield "".join(f"&#{ord(one)};" for one in digits)


def _said(digits: str) -> str:
    words = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
    return " ".join(words[int(one)] for one in digits)


def identity() -> Iterator[Notation]:
    """NIK: 16 digits with a day of birth, of a woman 40 more."""
    for digits in ("6471051708890003", "3273015203910002"):
        for text in _number_notations(digits, ((6, 6, 4), (4, 4, 4, 4), (2, 2, 2, 6, 4))):
            yield f"Warga dengan {text} belum terlayani", digits
    digits = "6471051708890003"
    for frame in (
        "NIK{}",
        "NIK:{}",
        "nik {}.",
        "KTP no. {}",
        "({})",
        "{}a",
        "x{}",
        "'{}",
        "NIK={};",
        "{}/2024",
        "K{}-1",
        "no NIK adalah {}",
        "NIK Sdr. tersebut {} dst",
        "LAPORAN_{}_2024-Q4.xlsx",
        "64.71_{}.csv",
        "NIK {} dan {}",
        '{{"nik": "{}"}}',
        "<b>{}</b>",
    ):
        yield frame.replace("{}", digits).replace("{{", "{").replace("}}", "}"), digits
    # a number that cannot be one by its day, said to be one
    yield "NIK 6471059908890003", "6471059908890003"
    yield "No. KTP 0000000000000001", "0000000000000001"


def family() -> Iterator[Notation]:
    """KK: as the number of a person, with the day that the card was made; said to be one."""
    digits = "6471051203150007"
    for text in _number_notations(digits, ((6, 6, 4), (4, 4, 4, 4))):
        yield f"No. KK {text}", digits
    for word in ("KK", "Kartu Keluarga", "nomor kartu keluarga", "no kk:", "K.K."):
        yield f"{word} 6471059903150000 an. keluarga", "6471059903150000"


def tax() -> Iterator[Notation]:
    """NPWP of 15 digits and of 16."""
    digits = "092542943407000"
    parts = ("09", "254", "294", "3", "407", "000")
    yield "NPWP 09.254.294.3-407.000", digits
    yield "09.254.294.3-407.000", digits
    for sign in (" ", ".", "-", "\u2013", "\u00a0"):
        yield f"pajak {sign.join(parts)}", digits
    for text in _number_notations(digits, ((3, 3, 3, 3, 3), (2, 3, 3, 1, 3, 3))):
        yield f"NPWP {text}", digits
    yield "NPWP: 0092542943407000", "0092542943407000"
    yield "nomor 0092542943407000", "0092542943407000"
    yield "NPWP16 6471051708890003", "6471051708890003"
    yield "NITKU 0092542943407000000000", "0092542943407000000000"
    yield "nomor pokok wajib pajak 092542943407000", digits


def insurance() -> Iterator[Notation]:
    """BPJS: 13 digits that begin with 000, or any that are said to be one."""
    digits = "0001234567891"
    for text in _number_notations(digits, ((4, 4, 5), (3, 3, 3, 4))):
        yield f"No. BPJS {text}", digits
    for frame in ("peserta {}", "JKN {}", "KIS:{}", "({})", "noka {} aktif", "bpjs kesehatan nomor {}"):
        yield frame.format(digits), digits
    yield "BPJS ketenagakerjaan 12345678901", "12345678901"
    yield "BPJS 1234567890123", "1234567890123"


def servant() -> Iterator[Notation]:
    """NIP: day of birth, month of appointment, sex, serial."""
    digits = "198708172010012003"
    for text in _number_notations(digits, ((8, 6, 1, 3), (4, 4, 4, 2, 4))):
        yield f"Pengelola {text}", digits
    for frame in ("NIP. {}", "NIP{}", "nip: {}", "({})", "PPPK {}"):
        yield frame.format(digits), digits
    yield "NIP 132123456", "132123456"
    yield "NIP 199001012021211001", "199001012021211001"


def passport() -> Iterator[Notation]:
    """Passport: beside its word."""
    for number in ("A1234567", "B 7654321", "X-1234567", "C1234567", "e1234567", "AB123456"):
        for frame in (
            "paspor {}",
            "Paspor no. {}",
            "nomor paspor: {}",
            "passport {}",
            "PASSPORT No {}",
            "(paspor {})",
        ):
            yield frame.format(number), "".join(filter(str.isalnum, number))
    yield "paspor Ａ１２３４５６７", "A1234567"
    yield "paspor A1\u200b234567", "A1234567"


def account() -> Iterator[Notation]:
    """Bank accounts: beside a word."""
    digits = "1480012345678"
    for text in _number_notations(digits, ((3, 2, 5, 3), (3, 2, 8))):
        yield f"No. Rekening {text}", digits
    for frame in (
        "rek {}",
        "Rek. {}",
        "norek: {}",
        "BRI {}",
        "Bank Mandiri {}",
        "BNI no. {}",
        "BCA a.n. Budi {}",
        "BSI: {}",
        "bank BPD Kaltim nomor {}",
        "tabungan {}",
        "VA {}",
        "virtual account {}",
        "rekening tabungan atas nama Siti {}",
    ):
        yield frame.format(digits), digits
    yield "rekening 9999990000000001", "9999990000000001"
    yield "Rekening 12345678", "12345678"


def mobile() -> Iterator[Notation]:
    """Mobiles."""
    digits = "081234567890"
    for text in _number_notations(digits, ((4, 4, 4), (3, 3, 3, 3), (4, 3, 5))):
        yield f"Keluhan dari {text}", digits
    for text in (
        "+6281234567890",
        "+62 812 3456 7890",
        "+62-812-3456-7890",
        "(+62) 812-3456-7890",
        "+62 (0)812 3456 7890",
        "6281234567890",
        "62 812-3456-7890",
        "0062 812 3456 7890",
        "(0812) 3456 7890",
        "(0812)34567890",
        "+62.812.3456.7890",
        "HP081234567890",
        "WA:081234567890",
        "wa.me/6281234567890",
        "tel:+6281234567890",
        "HP 81234567890",
        "no wa 8123 4567 890",
        "O812-3456-7890",
        "o8123456789o",
        "call 0812~3456~7890",
        "hubungi: 0812 - 3456 - 7890",
        "081234567890x",
        "Budi_081234567890.xlsx",
        "0812/3456/7890",
        "0812,3456,7890",
        "0812.3456.7890 / 0813.1111.2222",
    ):
        yield text, "81234567890"[:-1] if "7890" not in text and "789o" not in text else "812345678"
    yield _said("081234567890"), "nol delapan satu dua"
    yield f"hubungi {_said('081234567890').replace(' ', '-')}", "delapan-satu-dua"
    yield "HP 0800-0000-0000", "080000000000"


def land_line() -> Iterator[Notation]:
    """Land lines."""
    for text in (
        "(021) 5550123",
        "(021)5550123",
        "021-5550123",
        "021 5550123",
        "021 555 0123",
        "021.555.0123",
        "+62 21 5550123",
        "+62215550123",
        "+62-21-555-0123",
        "(+62 21) 5550123",
        "telp 0215550123",
        "Telp. 021 5550123",
        "fax: 0215550123",
        "tlp 021/5550123",
        "０２１-５５５０１２３",
        "021\u20115550123",
        "021\u200b-555\u200b0123",
        "021 – 5550123",
        "021\u00a05550123",
        "telepon (62-21) 5550123",
        "kantor 021-555 0123",
        "Tel: (021) 555-0123",
        "hubungi 021 5550123",
        "call center 021 5550123",
        "(٠٢١) ٥٥٥٠١٢٣",
        "(021 ) 5550123",
    ):
        yield text, "5550123"
    for text in (
        "0542-735123",
        "(0542) 735123",
        "0542 735 123",
        "telp 0542735123",
        "0542.735.123",
        "Telp/Fax 0542-735123",
        "(0542)735123",
        "+62 542 735123",
        "0542 – 735123",
        "telepon: 0542 735123 ext 2",
        "0542\u2011735123",
        "ponsel kantor 0542-735-123",
    ):
        yield text, "735123"


def mail() -> Iterator[Notation]:
    """E-mail."""
    for text in (
        "siti.a@contoh.go.id",
        "siti.a@contoh.example",
        "<siti.a@contoh.go.id>",
        "mailto:siti.a@contoh.go.id",
        "SITI.A@CONTOH.GO.ID",
        "siti.a＠contoh.go.id",
        "siti.a﹫contoh.go.id",
        "siti.a @ contoh.go.id",
        "siti.a@ contoh.go.id",
        "siti.a (at) contoh.go.id",
        "siti.a[at]contoh.go.id",
        "siti.a {at} contoh.go.id",
        "siti.a(a)contoh.go.id",
        "siti.a (a) contoh (dot) go (dot) id",
        "siti.a at contoh dot go dot id",
        "siti.a at contoh.go.id",
        "siti.a[at]contoh[dot]go[dot]id",
        "siti.a@contoh[.]go[.]id",
        "siti.a@contoh . go . id",
        "siti.a%40contoh.go.id",
        "siti.a&#64;contoh.go.id",
        "siti.a&commat;contoh.go.id",
        "siti.a&#x40;contoh.go.id",
        "siti.a@\u200bcontoh.go.id",
        "siti.a\u200b@contoh.go.id",
        "s\u00aditi.a@contoh.go.id",
        "siti.a@contoh。go。id",
        "siti.a@contoh．go．id",
        "ｓｉｔｉ．ａ＠ｃｏｎｔｏｈ．ｇｏ．ｉｄ",
        "siti.a+spm@contoh.go.id",
        "siti_a@contoh-dinas.go.id",
        "siti.a@gmail",
        "siti.a@gmail.com;budi@contoh.id",
        "081234567890@contoh.example",
        "siti.a (@) contoh.go.id",
        "siti.a AT contoh DOT go DOT id",
        "siti.a@xn--contoh-9ua.id",
        "s.a@contoh.co.id,",
        "surel siti.a titik b at contoh titik go titik id",
        "form_siti.a@contoh.go.id.xlsx",
        "siti.a@[10.0.0.1]",
        "𝐬𝐢𝐭𝐢.𝐚@contoh.go.id",
        "siti.a_at_contoh.go.id",
        "siti.a@contoh.museum",
    ):
        yield f"Tulis ke {text}", "contoh" if "gmail" not in text and "10.0" not in text else "siti"


def birth() -> Iterator[Notation]:
    """Date of birth beside its word."""
    days = (
        "17-08-1987",
        "17/08/1987",
        "17.08.1987",
        "17 Agustus 1987",
        "17 Agu 1987",
        "1987-08-17",
        "17-8-87",
        "17 08 1987",
        "17081987",
        "１７-０８-１９８７",
        "17\u201308\u20131987",
        "17\u200b-08-1987",
        "17 August 1987",
        "19870817",
        "1987/08/17",
    )
    for day in days:
        yield f"TTL: Balikpapan, {day}", day
        yield f"tanggal lahir {day}", day
    for frame in (
        "lahir {}",
        "Tgl. Lahir: {}",
        "tgl lahir {}",
        "lahir di Bandung, {}",
        "T.T.L. {}",
        "born {}",
        "DOB {}",
        "date of birth: {}",
    ):
        yield frame.format("17-08-1987"), "17081987"


def name() -> Iterator[Notation]:
    """Names beside what tells a person."""
    person = "Budi Santoso"
    for frame in (
        "{} NIK 6471051708890003",
        "{}, NIK 6471051708890003",
        "{} (NIK 6471051708890003)",
        "NIK 6471051708890003 {}",
        "NIK 6471051708890003 a.n. {}",
        "NIK 6471051708890003 atas nama {}",
        "6471051708890003 - {}",
        "6471051708890003 ({})",
        "Nama: {}, NIK: 6471051708890003",
        "nama {} KK 6471051203150007",
        "Bpk. {} HP 081234567890",
        "Ibu {} 081234567890",
        "Sdr. {} (0812-3456-7890)",
        "Sdri {} 081234567890",
        "0812-3456-7890 ({})",
        "081234567890 an. {}",
        "Pak {}, 081234567890",
        "rekening BRI 1480012345678 a.n. {}",
        "BPJS 0001234567891 {}",
        "{} NIP 198708172010012003",
        "{} / NIP. 198708172010012003",
        "NPWP 09.254.294.3-407.000 {}",
        "Bapak {}, TTL Bandung, 17-08-1987",
        "nama lengkap: {}; surel budi@contoh.id",
        "NAMA : {} NIK 6471051708890003",
        "a.n {} rek 1480012345678",
        "{} [NIK 6471051708890003]",
        "Tn. {} BPJS 0001234567891",
        "Ny. {} BPJS 0001234567891",
        "saudara {} paspor A1234567",
    ):
        yield frame.format(person), "santoso"


NOTATIONS: dict[str, Callable[[], Iterator[Notation]]] = {
    "NIK": identity,
    "KK": family,
    "NPWP": tax,
    "BPJS": insurance,
    "NIP": servant,
    "paspor": passport,
    "rekening": account,
    "HP": mobile,
    "telepon": land_line,
    "surel": mail,
    "tanggal lahir": birth,
    "nama": name,
}


def clean_texts() -> Iterator[str]:
    """Texts of the registry and of reports, without personal data."""
    for state in all_states():
        yield f"{state.region_code} {state.region_name}"
        yield f"LAPORAN SPM TW IV 2024 {state.region_code}.xlsx"
        yield f"{state.region_code}_2024-Q4.csv"
    for rule in rules().values():
        yield from (
            rule.message_id,
            rule.message_en,
            rule.remedy_id,
            rule.remedy_en,
            rule.basis or rule.name_id,
        )
    for seed in ("services", "quality_items", "methods", "reporting_windows", "corrections", "waivers"):
        for row in read_seed(seed):
            yield " ".join(row.cells.values())
    for number in range(400):
        amount = (number + 7) * 1_234_567 * 10 ** (number % 6)
        grouped = f"{amount:,}"
        yield f"Rp {grouped.replace(',', '.')},00 dari pagu Rp{amount}"
        yield f"Anggaran {grouped} terealisasi {number % 100},{number % 10}% pada triwulan {number % 4 + 1}"
        code = f"1.02.{number % 30:02}.2.{number % 20:02}.{number:04}"
        yield f"Kegiatan {code} kode rekening 5.1.02.{number % 9:02}.01.{number:04}"
        yield f"sha256 {hashlib.sha256(str(number).encode()).hexdigest()}"
        yield f"{hashlib.sha256(str(number).encode()).hexdigest()[:12]}:L{number}"
        day = date(2019, 1, 1) + timedelta(days=number * 5)
        yield f"Rapat {day:%d-%m-%Y} pukul 08.15, dilanjutkan {day:%d/%m/%Y} 10:30 WIB s.d. {day.isoformat()}"
        yield f"Kunjungan bayi baru lahir per {day:%d-%m-%Y}: {number} dari {number + 40} bayi"
        yield f"{day.isoformat()}T08:{number % 60:02}:00.{number * 997 % 10**6:06}+07:00"
        yield f"Keputusan Kepala Dinas Nomor 440/{number + 800:04}/{day.year} tanggal {day:%d %B %Y}"
        yield f"Capaian {number}.{number * 7919 % 10**14:014} %; target {number * 31}, {number * 29}"
        yield f"{number * 13} {number * 17} {number * 19} {number * 23} {number * 29} {number * 31}"
        yield f"{1000 + number} {1200 + 3 * number} {1300 + 7 * number} {1500 + 11 * number}"
        yield f"Kelurahan 64.71.01.{1000 + number} RT {number % 20:03} RW 001, kode pos {76111 + number}"
    for period in all_periods():
        yield f"{period} K-KES-01.{period.quarter} / PK-{period.year}/{period.quarter:02}/0{period.year}"
    yield from (
        "Puskesmas melayani 12 orang @ Rp 50.000; 5 unit @ 1.000",
        "a.n. Kepala Dinas, Sekretaris",
        "Kapasitas tempat tidur 0812",
        "No. 0812/2024/DISDIK",
        "08.01.02.2.01.0033",
        "Belum ada KK miskin: 1.234 KK, 4.567 jiwa",
        "Pagu 12.345.678.901.234",
        "4.000.000.000.000.000",
        "versi 10.0.0.1",
        "BPJS: 12.345 peserta dari 23.456 orang (52,63 %)",
        "bank sampah 12 unit, 2023-2024",
        "rekening listrik 2024",
        "Rapat di aula lantai 2 (a) pertama; (b) kedua",
        "look at table 1.2.3",
        "1,234,567,890,123,456",
        "TTL 12 unit",
        "0.0812345678901234",
    )
