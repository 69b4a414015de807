#include "tests/soak/mischief.h"

#include <array>
#include <utility>

#include "base/strings.h"
#include "tests/support/client_frames.h"

namespace esockets::soak {

using tests::Framed;
using tests::PublishFrame;
using tests::SubscribeFrame;
using tests::UnsubscribeFrame;

namespace {

constexpr std::array kOverflows = {OVERFLOW_DEFAULT, OVERFLOW_DROP_OLDEST, OVERFLOW_DROP_NEWEST,
                                   OVERFLOW_CONFLATE, OVERFLOW_DISCONNECT};

// Few of all clients: what they take is theirs alone.
constexpr uint64_t kLargeBytes = 300'000;

}  // namespace

std::string Mischief::Some() {
  switch (dice_.Below(14)) {
    case 0:
    case 1:
      return Flood();
    case 2:
      return Resubscribe();
    case 3:
      return Overlap();
    case 4:
      return Denied();
    case 5:
      return Groups();
    case 6:
    case 7:
      return Presence();
    case 8:
      return Requests();
    case 9:
      return ReadStream();
    case 10:
      return LastValues();
    case 11:
      return NonsenseRequests();
    default:
      return SubscribeToHot();
  }
}

std::string Mischief::Subscribe(std::string_view filter) {
  return Framed(SubscribeFrame(NextId(), filter));
}

std::string Mischief::SubscribeToHot() {
  ClientFrame frame =
      SubscribeFrame(NextId(), dice_.OneIn(3) ? "hot/#" : base::StrCat("hot/", dice_.Below(3)));
  frame.mutable_subscribe()->set_overflow(dice_.Pick(kOverflows));
  if (dice_.OneIn(2)) frame.mutable_subscribe()->set_max_backlog_messages(dice_.Between(1, 100));
  if (dice_.OneIn(4)) frame.mutable_subscribe()->set_max_backlog_age_ms(dice_.Between(1, 2000));
  return Framed(frame);
}

std::string Mischief::SubscribeToFickle(uint64_t* id) {
  *id = NextId();
  return Framed(SubscribeFrame(*id, base::StrCat("fickle/", dice_.Below(5))));
}

std::string Mischief::Flood() {
  std::string frames;
  const std::string topic = base::StrCat("wild/", dice_.Below(40));
  const uint64_t times = dice_.OneIn(30) ? 500 : dice_.Between(1, 20);
  const std::string payload(dice_.OneIn(100) ? kLargeBytes : dice_.Below(200), 'f');
  for (uint64_t i = 0; i < times && frames.size() < 2 * kLargeBytes; ++i) {
    ClientFrame frame = PublishFrame(topic, payload, dice_.OneIn(2) ? NextId() : 0);
    if (dice_.OneIn(3)) frame.mutable_publish()->set_key(base::StrCat(dice_.Below(9)));
    if (dice_.OneIn(9)) frame.mutable_publish()->set_ttl_ms(dice_.Between(1, 500));
    if (frame.publish().id() > 0 && dice_.OneIn(20)) frame.mutable_publish()->set_confirm_ms(3000);
    frames += Framed(frame);
  }
  return frames;
}

std::string Mischief::RandomFilter() {
  std::string filter = "wild";
  for (uint64_t level = dice_.Between(1, 5); level > 0; --level) {
    filter += dice_.OneIn(4) ? "/+" : base::StrCat("/", dice_.Below(40));
  }
  return dice_.OneIn(5) ? filter + "/#" : filter;
}

std::string Mischief::Resubscribe() {
  std::string frames;
  for (uint64_t times = dice_.Between(1, 60); times > 0; --times) {
    const std::string filter = RandomFilter();
    frames += Subscribe(filter);
    if (dice_.OneIn(3)) frames += Framed(UnsubscribeFrame(NextId(), filter));
  }
  return frames;
}

// What is subscribed to in several ways comes once.
std::string Mischief::Overlap() {
  std::string frames = Subscribe("wild/1") + Subscribe("wild/+") + Subscribe("wild/#");
  if (dice_.OneIn(10)) frames += Subscribe("#");
  return frames + Framed(PublishFrame("wild/1", "once", NextId()));
}

std::string Mischief::Denied() {
  static constexpr std::array<std::string_view, 8> kFilters = {
      "secret/0", "secret/#", "jobs/1", "$SYS/clients", "$INBOX/x", "a+", "", "good/#/x"};
  std::string frames;
  for (uint64_t times = dice_.Between(1, 4); times > 0; --times) {
    frames += Subscribe(dice_.Pick(kFilters));
    frames += Framed(PublishFrame(dice_.OneIn(2) ? "good/0" : "$SYS/kick", "no", NextId()));
  }
  return frames;
}

std::string Mischief::Groups() {
  ClientFrame frame = SubscribeFrame(NextId(), "wild/+");
  frame.mutable_subscribe()->set_group(base::StrCat("mob-", dice_.Below(4)));
  frame.mutable_subscribe()->set_group_strategy(static_cast<GroupStrategy>(dice_.Below(4)));
  if (dice_.OneIn(3)) frame.mutable_subscribe()->set_overflow(dice_.Pick(kOverflows));
  std::string frames = Framed(frame);
  if (dice_.OneIn(3)) {
    ClientFrame leaves = UnsubscribeFrame(NextId(), "wild/+");
    leaves.mutable_unsubscribe()->set_group(frame.subscribe().group());
    frames += Framed(leaves);
  }
  return frames;
}

std::string Mischief::Presence() {
  const std::string room =
      dice_.OneIn(2) ? std::string("room/good") : base::StrCat("room/", dice_.Below(5));
  std::string frames = Subscribe(room);
  if (dice_.OneIn(2)) frames += Subscribe("$presence/" + room);
  if (dice_.OneIn(3)) {
    ClientFrame asks = PublishFrame("$presence/" + room, "\x08\x05", NextId());
    asks.mutable_publish()->set_reply_to(inbox_ + "/roster");
    frames += Framed(asks);
  }
  if (dice_.OneIn(2)) frames += Framed(UnsubscribeFrame(NextId(), room));
  return frames;
}

// To somebody, to nobody, and with the inbox of somebody else.
std::string Mischief::Requests() {
  ClientFrame frame = PublishFrame(base::StrCat("wild/", dice_.Below(60)), "?", NextId());
  frame.mutable_publish()->set_reply_to(dice_.OneIn(4) ? std::string("$INBOX/guessed/1")
                                                       : inbox_ + "/1");
  std::string frames = Framed(frame);
  return frames + Framed(PublishFrame("$INBOX/gone/1", "late", NextId()));
}

std::string Mischief::ReadStream() {
  ClientFrame frame = SubscribeFrame(NextId(), dice_.OneIn(2) ? "kept/#" : "wild/kept/#");
  frame.mutable_subscribe()->set_overflow(dice_.OneIn(2) ? OVERFLOW_REPLAY : OVERFLOW_DROP_OLDEST);
  frame.mutable_subscribe()->set_start(static_cast<Start>(dice_.Below(5)));
  frame.mutable_subscribe()->set_start_at(dice_.Between(1, 500));
  frame.mutable_subscribe()->set_start_epoch(dice_.Below(2));
  ClientFrame stored =
      PublishFrame(base::StrCat("wild/kept/", dice_.Below(20)), "to be kept", NextId());
  if (dice_.OneIn(2)) stored.mutable_publish()->set_message_id(base::StrCat(dice_.Below(1000)));
  return Framed(frame) + Framed(stored);
}

std::string Mischief::LastValues() {
  const std::string topic = base::StrCat("wild/state/", dice_.Below(70));
  return Subscribe(dice_.OneIn(2) ? "wild/state/+" : "state/+") +
         Framed(PublishFrame(topic, dice_.OneIn(2) ? "" : "a value", NextId()));
}

std::string Mischief::NonsenseRequests() {
  ClientFrame ping;
  ping.mutable_ping()->set_id(1);
  ClientFrame refresh;
  refresh.mutable_refresh()->set_token("nonsense");
  ClientFrame administrates = PublishFrame("$SYS/clients", "", NextId());
  administrates.mutable_publish()->set_reply_to("$INBOX/me");
  std::string frames = Framed(ping) + Framed(refresh) + Framed(administrates);
  frames += Framed(UnsubscribeFrame(NextId(), "never/subscribed"));
  frames += Framed(SubscribeFrame(1, "wild/again"));  // an id that was used
  return frames + Framed(PublishFrame("wild/+/wrong", "x"));
}

}  // namespace esockets::soak
