"""What captions say about what is in a picture: phrases for each attribute, in plain English.

Nouns stand on their own ("a calm lake"); phrases of time, season and manner lean on them ("at dusk").
"""

TIMES = {
    "dawn": ("at dawn", "at sunrise", "in the early morning", "at daybreak", "in the first light", "in the morning"),
    "day": ("by day", "at noon", "on a bright day", "in daylight", "in the afternoon", "at midday", "in sunshine"),
    "sunset": ("at sunset", "at dusk", "in the evening", "at twilight", "in the evening glow", "at sundown"),
    "night": ("at night", "by moonlight", "in the dark", "at midnight", "late at night"),
}
DULL_DAY = ("by day", "at noon", "in daylight", "in the afternoon", "at midday")  # when no sun shines
MOONLESS = ("at night", "in the dark", "at midnight", "late at night")
SEASONS = {
    "spring": ("in spring", "in springtime", "on a spring day"),
    "summer": ("in summer", "in high summer", "on a summer day"),
    "autumn": ("in autumn", "in fall", "in autumn colors"),
    "winter": ("in winter", "in the snow", "in wintertime"),
}
SKIES = {
    "clear": ("a clear sky", "a cloudless sky", "an open sky", "a wide clear sky"),
    "few": ("a few clouds", "some clouds", "scattered clouds", "small clouds", "a sky with few clouds"),
    "many": ("many clouds", "a cloudy sky", "a sky full of clouds", "lots of clouds", "heaped clouds"),
    "overcast": ("an overcast sky", "a gray sky", "a covered sky", "low gray clouds"),
    "storm": ("a stormy sky", "dark clouds", "a thunderstorm", "storm clouds", "heavy dark clouds"),
}
WEATHERS = {
    "rain": ("rain", "falling rain", "rain showers", "a downpour"),
    "lightning": ("lightning", "a flash of lightning", "a bolt of lightning"),
    "fog": ("fog", "mist", "thick fog", "morning mist", "a veil of mist"),
    "rainbow": ("a rainbow", "a bright rainbow", "a colorful rainbow"),
    "snowfall": ("falling snow", "snowfall", "snowflakes", "drifting snow"),
    "stars": ("stars", "a starry sky", "bright stars", "many stars"),
    "aurora": ("northern lights", "an aurora", "polar lights", "green northern lights"),
}
TERRAINS = {
    "lake": ("a lake", "a calm lake", "a quiet lake", "a still lake", "the shore of a lake"),
    "river": ("a river", "a winding river", "a stream", "a meandering river"),
    "sea": ("the sea", "the ocean", "the open sea", "ocean waves"),
    "beach": ("a beach", "a sandy beach", "the seashore", "a sandy shore"),
    "coast": ("a rocky coast", "cliffs by the sea", "sea cliffs", "steep cliffs", "a coast with cliffs"),
    "islands": ("islands", "islands in the sea", "small islands", "rocky islands"),
    "mountains": ("mountains", "high mountains", "a mountain range", "mountain peaks", "rugged peaks"),
    "hills": ("hills", "rolling hills", "gentle hills", "soft hills"),
    "forest": ("a forest", "a clearing in the forest", "the edge of a forest", "deep woods", "a woodland"),
    "meadow": ("a meadow", "a grassy meadow", "a pasture", "grassland", "an open meadow"),
    "fields": ("fields", "farmland", "a patchwork of fields", "farm fields", "plowed fields"),
    "village": ("a village", "a small village", "a hamlet", "a village on a hill"),
    "city": ("a city", "a city skyline", "a skyline", "tall buildings", "city towers"),
    "desert": ("a desert", "sand dunes", "desert dunes", "a sandy desert"),
    "canyon": ("a canyon", "red rocks", "a rocky canyon", "mesas"),
    "waterfall": ("a waterfall", "a tall waterfall", "falling water", "a cascade"),
}
BACKS = {
    "mountains": ("mountains", "tall mountains", "a mountain range", "distant mountains"),
    "hills": ("hills", "distant hills", "low hills", "rolling hills"),
    "woods": ("a forest", "woods", "tall trees", "a line of trees"),
    "headland": ("a distant coast", "a headland"),
    "mesas": ("red rocks", "mesas", "flat rocks"),
}
SNOWCAPS = ("snowy peaks", "snow covered mountains", "white peaks", "snowy mountains")
LIGHTS = {
    "sun": {
        "dawn": ("the rising sun", "a low sun", "the sun"),
        "day": ("the sun", "a bright sun", "a shining sun"),
        "sunset": ("the setting sun", "a low sun", "an orange sun", "the sun"),
    },
    "moon": {
        "full": ("the moon", "a full moon", "a round moon"),
        "crescent": ("a crescent moon", "a thin moon", "the moon"),
    },
}
FEATURES = {
    "path": ("a path", "a winding path", "a trail", "a footpath"),
    "flowers": ("{colour} flowers", "{colour} wildflowers", "blooming {colour} flowers"),
}
MANNERS = {
    "oil": ("an oil painting of", "in oil", "oil paint", "in oils", "painted in oil"),
    "watercolour": (
        "a watercolor of",
        "in watercolor",
        "a watercolor painting of",
        "watercolour",
        "painted in watercolor",
    ),
    "gouache": ("a gouache of", "in gouache", "a gouache painting of", "gouache", "painted in gouache"),
    "ink": ("an ink painting of", "in ink", "an ink wash of", "ink wash", "a brush and ink drawing of"),
}
PLACES = {
    "left": ("on the left", "to the left", "on the left side"),
    "right": ("on the right", "to the right", "on the right side"),
    "middle": ("in the middle", "in the center", "at the center"),
}
FAR = ("in the distance", "far away", "far off")
NEAR = ("in the foreground", "close by", "up close", "in front")
ABOVE = ("in the sky", "in the air", "overhead")
NUMBERS = {
    2: ("two", "a pair of", "a couple of"),
    3: ("three",),
    "few": ("a few", "several", "some"),
    "many": ("many", "lots of"),
}
WATERS = {
    "lake": ("calm water", "the water of a lake", "a lake"),
    "river": ("a river", "a winding river", "flowing water"),
    "sea": ("the sea", "ocean water", "blue water", "waves"),
    "pool": ("a pool", "a pool of clear water", "water"),
    "beach": ("the sea", "shallow water", "waves on a beach"),
}
GROUNDS = {
    "grass": ("green grass", "grass", "a meadow"),
    "snow": ("snow", "snowy ground", "white snow"),
    "sand": ("sand", "golden sand", "sandy ground"),
}
OPENINGS = ("", "", "", "", "a painting of", "a landscape with", "a picture of", "a view of", "a scene with")
GLUE = ("and", "with", "under", "below", "over", "behind", "before", "by", "beneath", "beside", "near", "a", "an", "in")


def article(noun: str) -> str:
    """The noun with "a" or "an"."""
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def number_word(count: int) -> str:
    """How a count is named among the attributes."""
    return {1: "one", 2: "two", 3: "three"}.get(count, "few" if count < 7 else "many")
