// A set of keys is taken whole or not at all; what is refused says where, and shows no secret. Keys
// that are taken refuse signatures of nobody.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "broker/auth/jwk_set.h"
#include "broker/auth/limits.h"
#include "broker/auth/verification_key.h"
#include "nlohmann/json.hpp"
#include "tests/fuzz/expect.h"

namespace {

using esockets::broker::JwkSet;
using esockets::broker::JwsAlgorithm;
using esockets::broker::VerificationKey;
using esockets::tests::Expect;

// Longer than any word of a message.
constexpr size_t kSecretLetters = 20;

void ExpectNothingTold(std::string_view message, const nlohmann::json& jwk) {
  if (!jwk.is_object()) return;
  for (const auto& [name, value] : jwk.items()) {
    const std::string text = value.is_string() ? value.get<std::string>() : "";
    if (text.size() < kSecretLetters || text.find(' ') != std::string::npos) continue;
    Expect(message.find(text) == std::string_view::npos, "a member is told");
  }
}

void CheckRefused(std::string_view text, const absl::Status& status, const JwkSet& set) {
  Expect(set.size() == 1 && set.Only() != nullptr, "a part was taken");
  const std::string_view message = esockets::base::Message(status);
  Expect(status.code() == absl::StatusCode::kInvalidArgument && !message.empty(), "no words");
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("keys") || !json["keys"].is_array()) return;
  for (const auto& jwk : json["keys"]) ExpectNothingTold(message, jwk);
}

void CheckKey(const VerificationKey& key) {
  for (const size_t size : {size_t{0}, size_t{32}, size_t{64}, size_t{256}}) {
    Expect(!key.Verifies("text", std::string(size, '\0')), "zeros are no signature");
    Expect(!key.Verifies("text", std::string(size, '\1')), "ones are no signature");
  }
}

void CheckTaken(std::string_view text, const JwkSet& set) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  Expect(json.is_object() && json["keys"].is_array(), "taken, and no set");
  Expect(json["keys"].size() + 1 == set.size(), "not all were taken");
  for (const auto& jwk : json["keys"]) {
    const VerificationKey* key = set.Find(jwk.at("kid").get_ref<const std::string&>());
    Expect(key != nullptr, "a key is missing");
    Expect(jwk.at("alg") == NameOf(key->algorithm()), "another algorithm");
    Expect(key->algorithm() == JwsAlgorithm::kHs256 || !jwk.contains("d"), "a private key");
    CheckKey(*key);
  }
}

void CheckJson(std::string_view text) {
  JwkSet set;
  Expect(set.AddSecret("\x01", std::string(esockets::broker::kSecretBytesMin, 's')).ok(), "none");
  const absl::Status status = set.AddJson(text);
  status.ok() ? CheckTaken(text, set) : CheckRefused(text, status, set);
}

void CheckPem(std::string_view alg, std::string_view pem) {
  JwkSet set;
  if (!set.AddPem("k", alg, pem).ok()) {
    Expect(set.size() == 0, "refused, and taken");
    return;
  }
  const VerificationKey* key = set.Only();
  Expect(key != nullptr && NameOf(key->algorithm()) == alg, "another algorithm");
  CheckKey(*key);
}

}  // namespace

// PEM texts begin with the name of their algorithm, JSON does not.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr size_t kNameLetters = 5;
  const std::string_view name = text.substr(0, kNameLetters);
  if (esockets::broker::AlgorithmNamed(name)) {
    CheckPem(name, text.substr(kNameLetters));
  } else {
    CheckJson(text);
  }
  return 0;
}
