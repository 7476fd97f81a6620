"""The made-up media library: files, policies and the failures that real tools report."""

from dataclasses import dataclass
from random import Random

POLICIES = ("Simple HEVC Transcode", "normalize", "anime-dual-audio", "archive 4K")
_FILMS = (
    ("Big Buck Bunny", 2008),
    ("Sintel", 2010),
    ("Tears of Steel", 2012),
    ("Cosmos Laundromat", 2015),
    ("Spring", 2019),
    ("Nosferatu – Eine Symphonie des Grauens", 1922),
    ("Metropolis", 1927),
    ("Броненосец Потёмкин", 1925),
    ("東京物語", 1953),
    ("The *General* & <friends> [restored]", 1926),
)
_SERIES = ("Night Shift", "Les Voisins", "The Long Way Round", "Harbour Lights", "Кухня")
_RESOLUTIONS = ((1920, 1080, 4.0), (1280, 720, 1.5), (3840, 2160, 14.0))
_GIGABYTE = 1_000_000_000
_BYTES_A_SECOND = 0.25 * _GIGABYTE
_SHORTEST, _LONGEST = 5.0, 60.0

FAILURES = (
    (
        "ffmpeg exited with code 1\n[libx265 @ 0x5581d2c0] Error while encoding frame 48211\n"
        "Conversion failed!"
    ),
    (
        "Unexpected MediaIntrospectionError: ffprobe failed for {path}: Truncating packet of size "
        "13344 to 8\n[matroska,webm @ 0x564e98f49180] EBML header parsing failed\n"
        "{path}: Invalid data found when processing input\n"
    ),
    "File not in database (run 'vpo scan' first)",
    "[Errno 28] No space left on device: '{path}.tmp'",
)
SCAN_FAILURE = (
    "ffprobe failed for {path}: [mov,mp4,m4a,3gp,3g2,mj2 @ 0x56545ce19180] moov atom not found\n"
    "{path}: Invalid data found when processing input\n"
)


@dataclass(frozen=True)
class MediaFile:
    """A video file as a scan finds it."""

    path: str
    size_bytes: int
    width: int
    height: int
    codec: str = "h264"
    languages: tuple[str, ...] = ("eng",)


def media_file(random: Random) -> MediaFile:
    """A film or an episode, with a size that suits its resolution."""
    width, height, gigabytes = random.choice(_RESOLUTIONS)
    if random.random() < 0.4:
        title, year = random.choice(_FILMS)
        path = f"/srv/media/movies/{title} ({year})/{title} ({year}) [{height}p].mkv"
    else:
        title = random.choice(_SERIES)
        season, episode = random.randint(1, 8), random.randint(1, 24)
        path = f"/srv/media/tv/{title}/Season {season:02d}/{title} S{season:02d}E{episode:02d}.mkv"
    size = int(gigabytes * _GIGABYTE * random.uniform(0.4, 1.6))
    languages = random.choice((("eng",), ("eng", "deu"), ("jpn", "eng"), ("und",)))
    return MediaFile(path, size, width, height, languages=languages)


def work_seconds(media: MediaFile, random: Random) -> float:
    """How long a job takes with a file: nearly proportional to its size, as on a real server.

    A hundred times as fast as one, so that a demo has something to show.
    """
    seconds = media.size_bytes / _BYTES_A_SECOND * random.uniform(0.85, 1.15)
    return min(max(seconds, _SHORTEST), _LONGEST)
