// What tells a client's subscriptions apart, here and in the broker.

export interface SubscriptionName {
  filter: string;
  /** Empty: none. */
  group: string;
}
