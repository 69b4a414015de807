"""The limits of the client library that no option changes: name, unit, reason."""

# The longest frame taken from a broker, in bytes: what a broken one can make us hold.
SERVER_FRAME_BYTES_MAX = 64 << 20

# The longest frame to send, in bytes, while Connected has not told the broker's own limit.
FRAME_BYTES_MAX_BEFORE_CONNECTED = 1 << 20

# Frames handed to the connection at once, in bytes: between two such pieces it can say stop.
SEND_PIECE_BYTES = 64 << 10

# The longest time in which a broker says what became of a message, in milliseconds: it waits no
# longer than that, whatever is asked.
CONFIRM_MS_MAX = 60_000

# What a broker takes of a topic: bytes, and levels between "/".
TOPIC_BYTES_MAX = 1024
TOPIC_LEVELS_MAX = 32

# The longest message_id, in bytes: what a broker takes.
MESSAGE_ID_BYTES_MAX = 64

# The longest name of a group, in bytes: what a broker takes.
GROUP_BYTES_MAX = 128

# Members of a roster that are asked for at once; and the pause, in seconds, after a question about
# presence that was not answered, or that the broker was too busy for.
PRESENCE_PAGE_MEMBERS = 500
PRESENCE_PAUSE = 1.0

# Half keep-alives without a sign of life from the broker, after which the connection is given up.
SILENT_TICKS_MAX = 3

# Topics whose subscriptions are remembered, instead of matched for each message.
MATCHED_TOPICS_MAX = 10_000

# The part of their time after which credentials are refreshed: the rest is for a hook that is slow,
# or fails for a while.
REFRESH_AFTER_SHARE = 0.8

# Between two Refreshes at least, in seconds: the broker takes no more.
REFRESH_PAUSE = 1.0
