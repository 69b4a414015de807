// Requests that wait for the broker's answer.
import type { Answer } from "./delivery.js";
import type { Message } from "./message.js";
import type { ReplyCollector } from "./reply_collector.js";
import { StatusError } from "./status.js";

/** What is told once: the outcome, or why there is none. */
export type Done<T> = (outcome: T | StatusError) => void;

export interface PendingRequest {
  id: number;
  /** Published or Pong is the answer. */
  done?: Done<Answer>;
  /** Otherwise what is published to `replyTopic`. */
  replies?: ReplyCollector;
  replyTopic?: string;
  /** Position behind its frame in the stream of all frames ever added to the outgoing buffer. */
  endOffset: number;
}

export class PendingRequests {
  readonly #requests = new Map<number, PendingRequest>();
  readonly #idsByReplyTopic = new Map<string, number>();

  get size(): number {
    return this.#requests.size;
  }

  add(request: PendingRequest): void {
    this.#requests.set(request.id, request);
    if (request.replies) this.#idsByReplyTopic.set(request.replyTopic!, request.id);
  }

  /** The answer to the request with this id; false when none is waiting for it. */
  complete(id: number, answer: Answer | StatusError): boolean {
    const request = this.#requests.get(id);
    if (!request) return false;
    // Published says that the request has arrived; its replies are still to come.
    if (request.replies && !(answer instanceof StatusError)) return true;
    this.forget(id);
    if (request.replies) request.replies.fail(answer as StatusError);
    else request.done!(answer);
    return true;
  }

  /** A message on the reply topic of a request; false when it belongs to none. */
  takeReply(reply: Message): boolean {
    if (this.#idsByReplyTopic.size === 0) return false;
    const id = this.#idsByReplyTopic.get(reply.topic);
    if (id === undefined) return false;
    const replies = this.#requests.get(id)!.replies!;
    replies.onReply(reply);
    if (replies.ended) this.forget(id);
    return true;
  }

  /** Does the request with this id wait for replies? */
  wantsReplies(id: number): boolean {
    return this.#requests.get(id)?.replies !== undefined;
  }

  /** Whoever asked does not wait any more. */
  forget(id: number): void {
    const replyTopic = this.#requests.get(id)?.replyTopic;
    if (replyTopic !== undefined) this.#idsByReplyTopic.delete(replyTopic);
    this.#requests.delete(id);
  }

  /**
   * The connection broke: requests whose frame ends at or before `consumedTotal` may have been lost
   * with it. The others are still in the outgoing buffer.
   */
  failSent(consumedTotal: number, reason: StatusError): void {
    const lost = [...this.#requests.values()].filter(({ endOffset }) => endOffset <= consumedTotal);
    for (const { id } of lost) this.complete(id, reason);
  }

  failAll(reason: StatusError): void {
    this.failSent(Infinity, reason);
  }
}
