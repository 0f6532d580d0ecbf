"""The structure message of the index: code lists, concepts, data structure and dataflow, as SDMX-ML 2.1.

It names what a column of ``spm-index.csv`` means, which codes may stand in it and what must not be empty, in
Indonesian and English, so that a statistical system takes the data without being told by a person.

Version 2.1 is what every registry reads. The schemas of 3.0 refuse a parent code that begins with a digit,
as those of provinces do, so a region would have no province in it.

Source: SDMX 2.1 Technical Specifications, section 3A (SDMX-ML); its schemas fix the order of elements.

Put here: that message. Keep out: observations, which codes there are (``sdmx``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from pipelines.messages import Message
from pipelines.submissions.demo_mark import marked_notice

AGENCY, VERSION = "SPM", "1.0"
FLOW, _STRUCTURE, _SCHEME = "DF_SPM_INDEX", "DSD_SPM_INDEX", "CS_SPM"

_NAMESPACE = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"
_MES, _STR, _COM = (f"{{{_NAMESPACE}/{name}}}" for name in ("message", "structure", "common"))
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TITLE = Message("Indeks SPM daerah per triwulan", "SPM index of regions by quarter")


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a list, with the code above it."""

    code: str
    name_id: str
    name_en: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class _Component:
    """A column of the data: what it means, and its code list or its type of SDMX."""

    name: str
    title: Message
    about: Message
    codelist: str | None = None
    text_type: str = "String"
    is_mandatory: bool = False


_DIMENSIONS = (
    _Component(
        "FREQ",
        Message("Frekuensi", "Frequency"),
        Message("Seberapa sering diukur.", "How often it is measured."),
        "CL_FREQ",
    ),
    _Component(
        "REF_AREA",
        Message("Daerah", "Reference area"),
        Message(
            "Kode Kemendagri dengan garis bawah sebagai ganti titik; ID adalah nasional.",
            "Code of the Ministry of Home Affairs with _ for its point; ID is the nation.",
        ),
        "CL_AREA",
    ),
    _Component(
        "TIER",
        Message("Tingkat pemerintahan", "Tier of government"),
        Message("Provinsi, atau kabupaten dan kota.", "Provinces, or regencies and cities."),
        "CL_TIER",
    ),
    _Component(
        "SECTOR",
        Message("Bidang SPM", "Sector"),
        Message("Salah satu dari enam bidang, atau semuanya.", "One of the six sectors, or all of them."),
        "CL_SECTOR",
    ),
)
_TIME = _Component(
    "TIME_PERIOD",
    Message("Triwulan", "Quarter"),
    Message("Triwulan yang dilaporkan, seperti 2024-Q4.", "The quarter reported on, as in 2024-Q4."),
    text_type="ReportingQuarter",
)
_MEASURE = _Component(
    "OBS_VALUE",
    Message("Indeks", "Index"),
    Message(
        "Indeks pencapaian SPM, 0 sampai 100; NaN bila tidak ada.",
        "SPM achievement index, 0 to 100; NaN where there is none.",
    ),
    text_type="Double",
)
_ATTRIBUTES = (
    _Component(
        "OBS_STATUS",
        Message("Status pengamatan", "Observation status"),
        Message("Ada nilai, atau mengapa tidak ada.", "Whether there is a value, or why there is none."),
        "CL_OBS_STATUS",
        is_mandatory=True,
    ),
    _Component(
        "UNIT_MEASURE",
        Message("Satuan", "Unit of measure"),
        Message("Satuan nilainya.", "The unit of the value."),
        "CL_UNIT",
        is_mandatory=True,
    ),
    _Component(
        "DECIMALS",
        Message("Angka desimal", "Decimals"),
        Message("Banyaknya angka di belakang koma.", "How many digits follow the decimal point."),
        text_type="Integer",
        is_mandatory=True,
    ),
    _Component(
        "BAND",
        Message("Kategori", "Band"),
        Message("Kategori pencapaian; _Z bila tidak ada.", "Band of achievement; _Z where there is none."),
        "CL_BAND",
    ),
    _Component(
        "METHOD",
        Message("Metode", "Method"),
        Message("Metode perhitungan indeks.", "The method by which the index is computed."),
        "CL_METHOD",
        is_mandatory=True,
    ),
    _Component(
        "BASIS",
        Message("Dasar", "Basis"),
        Message("Dari mana nilainya berasal; _Z bila tidak ada.", "What the value comes from; _Z for none."),
        "CL_BASIS",
    ),
    _Component(
        "COMMENT_OBS",
        Message("Catatan", "Comment"),
        Message(
            "Catatan pada nilai; pada data contoh menyatakan demikian.",
            "A remark on the value; of made-up data it says that they are.",
        ),
    ),
)
_CODELISTS = {
    "CL_AREA": Message("Daerah", "Regions"),
    "CL_BAND": Message("Kategori pencapaian", "Bands of achievement"),
    "CL_BASIS": Message("Dasar nilai", "Bases of values"),
    "CL_FREQ": Message("Frekuensi", "Frequencies"),
    "CL_METHOD": Message("Metode", "Methods"),
    "CL_OBS_STATUS": Message("Status pengamatan", "Observation status"),
    "CL_SECTOR": Message("Bidang SPM", "Sectors"),
    "CL_TIER": Message("Tingkat pemerintahan", "Tiers of government"),
    "CL_UNIT": Message("Satuan", "Units"),
}


