#include "server/tls/session.h"

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "server/tls/context_rules.h"
#include "server/tls/limits.h"
#include "server/tls/pem_files.h"
#include "tests/support/test_authority.h"
#include "tests/support/tls_pair.h"

namespace esockets::tls {
namespace {

// What a record adds to what it holds, at most (RFC 8446, section 5.2).
constexpr size_t kOverheadBytesMax = 256;

using tests::TestAuthority;
using tests::TlsEnd;
using tests::TlsPair;
using Outcome = Session::Outcome;

constexpr MinVersion kVersions[] = {MinVersion::kTls12, MinVersion::kTls13};

std::string Pattern(size_t bytes) {
  std::string pattern(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) pattern[i] = static_cast<char>(i * 7 + i / 251);
  return pattern;
}

class SessionTest : public testing::Test {
 protected:
  // One of the two ends, which speaks this version alone.
  static SslPtr Ssl(SSL_CTX* context, MinVersion version, bool accepts) {
    SslPtr ssl(SSL_new(context));
    SSL_set_max_proto_version(ssl.get(), static_cast<int>(version));
    accepts ? SSL_set_accept_state(ssl.get()) : SSL_set_connect_state(ssl.get());
    return ssl;
  }
  SslPtr Accepting(MinVersion version) { return Ssl(server_context.get(), version, true); }
  SslPtr Connecting(MinVersion version) { return Ssl(client_context.get(), version, false); }
  std::unique_ptr<TlsPair> Pair(MinVersion version) {
    return std::make_unique<TlsPair>(Connecting(version), Accepting(version));
  }
  // One that is open.
  std::unique_ptr<TlsPair> Open(MinVersion version) {
    auto pair = Pair(version);
    EXPECT_TRUE(pair->Shake());
    return pair;
  }

  void SetUp() override {
    ASSERT_TRUE(UseCertificate({own.chain_file, own.key_file}, server_context.get()).ok());
    auto authorities = ReadCertificates(authority().ca_file());
    ASSERT_TRUE(authorities.ok());
    X509_STORE_add_cert(SSL_CTX_get_cert_store(client_context.get()), authorities->front().get());
    SSL_CTX_set_verify(client_context.get(), SSL_VERIFY_PEER, nullptr);
  }
  static TestAuthority& authority() {
    static TestAuthority authority;
    return authority;
  }

