// A scenario for each feature of tests/conformance/features.json that this client has. Each has a
// broker of its own, and fails the test that it is run in.
#ifndef TESTS_CLIENTS_CPP_CONFORMANCE_SCENARIOS_H_
#define TESTS_CLIENTS_CPP_CONFORMANCE_SCENARIOS_H_

namespace esockets::client::scenarios {

// --- conformance_connection.cc
void Connect();
void Credentials();
void TokenRefresh();
void Tickets();
void CloseCodes();
void Reconnect();
void KeepAlive();
void FlushAndClose();
void Tcp();
void Unix();

// --- conformance_publishing.cc
void Publish();
void PublishAndWait();
void PublishAndStore();
void PublishAndConfirm();
void Headers();
void Will();

// --- conformance_receiving.cc
void Subscribe();
void SubscribePull();
void OverflowContracts();
void Gaps();
void Groups();
void StreamStarts();
void Resume();
void LastValues();

// --- conformance_asking.cc
void Request();
void RequestMany();
void Reply();
void Presence();

// --- conformance_vectors.cc
void Vectors();

}  // namespace esockets::client::scenarios

#endif  // TESTS_CLIENTS_CPP_CONFORMANCE_SCENARIOS_H_
