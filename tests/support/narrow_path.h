// A way from a broker to a client through a router that sends no faster than a test wants it to:
// three network namespaces of this process's own, which go with the last socket in them, however
// the test ends. The addresses go with this object. Linux; needs root, `ip`, `tc` and the kernel's
// tbf.
#ifndef TESTS_SUPPORT_NARROW_PATH_H_
#define TESTS_SUPPORT_NARROW_PATH_H_

#include <string>
#include <string_view>

#include "server/unique_fd.h"

namespace esockets::tests {

class NarrowPath {
 public:
  // Where a broker at the broker's end listens.
  static constexpr std::string_view kBrokerHost = "10.99.2.2";

  struct Options {
    std::string queue{};  // of the router towards the client: arguments of `tc qdisc add`
    std::string congestion_control{};  // of the broker's end
  };

  // While this lives, the sockets that this thread makes are at one end of the way. Thread: one.
  class Stay {
   public:
    explicit Stay(const server::UniqueFd& there);
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;
    ~Stay();

   private:
    server::UniqueFd home_;
  };

  explicit NarrowPath(const Options& options);

  // Empty: the way is open. Otherwise what is missing here.
  const std::string& why_not() const { return why_not_; }

  Stay AtBroker() const { return Stay(broker_); }
  Stay AtClient() const { return Stay(client_); }

 private:
  void Build(const Options& options);

  std::string why_not_;
  server::UniqueFd client_;
  server::UniqueFd router_;
  server::UniqueFd broker_;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_NARROW_PATH_H_
