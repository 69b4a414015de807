// Messages as the router takes them, made of a topic and payloads.
#ifndef TESTS_SUPPORT_PUBLISHED_H_
#define TESTS_SUPPORT_PUBLISHED_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "broker/messages.h"
#include "proto/esockets.pb.h"
#include "proto/message_frame.h"
#include "proto/server_frame_encoder.h"

namespace esockets::tests {

// Keeps their bytes.
class Published {
 public:
  Published(std::string_view topic, std::initializer_list<std::string_view> payloads,
            uint64_t publisher = 0)
      : topic_bytes_(topic.size()), publisher_(publisher) {
    for (const std::string_view payload : payloads) Add(topic, payload, "");
  }
  Published(std::string_view topic, std::string_view payload, uint64_t publisher = 0)
      : Published(topic, {payload}, publisher) {}
  // With a key and a ttl.
  Published(std::string_view topic, std::string_view payload, std::string_view key, uint32_t ttl_ms)
      : topic_bytes_(topic.size()), publisher_(0) {
    Message options;
    options.set_key(std::string(key));
    options.set_ttl_ms(ttl_ms);
    Add(topic, payload, options.SerializeAsString());
  }

  broker::Messages messages() const {
    const std::string_view bytes = bytes_;
    return {.topic = bytes.substr(topic_at_, topic_bytes_),
            .frames = {.bytes = bytes, .begin = 0, .ends = ends_},
            .publisher = publisher_};
  }

 private:
  void Add(std::string_view topic, std::string_view payload, std::string_view more_fields) {
    const proto::TopicAndPayload fields(topic, payload);
    std::vector<std::string_view> pieces(fields.pieces().begin(), fields.pieces().end());
    pieces.push_back(more_fields);
    proto::MessageFrame frame;
    frame.Assign(pieces[1], pieces);
    const std::string_view bytes = frame.frames().view();
    if (bytes_.empty()) topic_at_ = static_cast<size_t>(frame.topic().data() - bytes.data());
    bytes_ += bytes;
    ends_.push_back(static_cast<uint32_t>(bytes_.size()));
  }

  std::string bytes_;
  std::vector<uint32_t> ends_;
  size_t topic_at_ = 0;
  const size_t topic_bytes_;
  const uint64_t publisher_;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_PUBLISHED_H_
