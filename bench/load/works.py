"""What is measured, and what is to be reached."""

import dataclasses

from servers import (ESocketS, ESocketS2, ESocketS4, ESocketSDeflatedWebSocket,
                     ESocketSLargeStream, ESocketSStream, ESocketSTls, ESocketSTls12,
                     ESocketSTls12Resumed, ESocketSTlsResumed, ESocketSTlsStorm,
                     ESocketSWebSocket, Limit, PEERS, PEERS_AS_SHIPPED)

EVERYBODY = (Limit, ESocketS, *PEERS)
BROKERS = (ESocketS, *PEERS)
LOOPS = (ESocketS2, ESocketS4)

CPU_PER_DELIVERY = "server_cpu_us_per_delivery"
CPU_PER_REPLAYED = "server_cpu_us_per_replayed"
CPU_PER_RECONNECT = "server_cpu_us_per_reconnect"


@dataclasses.dataclass(frozen=True)
class Goal:
    """Our figure is at most (or at least) `bound`: itself, or as a multiple of somebody's.

    `against` is "" (the figure itself), the name of a server, or "best peer".
    """
    figure: str
    against: str
    bound: float
    at_least: bool = False


@dataclasses.dataclass(frozen=True)
class Work:
    name: str
    scenario: str
    flags: tuple = ()
    servers: tuple = EVERYBODY
    figure: str = CPU_PER_DELIVERY
    goals: tuple = ()
    # In each round, where single runs scatter widely.
    runs_per_round: int = 1
    # Ahead of other processes: time on the wall counts, not time of the CPU. Root's privilege.
    undisturbed: bool = False
    # Name of another work and a bound: our figure here is at most so many times that there.
    grows: tuple = ()
    in_quick: bool = True


def fan_out(name, payload, subscribers, limit, peer, more=(), loops=()):
    return Work(name, "fan_out", (f"--payload={payload}", f"--subscribers={subscribers}", *more),
                servers=EVERYBODY + loops,
                goals=(Goal(CPU_PER_DELIVERY, "limit", limit), peer,
                       *loop_goals(loops)))


def loop_goals(loops):
    """Several loops on the one core of the server: what they cost, not what they gain."""
    return tuple(Goal(CPU_PER_DELIVERY, s.name, 1.3) for s in loops)


def best_peer(bound, figure=CPU_PER_DELIVERY):
    return Goal(figure, "best peer", bound)


WORKS = (
    fan_out("16 B × 1,000", 16, 1000, 2.5, best_peer(0.25)),
    fan_out("128 B × 100", 128, 100, 1.5, best_peer(0.25)),
    fan_out("128 B × 1,000", 128, 1000, 1.5, best_peer(0.25), loops=LOOPS),
    fan_out("1 KiB × 1,000", 1024, 1000, 1.5, best_peer(0.5)),
    fan_out("16 KiB × 1,000", 16384, 1000, 1.3, best_peer(0.5)),
    Work("100 × 100 × 1, 128 B", "many_to_many", servers=EVERYBODY + LOOPS,
         goals=(Goal(CPU_PER_DELIVERY, "limit", 2.5), best_peer(0.25), *loop_goals(LOOPS))),
    fan_out("128 B × 1,000, 4 in flight", 128, 1000, 0.8, Goal(CPU_PER_DELIVERY, "redis", 1.0),
            more=("--window=4", "--publishers=4")),
    Work("10,000 literal + 1,000 wildcard subscriptions", "wildcard", servers=BROKERS,
         goals=(Goal(CPU_PER_DELIVERY, "", 0.25), best_peer(0.25))),
    Work("1,000 literal + 1,000 wildcard subscriptions", "wildcard", ("--literals=1000",),
         servers=(ESocketS,)),
    Work("1,000,000 literal + 1,000 wildcard subscriptions", "wildcard",
         ("--literals=1000000",), servers=(ESocketS,), in_quick=False,
         grows=("1,000 literal + 1,000 wildcard subscriptions", 2.0)),
    Work("1 → 100, 1,000 messages/s", "latency", ("--seconds=2",), figure="latency_p99_us",
         goals=(Goal("latency_p99_us", "limit", 1.3), best_peer(1.0, "latency_p99_us")),
         undisturbed=True, runs_per_round=3),
    Work("9,000 idle clients", "idle", ("--clients=9000",), figure="rss_bytes_per_client",
         goals=(Goal("rss_bytes_per_client", "", 512), Goal("idle_cpu_ms_per_s", "", 1.0),
                Goal("server_cpu_us_per_connect", "limit", 1.25),
                best_peer(1.0, "server_cpu_us_per_connect"),
                Goal("per_s", "limit", 0.8, at_least=True),
                Goal("per_s", "best peer", 1.0, at_least=True))),
    Work("128 B × 100, 10 more have stopped reading", "slow", servers=BROKERS),
    Work("subscribe and unsubscribe", "churn", ("--clients=100",), servers=BROKERS,
         figure="server_cpu_us_per_request"),
)


