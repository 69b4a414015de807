// The client's side of the native protocol: greets, subscribes again, sends what is buffered, brings
// answers to those who wait for them, and decides after each end whether and when to come back. It
// knows no sockets: a test runs it on a transport of its own.
import { Answers } from "./answers.js";
import { Backoff } from "./backoff.js";
import { type ClientEvents, guarded, type State } from "./events.js";
import type { Subscribed as NewSubscriber } from "./filter_entry.js";
import { FrameInput } from "./frame_input.js";
import { connectFrame, disconnectFrame, pingFrame } from "./frames.js";
import * as limits from "./limits.js";
import { decodeMessage } from "./message_frame.js";
import type { FullOptions, SubscribeOptions } from "./options.js";
import type { OutgoingBuffer } from "./outgoing_buffer.js";
import { PausedReading } from "./paused_reading.js";
import { type Done, PendingRequests } from "./pending_requests.js";
import { joined } from "./schema.js";
import * as server from "./server_frames.js";
import * as status from "./status.js";
import { type BrokerError, StatusError, unavailable } from "./status.js";
import type { Beginning } from "./stream_start.js";
import type { SubscriptionName } from "./subscription_name.js";
import { SubscriptionSet } from "./subscription_set.js";
import { Ticket } from "./ticket.js";
import { TokenRefresher } from "./token_refresher.js";
import type { Transport, TransportListener } from "./transport.js";
import { WireError } from "./wire.js";

type Phase = "new" | "waiting" | "dialing" | "greeting" | "up" | "ended";

export class Session implements TransportListener {
  /** Those that wait for answers: who adds a frame that is answered tells it here. */
  readonly requests = new PendingRequests();
  /** As of Connected; empty before the first one. */
  clientId = "";
  /** Of the connection that stands; empty: there is none, or the broker has no inboxes. */
  inbox = "";
  /** Of the last connection that stood. */
  sessionId = 0;
  /** Of the last connection that stood. */
  limits: server.Limits | undefined;
  connectsTotal = 0;

