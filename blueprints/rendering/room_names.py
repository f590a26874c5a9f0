"""Room names on drawings, in several languages, short and long."""

from __future__ import annotations

import random

from blueprints.rendering.layout import Kind

Names = dict[Kind, tuple[str, ...]]

FINNISH_SHORT: Names = {
    Kind.OUTDOOR: ("PARV.", "TERASSI", "PARVEKE", "APH", "PATIO", "KUISTI"),
    Kind.KITCHEN: ("K", "KK", "KT", "KEITTIÖ", "TUPAK."),
    Kind.LIVING: ("OH", "OH", "OLOH.", "RT", "TH", "R"),
    Kind.BEDROOM: ("MH", "MH", "MH 1", "MH 2", "MH3", "H", "ALK"),
    Kind.BATH: ("KPH", "KH", "WC", "S", "PH", "PSH", "PESUH.", "SAUNA"),
    Kind.ENTRY: ("ET", "E", "TK", "AULA", "HALLI", "ET."),
    Kind.STORAGE: ("VH", "VAR", "VAR.", "KOM", "UVAR"),
    Kind.GARAGE: ("AT", "AK", "AUTOTALLI"),
    Kind.UNDEFINED: ("KHH", "TEKN", "TAK", "PKH", "TYÖH", "PANNUH.", "PUKUH."),
}
FINNISH: Names = {
    Kind.OUTDOOR: ("Parveke", "Terassi", "Katettu terassi", "Patio"),
    Kind.KITCHEN: ("Keittiö", "Ruokailu", "Keittiö"),
    Kind.LIVING: ("Olohuone", "Oleskelu", "Takkahuone"),
    Kind.BEDROOM: ("Makuuhuone", "Makuuhuone 2", "Mh1", "Mh2"),
    Kind.BATH: ("Pesuhuone", "WC", "Sauna", "Kylpyhuone"),
    Kind.ENTRY: ("Eteinen", "Aula", "Tuulikaappi", "Halli"),
    Kind.STORAGE: ("Varasto", "Vaatehuone", "Kylmiö"),
    Kind.GARAGE: ("Autotalli", "Autokatos"),
    Kind.UNDEFINED: ("Kodinhoito", "Tekninen tila", "Työhuone"),
}
ENGLISH: Names = {
    Kind.OUTDOOR: ("BALCONY", "DECK", "PATIO", "PORCH", "TERRACE"),
    Kind.KITCHEN: ("KITCHEN", "KIT.", "KITCHENETTE"),
    Kind.LIVING: ("LIVING ROOM", "GREAT ROOM", "FAMILY ROOM", "LIVING", "DINING"),
    Kind.BEDROOM: ("BEDROOM", "BEDROOM 2", "MASTER BEDROOM", "BED 3", "GUEST"),
    Kind.BATH: ("BATH", "ENSUITE", "WC", "POWDER", "BATHROOM"),
    Kind.ENTRY: ("FOYER", "HALL", "ENTRY", "MUDROOM", "CORRIDOR"),
    Kind.STORAGE: ("W.I.C.", "STORAGE", "CL.", "PANTRY", "LINEN"),
    Kind.GARAGE: ("GARAGE", "2-CAR GARAGE", "CARPORT"),
    Kind.UNDEFINED: ("OFFICE", "LAUNDRY", "MECH.", "STUDY", "UTILITY"),
}
GERMAN: Names = {
    Kind.OUTDOOR: ("Balkon", "Terrasse", "Loggia"),
    Kind.KITCHEN: ("Küche", "Kochen"),
    Kind.LIVING: ("Wohnen", "Wohnzimmer", "Wohnen/Essen"),
    Kind.BEDROOM: ("Schlafen", "Kind 1", "Kind 2", "Zimmer", "Gast"),
    Kind.BATH: ("Bad", "WC", "Du/WC"),
    Kind.ENTRY: ("Diele", "Flur", "Windfang"),
    Kind.STORAGE: ("Abst.", "Keller", "Speis"),
    Kind.GARAGE: ("Garage", "Carport"),
    Kind.UNDEFINED: ("HWR", "Büro", "Technik"),
}
FRENCH: Names = {
    Kind.OUTDOOR: ("Balcon", "Terrasse", "Loggia"),
    Kind.KITCHEN: ("Cuisine", "Cuis."),
    Kind.LIVING: ("Séjour", "Salon", "Salle à manger"),
    Kind.BEDROOM: ("Chambre", "Ch. 1", "Ch. 2", "Chambre 3"),
    Kind.BATH: ("SDB", "Salle d'eau", "WC"),
    Kind.ENTRY: ("Entrée", "Dégagement", "Hall"),
    Kind.STORAGE: ("Rgt", "Cellier", "Dressing"),
    Kind.GARAGE: ("Garage",),
    Kind.UNDEFINED: ("Bureau", "Buanderie", "Local tech."),
}
SPANISH: Names = {
    Kind.OUTDOOR: ("Balcón", "Terraza", "Patio"),
    Kind.KITCHEN: ("Cocina", "Coc."),
    Kind.LIVING: ("Sala", "Salón comedor", "Estar"),
    Kind.BEDROOM: ("Dormitorio", "Dorm. 1", "Alcoba", "Recámara 2"),
    Kind.BATH: ("Baño", "Aseo", "S.H."),
    Kind.ENTRY: ("Hall", "Pasillo", "Recibidor"),
    Kind.STORAGE: ("Depósito", "Closet", "Trastero"),
    Kind.GARAGE: ("Garaje", "Cochera"),
    Kind.UNDEFINED: ("Estudio", "Lavadero", "Oficina"),
}
SWEDISH: Names = {
    Kind.OUTDOOR: ("BALKONG", "ALTAN", "UTEPLATS"),
    Kind.KITCHEN: ("KÖK", "PENTRY"),
    Kind.LIVING: ("VARDAGSRUM", "VRUM", "MATPLATS"),
    Kind.BEDROOM: ("SOVRUM", "SOV 1", "SOV 2", "RUM"),
    Kind.BATH: ("BAD", "WC", "DUSCH", "BASTU"),
    Kind.ENTRY: ("HALL", "ENTRÉ", "PASSAGE"),
    Kind.STORAGE: ("KLK", "FÖRRÅD", "KLÄDK."),
    Kind.GARAGE: ("GARAGE", "CARPORT"),
    Kind.UNDEFINED: ("TVÄTT", "ARBETSRUM", "TEKNIK"),
}

