#include "server/connection_settings.h"

#include <set>

#include "gtest/gtest.h"

namespace esockets::server {
namespace {

TEST(ConnectionSettings, EveryEndHasItsWords) {
  std::set<std::string_view> texts;
  for (int end = 0; end <= static_cast<int>(ConnectionEnd::kBroken); ++end) {
    texts.insert(ConnectionEndText(static_cast<ConnectionEnd>(end)));
  }
  EXPECT_EQ(texts.size(), 6u);
  EXPECT_EQ(texts.count("unknown"), 0u);
}

TEST(ConnectionSettings, DefaultsFitTogether) {
  const ConnectionSettings settings;
  EXPECT_LT(settings.low_watermark_bytes, settings.high_watermark_bytes);
  EXPECT_LT(settings.high_watermark_bytes, settings.send_queue_bytes_max);
  EXPECT_LT(static_cast<size_t>(kNotSentLowAtBytes), kKernelUnsentBytesMax);
}

}  // namespace
}  // namespace esockets::server
