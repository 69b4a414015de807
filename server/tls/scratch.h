// Memory that the connections of a thread share while one of them is at work.
#ifndef SERVER_TLS_SCRATCH_H_
#define SERVER_TLS_SCRATCH_H_

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "server/limits.h"
#include "server/tls/limits.h"

namespace esockets::tls {

struct Scratch {
  static Scratch& OfThisThread() {
    static thread_local Scratch scratch;
    return scratch;
  }

  // Room for decrypted input, with what Connection::Give wants in front of it.
  std::span<char> Plain(size_t bytes) {
    if (plain.size() < server::kTailInScratchBytesMax + bytes) {
      plain.resize(server::kTailInScratchBytesMax + bytes);
    }
    return std::span<char>(plain).subspan(server::kTailInScratchBytesMax, bytes);
  }

  std::vector<char> plain;
  std::array<char, kRecordBytesMax> record;
  std::string ciphertext;
};

}  // namespace esockets::tls

#endif  // SERVER_TLS_SCRATCH_H_
