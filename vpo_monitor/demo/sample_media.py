"""The sample media library: files, policies and the errors that real tools report."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from random import Random

POLICIES = ("Simple HEVC Transcode", "normalize", "anime-dual-audio", "archive 4K")
_MOVIES = (
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
_RESOLUTIONS = ((1920, 1080, 4.0), (1280, 720, 2.0), (3840, 2160, 9.0))
_GIGABYTE = 1_000_000_000
_BYTES_PER_SECOND = 0.1 * _GIGABYTE

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
LOST_FILES = (
    "/srv/media/movies/Nosferatu (1922)/Extras/Interview.mkv",
    "/srv/media/tv/Night Shift/Season 02/Night Shift S02E00 – Special.mkv",
)
"""Files that a scan no longer finds."""


@dataclass(frozen=True)
class MediaFile:
    """A video file as found by a scan."""

    path: str
    size_bytes: int
    width: int
    height: int
    codec: str = "h264"
    languages: tuple[str, ...] = ("eng",)

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name


def media_file(random: Random) -> MediaFile:
    """Return a movie or an episode with a size that suits its resolution."""
    width, height, gigabytes = random.choice(_RESOLUTIONS)
    if random.random() < 0.4:
        title, year = random.choice(_MOVIES)
        path = f"/srv/media/movies/{title} ({year})/{title} ({year}) [{height}p].mkv"
    else:
        title = random.choice(_SERIES)
        season, episode = random.randint(1, 8), random.randint(1, 24)
        path = f"/srv/media/tv/{title}/Season {season:02d}/{title} S{season:02d}E{episode:02d}.mkv"
    size = int(gigabytes * _GIGABYTE * random.uniform(0.6, 1.4))
    languages = random.choice((("eng",), ("eng", "deu"), ("jpn", "eng"), ("und",)))
    return MediaFile(path, size, width, height, languages=languages)


def run_seconds(media: MediaFile, random: Random) -> float:
    """Return how long a job takes: nearly proportional to the file size, as on a real server.

    It is much faster than a real server, so that something happens while you watch.
    """
    return media.size_bytes / _BYTES_PER_SECOND * random.uniform(0.9, 1.1)
