// Every limit of keys and tokens: name, unit, reason. Keys come from the operator, tokens from
// anybody.
#ifndef BROKER_AUTH_LIMITS_H_
#define BROKER_AUTH_LIMITS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace esockets::broker {

// --- a set of keys
// Dozens of RSA keys with their certificates.
inline constexpr size_t kJwkSetBytesMax = 256 << 10;
// An issuer has two or three at a time: the last one, this one, the next one.
inline constexpr size_t kKeysMax = 64;
inline constexpr size_t kKidBytesMax = 256;
// What is shorter than the hash can be guessed (RFC 7518 section 3.2).
inline constexpr size_t kSecretBytesMin = 32;
inline constexpr size_t kSecretBytesMax = 1024;
// RFC 7518 section 3.3; at twice the upper one each token takes a millisecond of a loop.
inline constexpr int kRsaBitsMin = 2048;
inline constexpr int kRsaBitsMax = 8192;
// Verification takes a multiplication for each bit; what is in use has 17.
inline constexpr int kRsaExponentBitsMax = 64;
inline constexpr size_t kPemBytesMax = 16 << 10;
inline constexpr size_t kJwkDepthMax = 16;

// --- a token
// Cookies and proxies have kept issuers below this.
inline constexpr size_t kTokenBytesMax = 8 << 10;
// A header is flat. Claims are as deep as an issuer's roles of its resources.
inline constexpr size_t kHeaderDepthMax = 4;
inline constexpr size_t kClaimsDepthMax = 16;
inline constexpr size_t kClaimsMax = 128;
inline constexpr size_t kUserBytesMax = 256;
inline constexpr size_t kGroupsMax = 256;
inline constexpr size_t kGroupBytesMax = 256;
// Between two Refreshes of a client: each costs the verification of a signature, on the loop.
inline constexpr std::chrono::seconds kRefreshIntervalMin{1};
// Longer than that from now is told as that: every clock can count it.
inline constexpr std::chrono::hours kExpiryToldMax{24 * 365 * 100};
// The last second of the year 9999: who counts milliseconds is beyond it.
inline constexpr int64_t kTokenTimeMax = 253402300799;

}  // namespace esockets::broker

#endif  // BROKER_AUTH_LIMITS_H_
