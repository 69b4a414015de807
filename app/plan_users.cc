#include "app/plan_users.h"

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "app/secret_file.h"
#include "base/password_file.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "base/whole_file.h"
#include "broker/auth/jwk_set.h"
#include "broker/auth/jwt_claims.h"
#include "broker/auth/limits.h"
#include "broker/local_authenticator.h"

namespace esockets::app {
namespace {

// More would let tokens outlive what made their issuer end them.
constexpr uint32_t kLeewaySecondsMax = 600;

class UsersPlanner {
 public:
  UsersPlanner(const Config& config, const Places& places, Plan* plan)
      : config_(config), places_(places), plan_(*plan) {}

  absl::Status Plan() {
    absl::Status status = PlanPasswordFile();
    for (int i = 0; status.ok() && i < config_.users_size(); ++i) {
      status = PlanUser(config_.users(i), base::StrCat("users[", i, "]"));
    }
    if (status.ok()) AddHashes();
    if (status.ok() && config_.has_jwt()) status = PlanJwt(config_.jwt());
    if (!status.ok()) return status;
    // Said once more, for all that was said: an empty file lets nobody in, not everybody.
    if (NamesUsers(config_)) authenticator_->Close();
    if (NamesUsers(config_) && config_.allow_anonymous()) authenticator_->AllowAnonymous();
    plan_.who = {.users = users_beside_ + in_file_.size(),
                 .tokens = config_.has_jwt(),
                 .anonymous = config_.allow_anonymous()};
    plan_.admin.rules.users = authenticator_;
    plan_.broker.settings.authenticator = std::move(authenticator_);
    return absl::OkStatus();
  }

 private:
  absl::Status PlanPasswordFile() {
    if (config_.password_file().empty()) return absl::OkStatus();
    const auto file = base::PasswordFile::Read(config_.password_file());
    if (!file.ok()) return places_.Mistake("password_file", base::Message(file.status()));
    for (base::PasswordFile::Entry& entry : file->Entries()) {
      in_file_.emplace(std::move(entry.user), InFile{.hash = std::move(entry.hash)});
    }
    WarnIfOthersMayRead(config_.password_file(), &plan_);
    return absl::OkStatus();
  }

  absl::Status PlanUser(const User& user, const std::string& path) {
    if (user.name().empty()) return places_.Mistake(path, "has no name");
    const std::string of_name = path + ".name";
    if (!base::IsValidUtf8(user.name())) return places_.Mistake(of_name, "is no valid UTF-8");
    if (!names_.insert(user.name()).second) {
      return places_.Mistake(of_name,
                             base::StrCat("\"", user.name(), "\" is another user already"));
    }
    if (!user.groups().empty()) {
      authenticator_->SetGroups(user.name(), {user.groups().begin(), user.groups().end()});
    }
    const int ways = !user.token().empty() + !user.password().empty() + user.certificate();
    const auto in_file = in_file_.find(user.name());
    if (in_file == in_file_.end()) {
      ++users_beside_;
      return ways == 1 ? AddUser(user, path) : places_.Mistake(path, WaysToComeIn());
    }
    if (ways > 0) return places_.Mistake(path, "has a password in the password_file already");
    in_file->second.admin = user.admin();
    return absl::OkStatus();
  }

  std::string WaysToComeIn() const {
    const bool has_file = !config_.password_file().empty();
    return base::StrCat("needs either a token, a password, or certificate: true",
                        has_file ? ", or a line in the password_file" : "");
  }

  absl::Status AddUser(const User& user, const std::string& path) {
    if (user.certificate()) {
      authenticator_->AddCertificate(user.name(), user.admin());
    } else if (user.token().empty()) {
      authenticator_->AddPassword(user.name(), user.password(), user.admin());
    } else if (!tokens_.insert(user.token()).second) {
      return places_.Mistake(path + ".token", "is another user's already; a token names its user");
    } else {
      authenticator_->AddToken(user.name(), user.token(), user.admin());
    }
    return absl::OkStatus();
  }

  void AddHashes() {
    for (const auto& [user, in_file] : in_file_) {
      authenticator_->AddPasswordHash(user, in_file.hash, in_file.admin);
    }
  }

  absl::Status PlanJwt(const Jwt& config) {
    if (config.jwks_file().empty()) {
      return places_.Mistake("jwt.jwks_file", "is missing: whose signatures are good?");
    }
    if (config.leeway_seconds() > kLeewaySecondsMax) {
      return places_.Mistake("jwt.leeway_seconds",
                             base::StrCat("must be at most ", kLeewaySecondsMax));
    }
    broker::JwtSettings settings{.issuer = config.issuer(),
                                 .audience = config.audience(),
                                 .exp_required = !config.allow_without_exp()};
    if (config.has_groups_claim()) settings.groups_claim = config.groups_claim();
    if (config.has_leeway_seconds()) {
      settings.leeway = std::chrono::seconds(config.leeway_seconds());
    }
    broker::JwkSet keys;
    if (absl::Status status = ReadKeys(config.jwks_file(), &keys); !status.ok()) return status;
    authenticator_->SetIssuer(
        {.verifier = {std::move(keys), std::move(settings)}, .admin_group = config.admin_group()});
    return absl::OkStatus();
  }

  absl::Status ReadKeys(const std::string& path, broker::JwkSet* keys) {
    const auto mistake = [&](std::string_view why) {
      return places_.Mistake("jwt.jwks_file", base::StrCat(path, ": ", why));
    };
    const absl::StatusOr<std::string> text = base::ReadWholeFile(path, broker::kJwkSetBytesMax);
    if (!text.ok()) return mistake(base::Message(text.status()));
    if (const absl::Status added = keys->AddJson(*text); !added.ok()) {
      return mistake(base::Message(added));
    }
    return absl::OkStatus();
  }

  struct InFile {
    base::PasswordHash hash;
    bool admin = false;
  };

  const Config& config_;
  const Places& places_;
  struct Plan& plan_;
  std::shared_ptr<broker::LocalAuthenticator> authenticator_ =
      std::make_shared<broker::LocalAuthenticator>();
  base::StringMap<InFile> in_file_;
  size_t users_beside_ = 0;           // that the configuration alone names
  std::set<std::string_view> names_;  // that it names
  std::set<std::string_view> tokens_;
};

}  // namespace

bool NamesUsers(const Config& config) {
  return config.users_size() > 0 || !config.password_file().empty() || config.has_jwt();
}

absl::Status PlanUsers(const Config& config, const Places& places, Plan* plan) {
  return UsersPlanner(config, places, plan).Plan();
}

}  // namespace esockets::app
