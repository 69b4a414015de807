#include "server/tls/client_context.h"

#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/strings.h"
#include "gtest/gtest.h"
#include "server/tls/server_context.h"
#include "tests/support/test_authority.h"
#include "tests/support/tls_pair.h"

namespace esockets::tls {
namespace {

using tests::CertificateText;
using tests::TestAuthority;
using tests::TlsEnd;
using tests::TlsPair;

class ClientContextTest : public testing::Test {
 protected:
  using Client = std::shared_ptr<ClientContext>;
  using Server = std::shared_ptr<const ServerContext>;

  static TestAuthority& authority() {
    static TestAuthority authority;
    return authority;
  }
  static ClientSettings Trusting(std::string server_name = "localhost") {
    return {.server_name = std::move(server_name), .ca_file = authority().ca_file()};
  }
  static Client Load(const ClientSettings& settings) {
    auto loaded = ClientContext::Load(settings);
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return *loaded;
  }
  Server Serve(const CertificateText& text, ServerSettings settings = {}) {
    const auto issued = authority().Issue(text);
    settings.certificates = {{issued.chain_file, issued.key_file}};
    auto loaded = ServerContext::Load(std::move(settings), keys);
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return *loaded;
  }
  // What the client has against the server; empty: nothing.
  static std::string Judgement(const ClientSettings& settings, const Server& server) {
    const Client client = Load(settings);
    TlsPair pair(client->NewSsl(), server->NewSsl());
    const bool is_open = pair.Shake();
    EXPECT_EQ(is_open, pair.client.mistake().empty());
    return pair.client.mistake();
  }
  static std::string WhyNotLoaded(const ClientSettings& settings) {
    const auto loaded = ClientContext::Load(settings);
    if (loaded.ok()) return "";
    EXPECT_EQ(loaded.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(loaded.status().message());
  }
  static std::string Write(const std::string& text) {
    static int files = 0;
    std::string path = base::StrCat(authority().directory(), "/client", ++files, ".pem");
    std::ofstream(path) << text;
    return path;
  }

  base::SystemClock clock;
  std::shared_ptr<TicketKeys> keys = std::make_shared<TicketKeys>(&clock);
};

// --- files

TEST_F(ClientContextTest, FilesThatAreNoGood) {
  const auto own = authority().Issue({});
  const auto other = authority().Issue({});
  const std::string empty = Write("");
  struct Case {
    std::string ca_file;
    CertificateFiles certificate;
    std::string why;
  };
  const std::string ca = authority().ca_file();
  const std::vector<Case> cases = {
      {ca, {own.chain_file, own.key_file}, ""},
      {"/nowhere.pem", {}, "/nowhere.pem: there is no such file"},
      {"/tmp", {}, "/tmp: this is a folder"},
      {empty, {}, empty + ": there is no certificate in PEM"},
      {own.key_file, {}, own.key_file + ": there is no certificate in PEM"},
      {ca, {"/nowhere.pem", own.key_file}, "/nowhere.pem: there is no such file"},
      {ca, {own.chain_file, ""}, ": there is no such file"},
      {ca, {own.chain_file, empty}, empty + ": there is no private key in PEM, or it is encrypted"},
      {ca,
       {own.chain_file, other.key_file},
       other.key_file + ": is not the key of the certificate in " + own.chain_file},
  };
  for (const auto& [ca_file, certificate, why] : cases) {
    EXPECT_EQ(
        WhyNotLoaded({.server_name = "localhost", .ca_file = ca_file, .certificate = certificate}),
        why);
  }
}

TEST_F(ClientContextTest, TheSystemsAuthoritiesDoNotKnowOurs) {
  const Server server = Serve(tests::LoopbackServer());
  EXPECT_EQ(Judgement({.server_name = "localhost"}, server),
            "certificate: unable to get local issuer certificate");
}

TEST_F(ClientContextTest, ManyAuthoritiesInOneFile) {
  TestAuthority stranger("Stranger");
  std::ofstream(authority().directory() + "/both.pem")
      << std::ifstream(stranger.ca_file()).rdbuf() << std::ifstream(authority().ca_file()).rdbuf();
  const Server server = Serve(tests::LoopbackServer());
  EXPECT_EQ(
      Judgement({.server_name = "localhost", .ca_file = authority().directory() + "/both.pem"},
                server),
      "");
  EXPECT_EQ(Judgement({.server_name = "localhost", .ca_file = stranger.ca_file()}, server),
            "certificate: unable to get local issuer certificate");
}

// --- whom it means

TEST_F(ClientContextTest, TheNameOfTheServer) {
  const std::string wrong_name = "certificate: hostname mismatch";
  const std::string wrong_address = "certificate: IP address mismatch";
  struct Case {
    CertificateText text;
    std::string name;
    std::string why;
  };
  const std::vector<Case> cases = {
      {{.dns_names = {"a.example.org"}}, "a.example.org", ""},
      {{.dns_names = {"a.example.org"}}, "A.Example.ORG", ""},
      {{.dns_names = {"b.example.org", "a.example.org"}}, "a.example.org", ""},
      {{.dns_names = {"a.example.org"}}, "b.example.org", wrong_name},
      {{.dns_names = {"a.example.org"}}, "example.org", wrong_name},
      {{.dns_names = {"example.org"}}, "a.example.org", wrong_name},
      {{.dns_names = {std::string("a.example.org\0.evil", 18)}}, "a.example.org", wrong_name},
      // A wildcard stands for one whole label, and for the leftmost alone.
      {{.dns_names = {"*.example.org"}}, "a.example.org", ""},
      {{.dns_names = {"*.example.org"}}, "example.org", wrong_name},
      {{.dns_names = {"*.example.org"}}, "b.a.example.org", wrong_name},
      {{.dns_names = {"f*.example.org"}}, "foo.example.org", wrong_name},
      {{.dns_names = {"*o.example.org"}}, "foo.example.org", wrong_name},
      {{.dns_names = {"a.*.example.org"}}, "a.b.example.org", wrong_name},
      {{.dns_names = {"*.org"}}, "example.org", wrong_name},
      {{.dns_names = {"*"}}, "localhost", wrong_name},
      // The subject does not count, with alternative names or without.
      {{.common_name = "a.example.org", .dns_names = {"b.example.org"}},
       "a.example.org",
       wrong_name},
      {{.common_name = "a.example.org"}, "a.example.org", wrong_name},
      {{.common_name = "a.example.org", .addresses = {"127.0.0.1"}}, "a.example.org", wrong_name},
      {{.common_name = "a.example.org", .emails = {"a.example.org"}, .uris = {"a.example.org"}},
       "a.example.org",
       wrong_name},
      // Addresses are no names, and names no addresses.
      {{.addresses = {"127.0.0.1"}}, "127.0.0.1", ""},
      {{.addresses = {"::1"}}, "::1", ""},
      {{.addresses = {"::1"}}, "0:0:0:0:0:0:0:1", ""},
      {{.addresses = {"127.0.0.1"}}, "127.0.0.2", wrong_address},
      {{.addresses = {"127.0.0.1"}}, "::1", wrong_address},
      {{.dns_names = {"127.0.0.1"}}, "127.0.0.1", wrong_address},
      {{.common_name = "127.0.0.1"}, "127.0.0.1", wrong_address},
  };
  for (const auto& [text, name, why] : cases) {
    EXPECT_EQ(Judgement(Trusting(name), Serve(text)), why)
        << name << " of " << testing::PrintToString(text.dns_names) << ", " << text.common_name;
  }
}

// SNI has names, and no addresses (RFC 6066, section 3).
TEST_F(ClientContextTest, TheServerIsToldTheName) {
  const Server server = Serve({.dns_names = {"a.example.org"}, .addresses = {"127.0.0.1"}});
  for (const auto& [name, told] : std::vector<std::pair<std::string, std::string>>{
           {"a.example.org", "a.example.org"}, {"127.0.0.1", ""}}) {
    const Client client = Load(Trusting(name));
    TlsPair pair(client->NewSsl(), server->NewSsl());
    ASSERT_TRUE(pair.Shake()) << pair.client.mistake();
    const char* const asked = SSL_get_servername(pair.server.ssl(), TLSEXT_NAMETYPE_host_name);
    EXPECT_EQ(asked == nullptr ? std::string() : asked, told);
  }
}

TEST_F(ClientContextTest, WhoDoesNotVerifyBelievesAnyone) {
  TestAuthority stranger("Stranger");
  const auto issued = stranger.Issue({.common_name = "elsewhere", .ends_s = -60});
  auto server = ServerContext::Load({.certificates = {{issued.chain_file, issued.key_file}}}, keys);
  ASSERT_TRUE(server.ok());
  for (const std::string name : {"localhost", "127.0.0.1"}) {
    EXPECT_EQ(Judgement({.server_name = name, .verify = false}, *server), "");
    EXPECT_NE(Judgement(Trusting(name), *server), "");
  }
  // Not even its own trust is looked at.
  EXPECT_EQ(WhyNotLoaded({.server_name = "x", .verify = false, .ca_file = "/nowhere.pem"}), "");
}

TEST_F(ClientContextTest, CertificatesOutOfTheirTime) {
  CertificateText text = tests::LoopbackServer();
  text.ends_s = -60;
  EXPECT_EQ(Judgement(Trusting(), Serve(text)), "certificate: certificate has expired");
  text = tests::LoopbackServer();
  text.begins_s = 600;
  EXPECT_EQ(Judgement(Trusting(), Serve(text)), "certificate: certificate is not yet valid");
}

// --- what it says of itself

TEST_F(ClientContextTest, ItsOwnCertificateAndProtocolsAndVersions) {
  const auto own = authority().Issue({.common_name = "fleet-7"});
  const Server server =
      Serve(tests::LoopbackServer(), {.client_certificates = ClientCertificates::kRequired,
                                      .client_ca_file = authority().ca_file(),
                                      .application_protocols = {"one", "two"}});
  ClientSettings settings = Trusting();
  settings.certificate = {own.chain_file, own.key_file};
  settings.application_protocols = {"two", "three"};
  settings.min_version = MinVersion::kTls13;
  const Client client = Load(settings);
  TlsPair pair(client->NewSsl(), server->NewSsl());
  ASSERT_TRUE(pair.Shake()) << pair.client.mistake() << pair.server.mistake();
  const X509* const shown = SSL_get0_peer_certificate(pair.server.ssl());
  ASSERT_NE(shown, nullptr);
  EXPECT_EQ(PeerName(shown, PeerNameSource::kCommonName).value_or(""), "fleet-7");
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(pair.client.ssl(), &name, &size);
  EXPECT_EQ(std::string(name, name + size), "two");

  TlsPair older(client->NewSsl(), server->NewSsl());
  SSL_set_max_proto_version(older.server.ssl(), TLS1_2_VERSION);
  EXPECT_FALSE(older.Shake());
  EXPECT_EQ(older.client.mistake(), "tlsv1 alert protocol version");
}

// --- coming back

// RFC 8446, appendix C.4; before TLS 1.3 there is none but the first.
TEST_F(ClientContextTest, ASessionIsOfferedOnce) {
  const Server server = Serve(tests::LoopbackServer());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const Client client = Load(Trusting());
    EXPECT_EQ(SSL_get_session(client->NewSsl().get()), nullptr);
    {
      TlsPair pair(client->NewSsl(), server->NewSsl());
      SSL_set_max_proto_version(pair.server.ssl(), version);
      ASSERT_TRUE(pair.Shake());
      EXPECT_FALSE(pair.client.resumed());
    }
    EXPECT_NE(SSL_get_session(client->NewSsl().get()), nullptr);
    const bool again = SSL_get_session(client->NewSsl().get()) != nullptr;
    EXPECT_EQ(again, version == TLS1_2_VERSION);
  }
}

TEST_F(ClientContextTest, TheNextConnectionResumesHoweverTheLastEnded) {
  const Server server = Serve(tests::LoopbackServer());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const std::string end : {"close_notify", "broke", "bad record"}) {
      SCOPED_TRACE(testing::Message() << version << " " << end);
      const Client client = Load(Trusting());
      {
        TlsPair pair(client->NewSsl(), server->NewSsl());
        SSL_set_max_proto_version(pair.server.ssl(), version);
        ASSERT_TRUE(pair.Shake());
        EXPECT_EQ(pair.ToServer("hello"), "hello");
        if (end == "close_notify") {
          pair.client.Close();
          EXPECT_EQ(pair.server.Take(pair.client.TakeWire()), TlsEnd::Outcome::kDone);
        }
        if (end == "bad record") {
          EXPECT_EQ(pair.client.Take(std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x')),
                    TlsEnd::Outcome::kFailed);
        }
      }
      TlsPair pair(client->NewSsl(), server->NewSsl());
      SSL_set_max_proto_version(pair.server.ssl(), version);
      ASSERT_TRUE(pair.Shake());
      EXPECT_EQ(pair.client.resumed(), end != "bad record");
      EXPECT_EQ(pair.server.resumed(), end != "bad record");
      EXPECT_EQ(pair.ToServer("again"), "again");
      EXPECT_EQ(pair.ToClient("and back"), "and back");
    }
  }
}

TEST_F(ClientContextTest, AgainAndAgain) {
  const Server server = Serve(tests::LoopbackServer());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const Client client = Load(Trusting());
    for (int i = 0; i < 5; ++i) {
      TlsPair pair(client->NewSsl(), server->NewSsl());
      SSL_set_max_proto_version(pair.server.ssl(), version);
      ASSERT_TRUE(pair.Shake());
      EXPECT_EQ(pair.client.resumed(), i > 0) << i << " " << version;
    }
  }
}

TEST_F(ClientContextTest, AServerThatDoesNotKnowTheSession) {
  const Client client = Load(Trusting());
  for (int i = 0; i < 3; ++i) {
    keys = std::make_shared<TicketKeys>(&clock);
    const Server server = Serve(tests::LoopbackServer());
    TlsPair pair(client->NewSsl(), server->NewSsl());
    ASSERT_TRUE(pair.Shake()) << pair.client.mistake();
    EXPECT_FALSE(pair.client.resumed());
  }
}

}  // namespace
}  // namespace esockets::tls
