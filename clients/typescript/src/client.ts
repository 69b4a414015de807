// A client of the broker.
//
//   const client = await Client.connect({ name: "thermometer" });
//   await client.subscribe("room/+/temperature", (message) => show(message.topic, message.text()));
//   client.publish("room/42/temperature", "21.5");
//
// A lost connection is made again, after a random and growing pause, and everything is subscribed
// again; what was published in between waits in the outgoing buffer. Delivery is at most once: what had
// been given to a connection that then broke may be lost, and publishAndWait says so.
import { ClientImpl } from "./client_impl.js";
import type { Delivery, Stored } from "./delivery.js";
import type { ClientEvents, State } from "./events.js";
import { NO_OPTIONS } from "./frames.js";
import { CONFIRM_MS_MAX } from "./limits.js";
import { errorIn, type Message } from "./message.js";
import type { ClientOptions, Payload } from "./options.js";
import type { PublishOptions, RequestOptions, SubscribeOptions } from "./options.js";
import type { PresenceCallback, PresenceWatch } from "./presence.js";
import { ReceiveQueue } from "./receive_queue.js";
import { Requester } from "./requester.js";
import type { Limits } from "./server_frames.js";
import { StatusError } from "./status.js";
import { CallbackSubscriber, type MessageCallback } from "./subscription.js";
import { PullSubscription, Subscription } from "./subscription.js";
import { socketOptions } from "./tls.js";
import type { WebSocketClass } from "./transport.js";
import { defaultAddress, urlOf, WebSocketTransport } from "./websocket_transport.js";

const RECEIVE_QUEUE_MESSAGES_MAX = 1000;

/** All failures are a StatusError, thrown or rejected with. */
export class Client {
  readonly #impl: ClientImpl;
  readonly #requester: Requester;

  private constructor(impl: ClientImpl) {
    this.#impl = impl;
    this.#requester = new Requester(impl);
  }

  /**
   * Begins to connect and returns at once; what is published meanwhile is buffered. Throws
   * FAILED_PRECONDITION where the platform has no WebSocket and the options name none, and
   * INVALID_ARGUMENT of options that are no numbers, and of `tls` where it would have no effect.
   */
  static create(options: ClientOptions = {}, events: ClientEvents = {}): Client {
    const webSocket = options.webSocket ?? (globalThis as { WebSocket?: WebSocketClass }).WebSocket;
    if (!webSocket) {
      const why = "this platform has no WebSocket: give the option webSocket the class of `ws`";
      throw new StatusError("FAILED_PRECONDITION", why);
    }
    const address = options.address ?? defaultAddress(globalThis.location?.origin);
    const wishes = socketOptions(urlOf(address), webSocket, options);
    const transport = new WebSocketTransport(address, webSocket, wishes);
    const impl = new ClientImpl({ ...options, address }, events, transport);
    impl.session.start();
    return new Client(impl);
  }

  /**
   * The same, and waits for the outcome of the first attempt: who wants to wait for a broker that is
   * not there yet uses `create`. Rejects with the broker's refusal; UNAVAILABLE or DEADLINE_EXCEEDED
   * when it could not be reached; INVALID_ARGUMENT of the address.
   */
  static async connect(options: ClientOptions = {}, events: ClientEvents = {}): Promise<Client> {
    const client = Client.create(options, events);
    const impl = client.#impl;
    try {
      await impl.waitUntilConnected(impl.options.connectTimeoutMs);
    } catch (error) {
      impl.session.end(error as StatusError);
      throw error;
    }
    return client;
  }

  /**
   * Into the outgoing buffer. A refusal by the broker comes to onError. Throws INVALID_ARGUMENT of a
   * topic that the broker would refuse, or of more than a frame may hold; RESOURCE_EXHAUSTED when the
   * buffer is full, see waitForRoom; the reason when the client is closed.
   */
  publish(topic: string, payload: Payload, options: PublishOptions = NO_OPTIONS): void {
    this.#impl.check(topic, options);
    if (options.messageId?.length) {
      const why = "messageId: whoever repeats a message waits for an answer";
      throw new StatusError("INVALID_ARGUMENT", why);
    }
    this.#impl.outgoing.add(this.#impl.frame(topic, payload, options, 0));
  }

