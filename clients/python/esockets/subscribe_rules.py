"""What can be said of a subscription before the broker is asked."""

from __future__ import annotations

from esockets.frames import subscribe_frame
from esockets.limits import GROUP_BYTES_MAX
from esockets.options import SubscribeOptions
from esockets.start import GroupStrategy, Overflow
from esockets.status import InvalidArgumentError
from esockets.topic import filter_error, is_reserved, is_utf8

_SUIT_A_GROUP = (Overflow.DEFAULT, Overflow.DROP_OLDEST, Overflow.DROP_NEWEST)


def check_subscribe(filter: str, options: SubscribeOptions) -> None:
    """Errors: InvalidArgumentError of what every broker refuses."""
    if error := filter_error(filter):
        raise _invalid("filter", error)
    if not isinstance(options, SubscribeOptions):
        raise TypeError(f"options: SubscribeOptions are wanted, not {type(options).__name__}")
    if options.group:
        _check_group(filter, options)
    elif options.group_strategy != GroupStrategy.UNSPECIFIED:
        raise _invalid("group_strategy", "there is no group")
    # It would be asked for again on each connection, and none would come to stand.
    try:
        subscribe_frame(filter, options, 0)
    except (AttributeError, TypeError, ValueError) as error:
        raise _invalid("options", str(error)) from None


def _check_group(filter: str, options: SubscribeOptions) -> None:
    # The broker ends the connection of a client that sends text which is none.
    if not is_utf8(options.group):
        raise _invalid("group", "not UTF-8")
    if len(options.group.encode()) > GROUP_BYTES_MAX:
        raise _invalid("group", "too long")
    if is_reserved(filter):
        raise _invalid("filter", "below $ there are no groups")
    if options.overflow not in _SUIT_A_GROUP:
        raise _invalid("overflow",
                       "what waits for a group can only drop the oldest or the newest")
    if not options.start.is_now:
        raise _invalid("start", "a group gets what is published from now on")


def _invalid(what: str, why: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"{what}: {why}")
