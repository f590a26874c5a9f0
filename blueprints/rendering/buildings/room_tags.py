"""The text of a room's tag: its name in a language, and its number by the storey's scheme."""

from __future__ import annotations

import random

from blueprints.rendering.buildings.storey import Storey

ENGLISH: dict[str, tuple[str, ...]] = {
    "patient": ("PATIENT ROOM", "PATIENT", "BEDROOM", "1-BED"),
    "ward": ("WARD", "4-BED WARD", "RECOVERY", "ICU"),
    "exam": ("EXAM", "EXAM ROOM", "TREATMENT", "CONSULT"),
    "clinic": ("CLINIC", "INTERVIEW", "PREP"),
    "office": ("OFFICE", "OFFICE", "OFFICE", "STAFF OFFICE", "DIRECTOR", "MANAGER"),
    "open office": ("OPEN OFFICE", "WORKSTATIONS", "OPEN PLAN OFFICE"),
    "conference": ("CONFERENCE", "MEETING ROOM", "CONF. ROOM", "HUDDLE"),
    "classroom": ("CLASSROOM", "CLASSROOM", "ART ROOM", "MUSIC", "SEMINAR"),
    "laboratory": ("LAB", "LABORATORY", "RESEARCH LAB", "WET LAB"),
    "lecture": ("LECTURE HALL", "LECTURE ROOM"),
    "auditorium": ("AUDITORIUM", "ASSEMBLY HALL"),
    "gymnasium": ("GYMNASIUM", "FITNESS", "MULTI-PURPOSE"),
    "library": ("LIBRARY", "READING ROOM", "MEDIA CENTER"),
    "dining": ("DINING", "CAFETERIA", "RESTAURANT"),
    "guest room": ("GUEST ROOM", "KING", "DOUBLE QUEEN", "TYPE A"),
    "suite": ("SUITE", "JUNIOR SUITE"),
    "studio": ("STUDIO", "UNIT S1.1", "UNIT A0"),
    "living": ("LIVING / DINING", "LIVING ROOM", "UNIT A1.1", "UNIT B2.1", "LIVING/KITCHEN"),
    "bedroom": ("BEDROOM", "BEDROOM 1", "BEDROOM 2", "PRIMARY BEDROOM", "BED"),
    "bath": ("BATH", "BATHROOM", "BATH 1"),
    "toilet": ("TOILET", "TLT", "WC", "BATH", "ADA TOILET"),
    "women": ("WOMEN", "WOMEN'S RESTROOM", "WOMEN TOILET"),
    "men": ("MEN", "MEN'S RESTROOM", "MEN TOILET"),
    "unisex": ("UNISEX", "UNISEX TOILET", "WC"),
    "vestibule": ("VEST.", "VESTIBULE"),
    "closet": ("CLOSET", "CLO.", "CL", "WIC"),
    "laundry": ("LAUNDRY", "W/D"),
    "storage": ("STORAGE", "STOR.", "STORAGE ROOM", "EQUIP. STORAGE"),
    "janitor": ("JAN.", "JANITOR", "JC", "HAC"),
    "electrical": ("ELEC.", "ELECTRICAL", "ELEC. ROOM"),
    "data": ("DATA", "IDF", "IT", "TEL/DATA"),
    "linen": ("LINEN", "CLEAN LINEN"),
    "mechanical": ("MECH.", "MECHANICAL", "AHU ROOM"),
    "machine": ("MACHINE ROOM", "ELEV. MACH."),
    "utility": ("UTILITY", "UTILITIES"),
    "soiled utility": ("SOILED UTILITY", "SOILED"),
    "clean utility": ("CLEAN UTILITY", "CLEAN SUPPLY"),
    "medication": ("MED", "MED ROOM", "MEDICATION"),
    "nourishment": ("NOURISH.", "PANTRY"),
    "nurse station": ("NURSE STATION", "CARE STATION"),
    "staff": ("STAFF", "STAFF LOUNGE", "BREAK ROOM"),
    "therapy": ("THERAPY", "PHYSICAL THERAPY"),
    "lounge": ("LOUNGE", "BREAK", "FAMILY LOUNGE", "DAY ROOM"),
    "lobby": ("LOBBY", "ELEVATOR LOBBY", "ATRIUM"),
    "waiting": ("WAITING", "WAITING ROOM"),
    "reception": ("RECEPTION", "RECEPT."),
    "workspace": ("WORKSPACE", "WORK ROOM"),
    "copy": ("COPY", "COPY / PRINT"),
    "kitchen": ("KITCHEN", "KITCHENETTE", "PANTRY"),
    "corridor": ("CORRIDOR", "CORR.", "HALLWAY", "CORRIDOR"),
    "stair": ("STAIR", "STAIR 1", "STAIR A", "STAIRWELL"),
    "lift": ("ELEV.", "ELEVATOR", "ELEV 1"),
    "shaft": ("SHAFT", "CHASE", "DUCT"),
    "balcony": ("BALCONY", "TERRACE"),
}

