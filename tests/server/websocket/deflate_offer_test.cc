#include "server/websocket/deflate_offer.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace esockets::websocket {
namespace {

constexpr std::string_view kPlain =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

// "": none. A number: the window that is agreed on.
std::string Agreed(std::string_view extensions) {
  const auto agreement = AcceptDeflate(extensions);
  if (!agreement) return "";
  std::string expected(kPlain);
  if (agreement->element != expected) {
    expected += "; server_max_window_bits=" + std::to_string(agreement->window_bits);
  } else {
    EXPECT_EQ(agreement->window_bits, 15);
  }
  EXPECT_EQ(agreement->element, expected);
  return std::to_string(agreement->window_bits) + (agreement->element == kPlain ? "" : "!");
}

struct OfferCase {
  std::string_view offer;
  std::string_view agreed;  // with "!", where the answer must say the window
};

// RFC 7692, section 7.1.
TEST(DeflateOffer, OffersThatCanBeMet) {
  const OfferCase cases[] = {
      {"permessage-deflate", "15"},
      {"Permessage-Deflate", "15"},
      {"permessage-deflate; client_max_window_bits", "15"},
      {"permessage-deflate; client_max_window_bits=8", "15"},
      {"permessage-deflate;client_max_window_bits=\"10\"", "15"},
      {"permessage-deflate; server_no_context_takeover; client_no_context_takeover", "15"},
      {"permessage-deflate; server_max_window_bits=15", "15!"},
      {"permessage-deflate; server_max_window_bits=9", "9!"},
      {"permessage-deflate; server_max_window_bits = \"12\" ", "12!"},
      {"permessage-deflate; SERVER_MAX_WINDOW_BITS=10; client_max_window_bits=15", "10!"},
      {"x-webkit-deflate-frame, permessage-deflate", "15"},
      {" , permessage-deflate", "15"},
  };
  for (const OfferCase& c : cases) EXPECT_EQ(Agreed(c.offer), c.agreed) << c.offer;
}

// Section 7.1: declined, never answered with an error.
TEST(DeflateOffer, OffersThatAreDeclined) {
  const std::string_view offers[] = {
      "",
      ",",
      ";",
      "x-webkit-deflate-frame",
      "permessage-bzip2",
      "permessage-deflate-x",
      "permessage deflate",
      "permessage-deflate; unknown",
      "permessage-deflate; unknown=1",
      "permessage-deflate; server_no_context_takeover=1",
      "permessage-deflate; client_no_context_takeover=true",
      "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
      "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
      "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
      "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
      "permessage-deflate; server_max_window_bits",
      "permessage-deflate; server_max_window_bits=",
      "permessage-deflate; server_max_window_bits=\"\"",
      "permessage-deflate; server_max_window_bits=8",  // zlib has none
      "permessage-deflate; server_max_window_bits=7",
      "permessage-deflate; server_max_window_bits=16",
      "permessage-deflate; server_max_window_bits=09",
      "permessage-deflate; server_max_window_bits=-9",
      "permessage-deflate; server_max_window_bits=+9",
      "permessage-deflate; server_max_window_bits=9.0",
      "permessage-deflate; server_max_window_bits=4294967305",
      "permessage-deflate; server_max_window_bits=\"10",
      "permessage-deflate; client_max_window_bits=",
      "permessage-deflate; client_max_window_bits=0",
      "permessage-deflate; client_max_window_bits=7",
      "permessage-deflate; client_max_window_bits=16",
      "permessage-deflate; client_max_window_bits=08",
      "permessage-deflate; client_max_window_bits=x",
      "permessage-deflate; =10",
      "permessage-deflate; server max window bits=10",
  };
  for (const std::string_view offer : offers) EXPECT_EQ(Agreed(offer), "") << offer;
}

// Section 7.1: in the order of the client's preference.
TEST(DeflateOffer, TheFirstThatCanBeMet) {
  const OfferCase cases[] = {
      {"permessage-deflate; server_max_window_bits=8, permessage-deflate", "15"},
      {"permessage-deflate; server_max_window_bits=10, permessage-deflate", "10!"},
      {"permessage-deflate; what, foo, permessage-deflate; server_max_window_bits=11", "11!"},
  };
  for (const OfferCase& c : cases) EXPECT_EQ(Agreed(c.offer), c.agreed) << c.offer;
}

}  // namespace
}  // namespace esockets::websocket