  readonly #transport: Transport;
  readonly #outgoing: OutgoingBuffer;
  readonly #options: FullOptions;
  readonly #events: ClientEvents;
  readonly #backoff: Backoff;
  readonly #subscriptions: SubscriptionSet;
  readonly #refresher: TokenRefresher;
  readonly #ticket = new Ticket();
  readonly #answers: Answers;
  readonly #pausedReading: PausedReading;
  readonly #input = new FrameInput(
    () => this.#reads,
    (bytes, start, end) => this.#onFrame(bytes, start, end),
  );

  #phase: Phase = "new";
  #greeting: Uint8Array | undefined; // Connect, until the transport is up
  // Of "up": the filters are asked for again, and the broker is not through with them. Reads on even
  // when paused: who waits for "connected" before it receives would wait for ever.
  #subscribing = false;
  #closing = false; // `close` was called
  #goodbye = false; // Disconnect is sent
  #leaving = false; // the broker has sent GoAway
  #pauses = 0;
  #retryAfterMs = 0; // the broker's wish
  #dueAt = 0; // of the wait for the next attempt
  #attempt = 0; // what an older one has asked for is not looked at
  #connectedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined; // wait, connect timeout, or a probe's

  constructor(
    transport: Transport,
    outgoing: OutgoingBuffer,
    options: FullOptions,
    events: ClientEvents,
  ) {
    this.#transport = transport;
    this.#outgoing = outgoing;
    this.#options = options;
    this.#events = events;
    const { backoffMinMs, backoffMaxMs, dice } = options;
    this.#backoff = new Backoff(backoffMinMs, backoffMaxMs, dice);
    this.#subscriptions = new SubscriptionSet(outgoing);
    this.#refresher = new TokenRefresher(transport, options, events);
    this.#answers = new Answers(this.requests, this.#subscriptions, this.#refresher, events);
    this.#pausedReading = new PausedReading(transport);
    transport.listener = this;
  }

  /** Makes the first connection. */
  start(): void {
    if (this.#phase === "new") this.#dial();
  }

  // --- a connection, from its beginning ----------------------------------------------------------

  #dial(): void {
    this.#phase = "dialing";
    const attempt = ++this.#attempt;
    this.#setTimer(this.#options.connectTimeoutMs, () =>
      this.#fail(new StatusError("DEADLINE_EXCEEDED", "the broker did not answer Connect in time")),
    );
    this.#setState("connecting");
    void this.#refresher.token(!this.#ticket.isEmpty).then((outcome) => {
      if (this.#phase !== "dialing" || this.#attempt !== attempt) return;
      if (outcome instanceof StatusError) return this.#fail(outcome);
      const ticket = this.#ticket.show(this.#options, outcome);
      this.#greeting = connectFrame(this.#options, outcome, ticket);
      this.#transport.dial();
    });
  }

  onUp(): void {
    this.#phase = "greeting";
    this.#input.reset();
    this.#transport.send(this.#greeting!);
    this.#greeting = undefined;
  }

  onBytes(bytes: Uint8Array): void {
    this.#read(() => this.#input.push(bytes));
    if (this.#input.heldBytes > limits.UNREAD_BYTES_MAX) {
      const why = "what has come was not received for too long";
      this.#fail(new StatusError("RESOURCE_EXHAUSTED", why));
    }
  }

  #read(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      const why = `what the broker sent is not the protocol: ${error.message}`;
      this.#fail(new StatusError("INTERNAL", why));
    }
  }

  #onFrame(bytes: Uint8Array, start: number, end: number): void {
    const message = decodeMessage(bytes, start, end);
    if (!message) return this.#onOtherFrame(server.decodeServerFrame(bytes, start, end));
    if (this.requests.takeReply(message)) return;
    if (this.#goodbye && this.#pauses > 0) return; // a program that has closed, and does not receive
    this.#subscriptions.dispatch(message);
  }

  #onOtherFrame(frame: server.ServerFrame): void {
    const { connected, gap, snapshotEnd, goAway, close } = frame;
    if (connected) this.#onConnected(connected);
    else if (gap) this.#tell(() => this.#events.onGap?.(server.gapOf(gap)));
    else if (snapshotEnd) this.#tell(() => this.#events.onSnapshotEnd?.(snapshotEnd.filter));
    else if (goAway) this.#onGoAway(goAway);
    else if (close) this.#onClose(close);
    else {
      this.#answers.onAnswer(frame);
      this.#beConnectedIfSubscribed();
    }
  }

  #onConnected(connected: server.Connected): void {
    if (this.#phase !== "greeting") return;
    this.#phase = "up";
    clearTimeout(this.#timer);
    this.#connectedAt = performance.now();
    this.clientId = connected.clientId;
    this.inbox = connected.inbox;
    this.#ticket.onConnected(connected.ticket);
    this.sessionId = connected.sessionId;
    this.limits = connected.limits;
    this.#pausedReading.keepAliveMs = connected.keepAliveMs;
    if (!this.#closing) this.#refresher.onUp(connected.credentialsExpireInMs);
    ++this.connectsTotal;
    const frames = this.#subscriptions.onUp();
    this.#subscribing = true;
    if (frames.length > 0) this.#transport.send(joined(frames));
    this.#beConnectedIfSubscribed();
    this.drain();
  }

  #beConnectedIfSubscribed(): void {
    if (!this.#subscribing || !this.#subscriptions.isUpAgain) return;
    this.#subscribing = false;
    if (!this.#reads) this.#pausedReading.pause();
    if (!this.#goodbye) this.#setState("connected");
  }

  // --- while it stands ---------------------------------------------------------------------------

  /** The outgoing buffer has something new. */
  drain(): void {
    if (this.#phase !== "up" || this.#goodbye || (this.#leaving && !this.#closing)) return;
    while (!this.#transport.congested) {
      const frames = this.#outgoing.take(limits.SEND_PIECE_BYTES);
      if (!frames) break;
      this.#transport.send(frames);
    }
    if (this.#closing && this.#outgoing.bytes === 0) this.#sayGoodbye();
  }

  onUncongested(): void {
    this.drain();
  }

  subscribe(
    filter: string,
    options: SubscribeOptions,
    subscriber: NewSubscriber,
    done: Done<Beginning>,
  ): void {
    if (this.#phase === "ended" || this.#closing) {
      subscriber.subscriber.onEnd(new StatusError("CANCELLED", "the client is closed"));
      return done(status.isClosed());
    }
    this.#subscriptions.add(filter, options, subscriber, done);
  }

  unsubscribe(name: SubscriptionName, subscriberId: number): void {
    this.#subscriptions.remove(name, subscriberId);
  }

  /** Counted; across connections. */
  pauseRead(): void {
    ++this.#pauses;
    if (this.#phase === "up" && !this.#reads) this.#pausedReading.pause();
  }

  resumeRead(): void {
    if (--this.#pauses > 0 || this.#phase !== "up") return;
    this.#pausedReading.resume();
    this.#readOn();
  }

  // What came before the platform stopped, or while it could not.
  #readOn(): void {
    queueMicrotask(() => this.#read(() => this.#input.read()));
  }

  /**
   * The network has come back, or somebody looks at the page again: a wait that a hidden page has
   * drawn out ends, and a connection that stood is asked whether it still does.
   */
  wake(isNetworkBack: boolean): void {
    if (this.#phase === "waiting" && (isNetworkBack || performance.now() >= this.#dueAt)) {
      this.#dial();
    } else if (this.#phase === "up" && !this.#goodbye && this.#reads) {
      this.#probe();
    }
  }

  #probe(): void {
    const heard = this.#input.pieces;
    this.#transport.send(pingFrame(0));
    this.#setTimer(this.#options.connectTimeoutMs, () => {
      if (this.#input.pieces !== heard) return;
      this.#fail(unavailable("nothing was heard from the broker for too long"));
    });
  }

  // --- to its end --------------------------------------------------------------------------------

  /** Takes nothing more, sends what is buffered, says goodbye; then the state is "closed". */
  close(): void {
    if (this.#closing || this.#phase === "ended") return;
    this.#closing = true;
    this.#refresher.stop();
    this.#outgoing.close(status.isClosed());
    // Without a connection only what is buffered is worth waiting for one.
    if (this.#phase !== "up" && this.#outgoing.bytes === 0) return this.end(undefined);
    this.drain();
  }

  #sayGoodbye(): void {
    this.#goodbye = true;
    this.#transport.send(disconnectFrame(""));
    this.#pausedReading.resume(); // the broker's goodbye is behind what a paused client did not read
    this.#readOn();
  }

  #onGoAway(goAway: server.GoAway): void {
    this.#leaving = true;
    this.#retryAfterMs = goAway.retryAfterMs;
    this.#ticket.onGoAway(goAway.ticket);
    this.#tell(() => this.#events.onGoAway?.(server.goAwayOf(goAway)));
  }

  #onClose(close: BrokerError): void {
    if (!this.#goodbye) this.#tell(() => this.#events.onClose?.(close));
    this.#transport.drop(true);
    this.#retryAfterMs = Math.max(this.#retryAfterMs, close.retryAfterMs);
    this.#failOrWait(status.toStatus(close), close.retryable);
  }

  onDown(reason: StatusError, retryable: boolean, close?: BrokerError): void {
    if (close && !this.#goodbye) this.#tell(() => this.#events.onClose?.(close));
    this.#failOrWait(reason, retryable);
  }

  /** The connection is given up: what was sent over it may be lost. */
  #fail(reason: StatusError): void {
    if (this.#phase === "ended" || this.#phase === "waiting") return;
    this.#transport.drop(false);
    this.#failOrWait(reason, true);
  }

  #failOrWait(reason: StatusError, retryable: boolean): void {
    if (this.#phase === "ended") return; // by whoever was told why
    const stoodFor = performance.now() - this.#connectedAt;
    const lasted = this.#phase === "up" && stoodFor >= this.#backoff.ceilingMs;
    this.#phase = "waiting";
    this.#forgetConnection();
    this.#subscribing = false;
    this.#input.reset();
    this.requests.failSent(this.#outgoing.consumedTotal, reason);
    this.#subscriptions.onDown();
    if (lasted) this.#backoff.reset();
    if (this.#goodbye || (this.#closing && this.#outgoing.bytes === 0)) return this.end(undefined);
    const isTicketRefused = this.#ticket.onClose(reason.code);
    const isFinal = !retryable && !isTicketRefused && !this.#refresher.mayRetry(reason);
    if (isFinal || !this.#options.reconnect) return this.end(reason);
    this.#wait(reason);
  }

  #forgetConnection(): void {
    this.inbox = "";
    clearTimeout(this.#timer);
    this.#pausedReading.onDown();
    this.#refresher.stop();
  }

  #wait(reason: StatusError): void {
    this.#leaving = false;
    const waitMs = this.#backoff.next() + this.#retryAfterMs;
    this.#retryAfterMs = 0;
    this.#dueAt = performance.now() + waitMs;
    this.#setTimer(waitMs, () => this.#dial());
    this.#setState("waiting", reason);
  }

  /** At once. `reason`: why; undefined for a client that wanted it. */
  end(reason: StatusError | undefined): void {
    if (this.#phase === "ended") return;
    this.#phase = "ended";
    this.#forgetConnection();
    this.#transport.drop(this.#goodbye);
    const forCallers = reason ?? status.isClosed();
    this.#outgoing.close(forCallers);
    this.requests.failAll(forCallers);
    this.#subscriptions.end(forCallers);
    this.#setState("closed", reason);
  }

  /** In the state "waiting": milliseconds until the next attempt. Otherwise 0. */
  get retryInMs(): number {
    return this.#phase === "waiting" ? Math.max(this.#dueAt - performance.now(), 0) : 0;
  }

  // --- helpers -----------------------------------------------------------------------------------

  get #reads(): boolean {
    if (this.#phase === "greeting") return true;
    return this.#phase === "up" && (this.#pauses === 0 || this.#subscribing || this.#goodbye);
  }

  #setTimer(delayMs: number, due: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(due, delayMs);
  }

  #setState(state: State, reason?: StatusError): void {
    this.#tell(() => this.#events.onStateChange?.(state, reason));
  }

  #tell(call: () => void): void {
    guarded(call);
  }
}
