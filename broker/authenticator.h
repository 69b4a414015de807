// Who may come in: asked for each client, and answered at once or later.
#ifndef BROKER_AUTHENTICATOR_H_
#define BROKER_AUTHENTICATOR_H_

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "absl/functional/any_invocable.h"
#include "base/executor.h"
#include "base/work_pool.h"
#include "broker/auth/identity.h"
#include "broker/errors.h"

namespace esockets::broker {

struct AuthRefusal {
  CloseCode code = CloseCode::kNotAuthenticated;
  std::string detail;  // for the client: nothing of its credentials
};

using AuthVerdict = std::variant<Identity, AuthRefusal>;

// Where the answer is wanted, and where what takes long is computed.
struct AuthPlace {
  base::Executor* loop = nullptr;
  base::WorkPool* pool = nullptr;  // null: within the call
};

// Thread: any, once it is set up.
class Authenticator {
 public:
  virtual ~Authenticator() = default;

  // Is everybody let in, as an administrator? Then the broker listens on loopback only.
  virtual bool open() const = 0;

  // What is known of a user without credentials: whether it administrates, and its groups.
  virtual Identity Describe(std::string_view user) const = 0;

  // Who that is now whom this authenticator, or one before it, has let in as `identity`. Asked for
  // those who are connected when it takes over, for each verdict when it comes, for the holders of
  // tickets, and for each last will: on a loop, so it must not wait. Nothing: what it has shown
  // would not be taken any more. REQUIRES: it knows whom it has just let in, of the same user.
  // Here everybody stays who it was.
  virtual std::optional<Identity> Recall(Identity identity) const { return identity; }

  // --- who comes with credentials

  // Calls `done` once, on the loop, within the call or in a later turn, even if the authenticator
  // has been replaced meanwhile; never, if the pool is stopped. REQUIRES: on the loop, which
  // outlives the pool's threads; `credentials` need live during the call alone.
  using Done = absl::AnyInvocable<void(AuthVerdict verdict)>;
  virtual void Authenticate(const Credentials& credentials, const AuthPlace& place,
                            Done done) const = 0;
};

}  // namespace esockets::broker

#endif  // BROKER_AUTHENTICATOR_H_
