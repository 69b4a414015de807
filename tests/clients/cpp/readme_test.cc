// The example of clients/cpp/README.md, run.
#include <future>
#include <string>

#include "app/broker_server.h"
#include "clients/cpp/client.h"
#include "gtest/gtest.h"

namespace {

using esockets::client::Client;
using esockets::client::MessageView;

TEST(Readme, ItsExampleWorks) {
  esockets::app::BrokerOptions broker_options;
  broker_options.server.port = 0;
  esockets::app::BrokerServer broker(broker_options);
  ASSERT_TRUE(broker.Start().ok());
  const std::string address = "127.0.0.1:" + std::to_string(broker.server().port());

  std::promise<std::string> shown;
  auto client = Client::Connect({.address = address, .name = "thermometer"});
  ASSERT_TRUE(client.ok()) << client.status();
  auto subscription = (*client)->Subscribe(
      "room/+/temperature", {},
      [&shown](const MessageView& message) { shown.set_value(std::string(message.payload)); });
  ASSERT_TRUE(subscription.ok());
  absl::Status status = (*client)->Publish("room/42/temperature", "21.5");
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(shown.get_future().get(), "21.5");
}

}  // namespace
