#include "tests/support/tls_pair.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "server/tls/limits.h"

namespace esockets::tests {

TlsEnd::Outcome TlsEnd::Take(std::string_view wire) {
  const std::vector<char> memory(wire.begin(), wire.end());
  std::string_view input(memory.data(), memory.size());
  if (!is_open_) {
    outcome_ = session_.Handshake(&input, &to_send_);
    is_open_ = outcome_ == Outcome::kDone;
    if (!is_open_) return outcome_;
    if (input.empty()) return outcome_ = Outcome::kMore;
  }
  std::vector<char> plain(input.size() + tls::kRecordBytesMax);
  size_t plain_bytes = 0;
  outcome_ = session_.Decrypt(input, plain, &plain_bytes, &to_send_);
  plain_.append(plain.data(), plain_bytes);
  return outcome_;
}

std::string TlsEnd::TakeWire() { return std::exchange(to_send_, std::string()); }

std::string TlsEnd::TakePlain() { return std::exchange(plain_, std::string()); }

bool TlsPair::Shake(size_t piece_bytes) {
  client.Take({});
  TlsEnd* to = &server;
  TlsEnd* from = &client;
  for (std::string wire = from->TakeWire(); !wire.empty(); wire = from->TakeWire()) {
    std::string_view left = wire;
    while (!left.empty() && to->outcome() != TlsEnd::Outcome::kFailed) {
      to->Take(left.substr(0, piece_bytes));
      left.remove_prefix(std::min(piece_bytes, left.size()));
    }
    std::swap(from, to);
  }
  return client.is_open() && server.is_open() && client.outcome() != TlsEnd::Outcome::kFailed &&
         server.outcome() != TlsEnd::Outcome::kFailed;
}

std::string TlsPair::Cross(TlsEnd& from, TlsEnd& to, std::string_view plain) {
  from.Send(plain);
  to.Take(from.TakeWire());
  return to.TakePlain();
}

}  // namespace esockets::tests
