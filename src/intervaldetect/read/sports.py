"""Sports by the names and numbers that makers and exports give them, in many languages."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

Sport = tuple[str | None, str | None]

_WORDS: dict[str, str] = {
    "running": """
        treadmill laufband loopband tapis_roulant bieznia juoksumatto lopband tredmolle 跑步机
        跑步機 室内跑步 戶外跑步 户外跑步 路跑 トレッドミル 러닝머신 트레일러닝 street_running
        run runs running runner jog jogging joggen ultrarun ultra_run trailrun trailrunning marathon
        lauf laufen laufsport bahnlauf berglauf waldlauf dauerlauf gelaendelauf gelandelauf
        hardlopen lopen loop loopje trailrunnen
        course_a_pied course footing jogging_footing trail trail_running
        correr carrera carreras corriendo trote corrida correndo corsa correre podismo
        lopning lop lob lopetur loping loprunda lobetur springa traillopning traillob
        juoksu juokseminen polkujuoksu jooks jooksmine bieg bieganie beh behani bezky
        futas terepfutas kosu kosma alergare trcanje tek begimas bego skriesana hlaup
        бег пробежка забег трейл біг бягане трчање
        τρεξιμο ריצה جري ركض วิ่ง chay_bo chay lari berlari
        跑步 跑 越野跑 户外跑 室内跑 ランニング ラン ジョギング トレイルラン 달리기 러닝 조깅
        """,
    "cycling": """
        bike biking bicycle bicycling cycle cycling ride rides ebikeride e_bike ebike roadbike mtb
        rad radfahren radfahrt radsport fahrrad fahrradfahren fahrt rennrad mountainbike ergometer
        fietsen fietstocht fietsrit wielrennen rit velo cyclisme sortie_velo vtt
        ciclismo bici bicicleta bicicletta pedalada pedalar salida_en_bicicleta btt
        cykling cykla cykeltur cyklar cykel sykling sykkel sykkeltur
        pyoraily pyoralenkki rattasoit rower kolarstwo jazda_na_rowerze
        kolo cyklistika jizda_na_kole
        kerekparozas bisiklet bisiklet_surusu ciclism biciklizam kolesarjenje
        велосипед велозаезд заезд велоспорт велопрогулка велосипедна ποδηλασια רכיבה
        骑行 騎乘 骑车 自行车 ライド サイクリング 자전거 라이딩 사이클링 bersepeda
        """,
    "walking": """
        walk walks walking nordicwalking nordic_walking spaziergang gehen walken spazieren
        wandelen wandeling marche marche_a_pied marche_nordique caminata caminar paseo andar
        caminhada caminhar camminata camminare passeggiata promenad promenera gang gatur gaatur ga
        kavely kavelylenkki kond spacer marsz chodzenie chuze prochazka chodza seta gyaloglas
        yuruyus mers_pe_jos ходьба прогулка хода περπατημα הליכה المشي
        步行 散步 健走 ウォーキング ウォーク 散歩 걷기 산책 jalan_kaki
        """,
    "hiking": """
        hike hikes hiking trekking trek wandern wanderung bergwandern bergtour hiken bergwandelen
        randonnee rando senderismo excursionismo excursion escursione escursionismo
        vandring vandra fottur topptur fjelltur vaellus matk wedrowka wycieczka turystyka_piesza
        turistika pesi_turistika tura turazas drumetie поход пеший_поход πεζοπορια
        徒步 远足 登山 健行 ハイキング ハイク 登山 등산 하이킹 mendaki
        """,
    "swimming": """
        swim swims swimming openwaterswim schwimmen zwemmen natation natacion nadar natacao nuoto
        nuotare simning simma svomning svomming uinti ujumine plywanie plavani plavanie uszas yuzme
        inot плавание плавання κολυμβηση שחייה 游泳 水泳 スイム 수영 berenang
        """,
    "rowing": "row rowing rudern roeien aviron remo canottaggio roing soutu гребля 划船",
    "transition": "transition wechselzone",
    "cross_country_skiing": """
        crosscountryskiing cross_country_skiing nordicski nordic_ski langlauf skilanglauf langlaufen
        ski_de_fond esqui_de_fondo sci_di_fondo langrenn langd langdskidakning hiihto maastohiihto
        """,
    "alpine_skiing": "alpineski alpine_ski skiing ski skifahren esqui sci skidakning 滑雪 スキー",
    "inline_skating": "inlineskate inline_skate inlineskating inline_skating rollerski skating",
    "ice_skating": "iceskate ice_skate eislaufen schlittschuhlaufen schaatsen patinage",
    "snowshoeing": "snowshoe snowshoeing schneeschuhlaufen schneeschuhwandern raquettes",
    "training": "workout training strength weighttraining weight_training crossfit yoga fitness",
}

_SUB_SPORTS: dict[str, str] = {
    "trail": "trail trails trailrun trailrunning trail_running gelaendelauf gelandelauf berglauf"
    " polkujuoksu terepfutas traillopning 越野跑 トレイルラン трейл",
    "treadmill": "treadmill laufband loopband tapis tapis_roulant cinta esteira bieznia juoksumatto"
    " lopband tredmolle 跑步机 跑步機 トレッドミル 러닝머신",
    "track": "track bahn bahnlauf piste",
    "virtual_activity": "virtual virtualrun virtualride virtuell virtuel virtuelle virtual_run",
    "road": "road roadbike rennrad",
    "mountain": "mtb vtt btt mountain mountainbike",
    "indoor_running": "indoor 室内跑",
}

_STRAVA = {
    "1": ("cycling", None), "4": ("hiking", None), "5": ("ice_skating", None),
    "6": ("inline_skating", None), "7": ("cross_country_skiing", None), "9": ("running", None),
    "10": ("walking", None), "13": ("snowshoeing", None), "16": ("swimming", None),
    "17": ("cycling", "virtual_activity"), "18": ("cycling", None),
}  # fmt: skip
"""Numbers in the exports of Strava until 2018, and in those of others after it."""

_GARMIN = {
    "1": ("running", None), "2": ("cycling", None), "3": ("hiking", None), "5": ("cycling", None),
    "6": ("running", "trail"), "8": ("running", "track"), "9": ("walking", None),
    "10": ("cycling", None), "15": ("walking", None), "18": ("running", "treadmill"),
    "26": ("swimming", None),
}  # fmt: skip
"""Numbers of Garmin Connect's types."""