FLOOR_NAMES: dict[str, tuple[str, ...]] = {
    "fi": ("1. KERROS", "2. KERROS", "KELLARIKERROS", "ALAKERTA", "YLÄKERTA", "POHJA 1:100", "VINTTIKERROS"),
    "fi short": ("1. KERROS", "2. KERROS", "KELLARI", "ASUINKERROS", "POHJA 1/100"),
    "en": (
        "GROUND FLOOR",
        "FIRST FLOOR PLAN",
        "MAIN FLOOR PLAN",
        "UPPER FLOOR",
        "BASEMENT",
        'FLOOR PLAN 1/4" = 1\'-0"',
    ),
    "de": ("Erdgeschoss", "Obergeschoss", "Kellergeschoss M 1:100", "Grundriss EG"),
    "fr": ("Rez-de-chaussée", "1er étage", "Plan du R+1"),
    "es": ("Planta baja", "Planta alta", "Primer piso ESC 1:50"),
    "sv": ("PLAN 1", "PLAN 2", "BOTTENVÅNING", "KÄLLARE"),
}
ROOM_NAMES: dict[str, Names] = {
    "fi": FINNISH,
    "fi short": FINNISH_SHORT,
    "en": ENGLISH,
    "de": GERMAN,
    "fr": FRENCH,
    "es": SPANISH,
    "sv": SWEDISH,
}
LANGUAGES = tuple(ROOM_NAMES)

AREA_FORMS: dict[str, tuple[str, ...]] = {
    "fi": ("{:.1f} m2", "{:.1f}"),
    "fi short": ("{:.1f}", "{:.1f} m2"),
    "en": ("{:.0f} SQ FT", "{:.1f} m2"),
    "de": ("{:.2f} m2", "F: {:.2f}"),
    "fr": ("{:.2f} m2", "S = {:.1f}"),
    "es": ("A = {:.2f} m2", "{:.1f} m2"),
    "sv": ("{:.1f} m2", "{:.0f} kvm"),
}


def room_name(kind: Kind, language: str, rng: random.Random) -> str:
    """A random name for a room of a kind, in one of LANGUAGES."""
    return rng.choice(ROOM_NAMES[language][kind])


def area_text(square_metres: float, language: str, rng: random.Random) -> str:
    """The area as drawings in that language write it; some English ones use square feet."""
    form = rng.choice(AREA_FORMS[language])
    return form.format(square_metres * 10.764 if "SQ FT" in form else square_metres)
