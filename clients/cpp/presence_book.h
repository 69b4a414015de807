// Puts pages of a roster and updates together, as docs/PRESENCE.md says, and tells what has
// changed. A page may be newer than another, and, to a client that is behind, newer than updates
// that come after it. Thread: the loop.
#ifndef CLIENTS_CPP_PRESENCE_BOOK_H_
#define CLIENTS_CPP_PRESENCE_BOOK_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "clients/cpp/presence.h"

namespace esockets {
class PresenceRoster;
class PresenceUpdate;
}  // namespace esockets

namespace esockets::client {

class PresenceBook {
 public:
  // By client id.
  using Members = std::map<std::string, PresenceMember>;

  // The roster must be read from its beginning: nothing is known, or something was missed.
  bool must_read() const { return must_read_; }
  // Begins to; what was read before stays until all of it is read again.
  void BeginReading();
  // Something was missed.
  void Invalidate() { must_read_ = true; }

  // `after` of the page that is wanted. Nothing: all is read.
  const std::optional<std::string>& next_page() const { return next_page_; }

  // The page that was wanted. REQUIRES: one was, and BeginReading was not called since.
  void OnPage(const esockets::PresenceRoster& page);
  void OnUpdate(const esockets::PresenceUpdate& update);

  // What has changed since the last call. Nothing: nothing has, or it is being read.
  std::optional<PresenceNews> TakeNews();

  // As told by TakeNews.
  const Members& members() const { return told_; }

 private:
  bool IsNews(const std::string& client_id, uint64_t version) const;
  void Compare(const std::string& client_id, PresenceNews* news);
  void Apply(const esockets::PresenceUpdate& update);

  bool must_read_ = true;
  bool is_told_ = false;  // the first news
  std::optional<std::string> next_page_;
  Members told_;
  uint64_t told_count_ = 0;

  Members members_;                // as read, with the updates since
  std::set<std::string> touched_;  // of those, since TakeNews
  bool all_touched_ = false;
  std::map<std::string, uint64_t> pages_;  // versions, by `next`; of the last page by ""
  uint64_t epoch_ = 0;
  uint64_t seen_ = 0;  // the last update, or the version that the reading began with
  uint64_t count_ = 0;
  uint64_t count_version_ = 0;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_PRESENCE_BOOK_H_
