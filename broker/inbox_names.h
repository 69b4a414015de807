// Names of the clients' inboxes: "$INBOX/" and a token with the loop and the number of the session,
// and a keyed hash of both. So nothing is kept for a client whose inbox nobody writes to, and
// nobody can make up the name of another client's inbox.
#ifndef BROKER_INBOX_NAMES_H_
#define BROKER_INBOX_NAMES_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_mac_ctx_st;

namespace esockets::broker {

// What is below it is published to one client, by whoever was told its name.
inline constexpr std::string_view kInboxRoot = "$INBOX";
inline bool IsInInbox(std::string_view topic) { return topic.starts_with("$INBOX/"); }

// Secret, and the same for all loops of a broker.
struct InboxKey {
  // Thread: any.
  static InboxKey Random();

  std::array<uint8_t, 16> bytes{};
};

// Thread: one.
class InboxNames {
 public:
  explicit InboxNames(const InboxKey& key);

  struct Owner {
    uint32_t loop = 0;
    uint64_t session = 0;
    bool operator==(const Owner&) const = default;
  };
  std::string NameOf(const Owner& owner) const;

  // Whose inbox this topic is, or is below of. Nothing: this broker gave out no such name.
  std::optional<Owner> OwnerOf(std::string_view topic) const;

 private:
  struct FreeContext {
    void operator()(evp_mac_ctx_st* context) const;
  };

  const InboxKey key_;
  const std::unique_ptr<evp_mac_ctx_st, FreeContext> context_;
};

}  // namespace esockets::broker

#endif  // BROKER_INBOX_NAMES_H_