# For each language, the kinds whose names most often differ from English; other rooms get the number alone.
OTHERS: dict[str, dict[str, tuple[str, ...]]] = {
    "german": {
        "patient": ("Patientenzimmer", "Bettenzimmer"),
        "office": ("Büro", "Buero", "Sekretariat"),
        "exam": ("Untersuchung", "Behandlung"),
        "classroom": ("Klasse", "Unterrichtsraum"),
        "laboratory": ("Labor",),
        "corridor": ("Flur", "Gang"),
        "stair": ("Treppenhaus", "TRH 1"),
        "lift": ("Aufzug",),
        "shaft": ("Schacht",),
        "storage": ("Lager", "Abstellraum"),
        "toilet": ("WC", "Nasszelle"),
        "women": ("WC Damen",),
        "men": ("WC Herren",),
        "bath": ("Bad",),
        "bedroom": ("Schlafen", "Zimmer 1"),
        "living": ("Wohnen/Essen", "Wohnen"),
        "kitchen": ("Teeküche", "Küche"),
        "conference": ("Besprechung",),
        "lobby": ("Foyer", "Halle"),
        "guest room": ("Zimmer", "DZ"),
        "mechanical": ("Technik",),
        "electrical": ("ELT",),
        "closet": ("Abst.",),
        "janitor": ("Putzraum",),
        "balcony": ("Balkon", "Loggia"),
    },
    "french": {
        "patient": ("Chambre",),
        "office": ("Bureau",),
        "exam": ("Consultation",),
        "classroom": ("Classe", "Salle de cours"),
        "laboratory": ("Laboratoire",),
        "corridor": ("Circulation", "Couloir", "Dgt"),
        "stair": ("Escalier",),
        "lift": ("Ascenseur", "Asc."),
        "shaft": ("Gaine",),
        "storage": ("Rangement", "Dépôt", "Rgt"),
        "toilet": ("WC", "SdE"),
        "women": ("Sanit. F",),
        "men": ("Sanit. H",),
        "bath": ("SdB",),
        "bedroom": ("Chambre 1", "Chambre"),
        "living": ("Séjour",),
        "kitchen": ("Office", "Cuisine"),
        "conference": ("Réunion",),
        "lobby": ("Hall",),
        "guest room": ("Chambre",),
        "mechanical": ("Local technique",),
        "closet": ("Pl.",),
        "balcony": ("Balcon",),
        "electrical": ("TGBT",),
    },
    "spanish": {
        "patient": ("Habitación",),
        "office": ("Oficina", "Despacho"),
        "exam": ("Consultorio", "Consulta"),
        "classroom": ("Aula", "Aula 3"),
        "laboratory": ("Laboratorio",),
        "corridor": ("Pasillo", "Circulación"),
        "stair": ("Escalera",),
        "lift": ("Ascensor",),
        "shaft": ("Ducto",),
        "storage": ("Depósito", "Almacén"),
        "toilet": ("Baño", "Aseo"),
        "women": ("Aseos M",),
        "men": ("Aseos H",),
        "bath": ("Baño",),
        "bedroom": ("Dormitorio",),
        "living": ("Salón", "Estar-comedor"),
        "kitchen": ("Cocina",),
        "conference": ("Sala de juntas",),
        "lobby": ("Vestíbulo",),
        "guest room": ("Habitación",),
        "closet": ("Clóset",),
        "balcony": ("Terraza",),
        "mechanical": ("Inst.",),
    },
    "swedish": {
        "patient": ("Vårdrum",),
        "office": ("Kontor",),
        "exam": ("Undersökning",),
        "classroom": ("Klassrum",),
        "laboratory": ("Lab",),
        "corridor": ("Korridor",),
        "stair": ("Trapphus",),
        "lift": ("Hiss",),
        "shaft": ("Schakt",),
        "storage": ("Förråd",),
        "toilet": ("WC", "RWC"),
        "women": ("WC Dam",),
        "men": ("WC Herr",),
        "bath": ("Bad",),
        "bedroom": ("Sovrum",),
        "living": ("Vardagsrum",),
        "kitchen": ("Pentry",),
        "conference": ("Mötesrum",),
        "lobby": ("Entré",),
        "guest room": ("Rum",),
        "closet": ("Städ",),
        "balcony": ("Balkong",),
    },
    "finnish": {
        "patient": ("Potilashuone",),
        "office": ("Toimisto", "Työhuone"),
        "exam": ("Vastaanotto",),
        "classroom": ("Luokka", "Opetustila"),
        "laboratory": ("Laboratorio",),
        "corridor": ("Käytävä",),
        "stair": ("Porras", "Porrash."),
        "lift": ("Hissi",),
        "shaft": ("Hormi",),
        "storage": ("Varasto", "Var."),
        "toilet": ("WC",),
        "women": ("WC N",),
        "men": ("WC M",),
        "bath": ("KPH",),
        "bedroom": ("MH",),
        "living": ("OH", "OH+K"),
        "kitchen": ("Keittiö",),
        "conference": ("Neuvottelu",),
        "lobby": ("Aula",),
        "guest room": ("Huone",),
        "closet": ("SK", "Siivous"),
        "balcony": ("Parveke",),
        "mechanical": ("IV-konehuone",),
    },
    "italian": {
        "patient": ("Degenza",),
        "office": ("Ufficio",),
        "exam": ("Ambulatorio",),
        "classroom": ("Aula",),
        "laboratory": ("Laboratorio",),
        "corridor": ("Corridoio", "Connettivo"),
        "stair": ("Scala A",),
        "lift": ("Ascensore",),
        "shaft": ("Cavedio",),
        "storage": ("Deposito",),
        "toilet": ("Bagno", "WC"),
        "women": ("WC Donne",),
        "men": ("WC Uomini",),
        "bath": ("Bagno",),
        "bedroom": ("Camera",),
        "living": ("Soggiorno",),
        "kitchen": ("Cucina",),
        "conference": ("Sala riunioni",),
        "lobby": ("Atrio",),
        "guest room": ("Camera",),
        "closet": ("Rip.",),
        "balcony": ("Balcone",),
        "mechanical": ("Loc. tecnico",),
    },
}


