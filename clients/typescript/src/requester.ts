// Requests to other clients and to the broker itself, and who is on a topic.
import type { ClientImpl } from "./client_impl.js";
import type { Message } from "./message.js";
import type { Payload, RequestOptions } from "./options.js";
import type { Added, Write } from "./outgoing_buffer.js";
import { PRESENCE_PREFIX, type PresenceCallback, PresenceWatch } from "./presence.js";
import { PresenceWatcher } from "./presence_watcher.js";
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
    const replyTopic = this.#nextReplyTopic(topic);
    const publish = { ...options.publish, replyTo: replyTopic };
    this.#impl.check(topic, publish);
    const write: Write = (id) => this.#impl.frame(topic, payload, publish, id);
    const added = isForBroker(topic)
      ? this.#impl.outgoing.addControl(write)
      : await this.#impl.addRequest(topic, payload, write);
    return this.#repliesTo(added, replyTopic, options.repliesMax ?? 0, leftMs);
  }

  #repliesTo(added: Added, replyTopic: string, repliesMax: number, leftMs: number) {
    const { requests } = this.#impl.session;
    return new Promise<Message[]>((resolve, reject) => {
      const replies = new ReplyCollector(repliesMax, resolve, reject);
      replies.endAfter(leftMs, () => requests.forget(added.id));
      requests.add({ ...added, replies, replyTopic });
    });
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

  async watchPresence(topic: string, callback: PresenceCallback): Promise<PresenceWatch> {
    const filter = PRESENCE_PREFIX + topic;
    const ask = async (payload: Uint8Array) => {
      const [reply] = await this.request(filter, payload, { repliesMax: 1 });
      return reply!.payload;
    };
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