_AMBIGUOUS = frozenset({"track", "tapis", "trail", "trails", "course", "tour"})
"""Words of sub-sports, or of other things, that name a sport only where nothing else does."""

_SUFFIXES = ("running", "laufen", "lauf", "lopning", "loping", "juoksu", "run")
"""Compounds end in these; those that mean another sport stand in the table."""


def _table(words: dict[str, str]) -> dict[str, str]:
    return {_plain(word): name for name, text in words.items() for word in text.split()}


def _plain(text: str) -> str:
    """Bring a name to lower case without accents, its words parted by ``_``."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text.strip())
    folded = unicodedata.normalize("NFKD", text.casefold().replace("\u00f8", "o"))
    folded = "".join(c for c in folded if not unicodedata.combining(c) or c > "\u0900")
    return re.sub(r"[^\w]+|_+", "_", unicodedata.normalize("NFKC", folded)).strip("_")


@cache
def _sport_of() -> dict[str, str]:
    return _table(_WORDS)


@cache
def _sub_of() -> dict[str, str]:
    return _table(_SUB_SPORTS)


def sport_named(text: str | None, maker: str | None = None) -> Sport:
    """Give sport and sub-sport for a name or number, in FIT names; nulls where it is unknown.

    Parameters
    ----------
    text : str or None
        A ``type`` of GPX, a ``Sport`` of TCX, a cell of an export's table.
    maker : str or None
        Who wrote the file (``creator`` of GPX); decides whose numbers these are.
    """
    name = _plain(text or "")
    if name.isdigit():
        numbers = _GARMIN if "garmin" in (maker or "").lower() else _STRAVA
        return numbers.get(name, (None, None))
    words = [name, name.replace("_", ""), *name.split("_")]
    sport = _sport(words)
    if sport is None:
        return None, None
    return sport, _sub_sport(sport, words)


def is_sport(text: str | None) -> bool:
    """Tell whether a text as a whole is the name of a sport."""
    name = _plain(text or "")
    return name in _sport_of() or name.replace("_", "") in _sport_of()


def _sport(words: list[str]) -> str | None:
    for word in words:
        if word in _sport_of() and word not in _AMBIGUOUS:
            return _sport_of()[word]
    for word in words:
        if word.endswith(_SUFFIXES):
            return "running"
    return next((_sport_of()[word] for word in words if word in _sport_of()), None)


_OF_CYCLING = frozenset({"road", "mountain"})
_OF_BOTH = frozenset({"virtual_activity"})


def _sub_sport(sport: str, words: list[str]) -> str | None:
    for word in words:
        sub = _sub_of().get(word)
        if sub is None:
            continue
        if sub in _OF_BOTH or (sub in _OF_CYCLING) == (sport == "cycling"):
            return sub if sport in {"running", "cycling"} or sub == "treadmill" else None
    return None
