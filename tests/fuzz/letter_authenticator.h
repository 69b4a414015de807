// Lets in whoever shows a letter, and takes its time where that says so.
#ifndef TESTS_FUZZ_LETTER_AUTHENTICATOR_H_
#define TESTS_FUZZ_LETTER_AUTHENTICATOR_H_

#include <chrono>
#include <string>
#include <utility>

#include "broker/authenticator.h"

namespace esockets::tests {

// A token's first letter is the user: "a" and "b", or the administrator "r". With a "5" it expires
// after five seconds, with a "!" it is judged in a later turn. Without a token: anonymous.
class LetterAuthenticator final : public broker::Authenticator {
 public:
  bool open() const override { return false; }
  broker::Identity Describe(std::string_view user) const override {
    return {.user = std::string(user), .admin = user.starts_with('r')};
  }

  void Authenticate(const broker::Credentials& credentials, const broker::AuthPlace& place,
                    Done done) const override {
    broker::AuthVerdict verdict = Judge(credentials.token, place.loop->clock());
    if (credentials.token.find('!') == std::string_view::npos) return done(std::move(verdict));
    place.loop->Post([done = std::move(done), verdict = std::move(verdict)]() mutable {
      done(std::move(verdict));
    });
  }

 private:
  static broker::AuthVerdict Judge(std::string_view token, const base::Clock& clock) {
    if (token.starts_with('x')) return broker::AuthRefusal{};
    broker::Identity identity{.user = std::string(token.substr(0, 1)),
                              .admin = token.starts_with('r')};
    if (token.find('5') != std::string_view::npos) {
      const std::chrono::sys_time<std::chrono::microseconds> now{
          std::chrono::microseconds(clock.WallMicros())};
      identity.expires_at = std::chrono::ceil<std::chrono::seconds>(now) + std::chrono::seconds(5);
    }
    return identity;
  }
};

}  // namespace esockets::tests

#endif  // TESTS_FUZZ_LETTER_AUTHENTICATOR_H_
