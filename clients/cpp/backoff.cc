#include "clients/cpp/backoff.h"

#include <algorithm>
#include <memory>
#include <random>
#include <utility>

namespace esockets::client {
namespace {

std::function<double()> SystemDice() {
  auto engine = std::make_shared<std::mt19937_64>(std::random_device{}());
  return [engine] { return std::uniform_real_distribution<double>(0, 1)(*engine); };
}

}  // namespace

Backoff::Backoff(base::Duration min, base::Duration max, std::function<double()> dice)
    : min_(std::max(min, base::Duration{1})),
      max_(std::max(max, min_)),
      dice_(dice ? std::move(dice) : SystemDice()),
      ceiling_(min_) {}

base::Duration Backoff::Next() {
  const base::Duration ceiling = ceiling_;
  ceiling_ = ceiling_ > max_ / 2 ? max_ : ceiling_ * 2;
  return std::chrono::duration_cast<base::Duration>(ceiling * dice_());
}

}  // namespace esockets::client