  /** Resolves when there is room for so many bytes in the outgoing buffer. */
  waitForRoom(bytes = 1): Promise<void> {
    return this.#impl.outgoing.waitForRoom(bytes);
  }

  /**
   * Resolves when the broker has handed the message to every subscriber's queue. Rejects when it has
   * refused it, when the connection broke before it could say, with DEADLINE_EXCEEDED after
   * requestTimeoutMs, and as `publish` throws.
   */
  async publishAndWait(topic: string, payload: Payload, options = NO_OPTIONS): Promise<void> {
    await this.publishAndStore(topic, payload, options);
  }

  /**
   * The same, and tells where the message is in its stream; undefined: no stream keeps its topic.
   * After an error one does not know; the same again, with the same messageId, is stored once.
   */
  async publishAndStore(
    topic: string,
    payload: Payload,
    options: PublishOptions = NO_OPTIONS,
  ): Promise<Stored | undefined> {
    const { requestTimeoutMs } = this.#impl.options;
    return (await this.#impl.publishAndWait(topic, payload, options, 0, requestTimeoutMs)).stored;
  }

  /**
   * Asks what became of the message: resolves when that is settled for every subscriber, or after
   * `settleMs`, of which at most 60 s count; then some may still be `queued`. Rejects as publishAndWait
   * does, with DEADLINE_EXCEEDED requestTimeoutMs after `settleMs`; UNIMPLEMENTED of a broker that does
   * not know.
   */
  async publishAndConfirm(
    topic: string,
    payload: Payload,
    settleMs: number,
    options: PublishOptions = NO_OPTIONS,
  ): Promise<Delivery> {
    const confirmMs = Math.min(Math.max(Math.ceil(settleMs), 1), CONFIRM_MS_MAX); // 0 asks for nothing
    const timeoutMs = settleMs + this.#impl.options.requestTimeoutMs;
    const answer = await this.#impl.publishAndWait(topic, payload, options, confirmMs, timeoutMs);
    if (answer.delivery) return { ...answer.delivery, stored: answer.stored };
    const why = "this broker does not say what became of a message";
    throw new StatusError("UNIMPLEMENTED", why);
  }

  /**
   * With a callback: resolves when the broker has confirmed; from then on nothing that matches is
   * missed while the connection stands. A message that matches several filters of this client comes to
   * each of its callbacks. Rejects with the broker's refusal, INVALID_ARGUMENT, DEADLINE_EXCEEDED;
   * ALREADY_EXISTS when this client is in the options' group, with a filter that has topics in common.
   *
   * Without: the messages are read, `for await (const message of client.subscribe("room/+"))`.
   */
  subscribe(
    filter: string,
    callback: MessageCallback,
    options?: SubscribeOptions,
  ): Promise<Subscription>;
  subscribe(filter: string, options?: SubscribeOptions): PullSubscription;
  subscribe(
    filter: string,
    first?: MessageCallback | SubscribeOptions,
    options: SubscribeOptions = {},
  ): Promise<Subscription> | PullSubscription {
    if (typeof first === "function") return this.#subscribe(filter, first, options);
    return this.#pull(filter, first ?? {});
  }

  async #subscribe(filter: string, callback: MessageCallback, options: SubscribeOptions) {
    const subscriber = new CallbackSubscriber(callback);
    const { name, end, confirmed } = this.#impl.subscribe(filter, options, subscriber);
    const subscription = new Subscription(name, end);
    subscription.begin(await confirmed);
    return subscription;
  }

