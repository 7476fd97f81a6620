"""Words that reveal nothing about a library or its owner: those of VPO, its API and its tools.

Every other word is treated as a name. Add a word only if recordings are useless without it and it
cannot be a whole title or a user's name.
"""

import re

_TEXT = """
3g2 3gp a aac ac3 access accumulated actions active added affected after alac all already an and any
api application applied apply aq argument ass at atom attachment attachments audio av1 available avc
avg avi b bad base be been before being bitrate bits bogus buffer but by bytes cancelled cannot
category cfr changed changes channel channels chapter chapters code codec codecs command completed
compliant config configuration connected connection constant container containers contains
conversion convert converted copied copy could count cpu created crf cuda current data database date
db debug decode decoder decoding default degraded deleted demo denied description details detected
device dialnorm did directory disconnected discovered disk display docs does done drop dropped dts
dup duration during eac3 earliest ebml elapsed empty enc encode encoded encoder encodes encoding end
ended eng errno error errors eta exceeded exception executing exist exists exit exited expected
extension failed failure fallback false ffmpeg ffprobe file filename files filter filtered first
flac foo for forced format found fps frame frames from gb git gpu group h264 h265 hardware has hash
have hdr header health healthy height hevc high host html http hwaccel id in index info input
internal into introspecting introspection invalid invaliddataerror is iso2 isom it itself job jobs
json kb kbits kbps keyframe kib killed label language languages last latest layout less level libfdk
libopus library libsvtav1 libx264 libx265 limit line lines list locked log logs long lsize m4a
mapping match matroska max maximum mb md mean media mediaintrospectionerror message metadata mib min
missing mj2 mkv mkvmerge mkvpropedit modified modifying mono monotonous moov more mov move moved mp3
mp4 mp41 mp42 muxer muxing name names need needed new no non none normalize not null number nvenc of
offset ok old on only open opened opening operation operations option opus or ordered other out
output over overflow own packet packets page parameter parameters parse parsed parsing partial pass
path paused pcm pending per percent permission phase phases pid plan plans please plugin plugins
policies policy pools preset priority process processed processing profile progress prune pruned q
qscale qsv quality query queue queued ram rate raw read reading ready reason recent removed removing
remux remuxed reorder requested required resolution result retries retry retrying returned row rows
run running runtimeerror safe sample saved savings scan scanned scanning schema sdr second seconds
server service set shutting side signal since size skip skipped skipping snapshot software sort
sorted source space speed srt stalled start started starting stats status step steps stereo stream
streams sub subrip subtitle subtitles success successful successfully sum summary surround svtav1
tag tags target than that the this threads thumbnail time timed timeout timestamp title to too total
track tracks transcode transcoded transcodes transcoding transcription trend trends trouble true
truehd truncating tune type unauthorized und undefined unexpected unhealthy unknown unsupported
until updated uptime url use used using uuid vaapi valid value valueerror values vbr version vfr vfs
video videos vorbis vp8 vp9 vpo wait waiting warning was webm webvtt when width will with within
without words work worker workers workflow would write writer writing written x264 x265 yaml yuv420p
yuv420p10le zscale
"""
_WORDS = frozenset(_TEXT.split())
_UNITS = "s|ms|us|m|h|d|b|k|kb|mb|gb|tb|kib|mib|gib|kbits|kbps|fps|hz|khz|ch|bit|p|i|x|f"
_MEASURE = re.compile(rf"\d+(?:{_UNITS})|\d+x\d+|0x[0-9a-f]+|v?\d+", re.IGNORECASE)
TOKEN = re.compile(r"(?:\w|[^\x00-\x7f])+")
"""A run of letters, digits, underscores and non-ASCII characters."""
_SIGNS = frozenset("—–→←•…×±°’‘“”«»·")


def is_allowed_word(token: str) -> bool:
    """Whether each part between underscores is a known word, a number or a measurement."""
    parts = [part for part in token.split("_") if part]
    return all(
        part.casefold() in _WORDS or _MEASURE.fullmatch(part) is not None or set(part) <= _SIGNS
        for part in parts
    )