def name_rooms(s: Storey, language: str = "") -> None:
    """Give every room its name and its number."""
    rng = s.rng
    language = language or rng.choices(("english", *OTHERS), (12, 1, 1, 1, 1, 1, 1))[0]
    names = {**ENGLISH, **OTHERS.get(language, {})}
    # Within one drawing, a kind usually has one name.
    fixed = {kind: rng.choice(choices) for kind, choices in names.items()}
    bare = rng.random() < 0.1
    floor = rng.choice((1, 1, 2, 2, 3, 4, 5, 12))
    scheme = rng.choice(("plain", "plain", "plain", "letter", "dotted", "dashed", "none"))
    letter = rng.choice("ABCEMNSW")
    order = rng.randint(1, 30)
    before = ""
    for room in s.rooms:
        choices = names.get(room.kind, (room.kind.upper(),))
        room.name = "" if bare else (fixed.get(room.kind, choices[0]) if rng.random() < 0.75 else rng.choice(choices))
        if scheme == "none":
            continue
        small = room.kind in ("toilet", "closet", "bath", "shaft")
        if small and before and rng.random() < 0.5:
            room.number = before + rng.choice("ABCD")
            continue
        order += rng.choice((1, 1, 1, 2))
        room.number = {
            "plain": f"{floor}{order:02d}",
            "letter": f"{letter}{floor}{order:02d}",
            "dotted": f"{floor}.{order:03d}",
            "dashed": f"{floor:02d}-{letter}-{order:03d}",
        }[scheme]
        before = room.number
    for room in s.rooms:
        if room.kind in ("corridor", "stair", "lift") and rng.random() < 0.2:
            room.number = ""


def area_text(square_metres: float, rng: random.Random, *, metric: bool) -> str:
    if metric:
        return rng.choice((f"{square_metres:.1f} m2", f"{square_metres:.2f} m2", f"A={square_metres:.1f}"))
    return f"{square_metres * 10.7639:.0f} {rng.choice(('SF', 'SF', 'SQ FT'))}"
