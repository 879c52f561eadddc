"""Facts of the FIT profile that reading an activity needs: names of enumerated values, units.

Numbers and names are those of the published FIT global profile; unknown numbers stay null.
"""

from __future__ import annotations

EPOCH = 631065600
"""1989-12-31T00:00:00Z in unix seconds, where FIT time begins."""

FILE: dict[int, str] = {
    1: "device", 2: "settings", 3: "sport", 4: "activity", 5: "workout", 6: "course",
    7: "schedules", 9: "weight", 10: "totals", 11: "goals", 14: "blood_pressure",
    15: "monitoring_a", 20: "activity_summary", 28: "monitoring_daily", 32: "monitoring_b",
    34: "segment", 35: "segment_list", 40: "exd_configuration", 247: "mfg_range_min",
    254: "mfg_range_max",
}  # fmt: skip

EVENT: dict[int, str] = {
    0: "timer", 3: "workout", 4: "workout_step", 5: "power_down", 6: "power_up",
    7: "off_course", 8: "session", 9: "lap", 10: "course_point", 11: "battery",
    12: "virtual_partner_pace", 13: "hr_high_alert", 14: "hr_low_alert", 15: "speed_high_alert",
    16: "speed_low_alert", 17: "cad_high_alert", 18: "cad_low_alert", 19: "power_high_alert",
    20: "power_low_alert", 21: "recovery_hr", 22: "battery_low", 23: "time_duration_alert",
    24: "distance_duration_alert", 25: "calorie_duration_alert", 26: "activity",
    27: "fitness_equipment", 28: "length", 32: "user_marker", 33: "sport_point",
    36: "calibration", 42: "front_gear_change", 43: "rear_gear_change",
    44: "rider_position_change", 45: "elev_high_alert", 46: "elev_low_alert",
    47: "comm_timeout", 54: "auto_activity_detect", 56: "dive_alert", 57: "dive_gas_switched",
    71: "tank_pressure_reserve", 72: "tank_pressure_critical", 73: "tank_lost",
    75: "radar_threat_alert", 76: "tank_battery_low", 81: "tank_pod_connected",
    82: "tank_pod_disconnected",
}  # fmt: skip

EVENT_TYPE: dict[int, str] = {
    0: "start", 1: "stop", 2: "consecutive_depreciated", 3: "marker", 4: "stop_all",
    5: "begin_depreciated", 6: "end_depreciated", 7: "end_all_depreciated", 8: "stop_disable",
    9: "stop_disable_all",
}  # fmt: skip

LAP_TRIGGER: dict[int, str] = {
    0: "manual", 1: "time", 2: "distance", 3: "position_start", 4: "position_lap",
    5: "position_waypoint", 6: "position_marked", 7: "session_end", 8: "fitness_equipment",
}  # fmt: skip

INTENSITY: dict[int, str] = {
    0: "active", 1: "rest", 2: "warmup", 3: "cooldown", 4: "recovery", 5: "interval",
    6: "other",
}  # fmt: skip

SPORT: dict[int, str] = {
    0: "generic", 1: "running", 2: "cycling", 3: "transition", 4: "fitness_equipment",
    5: "swimming", 6: "basketball", 7: "soccer", 8: "tennis", 9: "american_football",
    10: "training", 11: "walking", 12: "cross_country_skiing", 13: "alpine_skiing",
    14: "snowboarding", 15: "rowing", 16: "mountaineering", 17: "hiking", 18: "multisport",
    19: "paddling", 20: "flying", 21: "e_biking", 22: "motorcycling", 23: "boating",
    24: "driving", 25: "golf", 26: "hang_gliding", 27: "horseback_riding", 28: "hunting",
    29: "fishing", 30: "inline_skating", 31: "rock_climbing", 32: "sailing", 33: "ice_skating",
    34: "sky_diving", 35: "snowshoeing", 36: "snowmobiling", 37: "stand_up_paddleboarding",
    38: "surfing", 39: "wakeboarding", 40: "water_skiing", 41: "kayaking", 42: "rafting",
    43: "windsurfing", 44: "kitesurfing", 45: "tactical", 46: "jumpmaster", 47: "boxing",
    48: "floor_climbing", 49: "baseball", 53: "diving", 62: "hiit", 64: "racket",
    65: "wheelchair_push_walk", 66: "wheelchair_push_run", 67: "meditation", 69: "disc_golf",
    71: "cricket", 72: "rugby", 73: "hockey", 74: "lacrosse", 75: "volleyball",
    76: "water_tubing", 77: "wakesurfing", 80: "mixed_martial_arts", 82: "snorkeling",
    83: "dance", 84: "jump_rope", 254: "all",
}  # fmt: skip