  const tests::IssuedCertificate own = authority().Issue(tests::LoopbackServer());
  const SslContextPtr server_context = MakeContext(TLS_server_method(), MinVersion::kTls12);
  const SslContextPtr client_context = MakeContext(TLS_client_method(), MinVersion::kTls12);
};

// --- the handshake

TEST_F(SessionTest, AHandshakeHoweverItIsCut) {
  for (const MinVersion version : kVersions) {
    for (const size_t piece : {size_t{1}, size_t{2}, size_t{5}, size_t{100}, std::string::npos}) {
      const auto pair = Pair(version);
      EXPECT_TRUE(pair->Shake(piece)) << pair->client.mistake() << pair->server.mistake();
      EXPECT_EQ(SSL_version(pair->client.ssl()), static_cast<int>(version));
      EXPECT_EQ(pair->ToServer("hello"), "hello");
      EXPECT_EQ(pair->ToClient("world"), "world");
    }
  }
}

TEST_F(SessionTest, WithoutInputItWaits) {
  TlsEnd server(Accepting(MinVersion::kTls13));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(server.Take({}), Outcome::kMore);
  EXPECT_EQ(server.TakeWire(), "");
  EXPECT_EQ(server.mistake(), "");
}

// What comes right behind the handshake's last byte stays with the caller.
TEST_F(SessionTest, WhatIsBehindTheHandshakeIsLeft) {
  for (const MinVersion version : kVersions) {
    Session client(Connecting(version)), server(Accepting(version));
    std::string to_server, to_client;
    std::string_view input;
    Outcome at_client = client.Handshake(&input, &to_server);
    std::string rest;
    for (Outcome at_server = Outcome::kMore; at_server == Outcome::kMore;) {
      const bool is_open = at_client == Outcome::kDone;
      ASSERT_TRUE(!is_open || client.Encrypt("early", &to_server));
      input = to_server;
      at_server = server.Handshake(&input, &to_client);
      ASSERT_NE(at_server, Outcome::kFailed) << server.mistake();
      rest = input;
      to_server.clear();
      if (is_open) break;
      input = to_client;
      at_client = client.Handshake(&input, &to_server);
      to_client.clear();
    }
    // TLS 1.2: the server's word is the last.
    if (version == MinVersion::kTls12) {
      EXPECT_EQ(rest, "");
      continue;
    }
    std::vector<char> plain(rest.size() + kRecordBytesMax);
    size_t bytes = 0;
    EXPECT_EQ(server.Decrypt(rest, plain, &bytes, &to_client), Outcome::kMore);
    EXPECT_EQ(std::string(plain.data(), bytes), "early");
  }
}

// --- data

TEST_F(SessionTest, DataSplitAtEveryByte) {
  for (const MinVersion version : kVersions) {
    const auto pair = Open(version);
    const size_t size = [&] {
      pair->client.Send("hello");
      pair->client.Send("world");
      const std::string wire = pair->client.TakeWire();
      pair->server.Take(wire);
      EXPECT_EQ(pair->server.TakePlain(), "helloworld");
      return wire.size();
    }();
    for (size_t cut = 0; cut <= size; ++cut) {
      pair->client.Send("hello");
      pair->client.Send("world");
      const std::string wire = pair->client.TakeWire();
      ASSERT_EQ(wire.size(), size);
      EXPECT_EQ(pair->server.Take(wire.substr(0, cut)), Outcome::kMore);
      // A record is given out when it is whole, and not before.
      EXPECT_EQ(pair->server.TakePlain(), std::string("helloworld").substr(0, cut * 2 / size * 5));
      EXPECT_EQ(pair->server.Take(wire.substr(cut)), Outcome::kMore);
      pair->server.TakePlain();
    }
  }
}

TEST_F(SessionTest, DataOfAllSizesInBothDirections) {
  for (const MinVersion version : kVersions) {
    const auto pair = Open(version);
    for (const size_t size : {size_t{0}, size_t{1}, kRecordBytesMax - 1, kRecordBytesMax,
                              kRecordBytesMax + 1, size_t{1} << 20}) {
      const std::string plain = Pattern(size);
      EXPECT_TRUE(pair->ToServer(plain) == plain) << size;
      EXPECT_TRUE(pair->ToClient(plain) == plain) << size;
    }
    EXPECT_EQ(pair->client.mistake(), "");
  }
}

TEST_F(SessionTest, RecordsAreNoLongerThanTheyMayBe) {
  for (const MinVersion version : kVersions) {
    const auto pair = Open(version);
    EXPECT_TRUE(pair->client.Send(Pattern(3 * kRecordBytesMax + 1)));
    const std::string wire = pair->client.TakeWire();
    std::vector<size_t> sizes;
    for (size_t at = 0; at < wire.size();) {
      ASSERT_EQ(wire[at], '\x17');
      const size_t size = static_cast<size_t>(static_cast<uint8_t>(wire[at + 3])) << 8 |
                          static_cast<uint8_t>(wire[at + 4]);
      EXPECT_LE(size, kRecordBytesMax + kOverheadBytesMax);
      sizes.push_back(size);
      at += 5 + size;
    }
    EXPECT_EQ(sizes.size(), 4u);
    EXPECT_EQ(pair->client.Send(""), true);
    EXPECT_EQ(pair->client.TakeWire(), "");
  }
}

// The room that the contract asks for is enough: a last byte makes a whole record readable.
TEST_F(SessionTest, ALastByteGivesAWholeRecord) {
  for (const MinVersion version : kVersions) {
    const auto pair = Open(version);
    const std::string plain = Pattern(3 * kRecordBytesMax);
    pair->client.Send(plain);
    const std::string wire = pair->client.TakeWire();
    const size_t record = wire.size() / 3;
    std::string got;
    for (const auto& [from, to] :
         std::vector<std::pair<size_t, size_t>>{{0, record - 1},
                                                {record - 1, record},
                                                {record, 2 * record - 1},
                                                {2 * record - 1, 3 * record}}) {
      EXPECT_EQ(pair->server.Take(wire.substr(from, to - from)), Outcome::kMore);
      got += pair->server.TakePlain();
    }
    EXPECT_TRUE(got == plain);
  }
}

TEST_F(SessionTest, RandomCuts) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (const MinVersion version : kVersions) {
    const auto pair = Open(version);
    for (int round = 0; round < 200; ++round) {
      std::string sent, got;
      for (uint64_t i = random() % 5; i > 0; --i) {
        const std::string plain = Pattern(random() % (random() % 3 == 0 ? 40'000 : 50));
        ASSERT_TRUE(pair->server.Send(plain));
        sent += plain;
      }
      const std::string wire = pair->server.TakeWire();
      for (size_t at = 0; at < wire.size();) {
        const size_t piece = 1 + random() % (random() % 2 == 0 ? 20'000 : 30);
        ASSERT_EQ(pair->client.Take(std::string_view(wire).substr(at, piece)), Outcome::kMore);
        got += pair->client.TakePlain();
        at += piece;
      }
      ASSERT_TRUE(got == sent) << round;
    }
  }
}

// RFC 8446, section 4.6.3.
TEST_F(SessionTest, KeysAreUpdated) {
  const auto pair = Open(MinVersion::kTls13);
  for (const int type : {SSL_KEY_UPDATE_REQUESTED, SSL_KEY_UPDATE_NOT_REQUESTED}) {
    ASSERT_EQ(SSL_key_update(pair->client.ssl(), type), 1);
    EXPECT_EQ(pair->ToServer("hello"), "hello");
    EXPECT_EQ(pair->ToClient("world"), "world");
    EXPECT_EQ(pair->ToServer("again"), "again");
  }
}

// --- the end

TEST_F(SessionTest, TheLastWord) {
  for (const MinVersion version : kVersions) {
    const auto pair = Open(version);
    pair->client.Send("bye");
    pair->client.Close();
    const std::string wire = pair->client.TakeWire();
    EXPECT_EQ(pair->server.Take(wire.substr(0, wire.size() - 1)), Outcome::kMore);
    EXPECT_EQ(pair->server.TakePlain(), "bye");
    EXPECT_EQ(pair->server.Take(wire.substr(wire.size() - 1)), Outcome::kDone);
    EXPECT_EQ(pair->server.mistake(), "");
    // Nothing counts behind it.
    EXPECT_EQ(pair->server.Take("anything"), Outcome::kDone);
    EXPECT_EQ(pair->server.TakePlain(), "");
    // Who has heard it may still speak (RFC 8446, section 6.1).
    EXPECT_EQ(pair->ToClient("farewell"), "farewell");
    pair->server.Close();
    EXPECT_EQ(pair->client.Take(pair->server.TakeWire()), Outcome::kDone);
    EXPECT_FALSE(pair->client.Send("more"));
    EXPECT_EQ(pair->client.TakeWire(), "");
  }
}

TEST_F(SessionTest, TheLastWordBehindDataInOnePiece) {
  for (const MinVersion version : kVersions) {
    const auto pair = Open(version);
    pair->server.Send("bye");
    pair->server.Close();
    EXPECT_EQ(pair->client.Take(pair->server.TakeWire()), Outcome::kDone);
    EXPECT_EQ(pair->client.TakePlain(), "bye");
  }
}

// --- bad input

// A longer length makes it wait for more: then what follows is no record.
TEST_F(SessionTest, AFlippedBitAnywhereIsNoticed) {
  for (const MinVersion version : kVersions) {
    size_t bits = 1;
    for (size_t bit = 0; bit < bits; ++bit) {
      const auto pair = Open(version);
      pair->client.Send("hello");
      std::string wire = pair->client.TakeWire();
      bits = wire.size() * 8;
      wire[bit / 8] = static_cast<char>(wire[bit / 8] ^ 1 << bit % 8);
      pair->client.Send(Pattern(2 * kRecordBytesMax));
      wire += pair->client.TakeWire();
      EXPECT_EQ(pair->server.Take(wire), Outcome::kFailed) << "bit " << bit;
      EXPECT_EQ(pair->server.TakePlain(), "") << "bit " << bit;
      EXPECT_NE(pair->server.mistake(), "") << "bit " << bit;
      EXPECT_NE(pair->server.TakeWire(), "") << "an alert, for bit " << bit;
    }
    EXPECT_GT(bits, 200u);
  }
}

TEST_F(SessionTest, ARecordThatComesTwiceOrTooEarlyIsNoticed) {
  for (const MinVersion version : kVersions) {
    for (const bool twice : {true, false}) {
      const auto pair = Open(version);
      pair->client.Send("one");
      const std::string one = pair->client.TakeWire();
      pair->client.Send("two");
      const std::string two = pair->client.TakeWire();
      EXPECT_EQ(pair->server.Take(twice ? one + one : two + one), Outcome::kFailed);
      EXPECT_EQ(pair->server.TakePlain(), twice ? "one" : "");
      EXPECT_EQ(pair->server.mistake(), "decryption failed or bad record mac");
    }
  }
}

TEST_F(SessionTest, WhatHasFailedStaysSo) {
  const auto pair = Open(MinVersion::kTls13);
  EXPECT_EQ(pair->server.Take(std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x')),
            Outcome::kFailed);
  const std::string mistake = pair->server.mistake();
  EXPECT_EQ(mistake, "decryption failed or bad record mac");
  pair->server.TakeWire();
  pair->client.Send("hello");
  EXPECT_EQ(pair->server.Take(pair->client.TakeWire()), Outcome::kFailed);
  EXPECT_EQ(pair->server.TakePlain(), "");
  EXPECT_FALSE(pair->server.Send("hello"));
  EXPECT_EQ(pair->server.TakeWire(), "");
  EXPECT_EQ(pair->server.mistake(), mistake);
}

TEST_F(SessionTest, WhatThePeerHasDoneIsNamed) {
  struct Case {
    std::string input;
    std::string mistake;
  };
  const std::vector<Case> cases = {
      {"GET / HTTP/1.1\r\n\r\n", "http request"},
      {"CONNECT x:1 HTTP/1.1\r\n\r\n", "https proxy request"},
      {"hello, is this a broker?", "wrong version number"},
      {std::string("\x16\x03\x01\xFF\xFF", 5), "packet length too long"},
      {std::string("\x17\x03\x03\x00\x01x", 6), "unexpected message"},
      {std::string("\x15\x03\x01\x00\x02\x02\x28", 7), "unexpected message"},
  };
  for (const auto& [input, mistake] : cases) {
    TlsEnd server(Accepting(MinVersion::kTls13));
    EXPECT_EQ(server.Take(input), Outcome::kFailed) << input;
    EXPECT_EQ(server.mistake(), mistake);
  }
}

TEST_F(SessionTest, NoVersionAndNoCipherInCommon) {
  TlsPair versions(Connecting(MinVersion::kTls12), Accepting(MinVersion::kTls13));
  SSL_set_min_proto_version(versions.server.ssl(), TLS1_3_VERSION);
  EXPECT_FALSE(versions.Shake());
  EXPECT_EQ(versions.server.mistake(), "unsupported protocol");
  EXPECT_EQ(versions.client.mistake(), "tlsv1 alert protocol version");

  TlsPair ciphers(Connecting(MinVersion::kTls12), Accepting(MinVersion::kTls12));
  SSL_set_cipher_list(ciphers.client.ssl(), "ECDHE-ECDSA-AES256-SHA384");
  EXPECT_FALSE(ciphers.Shake());
  EXPECT_EQ(ciphers.server.mistake(), "no shared cipher");
  EXPECT_EQ(ciphers.client.mistake(), "sslv3 alert handshake failure");
}

TEST_F(SessionTest, AClientThatDoesNotTrust) {
  TestAuthority stranger("Stranger");
  const auto issued = stranger.Issue(tests::LoopbackServer());
  const auto old = authority().Issue({.common_name = "old", .ends_s = -60});
  struct Case {
    CertificateFiles files;
    std::string client;
    std::string server;
  };
  const std::vector<Case> cases = {
      {{issued.chain_file, issued.key_file},
       "certificate: unable to get local issuer certificate",
       "tlsv1 alert unknown ca"},
      {{old.chain_file, old.key_file},
       "certificate: certificate has expired",
       "sslv3 alert certificate expired"},
  };
  for (const auto& [files, client, server] : cases) {
    const SslContextPtr context = MakeContext(TLS_server_method(), MinVersion::kTls12);
    ASSERT_TRUE(UseCertificate(files, context.get()).ok());
    for (const MinVersion version : kVersions) {
      TlsPair pair(Connecting(version), Ssl(context.get(), version, true));
      EXPECT_FALSE(pair.Shake());
      EXPECT_EQ(pair.client.mistake(), client);
      EXPECT_EQ(pair.server.mistake(), server);
    }
  }
}

// One that breaks does not disturb the next on the same thread.
TEST_F(SessionTest, SessionsDoNotKnowOfEachOther) {
  const auto good = Open(MinVersion::kTls13);
  TlsEnd bad(Accepting(MinVersion::kTls13));
  EXPECT_EQ(bad.Take("GET / HTTP/1.1\r\n\r\n"), Outcome::kFailed);
  EXPECT_EQ(good->ToServer("hello"), "hello");
  EXPECT_EQ(good->server.mistake(), "");
  EXPECT_EQ(bad.mistake(), "http request");
}

}  // namespace
}  // namespace esockets::tls
