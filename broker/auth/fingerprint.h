// A number that stands for a credential: the same for the same one, and hardly ever for another.
#ifndef BROKER_AUTH_FINGERPRINT_H_
#define BROKER_AUTH_FINGERPRINT_H_

#include <cstdint>
#include <string_view>

namespace esockets::broker {

// The first 64 bits of its SHA-256 (FIPS 180-4), the first byte lowest; never 0. Thread: any.
uint64_t FingerprintOf(std::string_view text);

}  // namespace esockets::broker

#endif  // BROKER_AUTH_FINGERPRINT_H_
