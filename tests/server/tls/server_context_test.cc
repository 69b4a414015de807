#include "server/tls/server_context.h"

#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/strings.h"
#include "gtest/gtest.h"
#include "server/tls/client_context.h"
#include "server/tls/limits.h"
#include "tests/support/hand_clock.h"
#include "tests/support/test_authority.h"
#include "tests/support/tls_pair.h"

namespace esockets::tls {
namespace {

using tests::ContentOf;
using tests::Damaged;
using tests::TestAuthority;
using tests::TlsPair;

class ServerContextTest : public testing::Test {
 protected:
  using Server = std::shared_ptr<const ServerContext>;
  using Client = std::shared_ptr<ClientContext>;

  static TestAuthority& authority() {
    static TestAuthority authority;
    return authority;
  }
  static CertificateFiles Issue(const tests::CertificateText& text) {
    const auto issued = authority().Issue(text);
    return {issued.chain_file, issued.key_file};
  }
  static ServerSettings Settings() { return {.certificates = {Issue(tests::LoopbackServer())}}; }
  static ServerSettings Asking(ClientCertificates ask = ClientCertificates::kRequired) {
    ServerSettings settings = Settings();
    settings.client_certificates = ask;
    settings.client_ca_file = authority().ca_file();
    return settings;
  }
  static std::string Write(const std::string& text) {
    static int files = 0;
    std::string path = base::StrCat(authority().directory(), "/server", ++files, ".pem");
    std::ofstream(path) << text;
    return path;
  }
  Server Load(ServerSettings settings) {
    auto loaded = ServerContext::Load(std::move(settings), keys);
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return *loaded;
  }
  std::string WhyNotLoaded(ServerSettings settings) {
    const auto loaded = ServerContext::Load(std::move(settings), keys);
    if (loaded.ok()) return "";
    EXPECT_EQ(loaded.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(loaded.status().message());
  }
  // A client of the authority that shows this certificate, or none.
  static Client NewClient(const CertificateFiles& certificate = {},
                          std::vector<std::string> protocols = {},
                          const std::string& name = "localhost") {
    auto loaded = ClientContext::Load({.server_name = name,
                                       .ca_file = authority().ca_file(),
                                       .certificate = certificate,
                                       .application_protocols = std::move(protocols)});
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return *loaded;
  }
  // What the server has against it; empty: nothing.
  static std::string Judgement(const Server& server, const CertificateFiles& shown) {
    const Client client = NewClient(shown);
    TlsPair pair(client->NewSsl(), server->NewSsl());
    pair.Shake();
    return pair.server.mistake();
  }
  // Shakes hands; did it resume?
  static bool Resumes(const Client& client, const Server& server, int version) {
    TlsPair pair(client->NewSsl(), server->NewSsl());
    SSL_set_max_proto_version(pair.server.ssl(), version);
    EXPECT_TRUE(pair.Shake()) << pair.client.mistake() << pair.server.mistake();
    EXPECT_EQ(pair.ToServer("hello"), "hello");
    EXPECT_EQ(pair.client.resumed(), pair.server.resumed());
    return pair.server.resumed();
  }

  tests::HandClock clock;
  std::shared_ptr<TicketKeys> keys = std::make_shared<TicketKeys>(&clock);
};

// --- files

TEST_F(ServerContextTest, FilesThatAreNoGood) {
  const std::string ca = authority().ca_file();
  const std::string crl = authority().Revoke({});
  const std::string empty = Write("");
  const std::string bad_crl = Write(Damaged(ContentOf(crl)));
  const std::string bad_second_crl = Write(ContentOf(crl) + Damaged(ContentOf(crl)));
  const std::string bad_second_ca = Write(ContentOf(ca) + Damaged(ContentOf(ca)));
  const std::string none = ": there is no list of revocations in PEM";
  const CertificateFiles own = Issue({}), other = Issue({});
  using Change = std::function<void(ServerSettings&)>;
  struct Case {
    Change change;
    std::string why;
  };
  const auto certificate = [](CertificateFiles files) -> Change {
    return [files](ServerSettings& settings) { settings.certificates.push_back(files); };
  };
  const auto ca_file = [](std::string path) -> Change {
    return [path](ServerSettings& settings) { settings.client_ca_file = path; };
  };
  const auto crl_file = [](std::string path) -> Change {
    return [path](ServerSettings& settings) { settings.client_crl_file = path; };
  };
  const std::vector<Case> cases = {
      {[](ServerSettings&) {}, ""},
      {certificate(own), ""},
      {certificate({"/nowhere.pem", own.key_file}), "/nowhere.pem: there is no such file"},
      {certificate({own.chain_file, "/nowhere.pem"}), "/nowhere.pem: there is no such file"},
      {certificate({own.chain_file, other.key_file}),
       other.key_file + ": is not the key of the certificate in " + own.chain_file},
      {ca_file("/nowhere.pem"), "/nowhere.pem: there is no such file"},
      {ca_file("/tmp"), "/tmp: this is a folder"},
      {ca_file(empty), empty + ": there is no certificate in PEM"},
      {ca_file(bad_second_ca), bad_second_ca + ": certificate 2 is damaged"},
      {crl_file(crl), ""},
      {crl_file(Write(ContentOf(crl) + ContentOf(crl))), ""},
      {crl_file("/nowhere.pem"), "/nowhere.pem: there is no such file"},
      {crl_file(empty), empty + none},
      {crl_file(ca), ca + none},
      {crl_file(bad_crl), bad_crl + none},
      {crl_file(bad_second_crl), bad_second_crl + ": list 2 is damaged"},
  };
  for (const auto& [change, why] : cases) {
    ServerSettings settings = Asking();
    change(settings);
    EXPECT_EQ(WhyNotLoaded(std::move(settings)), why);
  }
}

TEST_F(ServerContextTest, WhereNobodyIsAskedTheFilesForItAreNotRead) {
  ServerSettings settings = Settings();
  settings.client_ca_file = settings.client_crl_file = "/nowhere.pem";
  EXPECT_EQ(WhyNotLoaded(settings), "");
}

// --- certificates of the server

TEST_F(ServerContextTest, TheNameThatIsAskedForChoosesTheCertificate) {
  ServerSettings settings = Settings();
  settings.certificates.push_back(Issue({.common_name = "exact", .dns_names = {"a.example.org"}}));
  settings.certificates.push_back(Issue({.common_name = "any", .dns_names = {"*.example.org"}}));
  const Server server = Load(settings);
  const auto shown = [&](const std::string& name) {
    const Client client = *ClientContext::Load({.server_name = name, .verify = false});
    TlsPair pair(client->NewSsl(), server->NewSsl());
    EXPECT_TRUE(pair.Shake());
    EXPECT_EQ(pair.ToServer("hello"), "hello");
    const X509* const certificate = SSL_get0_peer_certificate(pair.client.ssl());
    return PeerName(certificate, PeerNameSource::kCommonName).value_or("");
  };
  EXPECT_EQ(shown("a.example.org"), "exact");
  EXPECT_EQ(shown("A.EXAMPLE.ORG"), "exact");
  EXPECT_EQ(shown("b.example.org"), "any");
  EXPECT_EQ(shown("b.a.example.org"), "server");
  EXPECT_EQ(shown("localhost"), "server");
  EXPECT_EQ(shown("127.0.0.1"), "server");  // asks for no name
}

// --- certificates of clients

TEST_F(ServerContextTest, WhoIsLetIn) {
  TestAuthority stranger("Stranger");
  const auto foreign = stranger.Issue({.common_name = "good"});
  const CertificateFiles none{}, good = Issue({.common_name = "good"}),
                                 nameless = Issue({.common_name = "two\nlines"}),
                                 old = Issue({.common_name = "old", .ends_s = -60}),
                                 other{foreign.chain_file, foreign.key_file};
  struct Case {
    ClientCertificates ask;
    CertificateFiles shown;
    std::string why;
  };
  const std::string unknown = "certificate: unable to get local issuer certificate";
  const std::vector<Case> cases = {
      {ClientCertificates::kNone, none, ""},
      {ClientCertificates::kNone, other, ""},  // it is not asked for it
      {ClientCertificates::kOptional, none, ""},
      {ClientCertificates::kOptional, good, ""},
      {ClientCertificates::kOptional, other, unknown},
      {ClientCertificates::kOptional, nameless, "certificate: no usable name"},
      {ClientCertificates::kRequired, none, "peer did not return a certificate"},
      {ClientCertificates::kRequired, good, ""},
      {ClientCertificates::kRequired, other, unknown},
      {ClientCertificates::kRequired, nameless, "certificate: no usable name"},
      {ClientCertificates::kRequired, old, "certificate: certificate has expired"},
  };
  for (const auto& [ask, shown, why] : cases) {
    EXPECT_EQ(Judgement(Load(Asking(ask)), shown), why)
        << static_cast<int>(ask) << " " << shown.chain_file;
  }
}

TEST_F(ServerContextTest, TheNameIsTakenFromWhereItShallStand) {
  const CertificateFiles with_dns = Issue({.common_name = "", .dns_names = {"a.example.org"}});
  const CertificateFiles with_uri = Issue({.common_name = "cn", .uris = {"spiffe://a/b"}});
  ServerSettings settings = Asking();
  settings.peer_name = PeerNameSource::kDnsName;
  const Server server = Load(settings);
  EXPECT_EQ(server->peer_name(), PeerNameSource::kDnsName);
  EXPECT_EQ(Judgement(server, with_dns), "");
  EXPECT_EQ(Judgement(server, with_uri), "certificate: no usable name");
  settings.peer_name = PeerNameSource::kUri;
  EXPECT_EQ(Judgement(Load(settings), with_uri), "");
  EXPECT_EQ(Judgement(Load(settings), with_dns), "certificate: no usable name");
}

TEST_F(ServerContextTest, Revocations) {
  const auto lost = authority().Issue({.common_name = "lost"});
  const CertificateFiles good = Issue({.common_name = "good"});
  ServerSettings settings = Asking();
  settings.client_crl_file = authority().Revoke({lost.serial});
  EXPECT_EQ(Judgement(Load(settings), good), "");
  EXPECT_EQ(Judgement(Load(settings), {lost.chain_file, lost.key_file}),
            "certificate: certificate revoked");
  settings.client_crl_file = authority().Revoke({}, -60);
  EXPECT_EQ(Judgement(Load(settings), good), "certificate: CRL has expired");
  TestAuthority stranger("Stranger");
  settings.client_crl_file = stranger.Revoke({});
  EXPECT_EQ(Judgement(Load(settings), good), "certificate: unable to get certificate CRL");
}

// --- ALPN

TEST_F(ServerContextTest, ApplicationProtocols) {
  struct Case {
    std::vector<std::string> ours;
    std::vector<std::string> offered;
    std::string chosen;
  };
  const std::vector<Case> cases = {
      {{}, {}, ""},
      {{}, {"h2"}, ""},  // we do not say
      {{"one", "two"}, {}, ""},
      {{"one", "two"}, {"two", "one"}, "one"},
      {{"one", "two"}, {"three", "two"}, "two"},
      {{"one", "two"}, {"three"}, "!no application protocol"},
      {{"one"}, {"on", "onee"}, "!no application protocol"},
  };
  for (const auto& [ours, offered, chosen] : cases) {
    ServerSettings settings = Settings();
    settings.application_protocols = ours;
    const Client client = NewClient({}, offered);
    const Server server = Load(settings);
    TlsPair pair(client->NewSsl(), server->NewSsl());
    if (!pair.Shake()) {
      EXPECT_EQ("!" + pair.server.mistake(), chosen);
      continue;
    }
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(pair.server.ssl(), &name, &size);
    EXPECT_EQ(std::string(name, name + size), chosen);
  }
}

// --- coming back

TEST_F(ServerContextTest, ASessionIsResumedWhereClientsAreJudgedAlike) {
  using Change = std::function<void(ServerSettings&)>;
  struct Case {
    std::string what;
    Change change;
    bool resumes;
  };
  TestAuthority stranger("Stranger");
  const std::string two_authorities =
      Write(ContentOf(authority().ca_file()) + ContentOf(stranger.ca_file()));
  const std::string crl = authority().Revoke({});
  const std::vector<Case> cases = {
      {"nothing", [](ServerSettings&) {}, true},
      {"another certificate",
       [](ServerSettings& s) { s.certificates = {Issue(tests::LoopbackServer())}; }, true},
      {"the same authorities in another file",
       [](ServerSettings& s) { s.client_ca_file = Write(ContentOf(s.client_ca_file)); }, true},
      {"more authorities", [&](ServerSettings& s) { s.client_ca_file = two_authorities; }, false},
      {"revocations", [&](ServerSettings& s) { s.client_crl_file = crl; }, false},
      {"optional", [](ServerSettings& s) { s.client_certificates = ClientCertificates::kOptional; },
       false},
      {"no certificates",
       [](ServerSettings& s) { s.client_certificates = ClientCertificates::kNone; }, false},
      {"another name", [](ServerSettings& s) { s.peer_name = PeerNameSource::kDnsName; }, false},
  };
  const CertificateFiles own = Issue({.common_name = "fleet-7", .dns_names = {"fleet-7"}});
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const auto& [what, change, resumes] : cases) {
      const Client client = NewClient(own);
      ServerSettings settings = Asking();
      EXPECT_FALSE(Resumes(client, Load(settings), version));
      change(settings);
      EXPECT_EQ(Resumes(client, Load(settings), version), resumes) << what << " " << version;
    }
  }
}

TEST_F(ServerContextTest, AResumedClientIsKnown) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const Server server = Load(Asking());
    const Client client = NewClient(Issue({.common_name = "fleet-7"}));
    ASSERT_FALSE(Resumes(client, server, version));
    TlsPair pair(client->NewSsl(), server->NewSsl());
    SSL_set_max_proto_version(pair.server.ssl(), version);
    ASSERT_TRUE(pair.Shake());
    ASSERT_TRUE(pair.server.resumed());
    const X509* const certificate = SSL_get0_peer_certificate(pair.server.ssl());
    ASSERT_NE(certificate, nullptr);
    EXPECT_EQ(PeerName(certificate, PeerNameSource::kCommonName).value_or(""), "fleet-7");
  }
}

