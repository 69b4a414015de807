// A number that stands for a credential: the same for the same one, and hardly ever for another.
#ifndef BROKER_AUTH_FINGERPRINT_H_
#define BROKER_AUTH_FINGERPRINT_H_

#include <array>
#include <cstdint>
#include <string_view>

namespace esockets::broker {

// SHA-256 (FIPS 180-4). Thread: any.
using Digest = std::array<uint8_t, 32>;
Digest DigestOf(std::string_view text);

// The first 64 bits of its digest, the first byte lowest; never 0. Thread: any.
uint64_t FingerprintOf(std::string_view text);

}  // namespace esockets::broker

#endif  // BROKER_AUTH_FINGERPRINT_H_
