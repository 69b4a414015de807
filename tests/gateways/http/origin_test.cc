#include "gateways/http/origin.h"

#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::http {
namespace {

TEST(ForeignOriginTest, WhoMayAsk) {
  using Fields = std::vector<std::pair<std::string, std::string>>;
  const struct {
    Fields fields;
    bool foreign;
  } kCases[] = {
      // Programs.
      {{}, false},
      {{{"host", "127.0.0.1:9234"}}, false},
      {{{"host", "localhost:9234"}}, false},
      {{{"host", "[::1]:9234"}}, false},
      {{{"host", "10.1.2.3"}}, false},
      {{{"host", "Broker.Example.org:9234"}}, false},
      // A browser in which somebody has typed the address, and then a page from here.
      {{{"host", "localhost:9234"}, {"sec-fetch-site", "none"}}, false},
      {{{"host", "localhost:9234"},
        {"origin", "http://localhost:9234"},
        {"sec-fetch-site", "same-origin"}},
       false},
      {{{"host", "localhost:9234"}, {"origin", "HTTP://LOCALHOST:9234"}}, false},
      // Pages from elsewhere.
      {{{"host", "localhost:9234"}, {"origin", "http://evil.example"}}, true},
      {{{"host", "localhost:9234"}, {"origin", "http://localhost"}}, true},
      {{{"host", "localhost:9234"}, {"origin", "http://localhost:3000"}}, true},
      {{{"host", "localhost:9234"}, {"origin", "https://localhost:9234"}}, true},
      {{{"host", "localhost:9234"}, {"origin", "http://127.0.0.1:9234"}}, true},
      {{{"host", "localhost:9234"}, {"origin", "null"}}, true},
      {{{"host", "localhost:9234"}, {"origin", ""}}, true},
      {{{"origin", "http://evil.example"}}, true},
      {{{"host", "localhost:9234"}, {"sec-fetch-site", "cross-site"}}, true},
      {{{"host", "localhost:9234"}, {"sec-fetch-site", "same-site"}}, true},
      {{{"host", "localhost:9234"}, {"sec-fetch-site", "Same-Origin"}}, true},
      // DNS rebinding: to the browser all of it is of one origin.
      {{{"host", "evil.example:9234"},
        {"origin", "http://evil.example:9234"},
        {"sec-fetch-site", "same-origin"}},
       true},
      {{{"host", "localhost.evil.example"}}, true},
      {{{"host", "127.0.0.1.evil.example"}}, true},
      {{{"host", "localhost."}}, true},
      {{{"host", "0x7f000001"}}, true},
      {{{"host", ""}}, true},
  };
  const std::vector<std::string> hosts = {"broker.example.ORG"};
  for (const auto& test : kCases) {
    Request request;
    request.fields = test.fields;
    std::string text;
    for (const auto& [name, value] : test.fields) text += name + ": " + value + "; ";
    EXPECT_EQ(!ForeignOrigin(request, hosts).empty(), test.foreign) << text;
  }
}

}  // namespace
}  // namespace esockets::http