TEST_F(ServerContextTest, TicketsAreTakenAsLongAsTheirKeys) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const auto& [age, resumes] : {std::pair{kTicketKeyLifetime / 2, true},
                                       {2 * kTicketKeyLifetime - base::Duration(1), true},
                                       {2 * kTicketKeyLifetime, false}}) {
      const Server server = Load(Settings());
      const Client client = NewClient();
      ASSERT_FALSE(Resumes(client, server, version));
      clock.now += age;
      EXPECT_EQ(Resumes(client, server, version), resumes) << age.count() << " " << version;
      clock.now += 3 * kTicketKeyLifetime;
    }
  }
}

// With the ticket of an old key comes one of the new, and in TLS 1.3 always a new one.
TEST_F(ServerContextTest, TicketsAreRenewed) {
  struct Case {
    int version;
    base::Duration age;
    bool renewed;
  };
  for (const auto& [version, age, renewed] : {Case{TLS1_2_VERSION, kTicketKeyLifetime / 2, false},
                                              Case{TLS1_2_VERSION, kTicketKeyLifetime, true},
                                              Case{TLS1_3_VERSION, kTicketKeyLifetime / 2, true},
                                              Case{TLS1_3_VERSION, kTicketKeyLifetime, true}}) {
    const Server server = Load(Settings());
    const Client client = NewClient();
    SslSessionPtr session;
    std::string last;
    for (int i = 0; i < 2; ++i) {
      TlsPair pair(client->NewSsl(), server->NewSsl());
      SSL_set_max_proto_version(pair.server.ssl(), version);
      if (session != nullptr) SSL_set_session(pair.client.ssl(), session.get());
      ASSERT_TRUE(pair.Shake());
      EXPECT_EQ(pair.server.resumed(), i > 0);
      session.reset(SSL_get1_session(pair.client.ssl()));
      const unsigned char* ticket = nullptr;
      size_t size = 0;
      SSL_SESSION_get0_ticket(session.get(), &ticket, &size);
      const std::string got(ticket, ticket + size);
      EXPECT_EQ(got != last, i == 0 || renewed) << version << " " << age.count();
      last = got;
      clock.now += age;
    }
    clock.now += 3 * kTicketKeyLifetime;
  }
}

}  // namespace
}  // namespace esockets::tls