SUB_SPORT: dict[int, str] = {
    0: "generic", 1: "treadmill", 2: "street", 3: "trail", 4: "track", 5: "spin",
    6: "indoor_cycling", 7: "road", 8: "mountain", 9: "downhill", 10: "recumbent",
    11: "cyclocross", 12: "hand_cycling", 13: "track_cycling", 14: "indoor_rowing",
    15: "elliptical", 16: "stair_climbing", 17: "lap_swimming", 18: "open_water",
    19: "flexibility_training", 20: "strength_training", 21: "warm_up", 22: "match",
    23: "exercise", 24: "challenge", 25: "indoor_skiing", 26: "cardio_training",
    27: "indoor_walking", 28: "e_bike_fitness", 29: "bmx", 30: "casual_walking",
    31: "speed_walking", 32: "bike_to_run_transition", 33: "run_to_bike_transition",
    34: "swim_to_bike_transition", 35: "atv", 36: "motocross", 37: "backcountry", 38: "resort",
    39: "rc_drone", 40: "wingsuit", 41: "whitewater", 42: "skate_skiing", 43: "yoga",
    44: "pilates", 45: "indoor_running", 46: "gravel_cycling", 47: "e_bike_mountain",
    48: "commuting", 49: "mixed_surface", 50: "navigate", 51: "track_me", 52: "map",
    53: "single_gas_diving", 54: "multi_gas_diving", 55: "gauge_diving", 56: "apnea_diving",
    57: "apnea_hunting", 58: "virtual_activity", 59: "obstacle", 62: "breathing",
    65: "sail_race", 67: "ultra", 68: "indoor_climbing", 69: "bouldering", 70: "hiit",
    73: "amrap", 74: "emom", 75: "tabata", 84: "pickleball", 85: "padel",
    86: "indoor_wheelchair_walk", 87: "indoor_wheelchair_run", 88: "indoor_hand_cycling",
    94: "squash", 95: "badminton", 96: "racquetball", 97: "table_tennis", 110: "fly_canopy",
    111: "fly_paraglide", 112: "fly_paramotor", 113: "fly_pressurized", 114: "fly_navigate",
    115: "fly_timer", 116: "fly_altimeter", 117: "fly_wx", 118: "fly_vfr", 119: "fly_ifr",
    254: "all",
}  # fmt: skip

STEP_DURATION: dict[int, str] = {
    0: "time", 1: "distance", 2: "hr_less_than", 3: "hr_greater_than", 4: "calories", 5: "open",
    6: "repeat_until_steps_cmplt", 7: "repeat_until_time", 8: "repeat_until_distance",
    9: "repeat_until_calories", 10: "repeat_until_hr_less_than",
    11: "repeat_until_hr_greater_than", 12: "repeat_until_power_less_than",
    13: "repeat_until_power_greater_than", 14: "power_less_than", 15: "power_greater_than",
    16: "training_peaks_tss", 17: "repeat_until_power_last_lap_less_than",
    18: "repeat_until_max_power_last_lap_less_than", 19: "power_3s_less_than",
    20: "power_10s_less_than", 21: "power_30s_less_than", 22: "power_3s_greater_than",
    23: "power_10s_greater_than", 24: "power_30s_greater_than", 25: "power_lap_less_than",
    26: "power_lap_greater_than", 27: "repeat_until_training_peaks_tss", 28: "repetition_time",
    29: "reps", 31: "time_only",
}  # fmt: skip

STEP_TARGET: dict[int, str] = {
    0: "speed", 1: "heart_rate", 2: "open", 3: "cadence", 4: "power", 5: "grade",
    6: "resistance", 7: "power_3s", 8: "power_10s", 9: "power_30s", 10: "power_lap",
    11: "swim_stroke", 12: "speed_lap", 13: "heart_rate_lap",
}  # fmt: skip

BENEFIT: dict[int, str] = {
    0: "none", 1: "recovery", 2: "base", 3: "tempo", 4: "threshold", 5: "vo2max",
    6: "anaerobic", 7: "sprint",
}  # fmt: skip