def structure_message(codes: Mapping[str, Sequence[Code]], prepared_at: str, is_demo: bool = False) -> bytes:
    """The message as XML; ``codes`` by code list, ``prepared_at`` as ISO 8601."""
    for prefix, namespace in (("mes", _MES), ("str", _STR), ("com", _COM)):
        register_namespace(prefix, namespace[1:-1])
    root = Element(f"{_MES}Structure")
    header = SubElement(root, f"{_MES}Header")
    for tag, text in (("ID", "SPM_INDEX"), ("Test", str(is_demo).lower()), ("Prepared", prepared_at)):
        SubElement(header, f"{_MES}{tag}").text = text
    SubElement(header, f"{_MES}Sender", id=AGENCY)
    structures = SubElement(root, f"{_MES}Structures")
    flow = _artefact(SubElement(structures, f"{_STR}Dataflows"), "Dataflow", FLOW, _TITLE)
    if is_demo:
        _say(flow, "Description", Message(marked_notice(), marked_notice()))
    _refer(SubElement(flow, f"{_STR}Structure"), "datastructure.DataStructure", _STRUCTURE)
    codelists = SubElement(structures, f"{_STR}Codelists")
    for name, title in _CODELISTS.items():
        _codelist(codelists, name, title, codes[name])
    _concepts(SubElement(structures, f"{_STR}Concepts"))
    _data_structure(SubElement(structures, f"{_STR}DataStructures"))
    indent(root, " ")
    return tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"


def _codelist(parent: Element, name: str, title: Message, codes: Sequence[Code]) -> None:
    own = _artefact(parent, "Codelist", name, title)
    for code in codes:
        item = SubElement(own, f"{_STR}Code", id=code.code)
        _say(item, "Name", Message(code.name_id, code.name_en))
        if code.parent:
            SubElement(SubElement(item, f"{_STR}Parent"), "Ref", id=code.parent)


def _concepts(parent: Element) -> None:
    words = Message("Konsep indeks SPM", "Concepts of the SPM index")
    scheme = _artefact(parent, "ConceptScheme", _SCHEME, words)
    for one in (*_DIMENSIONS, _TIME, _MEASURE, *_ATTRIBUTES):
        concept = SubElement(scheme, f"{_STR}Concept", id=one.name)
        _say(concept, "Name", one.title)
        _say(concept, "Description", one.about)


def _data_structure(parent: Element) -> None:
    own = _artefact(parent, "DataStructure", _STRUCTURE, _TITLE)
    components = SubElement(own, f"{_STR}DataStructureComponents")
    dimensions = SubElement(components, f"{_STR}DimensionList", id="DimensionDescriptor")
    for position, one in enumerate(_DIMENSIONS, start=1):
        _component(SubElement(dimensions, f"{_STR}Dimension", id=one.name, position=str(position)), one)
    last = str(len(_DIMENSIONS) + 1)
    _component(SubElement(dimensions, f"{_STR}TimeDimension", id=_TIME.name, position=last), _TIME)
    attributes = SubElement(components, f"{_STR}AttributeList", id="AttributeDescriptor")
    for one in _ATTRIBUTES:
        status = "Mandatory" if one.is_mandatory else "Conditional"
        attribute = SubElement(attributes, f"{_STR}Attribute", id=one.name, assignmentStatus=status)
        _component(attribute, one)
        relationship = SubElement(attribute, f"{_STR}AttributeRelationship")
        SubElement(SubElement(relationship, f"{_STR}PrimaryMeasure"), "Ref", id=_MEASURE.name)
    measures = SubElement(components, f"{_STR}MeasureList", id="MeasureDescriptor")
    _component(SubElement(measures, f"{_STR}PrimaryMeasure", id=_MEASURE.name), _MEASURE)


def _component(own: Element, one: _Component) -> None:
    identity = SubElement(own, f"{_STR}ConceptIdentity")
    within = {"maintainableParentID": _SCHEME, "maintainableParentVersion": VERSION, "agencyID": AGENCY}
    SubElement(identity, "Ref", {"id": one.name, **within, "class": "Concept", "package": "conceptscheme"})
    represented = SubElement(own, f"{_STR}LocalRepresentation")
    if one.codelist:
        _refer(SubElement(represented, f"{_STR}Enumeration"), "codelist.Codelist", one.codelist)
    else:
        SubElement(represented, f"{_STR}TextFormat", textType=one.text_type)


def _artefact(parent: Element, tag: str, name: str, title: Message) -> Element:
    own = SubElement(parent, f"{_STR}{tag}", id=name, agencyID=AGENCY, version=VERSION)
    _say(own, "Name", title)
    return own


def _refer(own: Element, kind: str, name: str) -> None:
    package, _, of_class = kind.partition(".")
    SubElement(
        own,
        "Ref",
        {"id": name, "agencyID": AGENCY, "version": VERSION, "class": of_class, "package": package},
    )


def _say(own: Element, tag: str, words: Message) -> None:
    for language, text in zip(("id", "en"), words, strict=True):
        SubElement(own, f"{_COM}{tag}", {_LANG: language}).text = text