  #pull(filter: string, options: SubscribeOptions): PullSubscription {
    const { session } = this.#impl;
    const queue = new ReceiveQueue(
      options.receiveQueueMessagesMax ?? RECEIVE_QUEUE_MESSAGES_MAX,
      () => session.pauseRead(),
      () => session.resumeRead(),
    );
    const { name, end, confirmed } = this.#impl.subscribe(filter, options, queue);
    return new PullSubscription(name, queue, end, confirmed);
  }

  /**
   * Asks whoever is subscribed to the topic, and resolves with the first reply; or asks the broker
   * itself ("$SYS/...", with the messages of proto/admin.proto). Who answers publishes to the replyTo
   * of the message. Rejects with UNAVAILABLE and the code 150, at once, when nobody is subscribed;
   * DEADLINE_EXCEEDED when no reply came in time; UNAVAILABLE when the connection broke; ABORTED when
   * whoever was asked has sent an error (ERROR_HEADER).
   */
  async request(topic: string, payload: Payload, options: RequestOptions = {}): Promise<Message> {
    const replies = await this.requestMany(topic, payload, { ...options, repliesMax: 1 });
    const reply = replies[0]!;
    const error = errorIn(reply);
    if (error === undefined) return reply;
    throw new StatusError("ABORTED", `who was asked has failed: ${error}`);
  }

  /**
   * Asks all of them, and resolves with their replies in the order in which they came: when there are
   * repliesMax of them, or when the time is over and there is one at least. Rejects as `request` does,
   * but for ABORTED.
   */
  requestMany(topic: string, payload: Payload, options: RequestOptions = {}): Promise<Message[]> {
    return this.#requester.request(topic, payload, options);
  }

  /**
   * Tells who is on a topic: first all of them, then who joins and who leaves. After a lost connection
   * it tells what has changed meanwhile. Resolves when the broker has agreed. Rejects with the broker's
   * refusal, PERMISSION_DENIED, or FAILED_PRECONDITION when it has no presence of this topic; as
   * `subscribe` does.
   */
  watchPresence(topic: string, callback: PresenceCallback): Promise<PresenceWatch> {
    return this.#requester.watchPresence(topic, callback);
  }

  /**
   * Resolves when everything published so far has reached the broker. UNAVAILABLE: the connection broke
   * meanwhile, and some of it may be lost.
   */
  flush(timeoutMs = this.#impl.options.requestTimeoutMs): Promise<void> {
    return this.#impl.flush(timeoutMs);
  }

  /**
   * Sends what is buffered, says goodbye, and waits for the end. On an error the connection is ended all
   * the same, and the error says what was not sent.
   */
  async close(timeoutMs = this.#impl.options.requestTimeoutMs): Promise<void> {
    const impl = this.#impl;
    if (impl.state === "closed") return;
    impl.session.close();
    if (!(await impl.waitUntil(() => impl.state === "closed", timeoutMs))) {
      const why = "the broker has not taken everything in time";
      impl.session.end(new StatusError("DEADLINE_EXCEEDED", why));
    }
    if (impl.endReason) throw impl.endReason;
  }

  get state(): State {
    return this.#impl.state;
  }

  /** Why the last connection failed or ended; undefined while there is none such. */
  get reason(): StatusError | undefined {
    return this.#impl.reason;
  }

  /** In the state "waiting": milliseconds until the next attempt. Otherwise 0. */
  get retryInMs(): number {
    return this.#impl.session.retryInMs;
  }

  /** In force: the client's own, or the one that the broker chose. Empty before the first Connected. */
  get clientId(): string {
    return this.#impl.session.clientId;
  }

  /** Number of the last connection that stood: its broker gives it to no other. 0 before it. */
  get sessionId(): number {
    return this.#impl.session.sessionId;
  }

  /** Of the last connection that stood. */
  get limits(): Limits | undefined {
    return this.#impl.session.limits;
  }

  /** Connections that stood, the first included. */
  get connectsTotal(): number {
    return this.#impl.session.connectsTotal;
  }

  /** By "dropNewest". */
  get droppedMessagesTotal(): number {
    return this.#impl.outgoing.droppedMessagesTotal;
  }

  /** Of the outgoing buffer. */
  get outgoingBytes(): number {
    return this.#impl.outgoing.bytes;
  }
}
