// MQTT 3.1.1 with QoS 0, a clean session and no keep-alive.
#ifndef BENCH_LOAD_MQTT_PROTOCOL_H_
#define BENCH_LOAD_MQTT_PROTOCOL_H_

#include <string>
#include <string_view>

#include "bench/load/protocol.h"

namespace esockets::load {

class MqttProtocol final : public Protocol {
 public:
  bool answers_connect() const override { return true; }
  void AppendConnect(std::string_view client_id, std::string* out) const override;
  void AppendSubscribe(uint64_t id, std::string_view filter, std::string* out) const override;
  void AppendUnsubscribe(uint64_t id, uint64_t subscribe_id, std::string_view filter,
                         std::string* out) const override;
  size_t AppendPublish(std::string_view topic, std::string_view payload,
                       std::string* out) const override;
  Frame Cut(std::string_view bytes) const override;
};

}  // namespace esockets::load

#endif  // BENCH_LOAD_MQTT_PROTOCOL_H_
