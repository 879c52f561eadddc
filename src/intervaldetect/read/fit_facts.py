"""What single messages of a FIT file say: laps, events, totals, sport, device, local time."""

from __future__ import annotations

from collections.abc import Sequence

from intervaldetect.read import fit_devices
from intervaldetect.read import fit_profile as profile
from intervaldetect.read.build import RawEvent, RawLap
from intervaldetect.read.fit_messages import (
    TIMESTAMP,
    Message,
    name_in,
    number_in,
    scaled_in,
    stamp_in,
    text_in,
    whole_in,
)
from intervaldetect.records import Session
from intervaldetect.records.channels import BY_NAME


def raw_lap(message: Message) -> RawLap:
    """Bring a lap to SI units; its end is its start and its length, else when it was written."""
    start, stamp = stamp_in(message, 2), stamp_in(message, TIMESTAMP)
    elapsed = scaled_in(message, 7, 1000.0)
    if start is None and stamp is not None and elapsed is not None:
        start = stamp - elapsed
    end = start + elapsed if start is not None and elapsed is not None else stamp
    step = whole_in(message, 71)
    return RawLap(
        start=start,
        end=end,
        distance_m=scaled_in(message, 9, 100.0),
        timer_s=scaled_in(message, 8, 1000.0),
        trigger=name_in(profile.LAP_TRIGGER, message, 24),
        intensity=name_in(profile.INTENSITY, message, 23),
        step=None if step is None else step & 0x0FFF,
        stamp=stamp if message.get(2) is not None and elapsed is not None else None,
    )


def raw_event(message: Message) -> RawEvent | None:
    """Give an event with its time, None where it has none or its kind is not known."""
    time, event = stamp_in(message, TIMESTAMP), whole_in(message, 0)
    if time is None or event is None:
        return None
    name = profile.EVENT.get(event)
    if name is None:
        return None
    rate = None
    if name == "recovery_hr":
        channel = BY_NAME["heart_rate"]
        rate = _between(number_in(message, 3), channel.low, channel.high)
    return RawEvent(time, name, name_in(profile.EVENT_TYPE, message, 1), rate)


def session_of(message: Message, workout: str | None) -> Session:
    """Give the totals and judgements of a session message."""
    return Session(
        timer_s=scaled_in(message, 8, 1000.0),
        elapsed_s=scaled_in(message, 7, 1000.0),
        distance_m=scaled_in(message, 9, 100.0),
        aerobic_training_effect=scaled_in(message, 24, 10.0),
        anaerobic_training_effect=scaled_in(message, 137, 10.0),
        benefit=name_in(profile.BENEFIT, message, 188),
        workout_name=workout,
        rpe=_between(scaled_in(message, 193, 10.0), 0.0, 10.0),
        feel=_between(number_in(message, 192), 0.0, 100.0),
    )


def _between(value: float | None, low: float, high: float) -> float | None:
    """Return what a runner told the device, None where it is none of the steps there are."""
    return value if value is not None and low <= value <= high else None


def sport_of(
    session: Message, sports: Sequence[Message], laps: Sequence[tuple[RawLap, Message]]
) -> tuple[str | None, str | None]:
    """Give sport and sub-sport by the session, else the sport message, else the laps."""
    sport = name_in(profile.SPORT, session, 5)
    sub_sport = name_in(profile.SUB_SPORT, session, 6)
    if sport is None and sports:
        sport = name_in(profile.SPORT, sports[0], 0)
        sub_sport = name_in(profile.SUB_SPORT, sports[0], 1)
    if sport is None:
        named = (name_in(profile.SPORT, message, 25) for _, message in laps)
        sport = next((name for name in named if name), None)
    return sport, sub_sport


def device_of(file_ids: Sequence[Message], infos: Sequence[Message]) -> str | None:
    """Maker and product of the recording device; never its serial number."""
    makers = [(m, 1, 2, 8) for m in file_ids[:1]]
    makers += [(m, 2, 4, 27) for m in infos if whole_in(m, 0) == 0]
    for message, maker_key, product_key, name_key in makers:
        number, product = whole_in(message, maker_key), whole_in(message, product_key)
        maker = None if number is None else fit_devices.manufacturer(number)
        name = text_in(message, name_key)
        if name is None and maker == "garmin" and product is not None:
            name = fit_devices.garmin_product(product)
        words = [word for word in (maker, name) if word]
        if words and (name or message is makers[-1][0]):
            return " ".join(words)
    return None


def utc_offset(messages: Sequence[Message], key: int) -> float | None:
    """Local time, which stands in field ``key``, less UTC, to the quarter of an hour."""
    for message in messages:
        local, utc = number_in(message, key), number_in(message, TIMESTAMP)
        if local is None or utc is None:
            continue
        quarter = round((local - utc) / 900.0) * 900.0
        if abs(local - utc - quarter) <= 60.0 and -43200.0 <= quarter <= 50400.0:
            return quarter
    return None