def isolation(name, payload, subscribers, seconds):
    return Work(name, "latency",
                (f"--payload={payload}", f"--subscribers={subscribers}", f"--seconds={seconds}"),
                servers=(ESocketS, *PEERS_AS_SHIPPED), figure="latency_p99_us", undisturbed=True)


# Of ./dev bench slow: as long as it takes the stopped one to lose something.
ISOLATION_WORKS = (
    isolation("100 subscribers × 128 B × 1,000/s", 128, 100, 16),
    isolation("20 subscribers × 16 KiB × 1,000/s", 16384, 20, 5),
)


@dataclasses.dataclass(frozen=True)
class StreamWork(Work):
    # Held against what publishing into a stream may cost.
    bounded: bool = False


def into_stream(name, subscribers, bounded=False):
    return StreamWork(name, "fan_out", ("--payload=128", f"--subscribers={subscribers}"),
                      servers=(ESocketS, ESocketSStream), bounded=bounded)


# Of ./dev bench streams: one after the other with a stream and without one.
STREAM_WORKS = (
    into_stream("128 B × 1", 1),
    into_stream("128 B × 100", 100, bounded=True),
    into_stream("128 B × 1,000", 1000),
    StreamWork("1,000,000 stored messages of 128 B", "replay",
               ("--payload=128", "--messages=1000000"), servers=(ESocketSLargeStream,),
               figure=CPU_PER_REPLAYED),
)


TRANSPORTS = (ESocketS, ESocketSWebSocket, ESocketSDeflatedWebSocket)

# Of ./dev bench fanout.
TRANSPORT_WORKS = (
    Work("128 B × 1,000", "fan_out", ("--payload=128", "--subscribers=1000", "--look_every=1"),
         servers=TRANSPORTS),
    Work("9,000 idle clients", "idle", ("--clients=9000",), servers=TRANSPORTS,
         figure="rss_bytes_per_client"),
)


TLS_VERSIONS = (ESocketS, ESocketSTls, ESocketSTls12)

# Of ./dev bench tls.
TLS_WORKS = (
    Work("connect", "reconnect", ("--clients=64",),
         servers=(*TLS_VERSIONS, ESocketSTlsResumed, ESocketSTls12Resumed),
         figure=CPU_PER_RECONNECT),
    Work("128 B × 1,000", "fan_out", ("--payload=128", "--subscribers=1000", "--look_every=1"),
         servers=TLS_VERSIONS),
    Work("16 KiB × 100", "fan_out", ("--payload=16384", "--subscribers=100", "--look_every=1"),
         servers=TLS_VERSIONS),
    Work("4,000 idle clients", "idle", ("--clients=4000",), servers=TLS_VERSIONS,
         figure="rss_bytes_per_client"),
    Work("1 → 10, 1,000 messages/s", "latency", ("--subscribers=10", "--seconds=3"),
         servers=(ESocketSTls, ESocketSTlsStorm), figure="latency_p99_us", undisturbed=True),
)
