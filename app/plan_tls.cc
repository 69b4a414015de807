#include "app/plan_tls.h"

#include <memory>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "proto/protocol_name.h"
#include "server/tls/server_context.h"

namespace esockets::app {
namespace {

using tls::ClientCertificates;
using tls::PeerNameSource;

// A word of the configuration and what it stands for.
template <typename Value>
struct Word {
  std::string_view text;
  Value value;
};

constexpr Word<tls::MinVersion> kVersions[] = {{"1.2", tls::MinVersion::kTls12},
                                               {"1.3", tls::MinVersion::kTls13}};
constexpr Word<ClientCertificates> kAsk[] = {{"NONE", ClientCertificates::kNone},
                                             {"OPTIONAL", ClientCertificates::kOptional},
                                             {"REQUIRED", ClientCertificates::kRequired}};
constexpr Word<PeerNameSource> kSources[] = {{"CN", PeerNameSource::kCommonName},
                                             {"DNS", PeerNameSource::kDnsName},
                                             {"EMAIL", PeerNameSource::kEmail},
                                             {"URI", PeerNameSource::kUri}};

// Of one listener.
class TlsPlanner {
 public:
  TlsPlanner(const Tls& config, const std::string& path, const Places& places)
      : config_(config), path_(path), places_(places) {}

  absl::Status Plan(gateways::Protocols* protocols) {
    absl::Status status = PlanWords();
    if (status.ok()) status = PlanCertificates();
    if (status.ok()) status = PlanClients();
    if (!status.ok()) return status;
    if (protocols->native) settings_.application_protocols.emplace_back(proto::kProtocolName);
    if (protocols->http) settings_.application_protocols.emplace_back(gateways::kHttpAlpn);
    auto context = tls::ServerContext::Load(std::move(settings_), tls::TicketKeys::OfProcess());
    if (!context.ok()) return places_.Mistake(path_, base::Message(context.status()));
    protocols->tls = std::make_shared<tls::LiveContext>(*std::move(context));
    return absl::OkStatus();
  }

 private:
  absl::Status Mistake(std::string_view field, std::string_view why) const {
    return places_.Mistake(base::StrCat(path_, ".", field), why);
  }

  template <typename Value, size_t kSize>
  absl::Status Choose(const Word<Value> (&words)[kSize], std::string_view field,
                      const std::string& text, Value* value) const {
    std::string all;
    for (const Word<Value>& word : words) {
      if (word.text == text) {
        *value = word.value;
        return absl::OkStatus();
      }
      base::StrAppend(&all, all.empty() ? "" : ", ", word.text);
    }
    return Mistake(field, base::StrCat("must be one of ", all, ", not \"", text, "\""));
  }

  absl::Status PlanWords() {
    absl::Status status;
    if (config_.has_min_version()) {
      status = Choose(kVersions, "min_version", config_.min_version(), &settings_.min_version);
    }
    if (status.ok() && config_.has_client_certificates()) {
      status = Choose(kAsk, "client_certificates", config_.client_certificates(),
                      &settings_.client_certificates);
    }
    if (status.ok() && config_.has_user_from()) {
      status = Choose(kSources, "user_from", config_.user_from(), &settings_.peer_name);
    }
    return status;
  }

  absl::Status PlanCertificates() {
    if (config_.certificate().empty()) {
      return Mistake("certificate", "is missing: a chain_file and a key_file");
    }
    for (int i = 0; i < config_.certificate_size(); ++i) {
      const Certificate& certificate = config_.certificate(i);
      if (certificate.chain_file().empty() || certificate.key_file().empty()) {
        return Mistake(base::StrCat("certificate[", i, "]"), "needs a chain_file and a key_file");
      }
      settings_.certificates.push_back({certificate.chain_file(), certificate.key_file()});
    }
    return absl::OkStatus();
  }

  absl::Status PlanClients() {
    const bool asks = settings_.client_certificates != ClientCertificates::kNone;
    if (asks && config_.client_ca_file().empty()) {
      return Mistake("client_ca_file", "is missing: whose certificates are good?");
    }
    if (!asks && !(config_.client_ca_file().empty() && config_.client_crl_file().empty())) {
      return Mistake("client_certificates", "must be OPTIONAL or REQUIRED for a client_ca_file");
    }
    settings_.client_ca_file = config_.client_ca_file();
    settings_.client_crl_file = config_.client_crl_file();
    return absl::OkStatus();
  }

  const Tls& config_;
  const std::string& path_;
  const Places& places_;
  tls::ServerSettings settings_;
};

}  // namespace

absl::Status PlanTls(const Tls& config, const std::string& path, const Places& places,
                     gateways::Protocols* protocols) {
  return TlsPlanner(config, path, places).Plan(protocols);
}

}  // namespace esockets::app
