#include "server/tls/ticket_keys.h"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "server/tls/limits.h"
#include "server/tls/openssl.h"
#include "tests/support/hand_clock.h"

namespace esockets::tls {
namespace {

using std::chrono::hours;
using std::chrono::nanoseconds;

using CipherPtr = std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>>;
using MacPtr = std::unique_ptr<EVP_MAC, Freed<EVP_MAC_free>>;
using MacContextPtr = std::unique_ptr<EVP_MAC_CTX, Freed<EVP_MAC_CTX_free>>;

// What stands around what is encrypted.
struct Ticket {
  std::array<uint8_t, 16> name{};
  std::array<uint8_t, EVP_MAX_IV_LENGTH> iv{};
  std::string sealed;
  std::string mac;
};

class TicketKeysTest : public testing::Test {
 protected:
  // Use() and what OpenSSL does behind it. Returns what Use() did.
  int Make(const std::string& text, Ticket* ticket) {
    const CipherPtr cipher(EVP_CIPHER_CTX_new());
    const MacContextPtr mac(EVP_MAC_CTX_new(hmac.get()));
    const int used =
        keys.Use(ticket->name.data(), ticket->iv.data(), cipher.get(), mac.get(), true);
    if (used != 1) return used;
    ticket->sealed = Run(cipher.get(), text);
    ticket->mac = MacOf(mac.get(), ticket->sealed);
    return used;
  }
  int Open(Ticket ticket, std::string* text) {
    const CipherPtr cipher(EVP_CIPHER_CTX_new());
    const MacContextPtr mac(EVP_MAC_CTX_new(hmac.get()));
    const int used = keys.Use(ticket.name.data(), ticket.iv.data(), cipher.get(), mac.get(), false);
    if (used < 1) return used;
    EXPECT_EQ(MacOf(mac.get(), ticket.sealed), ticket.mac);
    *text = Run(cipher.get(), ticket.sealed);
    return used;
  }
  static std::string Run(EVP_CIPHER_CTX* cipher, const std::string& input) {
    std::vector<uint8_t> output(input.size() + EVP_MAX_BLOCK_LENGTH);
    int size = 0, last = 0;
    EXPECT_EQ(EVP_CipherUpdate(cipher, output.data(), &size,
                               reinterpret_cast<const uint8_t*>(input.data()),
                               static_cast<int>(input.size())),
              1);
    EXPECT_EQ(EVP_CipherFinal_ex(cipher, output.data() + size, &last), 1);
    return {output.begin(), output.begin() + size + last};
  }
  static std::string MacOf(EVP_MAC_CTX* mac, const std::string& input) {
    std::array<uint8_t, EVP_MAX_MD_SIZE> digest;
    size_t size = 0;
    EXPECT_EQ(EVP_MAC_init(mac, nullptr, 0, nullptr), 1);
    EXPECT_EQ(EVP_MAC_update(mac, reinterpret_cast<const uint8_t*>(input.data()), input.size()), 1);
    EXPECT_EQ(EVP_MAC_final(mac, digest.data(), &size, digest.size()), 1);
    return {digest.begin(), digest.begin() + static_cast<std::ptrdiff_t>(size)};
  }

