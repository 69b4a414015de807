#include "tests/soak/premises.h"

#include <ctime>
#include <filesystem>
#include <fstream>

#include "base/check.h"
#include "base/password_hash.h"
#include "base/strings.h"

namespace esockets::soak {
namespace {

using tests::SigningKey;

constexpr std::string_view kRules = R"(
permission { name: "good" groups: "good" topics: "good/#" topics: "kept/#" topics: "state/#"
  topics: "jobs/#" topics: "keyed/#" topics: "ask/#" topics: "room/#" topics: "hot/#"
  actions: "PUBLISH" actions: "SUBSCRIBE" actions: "REQUEST" actions: "STREAM" actions: "PRESENCE" }
permission { name: "watch" groups: "good" groups: "wild" actions: "SUBSCRIBE" topics: "#" }
permission { name: "keep secrets" groups: "good" actions: "PUBLISH" topics: "secret/#" }
permission { name: "hidden" actions: "SUBSCRIBE" actions: "STREAM" topics: "secret/#" deny: true }
permission { name: "wild" groups: "wild" topics: "wild/#" topics: "room/#"
  actions: "PUBLISH" actions: "SUBSCRIBE" actions: "REQUEST" actions: "STREAM" actions: "PRESENCE" }
permission { name: "read" groups: "wild" actions: "STREAM" topics: "kept/#" }
permission { name: "no jobs" groups: "wild" actions: "SUBSCRIBE" topics: "jobs/#" topics: "keyed/#"
  topics: "ask/#" deny: true }
)";
// What "watch" allows is taken away, and given back.
constexpr std::string_view kFickle = R"(
permission { name: "fickle" groups: "wild" actions: "SUBSCRIBE" topics: "fickle/#" deny: true }
)";

constexpr std::string_view kKept = R"(
stream { name: "kept" filter: "kept/#" max_messages: 4000 max_bytes: 8388608
  message_id_window_ms: 2000 message_ids_max: 1000 }
stream { name: "wild" filter: "wild/kept/#" max_messages: 500 max_per_topic: 50
  message_id_window_ms: 2000 message_ids_max: 500 }
last_value { filter: "state/+" }
last_value { filter: "wild/state/+" max_topics: 50 }
presence { filter: "room/+" window_ms: 200 grace_ms: 1000 visible_to: "ANYBODY" }
)";

std::string Quoted(std::string_view text) { return base::StrCat("\"", text, "\""); }

std::string Claims(std::string_view user, std::string_view group, int64_t expires,
                   std::string_view issuer = "soak") {
  return base::StrCat("{\"sub\":", Quoted(user), ",\"groups\":[", Quoted(group),
                      "],\"iss\":", Quoted(issuer), ",\"exp\":", expires, "}");
}

std::string Signed(std::string_view kid, const SigningKey& key, std::string_view claims) {
  const std::string header =
      base::StrCat("{\"alg\":", Quoted(key.alg()), ",\"kid\":", Quoted(kid), "}");
  return tests::MakeToken(header, claims, key);
}

std::string ShakyName(uint64_t version) { return base::StrCat("shaky-", version); }

// A file that is half written is never read.
void WriteWhole(const std::string& path, std::string_view text) {
  std::ofstream(path + ".new") << text;
  std::error_code error;
  std::filesystem::rename(path + ".new", path, error);
  ESOCKETS_CHECK(!error);
}

std::string HashOf(std::string_view password) {
  // As cheap as the broker takes it: here logins are a crowd.
  return base::PasswordHash::Of(
             password, {.memory_kib = base::kPasswordMemoryKibMin, .passes = 1, .lanes = 1})
      .text();
}

}  // namespace

Premises::Premises(size_t clients_max)
    : clients_max_(clients_max),
      certificate_(authority_.Issue(tests::LoopbackServer())),
      password_line_(base::StrCat(kPasswordUser, ":", HashOf(kPassword), "\n")) {
  Write();
}

void Premises::Next() {
  ++version_;
  Write();
}

