// The limits of the client library that no option changes: name, unit, reason.

/** The longest frame taken from a broker, in bytes: what a broken one can make us hold. */
export const SERVER_FRAME_BYTES_MAX = 64 << 20;

/** The longest frame to send, in bytes, while Connected has not told the broker's own limit. */
export const FRAME_BYTES_MAX_BEFORE_CONNECTED = 1 << 20;

/** Frames handed to the connection at once, in bytes: between two such pieces it can say stop. */
export const SEND_PIECE_BYTES = 64 << 10;

/** Bytes that the platform has taken and not sent, above which it gets no more. */
export const CONGESTED_BYTES = 1 << 20;

/** Milliseconds between two looks at a congested connection: the platform tells no event. */
export const CONGESTION_LOOK_MS = 10;

/**
 * Bytes that have come and are not looked at, because the program does not receive. Where the
 * platform cannot stop reading, the connection is given up above it.
 */
export const UNREAD_BYTES_MAX = 64 << 20;

/**
 * The longest time in which a broker says what became of a message, in milliseconds: it waits no
 * longer than that, whatever is asked.
 */
export const CONFIRM_MS_MAX = 60_000;

/** The longest message id, in bytes: what a broker takes. */
export const MESSAGE_ID_BYTES_MAX = 64;

/** The longest name of a group, in bytes: what a broker takes. */
export const GROUP_BYTES_MAX = 128;

/** Topics and filters, as a broker takes them by default: bytes, and levels between "/". */
export const TOPIC_BYTES_MAX = 1024;
export const TOPIC_LEVELS_MAX = 32;

/** Topics whose subscriptions are remembered, so that the filters are not walked for each message. */
export const MATCHED_TOPICS_MAX = 1024;

/**
 * Members of a roster that are asked for at once; and the pause, in milliseconds, after a question
 * about presence that was not answered, or that the broker was too busy for.
 */
export const PRESENCE_PAGE_MEMBERS = 500;
export const PRESENCE_PAUSE_MS = 1000;

/** Milliseconds between two Refreshes, at least: a broker takes no more. */
export const REFRESH_INTERVAL_MS_MIN = 1000;

/** The longest wait of a platform's timer, in milliseconds: a longer one would be over at once. */
export const TIMER_MS_MAX = 2 ** 31 - 1;
