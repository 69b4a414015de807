#include "broker/session_limits.h"

#include <string>
#include <utility>

#include "base/strings.h"
#include "broker/client_classes.h"

namespace esockets::broker {

void SessionLimits::Classify() {
  session_.class_ = shard_.settings().classes.Of(session_.identity(), session_.sink().listener());
  session_.outbox_.set_paced(session_.limits().rates.any_out());
}

// --- places among all clients -------------------------------------------------------------------

bool SessionLimits::Refuse(const std::string& detail) {
  LeaveQuotas();
  if (session_.rare_ != nullptr) session_.rare_->will = nullptr;  // that is for who was here
  session_.End(CloseCode::kTooManyClients, detail);
  return false;
}

bool SessionLimits::FindsMemory() {
  if (!shard_.totals.IsShortOfMemory(MemoryLevel::kNoNewcomers)) return true;
  if (session_.permissions().PermitsAdministration("$SYS/limits")) return true;
  return Refuse(std::string(Info(ErrorCode::kBrokerBusy).text));
}

bool SessionLimits::EnterQuotas() {
  if (const std::string& user = session_.identity().user; !user.empty()) {
    const uint32_t clients_max = session_.limits().clients_per_user_max;
    session_.rare_->counts_for_user = shard_.totals.users.Enter(user, clients_max);
    if (!session_.rare_->counts_for_user) {
      return Refuse(base::StrCat("limit ", clients_max, " of one user"));
    }
  }
  const ClientClass* const own = shard_.settings().classes.Find(session_.class_);
  if (own == nullptr) return true;
  if (!shard_.totals.classes.Enter(own->name, own->clients_max)) {
    return Refuse(base::StrCat("limit ", own->clients_max, " of class ", own->name));
  }
  session_.NeedRare().counts_for_class = own->name;
  return true;
}

void SessionLimits::LeaveQuotas() {
  if (session_.rare_ == nullptr) return;
  if (std::exchange(session_.rare_->counts_for_user, false)) {
    shard_.totals.users.Leave(session_.identity().user);
  }
  const std::string name = std::exchange(session_.rare_->counts_for_class, std::string());
  if (!name.empty()) shard_.totals.classes.Leave(name);
}

// Who is here stays, although its class may have as many already.
void SessionLimits::ChangeClass() {
  const std::string before =
      session_.rare_ == nullptr ? std::string() : session_.rare_->counts_for_class;
  Classify();
  const ClientClass* const own = shard_.settings().classes.Find(session_.class_);
  const std::string after = own == nullptr ? std::string() : own->name;
  if (session_.connecting() || after == before) return;
  if (!before.empty()) shard_.totals.classes.Leave(before);
  if (!after.empty()) shard_.totals.classes.Enter(after, 0);
  session_.NeedRare().counts_for_class = after;
}

// --- subscriptions ------------------------------------------------------------------------------

bool SessionLimits::HasRoomForSubscription(uint64_t request_id) {
  if (shard_.totals.IsShortOfMemory(MemoryLevel::kKeepNothing)) {
    session_.Refuse(request_id, ErrorCode::kBrokerBusy);
    return false;
  }
  if (session_.subscription_count() < session_.limits().subscriptions_max) return true;
  session_.Refuse(request_id, ErrorCode::kTooManySubscriptions,
                  base::StrCat("limit ", session_.limits().subscriptions_max));
  return false;
}

bool SessionLimits::HasRoomForReading(const proto::SubscribeView& subscribe) {
  const uint32_t readings_max = session_.limits().stream_readings_max;
  if (readings_max == 0) return true;
  if (session_.subscriptions_.CountReading(subscribe.filter) < readings_max) return true;
  session_.Refuse(subscribe.id, ErrorCode::kTooManySubscriptions,
                  base::StrCat("limit ", readings_max, " that read what was kept"));
  return false;
}

// --- how fast it sends, and is sent to ----------------------------------------------------------

RatesUsed SessionLimits::InputUsed(const Session& session) {
  if (session.rare_ == nullptr || session.rare_->pace == nullptr) return {};
  return session.rare_->pace->Used(session.limits().rates, session.shard_.executor.TurnTime());
}

// Who sends faster than it may is not read from until it has waited for it.
void SessionLimits::PaceInput(uint64_t messages) {
  const ClientRates& rates = session_.limits().rates;
  if (!rates.any_in() || session_.ended()) return;
  SessionRare& rare = session_.NeedRare();
  if (rare.pace == nullptr) {
    rare.pace = std::make_unique<InputPace>(session_.sink().bytes_in_total());
  }
  const base::TimePoint now = shard_.executor.TurnTime();
  const base::Duration wait =
      rare.pace->Take(messages, session_.sink().bytes_in_total(), rates, now);
  if (wait == base::Duration::zero() || rare.pace->waits()) return;
  rare.pace->set_waits(true);
  shard_.metrics.input_pauses_total.Add();
  session_.sink().PauseReading();
  shard_.executor.RunAt(now + wait, [&shard = shard_, id = session_.id()] {
    shard.executor.AssertOnLoop();
    Session* const session = shard.clients.Find(id);
    if (session == nullptr) return;
    session->rare_->pace->set_waits(false);
    session->sink().ResumeReading();
  });
}

}  // namespace esockets::broker
