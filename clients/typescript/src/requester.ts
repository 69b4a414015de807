// Requests to other clients and to the broker itself, and who is on a topic.
import type { ClientImpl } from "./client_impl.js";
import type { Message } from "./message.js";
import type { Payload, PublishOptions, RequestOptions } from "./options.js";
import type { Added, Write } from "./outgoing_buffer.js";
import type { Done } from "./pending_requests.js";
import { PRESENCE_PREFIX, type PresenceCallback, PresenceWatch } from "./presence.js";
import { type Ask, PresenceWatcher } from "./presence_watcher.js";
import { ReplyCollector } from "./reply_collector.js";
import { isClosed, StatusError, unavailable } from "./status.js";

function isForBroker(topic: string): boolean {
  return topic.startsWith("$SYS/") || topic.startsWith(PRESENCE_PREFIX);
}

/**
 * For replies of the broker itself, which come to this client whatever stands here: unlike an inbox it
 * outlives a connection, so that such a request can wait for the next one. Those of two clients must
 * not meet, for a broker that takes it for a topic like any other.
 */
function randomPrefix(): string {
  const words = [...crypto.getRandomValues(new Uint32Array(2))];
  return `_INBOX/${words.map((word) => word.toString(16).padStart(8, "0")).join("")}/`;
}

export class Requester {
  readonly #impl: ClientImpl;
  readonly #replyPrefix = randomPrefix();
  #replyTopics = 0;

  constructor(impl: ClientImpl) {
    this.#impl = impl;
  }

  async request(topic: string, payload: Payload, options: RequestOptions): Promise<Message[]> {
    const timeoutMs = options.timeoutMs ?? this.#impl.options.requestTimeoutMs;
    const begin = performance.now();
    if (!isForBroker(topic)) {
      // Its replies come to an inbox of the connection: there must be one.
      const impl = this.#impl;
      const isDecided = () => impl.state === "connected" || impl.state === "closed";
      await impl.waitUntil(isDecided, timeoutMs);
    }
    return this.#ask(topic, payload, options, timeoutMs - (performance.now() - begin));
  }

  async #ask(topic: string, payload: Payload, options: RequestOptions, leftMs: number) {
    const { replyTopic, write } = this.#question(topic, payload, options.publish);
    const added = isForBroker(topic)
      ? this.#impl.outgoing.addControl(write)
      : await this.#impl.addRequest(topic, payload, write);
    return new Promise<Message[]>((resolve, reject) => {
      const replies = new ReplyCollector(options.repliesMax ?? 0, resolve, reject);
      this.#collect(replies, added, replyTopic, leftMs);
    });
  }

  #question(topic: string, payload: Payload, options?: PublishOptions) {
    const replyTopic = this.#nextReplyTopic(topic);
    const publish = { ...options, replyTo: replyTopic };
    this.#impl.check(topic, publish);
    const write: Write = (id) => this.#impl.frame(topic, payload, publish, id);
    return { replyTopic, write };
  }

  #collect(replies: ReplyCollector, added: Added, replyTopic: string, leftMs: number): void {
    const { requests } = this.#impl.session;
    replies.endAfter(leftMs, () => requests.forget(added.id));
    requests.add({ ...added, replies, replyTopic });
  }

  #nextReplyTopic(requestTopic: string): string {
    const number = ++this.#replyTopics;
    if (isForBroker(requestTopic)) return this.#replyPrefix + number;
    const { session, state, endReason, options } = this.#impl;
    if (session.inbox) return `${session.inbox}/${number}`;
    if (state === "connected") {
      throw new StatusError("UNIMPLEMENTED", "this broker takes no requests to other clients");
    }
    if (state === "closed") throw endReason ?? isClosed();
    throw unavailable(`no connection to ${options.address}`);
  }

  /** `done` is called while the answer is read: before what has come behind it. */
  #askBroker(topic: string, payload: Uint8Array, done: Done<Uint8Array>): void {
    const replies = new ReplyCollector(1, ([reply]) => done(reply!.payload), done);
    try {
      const { replyTopic, write } = this.#question(topic, payload);
      const added = this.#impl.outgoing.addControl(write);
      this.#collect(replies, added, replyTopic, this.#impl.options.requestTimeoutMs);
    } catch (error) {
      done(error as StatusError);
    }
  }

  async watchPresence(topic: string, callback: PresenceCallback): Promise<PresenceWatch> {
    const filter = PRESENCE_PREFIX + topic;
    const ask: Ask = (payload, done) => this.#askBroker(filter, payload, done);
    const watcher = new PresenceWatcher(ask, callback, () => end());
    const standing = this.#impl.subscribe(filter, {}, watcher);
    const { watchers } = this.#impl;
    const end = () => {
      watchers.delete(watcher);
      standing.end();
    };
    await standing.confirmed;
    watchers.add(filter, watcher);
    return new PresenceWatch(topic, () => {
      watcher.stop();
      end();
    });
  }
}
