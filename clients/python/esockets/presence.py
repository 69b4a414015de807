"""Who is on a topic, as a program is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Dict, List, Optional

from esockets.status import Error

# What is published below it says who is on the topic that follows.
PRESENCE_PREFIX = "$presence/"


@dataclass(frozen=True)
class PresenceMember:
    """What the client said when it connected."""

    client_id: str  # one member, however often it comes back
    name: str = ""
    metadata: Dict[str, str] = field(default_factory=dict)


@dataclass
class PresenceNews:
    """What has changed since the last one; the first one names all who are there."""

    first: bool = False
    # Who came; or who was there and has another name or other metadata.
    joined: List[PresenceMember] = field(default_factory=list)
    left: List[PresenceMember] = field(default_factory=list)
    # Members now.
    count: int = 0
    # Not None: why this is the last one, and says nothing else. PermissionDeniedError: the client
    # is not on the topic any more, and only members are told.
    ended: Optional[Error] = None


# Called on the client's loop. While it runs nothing else is received.
PresenceCallback = Callable[[PresenceNews], None]