SigningKey Premises::ShakyKey(uint64_t version) {
  return SigningKey::Secret(base::StrCat("a secret of version ", version, ", 32 bytes or more"));
}

std::string Premises::SteadyToken(std::string_view user, std::string_view group) const {
  return Signed("steady", steady_, Claims(user, group, std::time(nullptr) + 1000000));
}

std::string Premises::ShakyToken(std::string_view user, uint64_t version, int expires_s) const {
  return Signed(ShakyName(version), ShakyKey(version),
                Claims(user, "wild", std::time(nullptr) + expires_s));
}

std::string Premises::WrongToken(std::string_view user, Dice* dice) const {
  const int64_t later = std::time(nullptr) + 36000;
  switch (dice->Below(7)) {
    case 0:
      return Signed("steady", steady_, Claims(user, "good", std::time(nullptr) - 100));
    case 1:
      return Signed("steady", steady_, Claims(user, "good", later, "somebody else"));
    case 2:
      return Signed(ShakyName(version_),
                    SigningKey::Secret("not the secret of this version, is it"),
                    Claims(user, "good", later));
    case 3:
      return Signed("unknown", ShakyKey(version_), Claims(user, "good", later));
    case 4:
      return base::StrCat("e30.", tests::EncodeBase64Url(Claims(user, "good", later)), ".");
    case 5: {
      std::string token = ShakyToken(user, version_);
      token[token.find('.') + 2 + dice->Below(20)] ^= 1;
      return token;
    }
    default:
      return tests::EncodeBase64Url(dice->Bytes(dice->Between(1, 300)));
  }
}

std::string Premises::Config() const {
  std::string text = base::StrCat(
      "listen: \"127.0.0.1:0\"\nlistener { address: \"127.0.0.1:0\" protocols: \"HTTP\" }\n",
      "listener { address: \"127.0.0.1:0\" tls { certificate { chain_file: ",
      Quoted(certificate_.chain_file), " key_file: ", Quoted(certificate_.key_file), " } } }\n",
      "listener { address: \"unix:", socket_path(), "\" protocols: \"NATIVE\" }\n",
      "listener { address: \"127.0.0.1:0\" protocols: \"NATIVE\" connections_max: 30\n",
      "  connections_per_address_max: 10 connects_per_second_per_address_max: 20 }\n",
      "admin_listen: \"127.0.0.1:0\"\nloops: 2\nlog_level: \"info\"\n");
  base::StrAppend(&text, "users { name: \"operator\" token: ", Quoted(kOperatorToken),
                  " admin: true }\nusers { name: \"wild-static\" token: ", Quoted(kStaticToken),
                  " groups: \"wild\" }\npassword_file: \"passwords\"\n",
                  "jwt { jwks_file: \"jwks.json\" issuer: \"soak\" leeway_seconds: 1 }\n");
  base::StrAppend(&text, "limits { connect_timeout_ms: 3000 clients_max: ", clients_max_,
                  " first_packet_bytes_max: 65536\n",
                  "  high_watermark_bytes: 65536 conflate_watermark_bytes: 16384\n",
                  "  backlog_bytes_max: 1048576 backlogs_bytes_max: 67108864\n",
                  "  connects_per_second_max: 5000 clients_per_user_max: 100\n",
                  "  messages_in_per_second_max: 20000 bytes_in_per_second_max: 20000000 }\n");
  return base::StrCat(text, kKept, kRules, IsGenerous(version_) ? "" : kFickle);
}

void Premises::Write() const {
  std::string keys = steady_.Jwk("steady");
  const uint64_t oldest = version_ == 0 ? 0 : version_ - 1;
  for (uint64_t version = oldest; version <= version_; ++version) {
    base::StrAppend(&keys, ",", ShakyKey(version).Jwk(ShakyName(version)));
  }
  WriteWhole(authority_.directory() + "/jwks.json", base::StrCat("{\"keys\":[", keys, "]}"));
  WriteWhole(authority_.directory() + "/passwords",
             base::StrCat("# none\n", IsGenerous(version_) ? password_line_ : ""));
  WriteWhole(config_file_, Config());
}

}  // namespace esockets::soak
