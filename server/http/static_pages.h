// Files that are served over HTTP: read once, when the server starts, so that no request waits for
// a disk. Thread: any may read.
#ifndef SERVER_HTTP_STATIC_PAGES_H_
#define SERVER_HTTP_STATIC_PAGES_H_

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/on_loop.h"
#include "server/http/request.h"
#include "server/http/request_handler.h"
#include "server/http/response.h"

namespace esockets::http {

// Of all files together: a few pages with their scripts and pictures are below 1 MiB.
inline constexpr size_t kPagesBytesMax = 32 << 20;

class StaticPages {
 public:
  // All files below `folder`, but for hidden ones and links, become `path` + "/" + their name
  // there; "index.html" stands for its folder as well, with the slash at its end. Errors:
  // kInvalidArgument of the path; kNotFound of the folder; kResourceExhausted above kPagesBytesMax.
  absl::Status Add(std::string_view path, const std::string& folder);

  size_t size() const { return pages_.size(); }
  size_t bytes() const { return bytes_; }
  // Paths of the folders that were added and have an index.html: "/chat/".
  const std::vector<std::string>& starts() const { return starts_; }

  // The answer to a request for one of them, percent-encoded or not; 404 or 405 for others. `hint`:
  // what to say of those.
  Response Answer(const Request& request, std::string_view hint) const;

 private:
  struct Page {
    std::string body;
    std::string_view content_type;
    std::string etag;
  };
  absl::Status AddFile(std::string path, const std::string& file);

  std::map<std::string, Page, std::less<>> pages_;  // by path
  std::vector<std::string> starts_;
  size_t bytes_ = 0;
};

}  // namespace esockets::http

#endif  // SERVER_HTTP_STATIC_PAGES_H_