  const MacPtr hmac{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
  tests::HandClock clock;
  TicketKeys keys{&clock};
};

TEST_F(TicketKeysTest, OneKeyForALifetime) {
  const TicketKeys::Key first = keys.Current();
  clock.now += kTicketKeyLifetime - nanoseconds(1);
  EXPECT_EQ(keys.Current().name, first.name);
  EXPECT_EQ(keys.Current().cipher, first.cipher);
  EXPECT_EQ(keys.Current().mac, first.mac);
  clock.now += nanoseconds(1);
  const TicketKeys::Key second = keys.Current();
  EXPECT_NE(second.name, first.name);
  EXPECT_NE(second.cipher, first.cipher);
  EXPECT_NE(second.mac, first.mac);
  EXPECT_EQ(keys.Current().name, second.name);
}

TEST_F(TicketKeysTest, NobodyElseHasTheKey) {
  TicketKeys others(&clock);
  EXPECT_NE(keys.Current().name, others.Current().name);
  EXPECT_NE(keys.Current().cipher, others.Current().cipher);
  const TicketKeys::Key key = keys.Current();
  EXPECT_NE(std::string(key.cipher.begin(), key.cipher.end()),
            std::string(key.mac.begin(), key.mac.end()));
}

TEST_F(TicketKeysTest, HowLongATicketIsTaken) {
  struct Case {
    base::Duration age;
    bool found;
    bool renew;
  };
  const std::vector<Case> cases = {
      {nanoseconds(0), true, false},         {kTicketKeyLifetime - nanoseconds(1), true, false},
      {kTicketKeyLifetime, true, true},      {2 * kTicketKeyLifetime - nanoseconds(1), true, true},
      {2 * kTicketKeyLifetime, false, true}, {100 * kTicketKeyLifetime, false, true},
  };
  // Whether there is a new key meanwhile or not.
  for (const bool has_next : {false, true}) {
    for (const Case& each : cases) {
      SCOPED_TRACE(testing::Message() << each.age.count() << " ns, " << has_next);
      clock.now = base::TimePoint{} + hours(1);
      TicketKeys own(&clock);
      const TicketKeys::Key key = own.Current();
      clock.now += each.age;
      if (has_next) own.Current();
      bool renew = false;
      const auto found = own.Find(key.name.data(), &renew);
      ASSERT_EQ(found.has_value(), each.found);
      if (!found) continue;
      EXPECT_EQ(found->cipher, key.cipher);
      EXPECT_EQ(renew, each.renew);
    }
  }
}

TEST_F(TicketKeysTest, NoMoreThanTwoAreKept) {
  std::vector<TicketKeys::Key> made;
  for (int i = 0; i < 3; ++i, clock.now += kTicketKeyLifetime) made.push_back(keys.Current());
  clock.now = base::TimePoint{};  // so that none is too old
  bool renew = false;
  EXPECT_FALSE(keys.Find(made[0].name.data(), &renew));
  EXPECT_TRUE(keys.Find(made[1].name.data(), &renew));
  EXPECT_TRUE(keys.Find(made[2].name.data(), &renew));
}

TEST_F(TicketKeysTest, ANameThatIsUnknown) {
  std::array<uint8_t, 16> name{};
  bool renew = false;
  EXPECT_FALSE(keys.Find(name.data(), &renew));  // there is no key yet
  for (size_t i = 0; i < name.size(); ++i) {
    name = keys.Current().name;
    name[i] ^= 1;
    EXPECT_FALSE(keys.Find(name.data(), &renew)) << i;
  }
}

TEST_F(TicketKeysTest, ThereAndBack) {
  const std::string text = "a session, longer than a block of the cipher";
  Ticket ticket;
  ASSERT_EQ(Make(text, &ticket), 1);
  EXPECT_EQ(ticket.name, keys.Current().name);
  EXPECT_EQ(ticket.sealed.find("session"), std::string::npos);
  EXPECT_EQ(ticket.mac.size(), 32u);

  std::string opened;
  EXPECT_EQ(Open(ticket, &opened), 1);
  EXPECT_EQ(opened, text);

  Ticket another;
  ASSERT_EQ(Make(text, &another), 1);
  EXPECT_EQ(another.name, ticket.name);
  EXPECT_NE(another.iv, ticket.iv);
  EXPECT_NE(another.sealed, ticket.sealed);
}

TEST_F(TicketKeysTest, WhatUseSaysOfItsAge) {
  Ticket ticket;
  ASSERT_EQ(Make("session", &ticket), 1);
  std::string opened;
  clock.now += kTicketKeyLifetime;
  EXPECT_EQ(Open(ticket, &opened), 2);
  EXPECT_EQ(opened, "session");
  Ticket renewed;
  ASSERT_EQ(Make("session", &renewed), 1);
  EXPECT_NE(renewed.name, ticket.name);
  EXPECT_EQ(Open(renewed, &opened), 1);
  EXPECT_EQ(Open(ticket, &opened), 2);
  clock.now += kTicketKeyLifetime;
  EXPECT_EQ(Open(ticket, &opened), 0);
  EXPECT_EQ(Open(renewed, &opened), 2);
  ticket.name.fill(7);
  EXPECT_EQ(Open(ticket, &opened), 0);
}

TEST_F(TicketKeysTest, OfTwoThreadsOneMakesTheKey) {
  for (int round = 0; round < 20; ++round) {
    clock.now += 3 * kTicketKeyLifetime;
    std::array<std::set<std::array<uint8_t, 16>>, 2> names;
    std::vector<std::thread> threads;
    for (auto& own : names) {
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i) {
          const TicketKeys::Key key = keys.Current();
          own.insert(key.name);
          bool renew = true;
          EXPECT_TRUE(keys.Find(key.name.data(), &renew));
          EXPECT_FALSE(renew);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(names[0].size(), 1u);
    EXPECT_EQ(names[0], names[1]);
  }
}

}  // namespace
}  // namespace esockets::tls
