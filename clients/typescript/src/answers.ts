// Brings the broker's answers to those who wait for them.
import { type ClientEvents, guarded } from "./events.js";
import type { PendingRequests } from "./pending_requests.js";
import {
  deliveryOf,
  errorOf,
  type Published,
  type ServerFrame,
  streamStartOf,
  type Subscribed,
} from "./server_frames.js";
import {
  type BrokerError,
  INBOX_NOT_ALLOWED_CODE,
  NO_RESPONDERS_CODE,
  NOT_SUBSCRIBED_CODE,
  REFRESH_REFUSED_CODE,
  type StatusError,
  toStatus,
  unavailable,
} from "./status.js";
import type { SubscriptionSet } from "./subscription_set.js";
import type { TokenRefresher } from "./token_refresher.js";

const isOfRequest = ({ code }: BrokerError) =>
  code === NO_RESPONDERS_CODE || code === INBOX_NOT_ALLOWED_CODE;

export class Answers {
  readonly #requests: PendingRequests;
  readonly #subscriptions: SubscriptionSet;
  readonly #refresher: TokenRefresher;
  readonly #events: ClientEvents;

  constructor(
    requests: PendingRequests,
    subscriptions: SubscriptionSet,
    refresher: TokenRefresher,
    events: ClientEvents,
  ) {
    this.#requests = requests;
    this.#subscriptions = subscriptions;
    this.#refresher = refresher;
    this.#events = events;
  }

  onAnswer({ subscribed, published, pong, refreshed, error }: ServerFrame): void {
    if (subscribed) this.#onSubscribed(subscribed);
    else if (published) this.#onPublished(published);
    else if (pong) this.#requests.complete(pong.id, {});
    else if (refreshed) this.#refresher.onRefreshed(refreshed.credentialsExpireInMs);
    else if (error) this.#onError(errorOf(error), error.id);
    // Otherwise Unsubscribed, which nobody waits for, and what a newer broker may add.
  }

  #onSubscribed({ id, stream, lastValues }: Subscribed): void {
    const told = { stream: stream && streamStartOf(stream), lastValues };
    this.#subscriptions.onSubscribed(id, told, (resumed) =>
      guarded(() => this.#events.onResumed?.(resumed)),
    );
  }

  #onPublished({ id, delivery, stored }: Published): void {
    this.#requests.complete(id, { delivery: delivery && deliveryOf(delivery), stored });
  }

  #onError(error: BrokerError, id: number): void {
    if (error.code === REFRESH_REFUSED_CODE) this.#refresher.onRefused();
    // A request that waited in the buffer while the connection was made anew names an inbox that is
    // gone.
    const isLate = error.code === INBOX_NOT_ALLOWED_CODE && this.#requests.wantsReplies(id);
    const reason = isLate
      ? unavailable("the connection broke before the request was sent")
      : toStatus(error);
    if (this.#requests.complete(id, reason)) return;
    // An Unsubscribe of a filter that the broker has ended by itself.
    if (error.code === NOT_SUBSCRIBED_CODE) return;
    if (this.#subscriptions.onRefused(id, reason, (why) => this.#tell(why))) return;
    if (id !== 0 && isOfRequest(error)) return; // whose time was over
    this.#tell(reason);
  }

  #tell(error: StatusError): void {
    guarded(() => this.#events.onError?.(error));
  }
}
