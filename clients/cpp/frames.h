// Writes what a client sends, each frame with its length prefix.
#ifndef CLIENTS_CPP_FRAMES_H_
#define CLIENTS_CPP_FRAMES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "clients/cpp/options.h"
#include "clients/cpp/subscription_name.h"

namespace esockets::client {

// The answer that a Publish asks for.
struct AnswerWanted {
  // 0: none.
  uint64_t id = 0;
  // Milliseconds in which the broker shall say what became of the message. 0: it need not.
  uint32_t confirm_ms = 0;
};

// Written without protobuf objects: it is on the hot path.
void AppendPublish(std::string_view topic, std::string_view payload, const PublishOptions& options,
                   const AnswerWanted& wanted, std::string* out);

// An upper bound of what AppendPublish writes, in bytes, whatever the answer wanted.
size_t PublishFrameBytesMax(std::string_view topic, std::string_view payload,
                            const PublishOptions& options);

// `token`: instead of the options'. `ticket`: of an earlier connection; empty: there is none.
void AppendConnect(const ClientOptions& options, std::string_view token, std::string_view ticket,
                   std::string* out);
void AppendSubscribe(std::string_view filter, const SubscribeOptions& options, uint64_t id,
                     std::string* out);
void AppendUnsubscribe(const SubscriptionName& name, uint64_t id, std::string* out);
void AppendPing(uint64_t id, std::string* out);
void AppendRefresh(std::string_view token, uint64_t id, std::string* out);
void AppendDisconnect(std::string_view reason, std::string* out);

}  // namespace esockets::client

#endif  // CLIENTS_CPP_FRAMES_H_
